"""The formula of a measure in words, and with its numbers filled in. Made from its columns."""

from collections.abc import Callable, Mapping

from reports.measures.measure import Figure, Measure, Terms
from reports.models import Summary


def in_words(measure: Measure) -> str:
    """「已报楼组 ÷（应报楼组 − 免报楼组）」"""
    return _put(measure, lambda column: str(Summary._meta.get_field(column).verbose_name))


def in_numbers(figure: Figure, columns: Mapping[str, int] | None = None) -> str:
    """「119 ÷（125 − 0）= 95.2%」; without columns 「119 ÷ 125 = 95.2%」. Nothing when hidden."""
    if figure.is_hidden or figure.numerator is None:
        return ""
    if columns is None:
        left = f"{figure.numerator:,}"
        left += f" ÷ {figure.denominator:,}" if figure.is_rate else ""
    else:
        left = _put(figure.measure, lambda column: f"{columns[column]:,}")
    return left if left == figure.text else f"{left} = {figure.text}"


def _put(measure: Measure, word: Callable[[str], str]) -> str:
    top = _sum(measure.numerator, word)
    if measure.denominator is None:
        return top
    if len(measure.numerator) > 1:
        top = f"（{top}）"
    below = _sum(measure.denominator, word)
    return f"{top} ÷（{below}）" if len(measure.denominator) > 1 else f"{top} ÷ {below}"


def _sum(terms: Terms, word: Callable[[str], str]) -> str:
    said = ""
    for column, factor in terms.items():
        sign = (" − " if factor < 0 else " + ") if said else ("−" if factor < 0 else "")
        times = f"{abs(factor)} × " if abs(factor) > 1 else ""
        said += f"{sign}{times}{word(column)}"
    return said
