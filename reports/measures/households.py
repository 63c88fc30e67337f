"""Measures of household reports: visits, people coming and going, what was confirmed or asked."""

from django.utils.translation import gettext_lazy as _

from reports.measures.measure import Measure, Source, seen_by
from units.kinds import Kind

VISITS = Measure(
    "VISIT_N",
    _("走访户次"),
    _("本期家庭报告里说是走访的次数，没人在家也算"),
    _("次"),
    {"visits": 1},
    viewers=seen_by("BKCD"),
    source=Source.HOUSEHOLDS,
)
VISITED = Measure(
    "VISIT_HH",
    _("走访户数"),
    _("本期走访过的住户，一户只算一次，没人在家也算"),
    _("户"),
    {"visited_households": 1},
    viewers=seen_by("CD"),
    source=Source.HOUSEHOLDS,
)
VISIT_COVERAGE = Measure(
    "VISIT_COV",
    _("走访覆盖率"),
    _("本季走访过的住户 ÷ 现在的住户；以前的季度也除以现在的住户"),
    _("户"),
    {"visited_households": 1},
    {"households": 1},
    viewers=seen_by("CD"),
    level=Kind.BLOCK,
    source=Source.HOUSEHOLDS,
    periods=("quarter",),
)
CONFIRMED = Measure(
    "HH_CONFIRMED",
    _("本季已确认的住户"),
    _("本季说过无变化或有变化的住户，一户只算一次；没人在家的不算"),
    _("户"),
    {"confirmed": 1},
    viewers=seen_by("BKCD"),
    source=Source.HOUSEHOLDS,
    periods=("quarter",),
)
ABSENT = Measure(
    "HH_ABSENT",
    _("没人在家户次"),
    _("本期家庭报告里说没人在家的次数；什么也没有确认"),
    _("次"),
    {"absences": 1},
    viewers=seen_by("BKC"),
    source=Source.HOUSEHOLDS,
)
ARRIVED = Measure(
    "POP_IN",
    _("新来人数"),
    _("本期家庭报告里新来的人数；更正登记错误不算"),
    _("人"),
    {"arrived": 1},
    viewers=seen_by("BKCD"),
    source=Source.HOUSEHOLDS,
)
DEPARTED = Measure(
    "POP_OUT",
    _("离开人数"),
    _("本期家庭报告里离开的人数；更正登记错误不算"),
    _("人"),
    {"departed": 1},
    viewers=seen_by("BKCD"),
    source=Source.HOUSEHOLDS,
)
URGENT = Measure(
    "URG_N",
    _("紧急事项"),
    _("本期家庭报告里说“马上”要办的件数"),
    _("件"),
    {"urgent": 1},
    viewers=seen_by("BKCD"),
    source=Source.HOUSEHOLDS,
)
SUGGESTIONS = Measure(
    "SUGG_N",
    _("意见建议"),
    _("本期家庭报告里提意见建议的件数"),
    _("件"),
    {"suggestions": 1},
    viewers=seen_by("BKCDP"),
    source=Source.HOUSEHOLDS,
)

MEASURES = (
    VISITS,
    VISITED,
    VISIT_COVERAGE,
    CONFIRMED,
    ABSENT,
    ARRIVED,
    DEPARTED,
    URGENT,
    SUGGESTIONS,
)
