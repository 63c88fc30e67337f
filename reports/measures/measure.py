"""A measure: what is counted, declared; and a figure: its value for given summary rows.

A rate is always Σ numerator ÷ Σ denominator of the same rows, never a mean of rates. A measure with
no denominator is a count. Missing is never zero: a rate over nothing has no value.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Any

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports.models import Period
from reports.models.summary import STOCK
from units.kinds import Kind


class Better(models.TextChoices):
    HIGHER = "higher", _("越高越好")
    LOWER = "lower", _("越低越好")
    NEITHER = "neither", _("不分好坏")


class Audience(models.TextChoices):
    """Who sees a figure of the places in reach (domain/forms-and-indicators 5.9, column Sees)."""

    GROUP = "group", _("楼组")
    COMMITTEE = "committee", _("居委会")
    STREET = "street", _("街道")
    PUBLIC = "public", _("居民公开")


class Source(StrEnum):
    """What a figure opens to in the end."""

    BUILDINGS = "buildings"
    BLOCKS = "blocks"
    COMMUNITIES = "communities"
    HOUSEHOLDS = "households"
    STOCK = "stock"


# Sums of Summary columns, each with its factor.
Terms = Mapping[str, int]

_Kind = Period.PeriodKind
CALENDAR = (_Kind.WEEK, _Kind.MONTH, _Kind.QUARTER)


def seen_by(letters: str) -> frozenset[Audience]:
    """From the letters of the catalogue: B group, K and C committee, D street, P public."""
    of = {
        "B": Audience.GROUP,
        "K": Audience.COMMITTEE,
        "C": Audience.COMMITTEE,
        "D": Audience.STREET,
        "P": Audience.PUBLIC,
    }
    return frozenset(of[letter] for letter in letters)


@dataclass(frozen=True)
class Measure:
    code: str
    name: str | Promise
    definition: str | Promise
    unit: str | Promise
    numerator: Terms
    denominator: Terms | None = None
    better: Better = Better.NEITHER
    viewers: frozenset[Audience] = frozenset(Audience)
    # The deepest kind of place that has a figure of its own.
    level: Kind = Kind.BUILDING
    source: Source = Source.BUILDINGS
    # Above the community only as `reports/disclosure.py` says.
    is_sensitive: bool = False
    # Who lives here now, rather than what was said in a period.
    is_stock: bool = False
    # Numerator ÷ denominator as it is, rather than of a hundred.
    is_mean: bool = False
    # The kinds of period that it makes sense in.
    periods: tuple[str, ...] = CALENDAR
    # A changed formula is the next version; old periods keep the one valid on their last day.
    version: int = 1
    valid_from: date | None = None
    valid_to: date | None = None

    @property
    def is_rate(self) -> bool:
        return self.denominator is not None

    @property
    def precision(self) -> int:
        """Decimals of the value."""
        return 1 if self.is_rate else 0

    @property
    def columns(self) -> frozenset[str]:
        return frozenset(self.numerator) | frozenset(self.denominator or ())

    @property
    def needs_stock(self) -> bool:
        """Whether it divides what was said in a period by who lives here now."""
        return not self.is_stock and not self.columns.isdisjoint(STOCK)

    @property
    def viewer_words(self) -> list[str]:
        return [str(each.label) for each in Audience if each in self.viewers]

    @property
    def period_words(self) -> list[str]:
        return [str(_Kind(each).label) for each in self.periods]

    def is_in_force(self, day: date) -> bool:
        return (self.valid_from or day) <= day <= (self.valid_to or day)


@dataclass(frozen=True)
class Figure:
    """A measure of one set of summary rows. `value` None means nobody reported, or hidden.

    `place` and `period` (code and key) say where its provenance is. A hidden figure has a `sign` in
    place of its value, and no numbers at all.
    """

    measure: Measure
    numerator: int | None
    denominator: int | None
    place: str = ""
    period: str = ""
    sign: str = ""

    @property
    def value(self) -> Decimal | None:
        """A count, or a percentage with one decimal (95.2)."""
        if self.numerator is None:
            return None
        if self.denominator is None:
            return Decimal(self.numerator)
        if self.denominator == 0:
            return None
        exact = Decimal(self.numerator) / self.denominator
        if not self.measure.is_mean:
            exact *= 100
        return exact.quantize(Decimal(10) ** -self.measure.precision, ROUND_HALF_UP)

    @property
    def is_hidden(self) -> bool:
        return bool(self.sign)

    @property
    def is_rate(self) -> bool:
        return self.measure.is_rate

    @property
    def text(self) -> str:
        """「95.2%」, 「7」, 「—」, or the sign of what is hidden."""
        if self.sign:
            return self.sign
        if self.value is None:
            return "—"
        if not self.is_rate:
            return f"{self.numerator:,}"
        return f"{self.value}" if self.measure.is_mean else f"{self.value}%"

    @property
    def fraction(self) -> str:
        """「119/125」 for a rate, nothing for a count."""
        if not self.is_rate or self.numerator is None:
            return ""
        return f"{self.numerator:,}/{self.denominator:,}"

    @property
    def has_unit(self) -> bool:
        """Whether the unit belongs behind the text."""
        return (
            not self.is_hidden
            and self.value is not None
            and (not self.is_rate or self.measure.is_mean)
        )


def figure(measure: Measure, rows: Iterable[Any], *, place: str = "", period: str = "") -> Figure:
    """`measure` over summary rows (models or dicts), summed before anything is divided."""
    rows = list(rows)
    denominator = measure.denominator
    return Figure(
        measure,
        total(measure.numerator, rows),
        None if denominator is None else total(denominator, rows),
        place,
        period,
    )


def total(terms: Terms, rows: Iterable[Any]) -> int:
    return sum(
        factor * (row[column] if isinstance(row, dict) else getattr(row, column))
        for row in rows
        for column, factor in terms.items()
    )
