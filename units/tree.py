"""The only structural writer of the place tree: plant, add, move, close, rename, verify, mend.

django-mptt does no locking and corrupts silently under concurrent writes, so every process here
locks the community's bucket first, *then* reads the places again, then writes. Callers pass ids,
never a `Place` they read before the lock.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from units import journal, locks, search_keys
from units.kinds import Kind, PlaceState
from units.models import Community, Place, PlaceChange, Post, User
from units.refusals import Refusal

# One letter a kind in codes like 310104007009-B03-L047-F04-H02.
_LETTER = {Kind.BLOCK: "B", Kind.BUILDING: "L", Kind.FLOOR: "F", Kind.HOUSEHOLD: "H"}
_DIGITS = {Kind.BLOCK: 2, Kind.BUILDING: 3, Kind.FLOOR: 2, Kind.HOUSEHOLD: 2}


@dataclass
class Sapling:
    """A place to be planted, with those below it. Its kind follows from its depth."""

    code: str
    name: str
    below: list["Sapling"] = field(default_factory=list)


@dataclass(frozen=True)
class Fault:
    """A place whose interval disagrees with `parent_id`: what is stored and what should be."""

    place_id: int
    code: str
    community_id: int
    stored: tuple[int, int, int]
    expected: tuple[int, int, int]

    def __str__(self) -> str:
        return f"{self.code}: tree_id/lft/rght {self.stored} 应为 {self.expected}"


@transaction.atomic
def plant(community: Community, root: Sapling, *, at: datetime, by: User | None = None) -> Place:
    """Plant a whole tree at once, with lft/rght worked out in memory (0.3 s, not 67 s, for 3,259).

    Raises IntegrityError `one_root_per_community` when the community has a tree already.
    """
    locks.lock_forest()
    locks.lock_bucket(locks.bucket_of(community.pk))
    tree_id = (Place.objects.aggregate(last=Max("tree_id"))["last"] or 0) + 1
    levels: list[list[tuple[Place, Place | None]]] = [[] for _kind in Kind]
    for sapling, parent, lft, rght, kind in _number(root):
        place = Place(
            community=community,
            kind=kind,
            level=kind,
            tree_id=tree_id,
            lft=lft,
            rght=rght,
            code=sapling.code,
            name=sapling.name,
            opened_on=timezone.localdate(at),
        )
        levels[kind].append((place, parent))
        sapling.place = place  # type: ignore[attr-defined]
    for level in levels:
        for place, parent in level:
            place.parent_id = parent.pk if parent else None
        Place.objects.bulk_create([place for place, _parent in level], batch_size=2000)
    search_keys.write_planted([place for place, _parent in level] for level in levels)
    planted = levels[Kind.COMMUNITY][0][0]
    _log(planted, PlaceChange.What.PLANTED, None, None, at, by)
    return planted


def _number(root: Sapling) -> Iterator[tuple[Sapling, Place | None, int, int, Kind]]:
    """Preorder walk giving each sapling its parent's Place, lft, rght and kind."""

    def walk(
        sapling: Sapling, parent: Sapling | None, lft: int, kind: int
    ) -> Iterator[tuple[Sapling, Place | None, int, int, Kind]]:
        above = parent.place if parent else None  # type: ignore[attr-defined]
        yield sapling, above, lft, lft + 2 * _size(sapling) - 1, Kind(kind)
        at = lft + 1
        for child in sapling.below:
            yield from walk(child, sapling, at, kind + 1)
            at += 2 * _size(child)

    return walk(root, None, 1, Kind.COMMUNITY)


def _size(sapling: Sapling) -> int:
    return 1 + sum(_size(child) for child in sapling.below)


