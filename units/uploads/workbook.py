"""A workbook's own XML as plain cells. Standard library only: it is read in the process apart.

What a cell shows is all that is asked for, so nothing else is looked at: no formulas, charts,
names, comments or conditions. What is not as Excel writes it raises, and is refused as a whole.
"""

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any
from xml.parsers import expat

Attributes = dict[str, str]
# (row, column, kind, value, number format); kind is empty, text, number, date or formula.
Cell = tuple[int, int, str, Any, str]

# Characters of all texts, places in all tables, merged areas: a workbook of people has less.
MOST_TEXT = 4_000_000
MOST_PLACES = 600_000
MOST_AREAS = 20_000
# Formats that Excel does not write down. 27 to 36 and 50 to 58 are dates where Excel is Chinese:
# a room 3-5 becomes 58, 「3月5日」.
_FORMATS = {0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00", 9: "0%", 10: "0.00%"}
_FORMATS |= {11: "0.00E+00", 12: "# ?/?", 13: "# ??/??", 14: "mm-dd-yy", 15: "d-mmm-yy"}
_FORMATS |= {16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM", 19: "h:mm:ss AM/PM", 20: "h:mm"}
_FORMATS |= {21: "h:mm:ss", 22: "m/d/yy h:mm", 45: "mm:ss", 46: "[h]:mm:ss", 47: "mmss.0"}
_FORMATS |= {48: "##0.0E+0", 49: "@"}
_FORMATS |= dict.fromkeys((*range(27, 32), 36, *range(50, 55), *range(57, 59)), 'm"月"d"日"')
_FORMATS |= dict.fromkeys((*range(32, 36), 55, 56), "h:mm")
# In quotes or brackets, but for hours that run on: no sign of a date.
_ASIDE = re.compile(r'".*?"|\[(?!hh?\]|mm?\]|ss?\])[^\]]*\]')
_SPAN = re.compile(r"\[(hh?|mm?|ss?)\]", re.I)
_DATE = re.compile(r"(?<![_\\])[dmyhsDMYHS]")
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})")
# Where the guard has counted cells.
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
_TRUE = ("1", "true")


def sheets(content: bytes, most_rows: int, most_columns: int) -> list[dict[str, Any]]:
    """The facts of `reading.ReadSheet` by name, of each sheet with cells; charts are none.

    Raises TooMuch, and whatever a damaged file makes of itself.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        book = _Book(archive)
        return [
            _facts(name, state, _Sheet(archive.read(part), book), most_rows, most_columns, book)
            for name, state, part in book.parts
        ]


def _parse(
    data: bytes,
    start: Callable[[str, Attributes], None],
    end: Callable[[str], None] | None = None,
    say: Callable[[str], None] | None = None,
) -> None:
    """Elements go by their names without a prefix."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda tag, facts: start(tag.rpartition(":")[2], facts)
    if end and say:
        parser.EndElementHandler = lambda tag: end(tag.rpartition(":")[2])
        parser.CharacterDataHandler = say
    parser.Parse(data, True)


class TooMuch(Exception):
    """More than a workbook of people holds."""


