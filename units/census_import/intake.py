"""From a file or pasted text to tables of households, without what we do not hold.

Here a name, an identity or a telephone number ends: nothing of them is stored, only where one was.
A cell is None, a number, a text, or a list that says what it was: ["date", "2026-03-05"],
["formula"], ["merged", value, "down"], ["identity", "31…8X"], ["mobile", "13…21"], ["words"].
"""

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from units.census_import import fields
from units.private_numbers import holds_identity_number, holds_mobile_number
from units.refusals import Refusal
from units.uploads import guard, reading
from units.uploads.reading import ReadSheet

Cell = Any
# Where the header is looked for: below titles and dates.
_HEADER_WITHIN = 15
# What many programs call a spreadsheet and is a page of the web.
_PAGE = re.compile(r"\s*<(!doctype|html|table|meta|style|\?xml)", re.I)
_TOTAL = re.compile(r"^(本页|总|合|小|共|累)\s*计")
# A place or an answer, not a sentence about somebody.
_KEEPABLE = re.compile(
    r"[\d\s()#./\-—–~A-Za-z一二三四五六七八九十零号楼栋幢座组单元层室房弄村第片区东西南北门]{1,20}"
)
_ANSWERS = frozenset("是 否 有 无 √ ✓ × ✗ 对 空 没有 空关 独居 不是".split())  # noqa: SIM905
_LONGEST = 20
# Of a mobile number; nothing shorter needs a closer look.
_FEWEST_DIGITS = 11
_SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗郑梁谢宋唐许韩邓冯曹彭曾肖田董潘袁蔡蒋余于杜叶程魏苏吕丁任"
    "卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常"
)


@dataclass
class Table:
    """One sheet: kept columns as (number in the file, header), rows as (number, cells)."""

    name: str
    columns: list[tuple[int, str]]
    rows: list[tuple[int, list[Cell]]]
    # Headers of columns that were left out: about persons, or nothing but words.
    private: list[str] = field(default_factory=list)
    wordy: list[str] = field(default_factory=list)
    # Lines that are no household: (row, "total" | "remark").
    skipped: list[tuple[int, str]] = field(default_factory=list)
    is_pasted: bool = False

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of(cls, facts: dict[str, Any]) -> "Table":
        return cls(**facts)

    @property
    def heads(self) -> list[str]:
        return [head for _number, head in self.columns]

    def reference(self, row: int, index: int) -> str:
        """B17; what was pasted has rows but no letters."""
        number = self.columns[index][0]
        return str(row) if self.is_pasted else f"{get_column_letter(number)}{row}"


def of_file(content: bytes, name: str) -> tuple[list[Table], list[str]]:
    """The tables of a workbook or of comma-separated text, and the names of hidden sheets.

    Raises the guard's Refusal, or `no_rows`.
    """
    if content and not content.startswith((b"PK", b"\xd0\xcf\x11\xe0")) and _is_text(name, content):
        text = _decoded(content)
        if _PAGE.match(text):
            raise guard.old_format()
        return _some([_table(_lines(text), "", is_pasted=False)]), []
    guard.admit(content)
    sheets = reading.sheets(content)
    seen = [sheet for sheet in sheets if not sheet.is_hidden]
    hidden = [sheet.name for sheet in sheets if sheet.is_hidden]
    return _some([_table(_rows(sheet), sheet.name) for sheet in seen]), hidden


def of_paste(text: str) -> list[Table]:
    """Cells copied out of a spreadsheet. Raises Refusal `no_rows`, `too_many_cells`."""
    return _some([_table(_lines(text), "", is_pasted=True)], beside="pasted")


def _some(tables: list[Table], beside: str = "file") -> list[Table]:
    found = [table for table in tables if table.rows and table.columns]
    if not found:
        message = _("没有读到住户。请看看表里有没有表头和数据，再试一次")
        raise Refusal("no_rows", message, fields={beside: message})
    return found


