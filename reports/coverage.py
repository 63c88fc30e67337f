"""What has come in and what has not: states of obligations, and their words."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models import Obligation, Report, Review


class State(models.TextChoices):
    """Computed from facts and a clock, never stored (domain/forms-and-indicators 5.11)."""

    NOT_DUE = "not_due", _("未到时间")
    DUE = "due", _("未报")
    SUBMITTED = "submitted", _("已报")
    NIL = "nil", _("已报平安")
    RETURNED = "returned", _("退回修改")
    ACCEPTED = "accepted", _("已审阅")
    LOCKED = "locked", _("已归档")
    AMENDED = "amended", _("已更正")
    EXCUSED = "excused", _("免报")
    MISSING = "missing", _("未收到")


# Shape and colour class of each state; the word is always beside it.
GLYPHS = {
    State.NOT_DUE: "○",
    State.DUE: "–",
    State.SUBMITTED: "✓",
    State.NIL: "✓",
    State.RETURNED: "↩",
    State.ACCEPTED: "✓",
    State.LOCKED: "▪",
    State.AMENDED: "✎",
    State.EXCUSED: "·",
    State.MISSING: "–",
}


@dataclass(frozen=True)
class Standing:
    """How one obligation stands at a moment."""

    obligation: Obligation
    report: Report | None
    state: State
    is_late: bool
    is_locked: bool
    # Whether the moment it was due has come.
    is_past_due: bool = False

    @property
    def label(self) -> str:
        return str(self.state.label)

    @property
    def look(self) -> State:
        """The state to be dressed as: what is not due yet is no alarm, whatever has come in."""
        is_early = self.state == State.DUE and not self.is_past_due
        return State.NOT_DUE if is_early else self.state

    @property
    def glyph(self) -> str:
        return GLYPHS[self.look]

    @property
    def needs_eyes(self) -> bool:
        """Whether what was said asks somebody to look."""
        return self.report is not None and self.report.needs_eyes

    @property
    def is_calm(self) -> bool:
        """Said to be calm, where the state itself no longer says so."""
        told = (State.ACCEPTED, State.LOCKED, State.AMENDED)
        return self.report is not None and self.report.nil and self.state in told

    @property
    def is_waived(self) -> bool:
        """Nobody asks for it any more; it is still missing."""
        return self.report is None and self.obligation.is_waived

    @property
    def can_be_filed(self) -> bool:
        """Whether it is still on the list of what is to be done."""
        owed = self.obligation
        is_asked_for = not owed.is_excused and not owed.is_waived
        return self.report is None and not self.is_locked and is_asked_for


def report_of(obligation: Obligation) -> Report | None:
    """The report that stands, from a `with_report()` row: no query."""
    report: Report | None = getattr(obligation, "report", None)
    return report if report and report.stands else None


def standing(obligation: Obligation, *, at: datetime) -> Standing:
    report = report_of(obligation)
    return Standing(
        obligation=obligation,
        report=report,
        state=_state(obligation, report, at),
        is_late=bool(report and report.first_at and not report.on_time),
        is_locked=at >= obligation.locked_from,
        is_past_due=at >= obligation.due_at,
    )


def _state(obligation: Obligation, report: Report | None, at: datetime) -> State:
    if report:
        return _state_filed(obligation, report, at)
    if obligation.is_excused:
        return State.EXCUSED
    if at < obligation.opens_at:
        return State.NOT_DUE
    return State.DUE if at < obligation.closes_at else State.MISSING


def _state_filed(obligation: Obligation, report: Report, at: datetime) -> State:
    """A report sent back is said to be so only while it can still be corrected."""
    is_locked = at >= obligation.locked_from
    if report.review == Review.RETURNED and not is_locked:
        return State.RETURNED
    if report.rev > 1 and report.last_at and report.last_at >= obligation.locks_at:
        return State.AMENDED
    if is_locked:
        return State.LOCKED
    if report.review == Review.ACCEPTED:
        return State.ACCEPTED
    return State.NIL if report.nil else State.SUBMITTED
