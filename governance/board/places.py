"""The page of one place: what lies below it, who answers for it, its figures and its story."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from governance.board import timeline
from governance.board.figures import Sheet, households_of, rows_of, weeks_with_obligations
from reports.catalogue import HOUSEHOLD_REPORT
from reports.disclosure import Lens
from reports.forms import new_envelope
from reports.models import FormVersion, Period, ReportForm, Summary
from units import groups, scope
from units.kinds import SEATS, Kind, PlaceState
from units.models import Place, Post, User
from units.scope import Action

BELOW_A_PAGE = 50


@dataclass(frozen=True)
class Crumb:
    """A place above: a link when it is in reach, a word when it is not."""

    place: Place
    is_linked: bool


@dataclass(frozen=True)
class Door:
    """A floor of a building with its households."""

    floor: Place
    homes: Sequence[Place]


def page(
    user: User,
    place: Place,
    *,
    query: str,
    below: str,
    story: str,
    week: Period | None,
    at: datetime,
) -> dict[str, Any]:
    """`query` and `below` search and page what lies under it, `story` pages what happened.

    `week` is the newest that is owed here, when it is known already.
    """
    top = head(user, place)
    path = [each.place.pk for each in top["crumbs"]] + [place.pk]
    return {
        **top,
        "query": query,
        "story": timeline.of(user, place, path, page=story, at=at),
        **_below(user, place, query, below),
        **(_household(user, place) if place.kind == Kind.HOUSEHOLD else {}),
        **_who(user, place, at),
        **_figures(user, place, week, at),
    }


def head(user: User, place: Place) -> dict[str, Any]:
    """Where it is and what: the top of its page."""
    label_of = place.community.division.label_of
    return {
        "place": place,
        "word": label_of(place.kind),
        "word_below": label_of(place.kind + 1) if place.kind < Kind.HOUSEHOLD else "",
        "community": place.community,
        "crumbs": crumbs_of(user, place),
        "successor": _successor(user, place),
    }


def crumbs_of(user: User, place: Place) -> list[Crumb]:
    reach, found = scope.reach(user, Action.SEE_FIGURES), []
    above = place.parent
    while above:
        above.community = place.community
        found.append(Crumb(above, reach.holds(above)))
        above = above.parent
    return found[::-1]


def _successor(user: User, place: Place) -> Crumb | None:
    after = place.succeeded_by
    if after is None:
        return None
    after.community = place.community
    return Crumb(after, scope.reach(user, Action.SEE_FIGURES).holds(after))


def _below(user: User, place: Place, query: str, number: str) -> dict[str, Any]:
    """What lies directly below, as far as it is in reach; of a building its floors with doors."""
    if place.kind == Kind.HOUSEHOLD:
        return {}
    seen = Place.objects.visible_to(user).filter(parent=place)
    if place.kind == Kind.BUILDING:
        return {"doors": _doors(user, place)}
    if query:
        seen = seen.filter(name__icontains=query)
    rows = seen.annotate(is_closed=~Q(state=PlaceState.ACTIVE)).order_by("is_closed", "lft")
    if place.kind < Kind.BUILDING:
        rows = rows.annotate(
            buildings=_number(user, Kind.BUILDING), homes=_number(user, Kind.HOUSEHOLD)
        )
    reach = scope.reach(user, Action.SEE_FIGURES)
    depths = [span.deepest for span in reach.spans] + list(reach.divisions.values())
    may = any(deepest > place.kind for deepest in depths)
    return {"below": Paginator(rows, BELOW_A_PAGE).get_page(number), "may_go_below": may}


def _number(user: User, kind: Kind) -> Coalesce:
    """How many places of `kind` that are in use and in reach lie under each row."""
    under = (
        Place.objects.visible_to(user)
        .active()
        .filter(kind=kind, tree_id=OuterRef("tree_id"))
        .filter(lft__gt=OuterRef("lft"), rght__lt=OuterRef("rght"))
        .order_by()
        .values("tree_id")
        .annotate(number=Count("pk"))
        .values("number")
    )
    return Coalesce(Subquery(under, output_field=IntegerField()), 0)


def _doors(user: User, place: Place) -> list[Door]:
    under = Place.objects.visible_to(user).under(place).filter(kind__gte=Kind.FLOOR)
    floors: dict[int, Door] = {}
    for each in under.order_by("kind", "lft"):
        if each.kind == Kind.FLOOR:
            floors[each.pk] = Door(each, [])
        elif each.parent_id in floors:
            floors[each.parent_id].homes.append(each)  # type: ignore[attr-defined]
    return list(floors.values())


def _household(user: User, place: Place) -> dict[str, Any]:
    """What may be filed here by one press, and how many live here as far as that is counted."""
    now = Summary.objects.filter(place=place, period__kind="now").first()
    may_file = any(scope.reach(user, each).holds(place) for each in (Action.FILE, Action.FILE_FOR))
    version = _wording() if may_file else None
    return {
        "may_file": version is not None and place.state == PlaceState.ACTIVE,
        "envelope": new_envelope(base_rev=0, form_version=version.number) if version else None,
        "residents": now.residents if now and now.households_counted else None,
        "building": place.parent.parent if place.parent else None,
    }


def _wording() -> FormVersion | None:
    """None before anything was published: the page of a door is there from the first day."""
    try:
        return ReportForm.published(HOUSEHOLD_REPORT).latest()
    except ReportForm.DoesNotExist:
        return None


def _who(user: User, place: Place, at: datetime) -> dict[str, Any]:
    """The three seats with their vacancies, and the staff who hold a post for this place.

    A building's are shown with its weeks (`pages.building`). A floor has a group only where the
    source says so: when somebody sits in it.
    """
    if place.kind in (Kind.BUILDING, Kind.HOUSEHOLD):
        return {}
    if not scope.reach(user, Action.SEE_GROUPS).holds(place):
        return {}
    seats = []
    if place.kind in (Kind.BLOCK, Kind.FLOOR):
        seats = list(groups.seats_of(place, at=at))
        if place.kind == Kind.FLOOR and not any(seat.post for seat in seats):
            seats = []
    if place.kind > Kind.BLOCK:
        return {"seats": seats, "staff": []}
    held = Post.objects.in_force(at).exclude(duty__in=SEATS).select_related("user")
    here = Q(place=place) | Q(branch__branch_blocks__place=place)
    return {"seats": seats, "staff": list(held.filter(here).order_by("duty", "pk"))}


def _figures(user: User, place: Place, week: Period | None, at: datetime) -> dict[str, Any]:
    """This week's and today's figures, each a link to what is behind it."""
    if place.kind > Kind.BUILDING:
        return {}
    week = week or next(iter(weeks_with_obligations([place.community_id], count=1)), None)
    row = rows_of(week, [place]).get(place.pk)
    lens = Lens(user, communities=[place.community_id], at=at)
    sheet = Sheet(place, week, row, lens)
    return {
        "week": week,
        "sheet": sheet,
        "homes_figures": households_of(place, week, row, lens) if week else [],
    }
