"""What offices call our measures: matching headers by name, unit and percent sign."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from reports import measures

VALUE, NUMERATOR, DENOMINATOR = "value", "numerator", "denominator"


@dataclass(frozen=True)
class Wanted:
    """A measure and which of its numbers."""

    measure: str
    part: str = VALUE


_HOUSEHOLDS: dict[str, tuple[str, ...]] = {
    VALUE: ("登记率", "住户登记率", "入户登记率"),
    NUMERATOR: ("登记过的户", "已登记户", "登记户", "已登记住户"),
    DENOMINATOR: ("住户", "总户数", "户数", "居民户数", "住户总数", "在用住户"),
}
# code → part → names. The measure's own name is its value; the first name of a part is its label.
_NAMES: dict[str, dict[str, tuple[str, ...]]] = {
    "COV_B": {
        VALUE: ("覆盖率", "楼组报告覆盖率", "上报率", "报送率", "报告率"),
        NUMERATOR: ("已报楼组", "已报", "实报", "实报楼组", "已上报", "已上报楼组", "收到报告"),
        DENOMINATOR: ("应报楼组", "应报", "应上报", "应上报楼组", "楼组总数", "楼组数"),
    },
    "MISS_N": {VALUE: ("未报", "未上报", "未收到", "未上报楼组", "漏报楼组")},
    "NIL_RATE": {
        VALUE: ("报平安率", "平安率", "零报告率"),
        NUMERATOR: ("报平安楼组", "报平安", "平安无事", "零报告"),
    },
    "ONTIME_B": {
        VALUE: ("按时率", "及时率", "报送及时率", "按时上报率"),
        NUMERATOR: ("按时报的楼组", "按时上报", "按时报", "按时"),
    },
    "HAZ_CORR": {VALUE: ("楼道堆物", "楼道堆物隐患", "堆物待清", "楼道杂物")},
    "HAZ_EBIKE": {
        VALUE: ("充电隐患", "电动车充电隐患", "电动车隐患", "飞线充电", "电动自行车充电隐患")
    },
    "WASTE_GOOD": {
        VALUE: ("垃圾分类良好", "垃圾分类达标率", "分类良好率", "垃圾分类优良率"),
        NUMERATOR: ("垃圾分类良好楼组", "分类良好楼组"),
        DENOMINATOR: ("答过垃圾分类的楼组",),
    },
    "FAC_REPORTED": {VALUE: ("设施损坏", "公共设施损坏", "设施报修", "损坏设施")},
    "STOCK_LOW": {VALUE: ("物资紧张楼组", "物资短缺")},
    "DISP_N": {VALUE: ("邻里矛盾", "矛盾纠纷", "邻里矛盾纠纷", "纠纷")},
    "DATA_DISPUTE": {VALUE: ("数据有出入",)},
    "DISP_MEDIATED": {VALUE: ("调解率", "调解成功率"), NUMERATOR: ("已调解", "调解成功")},
    "VISIT_N": {VALUE: ("走访", "入户走访", "走访次数", "走访户次数", "入户走访户次")},
    "VISIT_HH": {VALUE: ("走访住户", "入户走访户", "走访过的住户")},
    "HH_ABSENT": {VALUE: ("没人在家", "未遇户次")},
    "URG_N": {VALUE: ("紧急事件", "突发事件")},
    "SUGG_N": {VALUE: ("居民建议", "意见和建议", "居民意见")},
    "POP_IN": {VALUE: ("新来", "新增人口", "流入", "迁入", "新来人口", "流入人口", "新来人员")},
    "POP_OUT": {VALUE: ("离开", "流出", "迁出", "离开人口", "流出人口", "离开人员")},
    "HH_CONFIRMED": {VALUE: ("已确认住户", "本季已确认", "本季确认户数")},
    "POP_RES": {VALUE: ("常住人数", "常住居民", "常住")},
    # Who counts them and who counts those that are registered may be one measure or two.
    "HH_N": {**_HOUSEHOLDS},
    "HH_COUNTED": _HOUSEHOLDS,
    "POP_60_RATE": {
        VALUE: ("老龄化率", "老年人占比", "老年人口占比", "60岁以上占比"),
        NUMERATOR: ("60岁及以上", "60岁以上", "60岁以上老人", "60岁及以上人口", "老年人口"),
    },
    "POP_80_N": {VALUE: ("80岁及以上", "80岁以上", "80岁以上老人", "高龄老人")},
    "ALONE_N": {VALUE: ("独居", "独居老年人", "独居老人")},
    "POP_NONLOCAL_RATE": {
        VALUE: ("外来常住人口占比",),
        NUMERATOR: ("外来常住", "外来常住人口"),
    },
    "POP_FLOATING_RATE": {
        VALUE: ("外来流动人口占比",),
        NUMERATOR: ("外来流动", "外来流动人口", "流动人口"),
        DENOMINATOR: ("实有人口", "实有", "实有人数"),
    },
}
# Heads that only say how something above or before them is counted.
_GENERIC = {
    **dict.fromkeys(("占比", "比例", "率", "百分比", "%", "比率"), VALUE),
    **dict.fromkeys(
        ("人数", "数量", "数", "户数小计", "个数", "处数", "人", "户", "处", "个", "次", "楼组"),
        NUMERATOR,
    ),
    **dict.fromkeys(("数值", "本月", "本期", "本周", "本季", "本月数", "本期数", "完成情况"), ""),
}
_RATES = ("率", "占比", "比例")
_BRACKETS = re.compile(r"\(([^()]*)\)$")


@lru_cache(maxsize=4096)
def plain(text: str) -> tuple[str, str]:
    """A header without spaces, numbering and unit, and its unit: 「2.覆盖率(%)」 → (覆盖率, %)."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))
    text = re.sub(r"^(其中[:、]?|[一二三四五六七八九十]+、|\d+[.、])", "", text).rstrip(":")
    found = _BRACKETS.search(text)
    unit = found[1] if found else ""
    text = _BRACKETS.sub("", text)
    if text.endswith("%") and len(text) > 1:
        text, unit = text[:-1], "%"
    return (text[:-1] if text.endswith("数") and len(text) > 2 else text), unit


