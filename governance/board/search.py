"""Finding places, holders of posts, reports and what residents said, each within one's own reach.

Every filter is in the query: what is not in reach is neither shown, nor counted, nor waited for.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.board.asking import UNRANKED, Asked, read
from governance.voices.models import RECEIPT_DIGITS, Voice
from reports.models import Filing, Report
from units import scope
from units.kinds import Kind, PlaceState
from units.models import Community, Place, Post, User
from units.scope import Action
from units.spelling import matches_person

# Of the places found, those whose reports and voices are looked up too.
PLACES_FOLLOWED = 20
SUGGESTED, BUILDINGS_SUGGESTED, PEOPLE_SUGGESTED = 10, 5, 4
# Of one building: it has its doors among the suggestions as long as they fit.
DOORS_SUGGESTED = 60


@dataclass(frozen=True)
class Person:
    """Somebody who holds posts in reach, with where: one line a post."""

    pk: int
    name: str
    posts: tuple[str, ...]


@dataclass(frozen=True)
class Part:
    """One kind of things found; `rows` is a queryset or a list, cut by whoever shows it."""

    code: str
    label: Any
    rows: Any


@dataclass(frozen=True)
class Found:
    asked: Asked
    parts: Sequence[Part]

    @property
    def only_place(self) -> Place | None:
        """The place that was named and nothing else was: one may go there at once."""
        places, *others = self.parts
        first = list(places.rows[:2])
        if len(first) != 1 or self.asked.period or any(part.rows for part in others[:1]):
            return None
        return first[0]


@dataclass(frozen=True)
class Suggestions:
    places: Sequence[Place]
    doors: Sequence[Place]
    people: Sequence[Person]
    receipts: Sequence[Filing]

    def __bool__(self) -> bool:
        return bool(self.places or self.doors or self.people or self.receipts)


def find(user: User, typed: str, *, at: datetime) -> Found:
    asked = read(typed, today=timezone.localdate(at))
    named = places(user, asked)
    followed = _ids(named) if asked.names_a_place else []
    parts: list[tuple[str, Any, Callable[[], Any]]] = [
        ("places", _("地方"), lambda: named),
        ("people", _("人"), lambda: people(user, asked, at=at)),
        ("reports", _("报告"), lambda: reports(user, asked, followed)),
        ("voices", _("居民反映"), lambda: voices(user, asked, followed)),
    ]
    return Found(asked, [Part(code, label, rows()) for code, label, rows in parts])


def suggest(user: User, typed: str, *, at: datetime) -> Suggestions:
    """While typing: a handful of places, the doors of a building that was named, people."""
    asked = read(typed, today=timezone.localdate(at))
    found = list(places(user, asked)[:SUGGESTED])
    doors: list[Place] = []
    if found and found[0].kind == Kind.BUILDING and _is_named(asked, found):
        doors = list(_doors(user, found[0]))
        found = [each for each in found if each.kind <= Kind.BUILDING][:BUILDINGS_SUGGESTED]
    return Suggestions(
        places=found,
        doors=doors,
        people=people(user, asked, at=at)[:PEOPLE_SUGGESTED],
        receipts=list(_sent(user, asked.receipt)[:2]) if asked.receipt else [],
    )


def _is_named(asked: Asked, found: Sequence[Place]) -> bool:
    """One number, or a name that only one building has: 「甲楼」."""
    if asked.numbers:
        return len(asked.numbers) == 1
    return sum(each.kind == Kind.BUILDING for each in found) == 1


def places(user: User, asked: Asked) -> Any:
    """In reach, by their words; the best named first, closed ones last."""
    if not asked.names_a_place:
        return Place.objects.none()
    reach = scope.reach(user, Action.SEE_FIGURES)
    communities = _communities(reach)
    asked, communities = _within(asked, communities)
    return (
        Place.objects.filter(reach.as_q(), asked.as_q())
        .filter(key__community__in=[each.pk for each in communities])
        .annotate(rank=asked.rank(), is_closed=~Q(state=PlaceState.ACTIVE))
        .select_related("community", "parent__parent")
        .order_by("is_closed", "rank", "kind", "tree_id", "lft")
    )


def _communities(reach: scope.Reach) -> list[Community]:
    trees = {span.tree_id for span in reach.spans}
    of_trees = Q(places__kind=Kind.COMMUNITY, places__tree_id__in=trees)
    if not reach.divisions:
        return list(Community.objects.filter(of_trees)) if trees else []
    of_streets = Q(division__in=list(reach.divisions))
    if not trees:
        return list(Community.objects.filter(of_streets))
    return list(Community.objects.filter(of_trees | of_streets).distinct())


def _within(asked: Asked, communities: list[Community]) -> tuple[Asked, list[Community]]:
    """「江南新村47号」: a community's name before something else says where to look."""
    for name in asked.names if len(asked.names) + len(asked.numbers) > 1 else ():
        named = [each for each in communities if len(name) > 1 and name in each.name]
        if named:
            return asked.without((name,)), named
    return asked, communities


