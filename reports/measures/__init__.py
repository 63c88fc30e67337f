"""The indicator catalogue as data: what is counted, how, and who sees it.

`measure.py` says what a measure and a figure are, `reported.py`, `households.py` and
`population.py` declare them, `versions.py` finds the one that was in force on a day.
"""

from reports.measures.households import (
    ABSENT,
    ARRIVED,
    CONFIRMED,
    DEPARTED,
    SUGGESTIONS,
    URGENT,
    VISIT_COVERAGE,
    VISITED,
    VISITS,
)
from reports.measures.measure import (
    Audience,
    Better,
    Figure,
    Measure,
    Source,
    Terms,
    figure,
    total,
)
from reports.measures.population import (
    AGED_60,
    AGED_80,
    ALONE,
    COUNTED,
    FLOATING,
    HOUSEHOLDS,
    NONLOCAL,
    RESIDENTS,
)
from reports.measures.reported import (
    BLOCK_COVERAGE,
    BURDEN,
    COMMUNITY_COVERAGE,
    CORRIDOR,
    COVERAGE,
    DISPUTES,
    EBIKE,
    EXPECTED,
    FACILITY,
    FIGURES_DISPUTED,
    MEDIATED,
    MISSING,
    NIL,
    ON_TIME,
    STOCK,
    WASTE,
)
from reports.measures.versions import (
    CATALOGUE,
    in_force,
    of_periods,
    of_stock,
    version_of,
    versions_of,
)

# Who lives here now, what their week was, what of the quarter is confirmed.
POPULATION = (RESIDENTS, HOUSEHOLDS, COUNTED, AGED_60, AGED_80, ALONE, NONLOCAL, FLOATING)
MOVEMENT = (VISITS, ARRIVED, DEPARTED)
# What asks somebody to do something, in the order it is shown.
CONCERNS = (CORRIDOR, EBIKE, FACILITY, STOCK, DISPUTES)

# Columns for the committee only: not for a neighbour's eyes. Above the community see disclosure.py.
SENSITIVE = frozenset(
    {"disputes", "mediated", "help_asked", "aged_80_plus", "living_alone", "stock_disputed"}
)
# Beside the number of residents these tell at one door who lives alone and old.
TELLING_AT_A_DOOR = frozenset({"aged_60_plus", "nonlocal_residents", "floating", "actual"})

__all__ = [
    "ABSENT",
    "AGED_60",
    "AGED_80",
    "ALONE",
    "ARRIVED",
    "BLOCK_COVERAGE",
    "BURDEN",
    "CATALOGUE",
    "COMMUNITY_COVERAGE",
    "CONCERNS",
    "CONFIRMED",
    "CORRIDOR",
    "COUNTED",
    "COVERAGE",
    "DEPARTED",
    "DISPUTES",
    "EBIKE",
    "EXPECTED",
    "FACILITY",
    "FIGURES_DISPUTED",
    "FLOATING",
    "HOUSEHOLDS",
    "MEDIATED",
    "MISSING",
    "MOVEMENT",
    "NIL",
    "NONLOCAL",
    "ON_TIME",
    "POPULATION",
    "RESIDENTS",
    "SENSITIVE",
    "STOCK",
    "SUGGESTIONS",
    "TELLING_AT_A_DOOR",
    "URGENT",
    "VISITED",
    "VISITS",
    "VISIT_COVERAGE",
    "WASTE",
    "Audience",
    "Better",
    "Figure",
    "Measure",
    "Source",
    "Terms",
    "figure",
    "in_force",
    "of_periods",
    "of_stock",
    "total",
    "version_of",
    "versions_of",
]
