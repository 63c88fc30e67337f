"""Filing, amending and withdrawing a report: one transaction of report, filing and marks.

Takes no lock: a filing names the `base_rev` it was made on and wins by compare-and-set. Sending the
same UUID again is answered from what is stored. The caller has checked scope and duty.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import bell, calendar, sheets
from reports.models import Filing, Obligation, Report, ReportForm, Review
from reports.sending import (
    Prepared,
    Receipt,
    Seen,
    Sending,
    Subject,
    event,
    prepare,
    refuse_a_day_that_cannot_be,
    refuse_an_old_wording,
)
from reports.storing import store_new
from units.models import Place
from units.refusals import Refusal

__all__ = [
    "Prepared",
    "Receipt",
    "Seen",
    "Sending",
    "Subject",
    "file",
    "file_event",
    "version_of",
]


def file(
    obligation: Obligation, sending: Sending, *, at: datetime, may_amend_locked: bool = False
) -> Receipt:
    """Store one sending of a periodic report; a block's or community's with its figures.

    Raises Refusal: `same_id_other_body` (409), `already_filed` and `stale` (409, with both
    versions), `not_open_yet`, `locked`, `reason_required`, `nothing_to_withdraw` (409),
    `unknown_form_version` (422), `form_updated` (409), and what `answers.validate` raises (422); of
    a block or community `numbers_changed` (409) and `still_counting` (503).
    """
    subject = Subject(
        obligation.place,
        obligation.form,
        obligation,
        obligation.period.ends_on,
        _report_of(obligation),
    )
    prepared = prepare(subject, sending, at=at)
    if obligation.form.is_upper and not sending.withdraws:
        # In a transaction of its own: a page that comes back has to show what is counted now.
        sheets.count_what_waits(obligation.place, obligation.period, at=at)
        return _file_with_figures(prepared, at, may_amend_locked)
    return _file(prepared, at, may_amend_locked)


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
    subject = event(place, form, sending, at, report)
    return _file(prepare(subject, sending, at=at), at, may_amend_locked)


def _file(prepared: Prepared, at: datetime, may_amend_locked: bool) -> Receipt:
    try:
        _refuse_outside_its_time(prepared, at, may_amend_locked)
    except Refusal:
        # What is stored already is confirmed, whatever the time.
        repeat = _repeat(prepared)
        if repeat:
            return repeat
        raise
    if prepared.is_first:
        [stored] = store_new([prepared], at=at)
        if stored:
            return stored
    return _repeat(prepared) or _follow(prepared, at)


@transaction.atomic
def _file_with_figures(prepared: Prepared, at: datetime, may_amend_locked: bool) -> Receipt:
    """The figures from below are taken and stored with the filing, or neither is."""
    repeat = _repeat(prepared)
    obligation, sending = prepared.subject.obligation, prepared.sending
    if repeat or obligation is None:
        return repeat or _file(prepared, at, may_amend_locked)
    place, period = obligation.place, obligation.period
    sheet = sheets.settled(place, period, by=sending.by, at=at)
    if sending.seen and sending.seen.version != sheets.version(sheet):
        raise _numbers_changed(sheets.changed_since(place, period, sending.seen.at))
    with_sheet = replace(prepared, sending=replace(sending, sheet=sheet))
    receipt = _file(with_sheet, at, may_amend_locked)
    if not receipt.is_repeat:
        # The filing names it already: foreign keys are looked at when the transaction ends.
        sheet.save(force_insert=True)
    return receipt


def _numbers_changed(count: int) -> Refusal:
    message = (
        _("下级刚更正了%d处，数字已更新，请再看一眼") % count
        if count
        else _("下级的数字刚更新过，请再看一眼")
    )
    return Refusal("numbers_changed", message, 409)


@transaction.atomic
def _follow(prepared: Prepared, at: datetime) -> Receipt:
    """The next filing of a report that is there."""
    subject, sending = prepared.subject, prepared.sending
    report = subject.report or _report_of(subject.obligation)
    if sending.withdraws and not (report and report.stands):
        raise Refusal("nothing_to_withdraw", _("这份报告还没有报过，不用撤回"), 409)
    if report is None or not _advance(report, prepared, at):
        # Another sending came first: perhaps this very one, through a second connection.
        repeat = _repeat(prepared)
        if repeat:
            return repeat
        raise _stale(report, sending, prepared.answered.answers)
    try:
        with transaction.atomic():
            filing = prepared.filing(report, at)
            filing.save(force_insert=True)
    except IntegrityError as error:
        raise _same_id() from error
    days = {subject.as_of, report.as_of}
    bell.mark(subject.place, calendar.periods_touched(days, is_event=report.is_event))
    report.refresh_from_db()
    return Receipt(filing, report)


def _report_of(obligation: Obligation | None) -> Report | None:
    if obligation is None:
        return None
    return Report.objects.filter(obligation=obligation).first()


def _repeat(prepared: Prepared) -> Receipt | None:
    """What is stored under this UUID. Raises `same_id_other_body` when it is something else."""
    subject = prepared.subject
    filing = Filing.objects.select_related("report").filter(pk=prepared.sending.id).first()
    if filing is None:
        return None
    is_other = subject.report is not None and filing.report_id != subject.report.pk
    is_elsewhere = filing.report.place_id != subject.place.pk
    if is_other or is_elsewhere or filing.body_hash != prepared.body_hash:
        raise _same_id()
    return Receipt(filing, filing.report, is_repeat=True)


def _same_id() -> Refusal:
    return Refusal(
        "same_id_other_body", _("这个编号已经用来报过别的内容，请返回首页重新打开再填"), 409
    )


def _refuse_outside_its_time(prepared: Prepared, at: datetime, may_amend_locked: bool) -> None:
    """A periodic report locks with its obligation; an event once filed, with its week."""
    subject = prepared.subject
    refuse_an_old_wording(prepared.version, prepared.sending, at)
    if subject.obligation:
        locks_at: datetime | None = subject.obligation.locked_from
        if at < subject.obligation.opens_at:
            raise Refusal("not_open_yet", _("这一期还没有开始"), 409)
    else:
        refuse_a_day_that_cannot_be(subject, at)
        locks_at = _event_locks_at(subject)
    if locks_at is None or at < locks_at:
        return
    if not may_amend_locked:
        raise Refusal("locked", _("本期已归档，不能再改。确需补报或更正，请打电话给居委会"), 409)
    if not prepared.sending.reason.strip():
        message = _("本期已归档，更正请写明理由")
        raise Refusal("reason_required", message, fields={"reason": message})


def _event_locks_at(subject: Subject) -> datetime | None:
    """An event once filed locks with its week, and moves into no week that is locked already."""
    if subject.report is None:
        return None
    days = {subject.report.as_of, subject.as_of}
    locks = [calendar.week_of(day).freezes_at for day in days]
    return min((lock for lock in locks if lock), default=None)


def locks_at(report: Report) -> datetime | None:
    """When its sender may no longer correct it; None while that is not set."""
    if report.obligation:
        locked_from: datetime = report.obligation.locked_from
        return locked_from
    return calendar.week_of(report.as_of).freezes_at


def _advance(report: Report, prepared: Prepared, at: datetime) -> bool:
    """Compare-and-set on `rev`; what the report says becomes what this sending says."""
    subject, sending = prepared.subject, prepared.sending
    if report.rev != sending.base_rev:
        return False
    now_says = prepared.says(at)
    if not report.stands:
        # Withdrawing is as if never filed, so the next filing is a first one.
        now_says |= prepared.comes_in(at)
    return bool(
        Report.objects.filter(pk=report.pk, rev=sending.base_rev).update(
            rev=F("rev") + 1,
            withdrawn=sending.withdraws,
            as_of=subject.as_of,
            # What was accepted or returned is another thing now.
            review=Review.WAITING,
            **now_says,
        )
    )


def _stale(report: Report | None, sending: Sending, answers: Mapping[str, Any]) -> Refusal:
    last = report and report.filings.select_related("by").order_by("-rev").first()
    if not last:
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
