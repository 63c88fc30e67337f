"""The pages of the indicator catalogue, and of a stored sheet."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.board.figures import weeks_with_obligations
from reports import disclosure, measures, provenance
from reports.disclosure import Lens
from reports.measures import Figure, Measure, Source, formula
from reports.models import Period, Sheet, Summary
from reports.sheets import Part
from units import scope
from units.kinds import Kind
from units.models import Place, User
from units.scope import Action

_GROUPS: tuple[tuple[str | Promise, tuple[Source, ...]], ...] = (
    (_("收到的报告和楼组所见"), (Source.BUILDINGS, Source.BLOCKS, Source.COMMUNITIES)),
    (_("走访、往来和意见"), (Source.HOUSEHOLDS,)),
    (_("住户和人口"), (Source.STOCK,)),
)


@dataclass(frozen=True)
class Entry:
    """A measure with its newest figure at the place that is looked at, when it has one there."""

    measure: Measure
    versions: Sequence[Measure]
    formula: str
    level: str
    figure: Figure | None


def measures_page(user: User, place: Place | None, *, at: datetime) -> dict[str, Any]:
    figures = _newest(user, place, at) if place else {}
    entries = [
        Entry(
            measure,
            measures.versions_of(measure.code),
            formula.in_words(measure),
            str(Kind(measure.level).label),
            figures.get(measure.code),
        )
        for measure in measures.CATALOGUE
    ]
    return {
        "place": place,
        "groups": [
            (name, [each for each in entries if each.measure.source in chosen])
            for name, chosen in _GROUPS
        ],
        "places": _tops(user),
    }


def place_of(user: User, code: str) -> Place | None:
    """The place of this code, or the topmost in reach."""
    places = Place.objects.visible_to(user).filter(kind__lte=Kind.BUILDING)
    if code:
        places = places.filter(code=code)
    return places.select_related("community__division").order_by("kind", "code").first()


def _tops(user: User) -> list[Place]:
    """Communities to choose from, for those who see several."""
    if not scope.reach(user, Action.SEE_FIGURES).divisions:
        return []
    return list(
        Place.objects.visible_to(user)
        .filter(kind=Kind.COMMUNITY)
        .select_related("community")
        .order_by("code")
    )


def _newest(user: User, place: Place, at: datetime) -> dict[str, Figure]:
    """By code: each of the running period, from above of the last that is over where only that."""
    lens = Lens(user, communities=[place.community_id], at=at)
    today = timezone.localdate(at)
    weeks = weeks_with_obligations([place.community_id], 1)
    periods = list(
        Period.objects.filter(kind__in=["month", "quarter", "now"], starts_on__lte=today).order_by(
            "-starts_on"
        )[:8]
    )
    rows = {
        row.period_id: row
        for row in Summary.objects.filter(place=place, period__in=[*weeks, *periods])
    }
    stock = next((rows.get(p.pk) for p in periods if p.kind == "now"), None)
    found: dict[str, Figure] = {}
    for measure in measures.CATALOGUE:
        if not lens.shows(measure, place) or place.kind > provenance.deepest(measure):
            continue
        for period in [*weeks, *periods]:
            row = rows.get(period.pk)
            if row is None or period.kind not in measure.periods:
                continue
            of = [row, stock] if measure.needs_stock and stock else [row]
            shown = lens.figure(measure, of, place=place, period=period)
            best = found.get(measure.code)
            if best is None or (best.is_hidden and not shown.is_hidden):
                found[measure.code] = shown
    return found


def sheet_page(user: User, sheet: Sheet, *, at: datetime) -> dict[str, Any]:
    """A row for each measure, a column for the place and each below it."""
    parts = disclosure.parts_of(sheet, user, at=at)
    codes = list(dict.fromkeys(code for part in parts for code in part.figures))
    return {
        "sheet": sheet,
        "place": sheet.place,
        "parts": parts,
        "rows": [
            (parts[0].figures[code].measure, [_cell(part, code, sheet) for part in parts])
            for code in codes
            if code in parts[0].figures
        ],
        "sources": len(sheet.sources),
    }


def _cell(part: Part, code: str, sheet: Sheet) -> Figure | None:
    found = part.figures.get(code)
    if found is None or part.kind > provenance.deepest(found.measure):
        return None
    period = "now" if found.measure.is_stock else sheet.period.key
    return replace(found, place=part.code, period=period)