@transaction.atomic
def add(parent_id: int, *, name: str, at: datetime, by: User | None = None) -> Place:
    """Add one place below `parent_id`; its code is the next free one and never reused.

    Raises Refusal `parent_is_closed`, `nothing_below_a_household`.
    """
    parent = _locked(parent_id)
    if parent.kind == Kind.HOUSEHOLD:
        raise Refusal("nothing_below_a_household", _("住户下面不能再建单元"))
    if parent.state != PlaceState.ACTIVE:
        raise Refusal("parent_is_closed", _("“%s”已注销，不能在它下面新建") % parent.name, 409)
    place = Place(
        community_id=parent.community_id,
        parent=parent,
        kind=parent.kind + 1,
        code=_next_code(parent),
        name=name,
        opened_on=timezone.localdate(at),
    )
    place.save()
    search_keys.write_under(place)
    _log(place, PlaceChange.What.ADDED, None, parent, at, by)
    return place


def _next_code(parent: Place) -> str:
    """Blocks and buildings are numbered through the community, the rest below their parent."""
    kind = Kind(parent.kind + 1)
    beside = Place.objects.filter(community_id=parent.community_id, kind=kind)
    if kind in (Kind.FLOOR, Kind.HOUSEHOLD):
        beside = beside.filter(code__startswith=f"{parent.code}-")
    numbers = [
        int(code.rpartition(_LETTER[kind])[2]) for code in beside.values_list("code", flat=True)
    ]
    return f"{parent.code}-{_LETTER[kind]}{max(numbers, default=0) + 1:0{_DIGITS[kind]}d}"


@transaction.atomic
def move(place_id: int, *, to_parent_id: int, at: datetime, by: User | None = None) -> Place:
    """Move a building or floor inside its community.

    Raises Refusal `households_do_not_move`, `this_kind_does_not_move`, `wrong_kind_of_parent`,
    `other_community`, `parent_is_closed`, `place_is_closed`. Moving to where it is does nothing.
    """
    place = _locked(place_id)
    target = Place.objects.get(pk=to_parent_id)
    if place.kind == Kind.HOUSEHOLD:
        raise Refusal("households_do_not_move", _("住户不能直接移动，请注销后在新楼组新建"), 409)
    if place.kind not in (Kind.BUILDING, Kind.FLOOR):
        raise Refusal("this_kind_does_not_move", _("只有楼组和楼层可以移动"), 409)
    if target.community_id != place.community_id:
        raise Refusal("other_community", _("不能移到另一个居民区，请注销后在那里新建"), 409)
    if target.kind != place.kind - 1:
        raise Refusal("wrong_kind_of_parent", _("“%s”不能放在这一层下面") % place.name, 409)
    if target.state != PlaceState.ACTIVE:
        raise Refusal("parent_is_closed", _("“%s”已注销，不能移到它下面") % target.name, 409)
    if place.state != PlaceState.ACTIVE:
        raise Refusal("place_is_closed", _("“%s”已注销，不能移动") % place.name, 409)
    origin = place.parent
    if origin != target:
        place.move_to(target, "last-child")
        search_keys.write_under(Place.objects.get(pk=place_id))
        _log(place, PlaceChange.What.MOVED, origin, target, at, by)
    return Place.objects.get(pk=place_id)


@transaction.atomic
def close(
    place_id: int,
    *,
    at: datetime,
    by: User | None = None,
    state: PlaceState = PlaceState.CLOSED,
    succeeded_by_id: int | None = None,
) -> Place:
    """Close a place from the day of `at`; its reports stay on it.

    Raises Refusal `has_places_below` or `has_seats` while something living still hangs on it.
    """
    place = _locked(place_id)
    if place.state != PlaceState.ACTIVE:
        return place
    if Place.objects.active().filter(parent=place).exists():
        raise Refusal("has_places_below", _("“%s”下面还有在用的单元，请先处理") % place.name, 409)
    if Post.objects.seats().in_force(at).filter(place=place).exists():
        raise Refusal("has_seats", _("“%s”还有人任职，请先结束任期") % place.name, 409)
    place.state = state
    place.closed_on = timezone.localdate(at)
    place.succeeded_by_id = succeeded_by_id
    place.save(update_fields=["state", "closed_on", "succeeded_by"])
    _log(place, PlaceChange.What.CLOSED, place.parent, None, at, by)
    return place