def _is_text(name: str, content: bytes) -> bool:
    return name.lower().endswith((".csv", ".txt", ".tsv")) or b"\x00" not in content[:4096]


def _decoded(content: bytes) -> str:
    """As Excel saves it: UTF-8 with or without its mark, UTF-16, or GB 18030."""
    if len(content) > guard.LARGEST:
        guard.admit(content)
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not any(unicodedata.category(each) == "Cc" and not each.isspace() for each in text):
            return text
    raise guard.unreadable()


def _lines(text: str) -> list[tuple[int, list[Cell]]]:
    """Raises Refusal `workbook_too_many_cells` beyond what a workbook may have."""
    text = text.replace("\x00", "")
    marks = {mark: text.count(mark) for mark in ("\t", ",", ";")}
    # Pasted cells are parted by tabs, and may hold commas.
    mark = "\t" if marks["\t"] else max(marks, key=lambda each: marks[each])
    found: list[tuple[int, list[Cell]]] = []
    try:
        for number, line in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=mark), 1):
            if number > guard.MOST_ROWS or len(line) > guard.MOST_COLUMNS:
                raise guard.too_many_cells()
            found.append((number, [each if each.strip() else None for each in line]))
    except csv.Error as error:
        raise guard.unreadable() from error
    width = max((len(line) for _number, line in found), default=0)
    return [(number, line + [None] * (width - len(line))) for number, line in found]


def _rows(sheet: ReadSheet) -> list[tuple[int, list[Cell]]]:
    rows: list[list[Cell]] = [[None] * sheet.columns for _row in range(sheet.rows)]
    for each in sheet.cells:
        if each.kind != "empty":
            rows[each.row - 1][each.column - 1] = _said(each.kind, each.value)
    for top, left, bottom, right in sheet.merged:
        if top > sheet.rows or left > sheet.columns:
            continue
        value = rows[top - 1][left - 1]
        for row in range(top, min(bottom, sheet.rows) + 1):
            for column in range(left, min(right, sheet.columns) + 1):
                if (row, column) != (top, left):
                    way = "down" if column == left else "across"
                    rows[row - 1][column - 1] = ["merged", value, way]
    return list(enumerate(rows, 1))


def _said(kind: str, value: Any) -> Cell:
    if kind == "date":
        return ["date", value]
    return ["formula"] if kind == "formula" else value


def _table(lines: list[tuple[int, list[Cell]]], name: str, *, is_pasted: bool = False) -> Table:
    at = _header(lines)
    heads = [_text(cell) for cell in lines[at][1]] if at is not None else []
    body = lines[at + 1 :] if at is not None else lines
    if at is None and body:
        heads = [_("第%d列") % number for number in range(1, len(body[0][1]) + 1)]
    table = Table(name, [], [], is_pasted=is_pasted)
    rows = [row for row in body if _is_household(row, table)]
    kept: list[list[Cell]] = []
    for index, head in enumerate(heads):
        values = [_scrubbed(cells[index]) for _number, cells in rows]
        column = _kept(head, values, table)
        if column is not None:
            if fields.recognise(head) == "building":
                column = _carried_down(column)
            table.columns.append((index + 1, head[:40]))
            kept.append(column)
    table.rows = [
        (number, list(cells))
        for (number, _cells), cells in zip(rows, zip(*kept, strict=True), strict=False)
    ]
    return table


def _header(lines: Sequence[tuple[int, list[Cell]]]) -> int | None:
    """The row with most headers that we know; of two alike the lower, for two-storeyed heads.

    Where none is known: the first row of several texts without a figure among them.
    """
    best, found, first = 2, None, None
    for at, (_number, cells) in enumerate(lines[:_HEADER_WITHIN]):
        texts = {_text(cell) for cell in cells} - {""}
        known = sum(bool(fields.recognise(text) or fields.is_private(text)) for text in texts)
        if known >= best:
            best, found = known, at
        if first is None and len(texts) > 1 and not re.search(r"\d", "".join(texts)):
            first = at
    return first if found is None else found


