"""A small invented compound for the rehearsal of a month: places, people, head counts."""

from dataclasses import dataclass
from datetime import datetime
from random import Random

from governance.demo.people import SURNAMES, appoint
from units import census, tree
from units.kinds import Duty, Kind
from units.models import Community, Division, HouseholdCount, Place, Post, User

BLOCKS, BUILDINGS, FLOORS, DOORS = 3, 4, 2, 3
NAME = "演练新村"
_DUTIES = {Kind.BLOCK: Duty.BLOCK_WORKER, Kind.BUILDING: Duty.RESIDENT_LEADER}


@dataclass(frozen=True)
class Compound:
    """`people`: who files for a block or building, by the id of the place."""

    community: Community
    places: list[Place]
    people: dict[int, User]
    staff: User
    street: User

    @property
    def root(self) -> Place:
        return self._of_kind(Kind.COMMUNITY)[0]

    @property
    def blocks(self) -> list[Place]:
        return self._of_kind(Kind.BLOCK)

    @property
    def buildings(self) -> list[Place]:
        return self._of_kind(Kind.BUILDING)

    @property
    def doors(self) -> list[Place]:
        return self._of_kind(Kind.HOUSEHOLD)

    @property
    def in_words(self) -> str:
        counts = f"{len(self.blocks)}个片区、{len(self.buildings)}个楼组、{len(self.doors)}户"
        return f"{self.community.name}：{counts}"

    def _of_kind(self, kind: Kind) -> list[Place]:
        return [place for place in self.places if place.kind == kind]


def plant(division: Division, random: Random, *, at: datetime) -> Compound:
    number = 1 + Community.objects.filter(name__startswith=NAME).count()
    code = f"{division.code[:9]}9{number:02d}"
    community = Community.objects.create(
        code=code, division=division, name=f"{NAME}第{number}居民区", telephone="021-55500000"
    )
    tree.plant(community, _sapling(code, community.name), at=at)
    places = list(
        Place.objects.filter(community=community)
        .select_related("community", "parent__parent")
        .order_by("code")
    )

    def person(login: str) -> User:
        name = random.choice(SURNAMES) + random.choice(("桂芳", "建国", "秀英", "永福"))
        return User.objects.create_user(f"r{code}-{login}", full_name=name)

    people = {p.pk: person(p.code.rpartition("-")[2].lower()) for p in places if p.kind in _DUTIES}
    here = Compound(community, places, people, person("staff"), person("street"))
    Post.objects.bulk_create(
        [
            appoint(here.staff, Duty.STAFF, at, place=here.root),
            appoint(here.street, Duty.STREET_OFFICER, at, division=division),
            *(
                appoint(people[place.pk], _DUTIES[Kind(place.kind)], at, place=place)
                for place in places
                if place.pk in people
            ),
        ]
    )
    # One door was never counted: unknown, not zero.
    counts = [_count(door, random, at) for door in here.doors[:-1]]
    census.record(community, counts, at=at)
    return here


def _sapling(code: str, name: str) -> tree.Sapling:
    root = tree.Sapling(code, name)
    for b in range(BLOCKS):
        block = tree.Sapling(f"{code}-B{b + 1:02d}", f"第{b + 1}片区")
        for n in range(b * BUILDINGS + 1, (b + 1) * BUILDINGS + 1):
            building = tree.Sapling(f"{block.code}-L{n:03d}", f"{n}号楼组")
            for f in range(1, FLOORS + 1):
                floor = tree.Sapling(f"{building.code}-F{f:02d}", f"{f}楼")
                floor.below = [
                    tree.Sapling(f"{floor.code}-H{d:02d}", f"{f}{d:02d}室")
                    for d in range(1, DOORS + 1)
                ]
                building.below.append(floor)
            block.below.append(building)
        root.below.append(block)
    return root


def _count(door: Place, random: Random, at: datetime) -> HouseholdCount:
    old, young = random.randrange(3), 1 + random.randrange(3)
    return HouseholdCount(
        place=door,
        as_of=at.date(),
        residents=old + young,
        aged_14_to_59=young,
        aged_60_to_79=old,
        nonlocal_residents=random.randrange(2),
        actual=old + young + 1,
        floating=1,
        source="演练",
    )
