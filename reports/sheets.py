"""Taking a sheet: the figures of a place, of the places directly below it, and their sources.

Screen, paper and spreadsheet of one moment are all made from one sheet, so they cannot differ.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import calendar, measures, sources
from reports.measures import Figure, Measure
from reports.models import Mark, Period, Report, Sheet, Summary
from reports.rollup import climb
from units.kinds import Kind
from units.locks import bucket_of
from units.models import Place, User
from units.refusals import Refusal

# A community where something comes in between every two looks is not quiet enough to be summed up.
ATTEMPTS = 5


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
    own = Summary.objects.filter(period=period, place=place)
    rows = {row.place_id: row for row in [*own, *below]}
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
        sources=sources_of(place, period),
    )


def sources_of(place: Place, period: Period) -> list[list[int]]:
    """[[report id, rev], …] that count into `place` now; an upper report is none of its own."""
    behind = sources.reports_behind(place, period)
    if place.kind < Kind.BUILDING:
        behind = behind.exclude(place=place)
    return [list(each) for each in behind.order_by("pk").values_list("pk", "rev")]


def count_what_waits(place: Place, period: Period, *, at: datetime) -> bool:
    """Drain what was received below `place` and is not counted yet; whether there was any."""
    is_below = Q(
        place__tree_id=place.tree_id, place__lft__gte=place.lft, place__rght__lte=place.rght
    )
    waiting = Mark.objects.filter(
        is_below | Q(place__in=sources.places_behind(place, period)),
        period__in=[period, calendar.now_period()],
    ).exists()
    if waiting:
        climb.drain(bucket_of(place.community_id), at=at)
    return waiting


def settled(place: Place, period: Period, *, by: User | None, at: datetime) -> Sheet:
    """The sheet whose figures and sources say exactly the same, not stored.

    Raises Refusal `still_counting` (503) when reports come in faster than they can be looked at.
    """
    for _attempt in range(ATTEMPTS):
        before = sources_of(place, period)
        if count_what_waits(place, period, at=at):
            continue
        sheet = draw_up(place, period, at=at)
        if sheet.sources == before:
            sheet.taken_by = by
            return sheet
    message = _("下级正在集中报送，数字还在变。请过一会儿再提交，填的内容还在")
    raise Refusal("still_counting", message, 503)


def version(sheet: Sheet) -> str:
    """Two sheets of one place and period show the same numbers when this is the same.

    Whether the place itself has reported is left out: that it does so changes nothing below.
    """
    told = [
        [part.place_id, code, figure.measure.version, figure.numerator, figure.denominator]
        for part in parts_of(sheet)
        for code, figure in part.figures.items()
        if not is_of_itself(figure.measure, sheet.place.kind)
    ]
    return hashlib.sha256(json.dumps(told).encode()).hexdigest()[:32]


def is_of_itself(measure: Measure, kind: int) -> bool:
    """Whether a block's or community's own report is what is counted."""
    own = f"{Kind(kind).name.lower()}_"
    return kind < Kind.BUILDING and any(column.startswith(own) for column in measure.numerator)


def changed_since(place: Place, period: Period, moment: datetime) -> int:
    """How many reports below were filed, corrected or withdrawn after `moment`."""
    return (
        Report.objects.filter(
            place__in=sources.places_behind(place, period),
            as_of__range=(period.starts_on, period.ends_on),
            last_at__gt=moment,
        )
        .exclude(place=place)
        .count()
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
