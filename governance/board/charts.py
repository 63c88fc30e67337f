"""Charts as SVG made on the server: coloured by class, so that a strict CSP holds."""

from collections.abc import Sequence
from decimal import Decimal
from math import ceil, floor, log10

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from reports.models import Period

WIDTH, HEIGHT, PAD = 240, 56, 6


def sparkline(values: Sequence[Decimal | None], title: str, top: int = 100) -> SafeString:
    """A line over own past, from zero to `top`; a gap where nothing is known."""
    step = (WIDTH - 2 * PAD) / max(len(values) - 1, 1)
    runs: list[list[str]] = [[]]
    dot = ""
    for index, value in enumerate(values):
        if value is None:
            runs.append([])
            continue
        x = PAD + index * step
        y = HEIGHT - PAD - float(value) / top * (HEIGHT - 2 * PAD)
        dot = f"{x:.1f},{y:.1f}"
        runs[-1].append(dot)
    path = " ".join("M" + " L".join(run) for run in runs if run)
    cx, _comma, cy = (dot or "0,0").partition(",")
    return format_html(
        '<svg class="sparkline" viewBox="0 0 {} {}" role="img" aria-label="{}">'
        '<line class="sparkline-base" x1="{}" y1="{}" x2="{}" y2="{}"/>'
        '<path class="sparkline-line" d="{}"/>'
        '<circle class="sparkline-now" cx="{}" cy="{}" r="3.5"/>'
        "</svg>",
        WIDTH,
        HEIGHT,
        title,
        PAD,
        HEIGHT - PAD,
        WIDTH - PAD,
        HEIGHT - PAD,
        path,
        cx,
        cy,
    )


def short_label(period: Period) -> str:
    """「第46周」, 「11月」, 「第4季」: enough beside eleven others."""
    if period.kind == Period.PeriodKind.MONTH:
        return _("%d月") % period.starts_on.month
    if period.kind == Period.PeriodKind.QUARTER:
        return _("第%d季") % (period.starts_on.month // 3 + 1)
    return period.short_label


# Of the chart of own past: room on the left for the scale, below for the periods.
_WIDE, _HIGH, _LEFT, _RIGHT, _TOP, _BOTTOM = 640, 220, 48, 52, 24, 28


def past(
    values: Sequence[Decimal | None],
    labels: Sequence[str],
    title: str,
    *,
    band: tuple[Decimal, Decimal] | None,
    breaks: Sequence[int],
    is_count: bool,
    top: Decimal | None = None,
    is_running: bool = False,
) -> SafeString:
    """A line over its own past as a grey band; a count stands on zero; a new formula is marked.

    With `top` the scale ends there: charts side by side have the same. Of a running period the
    last value is a ring by itself: it is not over, and no line falls to it.
    """
    known = [float(value) for value in values if value is not None]
    low, high = _scale(known, is_count=is_count)
    high = float(top) if top is not None else high
    across = (_WIDE - _LEFT - _RIGHT) / max(len(values) - 1, 1)

    def x(index: float) -> float:
        return round(_LEFT + index * across, 1)

    def y(value: float) -> float:
        return round(_HIGH - _BOTTOM - (value - low) / (high - low) * (_HIGH - _TOP - _BOTTOM), 1)

    runs: list[list[str]] = [[]]
    for index, value in enumerate(values):
        if value is None or index in breaks or (is_running and index == len(values) - 1):
            runs.append([])
        if value is not None:
            runs[-1].append(f"{x(index)},{y(float(value))}")
    return format_html(
        '<svg class="past" viewBox="0 0 {} {}" role="img" aria-label="{}">{}{}{}'
        '<path class="past-line" d="{}"/>{}{}</svg>',
        _WIDE,
        _HIGH,
        title,
        format_html(
            '<rect class="past-band" x="{}" y="{}" width="{}" height="{}"/>',
            _LEFT,
            y(float(band[1])),
            round(x(len(values) - 2) - _LEFT, 1),
            max(round(y(float(band[0])) - y(float(band[1])), 1), 2),
        )
        if band
        else "",
        format_html_join(
            "",
            '<line class="past-rule" x1="{}" y1="{}" x2="{}" y2="{}"/>'
            '<text class="past-scale" x="{}" y="{}">{}</text>',
            (
                (_LEFT, y(at), _WIDE - _RIGHT, y(at), _LEFT - 8, y(at) + 5, f"{at:,.10g}")
                for at in (low, high)
            ),
        ),
        format_html_join(
            "",
            '<line class="past-break" x1="{0}" y1="{1}" x2="{0}" y2="{2}"/>'
            '<text class="past-word" x="{0}" y="{3}">{4}</text>',
            ((x(at - 0.5), _TOP, _HIGH - _BOTTOM, _TOP - 8, _("口径更新")) for at in breaks),
        ),
        " ".join("M" + " L".join(run) for run in runs if run),
        format_html_join(
            "",
            '<circle class="past-dot{}" cx="{}" cy="{}" r="{}"/>',
            (
                (
                    ("" if index < len(values) - 1 else " is-open" if is_running else " is-now"),
                    x(index),
                    y(float(value)),
                    r,
                )
                for index, value in enumerate(values)
                if value is not None
                for r in [6 if index == len(values) - 1 else 3]
            ),
        ),
        format_html_join(
            "",
            '<text class="past-word" x="{}" y="{}">{}</text>',
            (
                (x(index), _HIGH - 6, label)
                for index, label in enumerate(labels)
                if (len(labels) - 1 - index) % 2 == 0
            ),
        ),
    )


def _scale(known: Sequence[float], *, is_count: bool) -> tuple[float, float]:
    """A count from zero; a rate around what it was, for 95 is not seen from zero."""
    if not known:
        return 0, 1
    if is_count:
        return min(0, *known), _round_up(max(*known, 1))
    low, high = floor(min(known) / 5) * 5, ceil(max(known) / 5) * 5
    return float(low), float(high if high > low else low + 5)


def _round_up(value: float) -> float:
    step = 10 ** floor(log10(value))
    return float(next(n * step for n in (1, 2, 3, 4, 5, 6, 8, 10) if n * step >= value))
