"""Reading summaries for pages: figures with coverage, definition and time, and their own past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from django.db.models import Q
from django.utils.translation import gettext as _

from reports import disclosure, measures, provenance
from reports.catalogue import BUILDING_REPORT
from reports.disclosure import Lens
from reports.measures import CONCERNS, Figure, Measure, figure
from reports.models import Obligation, Period, Summary
from units.models import Place

WEEKS_SHOWN = 12


@dataclass(frozen=True)
class Sheet:
    """The figures of one place in one period, as one person may see them.

    Each is worked out once, however often a template asks for it.
    """

    place: Place
    period: Period | None
    row: Summary | None
    lens: Lens

    @cached_property
    def coverage(self) -> Figure:
        return self._of(measures.COVERAGE)

    @cached_property
    def missing(self) -> Figure:
        return self._of(measures.MISSING)

    @cached_property
    def waste(self) -> Figure:
        return self._of(measures.WASTE)

    @cached_property
    def on_time(self) -> Figure:
        return self._of(measures.ON_TIME)

    @cached_property
    def concerns(self) -> list[Figure]:
        return [figure for figure in map(self._of, CONCERNS) if not figure.is_hidden]

    @property
    def told(self) -> str:
        """「看过61 · 报平安58 · 未收到6」: looked at, said to be calm, unknown."""
        row = self.row
        if row is None:
            return _("还没有应报的楼组")
        words = _("看过%(looked)d · 报平安%(nil)d · 未收到%(missing)d") % {
            "looked": row.building_looked,
            "nil": row.building_nil,
            "missing": measures.total(measures.MISSING.numerator, [row]),
        }
        if row.building_excused:
            words += _(" · 免报%d") % row.building_excused
        return words

    def _of(self, measure: Measure) -> Figure:
        if self.period is None:
            return figure(measure, [])
        rows = [self.row] if self.row else []
        return self.lens.figure(measure, rows, place=self.place, period=self.period)


def households_of(place: Place, week: Period, row: Summary | None, lens: Lens) -> list[Figure]:
    """Who lives under `place` now, the movements of `week`, and what its quarter has confirmed."""
    others = Summary.objects.filter(
        Q(period__kind=Period.PeriodKind.NOW)
        | Q(
            period__kind=Period.PeriodKind.QUARTER,
            period__starts_on__lte=week.ends_on,
            period__ends_on__gte=week.ends_on,
        ),
        place=place,
    ).select_related("period")
    told = {each.period.kind: (each.period, each) for each in others}
    if row:
        told[week.kind] = (week, row)
    wanted = (
        (Period.PeriodKind.NOW, measures.POPULATION),
        (Period.PeriodKind.WEEK, measures.MOVEMENT),
        (Period.PeriodKind.QUARTER, (measures.CONFIRMED,)),
    )
    figures = [
        lens.figure(measure, [told[kind][1]], place=place, period=told[kind][0])
        for kind, chosen in wanted
        if kind in told
        for measure in chosen
        if place.kind <= provenance.deepest(measure)
    ]
    return [each for each in figures if each.sign != disclosure.Sign.APART.label]


def rows_of(period: Period | None, places: Sequence[Place]) -> dict[int, Summary]:
    """Summary rows of `places` in `period`, by place id."""
    if period is None:
        return {}
    found = Summary.objects.filter(period=period, place__in=[place.pk for place in places])
    return {row.place_id: row for row in found}


def weeks_with_obligations(
    communities: Sequence[int], count: int = WEEKS_SHOWN + 1
) -> list[Period]:
    """The newest `count` weeks that these communities' buildings report for, newest first."""
    owed = Obligation.objects.filter(community__in=communities, form__code=BUILDING_REPORT).values(
        "period"
    )
    return list(Period.objects.filter(pk__in=owed).order_by("-starts_on")[:count])


def containing(week: Period) -> list[Period]:
    """The week itself, and the month and the quarter that hold its last day."""
    longer = Period.objects.filter(
        kind__in=(Period.PeriodKind.MONTH, Period.PeriodKind.QUARTER),
        starts_on__lte=week.ends_on,
        ends_on__gte=week.ends_on,
    )
    return [week, *longer.order_by("-starts_on")]


def past_of(places: Sequence[Place], periods: Sequence[Period]) -> dict[int, list[Summary | None]]:
    """For each place its rows over `periods`, oldest first; None where it has none."""
    by_key = {
        (row.place_id, row.period_id): row
        for row in Summary.objects.filter(
            place__in=[place.pk for place in places], period__in=[p.pk for p in periods]
        )
    }
    return {
        place.pk: [by_key.get((place.pk, period.pk)) for period in reversed(periods)]
        for place in places
    }


def latest_time(rows: Sequence[Summary]) -> datetime | None:
    return max((row.computed_at for row in rows), default=None)


def change_in_words(now: Figure, before: Figure) -> str:
    """「比上周高1.2个百分点」 or 「比上周多2个」; nothing when either is unknown."""
    if now.value is None or before.value is None:
        return ""
    difference = now.value - before.value
    if difference == 0:
        return _("与上周相同")
    if now.is_rate:
        template = _("比上周高%s个百分点") if difference > 0 else _("比上周低%s个百分点")
        return template % abs(difference)
    template = (
        _("比上周多%(number)d%(unit)s") if difference > 0 else _("比上周少%(number)d%(unit)s")
    )
    return template % {"number": abs(difference), "unit": now.measure.unit}
