"""Three hundred open pages while reports come in, one a second: `make viewers`.

A hundred on the street's page, two hundred on the pages of ten communities, each a person, a
session and a connection of its own, asking exactly as `static/js/live.js` does. Stretches of one
run: nothing at all; reports and nobody looks; three hundred open pages and no report; both; and
reports with three hundred people who reload their page instead. What viewers cost is what both take
more than the reports alone, which are stored and added up whoever looks.
"""

import asyncio
import os
import sys
import time
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

import django

django.setup()

from django.db import connection  # noqa: E402

from bench import browsers  # noqa: E402
from bench.browsers import Viewer  # noqa: E402
from bench.processors import Meter, Used  # noqa: E402
from bench.servers import house  # noqa: E402
from bench.stopwatch import percentile  # noqa: E402
from bench.street_of_ten import AT_COMMUNITY, AT_STREET, COMMUNITIES, Reports, plant  # noqa: E402

SECONDS = 40
QUICK = 12
GOAL_SECONDS, GOAL_CORES = 1.5, 0.10


class Run:
    """The stretches, one after another, in one house."""

    def __init__(self, port: int, viewers: list[Viewer], reports: Reports, seconds: float) -> None:
        self.port, self.viewers, self.reports, self.seconds = port, viewers, reports, seconds
        self.meter = Meter()
        self.used: dict[str, Used] = {}
        self.loads = 0.0

    async def all(self) -> None:
        await browsers.open_all(self.port, [self.viewers[0], self.viewers[-1]] * 6)
        await self._stretch("什么也没有", self.seconds / 2, asyncio.sleep(self.seconds / 2))
        await self._stretch("收报告，没有人看", self.seconds, self._come_in(self.seconds))
        await browsers.open_all(self.port, self.viewers)
        # Pages that were just opened learn what they show.
        await self._watch(3)
        half = self.seconds / 2
        await self._stretch("300人开着，没有报告", half, self._watch(half))
        self.since = time.monotonic() + 2
        asked, accepted = self.asked(), len(self.reports.accepted)
        both = asyncio.gather(self._come_in(self.seconds), self._watch(self.seconds + 3))
        await self._stretch("收报告，300人开着", self.seconds, both)
        self.until = time.monotonic()
        self.asks = (self.asked() - asked) / (self.seconds + 3)
        self.rate = (len(self.reports.accepted) - accepted) / self.seconds
        done = [0]
        until = time.monotonic() + half
        loading = [browsers.reload(viewer, until, done) for viewer in self.viewers]
        await self._stretch(
            "收报告，300人整页刷新", half, asyncio.gather(self._come_in(half), *loading)
        )
        self.loads = done[0] / half

    def asked(self) -> int:
        return sum(viewer.asked for viewer in self.viewers)

    async def _stretch(self, name: str, seconds: float, work: Awaitable) -> None:
        """Measured for so long; what is left of the work then is waited for."""
        task = asyncio.ensure_future(work)
        with self.meter, suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.shield(task), seconds)
        self.used[name] = self.meter.used
        await task

    async def _come_in(self, seconds: float) -> None:
        await self.reports.come_in(self.port, time.monotonic() + seconds)

    async def _watch(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        await asyncio.gather(*(browsers.watch(viewer, until) for viewer in self.viewers))


def measure(seconds: float) -> None:
    viewers, reports = plant()
    with house() as port:
        run = Run(port, viewers, reports, seconds)
        asyncio.run(run.all())
    _print(run)


def _print(run: Run) -> None:
    idle, alone, asking, both, reloading = run.used.values()
    took, never = run.reports.delays(run.viewers, run.since, run.until)
    failures = Counter(each for viewer in run.viewers for each in viewer.failures)
    cost = both.more_than(alone)
    each = reloading.more_than(alone).house / max(run.loads, 0.1)
    print(f"每秒收一份报告，{AT_STREET}人开着街道总览，{COMMUNITIES * AT_COMMUNITY}人开着"
          f"{COMMUNITIES}个居民区，每段{run.seconds:.0f}秒；"
          f"负载 {os.getloadavg()[0]:.1f}")  # fmt: skip
    print(f"{'（% 一个核）':　<14}  网页、后台、定时   PostgreSQL   Valkey")
    lines = [*run.used.items(), ("300人多用", cost), ("其中只是问", asking.more_than(idle))]
    for name, used in lines:
        parts = [used.house * 100, used.database * 100, used.broker * 100]
        print("{:　<14}{:14.1f}{:15.1f}{:9.1f}".format(name, *parts))
    print(f"300人开着时每秒做到{run.rate:.2f}份报告，答了{run.asks:.0f}次问")
    print(f"整页刷新：每秒做到{run.loads:.0f}次，一次{each * 1000:.1f} ms；"
          f"300人每秒一次要 {each * 300 * 100:.0f}%")  # fmt: skip
    print(f"收下到屏幕变：{len(took)}次，中位 {percentile(took, 50):.2f} 秒，"
          f"p95 {percentile(took, 95):.2f} 秒，最长 {max(took, default=0):.2f} 秒；"
          f"没有看到的 {never}，没有答的 {dict(failures) or 0}")  # fmt: skip
    is_fresh = percentile(took, 95) <= GOAL_SECONDS and not never
    for goal, is_met in (
        (f"收下到屏幕变 p95 ≤ {GOAL_SECONDS} 秒", is_fresh),
        (f"300人多用 ≤ 一个核的 {GOAL_CORES:.0%}", cost.house <= GOAL_CORES),
    ):
        print("  做到 " if is_met else "  未到 ", goal)


if __name__ == "__main__":
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    name = connection.settings_dict["NAME"]
    try:
        measure(QUICK if sys.argv[1:] == ["--quick"] else SECONDS)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
