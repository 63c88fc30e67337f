"""Space for everybody and for cars: figures that are no measures of reports, with their 口径."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.profiles.models import Condition, Facility, ParkingNeed
from reports.disclosure import FEWEST, Sign
from reports.measures import Figure

PER_PERSON = gettext_lazy(
    "在用的活动室、活动场地等登记的活动空间之和 ÷ 常住人口；停用的和没有登记面积的不算在内"
)
DEFICIT = gettext_lazy(
    "最近一次统计的要停的车 − 在用的停车位；停用的停车位不算在内。只有车数，不登记车牌和车主"
)
SEATS = gettext_lazy("在用设施登记的公共座位之和")
VACANT = gettext_lazy("各楼组登记的没有人住的房屋；一套房屋可以住几户，所以套数和户数不一样")


@dataclass(frozen=True)
class Amount:
    """What is shown as a figure is: a name, a value in words, and how it is worked out."""

    name: str | Promise
    text: str
    unit: str | Promise
    definition: str | Promise
    more: str = ""
    value: Decimal | int | None = None

    @property
    def has_unit(self) -> bool:
        return self.value is not None


def space_per_person(facilities: Iterable[Facility], residents: Figure | None) -> Amount:
    """Square metres; unknown while no space or nobody is known, hidden as the residents are."""
    known = [f for f in facilities if f.activity_space_m2 is not None]
    space = sum((f.activity_space_m2 or Decimal(0) for f in _in_use(known)), Decimal(0))
    name, unit = _("人均活动空间"), _("㎡")
    if residents is not None and residents.is_hidden:
        return Amount(name, residents.text, unit, PER_PERSON)
    people = residents.numerator if residents else None
    if not people or people < 0 or not known:
        lacking = _("还没有登记活动空间") if people else _("还没有登记人数")
        return Amount(name, "—", unit, PER_PERSON, lacking)
    value = (space / people).quantize(Decimal("0.01"), ROUND_HALF_UP)
    words = _("%(space)s㎡ ÷ %(people)s人") % {
        "space": f"{space:,.1f}".removesuffix(".0"),
        "people": f"{people:,}",
    }
    return Amount(name, f"{value}", unit, PER_PERSON, words, value)


def parking_deficit(
    facilities: Iterable[Facility], need: ParkingNeed | None, *, is_above: bool
) -> Amount:
    """Cars less spaces; unknown until somebody has counted cars. Below zero there is room."""
    known = [f for f in facilities if f.parking_spaces is not None]
    spaces = sum(f.parking_spaces or 0 for f in _in_use(known))
    name, unit = _("停车缺口"), _("个车位")
    if not known:
        return Amount(name, "—", unit, DEFICIT, _("还没有登记车位"))
    if need is None:
        words = _("车位%d个；还没有统计要停多少辆车") % spaces
        return Amount(name, "—", unit, DEFICIT, words)
    if is_above and need.cars < FEWEST:
        return Amount(name, str(Sign.APART.label), unit, DEFICIT)
    words = _("要停%(cars)s辆 − 车位%(spaces)s个") % {
        "cars": f"{need.cars:,}",
        "spaces": f"{spaces:,}",
    }
    value = need.cars - spaces
    return Amount(name, f"{max(value, 0):,}", unit, DEFICIT, words, value)


def public_seats(facilities: Iterable[Facility]) -> Amount:
    known = [f for f in facilities if f.seats is not None]
    if not known:
        return Amount(_("公共座位"), "—", _("个座位"), SEATS, _("还没有登记"))
    seats = sum(f.seats or 0 for f in _in_use(known))
    return Amount(_("公共座位"), f"{seats:,}", _("个座位"), SEATS, "", seats)


def vacant_flats(told: list[int], flats: int, buildings: int, *, is_above: bool) -> Amount:
    """`told` one number a building that says how many stand empty."""
    name, unit = _("空关房"), _("套")
    if not told:
        return Amount(name, "—", unit, VACANT, _("还没有登记"))
    vacant = sum(told)
    if is_above and not (vacant >= FEWEST and flats - vacant >= FEWEST):
        return Amount(name, str(Sign.APART.label), unit, VACANT)
    words = _("登记过的楼组%(told)d/%(all)d") % {"told": len(told), "all": buildings}
    return Amount(name, f"{vacant:,}", unit, VACANT, words, vacant)


def _in_use(facilities: Iterable[Facility]) -> list[Facility]:
    return [f for f in facilities if f.condition != Condition.STOPPED]
