"""What the process apart makes of a workbook: as a known library reads it, and bombs not at all."""

import io
import zipfile
from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from openpyxl import Workbook, load_workbook
from openpyxl.styles import Border, Side
from openpyxl.worksheet.formula import ArrayFormula

from tests.units import census_workbooks
from tests.units.workbook_bombs import BOMBS
from units.census_import import intake
from units.refusals import Refusal
from units.uploads import child, reading
from units.uploads.reading import ReadCell, ReadSheet


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def cells_of(sheet: ReadSheet) -> dict[str, ReadCell]:
    return {
        f"{'ABCDEFGHIJKLMNOPQRSTUVWXYZ'[each.column - 1]}{each.row}": each for each in sheet.cells
    }


def with_every_kind() -> Workbook:
    book = Workbook()
    sheet = book.active
    values = [" ", "3人\n", "<&>", 1.5, 12345678901234567890, 1e300, True, "#N/A"]
    for row, value in enumerate(values, 1):
        sheet.cell(row, 1, value)
    sheet["B1"], sheet["B2"] = date(2026, 3, 5), datetime(2026, 3, 5, 12, 30)  # noqa: DTZ001
    sheet["B3"], sheet["B4"] = time(8, 30), 5
    sheet["B4"].number_format = '0"day"'
    sheet["C1"], sheet["C2"] = "=1+1", ArrayFormula("C2:C3", "=A1:A2")
    sheet["D1"], sheet["D2"] = 0.5, 46086
    sheet["D1"].number_format, sheet["D2"].number_format = "0.0%", 'yyyy"年"m"月"d"日"'
    sheet["A10"], sheet["B11"] = "两格的", "看不见"
    sheet.merge_cells("A10:B11")
    sheet["F20"].border = Border(bottom=Side("thin"))
    sheet.row_dimensions[4].hidden = True
    sheet.column_dimensions.group("D", "E", hidden=True)
    book.create_sheet("旧的").sheet_state = "veryHidden"
    return book


def with_faults() -> Workbook:
    return census_workbooks.with_faults(census_workbooks.clean(25, 5, 4)).book


@pytest.mark.parametrize("made", [with_every_kind, with_faults])
def test_cells_are_as_another_reader_reads_them(made):
    content = saved(made())
    for ours, theirs in zip(
        reading.sheets(content), load_workbook(io.BytesIO(content)), strict=True
    ):
        assert (ours.name, ours.is_hidden) == (theirs.title, theirs.sheet_state != "visible")
        areas = [each.bounds for each in theirs.merged_cells]
        assert sorted(ours.merged) == sorted((b[1], b[0], b[3], b[2]) for b in areas)
        for reference, cell in cells_of(ours).items():
            assert (cell.kind, cell.value) == _as_we_say(theirs[reference])
            assert cell.number_format == theirs[reference].number_format
        filled = {each.coordinate for row in theirs for each in row if each.value is not None}
        assert filled <= cells_of(ours).keys()


def _as_we_say(cell: object) -> tuple[str, object]:
    value = cell.value
    if cell.data_type == "f":
        return "formula", ""
    if value is None or not str(value).strip():
        return "empty", ""
    if isinstance(value, datetime):
        return "date", f"{value:%Y-%m-%d}"
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return ("number", value) if is_number else ("text", str(value))


def test_what_is_hidden_and_how_far_a_sheet_goes():
    first, second = reading.sheets(saved(with_every_kind()))
    assert (first.hidden_rows, first.hidden_columns) == ([4], [4, 5])
    assert (first.rows, first.columns) == (20, 6)
    assert "B11" not in cells_of(first)
    assert (second.is_hidden, second.cells) == (True, [])


def test_a_room_that_a_chinese_excel_made_a_date_is_a_date():
    """Format 58 is 「3月5日」 there; it is written down nowhere in the file."""
    book = Workbook()
    book.active["A1"] = 46086
    book.active["A1"].number_format = "0.00"
    good = zipfile.ZipFile(io.BytesIO(saved(book)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in good.namelist():
            text = good.read(name)
            if name == "xl/styles.xml":
                assert b'numFmtId="2"' in text
                text = text.replace(b'numFmtId="2"', b'numFmtId="58"')
            archive.writestr(name, text)
    ((only,),) = [sheet.cells for sheet in reading.sheets(out.getvalue())]
    assert (only.kind, only.value) == ("date", "2026-03-05")


def test_texts_in_pieces_and_how_they_are_spoken():
    book = Workbook()
    book.active["A1"] = "室号"
    good = zipfile.ZipFile(io.BytesIO(saved(book)))
    out = io.BytesIO()
    rich = "<si><r><rPr><b/></rPr><t>室</t></r><r><t>号</t></r><rPh><t>shi</t></rPh></si>"
    with zipfile.ZipFile(out, "w") as archive:
        for name in good.namelist():
            text = good.read(name).decode()
            if name == "xl/sharedStrings.xml":
                text = f"{text[: text.index('<si>')]}{rich}</sst>"
            archive.writestr(name, text)
    ((only,),) = [sheet.cells for sheet in reading.sheets(out.getvalue())]
    assert only.value == "室号"


@pytest.mark.parametrize(("made", "why"), BOMBS.values(), ids=BOMBS)
def test_a_bomb_is_refused(made: Callable[[], bytes], why: str):
    with pytest.raises(Refusal) as refused:
        intake.of_file(made(), "底册.xlsx")
    assert refused.value.code == f"workbook_{why}"


def test_what_the_reader_may_use_is_little():
    assert child.MEMORY <= 600 * 1024 * 1024
    assert child.SECONDS <= 2