def _index() -> dict[str, Wanted]:
    """By plain name; a measure's own name comes before any other's alias."""
    index = {plain(str(m.name))[0]: Wanted(m.code) for m in measures.CATALOGUE}
    for measure in measures.CATALOGUE:
        is_rate = measure.denominator is not None
        for part, names in _NAMES.get(measure.code, {}).items():
            for name in names:
                # A count has one number, and is no 「率」.
                if is_rate or (part == VALUE and not name.endswith(_RATES)):
                    index.setdefault(plain(name)[0], Wanted(measure.code, part))
    return index


INDEX = _index()


def match(heads: Sequence[str]) -> Wanted | None:
    """What the headers along one side of a cell ask for: the nearest, joined to those before."""
    rest = [plain(head) for head in heads]
    hint = ""
    while rest and rest[-1][0] in _GENERIC and (len(rest) > 1 or rest[-1][0] not in INDEX):
        hint = _GENERIC[rest.pop()[0]] or hint
    for count in range(min(3, len(rest)), 0, -1):
        joined = "".join(text for text, _unit in rest[-count:])
        if joined in INDEX:
            unit = rest[-1][1]
            return _as_asked(INDEX[joined], VALUE if unit == "%" else hint)
    return None


def is_generic(heads: Sequence[str]) -> bool:
    """Whether some header says how it is counted, or that it is of this period."""
    return any(plain(head)[0] in _GENERIC for head in heads)


def _as_asked(wanted: Wanted, hint: str) -> Wanted:
    measure = next(m for m in measures.CATALOGUE if m.code == wanted.measure)
    if measure.denominator is None or not hint or wanted.part == DENOMINATOR:
        return wanted
    return Wanted(wanted.measure, hint)


def label_of(wanted: Wanted) -> str:
    """「报告覆盖率」, 「已报楼组」; a part without a name is called after its measure."""
    measure = next((m for m in measures.CATALOGUE if m.code == wanted.measure), None)
    if measure is None:
        return wanted.measure
    if wanted.part == VALUE:
        return str(measure.name)
    named = _NAMES.get(wanted.measure, {}).get(wanted.part)
    ending = _("分子") if wanted.part == NUMERATOR else _("分母")
    return named[0] if named else f"{measure.name}{ending}"


def choices() -> list[tuple[str, str]]:
    """(「COV_B:value」, label) of every number that can be asked for."""
    return [
        (f"{measure.code}:{part}", label_of(Wanted(measure.code, part)))
        for measure in measures.CATALOGUE
        for part in ([VALUE] if measure.denominator is None else [VALUE, NUMERATOR, DENOMINATOR])
    ]
