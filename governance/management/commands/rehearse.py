"""Act a week of many groups against a running demo, then prove that all of it is stored and shown.

`docs/rehearsal.md` says how to run it and how to read the table.
"""

import os
import time
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection, transaction
from django.utils import timezone

from governance.demo import PASSWORD
from governance.rehearsal import kills, script, told, verdict, world
from governance.rehearsal.freshness import Freshness
from governance.rehearsal.kills import Killer
from governance.rehearsal.outbox import Ledger
from governance.rehearsal.phones import Line, NotLetInError, OutOfReachError, Phone
from governance.rehearsal.stage import Actor, Pace, play
from governance.rehearsal.steps import Group, Step
from units.models import Division

# Nothing delivered for so long: the house does not come back by itself.
STANDSTILL = 120.0
RECOVERY = 60.0
LOCAL = ("127.0.0.1", "localhost", "::1")


class Command(BaseCommand):
    help = "演练：许多三人组的一周，真的登录、真的报送；最后核对不丢、不重、不假。只用于演示。"

    def add_arguments(self, parser: CommandParser) -> None:
        url = os.environ.get("TONGGOU_URL", "http://127.0.0.1:8000")
        parser.add_argument("--url", default=url)
        parser.add_argument("--communities", nargs="*", default=[], help="居民区编码；不写是全部")
        parser.add_argument("--groups", type=int, help="多少个楼组；不写是全部")
        parser.add_argument("--rate", type=float, default=0, help="每秒几条；0 是越快越好")
        parser.add_argument("--threads", type=int, default=8)
        parser.add_argument("--seed", type=int, default=47)
        parser.add_argument("--kill", action="store_true", help="一边演练一边杀掉部件")
        parser.add_argument(
            "--month", action="store_true", help="上个月的片区报告和社区月报，从填到归档后更正"
        )
        parser.add_argument("--keep", action="store_true", help="--month 演完留下，可以打开来看")

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("演练用公开的密码登录并写入数据，只能对演示（TONGGOU_DEMO=1）")
        at = timezone.now()
        if options["month"]:
            self._act_a_month(at, options)
            return
        groups = world.groups(
            options["communities"], options["groups"], seed=options["seed"], at=at
        )
        if not groups:
            raise CommandError("没有找到有人有户的楼组，请先 make demo")
        line = Line(options["url"])
        days = world.days(at=at)
        freshness = Freshness(line, world.token_maker(groups, days))
        weeks = [script.week_of(each, seed=options["seed"], days=days) for each in groups]
        ledger = Ledger()
        actors = self._actors(groups, weeks, line, ledger, freshness, options)
        killer = self._killer(line, options)
        connection.close()  # may be killed meanwhile; not needed before the verdict

        began = time.monotonic()
        freshness.start()
        unfinished = self._play(actors, ledger, killer, sum(map(_items, weeks)), options["threads"])
        seconds = time.monotonic() - began
        self._wait_for_health(line)
        never_shown = freshness.finish(RECOVERY)
        found = verdict.judge(
            ledger.entries, began=at, unfinished=unfinished, never_shown=never_shown
        )
        self.stdout.write(
            told.table(
                ledger, found, seconds=seconds, groups=len(groups), board=freshness.seconds,
                kills=killer.done if killer else (),
            )
        )  # fmt: skip
        if found.faults:
            raise SystemExit(1)

    def _act_a_month(self, at: datetime, options: dict[str, Any]) -> None:
        """In one transaction, which is undone at the end unless it shall be kept."""
        from governance.rehearsal import month

        division = Division.objects.filter(kind="street").order_by("code").first()
        if division is None:
            raise CommandError("没有找到街道，请先 make demo")
        began = time.monotonic()
        with transaction.atomic():
            acted = month.Month(month.last_month(at=at), division, seed=options["seed"]).act()
            transaction.set_rollback(not options["keep"])
        self.stdout.write(told.month_table(acted, seconds=time.monotonic() - began))
        if acted.faults:
            raise SystemExit(1)

    def _actors(
        self,
        groups: Sequence[Group],
        weeks: Sequence[Sequence[Step]],
        line: Line,
        ledger: Ledger,
        freshness: Freshness,
        options: dict[str, Any],
    ) -> list[Actor]:
        pace = Pace(options["rate"])
        return [
            Actor(
                steps,
                [Phone(line, login, PASSWORD) for login in group.logins[:2]],
                ledger=ledger,
                pace=pace,
                freshness=freshness,
                random=Random(f"{options['seed']} waits {group.code}"),  # noqa: S311
                clock=timezone.localtime,
            )
            for group, steps in zip(groups, weeks, strict=True)
        ]

    def _killer(self, line: Line, options: dict[str, Any]) -> Killer | None:
        if not options["kill"]:
            return None
        if line.host not in LOCAL or not kills.marked():
            raise CommandError(
                "没有找到这一份代码启动的演示，--kill 只杀它的部件。"
                "请用 python deploy/embedded.py with-demo -- 运行"
            )
        return Killer(options["seed"])

    def _play(
        self,
        actors: Sequence[Actor],
        ledger: Ledger,
        killer: Killer | None,
        total: int,
        threads: int,
    ) -> int:
        """How many groups could not finish."""
        bar = told.Bar(self.stderr, total)
        settled, end = -1, 0.0

        def look() -> None:
            nonlocal settled, end
            if (now := ledger.settled()) != settled:
                settled, end = now, time.monotonic() + STANDSTILL
            bar.show(ledger)

        look()
        if killer:
            killer.start()
        try:
            return play(actors, threads=threads, deadline=lambda: end, each=look)
        except NotLetInError as error:
            raise CommandError(f"{error} 用演示密码登录不了：网址和数据库是同一个演示吗") from error
        finally:
            if killer:
                killer.stop()
            bar.end()

    def _wait_for_health(self, line: Line) -> None:
        """What was killed last has to be back before anything is judged."""

        def is_well() -> bool:
            try:
                return line.ask("GET", "/healthz/").status == 200
            except OutOfReachError:
                return False

        if kills.wait_until(is_well, RECOVERY) is None:
            self.stderr.write("60 秒了，/healthz/ 还不正常；照样核对")


def _items(steps: Sequence[Step]) -> int:
    return sum(len(step.items) for step in steps)
