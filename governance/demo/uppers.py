"""Block reports of past weeks and community reports of past months, through `filing.file(at=…)`.

The last ones are left open, so that each role finds something to do.
"""

from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from governance.demo.shapes import JIANGNAN
from reports import calendar, drafting, filing, measures, review
from reports.catalogue import BLOCK_REPORT, BUILDING_REPORT, COMMUNITY_REPORT
from reports.models import Filing, Obligation, Period, Report, Review, Summary
from reports.rollup import climb
from units.kinds import Duty, Kind
from units.locks import bucket_of
from units.models import Community, Post, User

# Of last week: who has not written yet, who calls it urgent, whose building corrected afterwards.
NOT_YET, URGENT, CORRECTED = ("B03", "B06"), "B05", "B02"
NEXT_STEPS = "下月对{楼道堆物待清}处楼道堆物逐一上门，没有报的楼组由片区社工打电话问。"


class Uppers:
    """Files what block workers and the committee write; the same seed files the same."""

    def __init__(self, random: Random, community: Community, committee: User) -> None:
        self._random = random
        self._community = community
        self._committee = committee
        workers = Post.objects.filter(duty=Duty.BLOCK_WORKER, place__community=community)
        self._workers = {post.place_id: post.user for post in workers.select_related("user")}

    def past(self, week: Period, *, now: datetime, is_last: bool) -> None:
        """The block reports of a week that is over, and the month that had to be told by then."""
        rows = {row.place_id: row for row in Summary.objects.filter(period=week, kind=Kind.BLOCK)}
        for owed in self._owed(BLOCK_REPORT).filter(period=week):
            if is_last and owed.place.code.endswith(NOT_YET):
                continue
            at = owed.opens_at + timedelta(hours=13 + 8 * self._random.random())
            is_urgent = is_last and owed.place.code.endswith(URGENT)
            judged = self._judged(rows[owed.place_id], is_urgent=is_urgent)
            self._submit(owed, judged, at=min(at, now))
        self._drain(calendar.moment(week.ends_on, 24 + 48))
        if is_last:
            self._correct(week, now)
        months = self._owed(COMMUNITY_REPORT).filter(report=None, locks_at__lte=now)
        for owed in months.filter(period__ends_on__lte=week.ends_on):
            at = owed.opens_at + timedelta(hours=39)
            first = drafting.draft(owed, at=at).first_answers(owed.form.latest().definition)
            self._submit(owed, first | {"next_steps": NEXT_STEPS}, at=at)
        self._drain(now)

    def looked_at(self, street: User, *, now: datetime) -> None:
        """The street has accepted the months it was told, but the last of the first compound."""
        told = Report.objects.standing().filter(
            community=self._community, form__code=COMMUNITY_REPORT, review=Review.WAITING
        )
        told = list(told.order_by("as_of"))
        waits = told[-1:] if self._community.code == JIANGNAN.code else []
        for report in told[: len(told) - len(waits)]:
            looked = min(report.last_at + timedelta(days=2), now)
            review.accept_many([report], by=street, at=looked)

    def _owed(self, form: str) -> Any:
        return (
            Obligation.objects.filter(community=self._community, form__code=form)
            .select_related("place__community", "period", "form")
            .order_by("period__starts_on", "place__code")
        )

    def _submit(self, owed: Obligation, answers: dict[str, object], *, at: datetime) -> None:
        sending = filing.Sending(
            id=UUID(int=self._random.getrandbits(128), version=4),
            by=self._workers.get(owed.place_id, self._committee),
            channel=Filing.Channel.PAGE,
            answers=answers,
        )
        filing.file(owed, sending, at=at)

    def _judged(self, row: Summary, *, is_urgent: bool) -> dict[str, object]:
        figures = {m.code: measures.figure(m, [row]) for m in drafting.SUGGESTED_BY.values()}
        judged = {"derived_ok": "right", "top_issues": drafting.suggested(figures)[:3] or ["none"]}
        if is_urgent:
            return judged | {
                "action_taken": "street",
                "assessment": "urgent",
                "support_needed": "departments",
                "note": "地下车库配电箱进水，已断电围挡，请协调供电抢修",
            }
        return judged | {
            "action_taken": self._random.choice(["doing", "doing", "solved", "committee"]),
            "assessment": self._random.choice(["calm", "calm", "calm", "attention"]),
            "support_needed": self._random.choice(["none", "none", "hands", "policy"]),
        }

    def _correct(self, week: Period, now: datetime) -> None:
        """A building corrects itself after its block has submitted, while it still may."""
        report = (
            Report.objects.standing()
            .filter(
                form__code=BUILDING_REPORT,
                as_of=week.ends_on,
                corridor_uncleared=1,
                place__code__contains=f"{self._community.code}-{CORRECTED}",
                obligation__locks_at__gt=now,
            )
            .select_related("obligation__place", "obligation__period", "obligation__form")
            .order_by("place__code")
            .first()
        )
        if report is None:
            return
        last = report.filings.select_related("by").get(rev=report.rev)
        answers = {k: v for k, v in last.answers.items() if k != "corridor_floors"}
        better = filing.Sending(
            id=UUID(int=self._random.getrandbits(128), version=4),
            by=last.by,
            channel=Filing.Channel.PAGE,
            base_rev=report.rev,
            answers=answers | {"corridor": "cleared"},
        )
        filing.file(report.obligation, better, at=now)

    def _drain(self, at: datetime) -> None:
        climb.drain(bucket_of(self._community.pk), at=at)
