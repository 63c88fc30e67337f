"""What became of a filling: told on its page, and on the sheet 「填表说明」 of the file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _

from reports.exports import words
from reports.measures import Measure
from reports.models import Period, Sheet
from reports.sheets import Part
from reports.workbooks.grid import Grid
from reports.workbooks.mapping import Entry

# More than this on one page is only counted; the file's own note has all.
_LISTED = 60


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


def list_empty(entries: Sequence[Entry], grids: Sequence[Grid], outcome: Outcome) -> None:
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


def note_of(
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


def where(entry: Entry) -> str:
    return f"{entry.sheet} {entry.cell}：{entry.label}"
