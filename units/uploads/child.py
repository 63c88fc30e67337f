"""Runs in a process of its own: reads a workbook from standard input, writes plain JSON.

Nothing of ours is imported here, no database is known, and what a workbook can do to its reader
ends at 512 MB, ten seconds of a processor, and no file or socket besides the two pipes.
"""

import io
import json
import resource
import sys
from datetime import date, datetime
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell.cell import MergedCell

MEMORY = 512 * 1024 * 1024
SECONDS = 10
_DESCRIPTORS = 3


def _fence() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What the library imports only when it reads, while files may still be opened.
    warm = io.BytesIO()
    Workbook().save(warm)
    load_workbook(warm)
    for encoding in ("cp437", "utf-16", "gb18030", "latin-1"):
        b"".decode(encoding)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))


def _sheets(content: bytes, most_rows: int, most_columns: int) -> list[dict[str, Any]]:
    book = load_workbook(io.BytesIO(content))
    return [_sheet(sheet, most_rows, most_columns) for sheet in book.worksheets]


def _sheet(sheet: Any, most_rows: int, most_columns: int) -> dict[str, Any]:
    """`iter_rows` makes a cell for every place up to the last: here only those that are stored."""
    stored = list(sheet._cells.values())
    areas = [
        (area.min_row, area.min_col, area.max_row, area.max_col)
        for area in sheet.merged_cells.ranges
    ]
    used = [(cell.row, cell.column) for cell in stored if _is_used(cell)]
    used += [area[2:] for area in areas]
    rows = min(max((row for row, _column in used), default=1), most_rows)
    columns = min(max((column for _row, column in used), default=1), most_columns)
    return {
        "name": sheet.title,
        "rows": rows,
        "columns": columns,
        "hidden": sheet.sheet_state != "visible",
        "merged": areas,
        "hidden_rows": [n for n, row in sheet.row_dimensions.items() if row.hidden and n <= rows],
        "hidden_columns": [
            n
            for dimension in sheet.column_dimensions.values()
            if dimension.hidden and dimension.min
            for n in range(dimension.min, min(dimension.max, columns) + 1)
        ],
        "cells": [
            (each.row, each.column, *_value(each), each.number_format)
            for each in stored
            if each.row <= rows and each.column <= columns and not isinstance(each, MergedCell)
        ],
    }


def _is_used(cell: Any) -> bool:
    return cell.value is not None or (cell.has_style and cell.border.bottom.style is not None)


def _value(cell: Any) -> tuple[str, Any]:
    value = cell.value
    if value is None or (isinstance(value, str) and not value.strip()):
        return "empty", ""
    if cell.data_type == "f":
        return "formula", ""
    if isinstance(value, bool):
        return "text", str(value)
    if isinstance(value, datetime | date):
        return "date", f"{value:%Y-%m-%d}"
    if isinstance(value, int | float):
        return "number", value
    return "text", str(value)


if __name__ == "__main__":
    _fence()
    found = _sheets(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2]))
    sys.stdout.write(json.dumps(found))
