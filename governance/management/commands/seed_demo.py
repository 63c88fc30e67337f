"""Plant the demo: two invented compounds with twelve weeks of reports. Safe to repeat."""

from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from governance.demo import PASSWORD, letters, people
from governance.demo.housing import Housing
from governance.demo.shapes import JIANGNAN, SHAPES
from governance.demo.talk import Talk
from governance.demo.weeks import Weeks, open_and_file
from reports import admission, obligations
from reports.catalogue import BUILDING_REPORT, publish_all
from reports.models import Admission
from reports.proposals import Proposal
from units import journal, tree
from units.models import Community, Division, JournalEntry, Place, User

SEEDED = "demo.seeded"
# Left unfiled this week, so that a visitor can file for them.
SPARE = {JIANGNAN.code: {"47号楼组", "48号楼组"}}


class Command(BaseCommand):
    help = "生成演示数据：江南新村和一个虚构的邻近居民区。已生成过则只开新的一周。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--weeks", type=int, default=12, help="过去几周的报告")

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("演示账号的密码是公开的，只能在 TONGGOU_DEMO=1 时生成")
        now = timezone.localtime()
        publish_all(at=now)
        if JournalEntry.objects.filter(verb=SEEDED).exists():
            obligations.open_week(at=now)
            obligations.open_month(at=now)
            self.stdout.write("演示数据已在")
            return
        random = Random(47)  # noqa: S311 (reproducible, not secret)
        since = now - timedelta(days=7 * options["weeks"] + 60)
        maker = people.People(random, PASSWORD)
        people.street_posts(maker, self._street(), since)
        street = User.objects.get(login="street")
        weeks = {shape.code: self._compound(shape, random, maker, since) for shape in SHAPES}
        open_and_file(
            list(weeks.values()),
            now=now,
            past=options["weeks"],
            spare={weeks[code]: names for code, names in SPARE.items()},
            street=street,
        )
        for shape in SHAPES:
            of = weeks[shape.code]
            housing = Housing(shape, of.community, of.committee)
            housing.describe(at=now)
            housing.look_into(at=now, until=now - timedelta(days=7))
        written = [letters.Letters(of.community, of.committee, street) for of in weeks.values()]
        letters.write(written, at=now)
        first = weeks[JIANGNAN.code]
        Talk(first.community, first.committee).tell(at=now)
        self._propose_a_field(now)
        journal.note(SEEDED, user=None, at=now, weeks=options["weeks"])
        self.stdout.write(f"演示数据：{Place.objects.count()} 个治理单元")

    def _propose_a_field(self, now: datetime) -> None:
        """Something for the street to decide."""
        wanted = Proposal(
            form=BUILDING_REPORT,
            label="积水的地方",
            type=Admission.FieldType.CHOICES,
            choices=["门前路面", "天井", "地下室", "没有积水"],
            purpose="雨季前查清易积水的地方，排好抽水泵",
            owner="居委会环境条线",
            ends_on=now.date() + timedelta(days=90),
        )
        admission.propose(wanted, by=User.objects.get(login="committee"), at=now)

    def _street(self) -> Division:
        city = Division.objects.create(code="3101", kind="city", official_name="上海市")
        district = Division.objects.create(
            code="310104", kind="district", parent=city, official_name="徐汇区"
        )
        return Division.objects.create(
            code="310104007",
            kind="street",
            parent=district,
            official_name="斜土路街道",
            alias="斜土街道",
            labels={"block": "片区"},
        )

    def _compound(self, shape: Any, random: Random, maker: people.People, since: Any) -> Weeks:
        community = Community.objects.create(
            code=shape.code,
            division_id="310104007",
            name=shape.name,
            telephone=shape.telephone,
            rhythm={BUILDING_REPORT: "week"},
        )
        tree.plant(community, shape.sapling(), at=since)
        places = {place.code: place for place in Place.objects.filter(community=community)}
        prefix = "" if shape is JIANGNAN else "lj-"
        people.branches(shape, community, places)
        people.seat_groups(maker, shape, places, f"{prefix}l", since)
        committee = people.staff(maker, places, community, prefix, since)
        people.count_households(random, shape, community, places, since)
        return Weeks(random, community, committee)
