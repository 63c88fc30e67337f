"""What somebody above the community may see of figures about people: the one place that decides.

Pages, API, exports, fragments and live versions all ask here, so that none can show what another
hides. The rule and what it was measured against are in docs/decisions/0013-disclosure.md. It works
on the columns of a summary: a figure is hidden when one of its columns is.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import calendar, measures, sheets
from reports.measures import Audience, Figure, Measure
from reports.models import Period, Sheet, Summary
from reports.rollup.leaf import COLUMNS
from reports.sheets import Part
from units import scope
from units.kinds import Kind
from units.models import Place, User
from units.scope import Action

FEWEST = 5


class Sign(models.TextChoices):
    """What stands in place of a number. It never says more than the rule that hides it."""

    FEW = "few", _("少于5")
    APART = "apart", _("不分列")


# Who lives here: of blocks whole or not at all. What a whole has more than its part is people too.
PEOPLE = (
    *("households", "households_counted", "residents", "aged_60_plus", "aged_80_plus"),
    *("nonlocal_residents", "living_alone"),
)
_DIFFERENCES = (
    ("residents", "aged_60_plus"),
    ("aged_60_plus", "aged_80_plus"),
    ("residents", "nonlocal_residents"),
)
# The other population: it holds the first, so that the two travel together.
FLOATING = ("actual", "floating")
# Counted at doors: as many as there are doors would tell how many doors there are.
AT_DOORS = ("visits", "visited_households", "confirmed", "suggestions", "urgent")
MOVEMENT = ("arrived", "departed")
DISPUTES = ("disputes", "mediated")
PROTECTED = frozenset({*PEOPLE, *FLOATING, *AT_DOORS, *MOVEMENT, *DISPUTES})
_FOR_THE_STREET = frozenset(
    column
    for measure in measures.CATALOGUE
    if Audience.STREET in measure.viewers
    for column in measure.columns
)
# Columns of no measure that the street sees.
CLOSED = frozenset(COLUMNS) - _FOR_THE_STREET

Values = Mapping[str, int]


@dataclass(frozen=True)
class Stock:
    """What is known of a community's blocks when it is decided whether they are shown apart."""

    # Fewer households than FEWEST: then nothing that was counted at doors is shown.
    is_tiny: bool = True
    # One block is the community itself: what is said of the one is said of the other.
    is_single: bool = False
    shows_people: bool = False
    shows_floating: bool = False

    @classmethod
    def of(cls, whole: Values, blocks: Sequence[Values]) -> "Stock":
        shows_people = all(_holds_people(block) for block in blocks)
        return cls(
            is_tiny=whole.get("households", 0) < FEWEST,
            is_single=len(blocks) == 1,
            shows_people=shows_people,
            shows_floating=shows_people and all(_holds_floating(block) for block in blocks),
        )


def _holds_people(block: Values) -> bool:
    """Whether no cell of the family is small, and no difference of two of its cells."""
    return all(block.get(column, 0) >= FEWEST for column in PEOPLE) and all(
        block[whole] - block[part] >= FEWEST for whole, part in _DIFFERENCES
    )


def _holds_floating(block: Values) -> bool:
    floating, actual = block.get("floating", 0), block.get("actual", 0)
    return floating >= FEWEST and min(actual - floating, actual - block["residents"]) >= FEWEST


def signs(
    values: Values, kind: int, period: Period | None, stock: Stock, *, at: datetime | None
) -> dict[str, Sign]:
    """The hidden columns of one summary, and what stands in their place."""
    hidden = dict.fromkeys(CLOSED, Sign.APART)
    if kind == Kind.COMMUNITY:
        return hidden | _people(values, stock) | _flows(values, period, at)
    flows = dict.fromkeys((*MOVEMENT, *DISPUTES), Sign.APART)
    if kind > Kind.BLOCK:
        return hidden | dict.fromkeys(PROTECTED, Sign.APART)
    if stock.is_single:
        return hidden | flows | _people(values, stock)
    if not stock.shows_people:
        flows |= dict.fromkeys((*PEOPLE, *AT_DOORS), Sign.APART)
    if not stock.shows_floating:
        flows |= dict.fromkeys(FLOATING, Sign.APART)
    return hidden | flows


