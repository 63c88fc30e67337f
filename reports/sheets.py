"""Taking a sheet: the figures of a place, of the places directly below it, and their sources.

Screen, paper and spreadsheet of one moment are all made from one sheet, so they cannot differ.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from reports import measures, sources
from reports.measures import Figure, Measure
from reports.models import Period, Sheet, Summary
from units.models import Place, User


@dataclass(frozen=True)
class Part:
    """The figures of one place on a sheet, by the code of their measure."""

    place_id: int
    code: str
    name: str
    kind: int
    figures: dict[str, Figure]


def draw_up(place: Place, period: Period, *, at: datetime) -> Sheet:
    """The sheet of this moment, not stored. What a period does not know yet is absent, not zero."""
    below = sources.parts_of(place, period)
    ids = [place.pk, *(row.place_id for row in below)]
    rows = {row.place_id: row for row in Summary.objects.filter(period=period, place__in=ids)}
    stock = {
        row.place_id: row
        for row in Summary.objects.filter(period__kind=Period.PeriodKind.NOW, place__in=ids)
    }
    places = [place, *(row.place for row in below)]
    return Sheet(
        place=place,
        period=period,
        as_of=at,
        content={
            "parts": [
                _written(each, period, at, rows.get(each.pk), stock.get(each.pk)) for each in places
            ]
        },
        sources=list(sources.reports_behind(place, period).order_by("pk").values_list("pk", "rev")),
    )


def take(place: Place, period: Period, *, by: User | None, at: datetime) -> Sheet:
    """Draw up and store."""
    sheet = draw_up(place, period, at=at)
    sheet.taken_by = by
    sheet.save(force_insert=True)
    return sheet


def parts_of(sheet: Sheet) -> list[Part]:
    """The place itself first, then the places below it."""
    return [
        Part(
            part["place"],
            part["code"],
            part["name"],
            part["kind"],
            {
                code: Figure(measures.version_of(code, version), numerator, denominator)
                for code, version, numerator, denominator in part["figures"]
            },
        )
        for part in sheet.content["parts"]
    ]


def _written(
    place: Place, period: Period, at: datetime, row: Summary | None, stock: Summary | None
) -> dict[str, Any]:
    """In the versions in force on the last day of the period; stock in those of the moment."""
    told = [m for m in measures.of_periods(period.ends_on) if period.kind in m.periods]
    lives = measures.of_stock(timezone.localdate(at))
    return {
        "place": place.pk,
        "code": place.code,
        "name": place.name,
        "kind": place.kind,
        "figures": [
            [figure.measure.code, figure.measure.version, figure.numerator, figure.denominator]
            for figure in [*_of(told, row, stock), *_of(lives, stock)]
        ],
    }


def _of(
    chosen: Sequence[Measure], row: Summary | None, stock: Summary | None = None
) -> list[Figure]:
    """What is divided by who lives here is known only where both are."""
    if row is None:
        return []
    known = [m for m in chosen if stock or not m.needs_stock]
    return [measures.figure(m, [row, stock] if m.needs_stock else [row]) for m in known]
