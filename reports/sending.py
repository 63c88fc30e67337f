"""A sending and what it is about: checked here, stored by `filing.py` and `storing.py`.

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

from django.utils import timezone
from django.utils.translation import gettext as _

from reports import answers as engine
from reports import free_text
from reports.models import Filing, FormVersion, Obligation, Report, ReportForm, Sheet
from reports.models.report import SAID
from units.kinds import Kind
from units.models import Place, User
from units.refusals import Refusal

# A phone that was out of reach may still prove that it was on time.
GRACE = timedelta(hours=48)
# No phone keeps a filing back for longer; an older clock is a wrong one.
OLDEST = timedelta(days=366)
# A form opened before its wording changed may be filled in for this long (docs/decisions/0015).
OLD_WORDING = timedelta(days=14)


@dataclass(frozen=True)
class Seen:
    """The numbers that a page showed (`sheets.version`), and when it was made."""

    version: str
    at: datetime


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
    # Passed on from a chat, where one question is answered and the others stay open.
    is_partial: bool = False
    # The figures from below that a block or community report is submitted with: filing adds them.
    sheet: Sheet | None = None
    # What of these figures its page had shown; None when nothing was shown.
    seen: Seen | None = None


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


@dataclass(frozen=True)
class Prepared:
    """A sending that passed its checks, and the rows it becomes."""

    subject: Subject
    sending: Sending
    version: FormVersion
    answered: engine.Answered
    body_hash: str

    @property
    def is_first(self) -> bool:
        """Whether it can be the first filing of a new report."""
        sending = self.sending
        return self.subject.report is None and sending.base_rev == 0 and not sending.withdraws

    def report(self, at: datetime) -> Report:
        """A new report at its first filing; where it hangs in the tree is told when stored."""
        subject = self.subject
        return Report(
            community_id=subject.place.community_id,
            place=subject.place,
            form=subject.form,
            is_event=subject.obligation is None,
            obligation_id=subject.obligation.pk if subject.obligation else None,
            as_of=subject.as_of,
            rev=1,
            **self.says(at),
            **self.comes_in(at),
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

    def comes_in(self, at: datetime) -> dict[str, Any]:
        """What only the first filing that stands decides."""
        return {"first_at": at, "on_time": self._is_on_time(at)}

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
            sheet=sending.sheet,
        )

    def _made_at(self, at: datetime) -> datetime:
        """A phone's clock may be dead or run ahead; nothing is made after it was received."""
        return min(max(self.sending.made_at or at, at - OLDEST), at)

    def _is_on_time(self, at: datetime) -> bool:
        obligation = self.subject.obligation
        if obligation is None:
            return False
        due = obligation.due_at
        made_at = self.sending.made_at or at
        return at <= due or (obligation.opens_at <= made_at <= due and at <= due + GRACE)


def prepare(subject: Subject, sending: Sending, *, at: datetime) -> Prepared:
    """Check what is sent against its form.

    Raises `unknown_form_version`, `form_updated`, or as `validate` does. A whole sending in an old
    wording passes here: `refuse_an_old_wording` is asked once it is known not to be stored yet.
    """
    # Private numbers do not hide beside the answers either.
    free_text.refuse_private_numbers(sending.caller, field="caller")
    free_text.refuse_private_numbers(sending.reason, field="reason")
    version = _version(subject.form, sending)
    try:
        answered = _answered(version, sending)
    except Refusal:
        # What lacks in a form that is no longer asked is not worth mending.
        refuse_an_old_wording(version, sending, at)
        raise
    body_hash = _hash(subject, sending, version, answered.answers)
    return Prepared(subject, sending, version, answered, body_hash)


def event(
    place: Place, form: ReportForm, sending: Sending, at: datetime, report: Report | None = None
) -> Subject:
    """What an event's sending is about; without a day it is about today."""
    day = sending.happened_on or (report.as_of if report else timezone.localdate(at))
    return Subject(place, form, None, day, report)


def _version(form: ReportForm, sending: Sending) -> FormVersion:
    number = sending.form_version
    version = form.latest() if number is None else form.wordings.get(number)
    if version is None:
        raise Refusal("unknown_form_version", _("没有这一版的表，请刷新后再看一眼，填的内容还在"))
    return version


def refuse_an_old_wording(version: FormVersion, sending: Sending, at: datetime) -> None:
    """Raises `form_updated` (409) for answers made more than 14 days after a newer wording came.

    What counts is when they were made: a phone that kept a sending back is not turned away. Its
    clock is believed between the day that wording came out and now, otherwise now counts.
    """
    replaced_at = version.form.replaced_at(version.number)
    if replaced_at is None or sending.nil or sending.withdraws:
        return
    made_at = sending.made_at
    if made_at is None or not version.published_at <= made_at <= at:
        made_at = at
    if made_at > replaced_at + OLD_WORDING:
        raise Refusal("form_updated", _("这张表已更新，请刷新后再看一眼，填的内容还在"), 409)


def _answered(version: FormVersion, sending: Sending) -> engine.Answered:
    """A nil or withdrawing sending carries no answers; any sent along are ignored."""
    form = version.form
    if sending.nil and (form.place_kind != Kind.BUILDING or form.is_event):
        message = _("这张表没有“平安无事”，请选一下情况")
        raise Refusal("nil_is_for_periods", message, fields={"nil": message})
    if sending.nil or sending.withdraws:
        return engine.Answered({}, {})
    return engine.validate(version.definition, sending.answers, is_partial=sending.is_partial)


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


def refuse_a_day_that_cannot_be(subject: Subject, at: datetime) -> None:
    """Raises `day_to_come`, `before_it_stood`, `after_it_closed` (422) about an event.

    A day once accepted stays good: what it said may be amended after the place closed.
    """
    place, day = subject.place, subject.as_of
    if subject.report and subject.report.as_of == day:
        return
    if day > timezone.localdate(at):
        message = _("日期还没到，请选今天或以前的日子")
        raise Refusal("day_to_come", message, fields={"happened_on": message})
    if day < place.opened_on:
        message = _("那时这里还没有启用，请再看一下日期")
        raise Refusal("before_it_stood", message, fields={"happened_on": message})
    if not place.stands_on(day):
        message = _("这里已经注销，不能再报以后的事")
        raise Refusal("after_it_closed", message, fields={"happened_on": message})
