"""The second step: enrolling an authenticator, checking codes, also those on paper, resetting."""

import base64
import secrets
from datetime import datetime

import pyotp
from django.conf import settings
from django.db import transaction
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.translation import gettext as _

from units import journal
from units.invitations import has_staff_rights
from units.models import Device, RecoveryCode, SecondStep, User
from units.refusals import Refusal

RECOVERY_CODES, RECOVERY_DIGITS = 10, 10
HALF_MINUTE = 30


def new_salt() -> str:
    return secrets.token_urlsafe(24)


def secret_of(salt: str, key: str | None = None) -> str:
    """Base32, 160 bits. Nothing that a copy of the database could be asked for."""
    made = salted_hmac("units.second_steps", salt, secret=key, algorithm="sha256").digest()
    return base64.b32encode(made[:20]).decode()


def in_groups(text: str, size: int = 4) -> str:
    """For reading out and typing."""
    return " ".join(text[at : at + size] for at in range(0, len(text), size))


def address_for(user: User, salt: str) -> str:
    """What an authenticator reads from the QR code."""
    return pyotp.TOTP(secret_of(salt)).provisioning_uri(name=user.login, issuer_name=_("同构"))


def is_owed(user: User, *, at: datetime) -> bool:
    """Whether a session without a second step is not enough for this person."""
    return settings.STAFF_TOTP == "required" and has_staff_rights(user, at=at)


@transaction.atomic
def enrol(user: User, salt: str, code: str, *, at: datetime) -> list[str]:
    """Keep `salt` after a first right code; the recovery codes, in the clear for this once.
    Sessions that began without a second step end.

    Raises Refusal `second_step_exists`, `wrong_code`.
    """
    User.objects.select_for_update().get(pk=user.pk)
    if SecondStep.objects.filter(user=user).exists():
        raise Refusal("second_step_exists", _("两步验证已经设好了"), 409)
    step = _step_of(salt, code, at)
    if step is None:
        raise _wrong_code()
    user.end_sessions()
    made = SecondStep.objects.create(user=user, salt=salt, last_step=step, made_at=at)
    journal.note("second_step.made", user=user, at=at, person=user.pk)
    return _new_recovery_codes(made)


def _new_recovery_codes(second_step: SecondStep) -> list[str]:
    most = 10**RECOVERY_DIGITS
    codes = [f"{secrets.randbelow(most):0{RECOVERY_DIGITS}d}" for _each in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(second_step=second_step, code_hash=_hash_of(code)) for code in codes
    )
    return [in_groups(code, 5) for code in codes]


def require_right(user: User, code: str, *, at: datetime) -> None:
    """A code of the authenticator, or one from paper; neither is taken twice, not even at once.

    `code` is digits only. Raises Refusal `wrong_code`.
    """
    second_step = SecondStep.objects.get(user=user)
    if len(code) == RECOVERY_DIGITS:
        unused = RecoveryCode.objects.filter(second_step=second_step, used_at__isnull=True)
        if not unused.filter(code_hash=_hash_of(code)).update(used_at=at):
            raise _wrong_code()
        journal.note("second_step.recovered", user=user, at=at, left=unused.count())
        return
    step = _step_of(second_step.salt, code, at)
    newer = SecondStep.objects.filter(pk=second_step.pk, last_step__lt=step or 0)
    if step is None or not newer.update(last_step=step):
        raise _wrong_code()


def trust(user: User, *, label: str, at: datetime) -> tuple[Device, str]:
    """A computer on which the second step is not asked again for a while, and its token."""
    token = secrets.token_urlsafe(32)
    device = Device(
        user=user,
        kind=Device.Kind.DESK,
        token_hash=Device.hash_of(token),
        label=label,
        made_at=at,
    )
    device.lapses_at = device.lapse_if_unused_from(at)
    device.save()
    return device, token


@transaction.atomic
def reset(user: User, *, by: User, at: datetime) -> bool:
    """Take the second step away: a lost telephone. Sessions that used it end.

    Raises Refusal `not_your_own`.
    """
    if user.pk == by.pk:
        raise Refusal("not_your_own", _("自己的两步验证请同事来重设"), 409)
    deleted, _each = SecondStep.objects.filter(user=user).delete()
    if deleted:
        user.end_sessions()
        user.devices.in_force().filter(kind=Device.Kind.DESK).update(revoked_at=at)
        journal.note("second_step.reset", user=by, at=at, person=user.pk)
    return bool(deleted)


def _step_of(salt: str, code: str, at: datetime) -> int | None:
    """The half minute `code` belongs to: the present one, or a neighbour for clocks that differ."""
    now = int(at.timestamp()) // HALF_MINUTE
    for key in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        counting = pyotp.HOTP(secret_of(salt, key))
        for step in (now, now - 1, now + 1):
            if constant_time_compare(counting.at(step), code):
                return step
    return None


def _hash_of(code: str) -> str:
    return salted_hmac("units.recovery", code, algorithm="sha256").hexdigest()


def _wrong_code() -> Refusal:
    return Refusal("wrong_code", _("验证码不对，或者已经用过。请等手机上换成新的再填"), 422)
