"""All measures that were ever declared, and which version was in force on a day.

To change a formula declare the next version beside the old one, in the order of their validity:
the old one gets `valid_to`, the new one `version=2` and `valid_from`.
"""

from datetime import date

from reports.measures import households, population, reported
from reports.measures.measure import Measure

DECLARED: tuple[Measure, ...] = (
    *reported.MEASURES,
    *households.MEASURES,
    *population.MEASURES,
)
# The newest version of each.
CATALOGUE = tuple({measure.code: measure for measure in DECLARED}.values())


def in_force(code: str, day: date) -> Measure:
    """The version of that day; before the first, the first. Raises KeyError for an unknown code."""
    versions = versions_of(code)
    return next((each for each in reversed(versions) if each.is_in_force(day)), versions[0])


def versions_of(code: str) -> list[Measure]:
    """Oldest first. Raises KeyError for an unknown code."""
    versions = [measure for measure in DECLARED if measure.code == code]
    if not versions:
        raise KeyError(code)
    return versions


def version_of(code: str, version: int) -> Measure:
    """Raises KeyError for a version that never was."""
    for measure in DECLARED:
        if (measure.code, measure.version) == (code, version):
            return measure
    raise KeyError(code, version)


def of_periods(day: date | None = None) -> list[Measure]:
    """Measures of what was said in a period, in the versions of `day`; the newest without one."""
    return [measure for measure in _of(day) if not measure.is_stock]


def of_stock(day: date | None = None) -> list[Measure]:
    """Measures of who lives here now."""
    return [measure for measure in _of(day) if measure.is_stock]


def _of(day: date | None) -> list[Measure]:
    newest = {measure.code: measure for measure in DECLARED}
    return [in_force(code, day) if day else measure for code, measure in newest.items()]
