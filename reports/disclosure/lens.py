"""What one person sees of summaries: as whom, and through the rule where that is from above."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from django.utils import timezone

from reports import calendar, measures
from reports.disclosure import rule
from reports.disclosure.rule import (
    FLOATING,
    MOVEMENT,
    PEOPLE,
    PROTECTED,
    Month,
    Sign,
    Stock,
    Values,
)
from reports.measures import Audience, Figure, Measure
from reports.models import Period, Summary
from reports.rollup.leaf import COLUMNS
from units import scope
from units.kinds import Kind
from units.models import Place, User
from units.scope import Action


def is_over(period: Period, *, at: datetime) -> bool:
    """Whether the reports of `period` are locked."""
    return at >= (period.freezes_at or calendar.moment(period.ends_on, 24))


def is_above(user: User, place: Place) -> bool:
    """Whether this person sees `place` from above its community, and so through the filter."""
    return not scope.reach(user, Action.SEE_SENSITIVE).holds(place)


def adds_up_above(measure: Measure) -> bool:
    """Whether there is a total of several communities: not of people, nor of what is sensitive."""
    return Audience.STREET in measure.viewers and measure.columns.isdisjoint(PROTECTED)


def audience(user: User, place: Place) -> Audience:
    """As whom this person sees the figures of `place`, which is in reach."""
    if is_above(user, place):
        return Audience.STREET
    is_own = scope.reach(user, Action.FILE).holds(place)
    if is_own and not scope.reach(user, Action.FILE_FOR).holds(place):
        return Audience.GROUP
    return Audience.COMMITTEE


def may_see(measure: Measure, seen_as: Audience) -> bool:
    """A group sees what its building says; what is sensitive only where the catalogue has it."""
    if seen_as in measure.viewers:
        return True
    return seen_as is Audience.GROUP and not measure.is_sensitive


class Lens:
    """What one person sees of summaries; made once a page, it reads each community once."""

    def __init__(self, user: User, *, communities: Iterable[int] = (), at: datetime) -> None:
        self.user = user
        self.at = at
        self._communities = set(communities)
        self._audiences: dict[int, Audience] = {}

    def audience(self, place: Place) -> Audience:
        if place.pk not in self._audiences:
            self._audiences[place.pk] = audience(self.user, place)
        return self._audiences[place.pk]

    def is_above(self, place: Place) -> bool:
        return self.audience(place) is Audience.STREET

    def shows(self, measure: Measure, place: Place) -> bool:
        return may_see(measure, self.audience(place))

    def figure(
        self, measure: Measure, rows: Iterable[Summary], *, place: Place, period: Period
    ) -> Figure:
        """In the version of the period's last day; one that is not shown to this person is hidden.

        `rows` are of this one place: the period's, and `now` for what is divided by who lives here.
        """
        is_now = period.kind == Period.PeriodKind.NOW
        day = timezone.localdate(self.at) if is_now else period.ends_on
        measure = measures.in_force(measure.code, day)
        rows = list(rows)
        found = measures.figure(measure, rows, place=place.code, period=period.key)
        if not self.shows(measure, place):
            return hide(found, Sign.APART)
        if not rows or measure.columns.isdisjoint(PROTECTED):
            return found
        if self.is_above(place):
            values = {c: sum(getattr(row, c) for row in rows) for c in COLUMNS}
            return screened(found, self.signs(values, place, period))
        return found

    def columns(self, row: Summary, period: Period) -> dict[str, int]:
        """What may be read of one row whose place is loaded."""
        seen_as, hidden = self.audience(row.place), set()
        if seen_as is Audience.GROUP:
            hidden = set(measures.SENSITIVE)
            if row.kind == Kind.HOUSEHOLD:
                hidden |= measures.TELLING_AT_A_DOOR
        values = {column: getattr(row, column) for column in COLUMNS}
        if seen_as is Audience.STREET:
            hidden = set(self.signs(values, row.place, period))
        return {column: value for column, value in values.items() if column not in hidden}

    def signs(self, values: Values, place: Place, period: Period) -> dict[str, Sign]:
        """Of a place that is seen from above."""
        of = place.community_id
        self._communities.add(of)
        is_told = period.kind == Period.PeriodKind.MONTH and is_over(period, at=self.at)
        month = self._months.get((of, period.pk)) if is_told else None
        return rule.signs(values, place.kind, self._stocks.get(of, Stock()), month)

    @cached_property
    def _months(self) -> dict[tuple[int, int], Month]:
        """By community and month."""
        blocks: dict[tuple[int, int], list[Values]] = {}
        rows = Summary.objects.filter(
            community__in=self._communities, kind=Kind.BLOCK, period__kind=Period.PeriodKind.MONTH
        )
        for row in rows.values("community", "period", "building_looked", *MOVEMENT):
            blocks.setdefault((row["community"], row["period"]), []).append(row)
        return {key: Month.of(of) for key, of in blocks.items()}

    @cached_property
    def _stocks(self) -> dict[int, Stock]:
        return stocks_of(self._communities)


def stocks_of(communities: Iterable[int]) -> dict[int, Stock]:
    """By community, in two queries. A block without a row has nobody that was counted."""
    places = Place.objects.active().filter(community__in=communities, kind__lte=Kind.BLOCK)
    kinds = places.order_by().values_list("pk", "community", "kind")
    rows = {
        row["place"]: row
        for row in Summary.objects.filter(
            period__kind=Period.PeriodKind.NOW, place__in=[pk for pk, _community, _kind in kinds]
        ).values("place", *PEOPLE, *FLOATING)
    }
    parts: dict[int, dict[int, list[Values]]] = {}
    for pk, community, kind in kinds:
        parts.setdefault(community, {}).setdefault(kind, []).append(rows.get(pk, {}))
    return {
        community: Stock.of(of[Kind.COMMUNITY][0], of.get(Kind.BLOCK, []))
        for community, of in parts.items()
        if Kind.COMMUNITY in of
    }


def hide(figure: Figure, sign: Sign) -> Figure:
    """Without any number."""
    few = f"{sign.label}{figure.measure.unit}" if sign is Sign.FEW and figure.is_rate else ""
    return replace(figure, numerator=None, denominator=None, sign=few or str(sign.label))


def screened(figure: Figure, hidden: Mapping[str, Sign]) -> Figure:
    """Hidden when one of its columns is: as few when it is what is counted that is few."""
    found = {hidden[column] for column in figure.measure.columns if column in hidden}
    if not found:
        return figure
    counted = {hidden.get(column) for column in figure.measure.numerator}
    return hide(figure, Sign.FEW if counted == {Sign.FEW} else Sign.APART)
