"""Past weeks of building reports, filed the way people file them: through `filing.file(at=…)`."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.utils import timezone

from governance.demo.doors import Doors
from governance.demo.uppers import Uppers
from reports import calendar, filing, obligations, review
from reports.catalogue import BUILDING_REPORT
from reports.models import Filing, Obligation, Period, Report, Review
from reports.rollup import climb
from units.kinds import Duty
from units.locks import bucket_of
from units.models import Community, Post, User

CALM = {
    "corridor": "none",
    "ebike": "none",
    "waste": "good",
    "dispute": "none",
    "facility": "none",
    "stock": "enough",
    "derived_ok": "right",
}
NOTES = ("楼道灯闪，已报物业", "三楼旧家具约好周六搬走", "新装的扶手好用", "垃圾桶周末容易满", "")


class Weeks:
    """Files the reports of one community; the same seed files the same reports."""

    def __init__(self, random: Random, community: Community, committee: User) -> None:
        self.random = random
        self.committee = committee
        self.doors = Doors(random, community)
        self.community = community
        self._seats: dict[int, list[User]] = {}
        for post in Post.objects.seats().filter(place__community=community).select_related("user"):
            self._seats.setdefault(post.place_id, []).append(post.user)

    def past(self, period: Period, *, looked: int, missing: int) -> None:
        """A whole week: `looked` reports with answers, `missing` none at all, the rest nil."""
        owed = self._owed(period)
        self.random.shuffle(owed)
        for number, obligation in enumerate(owed[missing:]):
            at = self._moment(obligation)
            if number % 31 == 30:
                at = obligation.due_at + timedelta(hours=15)
            self._file(obligation, at=at, nil=number >= looked, by_telephone=number % 23 == 7)
        self.doors.past(period)
        self._drain(calendar.moment(period.ends_on, 24))

    def reviewed(self, period: Period) -> None:
        """The director has looked at what asked for eyes, the day after late filing closed."""
        director = Post.objects.get(duty=Duty.DIRECTOR, place__community=self.community).user
        waiting = Report.objects.standing().filter(
            obligation__period=period, community=self.community, review=Review.WAITING
        )
        closed = max(each.closes_at for each in self._owed(period))
        review.accept_many(list(waiting), by=director, at=closed + timedelta(hours=9))

    def present(self, period: Period, *, now: datetime, spare: set[str]) -> None:
        """The week that is running, as far as it has come; `spare` buildings not yet."""
        for obligation in self._owed(period):
            at, nil, comes = self._moment(obligation), self.random.random(), self.random.random()
            if at <= now and comes < 0.95 and obligation.place.name not in spare:
                self._file(obligation, at=at, nil=nil < 0.55, until=now)
        self.doors.present(period, now=now)
        self._drain(now)

    def _owed(self, period: Period) -> list[Obligation]:
        return list(
            Obligation.objects.filter(
                period=period, community=self.community, form__code=BUILDING_REPORT
            )
            .select_related("place__parent__parent", "period", "form")
            .order_by("place__code")
        )

    def _moment(self, obligation: Obligation) -> datetime:
        """By day, and more at the beginning of the week than at its end: a demo begun on a Monday
        shows something too.
        """
        span = obligation.due_at - obligation.opens_at
        at = timezone.localtime(obligation.opens_at + self.random.random() ** 2 * span)
        return min(at.replace(hour=8 + at.hour * 13 // 24), obligation.due_at)

    def _uuid(self) -> UUID:
        return UUID(int=self.random.getrandbits(128), version=4)

    def _file(
        self,
        obligation: Obligation,
        *,
        at: datetime,
        nil: bool,
        by_telephone: bool = False,
        until: datetime | None = None,
    ) -> None:
        seats = self._seats[obligation.place_id]
        answers = {} if nil else self._answers()
        told = filing.Sending(
            id=self._uuid(),
            by=self.committee if by_telephone else self.random.choice(seats),
            channel=Filing.Channel.TELEPHONE if by_telephone else Filing.Channel.PAGE,
            caller=seats[0].full_name if by_telephone else "",
            nil=nil,
            answers=answers,
        )
        filing.file(obligation, told, at=at)
        if not nil and self.random.random() < 0.08:
            better = filing.Sending(
                id=self._uuid(),
                by=self.random.choice(seats),
                channel=Filing.Channel.PAGE,
                base_rev=1,
                answers=answers | {"corridor": "cleared"},
            )
            last = until or obligation.locks_at - timedelta(minutes=1)
            later = min(at + timedelta(hours=2), last)
            filing.file(obligation, better, at=later)

    def _answers(self) -> dict[str, object]:
        def one_of(**weights: int) -> str:
            return self.random.choices(list(weights), list(weights.values()))[0]

        answers: dict[str, object] = {
            **CALM,
            "corridor": one_of(none=70, cleared=18, uncleared=12),
            "ebike": one_of(none=80, persuaded=14, unresolved=6),
            "waste": one_of(good=66, fair=28, poor=6),
            "dispute": one_of(none=90, mediated=8, committee=2),
            "facility": one_of(none=84, broken=16),
            "stock": one_of(enough=93, tight=7),
            "derived_ok": one_of(right=98, wrong=2),
            "note": self.random.choice(NOTES),
        }
        if answers["corridor"] == "uncleared":
            answers["corridor_floors"] = [self.random.randint(2, 6)]
        if answers["facility"] == "broken":
            answers["facility_kind"] = [one_of(light=50, door=15, pipe=15, rail=10, roof=10)]
        if answers["stock"] == "tight":
            answers["stock_item"] = [one_of(mask=40, bag=40, disinfectant=20)]
        return answers

    def _drain(self, at: datetime) -> None:
        climb.drain(bucket_of(self.community.pk), at=at)


def open_and_file(
    weeks: list[Weeks], *, now: datetime, past: int, spare: dict[Weeks, set[str]], street: User
) -> None:
    """Open each past week at its own Monday and file it with what is above it, then the present one
    up to `now`.
    """
    uppers = {each: Uppers(each.random, each.community, each.committee) for each in weeks}
    first = now.date() - timedelta(days=7 * past + now.weekday())
    for ago in range(past, 0, -1):
        monday = now - timedelta(days=7 * ago + now.weekday())
        at = calendar.moment(monday.date(), 0) + timedelta(minutes=5)
        period = obligations.open_week(at=at)
        # A month of which there are only a few days is not told.
        if calendar.month_of(at.date()).starts_on >= first:
            obligations.open_month(at=at)
        for each in weeks:
            owed = Obligation.objects.filter(
                period=period, community=each.community, form__code=BUILDING_REPORT
            ).count()
            # The last full week of 125 is 看过61 · 报平安58 · 未收到6.
            looked = round(owed * (0.488 + 0.02 * (ago % 3) * (ago > 1)))
            missing = round(owed * (0.048 + 0.008 * (ago % 4) * (ago > 1)))
            each.past(period, looked=looked, missing=missing)
        closed = period.obligations.latest("closes_at").closes_at
        review.accept_by_itself(at=min(closed, now))
        for each in weeks:
            uppers[each].past(period, now=now, is_last=ago == 1)
            if ago > 1:
                each.reviewed(period)
    obligations.open_month(at=now)
    period = obligations.open_week(at=now)
    for each in weeks:
        uppers[each].looked_at(street, now=now)
        each.present(period, now=now, spare=spare.get(each, set()))
