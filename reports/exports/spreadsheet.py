"""The spreadsheet of a table, as an office makes one: ready to print, no formula in it."""

import io
from collections.abc import Iterable, Sequence
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from reports.exports import words
from reports.exports.table import Row, Table
from reports.measures import Measure

_LINE = Side(style="thin", color="999999")
_BOX = Border(_LINE, _LINE, _LINE, _LINE)
_HEAD = PatternFill("solid", start_color="EEF3F1")
_SUM = PatternFill("solid", start_color="F6F3EC")
_MIDDLE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_LEFT = Alignment(vertical="center", wrap_text=True)
# Title, where and when, then the two lines of the header; data begin below them.
_FIRST = 5
_FIXED = 2


def write(table: Table) -> bytes:
    book = Workbook()
    _figures(book.active, table)
    _parts(book.create_sheet(_("分子分母")), table)
    _definitions(book.create_sheet(_("填表说明")), table)
    return _saved(book)


def listed(
    title: str,
    heads: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    told: Sequence[tuple[str, str]],
) -> bytes:
    """A plain list of words; `told` says about it what a reader has to know, on a second sheet."""
    book = Workbook()
    book.active.title = title
    _list(
        book.active, list(heads), map(tuple, lines), widths=(18, 24, *(14 for _head in heads[2:]))
    )
    _list(book.create_sheet(_("说明")), [_("事项"), _("内容")], told, widths=(14, 40))
    return _saved(book)


def _saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _figures(sheet: Worksheet, table: Table) -> None:
    sheet.title = _("数据表")
    width = _FIXED + len(table.measures)
    _put(sheet, 1, 1, f"{table.title}（{table.period}）", font=Font(bold=True, size=16))
    _put(sheet, 2, 1, _origin(table), font=Font(color="57606A"))
    for row in (1, 2):
        sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)
        sheet.cell(row, 1).alignment = _MIDDLE
    _heads(sheet, table)
    for number, row in enumerate(table.rows, _FIRST):
        _row(sheet, number, table, row)
    last = _FIRST + len(table.rows) - 1
    _signatures(sheet, last + 2, table)
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[_FIRST - 1].height = 48
    sheet.column_dimensions["A"].width = 18
    sheet.column_dimensions["B"].width = 24
    for column in range(_FIXED + 1, width + 1):
        sheet.column_dimensions[get_column_letter(column)].width = 11
    sheet.freeze_panes = sheet.cell(_FIRST, _FIXED + 1)
    _for_paper(sheet, f"A1:{get_column_letter(width)}{last + 2}", rows=f"1:{_FIRST - 1}")


def _heads(sheet: Worksheet, table: Table) -> None:
    upper, lower = _FIRST - 2, _FIRST - 1
    for column, text in enumerate((table.row_word, _("编码")), 1):
        _put(sheet, upper, column, text)
        sheet.merge_cells(start_row=upper, end_row=lower, start_column=column, end_column=column)
    column = _FIXED + 1
    for group in table.groups:
        _put(sheet, upper, column, group.name)
        last = column + len(group.measures) - 1
        sheet.merge_cells(start_row=upper, end_row=upper, start_column=column, end_column=last)
        for measure in group.measures:
            _put(sheet, lower, column, words.heading(measure))
            column += 1
    for row in (upper, lower):
        for cell in sheet[row][: column - 1]:
            cell.font, cell.fill = Font(bold=True), _HEAD
            cell.alignment, cell.border = _MIDDLE, _BOX


def _row(sheet: Worksheet, number: int, table: Table, row: Row) -> None:
    _put(sheet, number, 1, row.name)
    _put(sheet, number, 2, row.part.code)
    for column, measure in enumerate(table.measures, _FIXED + 1):
        figure = row.figure(measure)
        exact = words.number(figure) if figure else None
        if exact is not None:
            cell = sheet.cell(number, column, exact)
            cell.number_format = _format(measure, exact)
        else:
            cell = _put(sheet, number, column, figure.text if figure else "")
        cell.alignment = Alignment(horizontal="right", vertical="center")
    for cell in sheet[number][: _FIXED + len(table.measures)]:
        cell.border = _BOX
        if row.is_sum:
            cell.font, cell.fill = Font(bold=True), _SUM