def _people(values: Values, stock: Stock) -> dict[str, Sign]:
    """Of a community: small counts, and what a small count could be worked out from."""
    hidden = {c: Sign.FEW for c in PEOPLE if values.get(c, 0) < FEWEST}
    if stock.is_tiny:
        hidden |= dict.fromkeys(AT_DOORS, Sign.APART)
    if not _holds_floating({"residents": 0, **values}):
        hidden |= dict.fromkeys(FLOATING, Sign.APART)
    return hidden


def _flows(values: Values, period: Period | None, at: datetime | None) -> dict[str, Sign]:
    """Of a community: only months that are over, for weeks and quarters would give them away.

    People coming and going are shown together or not at all: their difference is known from the
    number of residents. So is what was mediated, beside what was not.
    """
    is_month = period and at and period.kind == Period.PeriodKind.MONTH and is_over(period, at=at)
    if not is_month:
        return dict.fromkeys((*MOVEMENT, *DISPUTES), Sign.APART)
    hidden = {}
    if min(values.get(column, 0) for column in MOVEMENT) < FEWEST:
        hidden |= dict.fromkeys(MOVEMENT, Sign.APART)
    disputes, mediated = (values.get(column, 0) for column in DISPUTES)
    if disputes < FEWEST:
        hidden |= dict.fromkeys(DISPUTES, Sign.FEW)
    elif min(mediated, disputes - mediated) < FEWEST:
        hidden["mediated"] = Sign.APART
    return hidden


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
        self._communities.add(place.community_id)
        stock = self._stocks.get(place.community_id, Stock())
        return signs(values, place.kind, period, stock, at=self.at)

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


def screen(
    parts: Sequence[Part], period: Period | None = None, *, at: datetime | None = None
) -> list[Part]:
    """The parts of a sheet as they are shown above the community.

    Without the period and the present moment it is taken for one that is not over.
    """
    values = [_columns_of(part) for part in parts]
    wholes = [v for part, v in zip(parts, values, strict=True) if part.kind == Kind.COMMUNITY]
    blocks = [v for part, v in zip(parts, values, strict=True) if part.kind == Kind.BLOCK]
    stock = Stock.of(wholes[0], blocks) if wholes else Stock()
    return [
        replace(part, figures=_screened(part, each, period, stock, at))
        for part, each in zip(parts, values, strict=True)
    ]


def _screened(
    part: Part, values: Values, period: Period | None, stock: Stock, at: datetime | None
) -> dict[str, Figure]:
    shown = {c: f for c, f in part.figures.items() if Audience.STREET in f.measure.viewers}
    hidden = signs(values, part.kind, period, stock, at=at)
    return {code: screened(figure, hidden) for code, figure in shown.items()}


def _columns_of(part: Part) -> dict[str, Any]:
    """The columns that the figures of a sheet are made of, as far as they can be told."""
    values: dict[str, int] = {}
    for figure in part.figures.values():
        for terms, number in (
            (figure.measure.numerator, figure.numerator),
            (figure.measure.denominator or {}, figure.denominator),
        ):
            if len(terms) == 1 and number is not None:
                values |= {column: number for column, factor in terms.items() if factor == 1}
    return values


def parts_of(sheet: Sheet, user: User, *, at: datetime) -> list[Part]:
    """The parts of a stored sheet that are in this person's reach, as this person may see them."""
    reach = scope.reach(user, Action.SEE_FIGURES)
    parts = sheets.parts_of(sheet)
    places = Place.objects.select_related("community").in_bulk([part.place_id for part in parts])
    parts = [part for part in parts if reach.holds(places[part.place_id])]
    over = calendar.moment(sheet.period.ends_on, 24)
    # What a sheet says of a part of a month is never told, so that no difference can be taken.
    filtered = screen(parts, sheet.period, at=at if sheet.as_of >= over else sheet.as_of)
    shown = []
    for part, from_above in zip(parts, filtered, strict=True):
        seen_as = audience(user, places[part.place_id])
        figures = {c: f for c, f in part.figures.items() if may_see(f.measure, seen_as)}
        shown.append(from_above if seen_as is Audience.STREET else replace(part, figures=figures))
    return shown
