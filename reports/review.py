"""Review by exception: what may follow what, and the decisions that say so.

A decision takes effect at once and is undone by another decision, never by taking a row away:
there is nothing that a dying process could lose. The caller asks who may review (`units/scope.py`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext as _

from reports import queue, reasons
from reports.decisions import already, as_told, decided, stories, write_acceptances
from reports.models import Decision, Filing, Obligation, Report, Review
from units import journal
from units.models import User
from units.refusals import Refusal

UNDO_WITHIN = timedelta(seconds=10)
# The longest that one report is opened again after its lock.
LONGEST_UNLOCK = timedelta(days=14)
# Reports that accept themselves in one transaction.
_AT_ONCE = 500


class Stage(StrEnum):
    """Where a periodic report stands; absent before its first sending and when withdrawn."""

    ABSENT = "absent"
    WAITING = Review.WAITING.value
    RETURNED = Review.RETURNED.value
    ACCEPTED = Review.ACCEPTED.value


class Event(StrEnum):
    FILE = "file"
    WITHDRAW = "withdraw"
    ACCEPT = "accept"
    ACCEPT_ITSELF = "accept_itself"
    RETURN = "return"
    UNDO = "undo"
    UNLOCK = "unlock"


# What may follow what; anything that is not here is refused. None: back to what it was before.
TRANSITIONS: dict[tuple[Stage, Event], Stage | None] = {
    (Stage.ABSENT, Event.FILE): Stage.WAITING,
    (Stage.WAITING, Event.FILE): Stage.WAITING,
    (Stage.RETURNED, Event.FILE): Stage.WAITING,
    (Stage.ACCEPTED, Event.FILE): Stage.WAITING,
    (Stage.WAITING, Event.WITHDRAW): Stage.ABSENT,
    (Stage.RETURNED, Event.WITHDRAW): Stage.ABSENT,
    (Stage.ACCEPTED, Event.WITHDRAW): Stage.ABSENT,
    (Stage.WAITING, Event.ACCEPT): Stage.ACCEPTED,
    (Stage.RETURNED, Event.ACCEPT): Stage.ACCEPTED,
    (Stage.WAITING, Event.ACCEPT_ITSELF): Stage.ACCEPTED,
    (Stage.WAITING, Event.RETURN): Stage.RETURNED,
    (Stage.ACCEPTED, Event.RETURN): Stage.RETURNED,
    (Stage.RETURNED, Event.UNDO): None,
    (Stage.ACCEPTED, Event.UNDO): None,
    # Opening again says nothing about what was reported.
    (Stage.ABSENT, Event.UNLOCK): Stage.ABSENT,
    (Stage.WAITING, Event.UNLOCK): Stage.WAITING,
    (Stage.RETURNED, Event.UNLOCK): Stage.RETURNED,
    (Stage.ACCEPTED, Event.UNLOCK): Stage.ACCEPTED,
}


@dataclass
class Accepted:
    """What one press came to: the decisions, and for each report left alone why."""

    decisions: list[Decision] = field(default_factory=list)
    left: list[Refusal] = field(default_factory=list)


def stage_of(report: Report) -> Stage:
    return Stage(report.review) if report.stands else Stage.ABSENT


def accept(report: Report, *, by: User, at: datetime, batch: UUID | None = None) -> Decision:
    """`report` is as the reviewer saw it.

    Raises Refusal `own_report` (403), `changed_since`, `already_decided`, `nothing_to_review`
    (409).
    """
    accepted = accept_many([report], by=by, at=at, batch=batch)
    if accepted.left:
        raise accepted.left[0]
    return accepted.decisions[0]


@transaction.atomic
def accept_many(
    reports: Sequence[Report], *, by: User, at: datetime, batch: UUID | None = None
) -> Accepted:
    """Accept each as the reviewer saw it, or leave it alone and say why; never all or none."""
    batch = batch or uuid4()
    locked, done = _lock(reports, by, batch)
    own = set(Filing.objects.filter(report__in=locked, by=by).values_list("report", flat=True))
    accepted = Accepted(list(done.values()))
    made: list[Decision] = []
    for seen in reports:
        if seen.pk in done:
            continue
        try:
            now = _as_seen(seen, locked.get(seen.pk), Event.ACCEPT)
            if now.pk in own:
                raise Refusal("own_report", _("这份是您报的或代报的，请另一位同事审阅"), 403)
        except Refusal as refusal:
            accepted.left.append(refusal)
            continue
        made.append(decided(now, Decision.What.ACCEPTED, by=by, at=at, batch=batch))
    write_acceptances(made)
    accepted.decisions += made
    return accepted


@transaction.atomic
def return_(
    report: Report, *, reason: str, by: User, at: datetime, batch: UUID | None = None
) -> Decision:
    """Send one report back with a written reason; it is waiting again once corrected.

    Raises Refusal `reason_required`, `reason_too_long` and those of free text (422), `locked`,
    `changed_since`, `already_decided`, `nothing_to_review` (409).
    """
    reason = reasons.written(reason, missing=_("请写明退回的理由，对方好知道改哪里"))
    batch = batch or uuid4()
    locked, done = _lock([report], by, batch)
    if report.pk in done:
        return done[report.pk]
    now = _as_seen(report, locked.get(report.pk), Event.RETURN)
    if now.obligation and at >= now.obligation.locked_from:
        raise Refusal("locked", _("本期已归档，对方改不了。请先重新打开，再退回"), 409)
    decision = decided(now, Decision.What.RETURNED, by=by, at=at, batch=batch, reason=reason)
    decision.save(force_insert=True)
    Report.objects.filter(pk=now.pk).update(review=Review.RETURNED)
    return decision


@transaction.atomic
def undo(decisions: Iterable[Decision], *, by: User, at: datetime) -> int:
    """Take back one's own decisions within ten seconds; twice is once.

    Returns how many are undone now. What somebody sent or decided since stays as it is. Raises
    Refusal `undo_not_found`, `undo_too_late`, `undo_overtaken` when that is all of them (409).
    """
    wanted = {each.pk: each for each in decisions}
    mine = all(
        each.by_id == by.pk and each.what != Decision.What.UNDONE for each in wanted.values()
    )
    if not wanted or not mine:
        raise Refusal("undo_not_found", _("没有可以撤销的决定"), 409)
    if any(at > each.at + UNDO_WITHIN for each in wanted.values()):
        raise Refusal("undo_too_late", _("已过十秒，不能再撤销。可以在报告页面另作决定"), 409)
    locked = _locked([each.report_id for each in wanted.values()])
    undone = Decision.objects.filter(undoes__in=wanted).count()
    for pk, story in stories(locked).items():
        if not story or story[-1].pk not in wanted or story[-1].rev != locked[pk].rev:
            continue
        last = story.pop()
        decided(locked[pk], Decision.What.UNDONE, by=by, at=at, batch=last.batch, undoes=last).save(
            force_insert=True
        )
        review, accepted_rev = as_told(story, locked[pk].rev)
        Report.objects.filter(pk=pk).update(review=review, accepted_rev=accepted_rev)
        undone += 1
    if not undone:
        raise Refusal("undo_overtaken", _("这以后又改过或另有决定，不能再撤销，请看一下再定"), 409)
    return undone


def accept_by_itself(*, at: datetime) -> int:
    """Nil and calm reports whose late filing has closed; returns how many. Safe to repeat."""
    accepted = 0
    while count := _accept_some(at):
        accepted += count
    return accepted


@transaction.atomic
def _accept_some(at: datetime) -> int:
    closed = Report.objects.standing().filter(
        is_event=False, review=Review.WAITING, obligation__closes_at__lte=at
    )
    calm = queue.with_reasons(closed).filter(queue.IS_CALM, has_note=False)
    free = calm.select_for_update(of=("self",), skip_locked=True).order_by("pk")
    locked = [each.pk for each in free[:_AT_ONCE]]
    batch = uuid4()
    # Read again: a sentence may have been added between looking and locking.
    made = [
        decided(each, Decision.What.ACCEPTED, by=None, at=at, batch=batch)
        for each in calm.filter(pk__in=locked)
    ]
    write_acceptances(made)
    return len(made)


@transaction.atomic
def unlock(
    what: Report | Obligation, *, reason: str, until: datetime, by: User, at: datetime
) -> Obligation:
    """Open one report again after its lock, until a moment; what is then sent shows as 「已更正」.

    Raises Refusal `reason_required`, `bad_until` (422), `not_locked` (409).
    """
    reason = reasons.written(reason, missing=_("请写明为什么要重新打开"))
    pk = what.obligation_id if isinstance(what, Report) else what.pk
    obligation = (
        Obligation.objects.select_for_update(of=("self",)).select_related("place").get(pk=pk)
    )
    if at < obligation.locks_at:
        raise Refusal("not_locked", _("本期还没有归档，不用重新打开"), 409)
    if not at < until <= at + LONGEST_UNLOCK:
        message = _("请选从现在起%d天以内的时间") % LONGEST_UNLOCK.days
        raise Refusal("bad_until", message, fields={"until": message})
    obligation.unlocked_until = until
    obligation.save(update_fields=["unlocked_until"])
    report = Report.objects.filter(obligation=obligation).first()
    if report:
        decided(report, Decision.What.UNLOCKED, by=by, at=at, batch=uuid4(), reason=reason).save(
            force_insert=True
        )
    journal.note("obligation.unlocked", user=by, at=at, obligation=pk, reason=reason)
    return obligation


# --- Inside a transaction ------------------------------------------------------------------


def _locked(ids: Iterable[int]) -> dict[int, Report]:
    """The reports locked and read again, in one order for everybody."""
    rows = Report.objects.select_for_update(of=("self",)).select_related("obligation")
    return {each.pk: each for each in rows.filter(pk__in=list(ids)).order_by("pk")}


def _lock(
    reports: Sequence[Report], by: User, batch: UUID
) -> tuple[dict[int, Report], dict[int, Decision]]:
    """The locked rows, and what this very press has decided already."""
    locked = _locked(each.pk for each in reports)
    done = Decision.objects.filter(batch=batch, by=by, report__in=locked, undoes__isnull=True)
    return locked, {each.report_id: each for each in done}


def _as_seen(seen: Report, now: Report | None, event: Event) -> Report:
    """The row of this moment, when it is still what the reviewer saw and `event` may follow."""
    if now is None or not now.stands or now.is_event:
        raise Refusal("nothing_to_review", _("这份报告已经撤回，现在没有要审阅的"), 409)
    if now.rev != seen.rev:
        raise Refusal("changed_since", _("刚才改过，请看一下再定"), 409)
    if now.review != seen.review or (stage_of(now), event) not in TRANSITIONS:
        raise already(now)
    return now
