"""The words by which a place is found, kept with every write of a name: write, check, mend.

A number in a building's name is `b47`, of a floor `f5`, in a household's name `r501`; a household
has both of its building and itself, `47501`, and what its building is called. `tree.py` calls
`write` under the bucket's lock, so that words and names are of one transaction.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q

from units import locks
from units.kinds import Kind
from units.models import Community, Place, PlaceKey
from units.numerals import in_digits
from units.spelling import normalised, runs, spellings

BATCH = 2000
_LETTER = {Kind.COMMUNITY: "c", Kind.BLOCK: "k", Kind.BUILDING: "b", Kind.FLOOR: "f"}


@dataclass(frozen=True)
class Named:
    """A place with the names its words are made of; `building` is "" above a floor."""

    place_id: int
    community_id: int
    kind: int
    name: str
    building: str

    @property
    def words(self) -> str:
        return f" {' '.join(dict.fromkeys(_words(self)))} "


def _words(named: Named) -> Iterator[str]:
    yield from _names(named.name)
    if named.kind < Kind.FLOOR:
        yield from (f"{_LETTER[Kind(named.kind)]}{each}" for each in _numbers(named.name))
        return
    yield from _names(named.building)
    houses, own = _numbers(named.building), _numbers(named.name)
    yield from (f"b{house}" for house in houses)
    if named.kind == Kind.FLOOR:
        yield from (f"f{floor}" for floor in own)
        return
    yield from (f"r{room}" for room in own)
    yield from (f"{house}{room}" for house in houses for room in own)


def _names(name: str) -> Iterator[str]:
    for form in (name, in_digits(name)):
        yield "".join(sign for _is_number, sign in runs(form)).replace(" ", "")
        yield from spellings(form)
    yield from _numbers(name)


def _numbers(name: str) -> list[str]:
    """Without zeros in front: 「047号」 is typed 47, and so is 「四十七号」."""
    figures = (run for is_number, run in runs(in_digits(normalised(name))) if is_number)
    return [run.lstrip("0") or "0" for run in figures]


def write_under(place: Place) -> None:
    """Of `place` and of everything that carries its name: what lies in a building or a floor."""
    if place.kind < Kind.BUILDING:
        _store(_named(Place.objects.filter(pk=place.pk)))
    else:
        _store(_named(Place.objects.under(place)))


def write(places: Iterable[int]) -> None:
    """Of the places of these ids."""
    _store(_named(Place.objects.filter(pk__in=list(places))))


def write_planted(levels: Iterable[list[Place]]) -> None:
    """Of a whole new tree, from what is in memory; its parents are set."""
    of = {place.pk: place for level in levels for place in level}
    _store(
        Named(each.pk, each.community_id, each.kind, each.name, _building_of(each, of))
        for each in of.values()
    )


def _building_of(place: Place, of: dict[int, Place]) -> str:
    above = place
    while above.kind > Kind.BUILDING:
        above = of[above.parent_id]
    return above.name if place.kind > Kind.BUILDING else ""


def _named(places: object) -> list[Named]:
    rows = places.values_list(  # type: ignore[attr-defined]
        "pk", "community_id", "kind", "name", "parent__name", "parent__parent__name"
    )
    building = {Kind.FLOOR: 4, Kind.HOUSEHOLD: 5}
    return [
        Named(*row[:4], row[building[row[2]]] if row[2] in building else "")
        for row in rows.order_by()
    ]


def _store(named: Iterable[Named]) -> None:
    PlaceKey.objects.bulk_create(
        [
            PlaceKey(
                place_id=each.place_id,
                community_id=each.community_id,
                kind=each.kind,
                words=each.words,
            )
            for each in named
        ],
        batch_size=BATCH,
        update_conflicts=True,
        unique_fields=["place"],
        update_fields=["community", "kind", "words"],
    )


def differing(community: Community) -> list[Named]:
    """The places of a community whose stored words are not those of their names."""
    stored = dict(PlaceKey.objects.filter(community=community).values_list("place_id", "words"))
    named = _named(Place.objects.filter(community=community))
    moved = set(
        PlaceKey.objects.filter(place__community=community)
        .exclude(Q(community=F("place__community")) & Q(kind=F("place__kind")))
        .values_list("place_id", flat=True)
    )
    return [
        each for each in named if stored.get(each.place_id) != each.words or each.place_id in moved
    ]


@transaction.atomic
def mend(community: Community) -> list[Named]:
    """Write anew the words that differ; returns their places. A write of a name in between is seen
    under the lock, which is taken only where something differs."""
    if not differing(community):
        return []
    locks.lock_bucket(locks.bucket_of(community.pk))
    wrong = differing(community)
    _store(wrong)
    return wrong
