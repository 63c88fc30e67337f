"""「填好它」: the same file with our figures of one period, from sheets that are stored with it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import sheets
from reports.exports import order, table, words
from reports.measures import Measure
from reports.models import Export, Period, Sheet, Workbook
from reports.models.export import KEPT_FOR
from reports.sheets import Part
from reports.workbooks import grid, mapping, splice, storing
from reports.workbooks.aliases import DENOMINATOR, NUMERATOR
from reports.workbooks.grid import Cell, Grid
from reports.workbooks.mapping import Entry, Words
from reports.workbooks.splice import Value
from units import journal
from units.kinds import Kind
from units.models import Place, User

_EPOCH = date(1899, 12, 30)
_MONTH = re.compile(r"(\d{4}|[_＿\s]*)年(\d{1,2}|[_＿\s]*)月")
_LISTED = 60
_UNKNOWN = "—"


@dataclass
class Outcome:
    """What was written and what was not, each as 「表名 C5：报告覆盖率」."""

    filled: int = 0
    # Foreign numbers and texts that we wrote over, with what had stood there.
    replaced: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    # Empty cells inside our tables that nobody has mapped.
    empty: list[str] = field(default_factory=list)

    def told(self) -> dict[str, object]:
        lists = ("replaced", "unknown", "formulas", "lost", "empty")
        told: dict[str, object] = {"filled": self.filled}
        for name in lists:
            found = getattr(self, name)
            told[name] = found[:_LISTED]
            told[f"{name}_more"] = max(0, len(found) - _LISTED)
        return told


@dataclass
class Facts:
    """What there is to write: figures by place, and the words."""

    parts: Mapping[str, Part]
    own: str
    period: Period
    place: str
    day: date
    maker: str


@transaction.atomic
def fill(workbook: Workbook, period: Period, *, by: User, at: datetime) -> Export:
    """A file that `by` may fetch for a day. The stored workbook stays empty as it came."""
    grids = grid.read(bytes(workbook.content))
    entries, lost = mapping.anchored(mapping.read(workbook.mapping), grids)
    taken = _take(workbook, period, entries, by=by, at=at)
    facts = _facts(workbook, taken, period, by, at)
    outcome = Outcome(lost=[_where(each) for each in lost])
    values = _values(entries, {each.name: each for each in grids}, facts, outcome)
    _list_empty(entries, grids, outcome)
    content = splice.write(
        bytes(workbook.content),
        values,
        note=_note(entries, facts, taken, outcome),
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
            outcome.formulas.append(_where(entry))
            continue
        value = _words(entry, cell, facts) if entry.words else _figure(entry, cell, facts)
        if value is None:
            outcome.unknown.append(_where(entry))
            continue
        if cell.kind != "empty" and cell.text != str(value):
            outcome.replaced.append(_("%s，原来是“%s”") % (_where(entry), cell.text))
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


def _list_empty(entries: Sequence[Entry], grids: Sequence[Grid], outcome: Outcome) -> None:
    for each in grids:
        mapped = [
            cell
            for entry in entries
            if entry.sheet == each.name and entry.wanted
            for cell in (each.by_reference(entry.cell),)
            if cell
        ]
        if not mapped:
            continue
        ours = {(cell.row, cell.column) for cell in mapped}
        rows, columns = [r for r, _c in ours], [c for _r, c in ours]
        outcome.empty += [
            f"{each.name} {cell.reference}"
            for cell in each.all_cells()
            if cell.kind == "empty"
            and (cell.row, cell.column) not in ours
            and min(rows) <= cell.row <= max(rows)
            and min(columns) <= cell.column <= max(columns)
        ]


def _note(
    entries: Sequence[Entry], facts: Facts, taken: Sequence[Sheet], outcome: Outcome
) -> list[list[str]]:
    """The sheet 「填表说明」: what each measure means, and what was not filled in."""
    moment = f"{timezone.localtime(min(sheet.as_of for sheet in taken)):%Y-%m-%d %H:%M:%S}"
    numbers = "、".join(sheet.number for sheet in taken)
    lines = [
        [_("填表说明")],
        [_("报告期"), facts.period.label],
        [_("地方"), facts.place],
        [_("数据截至"), moment],
        [_("数据表编号"), numbers],
        [_("填入"), _("%d格") % outcome.filled],
        [],
        [_("指标"), _("口径"), _("单位"), _("口径版本"), _("数据截至"), _("数据表编号")],
    ]
    lines += [
        [
            str(measure.name),
            str(measure.definition),
            words.unit(measure),
            _("第%d版") % measure.version,
            moment,
            numbers,
        ]
        for measure in _used(entries, facts)
    ]
    for head, found in (
        (_("改写了原有内容"), outcome.replaced),
        (_("没有数字，留空"), outcome.unknown),
        (_("是公式，没有动"), outcome.formulas),
        (_("这份文件里没有找到"), outcome.lost),
        (_("表内还空着、没有指定的格"), outcome.empty),
    ):
        if found:
            lines += [[], [head], *(["", each] for each in found)]
    return lines


def _used(entries: Sequence[Entry], facts: Facts) -> list[Measure]:
    found: dict[str, Measure] = {}
    for entry in entries:
        part = facts.parts.get(entry.place or facts.own)
        figure = part.figures.get(entry.wanted.measure) if part and entry.wanted else None
        if figure:
            found.setdefault(figure.measure.code, figure.measure)
    return list(found.values())


def _where(entry: Entry) -> str:
    return f"{entry.sheet} {entry.cell}：{entry.label}"


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
