"""A workbook as tables of cells that can be shown, pointed at and known again by their headers."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from units.uploads import guard, reading
from units.uploads.reading import ReadCell, ReadSheet

# 「2026年10月」 changes every month and tells no two cells apart.
_WHEN = re.compile(r"\d{4}\s*年|\d{1,2}\s*月份?")


@dataclass(frozen=True, slots=True)
class Cell:
    row: int
    column: int
    # empty, text, number, date or formula
    kind: str
    text: str
    number_format: str = "General"
    across: int = 1
    down: int = 1

    @property
    def reference(self) -> str:
        return f"{get_column_letter(self.column)}{self.row}"

    @property
    def is_percentage(self) -> bool:
        return "%" in re.sub(r'"[^"]*"', "", self.number_format)

    @property
    def is_date(self) -> bool:
        plain = re.sub(r'"[^"]*"|\[[^\]]*\]', "", self.number_format).lower()
        return self.kind == "date" or ("y" in plain and "d" in plain)

    @property
    def is_writable(self) -> bool:
        """A formula is never written over, a foreign text only on purpose."""
        return self.kind in ("empty", "number", "date")


@dataclass
class Grid:
    """One sheet. A merged range is its upper left cell; the others point at it."""

    name: str
    rows: int
    columns: int
    cells: dict[tuple[int, int], Cell]
    covered: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)
    hidden_rows: set[int] = field(default_factory=set)
    hidden_columns: set[int] = field(default_factory=set)
    is_hidden: bool = False

    def at(self, row: int, column: int) -> Cell:
        """The cell, or the merged cell that covers it."""
        place = self.covered.get((row, column), (row, column))
        return self.cells.get(place) or Cell(row, column, "empty", "")

    def by_reference(self, reference: str) -> Cell | None:
        found = re.fullmatch(r"([A-Z]{1,3})(\d{1,7})", reference)
        if not found:
            return None
        row, column = int(found[2]), guard.column_number(found[1])
        if not (0 < row <= self.rows and 0 < column <= self.columns):
            return None
        return self.at(row, column)

    def heads_above(self, cell: Cell) -> list[str]:
        """Texts of the header over a cell, from the top down: up to the first gap above them."""
        return self._above[cell.column][cell.row]

    def heads_beside(self, cell: Cell) -> list[str]:
        """Texts left of a cell in its row, from the left."""
        texts = (self.at(cell.row, column) for column in self._texts_of[cell.row])
        return list(dict.fromkeys(each.text for each in texts if each.column < cell.column))

    @cached_property
    def _above(self) -> dict[int, dict[int, list[str]]]:
        """Column → row → the last run of texts above it; walking up for each cell took minutes."""
        return {column: self._runs(column) for column in range(1, self.columns + 1)}

    def _runs(self, column: int) -> dict[int, list[str]]:
        runs: dict[int, list[str]] = {}
        run: list[str] = []
        before: Cell | None = None
        for row in range(1, self.rows + 1):
            runs[row] = run
            each = self.at(row, column)
            # A line merged from the first column on is a title or a section, not a header.
            if each.kind != "text" or each.column == 1 < column:
                before = None
            elif before is None:
                before, run = each, [each.text]
            elif before is not each:
                before, run = each, [*run, each.text]
        return runs

    @cached_property
    def _texts_of(self) -> dict[int, list[int]]:
        """Row → its columns that show a text."""
        return {
            row: [
                column
                for column in range(1, self.columns + 1)
                if self.at(row, column).kind == "text"
            ]
            for row in range(1, self.rows + 1)
        }

    def shown(self, first: int, last: int) -> Iterator[tuple[int, bool, list[Cell]]]:
        """(row, hidden, cells to draw) from row `first` to `last`."""
        for row in range(first, min(last, self.rows) + 1):
            drawn = [
                self.at(row, column)
                for column in range(1, self.columns + 1)
                if (row, column) not in self.covered
            ]
            yield row, row in self.hidden_rows, drawn

    def all_cells(self) -> Iterator[Cell]:
        """Every place in the rectangle, empty ones too, merged ones once."""
        for row in range(1, self.rows + 1):
            for column in range(1, self.columns + 1):
                if (row, column) not in self.covered:
                    yield self.at(row, column)


@lru_cache(maxsize=4)
def read(content: bytes) -> tuple[Grid, ...]:
    """Raises the guard's Refusal for what cannot be read as a workbook.

    Kept for a while, since a page is opened for every cell pointed at: never change a grid.
    """
    return tuple(_grid(sheet) for sheet in reading.sheets(content))


def same(text: str) -> str:
    """What is left of a header when form, spaces and the month are taken away."""
    plain = unicodedata.normalize("NFKC", text)
    return _WHEN.sub("#", re.sub(r"[\s_]+", "", plain))


def _grid(sheet: ReadSheet) -> Grid:
    covered: dict[tuple[int, int], tuple[int, int]] = {}
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    for top_row, top_column, bottom, right in sheet.merged:
        top = (top_row, top_column)
        last_row, last_column = min(bottom, sheet.rows), min(right, sheet.columns)
        spans[top] = (last_column - top_column + 1, last_row - top_row + 1)
        for row in range(top_row, last_row + 1):
            for column in range(top_column, last_column + 1):
                if (row, column) != top:
                    covered[row, column] = top
    return Grid(
        sheet.name,
        sheet.rows,
        sheet.columns,
        {
            (each.row, each.column): _cell(each, *spans.get((each.row, each.column), (1, 1)))
            for each in sheet.cells
        },
        covered,
        set(sheet.hidden_rows),
        set(sheet.hidden_columns),
        sheet.is_hidden,
    )


def _cell(cell: ReadCell, across: int, down: int) -> Cell:
    texts = {"formula": _("公式"), "number": f"{cell.value:g}" if cell.kind == "number" else ""}
    text = texts.get(cell.kind, cell.value)
    return Cell(cell.row, cell.column, cell.kind, text, cell.number_format, across, down)
