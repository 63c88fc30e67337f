"""Places by their words, within one's reach; the doors of a building that was named.

Who sees homes sees those of a community or two, so the words of these are read through and no more:
an index of the whole district's words has a hundred times as many hits to be thrown away again.
"""

from collections.abc import Sequence
from typing import Any, overload

from django.db.models import Q

from governance.board.asking import UNRANKED, Asked
from units import scope
from units.kinds import Kind, PlaceState
from units.models import Community, Place, PlaceKey, User
from units.scope import Action

# Of one building: it has its doors among the suggestions as long as they fit.
DOORS_SUGGESTED = 60


class Places(Sequence[Place]):
    """What was found, best first: all are counted, and only those that are shown are read."""

    def __init__(self, found: Sequence[tuple[int, int]] = ()) -> None:
        self._found = found

    def __len__(self) -> int:
        return len(self._found)

    @overload
    def __getitem__(self, wanted: int) -> Place: ...
    @overload
    def __getitem__(self, wanted: slice) -> list[Place]: ...
    def __getitem__(self, wanted: int | slice) -> Place | list[Place]:
        if isinstance(wanted, int):
            return _read([self._found[wanted][0]])[0]
        return _read([pk for pk, _rank in self._found[wanted]])

    def __iter__(self) -> Any:
        return iter(self[:])

    def outright(self, most: int) -> list[int]:
        """Ids of the first ones: of those that were named outright, when any was."""
        first = self._found[:most]
        named = [pk for pk, rank in first if rank < UNRANKED]
        return named or [pk for pk, _rank in first]


def _read(ids: Sequence[int]) -> list[Place]:
    rows = Place.objects.select_related("community", "parent__parent").in_bulk(ids)
    return [rows[pk] for pk in ids if pk in rows]


def places(user: User, asked: Asked, *, most: int | None = None) -> Places:
    """In reach, by their words; the best named first, closed ones last."""
    reach = scope.reach(user, Action.SEE_FIGURES)
    if not asked.names_a_place or not reach:
        return Places()
    asked, communities = _within(asked, list(communities_of(reach)))
    deepest = max([span.deepest for span in reach.spans] + [*reach.divisions.values()])
    found = (
        PlaceKey.objects.filter(community__in=[each.pk for each in communities])
        .filter(reach.as_q("place"), asked.as_q(), kind__lte=deepest)
        .annotate(rank=asked.rank(), is_closed=~Q(place__state=PlaceState.ACTIVE))
        .order_by("is_closed", "rank", "kind", "place__tree_id", "place__lft")
    )
    return Places(list(found.values_list("place", "rank")[:most]))


def communities_of(reach: scope.Reach) -> Any:
    """Those that anything in reach lies in."""
    trees = {span.tree_id for span in reach.spans}
    wanted = Q(pk__in=[])
    if trees:
        roots = Place.objects.filter(parent=None, tree_id__in=trees)
        wanted |= Q(pk__in=roots.values("community"))
    if reach.divisions:
        wanted |= Q(division__in=list(reach.divisions))
    return Community.objects.filter(wanted)


def _within(asked: Asked, communities: list[Community]) -> tuple[Asked, list[Community]]:
    """「江南新村47号」: a community's name before something else says where to look."""
    for name in asked.names if len(asked.names) + len(asked.numbers) > 1 else ():
        named = [each for each in communities if len(name) > 1 and name in each.name]
        if named:
            return asked.without((name,)), named
    return asked, communities


def doors(user: User, building: Place) -> list[Place]:
    """Its homes in reach that are in use, as they lie."""
    within = Place.objects.visible_to(user).active().under(building)
    return list(within.filter(kind=Kind.HOUSEHOLD).order_by("lft")[:DOORS_SUGGESTED])
