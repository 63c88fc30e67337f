"""The street's first page: the week in one view, each number beside its own past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from governance.board import charts
from governance.board.figures import (
    Sheet,
    containing,
    past_of,
    weeks_with_obligations,
)
from governance.board.live import live_token
from governance.board.pace import Pace, pace
from governance.board.pages import chosen_week, trend_of
from governance.supervision import matters
from reports import calendar, measures, queue
from reports.catalogue import COMMUNITY_REPORT
from reports.disclosure import Lens
from reports.measures import Better, Figure, Measure
from reports.models import Obligation, Period, Report, Summary
from units import scope
from units.kinds import Kind
from units.models import Community, Division, Place, User
from units.scope import Action

# What the week comes to: of all communities together, so nothing about few people.
WEEKLY = (
    measures.COVERAGE,
    measures.MISSING,
    measures.CORRIDOR,
    measures.EBIKE,
    measures.FACILITY,
    measures.WASTE,
    measures.ON_TIME,
    measures.BLOCK_COVERAGE,
)


@dataclass(frozen=True)
class Change:
    """From one whole week to the next: an arrow, the words for it, and whether it is for the
    better (None where it is neither)."""

    glyph: str
    words: str
    is_better: bool | None


@dataclass(frozen=True)
class Row:
    """A line of the timetable. `change` is between whole weeks, never to a running one.

    `then` is of the week before at this moment of it, while the reports are not due; `opens_at` is
    when those that it counts can first be written, where nobody could yet.
    """

    measure: Measure
    now: Figure
    before: Figure
    then: Figure | None
    opens_at: datetime | None
    change: Change | None
    chart: SafeString | str


def change(now: Figure, before: Figure) -> Change | None:
    if now.value is None or before.value is None:
        return None
    difference = now.value - before.value
    if difference == 0:
        return Change("→", _("一样"), None)
    if now.is_rate:
        words = (_("高%s个百分点") if difference > 0 else _("低%s个百分点")) % abs(difference)
    else:
        template = _("多%(number)d%(unit)s") if difference > 0 else _("少%(number)d%(unit)s")
        words = template % {"number": abs(difference), "unit": now.measure.unit}
    better = now.measure.better
    is_better = None if better == Better.NEITHER else (difference > 0) is (better == Better.HIGHER)
    return Change("↑" if difference > 0 else "↓", words, is_better)


def roots_of(division: Division) -> list[Place]:
    return list(
        Place.objects.filter(
            kind=Kind.COMMUNITY, community__division__in=division.with_descendants()
        )
        .select_related("community")
        .order_by("code")
    )


def street(
    user: User, division: Division, *, week: str, is_compared: bool, at: datetime
) -> dict[str, Any]:
    """Communities one under another, each beside its own past; side by side only on request."""
    roots = roots_of(division)
    communities = [root.community for root in roots]
    return {
        **the_week(user, division, roots, week=week, at=at),
        "is_compared": is_compared,
        "missing_years": calendar.years_without_holidays(timezone.localdate(at)),
        "month": _month(communities, at),
        "room": matters.counts(communities, at=at),
        "reads_reports": division.code in scope.reach(user, Action.SEE_REPORTS).divisions,
    }


def the_week(
    user: User, division: Division, roots: list[Place], *, week: str, at: datetime
) -> dict[str, Any]:
    """The figures of a week, and of each community."""
    periods = weeks_with_obligations([root.community_id for root in roots])
    period = chosen_week(periods, week)
    past = past_of(roots, periods)
    place = len(periods) - 1 - list(periods).index(period) if period else 0
    rows = {pk: row for pk, told in past.items() if period and (row := told[place])}
    may_review = division.code in scope.reach(user, Action.REVIEW).divisions
    of_communities = Report.objects.reviewed_by(user).filter(place__in=roots)
    lens = Lens(user, communities=[root.community_id for root in roots], at=at)
    is_running = period is not None and timezone.localdate(at) <= period.ends_on
    going = (
        pace([root.community_id for root in roots], period, at=at)
        if period and is_running
        else None
    )
    return {
        "division": division,
        "may_review": may_review,
        "waiting": queue.count(of_communities) if may_review else 0,
        "period": period,
        "periods": periods,
        "is_running": is_running,
        "pace": going,
        "rows": _rows(past, periods, period, division, going, is_running=is_running)
        if period
        else [],
        "communities": [
            {
                "community": root.community,
                "sheet": Sheet(root, period, rows.get(root.pk), lens),
                "trend": trend_of(past[root.pk], periods, period),
            }
            for root in roots
        ],
        "export_places": [],
        "export_periods": containing(period) if period else [],
        "computed_at": at if rows else None,
        "live_token": live_token(period, roots, is_above=True, street=division.code),
    }


def _rows(
    past: dict[int, list[Summary | None]],
    periods: Sequence[Period],
    period: Period,
    division: Division,
    going: Pace | None,
    *,
    is_running: bool,
) -> list[Row]:
    """`past` is oldest first, `periods` newest first."""
    index = list(periods).index(period)
    first_whole = index + is_running

    def of(measure: Measure, place: int) -> Figure:
        """Of the whole street in the week that is `place` weeks before the newest."""
        if place >= len(periods):
            return measures.figure(measure, [])
        told = periods[place]
        found = [row for rows in past.values() if (row := rows[len(periods) - 1 - place])]
        if not found:
            return measures.Figure(measure, None, None, division.code, told.key)
        return measures.figure(measure, found, place=division.code, period=told.key)

    lines = []
    for measure in WEEKLY:
        weeks = [of(measure, place) for place in reversed(range(first_whole, len(periods)))]
        lines.append(
            Row(
                measure,
                of(measure, index),
                of(measure, index + 1),
                going.then.get(measure.code) if going else None,
                going.blocks_open_at if going and measure is measures.BLOCK_COVERAGE else None,
                change(of(measure, first_whole), of(measure, first_whole + 1)),
                _sparkline(weeks),
            )
        )
    return lines


def _sparkline(weeks: Sequence[Figure]) -> SafeString | str:
    """Whole weeks only, from zero."""
    known = [each.value for each in weeks if each.value is not None]
    if len(known) < 2:
        return ""
    top = 100 if weeks[0].is_rate else max(int(max(known)), 1)
    title = _("%(name)s，自己过去的%(count)d个整周，最近%(value)s") % {
        "name": weeks[0].measure.name,
        "count": len(weeks),
        "value": weeks[-1].text,
    }
    return charts.sparkline([each.value for each in weeks], title, top)


@dataclass(frozen=True)
class Month:
    """How the newest monthly reports stand."""

    period: Period
    owed: int
    filed: int
    accepted: int
    returned: int

    @property
    def missing(self) -> int:
        return self.owed - self.filed


def _month(communities: Sequence[Community], at: datetime) -> Month | None:
    owed = Obligation.objects.filter(
        community__in=[each.pk for each in communities],
        form__code=COMMUNITY_REPORT,
        opens_at__lte=at,
        excused_reason="",
    )
    of = ("pk", "key", "kind", "starts_on", "ends_on")
    standing = Q(report__rev__gt=0, report__withdrawn=False)
    newest = (
        owed.order_by("-period__starts_on")
        .values(*(f"period__{name}" for name in of))
        .annotate(
            owed=Count("pk"),
            filed=Count("pk", filter=standing),
            accepted=Count("pk", filter=standing & Q(report__review="accepted")),
            returned=Count("pk", filter=standing & Q(report__review="returned")),
        )
        .first()
    )
    if newest is None:
        return None
    period = Period(**{name: newest.pop(f"period__{name}") for name in of})
    return Month(period, **newest)
