"""The groups of the running demo, read from its database."""

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from random import Random

from django.utils import timezone

from governance.board.live import live_token
from governance.rehearsal.steps import Group
from reports import calendar
from reports.models import Obligation
from units.kinds import Kind
from units.models import Place, Post


def groups(
    communities: Sequence[str], wanted: int | None, *, seed: int, at: datetime
) -> list[Group]:
    """`wanted` buildings that have somebody in a seat and households, chosen by the seed."""
    buildings = Place.objects.active().filter(kind=Kind.BUILDING).order_by("code")
    if communities:
        buildings = buildings.filter(community__code__in=communities)
    seats: dict[int, list[str]] = {}
    for building, login in (
        Post.objects.in_force(at)
        .seats()
        .filter(place__kind=Kind.BUILDING, user__is_active=True)
        .order_by("place_id", "pk")
        .values_list("place_id", "user__login")
    ):
        logins = seats.setdefault(building, [])
        if login not in logins:
            logins.append(login)
    doors: dict[int, list[str]] = {}
    for door in Place.objects.active().filter(kind=Kind.HOUSEHOLD).select_related("parent"):
        if door.parent and door.parent.parent_id:
            doors.setdefault(door.parent.parent_id, []).append(door.code)
    periods: dict[int, list[str]] = {}
    owed = Obligation.objects.open(at).order_by("-period__starts_on")
    for building, key in owed.values_list("place_id", "period__key"):
        periods.setdefault(building, []).append(key)

    able = [each for each in buildings if each.pk in seats and each.pk in doors]
    if wanted is not None and wanted < len(able):
        able = sorted(
            Random(seed).sample(able, wanted),  # noqa: S311 (reproducible, not secret)
            key=lambda each: each.code,
        )
    return [
        Group(
            code=each.code,
            doors=tuple(sorted(doors[each.pk])),
            logins=tuple(seats[each.pk]),
            periods=tuple(periods.get(each.pk, ())),
            stranger=_stranger(each.pk, seats, doors),
        )
        for each in able
    ]


def _stranger(own: int, seats: dict[int, list[str]], doors: dict[int, list[str]]) -> str:
    """A door that none of this group's people serves."""
    people = set(seats[own])
    return next((doors[other][0] for other in doors if not people & set(seats.get(other, ()))), "")


def days(*, at: datetime) -> list[date]:
    """The last seven days whose week may still be corrected; the last one is today."""
    today = timezone.localdate(at)
    last_seven = [today - timedelta(days=n) for n in range(6, -1, -1)]
    return [
        day for day in last_seven if not (ends := calendar.week_of(day).freezes_at) or at < ends
    ]


def token_maker(groups: Sequence[Group], days: Sequence[date]) -> Callable[[str, date], str]:
    """The token of a door's own row in the week of a day: what an open page would ask with."""
    codes = [code for group in groups for code in group.doors]
    places = {place.code: place for place in Place.objects.filter(code__in=codes)}
    weeks = {day: calendar.week_of(day) for day in days}

    def token_of(place: str, day: date) -> str:
        is_known = place in places and day in weeks
        return live_token(weeks[day], [places[place]]) if is_known else ""

    return token_of
