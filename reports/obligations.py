"""Opening a period: who owes which report, with its times; and excusing one."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import bell, calendar, free_text, reasons
from reports.catalogue import BLOCK_REPORT, BUILDING_REPORT, COMMUNITY_REPORT
from reports.models import Mark, Obligation, Period, Report, ReportForm
from units import journal, locks
from units.models import Community, Place, User
from units.refusals import Refusal

LONGEST_REASON = 100

Rhythm = Period.PeriodKind


@dataclass(frozen=True)
class Owed:
    """A periodic form: how often it is owed where nothing else is set, and its times."""

    code: str
    usual: Rhythm
    times: Callable[[Period], calendar.Times]


OWED = (
    Owed(BUILDING_REPORT, Rhythm.WEEK, calendar.building_report_times),
    Owed(BLOCK_REPORT, Rhythm.WEEK, calendar.block_report_times),
    Owed(COMMUNITY_REPORT, Rhythm.MONTH, calendar.community_report_times),
)


def rhythm_of(community: Community, code: str, day: date) -> Rhythm:
    """How often a form is owed in the periods whose last day is `day`.

    `Community.rhythm` holds one rhythm a form, or `[[from day, rhythm], …]` once it was changed.
    """
    usual = next(owed.usual for owed in OWED if owed.code == code)
    told = community.rhythm.get(code, usual)
    if isinstance(told, str):
        return Rhythm(told)
    in_force = [rhythm for since, rhythm in told if since <= day.isoformat()]
    return Rhythm(in_force[-1] if in_force else usual)


def open_week(*, at: datetime) -> Period:
    """Enumerate who owes a report for the week of `at`. Safe to run twice and at once.

    A place added afterwards owes nothing until the next opening.
    """
    period = calendar.week_of(timezone.localdate(at))
    _open(period, at)
    return period


def open_month(*, at: datetime) -> Period:
    """The same for the month of `at`."""
    period = calendar.month_of(timezone.localdate(at))
    _open(period, at)
    return period


@transaction.atomic
def _open(period: Period, at: datetime) -> None:
    locks.lock_opening(period.pk)
    forms = ReportForm.objects.in_bulk(field_name="code")
    for owed in OWED:
        form = forms.get(owed.code)
        if form:
            _enumerate(period, form, owed, at)


def _enumerate(period: Period, form: ReportForm, owed: Owed, at: datetime) -> None:
    """One obligation a place, once for each community whose rhythm this period is."""
    opened = set(
        Obligation.objects.filter(period=period, form=form).values_list("community", flat=True)
    )
    due = [
        community.pk
        for community in Community.objects.only("rhythm")
        if community.pk not in opened
        and rhythm_of(community, form.code, period.ends_on) == period.kind
    ]
    times = owed.times(period)
    obligations = [
        Obligation(
            community_id=place.community_id,
            place=place,
            form=form,
            period=period,
            opens_at=times.opens_at,
            due_at=times.due_at,
            closes_at=times.closes_at,
            locks_at=times.locks_at,
        )
        for place in Place.objects.active().filter(
            kind=form.place_kind, opened_on__lte=timezone.localdate(at), community__in=due
        )
    ]
    if not obligations:
        return
    Obligation.objects.bulk_create(obligations, batch_size=2000)
    Mark.objects.bulk_create(
        [
            Mark(community_id=o.community_id, place_id=o.place_id, period=each)
            for each in calendar.periods_holding(period.ends_on)
            for o in obligations
        ],
        batch_size=2000,
    )
    _freeze_later(period, times.locks_at)
    bell.ring_on_commit()


def _freeze_later(owed: Period, locks_at: datetime) -> None:
    """Periods that it counts in keep their shape from this lock on, never before they are over."""
    for period in calendar.periods_holding(owed.ends_on):
        over = calendar.moment(period.ends_on, 24)
        Period.objects.filter(pk=period.pk).update(
            freezes_at=Greatest(F("freezes_at"), Value(locks_at), Value(over))
        )


@transaction.atomic
def excuse(obligation: Obligation, *, reason: str, by: User, at: datetime) -> None:
    """Take one report off what is owed; a filing that stands voids the excuse.

    Raises Refusal `excuse_needs_a_reason`, `locked`, `already_filed`.
    """
    reason = reason.replace("\x00", "").strip()[:LONGEST_REASON]
    free_text.refuse_private_numbers(reason, field="reason")
    if not reason:
        message = _("请写明免报的理由")
        raise Refusal("excuse_needs_a_reason", message, fields={"reason": message})
    locked = _unfiled(obligation, at)
    locked.excused_reason, locked.excused_by = reason, by
    locked.save(update_fields=["excused_reason", "excused_by"])
    journal.note("obligation.excused", user=by, at=at, obligation=locked.pk, reason=reason)
    bell.mark(locked.place, calendar.periods_holding(locked.period.ends_on))


@transaction.atomic
def end_excuse(obligation: Obligation, *, by: User, at: datetime) -> None:
    """Owed again, before the lock; twice is once. Raises Refusal `locked`."""
    locked = _locked(obligation, at)
    if not locked.is_excused:
        return
    locked.excused_reason, locked.excused_by = "", None
    locked.save(update_fields=["excused_reason", "excused_by"])
    journal.note("obligation.excuse_ended", user=by, at=at, obligation=locked.pk)
    bell.mark(locked.place, calendar.periods_holding(locked.period.ends_on))


@transaction.atomic
def waive(obligation: Obligation, *, reason: str, by: User, at: datetime) -> None:
    """Nobody asks for it any more: still missing in every figure, on no list of what is to be done.

    Raises Refusal `reason_required`, `reason_too_long`, `locked`, `already_filed`.
    """
    missing = _("请写明为什么不再催")
    reason = reasons.written(reason, missing=missing, longest=LONGEST_REASON)
    locked = _unfiled(obligation, at)
    locked.waived_reason, locked.waived_by = reason, by
    locked.save(update_fields=["waived_reason", "waived_by"])
    journal.note("obligation.waived", user=by, at=at, obligation=locked.pk, reason=reason)


@transaction.atomic
def end_waiver(obligation: Obligation, *, by: User, at: datetime) -> None:
    """Asked for again, before the lock; twice is once. Raises Refusal `locked`."""
    locked = _locked(obligation, at)
    if not locked.is_waived:
        return
    locked.waived_reason, locked.waived_by = "", None
    locked.save(update_fields=["waived_reason", "waived_by"])
    journal.note("obligation.waiver_ended", user=by, at=at, obligation=locked.pk)


def _unfiled(obligation: Obligation, at: datetime) -> Obligation:
    locked = _locked(obligation, at)
    if Report.objects.standing().filter(obligation=locked).exists():
        raise Refusal("already_filed", _("这里已经报过，不用免报，也不用催"), 409)
    return locked


def _locked(obligation: Obligation, at: datetime) -> Obligation:
    """The row, locked and read again, while its period still is open."""
    locked = (
        Obligation.objects.select_for_update(of=("self",))
        .select_related("place", "period")
        .get(pk=obligation.pk)
    )
    if at >= locked.locks_at:
        raise Refusal("locked", _("本期已归档，不能再改免报和催报"), 409)
    return locked


def latest_opened(community: Community | None = None) -> Period | None:
    """The newest week a building owes a report for (in `community`, or anywhere)."""
    owed = Obligation.objects.filter(form__code=BUILDING_REPORT)
    if community:
        owed = owed.filter(community=community)
    return Period.objects.filter(pk__in=owed.values("period")).order_by("-starts_on").first()
