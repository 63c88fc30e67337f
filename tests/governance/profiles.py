"""Small worlds of the profiles: buildings that call something broken, and a community described."""

from datetime import datetime
from uuid import uuid4

from governance.profiles import confirming, counting_cars, describing, inspecting, intake
from governance.profiles.intake import Item
from governance.profiles.models import AreaBand, Condition, Facility, FacilityKind, Tenure
from reports import filing
from reports.models import Report
from tests import factories as f
from units.models import Community, Place, User

AT = f.WEDNESDAY


def broken(
    place: Place, *kinds: str, by: User, at: datetime = AT, note: str = "", **more: object
) -> Report:
    """The building's report of the week of `at`, calling these kinds broken."""
    answers = {"facility": "broken", "facility_kind": list(kinds)}
    if note:
        answers["note"] = note
    owed = f.owed(place, f.open_week(at))
    return filing.file(owed, f.sending(by, answers=answers, **more), at=at).report


def items(user: User, community: Community, at: datetime = AT) -> list[Item]:
    return intake.pending(user, community, at=at)


def seen(item: Item) -> dict[int, int]:
    return {each.report_id: each.rev for each in item.filings}


def light(
    place: Place, by: User, condition: str = Condition.GOOD, *, at: datetime = AT
) -> Facility:
    told = {"kind": FacilityKind.LIGHT, "name": "楼道照明"}
    return inspecting.add(place, told, condition=condition, on=at.date(), by=by, at=at)


def describe(community: Community, by: User, *, at: datetime = AT, buildings: int = 3) -> None:
    """Old workers' housing, a garden, a car park and more cars than spaces."""
    root = f.root(community)
    for number in range(1, buildings + 1):
        place = f.building(community, number)
        facts = {
            "year_built": 1954,
            "storeys": 6,
            "has_lift": False,
            "structure": "brick",
            "housing_type": "workers",
            "defects": ["leak", "pipes"],
            "defects_seen_on": at.date(),
            "vacant_dwellings": 1,
        }
        flats = {
            (Tenure.SOLD_PUBLIC, AreaBand.TO_50): 14,
            (Tenure.PUBLIC, AreaBand.UNDER_30): 6,
        }
        describing.describe(place, facts, flats, seen_rev=0, by=by, at=at)
        inspecting.add(
            place,
            {"kind": FacilityKind.LIGHT, "name": "楼道照明"},
            condition=Condition.GOOD,
            on=at.date(),
            by=by,
            at=at,
        )
    for kind, name, facts in (
        (FacilityKind.GROUND, "中心花园", {"activity_space_m2": 60, "seats": 12}),
        (FacilityKind.PARKING, "南侧停车位", {"parking_spaces": 40}),
    ):
        told = {"kind": kind, "name": name, **facts}
        inspecting.add(root, told, condition=Condition.FAIR, on=at.date(), by=by, at=at)
    counting_cars.count_cars(community, 65, on=at.date(), source="物业夜间清点", by=by, at=at)


def decide(community: Community, staff: User) -> None:
    """A light confirmed and an entrance set aside."""
    place = f.building(community, 3)
    broken(place, "light", "door", by=f.seat(place))
    for item in items(staff, community):
        facts = {"by": staff, "at": AT, **batch()}
        if item.kind == "light":
            lamp = place.facilities.get(kind=FacilityKind.LIGHT)
            confirming.confirm(seen(item), "light", facility=lamp, condition="poor", **facts)
        else:
            confirming.set_aside(seen(item), item.kind, reason="已经修好", **facts)


def batch() -> dict[str, object]:
    return {"batch": uuid4()}
