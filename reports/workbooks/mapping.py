"""Where our figures go in a workbook: each cell anchored by its headers, so that rows may move."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.workbooks import aliases
from reports.workbooks.aliases import Wanted
from reports.workbooks.grid import Cell, Grid, same


class Words(models.TextChoices):
    """What may be written into a cell beside figures."""

    PERIOD = "period", _("报告期")
    # The year and month inside a text that is there already: a title.
    MONTH = "month", _("标题里的年月")
    PLACE = "place", _("地方名称")
    DAY = "day", _("制表日期")
    MAKER = "maker", _("制表人")


@dataclass(frozen=True)
class Entry:
    """One mapped cell. `place` is a code, or "" for the workbook's own community or street."""

    sheet: str
    cell: str
    wanted: Wanted | None = None
    words: str = ""
    place: str = ""
    above: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    # What stood there, for a title that is known by its own words.
    said: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.sheet, self.cell)

    @property
    def figure_key(self) -> str:
        """As `forms.figure_choices` names it."""
        if self.wanted:
            return f"{self.wanted.measure}:{self.wanted.part}"
        return f"words:{self.words}"

    @property
    def label(self) -> str:
        return aliases.label_of(self.wanted) if self.wanted else str(Words(self.words).label)


def read(mapping: Iterable[dict[str, Any]]) -> list[Entry]:
    return [
        Entry(**{**each, "wanted": Wanted(**each["wanted"]) if each["wanted"] else None})
        for each in mapping
    ]


def written(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [asdict(each) for each in entries]


def pointed_at(grid: Grid, cell: Cell, **what: Any) -> Entry:
    """An entry for `cell` with its anchors."""
    return Entry(
        sheet=grid.name,
        cell=cell.reference,
        above=[same(text) for text in grid.heads_above(cell)],
        beside=[same(text) for text in grid.heads_beside(cell)],
        said=same(cell.text) if cell.kind == "text" else "",
        **what,
    )


def with_entries(entries: Sequence[Entry], new: Iterable[Entry]) -> list[Entry]:
    """`new` ones take the place of those of the same cell."""
    by_cell = {each.key: each for each in [*entries, *new]}
    return list(by_cell.values())


def anchored(entries: Sequence[Entry], grids: Sequence[Grid]) -> tuple[list[Entry], list[Entry]]:
    """(entries at their cells in this file, entries whose headers are not found in it)."""
    found, lost = [], []
    for entry in entries:
        grid = _sheet(entry, grids)
        cell = _cell(entry, grid) if grid else None
        if grid and cell:
            found.append(replace(entry, sheet=grid.name, cell=cell.reference))
        else:
            lost.append(entry)
    return found, lost


def _sheet(entry: Entry, grids: Sequence[Grid]) -> Grid | None:
    """Of the same name, or of the same but for the month, or the only one there is."""
    for grid in grids:
        if grid.name == entry.sheet:
            return grid
    alike = [grid for grid in grids if same(grid.name) == same(entry.sheet)]
    if len(alike) == 1:
        return alike[0]
    return grids[0] if len(grids) == 1 else None


def _cell(entry: Entry, grid: Grid) -> Cell | None:
    """Where it was, if its headers are still there; else the one cell that has them."""
    before = grid.by_reference(entry.cell)
    if before and _fits(entry, grid, before):
        return before
    fitting = [cell for cell in grid.all_cells() if _fits(entry, grid, cell)]
    if len(fitting) == 1:
        return fitting[0]
    in_column = [cell for cell in fitting if before and cell.column == before.column]
    return in_column[0] if len(in_column) == 1 else None


def _fits(entry: Entry, grid: Grid, cell: Cell) -> bool:
    if entry.said:
        return cell.kind == "text" and same(cell.text) == entry.said
    if cell.kind == "text":
        return False
    return _tail([same(text) for text in grid.heads_beside(cell)], entry.beside) and _tail(
        [same(text) for text in grid.heads_above(cell)], entry.above
    )


def _tail(heads: list[str], wanted: list[str]) -> bool:
    """The same nearest headers: what stands further out (a title, a new line above) may differ."""
    if not wanted:
        return not heads
    count = min(2, len(wanted))
    return heads[-count:] == wanted[-count:]
