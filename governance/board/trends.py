"""A figure beside its own past: at most twelve periods of one kind, as a chart and as a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from itertools import pairwise

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from governance.board import charts
from reports.measures import Figure
from reports.models import Period

PERIODS_SHOWN = 12


@dataclass(frozen=True)
class Point:
    """A figure of one period; None where the period has none."""

    period: Period
    figure: Figure | None

    @property
    def value(self) -> Decimal | None:
        return self.figure.value if self.figure else None

    @property
    def text(self) -> str:
        return self.figure.text if self.figure else "—"


@dataclass(frozen=True)
class Past:
    """Oldest first; the last point is the period that is looked at."""

    points: Sequence[Point]
    is_running: bool = False

    @property
    def newest_first(self) -> list[Point]:
        return list(reversed(self.points))

    @property
    def band(self) -> tuple[Decimal, Decimal] | None:
        """The lowest and the highest of the own past, when there is enough of it."""
        before = [p.value for p in self.points[:-1] if p.value is not None]
        return (min(before), max(before)) if len(before) > 1 else None

    @property
    def breaks(self) -> list[int]:
        """Points from which on another formula is in force."""
        versions = [p.figure.measure.version if p.figure else None for p in self.points]
        known = [(i, version) for i, version in enumerate(versions) if version]
        return [i for (_at, old), (i, new) in pairwise(known) if new != old]

    @property
    def words(self) -> str:
        """What the chart answers: 「本期7处，高于自己的过去（3至6处）」"""
        last = self.points[-1].figure
        if last is None or last.value is None:
            return _("本期没有可比的数")
        said = {"now": f"{last.text}{'' if last.is_rate else last.measure.unit}"}
        if self.is_running:
            return _("这一期还没有结束，到现在%(now)s") % said
        if self.band is None:
            return _("本期%(now)s，自己的过去还不够比") % said
        low, high = self.band
        sign = "%" if last.is_rate and not last.measure.is_mean else ""
        said |= {"low": f"{low}{sign}", "high": f"{high}{sign}", "unit": last.measure.unit}
        if self.breaks:
            return _("本期%(now)s；口径更新过，前后不能直接比") % said
        if low == high == last.value:
            return _("本期%(now)s，和自己的过去一样") % said
        if last.value > high:
            return _("本期%(now)s，高于自己的过去（%(low)s至%(high)s）") % said
        if last.value < low:
            return _("本期%(now)s，低于自己的过去（%(low)s至%(high)s）") % said
        return _("本期%(now)s，在自己过去的范围里（%(low)s至%(high)s）") % said

    @property
    def chart(self) -> SafeString:
        last = next((p.figure for p in reversed(self.points) if p.figure), None)
        return charts.past(
            [p.value for p in self.points],
            [charts.short_label(p.period) for p in self.points],
            self.words,
            band=self.band,
            breaks=self.breaks,
            is_count=not (last and last.is_rate),
            is_running=self.is_running,
        )


def past_of(
    periods: Sequence[Period], figures: Mapping[int, Figure], *, at: datetime
) -> Past | None:
    """From figures by period id; None unless two periods have one."""
    points = [Point(period, figures.get(period.pk)) for period in periods]
    first = next((i for i, point in enumerate(points) if point.figure), len(points))
    points = points[first:]
    is_running = timezone.localdate(at) <= periods[-1].ends_on
    return Past(points, is_running) if len(points) > 1 else None
