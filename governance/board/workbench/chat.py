"""Words to paste into a group chat: how many and which buildings, never a person or a door."""

import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.board.workbench.items import Item, Sort, Tab, due_in_words
from reports.models import Obligation, Period

_NUMBERED = re.compile(r"(\d+)(\D+)")


def words_for_chat(items: Sequence[Item], *, at: datetime) -> str:
    """One line for each kind of thing among `items`; "" where there is nothing for a chat."""
    return "\n".join([*_owed(items, at), *_heard(items), *_returned(items), *_in_hand(items)])


def _owed(items: Sequence[Item], at: datetime) -> list[str]:
    missing: dict[tuple[int, int], list[Obligation]] = defaultdict(list)
    for item in items:
        # The community's own is the committee's to write.
        if item.is_owed and item.sort in (Sort.BUILDING, Sort.BLOCK):
            missing[item.about.period_id, item.about.form_id].append(item.about)
    lines = []
    for owed in missing.values():
        first = owed[0]
        lines.append(
            _("%(when)s还差%(count)d个%(what)s没有报：%(names)s。%(until)s")
            % {
                "when": _when(first.period, at),
                "count": len(owed),
                "what": first.form.name[:2],
                "names": _names([each.place.name for each in owed]),
                "until": _until(first, at),
            }
        )
    return lines


def _until(owed: Obligation, at: datetime) -> str:
    is_building = owed.place.is_building
    if at < owed.due_at:
        until = _("%s前报一下") % due_in_words(owed.due_at, at)
    else:
        until = _("已过应报时间，%s前还可以补报") % due_in_words(owed.closes_at, at)
    return until + (_("，没事点一下平安就行。") if is_building else _("。"))


def _when(period: Period, at: datetime) -> str:
    today = timezone.localdate(at)
    if period.kind == Period.PeriodKind.WEEK and period.starts_on <= today <= period.ends_on:
        return _("本周")
    return period.short_label


def _names(names: Sequence[str]) -> str:
    """「1、3、7号楼组」 where they differ in the number alone."""
    told = [_NUMBERED.fullmatch(name) for name in names]
    rest = {match[2] for match in told if match}
    if all(told) and len(rest) == 1:
        return "、".join(match[1] for match in told if match) + rest.pop()
    return "、".join(names)


def _heard(items: Sequence[Item]) -> list[str]:
    new = [item for item in items if item.tab == Tab.NEW]
    count = Counter(item.sort for item in new)
    voices, matters = count[Sort.VOICE], count[Sort.MATTER]
    # Facilities are in the reports already; what is between offices is nobody else's business.
    reports = len(new) - voices - matters - count[Sort.FACILITY]
    told = [
        _("%d份报告里的情况") % reports if reports else "",
        _("%d件楼组报的事") % matters if matters else "",
        _("%d条居民反映") % voices if voices else "",
    ]
    if not any(told):
        return []
    return [_("居委会新收到%s，正在一件件看，办好了给回音。") % "、".join(filter(None, told))]


def _returned(items: Sequence[Item]) -> list[str]:
    """How many and not which: a mistake is nobody else's business."""
    back = [i for i in items if i.tab == Tab.BACK and i.key.startswith("back") and i.block]
    if not back:
        return []
    return [
        _("有%d份报告退回后还没有改。请打开同构首页，看最上面那一条，按写的理由改一下。")
        % len(back)
    ]


def _in_hand(items: Sequence[Item]) -> list[str]:
    count = sum(item.tab == Tab.REPLY for item in items)
    return [_("大家报上来的事，有%d件居委会正在办，办好了给回音。") % count] if count else []
