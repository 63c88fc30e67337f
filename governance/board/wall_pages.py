"""What the two pages of the building wall show, and to whom: those whose duty reaches doors."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.utils import timezone

from governance.board.live import live_token
from governance.board.wall import PlaceRow, SaidRow, Wall, build, quarter_in_words
from reports.models import Period, Summary
from units import scope
from units.kinds import Kind
from units.models import Place, User
from units.models.place import PlaceQuerySet
from units.scope import Action


def reach_of(user: User) -> scope.Reach:
    """The part of a person's reach that goes down to doors; the street has none."""
    spans = scope.reach(user, Action.SEE_FIGURES).spans
    return scope.Reach([span for span in spans if span.deepest == Kind.HOUSEHOLD])


def group(user: User, place: Place, *, at: datetime) -> dict[str, Any]:
    """The doors of a group's own building."""
    wall, period = _read(user, Place.objects.under(place), at)
    houses = [house for block in wall.blocks for house in block.houses]
    return _page(wall, period, [place], at) | {
        "place": place,
        "house": houses[0] if houses else None,
    }


def community(user: User, places: Sequence[Place], *, at: datetime) -> dict[str, Any]:
    """All houses in reach, by block. `places` are those in reach down to buildings."""
    of = places[0].community
    wall, period = _read(user, Place.objects.filter(community=of), at)
    above = {place.pk for place in places}
    tops = [place for place in places if place.parent_id not in above]
    return _page(wall, period, tops, at)


def _read(user: User, places: PlaceQuerySet, at: datetime) -> tuple[Wall, Period | None]:
    """Three queries: the quarter, the places, and what their households said in it."""
    today = timezone.localdate(at)
    period = Period.objects.filter(
        kind=Period.PeriodKind.QUARTER, starts_on__lte=today, ends_on__gte=today
    ).first()
    shown = places.filter(reach_of(user).as_q(), kind__gte=Kind.BLOCK).active()
    households = shown.filter(kind=Kind.HOUSEHOLD).order_by()
    said = Summary.objects.filter(
        period=period, kind=Kind.HOUSEHOLD, place__in=households.values("pk")
    )
    return build(
        map(PlaceRow._make, shown.order_by("kind", "lft").values_list(*PlaceRow._fields)),
        map(SaidRow._make, said.values_list(*SaidRow._fields)) if period else (),
    ), period


def _page(wall: Wall, period: Period | None, tops: Sequence[Place], at: datetime) -> dict[str, Any]:
    return {
        "wall": wall,
        "quarter": quarter_in_words(timezone.localdate(at)),
        "community": tops[0].community,
        "live_token": live_token(period, tops),
    }
