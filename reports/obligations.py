"""Opening a period: who owes which report, with its times; and excusing one."""

from datetime import datetime

from django.db import transaction
from django.db.models import F, Value
from django.db.models.functions import Greatest
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import bell, calendar, free_text
from reports.catalogue import BUILDING_REPORT
from reports.models import Mark, Obligation, Period, Report, ReportForm
from units import journal, locks
from units.kinds import Kind
from units.models import Community, Place, User
from units.refusals import Refusal

LONGEST_REASON = 100


@transaction.atomic
def open_week(*, at: datetime) -> Period:
    """Enumerate the building reports of the week of `at`, once for each community.

    A building added afterwards owes nothing until the next opening. Safe to run twice and at once.
    """
    period = calendar.week_of(timezone.localdate(at))
    locks.lock_opening(period.pk)
    form = ReportForm.objects.get(code=BUILDING_REPORT)
    opened = Obligation.objects.filter(period=period, form=form).values("community")
    times = calendar.building_report_times(period)
    places = (
        Place.objects.active()
        .filter(kind=Kind.BUILDING, opened_on__lte=timezone.localdate(at))
        .exclude(community__in=opened)
    )
    owed = [
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
        for place in places
    ]
    Obligation.objects.bulk_create(owed, batch_size=2000)
    Mark.objects.bulk_create(
        [
            Mark(community_id=o.community_id, place_id=o.place_id, period=each)
            for each in calendar.periods_holding(period.ends_on)
            for o in owed
        ],
        batch_size=2000,
    )
    if owed:
        _freeze_later(period, times.locks_at)
        bell.ring_on_commit()
    return period


def _freeze_later(week: Period, locks_at: datetime) -> None:
    """Week, month and quarter keep their shape from this lock on, never before they are over."""
    for period in calendar.periods_holding(week.ends_on):
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
    locked = (
        Obligation.objects.select_for_update(of=("self",))
        .select_related("place", "period")
        .get(pk=obligation.pk)
    )
    if at >= locked.locks_at:
        raise Refusal("locked", _("本期已归档，不能再免报"), 409)
    if Report.objects.standing().filter(obligation=locked).exists():
        raise Refusal("already_filed", _("这个楼组已经报过，不用免报"), 409)
    locked.excused_reason, locked.excused_by = reason, by
    locked.save(update_fields=["excused_reason", "excused_by"])
    journal.note("obligation.excused", user=by, at=at, obligation=locked.pk, reason=reason)
    bell.mark(locked.place, calendar.periods_holding(locked.period.ends_on))


def latest_opened(community: Community | None = None) -> Period | None:
    """The newest week somebody owes a report for (in `community`, or anywhere)."""
    owed = Obligation.objects.all()
    if community:
        owed = owed.filter(community=community)
    return Period.objects.filter(pk__in=owed.values("period")).order_by("-starts_on").first()