def _doors(user: User, building: Place) -> Any:
    return (
        Place.objects.visible_to(user)
        .active()
        .under(building)
        .filter(kind=Kind.HOUSEHOLD)
        .order_by("lft")[:DOORS_SUGGESTED]
    )


def people(user: User, asked: Asked, *, at: datetime) -> list[Person]:
    """Who holds a post now, by name, pinyin or initials. Read and compared here: a community has
    a few hundred posts, and so there are no words of people to be kept."""
    reach = scope.reach(user, Action.SEE_GROUPS)
    if not asked.names or not reach:
        return []
    held = Post.objects.in_force(at).filter(
        Q(reach.as_q("place")) | Q(reach.as_q("branch__branch_blocks__place"))
    )
    rows = held.order_by("user__full_name", "user", "place_kind", "place__lft").values_list(
        "user", "user__full_name", "duty", "place__name", "branch__name"
    )
    labels = dict(Post._meta.get_field("duty").choices or ())
    found: dict[int, tuple[str, list[str]]] = {}
    for pk, name, duty, place, branch in rows:
        if matches_person(asked.typed, name):
            line = f"{place or branch} · {labels[duty]}"
            found.setdefault(pk, (name, []))[1].append(line)
    return [Person(pk, name, tuple(dict.fromkeys(lines))) for pk, (name, lines) in found.items()]


def reports(user: User, asked: Asked, followed: Sequence[int]) -> Any:
    """By receipt, by week or month, by place, or by both of these."""
    seen = Report.objects.visible_to(user).standing()
    by_receipt = Q(pk__in=[])
    if asked.receipt:
        sent = _sent(user, asked.receipt).values_list("report", flat=True)
        by_receipt = Q(pk__in=list(sent[:PLACES_FOLLOWED]))
    by_place = Q(pk__in=[])
    if asked.period:
        by_place = Q(obligation__period__key=asked.period)
        if asked.names_a_place:
            by_place &= Q(place__in=followed)
    elif followed:
        by_place = Q(place__in=followed)
    return (
        seen.filter(by_receipt | by_place)
        .select_related("place__parent__parent", "community", "obligation__period", "form")
        .order_by("-as_of", "place__tree_id", "place__lft", "-pk")
    )


def _sent(user: User, receipt: str) -> Any:
    """Filings whose UUID begins so: a range of the primary key."""
    lowest, highest = (UUID(receipt.ljust(32, end)) for end in "0f")
    found = Filing.objects.visible_to(user).filter(pk__gte=lowest, pk__lte=highest)
    return found.select_related("report__place__parent__parent", "report__obligation__period")


def voices(user: User, asked: Asked, followed: Sequence[int]) -> Any:
    """By words, receipt or building: the committee's all, a group's those that were shown to it."""
    heard = scope.reach(user, Action.HEAR).as_q("place")
    own = scope.reach(user, Action.FILE).as_q("place")
    wanted = Q(place__in=followed)
    if asked.names:
        wanted |= Q(words__icontains=asked.typed)
    digits = asked.typed.replace(" ", "")
    if len(digits) == RECEIPT_DIGITS:
        wanted |= Q(receipt=digits)
    found = Voice.objects.filter(heard | (own & Q(shown_to_group=True))).filter(wanted)
    return found.select_related("place", "community").order_by("-said_at", "-pk")


def _ids(named: Any) -> list[int]:
    """Of those that were named outright, when any was; else of the first."""
    first = list(named[:PLACES_FOLLOWED])
    return [place.pk for place in [each for each in first if each.rank < UNRANKED] or first]
