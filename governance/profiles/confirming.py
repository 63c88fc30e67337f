"""Deciding about what a building report calls broken: only this changes a facility's condition."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.profiles import inspecting
from governance.profiles.intake import KINDS, kinds_of, label_of
from governance.profiles.models import (
    Condition,
    DefectDecision,
    Facility,
    FacilityCondition,
    FacilityKind,
)
from reports.models import Filing, Report
from units import journal
from units.models import Place, User
from units.refusals import Refusal

CONFIRMED, SET_ASIDE, UNDONE = "defect.confirmed", "defect.set_aside", "defect.undone"
UNDO_WITHIN = timedelta(seconds=10)
# report id → the sending of it that was seen
Seen = Mapping[int, int]


@transaction.atomic
def confirm(
    seen: Seen,
    kind: str,
    *,
    facility: Facility | None,
    condition: str,
    batch: UUID,
    by: User,
    at: datetime,
) -> Facility:
    """It is so: `facility`, or a new one of the building, has this condition from now on.

    Pressed twice it is one decision. Raises Refusal `changed_since`, `already_decided`,
    `facility_removed` (409), `unknown_condition` (422).
    """
    if done := _done(batch, by):
        return done[0].condition.facility
    if condition not in Condition.values:
        message = _("请选现在是什么状况")
        raise Refusal("unknown_condition", message, fields={"condition": message})
    told = _as_seen(seen, kind)
    on = timezone.localdate(told[0].received_at)
    because = FacilityCondition.Because.REPORTED
    made = None
    if facility is None:
        facility = made = _new(told[0], kind, condition, by=by, at=at)
        row = made.conditions.get()
    else:
        row = inspecting.become(
            inspecting.locked(facility),
            condition,
            on=on,
            because=because,
            filing=told[0],
            by=by,
            at=at,
        )
    _decide(
        told,
        kind,
        DefectDecision.Outcome.CONFIRMED,
        condition=row,
        made_facility=made,
        batch=batch,
        by=by,
        at=at,
    )
    journal.note(CONFIRMED, user=by, at=at, facility=facility.pk, reports=list(seen))
    return facility


@transaction.atomic
def set_aside(seen: Seen, kind: str, *, reason: str, batch: UUID, by: User, at: datetime) -> None:
    """Nothing to do about it, with a reason; no facility changes.

    Raises Refusal `reason_required` and those of free text (422), `changed_since`,
    `already_decided` (409).
    """
    if _done(batch, by):
        return
    reason = inspecting.written(reason, "reason")
    if not reason:
        message = _("请写明为什么不作处理")
        raise Refusal("reason_required", message, fields={"reason": message})
    told = _as_seen(seen, kind)
    _decide(told, kind, DefectDecision.Outcome.SET_ASIDE, reason=reason, batch=batch, by=by, at=at)
    journal.note(SET_ASIDE, user=by, at=at, reports=list(seen), reason=reason)


@transaction.atomic
def undo(batch: UUID, *, by: User, at: datetime) -> int:
    """Take back one's own press within ten seconds: it waits again, the facility is as it was.

    Returns how many decisions; twice is once. Raises Refusal `undo_not_found`, `undo_too_late`,
    `undo_overtaken` (409).
    """
    rows = DefectDecision.objects.select_for_update(of=("self",)).filter(batch=batch, by=by)
    decisions = list(rows.order_by("pk"))
    if not decisions:
        raise Refusal("undo_not_found", _("没有可以撤销的"), 409)
    standing = [each for each in decisions if each.undone_at is None]
    if not standing:
        return 0
    if at > standing[0].at + UNDO_WITHIN:
        message = _("已过十秒，不能再撤销。可以到这处设施的页面记一次检查")
        raise Refusal("undo_too_late", message, 409)
    if standing[0].condition:
        _restore(standing[0], by=by, at=at)
    DefectDecision.objects.filter(pk__in=[each.pk for each in standing]).update(undone_at=at)
    journal.note(UNDONE, user=by, at=at, reports=[each.report_id for each in standing])
    return len(standing)


def _restore(decision: DefectDecision, *, by: User, at: datetime) -> None:
    row = decision.condition
    facility = inspecting.locked(row.facility)
    before = list(facility.conditions.order_by("-pk")[:2])
    if before[0].pk != row.pk:
        raise Refusal("undo_overtaken", _("这以后又改过，不能再撤销，请看一下再定"), 409)
    if decision.made_facility_id:
        inspecting.take_away(facility, _("登记后十秒内撤销"), at=at)
        return
    inspecting.become(
        facility,
        before[1].condition,
        on=before[1].on,
        because=FacilityCondition.Because.UNDONE,
        by=by,
        at=at,
    )


def _done(batch: UUID, by: User) -> Sequence[DefectDecision]:
    """What this very press has decided already."""
    made = DefectDecision.objects.standing().filter(batch=batch, by=by)
    return made.select_related("condition__facility")


def _as_seen(seen: Seen, kind: str) -> list[Filing]:
    """The sendings as the person saw them, newest first, when each still says so.

    Locks the reports, so that nobody decides or amends meanwhile.
    """
    reports = Report.objects.select_for_update(of=("self",)).filter(pk__in=list(seen))
    now = {each.pk: each for each in reports.order_by("pk")}
    if len(now) < len(seen) or any(
        not each.stands or each.rev != seen[pk] for pk, each in now.items()
    ):
        raise Refusal("changed_since", _("这份报告刚才改过或撤回了，请看一下再定"), 409)
    filings = list(
        Filing.objects.filter(report__in=now, rev=F("report__rev"))
        .select_related("report__place", "form_version")
        .order_by("-report__as_of")
    )
    if not filings or any(kind not in kinds_of(each) for each in filings):
        raise Refusal("changed_since", _("这份报告刚才改过或撤回了，请看一下再定"), 409)
    decided = DefectDecision.objects.standing().filter(report__in=now, kind=kind)
    if any(row.rev == seen[row.report_id] for row in decided):
        raise Refusal("already_decided", _("这一条刚才已经有人定过，请刷新后再看"), 409)
    return filings


def _new(filing: Filing, kind: str, condition: str, *, by: User, at: datetime) -> Facility:
    """A new one at the building, named as its kind is, or as the report calls it."""
    place: Place = filing.report.place
    of = KINDS.get(kind, FacilityKind.OTHER)
    name = str(of.label) if kind in KINDS else label_of(filing, kind)[:20]
    return inspecting.add(
        place,
        {"kind": of, "name": _free_name(place, of, name)},
        condition=condition,
        on=timezone.localdate(filing.received_at),
        because=FacilityCondition.Because.REPORTED,
        filing=filing,
        by=by,
        at=at,
    )


def _free_name(place: Place, kind: str, name: str) -> str:
    """「给排水」, or 「给排水2」 where there is one already."""
    taken = set(
        Facility.objects.there().filter(place=place, kind=kind).values_list("name", flat=True)
    )
    names = (f"{name}{number}" if number > 1 else name for number in count(1))
    return next(each for each in names if each not in taken)


def _decide(
    told: Sequence[Filing], kind: str, outcome: str, *, at: datetime, by: User, **facts: object
) -> None:
    DefectDecision.objects.bulk_create(
        DefectDecision(
            report=each.report, rev=each.rev, kind=kind, outcome=outcome, at=at, by=by, **facts
        )
        for each in told
    )
