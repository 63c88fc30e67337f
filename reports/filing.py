"""Filing, amending and withdrawing a report: one transaction of report, filing and marks.

Takes no lock: a filing names the `base_rev` it was made on and wins by compare-and-set. Sending the
same UUID again is answered from what is stored. The caller has checked scope and duty.

A report is about a *subject*: a periodic one answers an obligation and there is one of it; an event
is its own report, found again by the UUID of one of its filings.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import answers as engine
from reports import bell, calendar, free_text
from reports.models import Filing, FormVersion, Obligation, Period, Report, ReportForm
from reports.models.report import SAID
from units.models import Place, User
from units.refusals import Refusal

# A phone that was out of reach may still prove that it was on time.
GRACE = timedelta(hours=48)
# No phone keeps a filing back for longer; an older clock is a wrong one.
OLDEST = timedelta(days=366)


@dataclass(frozen=True)
class Sending:
    """What was sent: `id` is made where the form was opened, `made_at` is that device's clock.

    `happened_on` and `amends` belong to events: the day it is about, and a filing of the report
    that this one follows.
    """

    id: UUID
    by: User
    channel: Filing.Channel
    base_rev: int = 0
    nil: bool = False
    withdraws: bool = False
    answers: Mapping[str, Any] = field(default_factory=dict)
    form_version: int | None = None
    made_at: datetime | None = None
    caller: str = ""
    reason: str = ""
    happened_on: date | None = None


@dataclass(frozen=True)
class Receipt:
    """Proof that a sending is stored. `is_repeat` when it had been stored before."""

    filing: Filing
    report: Report
    is_repeat: bool = False


@dataclass(frozen=True)
class Subject:
    """What a report is about. `report` is the standing one when there is one."""

    place: Place
    form: ReportForm
    obligation: Obligation | None
    as_of: date
    report: Report | None


def file(
    obligation: Obligation, sending: Sending, *, at: datetime, may_amend_locked: bool = False
) -> Receipt:
    """Store one sending of a periodic report.

    Raises Refusal: `same_id_other_body` (409), `already_filed` and `stale` (409, with both
    versions), `not_open_yet`, `locked`, `reason_required`, `nothing_to_withdraw` (409),
    `unknown_form_version` (422), and what `answers.validate` raises (422).
    """
    subject = Subject(
        obligation.place,
        obligation.form,
        obligation,
        obligation.period.ends_on,
        Report.objects.filter(obligation=obligation).first(),
    )
    return _file(_prepare(subject, sending), at, may_amend_locked)


def file_event(
    place: Place,
    form: ReportForm,
    sending: Sending,
    *,
    at: datetime,
    report: Report | None = None,
    may_amend_locked: bool = False,
) -> Receipt:
    """Store one sending about an event: a new report, or the next filing of `report`.

    Raises what `file` raises, and `day_to_come`, `before_it_stood`, `after_it_closed` (422).
    """
    return _file(_prepare(_event(place, form, sending, at, report), sending), at, may_amend_locked)


@dataclass(frozen=True)
class Prepared:
    """A sending that passed its checks, and the rows it becomes."""

    subject: Subject
    sending: Sending
    version: FormVersion
    answered: engine.Answered
    body_hash: str

    def report(self, at: datetime) -> Report:
        """A new event's report, already at its first filing."""
        return Report(
            **_report_facts(self.subject),
            is_event=True,
            rev=1,
            first_at=at,
            **self.says(at),
        )

    def says(self, at: datetime) -> dict[str, Any]:
        """What the report says from now on."""
        said = {column: self.answered.said.get(column, 0) for column in SAID}
        return said | {
            "nil": self.sending.nil,
            "head_count": self.answered.answers.get("head_count"),
            "made_at": self._made_at(at),
            "last_at": at,
        }

    def filing(self, report: Report, at: datetime) -> Filing:
        sending = self.sending
        return Filing(
            id=sending.id,
            report=report,
            rev=sending.base_rev + 1,
            base_rev=sending.base_rev,
            form_version=self.version,
            nil=sending.nil,
            withdraws=sending.withdraws,
            answers=self.answered.answers,
            body_hash=self.body_hash,
            by=sending.by,
            channel=sending.channel,
            caller=sending.caller,
            made_at=self._made_at(at),
            received_at=at,
            reason=sending.reason,
        )

    def _made_at(self, at: datetime) -> datetime:
        """A phone's clock may be dead or run ahead; nothing is made after it was received."""
        return min(max(self.sending.made_at or at, at - OLDEST), at)


