"""What the page of a shape lists: places with their counts, and the steps that were taken."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.shaping.steps import What, steps_of
from units import branches, groups, shaping
from units.kinds import Kind, PlaceState
from units.models import BranchBlock, Community, JournalEntry, Place

ROWS_A_PAGE = 60
_WORDS = {
    shaping.RENAMED: gettext_lazy("“%(was)s”改名为“%(now)s”"),
    shaping.MOVED: gettext_lazy("“%(name)s”从“%(was)s”移到“%(now)s”"),
    shaping.MERGED: gettext_lazy("“%(name)s”并入“%(now)s”"),
    shaping.CLOSED: gettext_lazy("“%(name)s”注销，连同下面的一共%(places)s个"),
    shaping.REPLACED: gettext_lazy("“%(name)s”注销，由“%(now)s”接替"),
    shaping.ADDED: gettext_lazy("在“%(name)s”下面新建%(places)s个，从“%(now)s”起"),
    branches.CHANGED: gettext_lazy("党支部：%(now)s"),
    shaping.UNDONE: gettext_lazy("撤销了对“%(name)s”的调整"),
}


@dataclass(frozen=True)
class Row:
    """A place as listed: counts of what is in use below it, its group or branch in words."""

    place: Place
    floors: int
    households: int
    more: str
    steps: Sequence[tuple[What, str]]

    @property
    def is_open(self) -> bool:
        return self.place.state == PlaceState.ACTIVE


def page_of(place: Place) -> Place:
    """The page on which a place is listed: of its building, or of its community."""
    while place.kind > Kind.BUILDING:
        place = place.parent
    if place.kind == Kind.BUILDING and place.state == PlaceState.ACTIVE:
        return place
    return Place.objects.get(community=place.community_id, kind=Kind.COMMUNITY)


def of(top: Place, *, query: str, show_closed: bool, page: str | None, at: datetime) -> Page:
    """Rows below `top`: blocks with their buildings, or floors with their doors; or what matches.

    The number of queries does not grow with the places.
    """
    below = Place.objects.under(top).exclude(pk=top.pk).select_related("parent__parent")
    below = below.exclude(state=PlaceState.ACTIVE) if show_closed else below.active()
    if query:
        below = below.filter(Q(name__icontains=query) | Q(code__iendswith=query))
    elif not show_closed:
        below = below.filter(kind__lte=top.kind + 2)
    # In the order of the tree: a place stands below the one that it belongs to.
    below = below.select_related("succeeded_by__parent__parent").order_by("lft")
    found = Paginator(below, ROWS_A_PAGE).get_page(page)
    found.object_list = _rows(list(found.object_list), at)
    return found


def _rows(places: Sequence[Place], at: datetime) -> list[Row]:
    floors, homes = _counts(places)
    with_group = [each for each in places if each.kind == Kind.BUILDING]
    states = {group.place.pk: group.state for group in groups.groups_of(with_group, at=at)}
    named = {
        each.place_id: each.branch.name
        for each in BranchBlock.objects.filter(place__in=places).select_related("branch")
    }
    rows = []
    for place in places:
        is_open = place.state == PlaceState.ACTIVE
        rows.append(
            Row(
                place,
                floors.get(place.pk, 0),
                homes.get(place.pk, 0),
                _about(place, states, named),
                steps_of(place) if is_open else (),
            )
        )
    return rows


def _about(place: Place, states: dict[int, str], named: dict[int, str]) -> str:
    if place.state != PlaceState.ACTIVE:
        said = f"{place.closed_on:%Y-%m-%d} {place.get_state_display()}"
        if place.succeeded_by:
            return _("%(said)s，由“%(next)s”接替") % {
                "said": said,
                "next": shaping.named(place.succeeded_by),
            }
        return said
    if place.kind == Kind.BLOCK:
        return named.get(place.pk, _("没有对应的党支部"))
    return states.get(place.pk, "")


def _counts(places: Sequence[Place]) -> tuple[dict[int, int], dict[int, int]]:
    """Floors and households in use below each block, building and floor."""
    ids = [each.pk for each in places if each.kind < Kind.HOUSEHOLD]
    in_use = Place.objects.active()
    floors: dict[int, int] = {}
    homes: dict[int, int] = {}
    for into, kind, paths in (
        (floors, Kind.FLOOR, ("parent", "parent__parent")),
        (homes, Kind.HOUSEHOLD, ("parent", "parent__parent", "parent__parent__parent")),
    ):
        for path in paths:
            rows = in_use.filter(kind=kind, **{f"{path}__in": ids}).order_by()
            into.update(rows.values_list(path).annotate(Count("pk")))
    return floors, homes


@dataclass(frozen=True)
class Taken:
    """A step in words; `may_undo` while ten minutes are not over and nobody has undone it."""

    entry: JournalEntry
    words: str
    is_undone: bool
    may_undo: bool


class Steps(Sequence[Taken]):
    """The steps of a community, the latest first, read in slices."""

    def __init__(self, community: Community, at: datetime) -> None:
        self._found = JournalEntry.objects.filter(
            data__has_key="step", data__community=community.pk
        ).select_related("user")
        self._at = at

    def __len__(self) -> int:
        return self._found.count()

    def __getitem__(self, which: Any) -> Any:
        return in_words(list(self._found[which]), at=self._at)


def steps(community: Community, *, at: datetime) -> Steps:
    return Steps(community, at)


def in_words(entries: Sequence[JournalEntry], *, at: datetime) -> list[Taken]:
    undone = set(
        JournalEntry.objects.filter(
            data__has_key="undoes", data__undoes__in=[each.pk for each in entries]
        ).values_list("data__undoes", flat=True)
    )
    return [
        Taken(
            each,
            str(_WORDS.get(each.verb, "")) % each.data if each.verb in _WORDS else each.verb,
            each.pk in undone,
            each.verb in shaping.UNDOABLE
            and each.pk not in undone
            and at <= each.at + shaping.UNDO_WITHIN,
        )
        for each in entries
    ]


def told(place: Place, pk: str, *, at: datetime) -> Taken | None:
    """The step that somebody comes from, to be told what was done and offered its undo."""
    if not pk.isdecimal() or len(pk) > 18:
        return None
    entry = JournalEntry.objects.filter(
        pk=int(pk), data__has_key="step", data__community=place.community_id
    ).first()
    return in_words([entry], at=at)[0] if entry else None
