"""Titles that answer: what each part of the profile comes to, in one sentence."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from governance.profiles.amounts import Amount
from governance.profiles.charts import Bar
from reports.measures import Figure


def people(households: Figure | None, residents: Figure | None) -> str:
    if not households or not residents or residents.is_hidden or households.is_hidden:
        return _("人口")
    return _("%(residents)s人住在%(households)s户") % {
        "residents": residents.text,
        "households": households.text,
    }


def ages(aged: Figure | None) -> str:
    if aged is None or aged.is_hidden or aged.value is None:
        return _("各年龄段")
    return _("60岁及以上占%s") % aged.text


def most(bars: Sequence[Bar], *, all_: str, some: str, none: str = "") -> str:
    """`all_` takes the only part as %(label)s, `some` the largest with its %(share)s."""
    if not bars:
        return none
    largest = max(bars, key=lambda bar: bar.count)
    sentence = all_ if largest.count == largest.total else some
    return sentence % {"label": largest.label, "share": largest.share}


def lifts(without: int, known: int) -> str:
    if not known:
        return _("有没有电梯还没有登记")
    if without == known:
        return _("登记过的%d个楼组都没有电梯") % known
    if not without:
        return _("登记过的%d个楼组都有电梯") % known
    return _("登记过的%(known)d个楼组里，%(without)d个没有电梯") % {
        "known": known,
        "without": without,
    }


def defects(with_defects: int, seen: int) -> str:
    if not seen:
        return _("缺损还没有看过")
    if not with_defects:
        return _("看过%d个楼组，没有缺损") % seen
    return _("看过%(seen)d个楼组，%(bad)d个有缺损") % {"seen": seen, "bad": with_defects}


def facilities(total: int, faulty: int) -> str:
    if not total:
        return _("设施还没有登记")
    if not faulty:
        return _("登记了%d处设施，没有差的和停用的") % total
    return _("登记了%(total)d处设施，%(faulty)d处差或停用") % {"total": total, "faulty": faulty}


def space(per_person: Amount, deficit: Amount) -> str:
    told = []
    if per_person.value is not None:
        told.append(_("每人%s㎡活动空间") % per_person.text)
    if isinstance(deficit.value, int):
        lacking = _("停车还差%s个车位") % deficit.text
        told.append(lacking if deficit.value > 0 else _("停车位够用"))
    if len(told) == 2:
        return _("%(one)s，%(other)s") % {"one": told[0], "other": told[1]}
    return told[0] if told else _("活动和停车空间")
