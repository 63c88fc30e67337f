"""「错误行」: lines that were not taken, as a workbook to mend and hand in again."""

import io

from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from units.census_import import cells, fields
from units.census_import.checking import Outcome
from units.census_import.intake import Cell, Table


def write(table: Table, outcome: Outcome) -> bytes:
    """All cells are text, so that nothing in them is reckoned when the file is opened."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("错误行"))
    sheet.freeze_panes = "A2"
    for number in range(len(table.columns)):
        sheet.column_dimensions[_letter(number)].width = 14
    sheet.column_dimensions[_letter(len(table.columns))].width = 60
    sheet.append([_cell(sheet, head, bold=True) for head in [*table.heads, fields.ERROR_HEAD]])
    for line in outcome.faulty:
        said = "；".join(f"{fault.spot} {fault.sentence}" for fault in line.faults)
        texts = [*(_text(cell) for cell in line.cells), said]
        sheet.append([_cell(sheet, text) for text in texts])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def template() -> bytes:
    """An empty sheet with the headers that are understood."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("底册"))
    sheet.freeze_panes = "A2"
    keys = ("building", "floor", "room", "residents", "aged_60", "aged_80_plus")
    keys += ("living_alone", "nonlocal_residents", "empty")
    heads = [str(fields.BY_KEY[key].label) for key in keys]
    for number in range(len(heads)):
        sheet.column_dimensions[_letter(number)].width = 14
    sheet.append([_cell(sheet, head, bold=True) for head in heads])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _text(cell: Cell) -> str:
    """What is said again of a cell; of what may not be kept, nothing."""
    if isinstance(cell, list) and cell[0] in ("identity", "mobile", "words", "formula"):
        return ""
    return cells.shown(cell)


def _letter(index: int) -> str:
    return str(get_column_letter(index + 1))


def _cell(sheet: object, text: str, *, bold: bool = False) -> WriteOnlyCell:
    cell = WriteOnlyCell(sheet, value=text)
    cell.data_type = "s"
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text=True, vertical="top")
    if bold:
        cell.font = Font(bold=True)
    return cell
