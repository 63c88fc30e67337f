"""趋势: one measure over its own past, a small chart for each community, titled by its answer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.http import QueryDict
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from governance.board import charts, trends
from governance.board.street_pages import roots_of
from governance.board.trends import PERIODS_SHOWN, Past, Point
from reports import measures
from reports.disclosure import Lens
from reports.measures import Audience, Figure, Measure
from reports.models import Period, Summary
from units.models import Division, Place, User

KINDS = (Period.PeriodKind.WEEK, Period.PeriodKind.MONTH, Period.PeriodKind.QUARTER)
# At most so many charts at once; the rest is chosen by name.
_MOST = 40


@dataclass(frozen=True)
class Line:
    """A community's past of the measure; `past` None where two periods of it are not known."""

    place: Place
    past: Past | None
    words: str
    chart: SafeString | str
    periods: Sequence[Period] = ()

    @property
    def padded(self) -> list[Point | None]:
        """A point for each period of the page, None where the past does not reach."""
        known = {point.period.pk: point for point in self.past.points} if self.past else {}
        return [known.get(period.pk) for period in self.periods]


def offered() -> list[Measure]:
    """What the street sees over time; who lives here is of today only."""
    return [
        each for each in measures.CATALOGUE if Audience.STREET in each.viewers and not each.is_stock
    ]


def page(user: User, division: Division, asked: QueryDict, *, at: datetime) -> dict[str, Any]:
    measure = next((m for m in offered() if m.code == asked.get("measure")), measures.COVERAGE)
    kind = asked.get("kind") if asked.get("kind") in measure.periods else measure.periods[0]
    roots = roots_of(division)
    named = set(asked.getlist("community"))
    chosen = [root for root in roots if root.community.code in named] or roots
    periods = _periods(kind, at)
    lens = Lens(user, communities=[root.community_id for root in chosen], at=at)
    figures = _figures(measure, chosen, periods, lens)
    shown = chosen[:_MOST]
    return {
        "division": division,
        "measure": measure,
        "measures": offered(),
        "kind": kind,
        "kinds": [(each, each.label, each in measure.periods) for each in KINDS],
        "roots": roots,
        "chosen": {root.pk for root in chosen} if named else set(),
        "left_out": len(chosen) - len(shown),
        "periods": periods,
        "lines": [_line(root, periods, figures.get(root.pk, {}), at) for root in shown],
        "is_compared": "compare" in asked,
        "query": _without(asked, "compare"),
        "computed_at": at,
    }


def _without(asked: QueryDict, name: str) -> str:
    kept = asked.copy()
    kept.pop(name, None)
    return kept.urlencode()


def _periods(kind: str, at: datetime) -> list[Period]:
    """The running one and those before it, oldest first."""
    begun = Period.objects.filter(kind=kind, starts_on__lte=timezone.localdate(at))
    return list(begun.order_by("-starts_on")[: PERIODS_SHOWN + 1])[::-1]


def _figures(
    measure: Measure, roots: Sequence[Place], periods: Sequence[Period], lens: Lens
) -> dict[int, dict[int, Figure]]:
    """By community's place and period, through the lens, in each period's own version."""
    places = {root.pk: root for root in roots}
    of = {period.pk: period for period in periods}
    stock: dict[int, Summary] = {}
    if measure.needs_stock:
        now = Summary.objects.filter(period__kind=Period.PeriodKind.NOW, place__in=places)
        stock = {row.place_id: row for row in now}
    found: dict[int, dict[int, Figure]] = {}
    for row in Summary.objects.filter(place__in=places, period__in=of):
        rows = [row, stock[row.place_id]] if row.place_id in stock else [row]
        found.setdefault(row.place_id, {})[row.period_id] = lens.figure(
            measure, rows, place=places[row.place_id], period=of[row.period_id]
        )
    return found


def _line(
    place: Place, periods: Sequence[Period], figures: Mapping[int, Figure], at: datetime
) -> Line:
    past = trends.past_of(periods, figures, at=at)
    if past is None:
        return Line(place, None, _("满两期后这里会有自己的过去"), "", periods)
    words = answer(past)
    return Line(place, past, words, _chart(past, words), periods)


def answer(past: Past) -> str:
    """What the chart answers, of whole periods only: 「第44周起比自己的过去少」.

    A run of the last whole periods, all outside what was there before it, is a change that began
    with its first; with fewer than four periods before, nothing is claimed.
    """
    whole = list(past.points[:-1] if past.is_running else past.points)
    known = [point for point in whole if point.value is not None]
    if any(point.figure and point.figure.is_hidden for point in whole) and len(known) < 2:
        return _("人数少，街道看不到单独的数")
    if len(known) < 2:
        return _("整期的数还不够比")
    versions = {point.figure.measure.version for point in known if point.figure}
    if len(versions) > 1:
        return _("口径更新过，前后不能直接比")
    began = _began(known)
    if began:
        index, is_more = began
        template = _("%s起比自己的过去多") if is_more else _("%s起比自己的过去少")
        if known[-1].figure and known[-1].figure.is_rate:
            template = _("%s起比自己的过去高") if is_more else _("%s起比自己的过去低")
        return template % charts.short_label(known[index].period)
    values = [point.value for point in known if point.value is not None]
    if len(set(values)) == 1:
        return _("一直是%s，没有变化") % known[-1].text
    unit = "" if known[-1].figure and known[-1].figure.is_rate else known[-1].figure.measure.unit  # type: ignore[union-attr]
    return _("%(period)s%(value)s%(unit)s，在自己过去的范围里") % {
        "period": charts.short_label(known[-1].period),
        "value": known[-1].text,
        "unit": unit,
    }


# Periods that must lie before a change for it to be one.
_BEFORE = 4


def _began(known: Sequence[Point]) -> tuple[int, bool] | None:
    """Where the longest closing run outside all that was before it begins, and to which side."""
    values = [point.value or Decimal(0) for point in known]
    for start in range(_BEFORE, len(values)):
        before, after = values[:start], values[start:]
        if min(after) > max(before):
            return start, True
        if max(after) < min(before):
            return start, False
    return None


def _chart(past: Past, title: str) -> SafeString:
    """Its own past as a band behind the line; every chart stands on zero.

    The running period is in the table only: half a week drawn beside whole ones is a fall.
    """
    whole = past.points[:-1] if past.is_running else past.points
    last = next((p.figure for p in reversed(past.points) if p.figure), None)
    return charts.past(
        [point.value for point in whole],
        [charts.short_label(point.period) for point in whole],
        title,
        band=past.band,
        breaks=[each for each in past.breaks if each < len(whole)],
        is_count=True,
        top=Decimal(100) if last and last.is_rate and not last.measure.is_mean else None,
    )