class _Book:
    """What sheets share: their parts, texts, styles, and the day that dates are counted from."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.epoch = datetime(1899, 12, 30)  # noqa: DTZ001 (a day on a calendar)
        self.places = 0
        self.length = 0
        self.styles: list[tuple[str, bool, bool]] = []
        named: list[tuple[str, str, str]] = []

        def of_book(tag: str, facts: Attributes) -> None:
            if tag == "sheet":
                link = next(facts[name] for name in facts if name.rpartition(":")[2] == "id")
                named.append((facts["name"], facts.get("state", "visible"), link))
            elif tag == "workbookPr" and facts.get("date1904") in _TRUE:
                self.epoch = datetime(1904, 1, 1)  # noqa: DTZ001

        _parse(archive.read("xl/workbook.xml"), of_book)
        links = _links(archive)
        of_kind = {kind: part for kind, part in links.values() if kind != "worksheet"}
        self.parts = [
            (name, state, links[link][1])
            for name, state, link in named
            if link in links and links[link][0] == "worksheet" and _SHEET.fullmatch(links[link][1])
        ]
        if len({part for *_rest, part in self.parts}) < len(self.parts):
            raise ValueError("two sheets are one")
        if "styles" in of_kind:
            self.styles = _styles(archive.read(of_kind["styles"]))
        self.texts: list[str] = []
        if "sharedStrings" in of_kind:
            self.texts = _texts(archive.read(of_kind["sharedStrings"]))

    def style(self, number: str | None) -> tuple[str, bool, bool]:
        """The format of a style, whether it is one of dates, and has a line below."""
        at = int(number or 0)
        return self.styles[at] if at < len(self.styles) else ("General", False, False)

    def say(self, text: str) -> str:
        self.length += len(text)
        if self.length > MOST_TEXT:
            raise TooMuch("texts")
        return text


def _links(archive: zipfile.ZipFile) -> dict[str, tuple[str, str]]:
    """What the book leads to: name → (kind, part)."""
    found: dict[str, tuple[str, str]] = {}

    def start(tag: str, facts: Attributes) -> None:
        if tag == "Relationship" and facts.get("TargetMode") != "External":
            part = posixpath.normpath(posixpath.join("/xl", facts["Target"])).lstrip("/")
            found[facts["Id"]] = (facts["Type"].rpartition("/")[2], part)

    _parse(archive.read("xl/_rels/workbook.xml.rels"), start)
    return found


def _styles(data: bytes) -> list[tuple[str, bool, bool]]:
    formats = dict(_FORMATS)
    found: list[tuple[int, int]] = []
    lines: list[bool] = []
    within = ""

    def start(tag: str, facts: Attributes) -> None:
        nonlocal within
        if tag in ("borders", "cellXfs", "cellStyleXfs", "dxfs"):
            within = tag
        elif tag == "numFmt" and within != "dxfs":
            formats[int(facts["numFmtId"])] = facts["formatCode"]
        elif within == "borders" and tag == "border":
            lines.append(False)
        elif within == "borders" and tag == "bottom":
            lines[-1] = facts.get("style", "none") != "none"
        elif within == "cellXfs" and tag == "xf":
            found.append((int(facts.get("numFmtId", 0)), int(facts.get("borderId", 0))))

    _parse(data, start)
    named = [(formats.get(number, "General"), border) for number, border in found]
    return [
        (each, _is_of_dates(each), border < len(lines) and lines[border]) for each, border in named
    ]


def _is_of_dates(number_format: str) -> bool:
    return bool(_DATE.search(_ASIDE.sub("", number_format.split(";")[0])))


class _Text:
    """Gathers what stands in elements `t` and `v`; how a word is spoken (`rPh`) is not said."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self.is_open = self.is_spoken = False

    def start(self, tag: str) -> None:
        if tag == "rPh":
            self.is_spoken = True
        self.is_open = tag in ("t", "v") and not self.is_spoken

    def say(self, text: str) -> None:
        if self.is_open:
            self.pieces.append(text)

    def end(self, tag: str) -> None:
        self.is_open = False
        if tag == "rPh":
            self.is_spoken = False

    def take(self) -> str:
        text = "".join(self.pieces)
        self.pieces = []
        return text.replace("_x000D_", "") if "_x" in text else text


def _texts(data: bytes) -> list[str]:
    text = _Text()
    found: list[str] = []

    def end(tag: str) -> None:
        text.end(tag)
        if tag == "si":
            found.append(text.take())

    _parse(data, lambda tag, _facts: text.start(tag), end, text.say)
    return found


