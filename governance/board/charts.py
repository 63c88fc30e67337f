"""Charts as SVG made on the server: coloured by class, so that a strict CSP holds."""

from collections.abc import Sequence
from decimal import Decimal

from django.utils.html import format_html
from django.utils.safestring import SafeString

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
