"""Measures of the periodic reports: what came in, and what building reports say."""

from django.utils.translation import gettext_lazy as _

from reports.measures.measure import Better, Measure, Source, Terms, seen_by
from units.kinds import Kind

EXPECTED: Terms = {"building_owed": 1, "building_excused": -1}
# A calm week is two taps; else open the form, answer what is required, send. When the form changes
# this is the next version of BURDEN (a test compares it with the form).
TAPS_NIL, TAPS_FORM = 2, 9

COVERAGE = Measure(
    "COV_B",
    _("报告覆盖率"),
    _("已报楼组（含报平安）÷ 应报楼组；免报的不算在应报里，没收到的不当作零"),
    _("楼组"),
    {"building_filed": 1},
    EXPECTED,
    Better.HIGHER,
    viewers=seen_by("KCDP"),
)
MISSING = Measure(
    "MISS_N",
    _("未报楼组"),
    _("应报而还没有收到报告的楼组数；没收到不等于没有事"),
    _("个"),
    {**EXPECTED, "building_filed": -1},
    better=Better.LOWER,
    viewers=seen_by("KCD"),
)
NIL = Measure(
    "NIL_RATE",
    _("报平安占比"),
    _("报“本周平安无事”的楼组 ÷ 已报楼组"),
    _("楼组"),
    {"building_nil": 1},
    {"building_filed": 1},
    viewers=seen_by("CD"),
)
ON_TIME = Measure(
    "ONTIME_B",
    _("按时报告率"),
    _("周日20:00前填好的楼组 ÷ 已报楼组；手机没信号、48小时内送到的也算按时"),
    _("楼组"),
    {"building_on_time": 1},
    {"building_filed": 1},
    Better.HIGHER,
    viewers=seen_by("CD"),
)
BLOCK_COVERAGE = Measure(
    "COV_K",
    _("片区报告覆盖率"),
    _("已报片区 ÷ 应报片区；免报的不算在应报里"),
    _("片区"),
    {"block_filed": 1},
    {"block_owed": 1, "block_excused": -1},
    Better.HIGHER,
    viewers=seen_by("KCD"),
    level=Kind.BLOCK,
    source=Source.BLOCKS,
)
COMMUNITY_COVERAGE = Measure(
    "COV_C",
    _("社区月报覆盖率"),
    _("已报居民区 ÷ 应报居民区；免报的不算在应报里"),
    _("居民区"),
    {"community_filed": 1},
    {"community_owed": 1, "community_excused": -1},
    Better.HIGHER,
    viewers=seen_by("CD"),
    level=Kind.COMMUNITY,
    source=Source.COMMUNITIES,
    periods=("month", "quarter"),
)
BURDEN = Measure(
    "BURDEN_TAPS",
    _("每份周报点击数"),
    _("报平安点2下，填表点9下（打开、必答的七项、送出），按收到的份数平均"),
    _("下"),
    {"building_nil": TAPS_NIL, "building_looked": TAPS_FORM},
    {"building_filed": 1},
    Better.LOWER,
    viewers=seen_by("CDP"),
    is_mean=True,
)
CORRIDOR = Measure(
    "HAZ_CORR",
    _("楼道堆物待清"),
    _("本期报告里楼道堆物“有，待清”的楼组数；一月、一季里看最后一份"),
    _("处"),
    {"corridor_uncleared": 1},
    better=Better.LOWER,
    viewers=seen_by("BKCDP"),
)
EBIKE = Measure(
    "HAZ_EBIKE",
    _("充电隐患待处理"),
    _("本期报告里电动车、充电“有，待处理”的楼组数；一月、一季里看最后一份"),
    _("处"),
    {"ebike_unresolved": 1},
    better=Better.LOWER,
    viewers=seen_by("BKCDP"),
)
WASTE = Measure(
    "WASTE_GOOD",
    _("垃圾分类良好率"),
    _("答“好”的楼组 ÷ 答过这一项的楼组；报平安的没有答这一项，不在内"),
    _("楼组"),
    {"waste_good": 1},
    {"waste_answered": 1},
    Better.HIGHER,
    viewers=seen_by("KCDP"),
)
FACILITY = Measure(
    "FAC_REPORTED",
    _("设施有损坏"),
    _("本期报告里设施“有”损坏的楼组数；一月、一季里看最后一份"),
    _("处"),
    {"facility_reported": 1},
    better=Better.LOWER,
    viewers=seen_by("BKCDP"),
)
STOCK = Measure(
    "STOCK_LOW",
    _("物资紧张"),
    _("本期报告里物资“紧张”的楼组数；一月、一季里看最后一份"),
    _("处"),
    {"stock_tight": 1},
    better=Better.LOWER,
    viewers=seen_by("BKC"),
)
DISPUTES = Measure(
    "DISP_N",
    _("邻里纠纷"),
    _("本期报告里邻里关系有事的楼组数，含已调解的"),
    _("处"),
    {"disputes": 1},
    better=Better.LOWER,
    viewers=seen_by("CD"),
    is_sensitive=True,
)
MEDIATED = Measure(
    "DISP_MEDIATED",
    _("纠纷调解率"),
    _("答“有事，已调解”的 ÷ 邻里关系有事的；没有纠纷时没有这个数"),
    _("处"),
    {"mediated": 1},
    {"disputes": 1},
    Better.HIGHER,
    viewers=seen_by("CD"),
    is_sensitive=True,
)
FIGURES_DISPUTED = Measure(
    "DATA_DISPUTE",
    _("数字有出入"),
    _("本期报告里说“上面的数字有出入”的楼组数；一月、一季里看最后一份"),
    _("个"),
    {"figures_disputed": 1},
    better=Better.LOWER,
    viewers=seen_by("KC"),
)

MEASURES = (
    COVERAGE,
    MISSING,
    NIL,
    ON_TIME,
    BLOCK_COVERAGE,
    COMMUNITY_COVERAGE,
    BURDEN,
    CORRIDOR,
    EBIKE,
    WASTE,
    FACILITY,
    STOCK,
    DISPUTES,
    MEDIATED,
    FIGURES_DISPUTED,
)
