"""Buildings, flats and facilities of the demo, written down through the room's own processes.

Its own random numbers: what else the demo draws stays as it was.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from random import Random
from typing import Any
from uuid import UUID

from governance.demo.shapes import JIANGNAN, Shape
from governance.profiles import confirming, counting_cars, describing, inspecting, intake
from governance.profiles.models import (
    AreaBand,
    Condition,
    Defect,
    FacilityKind,
    HousingType,
    Structure,
    Tenure,
)
from units.kinds import Kind
from units.models import Community, Place, User


@dataclass(frozen=True)
class Stone:
    """What a compound is built of: weights to draw from, and what stands on its ground."""

    years: tuple[int, int]
    housing_type: HousingType
    structures: dict[str, int]
    tenures: dict[str, int]
    areas: dict[str, int]
    defects: dict[str, float]
    # Flats on the ground floor that nobody lives in: in one building of so many.
    vacant_every: int
    # kind, name, condition, facts; on the community itself.
    ground: tuple[tuple[FacilityKind, str, Condition, dict[str, Any]], ...]
    cars: int
    source: str


_OLD = Stone(
    years=(1951, 1959),
    housing_type=HousingType.WORKERS,
    structures={Structure.TIMBER: 35, Structure.BRICK: 65},
    tenures={
        Tenure.SOLD_PUBLIC: 62,
        Tenure.PUBLIC: 30,
        Tenure.COMMERCIAL: 5,
        Tenure.PRIVATE: 2,
        Tenure.OTHER: 1,
    },
    areas={AreaBand.UNDER_30: 34, AreaBand.TO_50: 50, AreaBand.TO_70: 14, AreaBand.OVER_70: 2},
    defects={Defect.LEAK: 0.3, Defect.PIPES: 0.45, Defect.WALL: 0.25, Defect.RAIL: 0.15},
    vacant_every=5,
    ground=(
        (FacilityKind.ACTIVITY, "居民活动室", Condition.FAIR, {"activity_space_m2": 240}),
        (FacilityKind.ACTIVITY, "老年活动室", Condition.GOOD, {"activity_space_m2": 160}),
        (FacilityKind.GROUND, "中心花园", Condition.FAIR, {"activity_space_m2": 2600, "seats": 36}),
        (
            FacilityKind.GROUND,
            "东门小广场",
            Condition.GOOD,
            {"activity_space_m2": 900, "seats": 12},
        ),
        (FacilityKind.FITNESS, "健身点", Condition.POOR, {"activity_space_m2": 320, "seats": 6}),
        (FacilityKind.GROUND, "儿童沙坑", Condition.STOPPED, {"activity_space_m2": 180}),
        (FacilityKind.PARKING, "南侧停车位", Condition.FAIR, {"parking_spaces": 150}),
        (FacilityKind.PARKING, "北侧停车位", Condition.FAIR, {"parking_spaces": 118}),
        (FacilityKind.CHARGING, "一号充电棚", Condition.GOOD, {}),
        (FacilityKind.CHARGING, "二号充电棚", Condition.POOR, {}),
        (FacilityKind.WASTE, "一号垃圾厢房", Condition.FAIR, {}),
        (FacilityKind.WASTE, "二号垃圾厢房", Condition.POOR, {}),
        (FacilityKind.WASTE, "三号垃圾厢房", Condition.GOOD, {}),
    ),
    cars=612,
    source="物业夜间清点",
)
_NEWER = Stone(
    years=(1996, 2001),
    housing_type=HousingType.COMMERCIAL,
    structures={Structure.BRICK: 80, Structure.FRAME: 20},
    tenures={Tenure.COMMERCIAL: 88, Tenure.SOLD_PUBLIC: 12},
    areas={AreaBand.TO_50: 8, AreaBand.TO_70: 47, AreaBand.OVER_70: 45},
    defects={Defect.LEAK: 0.2, Defect.WALL: 0.1},
    vacant_every=9,
    ground=(
        (FacilityKind.ACTIVITY, "会所活动室", Condition.GOOD, {"activity_space_m2": 300}),
        (FacilityKind.GROUND, "中央草坪", Condition.GOOD, {"activity_space_m2": 1500, "seats": 20}),
        (FacilityKind.PARKING, "地面停车位", Condition.FAIR, {"parking_spaces": 410}),
    ),
    cars=540,
    source="物业停车登记",
)


class Housing:
    """Describes one community; the same seed describes the same."""

    def __init__(self, shape: Shape, community: Community, staff: User) -> None:
        self._shape, self._community, self._staff = shape, community, staff
        self._random = Random(1954 if shape is JIANGNAN else 1997)  # noqa: S311
        self._stone = _OLD if shape is JIANGNAN else _NEWER
        self._places = list(
            Place.objects.filter(community=community, kind__lte=Kind.BUILDING).order_by("code")
        )

    def describe(self, *, at: datetime) -> None:
        """Buildings row by row, their flats, entrances and lights, and what stands outside."""
        buildings = [place for place in self._places if place.kind == Kind.BUILDING]
        for _block, row in groupby(buildings, key=lambda place: place.parent_id):
            self._describe_row(list(row), at)
        [root] = [place for place in self._places if place.kind == Kind.COMMUNITY]
        for kind, name, condition, facts in self._stone.ground:
            self._add(root, kind, name, condition, at, **facts)
        counting_cars.count_cars(
            self._community,
            self._stone.cars,
            on=(at - timedelta(days=9)).date(),
            source=self._stone.source,
            by=self._staff,
            at=at,
        )

    def look_into(self, *, at: datetime, until: datetime) -> None:
        """What reports before `until` called broken has been looked into; the rest waits."""
        told = intake.pending(self._staff, self._community, at=at)
        for item in told:
            if item.newest.received_at >= until:
                continue
            kind, _colon, seen = item.key.partition(":")
            pairs = (pair.split(".") for pair in seen.split(","))
            reports = {int(report): int(rev) for report, rev in pairs}
            batch = UUID(int=self._random.getrandbits(128), version=4)
            facts = {"batch": batch, "by": self._staff, "at": at}
            if item.is_not_repeated and self._random.random() < 0.6:
                confirming.set_aside(reports, kind, reason="物业已经修好", **facts)
                continue
            known = item.place.facilities.filter(kind=item.facility_kind).first()
            confirming.confirm(reports, kind, facility=known, condition=Condition.POOR, **facts)

    def _describe_row(self, row: list[Place], at: datetime) -> None:
        year = self._random.randint(*self._stone.years)
        structure = self._one_of(self._stone.structures)
        for number, place in enumerate(row):
            flats = self._flats(extra=number % self._stone.vacant_every == 0)
            defects = [
                defect
                for defect, share in self._stone.defects.items()
                if self._random.random() < share
            ]
            facts = {
                "year_built": min(year + number // 6, self._stone.years[1]),
                "structure": structure,
                "storeys": max(self._shape.floors),
                "has_lift": False,
                "housing_type": self._stone.housing_type,
                "defects": defects,
                "defects_seen_on": (at - timedelta(days=20)).date(),
                "vacant_dwellings": int(number % self._stone.vacant_every == 0),
            }
            describing.describe(place, facts, flats, seen_rev=0, by=self._staff, at=at)
            for kind in (FacilityKind.ENTRANCE, FacilityKind.LIGHT):
                condition = self._one_of({Condition.GOOD: 60, Condition.FAIR: 40})
                self._add(place, kind, str(kind.label), Condition(condition), at)

    def _flats(self, *, extra: bool) -> dict[tuple[str, str], int]:
        """One flat a door, and one on the ground floor that stands empty."""
        flats: dict[tuple[str, str], int] = {}
        for _each in range(len(self._shape.floors) * self._shape.doors + extra):
            cell = (self._one_of(self._stone.tenures), self._one_of(self._stone.areas))
            flats[cell] = flats.get(cell, 0) + 1
        return flats

    def _add(
        self,
        place: Place,
        kind: FacilityKind,
        name: str,
        condition: Condition,
        at: datetime,
        **facts: Any,
    ) -> None:
        on = (at - timedelta(days=self._random.randint(10, 90))).date()
        facts |= {"kind": kind, "name": name}
        inspecting.add(place, facts, condition=condition, on=on, by=self._staff, at=at)

    def _one_of(self, weights: dict[str, int]) -> str:
        return self._random.choices(list(weights), list(weights.values()))[0]
