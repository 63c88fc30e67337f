"""Putting values into a sheet of a workbook by replacing only the bytes of their cells."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from openpyxl.utils import get_column_letter

from units.uploads import guard

Value = int | Decimal | str


@dataclass
class _Cell:
    column: int
    start: int
    end: int
    attributes: dict[str, str]
    has_formula: bool = False


@dataclass
class _Row:
    number: int
    start: int
    # Where its last cell may be put: before its closing tag, or None for <row/>.
    inside: int | None
    end: int
    attributes: dict[str, str]
    cells: list[_Cell] = field(default_factory=list)


class _Scan:
    """Where the rows and cells of a sheet lie in its bytes."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.rows: list[_Row] = []
        self.results: list[tuple[int, int]] = []
        self.columns: list[dict[str, str]] = []
        # Where a row may be put behind all others, and whether <sheetData/> must be opened for it.
        self.end_of_data: tuple[int, int] | None = None
        self.prefix = ""
        self._started: list[int] = []
        self._value = 0
        self._parser = expat.ParserCreate()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._finish
        self._parser.Parse(data, True)

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        at = self._parser.CurrentByteIndex
        self._started.append(at)
        prefix, _colon, name = tag.rpartition(":")
        if name == "row":
            before = self.rows[-1].number if self.rows else 0
            number = int(attributes["r"]) if "r" in attributes else before + 1
            self.rows.append(_Row(number, at, None, 0, attributes))
        elif name == "c":
            cells = self.rows[-1].cells
            letters = re.match(r"[A-Z]+", attributes.get("r", ""))
            before = cells[-1].column if cells else 0
            column = guard.column_number(letters[0]) if letters else before + 1
            cells.append(_Cell(column, at, 0, attributes))
        elif name == "f" and self.rows and self.rows[-1].cells:
            self.rows[-1].cells[-1].has_formula = True
        elif name == "v":
            self._value = at
        elif name == "col":
            self.columns.append(attributes)
        elif name == "sheetData":
            self.prefix = f"{prefix}:" if prefix else ""

    def _finish(self, tag: str) -> None:
        at, started = self._parser.CurrentByteIndex, self._started.pop()
        name = tag.rpartition(":")[2]
        # No attribute of the elements that count here holds a bracket.
        opened = self.data.index(b">", started) + 1
        is_closed_at_once = self.data.endswith(b"/>", started, opened)
        end = opened if is_closed_at_once else self.data.index(b">", at) + 1
        if name == "c":
            self.rows[-1].cells[-1].end = end
        elif name == "v" and self.rows and self.rows[-1].cells and not is_closed_at_once:
            cell = self.rows[-1].cells[-1]
            if cell.has_formula and not cell.end:
                self.results.append((self._value, end))
        elif name == "row":
            self.rows[-1].inside = None if is_closed_at_once else at
            self.rows[-1].end = end
        elif name == "sheetData":
            self.end_of_data = (started, end) if is_closed_at_once else (at, at)

    def style_of(self, row: _Row | None, column: int) -> str:
        """What an absent cell looks like: as its row says, else its column."""
        if row and row.attributes.get("customFormat") in ("1", "true") and "s" in row.attributes:
            return row.attributes["s"]
        for each in self.columns:
            if int(each.get("min", 0)) <= column <= int(each.get("max", 0)) and "style" in each:
                return each["style"]
        return ""


def spliced(data: bytes, values: Mapping[str, Value]) -> bytes:
    scan = _Scan(data)
    edits: list[tuple[int, int, bytes]] = [(start, end, b"") for start, end in scan.results]
    by_row: dict[int, dict[int, Value]] = {}
    for reference, value in values.items():
        letters, digits = re.fullmatch(r"([A-Z]+)(\d+)", reference).groups()  # type: ignore[union-attr]
        by_row.setdefault(int(digits), {})[guard.column_number(letters)] = value
    rows = {row.number: row for row in scan.rows}
    new_rows: dict[int, bytes] = {}
    for number, columns in sorted(by_row.items()):
        row = rows.get(number)
        if row is None:
            cells = b"".join(
                _cell(scan, number, column, value, scan.style_of(None, column))
                for column, value in sorted(columns.items())
            )
            line = f'<{scan.prefix}row r="{number}">'.encode() + cells
            after = next((each.start for each in scan.rows if each.number > number), None)
            place = after if after is not None else -1
            new_rows[place] = new_rows.get(place, b"") + line + f"</{scan.prefix}row>".encode()
        else:
            edits += _row(scan, row, columns)
    for place, lines in new_rows.items():
        edits.append((place, place, lines) if place >= 0 else _at_the_end(scan, lines))
    pieces, done = [], 0
    # What is put in before a cell comes before what replaces it.
    for start, end, new in sorted(edits, key=lambda edit: edit[:2]):
        pieces += [data[done:start], new]
        done = end
    return b"".join([*pieces, data[done:]])


def _at_the_end(scan: _Scan, lines: bytes) -> tuple[int, int, bytes]:
    if scan.end_of_data is None:
        raise guard.unreadable()
    start, end = scan.end_of_data
    if start == end:
        return (start, end, lines)
    tag = f"{scan.prefix}sheetData".encode()
    return (start, end, b"<" + tag + b">" + lines + b"</" + tag + b">")


def _row(scan: _Scan, row: _Row, columns: Mapping[int, Value]) -> list[tuple[int, int, bytes]]:
    edits: list[tuple[int, int, bytes]] = []
    added: dict[int, bytes] = {}
    there = {cell.column: cell for cell in row.cells}
    for column, value in sorted(columns.items()):
        cell = there.get(column)
        if cell:
            new = _cell(scan, row.number, column, value, cell.attributes.get("s", ""))
            edits.append((cell.start, cell.end, new))
            continue
        new = _cell(scan, row.number, column, value, scan.style_of(row, column))
        after = next((each.start for each in row.cells if each.column > column), row.inside)
        place = after if after is not None else -1
        added[place] = added.get(place, b"") + new
    for place, cells in added.items():
        if place >= 0:
            edits.append((place, place, cells))
        else:
            opened = scan.data[row.start : row.end].rstrip(b"/>").rstrip()
            edits.append(
                (row.start, row.end, opened + b">" + cells + f"</{scan.prefix}row>".encode())
            )
    return edits


def _cell(scan: _Scan, row: int, column: int, value: Value, style: str) -> bytes:
    p, where = scan.prefix, f"{get_column_letter(column)}{row}"
    look = f" s={quoteattr(style)}" if style else ""
    if isinstance(value, str):
        text = f'<{p}is><{p}t xml:space="preserve">{clean(value)}</{p}t></{p}is>'
        return f'<{p}c r="{where}"{look} t="inlineStr">{text}</{p}c>'.encode()
    return f'<{p}c r="{where}"{look}><{p}v>{value}</{p}v></{p}c>'.encode()


def clean(text: str) -> str:
    """Without the control characters that no workbook may hold."""
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text))
