"""A figure in a cell: a number only when it is known to the last digit, else its own words."""

from decimal import Decimal

from django.utils.translation import gettext as _

from reports.measures import Figure, Measure

# What a spreadsheet takes for the beginning of a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def is_exact(figure: Figure) -> bool:
    """False for what is not known, and for what is shown as 「少于5」 or 「不分列」."""
    if figure.value is None:
        return False
    return figure.text == Figure(figure.measure, figure.numerator, figure.denominator).text


def number(figure: Figure) -> int | Decimal | None:
    """A count, a mean, or a rate as a fraction of one rounded as it is shown (0.952); else None."""
    if not is_exact(figure):
        return None
    value = figure.value or Decimal(0)
    if is_percentage(figure.measure):
        return value / 100
    return value if figure.is_rate else figure.numerator


def fraction(figure: Figure) -> str:
    return figure.fraction if is_exact(figure) else ""


def unit(measure: Measure) -> str:
    """「%」 for a rate, else the unit of what is counted."""
    return "%" if is_percentage(measure) else str(measure.unit)


def is_percentage(measure: Measure) -> bool:
    """A rate, unless it is a mean: so many taps a report."""
    return measure.denominator is not None and not measure.is_mean


def heading(measure: Measure) -> str:
    """「报告覆盖率（%）」, 「楼道堆物待清（处）」"""
    return _("%(name)s（%(unit)s）") % {"name": measure.name, "unit": unit(measure)}


def harmless(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe goes before what begins one."""
    return f"'{text}" if text.startswith(_FORMULA) else text
