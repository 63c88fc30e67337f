"""What was measured, as one table in Chinese, and which goals hold."""

import os
import platform
import statistics
import unicodedata
from collections.abc import Mapping

from django.db.backends.base.base import BaseDatabaseWrapper

from bench.filing import Sent
from bench.pages import Served
from bench.rolling import Backlog, Steady
from bench.stopwatch import Times

_NAMES = {
    "bare": "裸 INSERT，一次一提交",
    "twin": "常规写法（DRF 序列化器 + ORM）",
    "borrowing-twin": "常规写法，借我们的令牌和范围",
    "function": "报一份：函数",
    "api": "报一份：接口",
    "page": "报一份：网页",
    "batch function": "报一幢20户：函数",
    "batch api": "报一幢20户：接口",
    "batch": "报一幢20户：接口",
}


class Table:
    def __init__(self) -> None:
        self._rows: list[tuple[str, str, str]] = []
        self._goals: list[tuple[bool, str, str]] = []

    def settings(self, connection: BaseDatabaseWrapper) -> None:
        with connection.cursor() as cursor:
            said = []
            for name in ("server_version", "fsync", "synchronous_commit", "full_page_writes"):
                cursor.execute(f"SHOW {name}")
                said.append((name, cursor.fetchone()[0]))
        print("，".join(f"{name} {value}" for name, value in said))
        cores, load = os.cpu_count(), os.getloadavg()[0]
        print(f"Python {platform.python_version()}，{cores} 核，开始时负载 {load:.1f}", flush=True)
        if dict(said)["fsync"] != "on" or dict(said)["synchronous_commit"] != "on":
            raise SystemExit("要在会落盘的数据库上量：deploy/embedded.py run --durable -- …")

    def filing(self, times: Mapping[str, Times]) -> None:
        base = times["bare"]
        self._head("报送（一个进程，轮流）", "中位，p95，CPU ms", "每秒，÷ 裸 INSERT")
        for name, each in times.items():
            ratio = each.rate / base.rate
            self._row(_NAMES[name], _ms(each), f"{each.rate:,.0f}/s，{ratio:.2f}")
        api, twin = times["api"].rate, times["twin"].rate
        borrowing = times["borrowing-twin"].rate
        for name, rate in (("常规写法", twin), ("借用的写法", borrowing)):
            self._goal(api / rate >= 3, f"接口 ≥ {name}的 3 倍（进程内）", f"{api / rate:.2f}")
        self._goal(api / base.rate >= 0.12, "接口 ≥ 裸 INSERT 的 0.12", f"{api / base.rate:.2f}")
        for name in ("batch function", "batch api"):
            ratio = times[name].rate / base.rate
            self._goal(ratio >= 3, f"{_NAMES[name]} ≥ 裸 INSERT 的 3 倍", f"{ratio:.2f}")

    def http(self, sent: Mapping[str, list[Sent]]) -> None:
        self._head("报送（HTTP，8 条连接，2 个进程）", "p50，p95 ms", "每秒，÷ 裸 INSERT")
        rates = {what: statistics.median(each.rate for each in all_) for what, all_ in sent.items()}
        for what, all_ in sent.items():
            items = 20 if what == "batch" else 1
            median, p95 = (
                statistics.median(each.percentile(percent) for each in all_) * 1000
                for percent in (50, 95)
            )
            refused = sum(each.refused for each in all_)
            note = f"，没收下 {refused}" if refused else ""
            rate = rates[what] * items
            told = f"{rate:,.0f}/s，{rate / rates['bare']:.2f}{note}"
            self._row(_NAMES[what], f"{median:.1f}，{p95:.1f}", told)
        for name, twin in (("常规写法", "twin"), ("借用的写法", "borrowing-twin")):
            ratio = rates["api"] / rates[twin]
            self._goal(ratio >= 3, f"接口 ≥ {name}的 3 倍（HTTP）", f"{ratio:.2f}")
        ratio = rates["api"] / rates["bare"]
        self._goal(ratio >= 0.12, "接口 ≥ 裸 INSERT 的 0.12（HTTP）", f"{ratio:.2f}")
        ratio = 20 * rates["batch"] / rates["bare"]
        self._goal(ratio >= 3, "报一幢 ≥ 裸 INSERT 的 3 倍（HTTP）", f"{ratio:.2f}")

    def weights(self, weights: Mapping[str, float]) -> None:
        self._head("每份的字节", "WAL", "表和索引")
        for name, told in (
            ("bare", "裸 INSERT"),
            ("filed", "报一份（报告、送达、四个记号）"),
            ("rolled up", "汇总（积压一次算完）"),
        ):
            wal, table = weights[f"{name}, wal"], weights[f"{name}, table"]
            self._row(told, f"{wal:,.0f}", f"{table:,.0f}")

    def pages(self, served: Mapping[int, Mapping[str, Served]]) -> None:
        sizes = list(served)
        self._head("页面，p95 ms", " / ".join(f"{n}个居民区" for n in sizes), "查询数，CPU")
        for name in served[sizes[0]]:
            each = [served[size][name] for size in sizes]
            p95 = " / ".join(f"{one.times.p95 * 1000:.0f}" for one in each)
            queries = " / ".join(str(one.queries) for one in each)
            busy = " / ".join(f"{statistics.median(one.times.busy) * 1000:.0f}" for one in each)
            self._row(name, p95, f"{queries}，CPU {busy} ms")
        worst = max(one.times.p95 for size in sizes for one in served[size].values())
        slow = [n for n, one in served[sizes[-1]].items() if one.times.p95 > 0.03]
        told = f"最慢 {worst * 1000:.0f} ms" + (f"，超出的：{'、'.join(slow)}" if slow else "")
        self._goal(worst <= 0.03, "页面 p95 ≤ 30 ms", told)
        first, last = served[sizes[0]], served[sizes[-1]]
        uneven = [n for n in first if last[n].times.median > 1.5 * first[n].times.median]
        told = "、".join(uneven) or "中位数都在 1.5 倍以内"
        self._goal(not uneven, f"页面从 {sizes[0]} 到 {sizes[-1]} 个居民区持平", told)

    def growing(self, added: Mapping[int, Times], moved: Times, planted: Times) -> None:
        self._head("树（3259 个单元的居民区）", "中位，p95，CPU ms", "")
        for size, each in added.items():
            self._row(f"加一户，{size}个居民区时", _ms(each), "")
        self._row("楼组换片区", _ms(moved), "")
        self._row("种一个居民区", _ms(planted), f"{3259 / planted.median:,.0f} 个单元/s")
        medians = [each.median for each in added.values()]
        told = " / ".join(f"{median * 1000:.0f}" for median in medians) + " ms"
        self._goal(max(medians) <= 0.06, "加一户 ≤ 60 ms", told)
        self._goal(medians[-1] <= 1.5 * medians[0], "加一户持平", told)

    def backlog(self, where: str, found: Backlog) -> None:
        if not any(name.startswith("汇总积压") for name, _1, _2 in self._rows):
            self._head("汇总积压（没有人同时在报）", "份 / 记号", "每秒")
        rates = f"{found.reports / found.seconds:,.0f}份，{found.marks / found.seconds:,.0f}记号"
        self._row(f"汇总积压，{where}", f"{found.reports} / {found.marks}", rates)

    def steady(self, found: Steady) -> None:
        if not any(name.startswith("稳定") for name, _1, _2 in self._rows):
            self._head("稳定报送（100个居民区）", "收下 p50，p95 ms", "汇总迟到 p50，p95 ms")
        sent = found.sent
        refused = f"，没收下 {sent.refused}" if sent.refused else ""
        self._row(
            f"稳定每秒 {found.wanted:.0f} 份（做到 {sent.rate:.0f}{refused}）",
            f"{sent.percentile(50) * 1000:.0f}，{sent.percentile(95) * 1000:.0f}",
            f"{found.lag(50) * 1000:.0f}，{found.lag(95) * 1000:.0f}",
        )
        if found.wanted == 100:
            p95, lag = sent.percentile(95), found.lag(95)
            self._goal(p95 <= 0.15, "每秒 100 份时收下 p95 ≤ 150 ms", f"{p95 * 1000:.0f} ms")
            self._goal(lag <= 1, "每秒 100 份时汇总迟到 p95 ≤ 1 s", f"{lag * 1000:.0f} ms")

    def print(self, *, seconds: float) -> None:
        widths = [max(_width(row[n]) for row in self._rows) for n in range(3)]
        for row in self._rows:
            cells = [text + " " * (widths[n] - _width(text)) for n, text in enumerate(row)]
            print("  ".join(cells).rstrip())
        print("\n目标")
        for holds, goal, told in self._goals:
            print(f"  {'做到' if holds else '未到'}  {goal}：{told}")
        print(f"\n用时 {seconds:.0f} 秒，结束时负载 {os.getloadavg()[0]:.1f}")

    def _head(self, *cells: str) -> None:
        self._rows += [("", "", ""), (f"【{cells[0]}】", *cells[1:])]  # type: ignore[list-item]

    def _row(self, *cells: str) -> None:
        self._rows.append(cells)  # type: ignore[arg-type]

    def _goal(self, holds: bool, goal: str, told: str) -> None:
        self._goals.append((holds, goal, told))


def _ms(times: Times) -> str:
    busy = statistics.median(times.busy)
    return "，".join(f"{seconds * 1000:.2f}" for seconds in (times.median, times.p95, busy))


def _width(text: str) -> int:
    """Columns on a terminal: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
