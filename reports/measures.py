"""What is counted, declared: each measure with its columns, definition (口径), unit and polarity.

A rate is always Σ numerator ÷ Σ denominator of the same rows, never a mean of rates. A measure with
no denominator is a count. Missing is never zero: a rate over nothing has no value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Better(StrEnum):
    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


# Column expressions are sums of Summary columns, each with its sign.
Terms = Mapping[str, int]


@dataclass(frozen=True)
class Measure:
    code: str
    name: str | Promise
    definition: str | Promise
    unit: str | Promise
    numerator: Terms
    denominator: Terms | None = None
    better: Better = Better.NEITHER
    # Above the community only through the disclosure filter; until it stands: not at all.
    is_sensitive: bool = False
    # Who lives here now, rather than what was said in a period.
    is_stock: bool = False
    # A changed formula is the next version; old periods keep theirs.
    version: int = 1


@dataclass(frozen=True)
class Figure:
    """A measure of one set of summary rows. `value` None means nobody reported: not zero."""

    measure: Measure
    numerator: int
    denominator: int | None

    @property
    def value(self) -> Decimal | None:
        """A count, or a percentage with one decimal (95.2)."""
        if self.denominator is None:
            return Decimal(self.numerator)
        if self.denominator == 0:
            return None
        exact = Decimal(100 * self.numerator) / self.denominator
        return exact.quantize(Decimal("0.1"), ROUND_HALF_UP)

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None

    @property
    def text(self) -> str:
        """「95.2%」, 「7」 or 「—」."""
        if self.value is None:
            return "—"
        return f"{self.value}%" if self.is_rate else f"{self.numerator:,}"

    @property
    def fraction(self) -> str:
        """「119/125」 for a rate, nothing for a count."""
        return f"{self.numerator:,}/{self.denominator:,}" if self.is_rate else ""


EXPECTED: Terms = {"building_owed": 1, "building_excused": -1}

COVERAGE = Measure(
    "COV_B",
    _("报告覆盖率"),
    _("已报楼组（含报平安）÷ 应报楼组；免报的不算在应报里，没收到的不当作零"),
    _("楼组"),
    {"building_filed": 1},
    EXPECTED,
    Better.HIGHER,
)
MISSING = Measure(
    "MISS_N",
    _("未报楼组"),
    _("应报而还没有收到报告的楼组数；没收到不等于没有事"),
    _("个"),
    {**EXPECTED, "building_filed": -1},
    better=Better.LOWER,
)
NIL = Measure(
    "NIL_RATE",
    _("报平安占比"),
    _("报“本周平安无事”的楼组 ÷ 已报楼组"),
    _("楼组"),
    {"building_nil": 1},
    {"building_filed": 1},
)
ON_TIME = Measure(
    "ONTIME_B",
    _("按时报告率"),
    _("周日20:00前填好的楼组 ÷ 已报楼组；手机没信号、48小时内送到的也算按时"),
    _("楼组"),
    {"building_on_time": 1},
    {"building_filed": 1},
    Better.HIGHER,
)
CORRIDOR = Measure(
    "HAZ_CORR",
    _("楼道堆物待清"),
    _("本期报告里楼道堆物“有，待清”的楼组数"),
    _("处"),
    {"corridor_uncleared": 1},
    better=Better.LOWER,
)
EBIKE = Measure(
    "HAZ_EBIKE",
    _("充电隐患待处理"),
    _("本期报告里电动车、充电“有，待处理”的楼组数"),
    _("处"),
    {"ebike_unresolved": 1},
    better=Better.LOWER,
)
WASTE = Measure(
    "WASTE_GOOD",
    _("垃圾分类良好率"),
    _("答“好”的楼组 ÷ 答过这一项的楼组；报平安的没有答这一项，不在内"),
    _("楼组"),
    {"waste_good": 1},
    {"waste_answered": 1},
    Better.HIGHER,
)
FACILITY = Measure(
    "FAC_REPORTED",
    _("设施有损坏"),
    _("本期报告里设施“有”损坏的楼组数"),
    _("处"),
    {"facility_reported": 1},
    better=Better.LOWER,
)
STOCK = Measure(
    "STOCK_LOW",
    _("物资紧张"),
    _("本期报告里物资“紧张”的楼组数"),
    _("处"),
    {"stock_tight": 1},
    better=Better.LOWER,
)
DISPUTES = Measure(
    "DISP_N",
    _("邻里纠纷"),
    _("本期报告里邻里关系有事的楼组数，含已调解的"),
    _("处"),
    {"disputes": 1},
    better=Better.LOWER,
    is_sensitive=True,
)
FIGURES_DISPUTED = Measure(
    "DATA_DISPUTE",
    _("数字有出入"),
    _("本期报告里说“上面的数字有出入”的楼组数"),
    _("个"),
    {"figures_disputed": 1},
    better=Better.LOWER,
)

# Beside the number of residents these tell at one door who lives alone and old.
TELLING_AT_A_DOOR = frozenset({"aged_60_plus", "nonlocal_residents", "floating", "actual"})
RESIDENTS = Measure(
    "POP_RES",
    _("常住人口"),
    _("各户最近一次登记的人数，加上之后新来的，减去之后离开的；没有登记过的户不算在内"),
    _("人"),
    {"residents": 1},
    is_stock=True,
)
COUNTED = Measure(
    "HH_N",
    _("登记过的住户"),
    _("登记过人数的住户 ÷ 在用的住户"),
    _("户"),
    {"households_counted": 1},
    {"households": 1},
    Better.HIGHER,
    is_stock=True,
)
AGED_60 = Measure(
    "POP_60_RATE",
    _("60岁及以上占比"),
    _("最近一次登记时60岁及以上的人 ÷ 常住人口"),
    _("人"),
    {"aged_60_plus": 1},
    {"residents": 1},
    is_stock=True,
)
NONLOCAL = Measure(
    "POP_NONLOCAL_RATE",
    _("外来常住占比"),
    _("户籍不在本市的常住人口 ÷ 常住人口；和外来流动占比不是一回事"),
    _("人"),
    {"nonlocal_residents": 1},
    {"residents": 1},
    is_stock=True,
)
FLOATING = Measure(
    "POP_FLOATING_RATE",
    _("外来流动占比"),
    _("外来流动人口 ÷ 实有人口；短住的也算，和外来常住占比不是一回事"),
    _("人"),
    {"floating": 1},
    {"actual": 1},
    is_stock=True,
)
VISITS = Measure(
    "VISIT_N",
    _("走访户次"),
    _("本周家庭报告里说是走访的次数，没人在家也算"),
    _("次"),
    {"visits": 1},
)
ARRIVED = Measure(
    "POP_IN",
    _("新来人数"),
    _("本周家庭报告里新来的人数；更正登记错误不算"),
    _("人"),
    {"arrived": 1},
)
DEPARTED = Measure(
    "POP_OUT",
    _("离开人数"),
    _("本周家庭报告里离开的人数；更正登记错误不算"),
    _("人"),
    {"departed": 1},
)
CONFIRMED = Measure(
    "HH_CONFIRMED",
    _("本季已确认的住户"),
    _("本季说过无变化或有变化的住户，一户只算一次；没人在家的不算"),
    _("户"),
    {"confirmed": 1},
)
# Who lives here now, what their week was, what of the quarter is confirmed.
POPULATION = (RESIDENTS, COUNTED, AGED_60, NONLOCAL, FLOATING)
MOVEMENT = (VISITS, ARRIVED, DEPARTED)

CATALOGUE = (
    COVERAGE,
    MISSING,
    NIL,
    ON_TIME,
    CORRIDOR,
    EBIKE,
    WASTE,
    FACILITY,
    STOCK,
    DISPUTES,
    FIGURES_DISPUTED,
    *MOVEMENT,
    CONFIRMED,
    *POPULATION,
)


def of_periods() -> list[Measure]:
    return [measure for measure in CATALOGUE if not measure.is_stock]


def of_stock() -> list[Measure]:
    return [measure for measure in CATALOGUE if measure.is_stock]


def version_of(code: str, version: int) -> Measure:
    """Raises KeyError for a version that never was."""
    return _VERSIONS[code, version]


_VERSIONS = {(measure.code, measure.version): measure for measure in CATALOGUE}

# Columns for the committee only: not for a neighbour's eyes, and above the community not before
# the disclosure filter stands.
SENSITIVE = frozenset(
    {"disputes", "mediated", "help_asked", "aged_80_plus", "living_alone", "stock_disputed"}
)
# What asks somebody to do something, in the order it is shown.
CONCERNS = (CORRIDOR, EBIKE, FACILITY, STOCK, DISPUTES)


def figure(measure: Measure, rows: Iterable[Any]) -> Figure:
    """`measure` over summary rows (models or dicts), summed before anything is divided."""
    rows = list(rows)
    denominator = measure.denominator
    return Figure(
        measure,
        _sum(measure.numerator, rows),
        None if denominator is None else _sum(denominator, rows),
    )


def _sum(terms: Terms, rows: list[Any]) -> int:
    return sum(
        sign * (row[column] if isinstance(row, dict) else getattr(row, column))
        for row in rows
        for column, sign in terms.items()
    )
