"""The community as it stands, to hold a sheet against: buildings, floors, doors, last counts."""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date

from units.census_import import spelling
from units.census_import.spelling import Door
from units.kinds import Kind, PlaceState
from units.models import Community, HouseholdCount, Place

NUMBERS = (
    "residents",
    "under_14",
    "aged_14_to_59",
    "aged_60_to_79",
    "aged_80_plus",
    "nonlocal_residents",
    "actual",
    "floating",
    "living_alone",
)
Numbers = dict[str, int]


@dataclass
class Household:
    id: int
    name: str
    storey: int | None
    # The newest count of the day or before, and whether it is of that very day.
    count: Numbers | None = None
    is_of_the_day: bool = False


@dataclass
class Building:
    id: int
    name: str
    block: str
    floors: dict[int, int] = field(default_factory=dict)
    doors: dict[Door, Household] = field(default_factory=dict)

    def find(self, door: Door) -> Household | None:
        """By unit and room; where no door here has a unit, by the room alone."""
        found = self.doors.get(door)
        if found is None and door.unit and not any(each.unit for each in self.doors):
            return self.doors.get(Door("", door.room))
        return found


@dataclass
class Survey:
    buildings: dict[str, list[Building]]
    blocks: dict[str, int]
    households: int

    def all_households(self) -> dict[int, tuple[str, Household]]:
        return {
            each.id: (building.name, each)
            for found in self.buildings.values()
            for building in found
            for each in building.doors.values()
        }


def take(community: Community, as_of: date) -> Survey:
    """Three queries, whatever the size."""
    rows = list(
        Place.objects.filter(community=community, state=PlaceState.ACTIVE)
        .order_by("lft")
        .values_list("pk", "parent_id", "kind", "name")
    )
    counts = _counts(community, as_of)
    blocks = {pk: name for pk, _parent, kind, name in rows if kind == Kind.BLOCK}
    buildings: dict[int, Building] = {}
    floors: dict[int, tuple[Building, int | None]] = {}
    households = 0
    for pk, parent, kind, name in rows:
        if kind == Kind.BUILDING and parent in blocks:
            buildings[pk] = Building(pk, name, blocks[parent])
        elif kind == Kind.FLOOR and parent in buildings:
            storey = spelling.floor(name)
            floors[pk] = (buildings[parent], storey)
            if storey is not None:
                buildings[parent].floors.setdefault(storey, pk)
        elif kind == Kind.HOUSEHOLD and parent in floors:
            building, storey = floors[parent]
            door = spelling.door(name) or Door("", name)
            building.doors[door] = Household(pk, name, storey, *counts.get(pk, (None, False)))
            households += 1
    by_key: dict[str, list[Building]] = defaultdict(list)
    for building in buildings.values():
        by_key[spelling.building(building.name)].append(building)
    return Survey(
        dict(by_key), {spelling.block(name): pk for pk, name in blocks.items()}, households
    )


def _counts(community: Community, as_of: date) -> dict[int, tuple[Numbers, bool]]:
    found = (
        HouseholdCount.objects.filter(place__community=community, as_of__lte=as_of)
        .order_by("place", "-as_of")
        .distinct("place")
        .values_list("place", "as_of", *NUMBERS)
    )
    return {
        place: (
            {name: int(value) for name, value in zip(NUMBERS, values, strict=True)},
            day == as_of,
        )
        for place, day, *values in found
    }
