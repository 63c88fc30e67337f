"""The two compounds: how many blocks, buildings, floors, doors, and what their numbers sum to."""

from dataclasses import dataclass

from units.tree import Sapling


@dataclass(frozen=True)
class Shape:
    code: str
    name: str
    telephone: str
    buildings_in_block: tuple[int, ...]
    floors: tuple[int, ...]
    doors: int
    # Persons: the parts of 常住 by age, then populations that overlap them (trap T1).
    under_14: int
    aged_14_to_59: int
    aged_60_to_79: int
    aged_80_plus: int
    nonlocal_residents: int
    short_stays: int
    living_alone: int
    branch_members: tuple[int, ...]
    # Buildings whose three-person group lacks its owner representative.
    vacancies: tuple[int, ...] = ()
    # Buildings whose groups share a person, so that seats outnumber accounts.
    shared_party_leaders: int = 0
    shared_owner_triples: int = 0
    shared_owner_pairs: int = 0

    @property
    def buildings(self) -> int:
        return sum(self.buildings_in_block)

    @property
    def households(self) -> int:
        return self.buildings * len(self.floors) * self.doors

    @property
    def residents(self) -> int:
        return self.under_14 + self.aged_14_to_59 + self.aged_60_to_79 + self.aged_80_plus

    def sapling(self) -> Sapling:
        """The tree to plant; building numbers run through the whole compound."""
        blocks, number = [], 0
        for index, count in enumerate(self.buildings_in_block, 1):
            block = Sapling(f"{self.code}-B{index:02d}", f"第{index}片区")
            for _each in range(count):
                number += 1
                block.below.append(self._building(block.code, number))
            blocks.append(block)
        return Sapling(self.code, self.name, blocks)

    def _building(self, above: str, number: int) -> Sapling:
        building = Sapling(f"{above}-L{number:03d}", f"{number}号楼组")
        for storey in self.floors:
            floor = Sapling(f"{building.code}-F{storey:02d}", f"{storey}楼")
            floor.below = [
                Sapling(f"{floor.code}-H{door:02d}", f"{storey}{door:02d}室")
                for door in range(1, self.doors + 1)
            ]
            building.below.append(floor)
        return building


# 1 + 8 + 125 + 625 + 2,500 = 3,259 places; 60 and over 4,103 of 11,000.
JIANGNAN = Shape(
    code="310104007009",
    name="江南新村居民区",
    telephone="021-55500000",
    buildings_in_block=(16, 16, 16, 16, 16, 15, 15, 15),
    floors=(2, 3, 4, 5, 6),
    doors=4,
    under_14=880,
    aged_14_to_59=6017,
    aged_60_to_79=3283,
    aged_80_plus=820,
    nonlocal_residents=2178,
    short_stays=200,
    living_alone=262,
    branch_members=(48, 46, 47, 45, 46, 44, 47, 45),
    shared_party_leaders=60,
    shared_owner_triples=5,
    shared_owner_pairs=15,
)

# An invented neighbour of another size: 1 + 5 + 62 + 372 + 1,116 = 1,556 places.
LINJIANG = Shape(
    code="310104007990",
    name="临江苑居民区（虚构）",
    telephone="021-55500001",
    buildings_in_block=(13, 13, 12, 12, 12),
    floors=(1, 2, 3, 4, 5, 6),
    doors=3,
    under_14=402,
    aged_14_to_59=1980,
    aged_60_to_79=811,
    aged_80_plus=157,
    nonlocal_residents=612,
    short_stays=41,
    living_alone=73,
    branch_members=(31, 28, 33, 29, 30),
    vacancies=(9, 23, 24, 51, 60),
    shared_party_leaders=12,
)
SHAPES = (JIANGNAN, LINJIANG)
