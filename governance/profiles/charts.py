"""Bars as SVG made on the server: one in a row of a table, its words beside it as text."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

WIDTH, HEIGHT = 200, 14


@dataclass(frozen=True)
class Bar:
    """One part of a whole: its name, how many, what share."""

    label: str
    count: int
    total: int

    @property
    def share(self) -> str:
        """「37.3%」; nothing of nothing."""
        return percent(self.count, self.total)

    @property
    def count_in_words(self) -> str:
        return f"{self.count:,}"

    @property
    def drawn(self) -> SafeString:
        width = round(WIDTH * self.count / self.total, 1) if self.total else 0
        return format_html(
            '<svg class="part-bar" viewBox="0 0 {0} {1}" preserveAspectRatio="none"'
            ' aria-hidden="true"><rect class="part-bar-all" width="{0}" height="{1}"/>'
            '<rect class="part-bar-part" width="{2}" height="{1}"/></svg>',
            WIDTH,
            HEIGHT,
            width,
        )


@dataclass(frozen=True)
class Distribution:
    """Parts of one whole under a sentence that says what they show."""

    title: str
    unit: str
    bars: list[Bar]
    # How much of what there is was looked at.
    coverage: str = ""
    note: str = ""

    @property
    def is_uniform(self) -> bool:
        """All alike: its title says it all."""
        return len(self.bars) == 1 and self.bars[0].count == self.bars[0].total


def bars(counts: Iterable[tuple[str, int]]) -> list[Bar]:
    """Parts that there are, each of the sum of all."""
    counts = [(label, count) for label, count in counts if count]
    total = sum(count for _label, count in counts)
    return [Bar(label, count, total) for label, count in counts]


def joined(parts: list[Bar], fewest: int) -> list[Bar]:
    """As it is told above the community: parts smaller than `fewest` together, and with them the
    smallest of the others while they are still too few. Nothing is left of a whole too small."""
    small = [bar for bar in parts if bar.count < fewest]
    large = sorted((bar for bar in parts if bar.count >= fewest), key=lambda bar: bar.count)
    while small and sum(bar.count for bar in small) < fewest and large:
        small.append(large.pop(0))
    kept = [bar for bar in parts if bar in large]
    rest = sum(bar.count for bar in small)
    if rest >= fewest:
        return [*kept, Bar(_("其余合并"), rest, parts[0].total)]
    return kept if not small else []


def percent(part: int, whole: int) -> str:
    if not whole:
        return ""
    value = (Decimal(100) * part / whole).quantize(Decimal("0.1"), ROUND_HALF_UP)
    return f"{value}%"
