"""A month of block and community reports, from the first building to an amendment after the lock.

Acted through the processes with the clock of each day, in a compound of its own; who asks has it
rolled back afterwards or kept. `adding_up` then counts every submitted figure again.
"""

import heapq
from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from uuid import UUID

from django.utils import timezone

from governance.rehearsal import adding_up, compound
from governance.rehearsal.answers import answered
from governance.rehearsal.story import Story
from reports import calendar, corrections, drafting, filing, obligations, review, sheets
from reports.catalogue import (
    BLOCK_REPORT,
    BUILDING_REPORT,
    HOUSEHOLD_REPORT,
    publish_all,
)
from reports.filing import Seen, Sending
from reports.models import Filing, Obligation, Period, Report, ReportForm, Review
from reports.rollup import climb, recount
from units import tree
from units.locks import bucket_of
from units.models import Division, Place, User
from units.refusals import Refusal

RETURN_REASON = "下步打算写得太笼统，请写明先清哪几处"
NEXT_STEPS = "先清{楼道堆物待清}处楼道堆物，再逐户走访。"


def last_month(*, at: datetime) -> Period:
    return calendar.month_of(timezone.localdate(at).replace(day=1) - timedelta(days=1))


class Month:
    """One compound's month; the same seed acts the same."""

    def __init__(self, month: Period, division: Division, *, seed: int) -> None:
        self.told = Story()
        self._month = month
        self._plan: list[tuple[datetime, int, Callable[[datetime], None]]] = []
        self._scheduled = 0
        self._random = Random(f"{seed} month")  # noqa: S311 (reproducible, not secret)
        began = calendar.moment(month.starts_on, 9) - timedelta(days=40)
        self._here = compound.plant(division, self._random, at=began)
        self._of = self._here.people
        self.told.say(began, self._here.in_words)

    def act(self) -> Story:
        """Everything in the order of its clock, as it would have come in."""
        begins = calendar.moment(self._mondays()[0], 0)
        publish_all(at=begins)
        self._later(calendar.moment(self._month.starts_on, 0), self._open)
        for monday in self._mondays():
            self._later(calendar.moment(monday, 0), self._week)
        while self._plan:
            at, _order, call = heapq.heappop(self._plan)
            call(at)
        self._prove()
        return self.told

    def _later(self, at: datetime, call: Callable[[datetime], None]) -> None:
        self._scheduled += 1
        heapq.heappush(self._plan, (at, self._scheduled, call))

    # --- Weeks ----------------------------------------------------------------------------

    def _mondays(self) -> list[date]:
        """Of the weeks that end in the month."""
        first = self._month.starts_on
        monday = first - timedelta(days=first.weekday())
        days = [monday + timedelta(days=7 * n) for n in range(6)]
        return [day for day in days if first <= day + timedelta(days=6) <= self._month.ends_on]

    def _week(self, opens: datetime) -> None:
        week = obligations.open_week(at=opens)
        buildings = self._here.buildings
        for day in range(7):
            self._later(opens + timedelta(days=day, hours=18.5), self._visit)
        silent = self._random.sample(buildings, 2)
        for building in buildings:
            if building not in silent:
                late = timedelta(days=1) * (self._random.random() < 0.1)
                at = opens + timedelta(days=3 + 3 * self._random.random()) + late
                self._later(at, partial(self._of_building, self._owed(building, week)))
        excused = self._owed(silent[0], week)
        self._later(
            opens + timedelta(days=2),
            lambda at: obligations.excuse(excused, reason="整幢修缮", by=self._here.staff, at=at),
        )
        for block in self._here.blocks:
            owed = self._owed(block, week)
            self._later(owed.opens_at + timedelta(hours=13), partial(self._submit, owed))
        corrected = self._owed(buildings[0], week).locks_at - timedelta(hours=5)
        self._later(corrected, partial(self._correct_late, week))
        self.told.say(opens, f"{week.label}：{len(buildings) - 2}个楼组报，1个免报，1个没有报")

    def _visit(self, at: datetime) -> None:
        form = ReportForm.objects.get(code=HOUSEHOLD_REPORT)
        for door in self._random.sample(self._here.doors, 4):
            answers = {"situation": self._random.choice(["same", "same", "nobody"])}
            if self._random.random() < 0.3:
                answers = {"situation": "changed", "changes": ["people"], "arrived": 2}
            by = self._of[door.parent.parent_id] if door.parent else self._here.staff
            self._expect_stored(lambda s, d=door: filing.file_event(d, form, s, at=at), by, answers)

    def _of_building(self, owed: Obligation, at: datetime) -> None:
        nil = self._random.random() < 0.3
        answers = {} if nil else answered(BUILDING_REPORT, self._random, {"corridor": "uncleared"})
        self._expect_stored(
            lambda s: filing.file(owed, s, at=at), self._of[owed.place_id], answers, nil=nil
        )

    def _correct_late(self, week: Period, at: datetime) -> None:
        """Two buildings correct after their block has submitted; one block takes it up, twice."""
        looked = Report.objects.standing().filter(
            obligation__period=week, place__in=self._here.buildings, corridor_uncleared=1
        )
        for number, report in enumerate(looked.order_by("place__code")[:2]):
            owed = self._owed(Place.objects.get(pk=report.place_id), week)
            block = self._owed(Place.objects.get(pk=owed.place.parent_id), week)
            before = self._last(block)
            known = len(corrections.since(before))
            figures = self._corridors(before)
            self._expect_stored(
                lambda s, o=owed: filing.file(o, s, at=at),
                self._of[owed.place_id],
                answered(BUILDING_REPORT, self._random, {"corridor": "none"}),
                base_rev=report.rev,
            )
            self._drain(at)
            self.told.count("提交后下级更正")
            self.told.expect(
                len(corrections.since(before)) == known + 1,
                f"{block.place.name}没有看到{owed.place.name}的更正",
            )
            self.told.expect(
                self._corridors(self._last(block)) == figures, f"{block.place.name}提交的数字变了"
            )
            if number == 0:
                self._refresh(block, before, at=at)

    def _refresh(self, owed: Obligation, before: Filing, *, at: datetime) -> None:
        id_, by = self._uuid(), self._of.get(owed.place_id, self._here.staff)
        both = [
            corrections.refresh(owed, id=id_, base_rev=before.rev, by=by, at=at) for _twice in "ab"
        ]
        self._drain(at)
        self.told.count("一键更新")
        last = self._last(owed)
        self.told.expect(
            [each.is_repeat for each in both] == [False, True] and last.rev == before.rev + 1,
            f"{owed.place.name}更新了两次",
        )
        self.told.expect(corrections.since(last) == [], f"{owed.place.name}更新后仍说下级已更正")

    # --- The community ----------------------------------------------------------------------

    def _open(self, at: datetime) -> None:
        obligations.open_month(at=at)
        owed = self._owed(self._here.root, self._month)
        submitted = owed.opens_at + timedelta(hours=38)
        for hours, step in enumerate((self._submit, self._return, self._submit, self._accept)):
            self._later(submitted + timedelta(hours=hours), partial(step, owed))
        self._later(owed.locks_at + timedelta(days=2), partial(self._amend_after_the_lock, owed))

    def _return(self, owed: Obligation, at: datetime) -> None:
        review.return_(self._report(owed), reason=RETURN_REASON, by=self._here.street, at=at)
        self.told.expect(self._report(owed).review == Review.RETURNED, "街道退回后，月报不是退回")
        self.told.say(at, f"街道退回月报：{RETURN_REASON}")

    def _accept(self, owed: Obligation, at: datetime) -> None:
        told, waiting = self.told, self._report(owed)
        told.expect(waiting.review == Review.WAITING, "再交以后，月报不是待审阅")
        told.expect(waiting.rev == 2, f"月报应是第2次，是第{waiting.rev}次")
        review.accept(waiting, by=self._here.street, at=at)
        report = self._report(owed)
        told.expect(report.review == Review.ACCEPTED, "街道通过后，月报不是已审阅")
        told.expect(report.accepted_rev == report.rev, "审阅到第几次没有记下")
        told.say(at, "街道通过月报")

    def _amend_after_the_lock(self, owed: Obligation, at: datetime) -> None:
        """A building amends with a reason; the community is refused without one, then follows."""
        last = self._last(owed)
        known = len(corrections.since(last))
        week = calendar.week_of(self._mondays()[-1])
        late = self._owed(self._here.buildings[0], week)
        self._expect_stored(
            lambda s: filing.file(late, s, at=at, may_amend_locked=True),
            self._here.staff,
            answered(BUILDING_REPORT, self._random, {"corridor": "uncleared"}),
            base_rev=getattr(Report.objects.filter(obligation=late).first(), "rev", 0),
            reason="当时漏写一处",
        )
        self._drain(at)
        told = self.told
        told.expect(
            len(corrections.since(last)) == known + 1, "归档后楼组更正，月报没有说下级已更正"
        )
        for allowed, reason, answer in (
            (False, "", "locked"),
            (True, "", "reason_required"),
            (True, "楼组归档后更正", ""),
        ):
            got = self._refused(
                corrections.refresh,
                owed,
                id=self._uuid(),
                base_rev=last.rev,
                by=self._here.staff,
                at=at,
                reason=reason,
                may_amend_locked=allowed,
            )
            told.expect(got == answer, f"归档后更新月报：应答{answer or '收下'}，却答{got}")
        self._drain(at)
        told.expect(corrections.since(self._last(owed)) == [], "归档后更新，月报仍说下级已更正")
        told.expect(self._report(owed).accepted_rev == last.rev, "归档后的更正改动了审阅到的那一次")
        told.say(at, "归档后，楼组更正1处，居委会写理由更新月报")

    # --- Small steps ------------------------------------------------------------------------

    def _submit(self, owed: Obligation, at: datetime) -> None:
        """Open the page, see the numbers, send; what was sent before is amended."""
        self._drain(at)
        draft = drafting.draft(owed, at=at)
        report = Report.objects.filter(obligation=owed).first()
        answers = draft.first_answers(owed.form.latest().definition)
        if owed.form.code == BLOCK_REPORT:
            given = {"top_issues": answers["top_issues"] or ["none"], "disputed": "楼号写错了"}
            answers = answered(BLOCK_REPORT, self._random, given)
        elif report:
            answers = self._last(owed).answers | {"next_steps": NEXT_STEPS}
        self._expect_stored(
            lambda s: filing.file(owed, s, at=at),
            self._of.get(owed.place_id, self._here.staff),
            answers,
            base_rev=report.rev if report else 0,
            seen=Seen(draft.seen, at),
        )
        self._drain(at)
        self.told.count(str(owed.form.name))

    def _expect_stored(
        self, file: Callable[[Sending], filing.Receipt], by: User, answers: object, **facts: object
    ) -> None:
        """Send twice, as a phone that missed the answer does."""
        sending = Sending(
            id=self._uuid(), by=by, channel=Filing.Channel.PAGE, answers=answers, **facts
        )
        first, second = file(sending), file(sending)
        self.told.count("送出")
        self.told.expect(
            not first.is_repeat and second.is_repeat and first.filing.pk == second.filing.pk,
            f"{first.report.place_id}：同一份送两次，不是同一回执",
        )

    def _refused(self, call: Callable[..., object], *args: object, **options: object) -> str:
        """The code of the refusal, "" when it was taken."""
        try:
            call(*args, **options)
        except Refusal as refusal:
            return refusal.code
        return ""

    def _owed(self, place: Place, period: Period) -> Obligation:
        return Obligation.objects.select_related("place__community", "period", "form").get(
            place=place, period=period
        )

    def _report(self, owed: Obligation) -> Report:
        return Report.objects.select_related("obligation", "place").get(obligation=owed)

    def _last(self, owed: Obligation) -> Filing:
        return Filing.objects.filter(report__obligation=owed).order_by("-rev")[0]

    def _corridors(self, sent: Filing) -> int:
        if sent.sheet is None:
            return -1
        return sheets.parts_of(sent.sheet)[0].figures["HAZ_CORR"].numerator

    def _uuid(self) -> UUID:
        return UUID(int=self._random.getrandbits(128), version=4)

    def _drain(self, at: datetime) -> None:
        climb.drain(bucket_of(self._here.community.pk), at=at)

    # --- The proof --------------------------------------------------------------------------

    def _prove(self) -> None:
        told = self.told
        sent = Filing.objects.filter(
            report__community=self._here.community, sheet__isnull=False
        ).select_related("sheet__place__community", "sheet__period", "report__form")
        for each in sent:
            checked, wrong = adding_up.differences(each.sheet)
            told.count(f"{each.report.form.name}的数字由来源加出", checked)
            told.faults += wrong
        report = self._report(self._owed(self._here.root, self._month))
        told.expect(report.rev == 3, f"月报应有三次，是{report.rev}次")
        told.faults += [str(each) for each in recount.differences(at=timezone.now())]
        told.faults += [str(each) for each in tree.verify()]
