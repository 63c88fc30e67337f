"""「填好它」: the same file with our figures of one period, from sheets that are stored with it."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import sheets
from reports.exports import order, table, words
from reports.models import Export, Period, Sheet, Workbook
from reports.models.export import KEPT_FOR
from reports.workbooks import grid, mapping, package, storing
from reports.workbooks.aliases import DENOMINATOR, NUMERATOR
from reports.workbooks.grid import Cell, Grid
from reports.workbooks.mapping import Entry, Words
from reports.workbooks.outcome import Facts, Outcome, list_empty, note_of, where
from reports.workbooks.splice import Value
from units import journal
from units.kinds import Kind
from units.models import Place, User

_EPOCH = date(1899, 12, 30)
_MONTH = re.compile(r"(\d{4}|[_＿\s]*)年(\d{1,2}|[_＿\s]*)月")
_UNKNOWN = "—"


@transaction.atomic
def fill(workbook: Workbook, period: Period, *, by: User, at: datetime) -> Export:
    """A file that `by` may fetch for a day. The stored workbook stays empty as it came."""
    grids = grid.read(bytes(workbook.content))
    entries, lost = mapping.anchored(mapping.read(workbook.mapping), grids)
    taken = _take(workbook, period, entries, by=by, at=at)
    facts = _facts(workbook, taken, period, by, at)
    outcome = Outcome(lost=[where(each) for each in lost])
    values = _values(entries, {each.name: each for each in grids}, facts, outcome)
    list_empty(entries, grids, outcome)
    content = package.write(
        bytes(workbook.content),
        values,
        note=note_of(entries, facts, taken, outcome),
        note_name=_("填表说明"),
    )
    return _kept(workbook, period, taken, content, outcome, by=by, at=at)


def _take(
    workbook: Workbook, period: Period, entries: Sequence[Entry], *, by: User, at: datetime
) -> list[Sheet]:
    """One sheet of each community, and of each block whose buildings are asked for."""
    places = {place.code: place for place in storing.places_of(workbook)}
    wanted = [places[entry.place] for entry in entries if entry.place in places]
    blocks = {place.parent_id for place in wanted if place.kind == Kind.BUILDING}
    chosen = [
        place
        for place in places.values()
        if place.kind == Kind.COMMUNITY or (place.kind == Kind.BLOCK and place.pk in blocks)
    ]
    return [sheets.take(place, period, by=by, at=at) for place in chosen]


def _facts(
    workbook: Workbook, taken: Sequence[Sheet], period: Period, by: User, at: datetime
) -> Facts:
    return Facts(
        parts=table.parts_by_code(by, taken),
        own=workbook.community.code if workbook.community else "",
        period=period,
        place=workbook.owner,
        day=timezone.localdate(at),
        maker=by.full_name,
    )


def _values(
    entries: Sequence[Entry], grids: Mapping[str, Grid], facts: Facts, outcome: Outcome
) -> dict[str, dict[str, Value]]:
    values: dict[str, dict[str, Value]] = {}
    for entry in entries:
        cell = grids[entry.sheet].by_reference(entry.cell)
        if cell is None or cell.kind == "formula":
            outcome.formulas.append(where(entry))
            continue
        value = _words(entry, cell, facts) if entry.words else _figure(entry, cell, facts)
        if value is None:
            outcome.unknown.append(where(entry))
            continue
        if cell.kind != "empty" and cell.text != str(value):
            outcome.replaced.append(_("%s，原来是“%s”") % (where(entry), cell.text))
        values.setdefault(entry.sheet, {})[cell.reference] = value
        outcome.filled += 1
    return values


def _figure(entry: Entry, cell: Cell, facts: Facts) -> Value | None:
    """A number as the cell shows numbers, the words of what is hidden, None for what is unknown."""
    part = facts.parts.get(entry.place or facts.own)
    wanted = entry.wanted
    figure = part.figures.get(wanted.measure) if part and wanted else None
    if figure is None or wanted is None:
        return None
    if not words.is_exact(figure):
        return None if figure.text == _UNKNOWN else figure.text
    if wanted.part == NUMERATOR:
        return figure.numerator
    if wanted.part == DENOMINATOR:
        return figure.denominator
    if not figure.is_rate:
        return figure.numerator
    rate = figure.value or Decimal(0)
    return rate / 100 if cell.is_percentage and words.is_percentage(figure.measure) else rate


def _words(entry: Entry, cell: Cell, facts: Facts) -> Value | None:
    if entry.words == Words.MONTH:
        day = facts.period.ends_on
        return _MONTH.sub(f"{day.year}年{day.month}月", cell.text, count=1)
    if entry.words == Words.DAY:
        if cell.is_date:
            return (facts.day - _EPOCH).days
        return _("%(year)d年%(month)d月%(day)d日") % {
            "year": facts.day.year,
            "month": facts.day.month,
            "day": facts.day.day,
        }
    return {
        Words.PERIOD.value: facts.period.label,
        Words.PLACE.value: facts.place,
        Words.MAKER.value: facts.maker,
    }.get(entry.words)


def _kept(
    workbook: Workbook,
    period: Period,
    taken: Sequence[Sheet],
    content: bytes,
    outcome: Outcome,
    *,
    by: User,
    at: datetime,
) -> Export:
    places: list[Place] = [sheet.place for sheet in taken]
    export = Export.objects.create(
        by=by,
        about={
            "kind": order.FileKind.WORKBOOK.value,
            "workbook": workbook.pk,
            "division": workbook.division_id,
            "period": period.pk,
            "targets": [place.pk for place in places],
            "sheets": [str(sheet.pk) for sheet in taken],
            "needs": order.needs_of(by, places),
            "told": outcome.told(),
        },
        purpose=str(order.Purpose.SUBMITTING.label),
        file_name=f"{workbook.name} {period.label}.xlsx",
        state=Export.State.DONE,
        done=len(taken) + 1,
        total=len(taken) + 1,
        content=content,
        made_at=at,
        moved_at=at,
        expires_at=at + KEPT_FOR,
    )
    journal.note("workbook.filled", user=by, at=at, workbook=workbook.pk, period=period.key)
    return export
