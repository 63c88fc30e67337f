"""Three-person groups: their seats, their vacancies, and filling them by one batch with undo."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from units import journal
from units.kinds import SEATS, Duty, Kind
from units.models import JournalEntry, Place, Post, User
from units.refusals import Refusal, from_integrity_error

UNDO_WITHIN = timedelta(minutes=10)
APPOINTED, UNDONE, ENDED = "seats.appointed", "seats.undone", "seat.ended"


@dataclass(frozen=True)
class Seat:
    """One of the three seats of a group; `post` is None while it is vacant."""

    place: Place
    duty: Duty
    post: Post | None

    @property
    def label(self) -> str:
        return str(self.duty.label)

    @property
    def field(self) -> str:
        return f"seat-{self.place.pk}-{self.duty.value}"


@dataclass(frozen=True)
class Group:
    place: Place
    seats: Sequence[Seat]

    @property
    def vacant(self) -> list[Seat]:
        return [seat for seat in self.seats if seat.post is None]

    @property
    def state(self) -> str:
        """「已配齐」 or 「还差1人」."""
        missing = len(self.vacant)
        return _("还差%d人") % missing if missing else _("已配齐")


@dataclass(frozen=True)
class Nomination:
    """Who shall take a vacant seat: somebody known, or a new person by name."""

    place: Place
    duty: Duty
    user: User | None
    name: str
    reason: str = ""


@dataclass(frozen=True)
class Appointment:
    """What came of a nomination; `password` is shown once, for a new account only."""

    post: Post
    password: str = ""


def groups_of(places: Iterable[Place], *, at: datetime) -> list[Group]:
    """The groups of `places`, in their order, with every seat; two queries however many."""
    places = list(places)
    posts = Post.objects.seats().in_force(at).filter(place__in=places).select_related("user")
    held = {(post.place_id, post.duty): post for post in posts}
    return [
        Group(place, [Seat(place, duty, held.get((place.pk, duty))) for duty in SEATS])
        for place in places
    ]


def seats_of(place: Place, *, at: datetime) -> Sequence[Seat]:
    return groups_of([place], at=at)[0].seats


def appoint(
    nominations: Sequence[Nomination], *, by: User, at: datetime
) -> tuple[JournalEntry, list[Appointment]]:
    """Fill seats in one step: all or none. The journal entry is what `undo` takes.

    Raises the Refusal of the violated rule: `one_person_per_seat`,
    `one_seat_per_person_and_group`, `nobody_appoints_themselves`.
    """
    try:
        with transaction.atomic():
            made = [_appoint_one(nomination, by, at) for nomination in nominations]
            entry = journal.note(
                APPOINTED,
                user=by,
                at=at,
                posts=[each.post.pk for each in made],
                new_users=[each.post.user_id for each in made if each.password],
            )
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    return entry, made


def _appoint_one(nomination: Nomination, by: User, at: datetime) -> Appointment:
    user, password = nomination.user, ""
    if user is None:
        user, password = new_account(_stem(nomination.place, nomination.duty), nomination.name)
    post = Post.objects.create(
        user=user,
        duty=nomination.duty,
        place=nomination.place,
        place_kind=nomination.place.kind,
        during=DateTimeTZRange(at, None),
        reason=nomination.reason,
        granted_by=by,
    )
    return Appointment(post, password)


def _stem(place: Place, duty: Duty) -> str:
    """Like l047-3: the place's number and the seat's."""
    if place.kind != Kind.BUILDING:
        return f"{place.code[13:].lower()}-{SEATS.index(duty) + 1}"
    return f"{place.code.rpartition('-')[2].lower()}-{SEATS.index(duty) + 1}"


def new_account(stem: str, name: str) -> tuple[User, str]:
    """With its first password, which is shown once."""
    password = f"{secrets.randbelow(10**10):010d}"
    return User.objects.create_user(_free_login(stem), password, full_name=name), password


def _free_login(stem: str) -> str:
    """One letter more when it is taken."""
    taken = set(User.objects.filter(login__startswith=stem).values_list("login", flat=True))
    for suffix in ["", *"abcdefghjkmnpqrstuvwxyz"]:
        if stem + suffix not in taken:
            return stem + suffix
    return f"{stem}-{secrets.token_hex(4)}"


@transaction.atomic
def undo(entry_id: int, *, by: User, at: datetime) -> int:
    """Take a batch back within ten minutes: its posts end, its new accounts close.

    Returns the number of posts ended. Raises Refusal `undo_too_late`, `undo_not_found`.
    """
    entry = JournalEntry.objects.filter(pk=entry_id, verb=APPOINTED, user=by).first()
    undone = JournalEntry.objects.filter(verb=UNDONE, data__entry=entry_id).exists()
    if entry is None or undone:
        raise Refusal("undo_not_found", _("没有可以撤销的任命"), 409)
    if at > entry.at + UNDO_WITHIN:
        raise Refusal("undo_too_late", _("已过10分钟，请在小组页面逐个结束任期"), 409)
    posts = Post.objects.filter(pk__in=entry.data["posts"]).in_force(at)
    ended = sum(end_term(post, at) for post in posts)
    User.objects.filter(pk__in=entry.data["new_users"]).exclude(posts__during__contains=at).update(
        is_active=False
    )
    journal.note(UNDONE, user=by, at=at, entry=entry.pk)
    return ended


@transaction.atomic
def end(post: Post, *, by: User, at: datetime) -> None:
    """End a term now; the holder loses access at the next request."""
    if end_term(post, at):
        journal.note(ENDED, user=by, at=at, post=post.pk)


def end_term(post: Post, at: datetime) -> bool:
    """Only a term that is still running ends, so that ending twice changes nothing."""
    return bool(
        Post.objects.filter(pk=post.pk)
        .in_force(at)
        .update(during=DateTimeTZRange(post.during.lower, at))
    )