@transaction.atomic
def rename(place_id: int, *, name: str, at: datetime, by: User | None = None) -> Place:
    place = _locked(place_id)
    was, place.name = place.name, name
    place.save(update_fields=["name"])
    search_keys.write_under(place)
    _log(place, PlaceChange.What.RENAMED, place.parent, place.parent, at, by)
    journal.note("place.renamed", user=by, at=at, place=place.pk, was=was, now=name)
    return place


def _locked(place_id: int) -> Place:
    """Lock the bucket, then read the place: a row read before the lock may have moved since."""
    community_id = Place.objects.values_list("community_id", flat=True).get(pk=place_id)
    locks.lock_bucket(locks.bucket_of(community_id))
    return Place.objects.select_related("parent").get(pk=place_id)


def _log(
    place: Place,
    what: PlaceChange.What,
    from_parent: Place | None,
    to_parent: Place | None,
    at: datetime,
    by: User | None,
) -> None:
    PlaceChange.objects.create(
        community_id=place.community_id,
        place=place,
        what=what,
        from_parent=from_parent,
        to_parent=to_parent,
        at=at,
        by=by,
    )


# What lft/rght should be, from parent_id alone; siblings keep the order they have.
# A node with preorder rank r and depth d has lft = 2r - d - 1, and rght = lft + 2·size - 1.
_EXPECTED = """
WITH RECURSIVE walk AS (
    SELECT id, ARRAY[id] AS line, ARRAY[lft::bigint, id] AS path, tree_id AS tree
      FROM units_place
     WHERE parent_id IS NULL AND (%(community)s IS NULL OR community_id = %(community)s)
    UNION ALL
    SELECT p.id, w.line || p.id, w.path || ARRAY[p.lft::bigint, p.id], w.tree
      FROM units_place p JOIN walk w ON p.parent_id = w.id
), sizes AS (
    SELECT member AS id, count(*) AS size FROM walk, unnest(line) AS member GROUP BY member
), ranked AS (
    SELECT id, tree, cardinality(line) - 1 AS depth,
           row_number() OVER (PARTITION BY tree ORDER BY path) AS rank
      FROM walk
), expected AS (
    SELECT r.id, r.tree AS tree_id, 2 * r.rank - r.depth - 1 AS lft,
           2 * r.rank - r.depth - 1 + 2 * s.size - 1 AS rght
      FROM ranked r JOIN sizes s USING (id)
)
"""
_DIFFERS = "(p.tree_id, p.lft, p.rght) IS DISTINCT FROM (e.tree_id::int, e.lft::int, e.rght::int)"


def verify(community: Community | None = None) -> list[Fault]:
    """Every place whose interval disagrees with `parent_id`, in one tree or in all of them."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_EXPECTED} SELECT p.id, p.code, p.community_id, p.tree_id, p.lft, p.rght,"  # noqa: S608
            " e.tree_id, e.lft, e.rght FROM expected e JOIN units_place p USING (id)"
            f" WHERE {_DIFFERS} ORDER BY p.community_id, p.code",
            {"community": community.pk if community else None},
        )
        return [
            Fault(row[0], row[1], row[2], tuple(row[3:6]), tuple(row[6:9]))
            for row in cursor.fetchall()
        ]


@transaction.atomic
def mend(community: Community, *, at: datetime, by: User | None = None) -> int:
    """Rewrite one community's intervals from `parent_id` in one statement; returns rows mended."""
    locks.lock_bucket(locks.bucket_of(community.pk))
    mended = renumber(community)
    if mended:
        journal.note("tree.mended", user=by, at=at, community=community.pk, rows=mended)
    return mended


def renumber(community: Community) -> int:
    """As `mend`, for who holds the lock and has just written `parent_id` in bulk."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"{_EXPECTED} UPDATE units_place p SET tree_id = e.tree_id, lft = e.lft, rght = e.rght"  # noqa: S608
            f" FROM expected e WHERE p.id = e.id AND {_DIFFERS}",
            {"community": community.pk},
        )
        return int(cursor.rowcount)


def communities_with(faults: Iterable[Fault]) -> list[Community]:
    return list(Community.objects.filter(pk__in={fault.community_id for fault in faults}))
