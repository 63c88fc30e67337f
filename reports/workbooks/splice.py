"""Writing values into a workbook by replacing only the bytes of their cells.

Loading and saving a workbook loses what a library does not know. Here every part that is not
written to stays as it was, byte for byte; in a sheet, everything but the cells written.
"""

import io
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from uuid import uuid4
from xml.etree.ElementTree import Element
from xml.parsers import expat
from xml.sax.saxutils import escape, quoteattr

from defusedxml import ElementTree
from openpyxl.utils import get_column_letter

from reports.workbooks import guard

Value = int | Decimal | str
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


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


def write(
    content: bytes,
    values: Mapping[str, Mapping[str, Value]],
    *,
    note: Sequence[Sequence[str]],
    note_name: str,
) -> bytes:
    """`values` by name of sheet and cell; `note` are the lines of a sheet put behind the others.

    Formulas keep their text and lose only their last result, which is reckoned again on opening.
    Raises the guard's Refusal for a file that cannot be written to.
    """
    try:
        return _written(content, values, note, note_name)
    except guard.MALFORMED as error:
        raise guard.unreadable() from error


def _written(
    content: bytes,
    values: Mapping[str, Mapping[str, Value]],
    note: Sequence[Sequence[str]],
    note_name: str,
) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {entry.filename: _utf8(archive.read(entry)) for entry in archive.infolist()}
        entries = archive.infolist()
    paths = _paths_of_sheets(parts)
    changed = {path: _sheet(parts[path], values.get(name, {})) for name, path in paths.items()}
    # A workbook that we filled before has a note already.
    part = _free_name("xl/worksheets/note", [name.removesuffix(".xml") for name in parts]) + ".xml"
    changed |= _with_note(parts, _free_name(note_name, paths), part)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            archive.writestr(entry, changed.get(entry.filename, parts[entry.filename]))
        archive.writestr(part, _note(note))
    return out.getvalue()


def _utf8(data: bytes) -> bytes:
    """Parts in the other encoding that XML allows by itself, so that bytes can be counted."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    text = data.decode("utf-16", errors="replace")
    return re.sub(r'(<\?xml[^>]*?)\s+encoding="[^"]*"', r"\1", text, count=1).encode()


def _free_name(name: str, taken: Collection[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}{number}", number + 1
    return free


def _paths_of_sheets(parts: Mapping[str, bytes]) -> dict[str, str]:
    relations = {
        each.get("Id"): each.get("Target", "")
        for each in _root(parts["xl/_rels/workbook.xml.rels"])
    }
    paths = {}
    for each in _root(parts["xl/workbook.xml"]).iter(f"{{{_MAIN}}}sheet"):
        target = relations[each.get(f"{{{_RELATIONS}}}id")]
        path = target[1:] if target.startswith("/") else f"xl/{target}"
        if path in parts and "/worksheets/" in path:
            paths[each.get("name", "")] = path
    return paths


def _root(data: bytes) -> Element:
    root: Element = ElementTree.fromstring(data)
    return root


# --- A sheet --------------------------------------------------------------------------------


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


def _sheet(data: bytes, values: Mapping[str, Value]) -> bytes:
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
    for start, end, new in sorted(edits, key=lambda edit: edit[:2], reverse=True):
        data = data[:start] + new + data[end:]
    return data


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
        text = f'<{p}is><{p}t xml:space="preserve">{_clean(value)}</{p}t></{p}is>'
        return f'<{p}c r="{where}"{look} t="inlineStr">{text}</{p}c>'.encode()
    return f'<{p}c r="{where}"{look}><{p}v>{value}</{p}v></{p}c>'.encode()


def _clean(text: str) -> str:
    """Without the control characters that no workbook may hold."""
    return escape(re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text))


# --- The note, and what must know of it ------------------------------------------------------


def _with_note(parts: Mapping[str, bytes], name: str, part: str) -> dict[str, bytes]:
    book = parts["xl/workbook.xml"]
    used = [int(each.get("sheetId", 0)) for each in _root(book).iter(f"{{{_MAIN}}}sheet")]
    relation = f"rId{uuid4().hex}"
    sheet = (
        f'sheet xmlns:tg="{_RELATIONS}" name={quoteattr(name)} '
        f'sheetId="{max(used) + 1}" tg:id="{relation}"/>'
    )
    book = _before_end(book, "sheets", sheet)
    relations = _before_end(
        parts["xl/_rels/workbook.xml.rels"],
        "Relationships",
        f'Relationship Id="{relation}" Type="{_RELATIONS}/worksheet" Target="/{part}"/>',
    )
    types = _before_end(
        parts["[Content_Types].xml"],
        "Types",
        f'Override PartName="/{part}" ContentType="{_SHEET_TYPE}"/>',
    )
    return {
        "xl/workbook.xml": _reckoned_anew(book),
        "xl/_rels/workbook.xml.rels": relations,
        "[Content_Types].xml": types,
    }


def _before_end(data: bytes, tag: str, element: str) -> bytes:
    """`element` without its opening bracket, put in as the last child, under the same prefix."""
    found = re.search(rb"</([A-Za-z0-9_]+:)?" + tag.encode() + rb"\s*>", data)
    if not found:
        raise guard.unreadable()
    prefix = found[1] or b""
    return data[: found.start()] + b"<" + prefix + element.encode() + data[found.start() :]


def _reckoned_anew(book: bytes) -> bytes:
    """Says that all formulas are to be reckoned when the workbook is opened."""
    found = re.search(rb"<(?:[A-Za-z0-9_]+:)?calcPr\b[^>]*?(/?)>", book)
    if found:
        tag = re.sub(rb'\s+fullCalcOnLoad\s*=\s*("[^"]*"|\'[^\']*\')', b"", found[0])
        cut = len(tag) - (2 if found[1] else 1)
        tag = tag[:cut] + b' fullCalcOnLoad="1"' + tag[cut:]
        return book[: found.start()] + tag + book[found.end() :]
    for name in (b"definedNames", b"externalReferences", b"functionGroups", b"sheets"):
        end = re.search(rb"</([A-Za-z0-9_]+:)?" + name + rb"\s*>", book)
        if end:
            element = b"<" + (end[1] or b"") + b'calcPr fullCalcOnLoad="1"/>'
            return book[: end.end()] + element + book[end.end() :]
    return book


def _note(lines: Sequence[Sequence[str]]) -> bytes:
    rows = []
    for number, line in enumerate(lines, 1):
        cells = "".join(
            f'<c r="{get_column_letter(column)}{number}" t="inlineStr">'
            f'<is><t xml:space="preserve">{_clean(text)}</t></is></c>'
            for column, text in enumerate(line, 1)
            if text
        )
        rows.append(f'<row r="{number}">{cells}</row>')
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate((24, 64, 10, 12, 22, 24), 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_MAIN}"><cols>{widths}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        '<pageSetup paperSize="9" orientation="landscape"/></worksheet>'
    ).encode()