def prepare_event(
    place: Place,
    form: ReportForm,
    sending: Sending,
    at: datetime,
    report: Report | None = None,
) -> Prepared:
    """Check an event's sending without storing anything. Raises as `file_event` does."""
    subject = _event(place, form, sending, at, report)
    _refuse_a_day_that_cannot_be(subject, timezone.localdate(at))
    return _prepare(subject, sending)


def _event(
    place: Place, form: ReportForm, sending: Sending, at: datetime, report: Report | None
) -> Subject:
    day = sending.happened_on or (report.as_of if report else timezone.localdate(at))
    return Subject(place, form, None, day, report)


def _prepare(subject: Subject, sending: Sending) -> Prepared:
    # Private numbers do not hide beside the answers either.
    free_text.refuse_private_numbers(sending.caller, field="caller")
    free_text.refuse_private_numbers(sending.reason, field="reason")
    version = _version(subject.form, sending)
    answered = _answered(version, sending)
    body_hash = _hash(subject, sending, version, answered.answers)
    return Prepared(subject, sending, version, answered, body_hash)


@transaction.atomic
def _file(prepared: Prepared, at: datetime, may_amend_locked: bool) -> Receipt:
    subject, sending, body_hash = prepared.subject, prepared.sending, prepared.body_hash
    repeat = _repeat(subject, sending, body_hash)
    if repeat:
        return repeat
    _refuse_outside_its_time(subject, sending, at, may_amend_locked)

    report = subject.report or _new_report(subject)
    if sending.withdraws and not report.stands:
        raise Refusal("nothing_to_withdraw", _("这份报告还没有报过，不用撤回"), 409)
    before = report.as_of
    if not _advance(report, prepared, at):
        # Another sending came first: perhaps this very one, through a second connection.
        repeat = _repeat(subject, sending, body_hash)
        if repeat:
            return repeat
        raise _stale(report, sending, prepared.answered.answers)
    try:
        with transaction.atomic():
            filing = prepared.filing(report, at)
            filing.save(force_insert=True)
    except IntegrityError as error:
        repeat = _repeat(subject, sending, body_hash)
        if repeat and not subject.obligation:
            # The same event through a second connection: this one's empty report must go.
            report.delete()
            return repeat
        raise _same_id() from error
    bell.mark(subject.place, _periods(subject, before))
    report.refresh_from_db()
    return Receipt(filing, report)


def _version(form: ReportForm, sending: Sending) -> FormVersion:
    number = sending.form_version
    version = form.latest() if number is None else form.wordings.get(number)
    if version is None:
        raise Refusal("unknown_form_version", _("没有这一版的表，请刷新后再看一眼，填的内容还在"))
    return version


def _answered(version: FormVersion, sending: Sending) -> engine.Answered:
    """A nil or withdrawing sending carries no answers; any sent along are ignored."""
    if sending.nil and version.form.is_event:
        message = _("这张表没有“平安无事”，请选一下情况")
        raise Refusal("nil_is_for_periods", message, fields={"nil": message})
    if sending.nil or sending.withdraws:
        return engine.Answered({}, {})
    return engine.validate(version.definition, sending.answers)


def _hash(
    subject: Subject, sending: Sending, version: FormVersion, answers: Mapping[str, Any]
) -> str:
    body = [
        # The day as it was sent: what stands for no day is another one tomorrow.
        subject.obligation.pk
        if subject.obligation
        else [subject.place.pk, str(sending.happened_on)],
        sending.base_rev,
        sending.nil,
        sending.withdraws,
        answers,
        # A nil says the same in any wording; answers belong to one.
        None if sending.nil or sending.withdraws else version.number,
        sending.caller,
        sending.reason,
    ]
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


def _repeat(subject: Subject, sending: Sending, body_hash: str) -> Receipt | None:
    filing = Filing.objects.select_related("report").filter(pk=sending.id).first()
    if filing is None:
        return None
    is_other = subject.report is not None and filing.report_id != subject.report.pk
    if is_other or filing.report.place_id != subject.place.pk or filing.body_hash != body_hash:
        raise _same_id()
    return Receipt(filing, filing.report, is_repeat=True)


def _same_id() -> Refusal:
    return Refusal(
        "same_id_other_body", _("这个编号已经用来报过别的内容，请返回首页重新打开再填"), 409
    )


def _refuse_a_day_that_cannot_be(subject: Subject, today: date) -> None:
    """A day once accepted stays good: what it said may be amended after the place closed."""
    place, day = subject.place, subject.as_of
    if subject.report and subject.report.as_of == day:
        return
    if day > today:
        message = _("日期还没到，请选今天或以前的日子")
        raise Refusal("day_to_come", message, fields={"happened_on": message})
    if day < place.opened_on:
        message = _("那时这里还没有启用，请再看一下日期")
        raise Refusal("before_it_stood", message, fields={"happened_on": message})
    if not place.stands_on(day):
        message = _("这里已经注销，不能再报以后的事")
        raise Refusal("after_it_closed", message, fields={"happened_on": message})


