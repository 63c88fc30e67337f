"""Census workbooks made by script: a whole compound, with faults planted at known cells.

Layout of a sheet as offices keep it: two lines of title, a date, the header, the households, a sum.
"""

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from openpyxl import Workbook
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

HEADS = (
    "楼号",
    "楼层",
    "室号",
    "户主姓名",
    "常住人数",
    "60岁以上人数",
    "80岁及以上",
    "是否独居老人",
    "外来人口数",
    "联系电话",
)
BUILDING, FLOOR, ROOM, NAME, RESIDENTS, ELDERS, OLDEST, ALONE, NONLOCAL, PHONE = range(1, 11)
FIRST = 5  # the row of the first household
IDENTITY = "310104194903070029"
MOBILE = "13812345678"


@dataclass
class Sheet:
    """`planted` is cell → kind of fault; `odd` cells are understood though oddly written."""

    book: Workbook
    rows: dict[int, tuple[int, int, int]]
    planted: dict[str, str] = field(default_factory=dict)
    # How many faults these are: two rows of one door are one, with two cells.
    faults: int = 0
    odd: dict[str, str] = field(default_factory=dict)
    # Rows that must not be imported.
    faulty: set[int] = field(default_factory=set)

    @property
    def content(self) -> bytes:
        out = io.BytesIO()
        self.book.save(out)
        return out.getvalue()


def residents_of(building: int, storey: int, door: int) -> tuple[int, int, int]:
    """常住, 60岁以上, 80岁以上 of a household: any numbers, always the same."""
    people = (building * 7 + storey * 3 + door) % 5 + 1
    elders = min(people, (building + storey + door) % 3)
    return people, elders, min(elders, (building * storey + door) % 2)


def clean(buildings: int, floors: int, doors: int) -> Sheet:
    """Every household once, with a name and a telephone that must not be kept."""
    book = Workbook()
    sheet = book.active
    sheet.title = "底册"
    sheet["A1"] = "江南新村居民区住户底册"
    sheet.merge_cells("A1:J1")
    sheet["A2"] = "填表日期：2026年11月"
    for column, head in enumerate(HEADS, 1):
        sheet.cell(FIRST - 1, column, head)
    row, rows = FIRST, {}
    for building in range(1, buildings + 1):
        for storey in range(1, floors + 1):
            for door in range(1, doors + 1):
                people, elders, oldest = residents_of(building, storey, door)
                values = [f"{building}号", storey, f"{storey}{door:02d}", "周兰英", people, elders]
                values += [oldest, "否", (building + door) % 2 if people > 1 else 0, MOBILE]
                for column, value in enumerate(values, 1):
                    sheet.cell(row, column, value)
                rows[row] = (building, storey, door)
                row += 1
    sheet.cell(row, 1, "合计")
    sheet.cell(row, RESIDENTS, f"=SUM(E{FIRST}:E{row - 1})")
    notes = book.create_sheet("旧底册")
    notes["A1"] = "楼号"
    notes.sheet_state = "hidden"
    return Sheet(book, rows)


def empty() -> bytes:
    """Nothing in its one sheet, as a new one is saved."""
    out = io.BytesIO()
    Workbook().save(out)
    return out.getvalue()


def _set(column: int, value: Any) -> Callable[[Worksheet, int], list[str]]:
    def plant(sheet: Worksheet, row: int) -> list[str]:
        sheet.cell(row, column).value = value
        return [f"{get_column_letter(column)}{row}"]

    return plant


def _date(sheet: Worksheet, row: int) -> list[str]:
    from datetime import date

    sheet.cell(row, ROOM).value = date(2026, 3, 5)
    return [f"C{row}"]


def _merge(sheet: Worksheet, row: int) -> list[str]:
    """Two rooms in one cell: the lower one's is gone."""
    sheet.merge_cells(start_row=row, end_row=row + 1, start_column=ROOM, end_column=ROOM)
    return [f"C{row + 1}"]


def _twice(sheet: Worksheet, row: int) -> list[str]:
    """The next row says it is this one's door, with another number of people."""
    sheet.cell(row + 1, ROOM).value = sheet.cell(row, ROOM).value
    sheet.cell(row + 1, FLOOR).value = sheet.cell(row, FLOOR).value
    sheet.cell(row + 1, BUILDING).value = sheet.cell(row, BUILDING).value
    sheet.cell(row, RESIDENTS).value = 6
    sheet.cell(row + 1, RESIDENTS).value = 7
    return [f"C{row}", f"C{row + 1}"]


# How it is planted, and what it is called; four of each make the sixty.
FAULTS: Sequence[tuple[Callable[[Worksheet, int], list[str]], str]] = (
    (_merge, "merged"),
    (_twice, "twice"),
    (_date, "date"),
    (_set(ROOM, "3月5日"), "date"),
    (_set(RESIDENTS, "三四个"), "not_a_number"),
    (_set(RESIDENTS, 2.5), "fraction"),
    (_set(ROOM, IDENTITY), "identity"),
    (_set(ELDERS, int(MOBILE)), "mobile"),
    (_set(RESIDENTS, "=1+1"), "formula"),
    (_set(NONLOCAL, -1), "negative"),
    (_set(RESIDENTS, 1100), "huge"),
    (_set(ELDERS, 40), "elders"),
    (_set(BUILDING, "999号"), "unknown_building"),
    (_set(ROOM, None), "no_room"),
    (_set(FLOOR, 31), "other_floor"),
)
# Read without asking, and listed as 「读作」: cell → what it says, the way it is written.
ODD: Sequence[tuple[int, Callable[[Any], Any]]] = (
    (RESIDENTS, lambda value: "".join(chr(ord(c) + 0xFEE0) for c in str(value))),
    (RESIDENTS, lambda value: f"{value}人"),
    (ROOM, lambda value: f"0{value}"),
    (ROOM, lambda value: f"{value[0]}\n{value[1:]}"),
    (ROOM, lambda value: f"{value[0]}\xa0{value[1:]}室"),
    (BUILDING, lambda value: f"{value[:-1]} 号楼"),
)


def with_faults(sheet: Sheet, each: int = 4) -> Sheet:
    """Plant `each` faults of every kind, far enough apart not to touch each other."""
    page = sheet.book.active
    plants = [plant for plant in FAULTS for _n in range(each)]
    step = max(3, (len(sheet.rows) - 40) // len(plants))
    for number, (plant, kind) in enumerate(plants):
        row = FIRST + 2 + number * step
        # Two rows of one floor of one building, whatever the shape.
        while row + 1 in sheet.rows and sheet.rows[row][:2] != sheet.rows[row + 1][:2]:
            row += 1
        cells = plant(page, row)
        sheet.planted |= dict.fromkeys(cells, kind)
        sheet.faulty |= {int(cell[1:]) for cell in cells}
        sheet.faults += 1
    last = max(sheet.rows)
    for number, (column, write) in enumerate(ODD):
        cell = page.cell(last - 20 + 2 * number, column)
        cell.value = write(cell.value)
        sheet.odd[cell.coordinate] = str(cell.value)
    return sheet
