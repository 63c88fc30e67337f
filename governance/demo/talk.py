"""What residents and groups of the first compound have told of late, and what they were answered.

A compound in its third month: the stairwells of two blocks have their codes, some voices are
answered, some are taken on, some are new.
"""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import F, Q
from django.utils import timezone

from governance.voices import answering, doorplates
from governance.voices.models import Doorplate, Voice
from governance.voices.saying import Saying, say
from reports import batch, calendar, replies
from reports.catalogue import MATTER_REPORT
from reports.filing import Sending
from reports.models import Filing, Report, ReportForm, Review
from units.kinds import Kind
from units.models import Community, Place, Post, User

# Building, days ago, about, words, answer: None where it is new, "" where it is taken on.
VOICES = (
    (5, 12, "broken", "三楼到四楼的楼道灯晚上不亮", "物业已换灯，夜里去看过，亮了"),
    (18, 9, "suggestion", "想在门口装一个扶手，老人好上下", "已列入下月小修，装之前会贴通知"),
    (11, 6, "other", "门口共享单车太多，推不出去", "已请街面巡查来清，划了停放线"),
    (27, 4, "broken", "一楼信箱的门掉了两扇", ""),
    (3, 3, "suggestion", "希望健身点早上七点前不要放音响", ""),
    (14, 1, "help", "想请人帮忙看看水管，晚上滴水声很响", None),
    (21, 1, "broken", "单元门关不上，风大的时候一直响", None),
    (30, 0, "other", "楼下花坛边的井盖翘起来了", None),
)
# Building, days ago, kind, note, urgency, answer.
MATTERS = (
    (9, 8, "corridor", "二楼拐角堆了旧床板", "soon", "周六已和环卫一起清走"),
    (33, 5, "facility", "门禁刷不开，要用钥匙", "soon", "厂家已来修好，各户的卡不用换"),
    (52, 2, "hazard", "有人从窗口拉线给电瓶车充电", "now", ""),
    (76, 1, "environment", "垃圾桶周末满出来，猫翻了一地", "soon", ""),
    (101, 0, "facility", "雨水管接头脱开，水冲墙根", "soon", ""),
)
_HELPED = "志愿者已上门，东西买好送到，家里放心"
_SENT = "缺的物资已送到楼里，由居民小组长收着"
_TALKED = "居委会和片区社工已上门调解，两家说好了"


class Talk:
    def __init__(self, community: Community, committee: User) -> None:
        self._random = Random(2026)  # noqa: S311
        self._community, self._committee = community, committee
        buildings = Place.objects.filter(community=community, kind=Kind.BUILDING)
        self._buildings = {
            each.code.rpartition("L")[2].lstrip("0"): each
            for each in buildings.select_related("community", "parent")
        }

    def tell(self, *, at: datetime) -> None:
        self.at_the_stairwell(at=at)
        self.from_groups(at=at)
        self.about_reports(at=at)

    def at_the_stairwell(self, *, at: datetime) -> None:
        with_code = [each for each in self._buildings.values() if each.parent.code[-2:] < "03"]
        doorplates.issue(with_code, by=self._committee, at=at - timedelta(days=30))
        plates = {each.place_id: each for each in Doorplate.objects.filter(place__in=with_code)}
        for number, ago, about, words, answer in VOICES:
            said_at = self._moment(at, ago)
            saying = Saying(self._uuid(), about, words, shown_to_group=about != "help")
            plate = plates[self._buildings[str(number)].pk]
            voice = say(plate, saying, address=f"demo-{number}", at=said_at)
            self._answer(voice, answer, at=min(said_at + timedelta(hours=20), at))

    def _answer(self, voice: Voice, answer: str | None, *, at: datetime) -> None:
        if answer is None:
            return
        answering.accept(voice, by=self._committee, at=at)
        if answer:
            answering.close(voice, answer, batch=self._uuid(), by=self._committee, at=at)

    def from_groups(self, *, at: datetime) -> None:
        form = ReportForm.objects.get(code=MATTER_REPORT)
        for number, ago, kind, note, urgency, answer in MATTERS:
            place, told_at = self._buildings[str(number)], self._moment(at, ago)
            sending = Sending(
                id=self._uuid(),
                by=Post.objects.seats().filter(place=place).order_by("pk")[0].user,
                channel=Filing.Channel.API,
                answers={"kind": kind, "note": note, "urgency": urgency},
            )
            [told] = batch.file_events([batch.Item(place, form, sending)], at=told_at)
            if answer:
                later = min(told_at + timedelta(days=1), at)
                self._reply(told.report, answer, at=later)

    def about_reports(self, *, at: datetime) -> None:
        """What asked for help longer than ten days ago has been told what was done."""
        of_event = Q(is_event=True, help_asked__gt=0)
        of_building = Q(is_event=False, review=Review.ACCEPTED)
        wanting = Q(disputes__gt=F("mediated")) | Q(stock_tight__gt=0)
        old = Report.objects.standing().filter(
            of_event | of_building & wanting,
            community=self._community,
            last_at__range=(at - timedelta(days=45), at - timedelta(days=10)),
        )
        for report in old.order_by("last_at", "pk"):
            words = _HELPED if report.is_event else _SENT if report.stock_tight else _TALKED
            self._reply(report, words, at=report.last_at + timedelta(days=2))

    def _reply(self, report: Report, words: str, *, at: datetime) -> None:
        replies.reply(report, words, id_=self._uuid(), by=self._committee, at=at)

    def _moment(self, at: datetime, days_ago: int) -> datetime:
        """In the morning of that day, and never after now."""
        day = timezone.localdate(at) - timedelta(days=days_ago)
        return min(calendar.moment(day, 9) + timedelta(minutes=self._random.randrange(90)), at)

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)
