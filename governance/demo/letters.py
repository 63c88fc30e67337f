"""What the street and its committees have written to each other, through their own processes.

Old letters are settled. Of each kind a few are left: one that is overdue, one due today (or on the
next working day), one that still has time.
"""

from datetime import date, datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from governance.demo.shapes import JIANGNAN
from governance.supervision import asking, intake, supporting
from governance.supervision.asking import Asking
from governance.supervision.intake import STREET_DAYS, due_on
from governance.supervision.models import Query, SupportAsk
from reports import calendar, measures
from reports.models import Period
from units.kinds import Duty, Kind
from units.models import Community, Place, Post, User

Wanted = SupportAsk.Wanted
# What the committee writes handing an ask on, and what the street or the committee answers.
HANDED_ON = {
    Wanted.HANDS: "片区冬季扫楼人手不够，请街道协调两名社区工作者支援三天",
    Wanted.MONEY: "楼道灯和扶手要一起修，请街道看看微更新资金能不能列入",
    Wanted.DEPARTMENTS: "堆物清运要城管和环卫同一天到场，请街道牵头约时间",
    Wanted.POLICY: "加装电梯的征询比例居民问得多，请街道给一份书面解释",
    Wanted.STREET: "地下车库配电箱进水，已断电围挡，请街道协调供电公司抢修",
}
BY_STREET = {
    Wanted.HANDS: "已请社工站派两名社区工作者，周三起到居委会报到，共三天",
    Wanted.MONEY: "已列入下季度微更新项目库，先请物业把坏掉的灯换好",
    Wanted.DEPARTMENTS: "已约城管和环卫周五上午九点到场，请居委会派人带路",
    Wanted.POLICY: "征询比例按市里最新规定执行，解释材料已放在街道共享文件夹",
    Wanted.STREET: "已和供电公司对接，抢修队当天到场",
}
BY_COMMITTEE = {
    Wanted.HANDS: "居委会已从别的片区调两名志愿者，周末一起扫楼",
    Wanted.MONEY: "先用居委会的服务群众经费修，做完把账目贴出来",
    Wanted.DEPARTMENTS: "已和物业、环卫对好时间，周四上午一起清",
    Wanted.POLICY: "解释材料已发给片区，社工周二在活动室答疑",
    Wanted.STREET: "居委会已办好，不用再转街道",
}
MONTHLY = "政策解释会放在下周例会上讲，人手请先用街道志愿者库里登记的"
# An ask is history after a week: who asked has been answered by then.
_SETTLED_AFTER = timedelta(days=7)


