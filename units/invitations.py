"""Cards: printing one-time codes, and binding a phone with one."""

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from units import journal, pins
from units.kinds import STAFF_DUTIES
from units.models import Device, Invitation, Post, User
from units.refusals import Refusal, from_integrity_error

DIGITS = 16
MOST_CARDS = 1000


@dataclass(frozen=True)
class Card:
    """An invitation with its code, which nobody can read again."""

    invitation: Invitation
    code: str

    @property
    def groups(self) -> list[str]:
        """「4829 1530 7664 1208」, as on a bank card."""
        return [self.code[at : at + 4] for at in range(0, DIGITS, 4)]


def has_staff_rights(user: User, *, at: datetime) -> bool:
    """Who logs in by password and second step, and never by a card that a colleague can print."""
    return (
        user.is_staff
        or user.is_superuser
        or Post.objects.in_force(at).filter(user=user, duty__in=STAFF_DUTIES).exists()
    )


@transaction.atomic
def invite(users: Sequence[User], *, by: User, at: datetime) -> list[Card]:
    """New cards; a person's earlier card that nobody has used is void from now on.

    Raises Refusal `too_many_cards`, `card_is_for_groups`, `nobody_prints_their_own_card`.
    """
    if len(users) > MOST_CARDS:
        raise Refusal("too_many_cards", _("一次最多打印%d张，请分片区打印") % MOST_CARDS)
    ids = [user.pk for user in users]
    # Rows first: two colleagues printing for the same people follow one another.
    list(User.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
    with_more = Post.objects.in_force(at).filter(user__in=ids, duty__in=STAFF_DUTIES)
    if with_more.exists() or any(user.is_staff or user.is_superuser for user in users):
        raise for_groups_only()
    Invitation.objects.unused().filter(user__in=ids).update(revoked=True)
    codes = {user.pk: _new_code() for user in users}
    expires_at = at + timedelta(hours=settings.INVITATION_HOURS)
    made = [
        Invitation(
            user=user,
            code_hash=hash_of(codes[user.pk]),
            made_by=by,
            made_at=at,
            expires_at=expires_at,
        )
        for user in users
    ]
    try:
        with transaction.atomic():
            Invitation.objects.bulk_create(made)
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    journal.note("invitation.made", user=by, at=at, people=ids)
    return [Card(invitation, codes[invitation.user_id]) for invitation in made]


def find(code: str, *, at: datetime) -> Invitation:
    """The card that `code` opens. Raises a Refusal that says what is wrong with it and what to do.

    A mistyped code is refused before it counts as a guess: see `is_complete`.
    """
    invitation = Invitation.objects.filter(code_hash=hash_of(code)).select_related("user").first()
    if invitation is None:
        raise Refusal("no_such_card", _("没有这张卡。请对照卡上的16位数字，再看一遍"), 404)
    return _still_good(invitation, at)


def _still_good(invitation: Invitation, at: datetime) -> Invitation:
    if invitation.used_at:
        sentence = _("这张卡已经用过了，一张卡只能绑一台手机。换手机请打电话给居委会，再打一张")
        raise Refusal("card_used", sentence, 409)
    if invitation.revoked:
        sentence = _("这张卡已经作废。居委会给您打过新卡的话，请用最新的那一张")
        raise Refusal("card_revoked", sentence, 409)
    if invitation.expires_at <= at:
        sentence = _("这张卡过期了。请打电话给居委会，再打一张")
        raise Refusal("card_expired", sentence, 409)
    if not invitation.user.is_active:
        raise Refusal("card_revoked", _("这个账号已停用，请联系居委会"), 409)
    if has_staff_rights(invitation.user, at=at):
        raise for_groups_only()
    return invitation


@transaction.atomic
def bind(invitation_id: int, *, pin: str, label: str, at: datetime) -> tuple[Device, str]:
    """Use the card up: a phone of its own PIN, and the token its cookie will hold.

    Raises the refusals of `find`, `pin_too_easy` and `pin_malformed`.
    """
    pins.require_good(pin)
    card = Invitation.objects.select_for_update(of=("self",)).select_related("user")
    invitation = _still_good(card.get(pk=invitation_id), at)
    token = secrets.token_urlsafe(32)
    device = Device(
        user=invitation.user,
        kind=Device.Kind.PHONE,
        token_hash=Device.hash_of(token),
        label=label,
        made_at=at,
        pin_hash=make_password(pins.peppered(pin)),
    )
    device.lapses_at = device.lapse_if_unused_from(at)
    device.save()
    invitation.used_at, invitation.device = at, device
    invitation.save(update_fields=["used_at", "device"])
    journal.note("device.bound", user=invitation.user, at=at, device=device.pk)
    return device, token


def revoke_cards_of(users: Sequence[User]) -> int:
    return Invitation.objects.unused().filter(user__in=users).update(revoked=True)


def digits_of(text: str) -> str:
    """What somebody typed from a card: blanks, dashes and full-width digits are all the same."""
    return "".join(c for c in unicodedata.normalize("NFKC", text[:100]) if c in "0123456789")


def is_complete(code: str) -> bool:
    """Whether `code` can be on a card: its last digit checks the others (Luhn)."""
    return len(code) == DIGITS and code[-1] == _check_digit(code[:-1])


def hash_of(code: str) -> str:
    """With our key: who has only the table cannot try all codes against it."""
    return salted_hmac("units.invitations", code, algorithm="sha256").hexdigest()


def _new_code() -> str:
    body = f"{secrets.randbelow(10 ** (DIGITS - 1)):0{DIGITS - 1}d}"
    return body + _check_digit(body)


def _check_digit(body: str) -> str:
    doubled = [int(d) * (2 - at % 2) for at, d in enumerate(reversed(body))]
    return str(-sum(n // 10 + n % 10 for n in doubled) % 10)


def for_groups_only() -> Refusal:
    sentence = _("登录卡只给三人组成员用。居委和街道的工作人员请用登录名和密码登录")
    return Refusal("card_is_for_groups", sentence, 409)