def _is_household(row: tuple[int, list[Cell]], table: Table) -> bool:
    number, cells = row
    filled = [cell for cell in cells if _text(cell)]
    if not filled:
        return False
    if any(_TOTAL.match(re.sub(r"\s", "", _text(cell))) for cell in filled[:3]):
        table.skipped.append((number, "total"))
        return False
    texts = {_text(cell) for cell in filled}
    if len(texts) == 1 and not any(each.isdecimal() for each in texts) and len(cells) > 2:
        table.skipped.append((number, "remark"))
        return False
    return True


def _text(cell: Cell) -> str:
    if isinstance(cell, list):
        return _text(cell[1]) if cell[0] == "merged" else cell[0]
    return "" if cell is None else unicodedata.normalize("NFKC", str(cell))[:200].strip()


def _scrubbed(cell: Cell) -> Cell:
    """Without identity and mobile numbers; of each only its first two and last two signs stay."""
    if isinstance(cell, list):
        return ["merged", _scrubbed(cell[1]), cell[2]] if cell[0] == "merged" else cell
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e18:
        cell = int(cell)
    if cell is None:
        return None
    text = str(cell)
    if sum(each.isdigit() for each in text) < _FEWEST_DIGITS:
        return cell if isinstance(cell, int | float) else text[:80]
    digits = re.sub(r"\W", "", unicodedata.normalize("NFKC", text[:200]))
    is_long = isinstance(cell, int) and cell >= 10**13
    if is_long or holds_identity_number(text) or re.fullmatch(r"\d{15}|\d{17}[\dXx]", digits):
        return ["identity", f"{digits[:2]}…{digits[-2:]}"]
    if holds_mobile_number(text):
        return ["mobile", f"{digits[:2]}…{digits[-2:]}"]
    return cell if isinstance(cell, int | float) else text[:80]


def _kept(head: str, values: list[Cell], table: Table) -> list[Cell] | None:
    """What is kept of a column; None for the whole of one that is left out."""
    filled = [value for value in values if value is not None]
    if head == fields.ERROR_HEAD or not (filled or head):
        return None
    if fields.is_private(head):
        table.private.append(head[:40])
        return None
    if fields.recognise(head):
        return [_short(value) for value in values]
    about_persons = sum(_is_about_a_person(value) for value in filled)
    if filled and about_persons * 2 >= len(filled):
        table.private.append(head[:40] or _("没有表头的一列"))
        return None
    kept = [_short(value) if _is_keepable(value) else ["words"] for value in values]
    if filled and all(value == ["words"] for value in kept if value is not None):
        table.wordy.append(head[:40] or _("没有表头的一列"))
        return None
    return kept


def _carried_down(values: list[Cell]) -> list[Cell]:
    """A building written once over its many lines, as merged cells are pasted, is said for each.

    Where most lines say theirs, one that does not was forgotten, and stays empty.
    """
    empty = sum(value is None for value in values)
    if not values or values[0] is None or empty * 2 < len(values):
        return values
    carried, last = [], None
    for value in values:
        last = value if value is not None else last
        carried.append(value if value is not None else ["merged", last, "down"])
    return carried


def _short(value: Cell) -> Cell:
    return value[:_LONGEST] if isinstance(value, str) else value


def _is_about_a_person(value: Cell) -> bool:
    if isinstance(value, list):
        return value[0] in ("identity", "mobile")
    text = str(value).strip()
    return bool(re.fullmatch(r"[一-鿿]{2,4}", text)) and text[0] in _SURNAMES


def _is_keepable(value: Cell) -> bool:
    if isinstance(value, str):
        text = unicodedata.normalize("NFKC", value).strip()
        return text in _ANSWERS or bool(_KEEPABLE.fullmatch(text))
    return not isinstance(value, list) or value[0] != "merged" or _is_keepable(value[1])


def typed(text: str) -> Cell:
    """What somebody typed in the place of a cell, scrubbed as if it had been in the sheet."""
    return _scrubbed(text.strip() or None) or ""