class Letters:
    """Of one community; the same seed writes the same."""

    def __init__(self, community: Community, committee: User, street: User) -> None:
        self._random = Random(f"letters-{community.code}")  # noqa: S311
        self._community, self._committee, self._street = community, committee, street
        director = Post.objects.get(duty=Duty.DIRECTOR, place__community=community)
        self._director = director.user
        self._root = Place.objects.get(community=community, kind=Kind.COMMUNITY)
        self._is_first = community.code == JIANGNAN.code

    def answer_asks(self, *, at: datetime) -> None:
        """What the blocks' reports asked for, oldest first. `intake.pull` has been before."""
        asks = SupportAsk.objects.filter(community=self._community, place_kind=Kind.BLOCK)
        of_blocks = list(asks.order_by("asked_at", "pk"))
        old = [ask for ask in of_blocks if ask.asked_at < at - _SETTLED_AFTER]
        with_street = self._leave_with_street(old, at) if self._is_first else set()
        for number, ask in enumerate(each for each in old if each.pk not in with_street):
            if number % 3:
                self._settle(ask, at=_office_hour(ask.asked_at, 1))
            else:
                self._hand_on(ask, at=_office_hour(ask.asked_at, 1))
                self._reply(ask, at=_office_hour(ask.asked_at, 3))
        self._answer_recent(of_blocks[len(old) :], at)

    def answer_months(self, *, at: datetime) -> None:
        """What monthly reports ask of the street is answered in three working days."""
        asks = SupportAsk.objects.filter(community=self._community, place_kind=Kind.COMMUNITY)
        for ask in asks.order_by("asked_at", "pk"):
            answered = _office_hour(ask.asked_at, 3)
            if answered <= at:
                self._tell(ask, MONTHLY, at=answered)

    def _leave_with_street(self, old: list[SupportAsk], at: datetime) -> set[int]:
        """Two that the committee handed on late: one overdue by now, one due today."""
        today = timezone.localdate(at)
        left = set()
        for days, ask in zip((1, 0), reversed(old), strict=False):
            handed = _moment_due_on(_workday_before(today, days), at)
            if handed > ask.asked_at:
                self._hand_on(ask, at=handed)
                left.add(ask.pk)
        return left

    def _answer_recent(self, asks: list[SupportAsk], at: datetime) -> None:
        """Of the last days: the urgent one goes to the street, one waits for the committee."""
        waiting = False
        for ask in asks:
            handled = min(_office_hour(ask.asked_at, 1), at)
            if ask.wanted == Wanted.STREET and self._is_first:
                self._hand_on(ask, at=min(ask.asked_at + timedelta(hours=1), at))
            elif ask.due_on < timezone.localdate(at) or waiting:
                self._settle(ask, at=handled)
            else:
                waiting = True

    def write_queries(self, *, at: datetime) -> None:
        """Letters of the street: closed, answered, due today, overdue."""
        weeks = list(
            Period.objects.filter(
                kind=Period.PeriodKind.WEEK, ends_on__lt=timezone.localdate(at)
            ).order_by("-starts_on")[:4]
        )
        if not self._is_first:
            late = _moment_due_on(_workday_before(timezone.localdate(at), 2), at)
            self._ask("other", "地面停车位改造居民意见收了多少，请报一个数", at=late)
            return
        if len(weeks) == 4:
            told = "有三个楼组长住院或出远门，已请楼里另两位代报，下周能收齐"
            late = self._ask(
                "groups", "这一周有几个楼组一直没有报，请说明情况", at=_days(at, 24), of=weeks[3]
            )
            self._say(late, told, closed=_days(at, 20), at=_days(at, 22))
        hotline = self._ask("other", "热线转来北侧充电棚晚上断电，请说明怎么处理", at=_days(at, 13))
        told = "物业已换断路器，晚上七点到十点有人巡看，三天没有再断"
        self._say(hotline, told, closed=_days(at, 8), at=_days(at, 11))
        figure = self._ask(
            "figure",
            "楼道堆物待清比前一周多，请说明是哪几个片区，打算怎么清",
            at=_days(at, 4),
            of=weeks[0],
            measure=measures.CORRIDOR.code,
        )
        self._say(
            figure, "主要在第2、第5片区，两个片区周末请环卫一起清，已排好日子", at=_days(at, 1)
        )
        today = _moment_due_on(timezone.localdate(at), at)
        self._ask("other", "冬季消防检查请报：楼道灭火器过期的换了几处，还差几处", at=today)
        self._ask("other", "年底民主评议的时间定了没有，请回一句", at=_days(at, 2))

    def _ask(
        self, about: str, words: str, *, at: datetime, of: Period | None = None, measure: str = ""
    ) -> Query:
        typed = Asking(self._uuid(), about, words, of, measure)
        return asking.ask(self._root, typed, by=self._street, at=at)

    def _say(
        self, query: Query, words: str, *, at: datetime, closed: datetime | None = None
    ) -> None:
        asking.answer(query, words, form_id=self._uuid(), by=self._director, at=at)
        if closed:
            asking.close(query, by=self._street, at=closed)

    def _hand_on(self, ask: SupportAsk, *, at: datetime) -> None:
        words = HANDED_ON[Wanted(ask.wanted)]
        supporting.forward(ask, words, by=self._director, at=max(at, ask.asked_at))

    def _settle(self, ask: SupportAsk, *, at: datetime) -> None:
        words = BY_COMMITTEE[Wanted(ask.wanted)]
        facts = {"by": self._committee, "is_streets": False, "at": max(at, ask.asked_at)}
        supporting.reply(ask, words, form_id=self._uuid(), **facts)

    def _reply(self, ask: SupportAsk, *, at: datetime) -> None:
        self._tell(ask, BY_STREET[Wanted(ask.wanted)], at=at)

    def _tell(self, ask: SupportAsk, words: str, *, at: datetime) -> None:
        facts = {"by": self._street, "is_streets": True, "at": at}
        supporting.reply(ask, words, form_id=self._uuid(), **facts)

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)


def write(letters: list[Letters], *, at: datetime) -> None:
    """For all communities of the demo, when their reports are filed."""
    while intake.pull(at=at):
        pass
    for each in letters:
        each.answer_asks(at=at)
        each.answer_months(at=at)
        each.write_queries(at=at)


def _office_hour(since: datetime, workdays: int) -> datetime:
    """Ten o'clock so many working days later."""
    return calendar.moment(due_on(since, workdays), 10)


def _days(at: datetime, days: int) -> datetime:
    """Ten o'clock so many days before, or on the Friday before a weekend."""
    day = timezone.localdate(at) - timedelta(days=days)
    return calendar.moment(day - timedelta(days=max(day.weekday() - 4, 0)), 10)


def _workday_before(day: date, count: int) -> date:
    around = calendar.Calendar(day)
    while count:
        day -= calendar.DAY
        count -= around.is_workday(day)
    return day


def _moment_due_on(day: date, at: datetime) -> datetime:
    """When the street was asked what it must answer by `day`, or by the next working day."""
    around = calendar.Calendar(day)
    asked = day
    while around.workday_after(asked, STREET_DAYS) > (
        day if around.is_workday(day) else around.workday_after(day, 1)
    ):
        asked -= calendar.DAY
    return min(calendar.moment(asked, 15), at)