class _Sheet:
    """The cells that a sheet stores, its merged areas, and what of it is hidden."""

    def __init__(self, data: bytes, book: _Book) -> None:
        self.book, self.text = book, _Text()
        self.cells: list[Cell] = []
        self.used: list[tuple[int, int]] = []
        self.merged: list[tuple[int, int, int, int]] = []
        self.hidden_rows: list[int] = []
        self.hidden_columns: list[tuple[int, int]] = []
        self.row = self.column = 0
        self.facts: Attributes = {}
        self.is_formula = False
        _parse(data, self._start, self._end, self.text.say)

    def _start(self, tag: str, facts: Attributes) -> None:
        self.text.start(tag)
        if tag == "c":
            self.facts, self.is_formula = facts, False
            self.column += 1
            if "r" in facts:
                self.row, self.column = _place(facts["r"])
        elif tag == "f":
            self.is_formula = True
        elif tag == "row":
            self.row, self.column = int(facts.get("r", self.row + 1)), 0
            if facts.get("hidden") in _TRUE:
                self.hidden_rows.append(self.row)
        elif tag == "mergeCell":
            first, _colon, last = facts["ref"].partition(":")
            self.merged.append((*_place(first), *_place(last or first)))
            if len(self.merged) > MOST_AREAS:
                raise TooMuch("merged areas")
        elif tag == "col" and facts.get("hidden") in _TRUE:
            self.hidden_columns.append((int(facts["min"]), int(facts["max"])))

    def _end(self, tag: str) -> None:
        self.text.end(tag)
        if tag != "c":
            return
        shown, is_of_dates, has_line = self.book.style(self.facts.get("s"))
        kind, value = self._value(self.text.take(), shown if is_of_dates else "")
        self.cells.append((self.row, self.column, kind, value, shown))
        if kind != "empty" or has_line:
            self.used.append((self.row, self.column))

    def _value(self, text: str, of_dates: str) -> tuple[str, Any]:
        """`of_dates` is the format, when it is one of dates."""
        if self.is_formula:
            return "formula", ""
        if not text.strip():
            return "empty", ""
        kind = self.facts.get("t", "n")
        if kind == "n":
            number = float(text) if re.search("[.eE]", text) else int(text)
            return self._date(number, of_dates) if of_dates else ("number", number)
        if kind == "s":
            text = self.book.texts[int(text)]
        elif kind == "b":
            text = str(bool(int(text)))
        elif kind == "d":
            return "date", text[:10]
        return ("text", self.book.say(text)) if text.strip() else ("empty", "")

    def _date(self, number: float, shown: str) -> tuple[str, Any]:
        """Below 1 it is a time of the day; what is no day any more shows as signs in Excel."""
        try:
            if _SPAN.search(shown):
                return "text", str(timedelta(days=number))
            # Excel counts a 29th of February 1900 that never was.
            lost = 0 < number < 60 and self.book.epoch.year == 1899
            found = self.book.epoch + timedelta(days=number + lost)
        except OverflowError:
            return "text", "#####"
        return ("date", f"{found:%Y-%m-%d}") if number >= 1 else ("text", f"{found:%H:%M:%S}")


def _place(reference: str) -> tuple[int, int]:
    """B17 → (17, 2)."""
    found = _REFERENCE.fullmatch(reference)
    if not found:
        raise ValueError(reference)
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column


def _facts(
    name: str, state: str, sheet: _Sheet, most_rows: int, most_columns: int, book: _Book
) -> dict[str, Any]:
    """Up to the last used row and column."""
    used = sheet.used + [area[2:] for area in sheet.merged]
    rows = min(max((row for row, _column in used), default=1), most_rows)
    columns = min(max((column for _row, column in used), default=1), most_columns)
    book.places += rows * columns
    covered = set(_covered(sheet.merged, rows, columns, book))
    if book.places > MOST_PLACES:
        raise TooMuch("places")
    return {
        "name": name,
        "rows": rows,
        "columns": columns,
        "hidden": state != "visible",
        "merged": sheet.merged,
        "hidden_rows": [row for row in sheet.hidden_rows if row <= rows],
        "hidden_columns": [
            n for first, last in sheet.hidden_columns for n in range(first, min(last, columns) + 1)
        ],
        "cells": [
            each
            for each in sheet.cells
            if each[0] <= rows and each[1] <= columns and each[:2] not in covered
        ],
    }


def _covered(
    merged: list[tuple[int, int, int, int]], rows: int, columns: int, book: _Book
) -> Iterator[tuple[int, int]]:
    """The places below merged areas but their first: what is stored there is not shown."""
    for top, left, bottom, right in merged:
        bottom, right = min(bottom, rows), min(right, columns)
        book.places += max(0, bottom - top + 1) * max(0, right - left + 1)
        if book.places > MOST_PLACES:
            raise TooMuch("merged areas upon each other")
        for row in range(top, bottom + 1):
            for column in range(left, right + 1):
                if (row, column) != (top, left):
                    yield row, column
