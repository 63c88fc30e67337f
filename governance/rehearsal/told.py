"""What the rehearsal tells: a bar while it runs, a table and the faults at the end."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from django.core.management.base import OutputWrapper

from governance.rehearsal.kills import NAMES
from governance.rehearsal.outbox import Ledger
from governance.rehearsal.story import Story
from governance.rehearsal.verdict import Verdict

FAULTS_SHOWN = 30
_KEPT = {
    "network": "连不上",
    "not_json": "答的是网页",
    "redirect": "被转走",
    "no_receipt": "没有回执",
    "login": "要重新登录",
}
_KINDS = {"week": "周", "month": "月", "quarter": "季", "now": "当前"}
_WIDTH = 24


class Bar:
    """On a terminal one line that grows; elsewhere a line every tenth."""

    def __init__(self, stream: OutputWrapper, total: int) -> None:
        self._stream, self._total, self._told = stream, total, -1

    def show(self, ledger: Ledger) -> None:
        done, written = ledger.settled(), len(ledger.entries)
        total = max(self._total, written, 1)
        share = done / total
        is_terminal = self._stream.isatty()
        if not is_terminal and int(share * 10) == self._told:
            return
        self._told = int(share * 10)
        filled = int(share * _WIDTH)
        line = (
            f"[{'#' * filled}{'-' * (_WIDTH - filled)}] {share:4.0%} 送达 {done}/{total}"
            f" 待送 {written - done} 重试 {sum(ledger.kept.values())}"
        )
        self._stream.write(f"\r{line}" if is_terminal else line, ending="" if is_terminal else "\n")
        self._stream.flush()

    def end(self) -> None:
        if self._stream.isatty():
            self._stream.write("")


def table(
    ledger: Ledger,
    verdict: Verdict,
    *,
    seconds: float,
    groups: int,
    board: Sequence[float],
    kills: Sequence[tuple[float, str]],
) -> str:
    """The whole answer in Chinese, two columns."""
    entries = ledger.entries
    accepted = [entry for entry in entries if entry.receipt]
    refused = Counter(entry.code for entry in entries if entry.code)
    expected = {entry.code for entry in entries if entry.code and entry.code in entry.expects}
    killed = Counter(part for _at, part in kills)
    drained, kept = verdict.drained_after, sorted(ledger.kept.items())
    rows = [
        ("三人组", f"{groups} 组，{len({entry.login for entry in entries})} 台手机"),
        ("用时", f"{seconds:.1f} 秒，{len(entries) / max(seconds, 0.001):.1f} 条/秒"),
        ("送出", f"{len(entries)} 条"),
        ("收下", f"{len(accepted)} 条"),
        ("退回", f"{sum(refused.values())} 条"),
        *((f"  {code}", f"{n} 条{'' if code in expected else '（意外）'}")
          for code, n in sorted(refused.items())),
        ("重复送来，答复同一回执", f"{sum(entry.repeats for entry in entries)} 次"),
        ("没有得到答复，留着再送", f"{sum(ledger.kept.values())} 次"),
        *((f"  {_KEPT.get(why, f'答 {why}')}", f"{n} 次") for why, n in kept),
        *([("杀掉", f"{len(kills)} 次")] if kills else []),
        *((f"  {NAMES[part]}", f"{n} 次") for part, n in killed.items()),
        ("最久一次没有一条送到", f"{ledger.longest_silence():.1f} 秒"),
        ("单条答复 p50 / p95 / 最长", _times(ledger.seconds, 1000, "毫秒")),
        ("成批答复 p50 / p95 / 最长", _times(ledger.batch_seconds, 1000, "毫秒")),
        ("答复后上看板 p50 / p95 / 最长", _times(board, 1000, "毫秒")),
        ("丢失", _count(verdict.lost, "条")),
        ("重复", _count(verdict.doubled, "条")),
        ("还没送到", _count(verdict.undelivered, "条")),
        ("答复不对", _count(verdict.misjudged, "条")),
        ("最后一条以后汇总做完", "没有做完" if drained is None else f"{drained:.1f} 秒"),
        *((f"重算：{word}", f"{verdict.rows.get(kind, 0)} 行，{_untrue(verdict, kind)} 处不一致")
          for kind, word in _KINDS.items()),
        ("户内人数：登记+来−走=现在", f"{verdict.doors} 户，{len(verdict.stock)} 处不一致"),
        ("治理单元树", f"{len(verdict.bent)} 处问题"),
    ]  # fmt: skip
    return _told(rows, verdict.faults, well="结论：不丢、不重、不假")


def month_table(story: Story, *, seconds: float) -> str:
    """What happened on which day, what was counted, and the faults."""
    days = [(f"{at:%m-%d %H:%M}", words) for at, words in story.lines]
    counts = [(what, f"{number} 次") for what, number in story.counts.items()]
    rows = [*days, ("用时", f"{seconds:.1f} 秒"), *counts]
    return _told(rows, story.faults, well="结论：数字都由来源加得出，重算 0 处不一致")


def _told(rows: Sequence[tuple[str, str]], faults: Sequence[str], *, well: str) -> str:
    width = max(_columns(name) for name, _value in rows) + 2
    lines = [name + " " * (width - _columns(name)) + value for name, value in rows]
    lines += ["", *faults[:FAULTS_SHOWN]] if faults else []
    if len(faults) > FAULTS_SHOWN:
        lines.append(f"……还有 {len(faults) - FAULTS_SHOWN} 处")
    lines.append(f"结论：{len(faults)} 处问题" if faults else well)
    return "\n".join(lines)


def _untrue(verdict: Verdict, kind: str) -> int:
    """Differences by the shape of the period's key: 2026-W47, 2026-11, 2026-Q4, now."""
    return sum(_kind_of(line.split()[1]) == kind for line in verdict.untrue)


def _kind_of(key: str) -> str:
    if key == "now":
        return key
    return "week" if "W" in key else "quarter" if "Q" in key else "month"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that is not exceeded by this share of them."""
    return sorted(values)[max(-(-int(share * 100) * len(values) // 100) - 1, 0)]


def _times(seconds: Sequence[float], scale: float, unit: str) -> str:
    if not seconds:
        return "没有测到"
    told = [percentile(seconds, 0.5), percentile(seconds, 0.95), max(seconds)]
    return f"{' / '.join(f'{each * scale:.0f}' for each in told)} {unit}（{len(seconds)} 次）"


def _count(faults: Sequence[str], unit: str) -> str:
    return f"{len(faults)} {unit}"


def _columns(text: str) -> int:
    """Cells that a terminal gives to this text."""
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)
