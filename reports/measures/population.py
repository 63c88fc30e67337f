"""Measures of who lives here now. Two populations that are never mixed: 常住 and 实有."""

from dataclasses import replace

from django.utils.translation import gettext_lazy as _

from reports.measures.measure import Better, Measure, Source, seen_by
from units.kinds import Kind

_STOCK = Measure(
    "",
    "",
    "",
    _("人"),
    {},
    is_stock=True,
    source=Source.STOCK,
    periods=("now",),
    level=Kind.BLOCK,
    viewers=seen_by("CD"),
)

RESIDENTS = replace(
    _STOCK,
    code="POP_RES",
    name=_("常住人口"),
    definition=_("各户最近一次登记的人数，加上之后新来的，减去之后离开的；没有登记过的户不算在内"),
    numerator={"residents": 1},
    viewers=seen_by("BKCDP"),
    level=Kind.BUILDING,
)
HOUSEHOLDS = replace(
    _STOCK,
    code="HH_N",
    name=_("住户"),
    definition=_("在用的住户数，没有登记过人数的也算"),
    unit=_("户"),
    numerator={"households": 1},
    viewers=seen_by("BKCDP"),
    level=Kind.BUILDING,
)
COUNTED = replace(
    _STOCK,
    code="HH_COUNTED",
    name=_("登记过的住户"),
    definition=_("登记过人数的住户 ÷ 在用的住户"),
    unit=_("户"),
    numerator={"households_counted": 1},
    denominator={"households": 1},
    better=Better.HIGHER,
    viewers=seen_by("BKCD"),
    level=Kind.BUILDING,
)
AGED_60 = replace(
    _STOCK,
    code="POP_60_RATE",
    name=_("60岁及以上占比"),
    definition=_("最近一次登记时60岁及以上的人 ÷ 常住人口"),
    numerator={"aged_60_plus": 1},
    denominator={"residents": 1},
    viewers=seen_by("CDP"),
)
AGED_80 = replace(
    _STOCK,
    code="POP_80_N",
    name=_("80岁及以上人数"),
    definition=_("最近一次登记时80岁及以上的人"),
    numerator={"aged_80_plus": 1},
    is_sensitive=True,
)
ALONE = replace(
    _STOCK,
    code="ALONE_N",
    name=_("独居老人"),
    definition=_("最近一次登记时60岁及以上、一个人住的人"),
    numerator={"living_alone": 1},
    is_sensitive=True,
)
NONLOCAL = replace(
    _STOCK,
    code="POP_NONLOCAL_RATE",
    name=_("外来常住占比"),
    definition=_("户籍不在本市的常住人口 ÷ 常住人口；和外来流动占比不是一回事"),
    numerator={"nonlocal_residents": 1},
    denominator={"residents": 1},
    viewers=seen_by("CDP"),
)
FLOATING = replace(
    _STOCK,
    code="POP_FLOATING_RATE",
    name=_("外来流动占比"),
    definition=_("外来流动人口 ÷ 实有人口；短住的也算，和外来常住占比不是一回事"),
    numerator={"floating": 1},
    denominator={"actual": 1},
)

MEASURES = (RESIDENTS, HOUSEHOLDS, COUNTED, AGED_60, AGED_80, ALONE, NONLOCAL, FLOATING)
