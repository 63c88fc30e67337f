"""Many places at once, beside `units/tree.py`: grafted below others, and taken out again.

Both write `parent_id` in bulk and have the intervals reckoned from it in one statement.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.db.models.expressions import RawSQL
from django.db.models.fields.reverse_related import ForeignObjectRel
from django.utils import timezone
from django.utils.translation import gettext as _

from units import locks, search_keys, tree
from units.kinds import Kind
from units.models import CensusImport, Community, HouseholdCount, Place, PlaceChange, User
from units.refusals import Refusal

_LETTER = {Kind.BUILDING: "L", Kind.FLOOR: "F", Kind.HOUSEHOLD: "H"}
_DIGITS = {Kind.BUILDING: 3, Kind.FLOOR: 2, Kind.HOUSEHOLD: 2}


@dataclass
class Graft:
    """A place to come, with those below it. Its code is the free one nearest to its name."""

    name: str
    below: list["Graft"] = field(default_factory=list)
    place: Place | None = None


@transaction.atomic
def graft(
    community: Community,
    below: Sequence[tuple[int, Graft]],
    *,
    at: datetime,
    by: User | None = None,
) -> list[Place]:
    """Plant each below the place of its id, behind what stands there; returns all of them.

    One entry in the place log, on the root. Raises Refusal `parent_is_closed`.
    """
    locks.lock_bucket(locks.bucket_of(community.pk))
    parents = Place.objects.active().filter(community=community).in_bulk([pk for pk, _g in below])
    if len(parents) < len({pk for pk, _graft in below}):
        raise Refusal("parent_is_closed", _("上级单元刚刚注销了，请刷新后再看"), 409)
    root = Place.objects.get(community=community, parent=None)
    codes = _Codes(community)
    last = Place.objects.filter(tree_id=root.tree_id).aggregate(last=Max("rght"))["last"]
    planted: list[Place] = []
    level = [(parents[pk], each) for pk, each in below]
    while level:
        for parent, each in level:
            each.place = Place(
                community=community,
                parent=parent,
                kind=parent.kind + 1,
                level=parent.kind + 1,
                tree_id=root.tree_id,
                # Behind all others until they are numbered; siblings keep the order given.
                lft=last + 1,
                rght=last + 2,
                code=codes.next(parent, each.name),
                name=each.name,
                opened_on=timezone.localdate(at),
            )
            last += 2
        Place.objects.bulk_create([each.place for _p, each in level if each.place], batch_size=2000)
        planted += [each.place for _p, each in level if each.place]
        level = [(each.place, child) for _p, each in level if each.place for child in each.below]
    tree.renumber(community)
    search_keys.write(each.pk for each in planted)
    _log(root, [root], PlaceChange.What.PLANTED, at=at, by=by)
    return planted


class _Codes:
    """Codes in use in one community, closed places' too: none is given twice."""

    def __init__(self, community: Community) -> None:
        rows = Place.objects.filter(community=community).values_list("code", "kind")
        self._used: dict[str, set[int]] = defaultdict(set)
        self._building = f"{community.pk}"
        for code, kind in rows:
            if kind in _LETTER:
                head, _letter, number = code.rpartition(_LETTER[kind])
                self._used[self._beside(kind, head)].add(int(number))

    def next(self, parent: Place, name: str) -> str:
        """30 of 「3楼」 is F03 and of 「302室」 H02, if free; else the next after all in use."""
        kind = Kind(parent.kind + 1)
        used = self._used[self._beside(kind, f"{parent.code}-")]
        digits = re.findall(r"\d+", name)
        wish = int(digits[-1]) if digits else 0
        if kind == Kind.HOUSEHOLD and wish > 99:
            wish %= 100
        if not 0 < wish < 1000 or wish in used:
            wish = max(used, default=0) + 1
        used.add(wish)
        return f"{parent.code}-{_LETTER[kind]}{wish:0{_DIGITS[kind]}d}"

    def _beside(self, kind: int, head: str) -> str:
        """Buildings are numbered through the community, the rest below their parent."""
        return self._building if kind == Kind.BUILDING else head


def _relations() -> list[ForeignObjectRel]:
    """Every foreign key to a place, of whatever room, those without a name backwards too."""
    return [
        each
        for each in Place._meta.get_fields(include_hidden=True)
        if isinstance(each, ForeignObjectRel) and not each.many_to_many
    ]


def _as_rows(ids: Iterable[int]) -> RawSQL:
    """One parameter in place of thousands, in each of some thirty questions."""
    return RawSQL("SELECT unnest(%s::bigint[])", [list(ids)])


def held(places: Iterable[int], *, but_for: CensusImport) -> set[int]:
    """Of these places, those on which something hangs that is not reckoned, and all above them.

    The counts of the import `but_for` do not hold.
    """
    ids = set(places)
    these = _as_rows(ids)
    parents = dict(Place.objects.filter(pk__in=these).values_list("pk", "parent_id"))
    kept: set[int] = set()
    for relation in _relations():
        model, name = relation.related_model, relation.field.name
        rows = model._base_manager.filter(**{f"{name}__in": these})
        if model is Place:
            rows = rows.exclude(pk__in=these)
        elif model is HouseholdCount:
            rows = rows.exclude(brought_by=but_for)
        elif getattr(model, "is_reckoned", False):
            if name == "place":
                continue
            rows = rows.exclude(place__in=these)
        kept.update(rows.values_list(f"{name}_id", flat=True))
    for pk in list(kept):
        above = parents.get(pk)
        while above in ids and above not in kept:
            kept.add(above)
            above = parents.get(above)
    return kept & ids


@transaction.atomic
def uproot(planting: CensusImport, *, at: datetime, by: User | None) -> set[int]:
    """Take out what was planted, as if it never was, but what is `held`; returns what stays.

    All counts of the import go but those on what stays, and what is reckoned of what goes; the
    places above are said to have changed.
    """
    community = planting.community
    locks.lock_bucket(locks.bucket_of(community.pk))
    # Whoever reports on one of them now waits, and finds it gone; before us, it is held.
    ids = set(
        Place.objects.filter(community=community, pk__in=_as_rows(planting.planted))
        .order_by("pk")
        .select_for_update(of=("self",))
        .values_list("pk", flat=True)
    )
    stay = held(ids, but_for=planting)
    counts = HouseholdCount.objects.filter(brought_by=planting).exclude(place__in=stay)
    counts._raw_delete(counts.db)
    gone = ids - stay
    if not gone:
        return stay
    these = _as_rows(gone)
    above = list(Place.objects.filter(children__in=these).exclude(pk__in=these).distinct())
    for relation in _relations():
        if getattr(relation.related_model, "is_reckoned", False):
            rows = relation.related_model._base_manager.filter(
                **{f"{relation.field.name}__in": these}
            )
            rows._raw_delete(rows.db)
    rows = Place.objects.filter(pk__in=these)
    rows._raw_delete(rows.db)
    tree.renumber(community)
    root = Place.objects.get(community=community, parent=None)
    _log(root, above, PlaceChange.What.UPROOTED, at=at, by=by)
    return stay


def _log(
    root: Place, places: list[Place], what: PlaceChange.What, *, at: datetime, by: User | None
) -> None:
    PlaceChange.objects.bulk_create(
        PlaceChange(community_id=root.community_id, place=place, what=what, at=at, by=by)
        for place in places
    )