def _event_locks_at(subject: Subject) -> datetime | None:
    """An event once filed locks with its week, and moves into no week that is locked already."""
    if subject.report is None:
        return None
    days = {subject.report.as_of, subject.as_of}
    locks = [calendar.week_of(day).freezes_at for day in days]
    return min((lock for lock in locks if lock), default=None)


def _refuse_outside_its_time(
    subject: Subject, sending: Sending, at: datetime, may_amend_locked: bool
) -> None:
    """A periodic report locks with its obligation; an event once filed, with its week."""
    if subject.obligation:
        locks_at: datetime | None = subject.obligation.locks_at
        if at < subject.obligation.opens_at:
            raise Refusal("not_open_yet", _("这一期还没有开始"), 409)
    else:
        _refuse_a_day_that_cannot_be(subject, timezone.localdate(at))
        locks_at = _event_locks_at(subject)
    if locks_at is None or at < locks_at:
        return
    if not may_amend_locked:
        raise Refusal("locked", _("本期已归档，不能再改。确需补报或更正，请打电话给居委会"), 409)
    if not sending.reason.strip():
        message = _("本期已归档，更正请写明理由")
        raise Refusal("reason_required", message, fields={"reason": message})


def _report_facts(subject: Subject) -> dict[str, Any]:
    place: Place | None = subject.place
    line = []
    while place:
        line.append(place.pk)
        place = place.parent
    return {
        "community_id": subject.place.community_id,
        "place_id": subject.place.pk,
        "form": subject.form,
        "as_of": subject.as_of,
        "path_as_filed": line[::-1],
    }


def _new_report(subject: Subject) -> Report:
    facts = _report_facts(subject)
    if subject.obligation is None:
        return Report.objects.create(is_event=True, **facts)
    report, _made = Report.objects.get_or_create(obligation=subject.obligation, defaults=facts)
    return report


def _advance(report: Report, prepared: Prepared, at: datetime) -> bool:
    """Compare-and-set on `rev`; what the report says becomes what this sending says."""
    subject, sending = prepared.subject, prepared.sending
    if report.rev != sending.base_rev:
        return False
    now_says = prepared.says(at)
    if not report.stands:
        # Withdrawing is as if never filed, so the next filing is a first one.
        now_says |= {"first_at": at, "on_time": _is_on_time(subject.obligation, sending, at)}
    return bool(
        Report.objects.filter(pk=report.pk, rev=sending.base_rev).update(
            rev=F("rev") + 1, withdrawn=sending.withdraws, as_of=subject.as_of, **now_says
        )
    )


def _is_on_time(obligation: Obligation | None, sending: Sending, at: datetime) -> bool:
    if obligation is None:
        return False
    due = obligation.due_at
    made_at = sending.made_at or at
    return at <= due or (obligation.opens_at <= made_at <= due and at <= due + GRACE)


def _periods(subject: Subject, before: date) -> list[Period]:
    """What must be recomputed: an amendment that changes the day touches both days' periods."""
    periods = {
        period for day in {subject.as_of, before} for period in calendar.periods_holding(day)
    }
    if subject.obligation is None:
        periods.add(calendar.now_period())
    return sorted(periods, key=lambda period: period.pk)


def _stale(report: Report, sending: Sending, answers: Mapping[str, Any]) -> Refusal:
    last = Filing.objects.filter(report=report).select_related("by").order_by("-rev").first()
    if last is None:
        return Refusal("stale", _("这份报告已经变了，请刷新后再看一眼"), 409)
    told = timezone.localtime(last.received_at)
    who = {"name": last.by.full_name, "time": f"{told.month}月{told.day}日 {told:%H:%M}"}
    first = sending.base_rev == 0
    return Refusal(
        "already_filed" if first else "stale",
        (
            _("%(name)s已在%(time)s报过。要补充还是更正？")
            if first
            else _("刚才%(name)s改过，请看一下再保存")
        )
        % who,
        409,
        theirs=version_of(last),
        yours={
            "base_rev": sending.base_rev,
            "nil": sending.nil,
            "withdraws": sending.withdraws,
            "answers": dict(answers),
        },
    )


def version_of(filing: Filing) -> dict[str, Any]:
    """A filing as the API shows it."""
    return {
        "receipt": filing.receipt,
        "rev": filing.rev,
        "by": filing.by.full_name,
        "received_at": filing.received_at.isoformat(),
        "nil": filing.nil,
        "withdraws": filing.withdraws,
        "answers": filing.answers,
    }
