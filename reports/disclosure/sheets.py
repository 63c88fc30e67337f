"""Sheets as they are shown: stored ones to one person, and their parts above the community."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from reports import calendar, sheets
from reports.disclosure import rule
from reports.disclosure.lens import audience, is_over, may_see, screened
from reports.disclosure.rule import Month, Sign, Stock
from reports.measures import Audience, Figure
from reports.models import Period, Sheet
from reports.sheets import Part
from units import scope
from units.kinds import Kind
from units.models import Place, User
from units.scope import Action


def screen(
    parts: Sequence[Part], period: Period | None = None, *, at: datetime | None = None
) -> list[Part]:
    """The parts of a sheet as they are shown above the community.

    Without the period and the present moment it is taken for one that is not over.
    """
    told = [(part, _columns_of(part)) for part in parts]
    wholes = [values for part, values in told if part.kind == Kind.COMMUNITY]
    blocks = [values for part, values in told if part.kind == Kind.BLOCK]
    stock = Stock.of(wholes[0], blocks) if wholes else Stock()
    is_told = period and at and period.kind == Period.PeriodKind.MONTH and is_over(period, at=at)
    month = Month.of(blocks) if is_told else None
    return [
        replace(
            part,
            figures=_screened(part, rule.signs(values, part.kind, stock, month)),
        )
        for part, values in told
    ]


def _screened(part: Part, hidden: Mapping[str, Sign]) -> dict[str, Figure]:
    """Without the measures that the street does not see at all."""
    return {
        code: screened(figure, hidden)
        for code, figure in part.figures.items()
        if Audience.STREET in figure.measure.viewers
    }


def _columns_of(part: Part) -> dict[str, int]:
    """The columns that the figures of a sheet are made of, as far as they can be told."""
    values: dict[str, int] = {}
    for figure in part.figures.values():
        for terms, number in (
            (figure.measure.numerator, figure.numerator),
            (figure.measure.denominator or {}, figure.denominator),
        ):
            if len(terms) == 1 and number is not None:
                values |= {column: number for column, factor in terms.items() if factor == 1}
    if {"building_filed", "building_nil"} <= values.keys():
        values["building_looked"] = values["building_filed"] - values["building_nil"]
    return values


def parts_of(sheet: Sheet, user: User, *, at: datetime) -> list[Part]:
    """The parts of a stored sheet that are in this person's reach, as this person may see them."""
    reach = scope.reach(user, Action.SEE_FIGURES)
    parts = sheets.parts_of(sheet)
    places = Place.objects.select_related("community").in_bulk([part.place_id for part in parts])
    parts = [part for part in parts if reach.holds(places[part.place_id])]
    over = calendar.moment(sheet.period.ends_on, 24)
    # What a sheet says of a part of a month is never told, so that no difference can be taken.
    filtered = screen(parts, sheet.period, at=at if sheet.as_of >= over else sheet.as_of)
    shown = []
    for part, from_above in zip(parts, filtered, strict=True):
        seen_as = audience(user, places[part.place_id])
        figures = {c: f for c, f in part.figures.items() if may_see(f.measure, seen_as)}
        shown.append(from_above if seen_as is Audience.STREET else replace(part, figures=figures))
    return shown