def _format(measure: Measure, number: int | Decimal) -> str:
    if words.is_percentage(measure):
        return "0.0%"
    return "0.0" if isinstance(number, Decimal) else "#,##0"


def _signatures(sheet: Worksheet, number: int, table: Table) -> None:
    day = f"{timezone.localtime(table.as_of):%Y-%m-%d}"
    for column, text in (
        (1, _("单位：%s") % table.office),
        (4, _("制表人：")),
        (8, _("审核人：")),
        (12, _("日期：%s") % day),
    ):
        _put(sheet, number, column, text)


def _parts(sheet: Worksheet, table: Table) -> None:
    """Every figure on its own line with the two counts of a rate, to check the table by."""
    heads = [table.row_word, _("指标"), _("数值"), _("分子"), _("分母"), _("单位")]
    lines = (
        (
            row.name,
            str(measure.name),
            figure.text,
            figure.numerator if exact and figure.is_rate else None,
            figure.denominator if exact and figure.is_rate else None,
            str(measure.unit),
        )
        for row in table.rows
        for measure in table.measures
        if (figure := row.figure(measure)) is not None
        for exact in (words.is_exact(figure),)
    )
    _list(sheet, heads, lines, widths=(18, 22, 12, 10, 10, 8))


def _definitions(sheet: Worksheet, table: Table) -> None:
    moment = f"{timezone.localtime(table.as_of):%Y-%m-%d %H:%M:%S}"
    heads = [_("指标"), _("口径"), _("单位"), _("口径版本"), _("数据截至"), _("数据表编号")]
    lines = (
        (
            str(measure.name),
            str(measure.definition),
            words.unit(measure),
            _("第%d版") % measure.version,
            moment,
            table.numbers,
        )
        for measure in table.measures
    )
    _list(sheet, heads, lines, widths=(20, 60, 8, 10, 22, 24))


def _list(
    sheet: Worksheet, heads: list[str], lines: Iterable[tuple[str | int | None, ...]], widths: tuple
) -> None:
    for column, (text, width) in enumerate(zip(heads, widths, strict=True), 1):
        cell = _put(sheet, 1, column, text, font=Font(bold=True))
        cell.fill, cell.border, cell.alignment = _HEAD, _BOX, _MIDDLE
        sheet.column_dimensions[get_column_letter(column)].width = width
    last = 1
    for last, line in enumerate(lines, 2):
        for column, value in enumerate(line, 1):
            if isinstance(value, int):
                cell = sheet.cell(last, column, value)
            else:
                cell = _put(sheet, last, column, value or "")
            cell.border, cell.alignment = _BOX, _LEFT
    sheet.freeze_panes = "A2"
    _for_paper(sheet, f"A1:{get_column_letter(len(heads))}{last}", rows="1:1")


def _put(sheet: Worksheet, row: int, column: int, text: str, font: Font | None = None) -> Cell:
    """Text, whatever it looks like: never a formula, and kept as typed when somebody edits it."""
    cell = sheet.cell(row, column)
    cell.value = text
    cell.data_type = "s" if text else "n"
    cell.number_format = "@"
    if text.startswith(("=", "+", "-", "@")):
        cell.quotePrefix = True
    if font:
        cell.font = font
    return cell


def _for_paper(sheet: Worksheet, area: str, *, rows: str) -> None:
    sheet.print_area = area
    sheet.print_title_rows = rows
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_options.horizontalCentered = True
    sheet.oddFooter.center.text = "&P / &N"


def _origin(table: Table) -> str:
    return _("%(place)s · 数据截至 %(moment)s · 数据表 %(numbers)s") % {
        "place": table.place,
        "moment": f"{timezone.localtime(table.as_of):%Y-%m-%d %H:%M}",
        "numbers": table.short_numbers,
    }
