"""What has come in and what has not: states of obligations, and their words."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models import Obligation, Report


class State(models.TextChoices):
    """Computed from facts and a clock, never stored (domain/forms-and-indicators 5.11)."""

    NOT_DUE = "not_due", _("未到时间")
    DUE = "due", _("未报")
    SUBMITTED = "submitted", _("已报")
    NIL = "nil", _("已报平安")
    AMENDED = "amended", _("已更正")
    EXCUSED = "excused", _("免报")
    MISSING = "missing", _("未收到")


# Shape and colour class of each state; the word is always beside it.
GLYPHS = {
    State.NOT_DUE: "○",
    State.DUE: "–",
    State.SUBMITTED: "✓",
    State.NIL: "✓",
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

    @property
    def label(self) -> str:
        return str(self.state.label)

    @property
    def glyph(self) -> str:
        return GLYPHS[self.state]

    @property
    def needs_eyes(self) -> bool:
        """Whether what was said asks somebody to look."""
        report = self.report
        return report is not None and bool(
            report.corridor_uncleared
            or report.ebike_unresolved
            or report.disputes > report.mediated
            or report.facility_reported
            or report.stock_tight
            or report.figures_disputed
        )


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
    )


def _state(obligation: Obligation, report: Report | None, at: datetime) -> State:
    if report:
        if report.rev > 1 and report.last_at and report.last_at >= obligation.locks_at:
            return State.AMENDED
        return State.NIL if report.nil else State.SUBMITTED
    if obligation.is_excused:
        return State.EXCUSED
    if at < obligation.opens_at:
        return State.NOT_DUE
    return State.DUE if at < obligation.closes_at else State.MISSING
