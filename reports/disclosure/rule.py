"""The rule: which columns of a summary are hidden from above the community. Numbers in, signs out.

It has to hold against a reader who knows it, keeps what was shown before and takes sums and
differences; docs/decisions/0013-disclosure.md argues each part, and a solver tries it
(tests/governance/test_disclosure.py).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports import measures
from reports.measures import Audience
from reports.rollup.leaf import COLUMNS
from units.kinds import Kind

FEWEST = 5

Values = Mapping[str, int]


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
# Columns of no measure that the street sees.
CLOSED = frozenset(COLUMNS) - {
    column
    for measure in measures.CATALOGUE
    if Audience.STREET in measure.viewers
    for column in measure.columns
}


@dataclass(frozen=True)
class Stock:
    """Of a community: what decides whether its blocks are shown apart."""

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


@dataclass(frozen=True)
class Month:
    """Of a month that is over: what decides whether its flows are shown of the community."""

    # How many came that others made room for, block by block. Who keeps the residents of each
    # block of two dates knows what it gained or lost; what cancels out inside it stays unknown.
    turnover: int
    # Whether disputes may be anywhere: their sum and where somebody looked tell of no one block.
    is_spread: bool

    @classmethod
    def of(cls, blocks: Sequence[Values]) -> "Month":
        looked = [n for n in (block.get("building_looked", 0) for block in blocks) if n]
        return cls(
            turnover=sum(min(block.get(c, 0) for c in MOVEMENT) for block in blocks),
            is_spread=len(blocks) == 1 or (len(looked) > 1 and min(looked) >= FEWEST),
        )


def signs(values: Values, kind: int, stock: Stock, month: Month | None) -> dict[str, Sign]:
    """The hidden columns of one summary, and what stands in their place.

    `month` is None for any other period and while the month is not over: weeks and quarters would
    give months away, and what is not over yet grows one by one.
    """
    hidden = dict.fromkeys(CLOSED, Sign.APART)
    if kind == Kind.COMMUNITY:
        return hidden | _people(values, stock) | _flows(values, month)
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
    hidden = {column: Sign.FEW for column in PEOPLE if values.get(column, 0) < FEWEST}
    if stock.is_tiny:
        hidden |= dict.fromkeys(AT_DOORS, Sign.APART)
    if not _holds_floating(values):
        hidden |= dict.fromkeys(FLOATING, Sign.APART)
    return hidden


def _flows(values: Values, month: Month | None) -> dict[str, Sign]:
    """Of a community. Arrivals and departures are shown together or not at all.

    Disputes stand between the reports that could have told of one and those that say it is settled:
    neither difference may be small. Which sign it is follows from what is shown.
    """
    if month is None:
        return dict.fromkeys((*MOVEMENT, *DISPUTES), Sign.APART)
    hidden = {}
    if month.turnover < FEWEST:
        hidden |= dict.fromkeys(MOVEMENT, Sign.APART)
    looked = values.get("building_looked", 0)
    disputes, mediated = (values.get(column, 0) for column in DISPUTES)
    if not month.is_spread or looked < 2 * FEWEST or looked - disputes < FEWEST:
        hidden |= dict.fromkeys(DISPUTES, Sign.APART)
    elif disputes < FEWEST:
        hidden |= dict.fromkeys(DISPUTES, Sign.FEW)
    elif min(mediated, disputes - mediated) < FEWEST:
        hidden["mediated"] = Sign.APART
    return hidden


def _holds_people(block: Values) -> bool:
    """Whether no cell of the family is small, and no difference of two of its cells."""
    return all(block.get(column, 0) >= FEWEST for column in PEOPLE) and all(
        block[whole] - block[part] >= FEWEST for whole, part in _DIFFERENCES
    )


def _holds_floating(values: Values) -> bool:
    floating, actual = values.get("floating", 0), values.get("actual", 0)
    rest = min(actual - floating, actual - values.get("residents", 0))
    return floating >= FEWEST and rest >= FEWEST
