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

from governance.board.asking import Asked, read
from governance.board.search_places import communities_of, doors, places
from governance.voices.models import RECEIPT_DIGITS, Voice
from reports.models import Filing, Report
from units import scope
from units.kinds import Kind
from units.models import Place, Post, User
from units.scope import Action
from units.spelling import matches_person

# Of the places found, those whose reports and voices are looked up too.
PLACES_FOLLOWED = 20
SUGGESTED, BUILDINGS_SUGGESTED, PEOPLE_SUGGESTED = 10, 5, 4

_DUTIES = dict(Post._meta.get_field("duty").choices or ())


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
        places, people, *_others = self.parts
        is_only = len(places.rows) == 1 and not people.rows and not self.asked.period
        return places.rows[0] if is_only else None


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
    followed = named.outright(PLACES_FOLLOWED)
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
    found = list(places(user, asked, most=SUGGESTED))
    beside: list[Place] = []
    if found and found[0].kind == Kind.BUILDING and _is_named(asked, found):
        beside = doors(user, found[0])
        found = [each for each in found if each.kind <= Kind.BUILDING][:BUILDINGS_SUGGESTED]
    return Suggestions(
        places=found,
        doors=beside,
        people=people(user, asked, at=at)[:PEOPLE_SUGGESTED],
        receipts=list(_sent(user, asked.receipt)[:2]) if asked.receipt else [],
    )


def _is_named(asked: Asked, found: Sequence[Place]) -> bool:
    """One number, or a name that only one building has: 「甲楼」."""
    if asked.numbers:
        return len(asked.numbers) == 1
    return sum(each.kind == Kind.BUILDING for each in found) == 1


def people(user: User, asked: Asked, *, at: datetime) -> list[Person]:
    """Who holds a post now, by name, pinyin or initials. Read and compared here: a community has
    a few hundred posts, and so there are no words of people to be kept."""
    reach = scope.reach(user, Action.SEE_GROUPS)
    if not asked.names or not reach:
        return []
    found: dict[int, tuple[str, list[str]]] = {}
    for name, pk, _kind, _lft, duty, where in _posts(reach, at=at):
        if matches_person(asked.typed, name):
            found.setdefault(pk, (name, []))[1].append(f"{where} · {_DUTIES[duty]}")
    return [Person(pk, name, tuple(lines)) for pk, (name, lines) in found.items()]


def _posts(reach: scope.Reach, *, at: datetime) -> Any:
    """Where they are comes first, with the community that an index begins with, and the two ways to
    a place one after the other: else the database reads every post it has."""
    posts, communities = Post.objects.in_force(at).order_by(), communities_of(reach)
    told = ("user__full_name", "user", "place_kind", "place__lft", "duty")
    rows = [
        posts.filter(reach.as_q(way), **{f"{way}__community__in": communities}).values_list(
            *told, where
        )
        for way, where in (
            ("place", "place__name"),
            ("branch__branch_blocks__place", "branch__name"),
        )
    ]
    return rows[0].union(rows[1]).order_by(*told[:4])


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
    if asked.names or asked.as_written:
        wanted |= Q(words__icontains=asked.typed)
    digits = asked.typed.replace(" ", "")
    if len(digits) == RECEIPT_DIGITS:
        wanted |= Q(receipt=digits)
    found = Voice.objects.filter(heard | (own & Q(shown_to_group=True))).filter(wanted)
    return found.select_related("place", "community").order_by("-said_at", "-pk")
