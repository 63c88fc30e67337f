"""Three workbooks as an upper office sends them: made by hand here, with all that must survive."""

import io
from datetime import date

from openpyxl import Workbook
from openpyxl.comments import Comment
from openpyxl.formatting.rule import CellIsRule
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

_LINE = Side(style="thin")
_BOX = Border(_LINE, _LINE, _LINE, _LINE)
_RED = PatternFill("solid", start_color="FFC7CE")
_GREY = PatternFill("solid", start_color="D9E1F2")


def by_block(blocks: int = 3, *, lines_above: int = 0) -> tuple[bytes, list[str]]:
    """A row a block under a two-line header, totals as formulas; (file, cells to be filled)."""
    book = Workbook()
    sheet = book.active
    sheet.title = "10月"
    first = 6 + lines_above
    for n in range(lines_above):
        sheet.cell(n + 1, 1, f"填表提示{n + 1}")
    top = lines_above + 1
    _title(sheet, top, 10, "2026年10月居民区基层治理情况统计表")
    sheet.cell(top + 1, 1, "填报单位：")
    sheet.cell(top + 1, 7, "填报日期：")
    sheet.cell(top + 1, 8).number_format = "yyyy-mm-dd"
    upper, lower = top + 3, top + 4
    heads = {
        "片区": [None],
        "楼组报告": ["应报数（个）", "已报数（个）", "覆盖率（%）"],
        "安全隐患（处）": ["楼道堆物", "电动车充电隐患"],
        "入户走访（户次）": [None],
        "人员往来": ["新来（人）", "离开（人）"],
        "备注": [None],
    }
    column = 1
    for name, below in heads.items():
        sheet.cell(upper, column, name)
        if below == [None]:
            sheet.merge_cells(
                start_row=upper, end_row=lower, start_column=column, end_column=column
            )
        else:
            last = column + len(below) - 1
            sheet.merge_cells(start_row=upper, end_row=upper, start_column=column, end_column=last)
            for n, each in enumerate(below):
                sheet.cell(lower, column + n, each)
        column += len(below)
    numerals = "一二三四五六七八"
    wanted = [f"B{top + 1}", f"H{top + 1}", f"A{top}"]
    for n in range(blocks):
        row = first + n
        sheet.cell(row, 1, f"第{numerals[n]}片区")
        sheet.cell(row, 4).number_format = "0.00%"
        wanted += [f"{letter}{row}" for letter in "BCDEFGHI"]
    last = first + blocks
    sheet.cell(last, 1, "合计")
    for letter in "BCEFGHI":
        sheet[f"{letter}{last}"] = f"=SUM({letter}{first}:{letter}{last - 1})"
    sheet[f"D{last}"] = f"=IF(B{last}=0,0,C{last}/B{last})"
    sheet[f"D{last}"].number_format = "0.0%"
    _boxes(sheet, upper, last, 10)
    sheet.row_dimensions[last + 1].hidden = True
    sheet.cell(last + 1, 1, "校验").font = Font(italic=True, color="999999")
    sheet[f"B{last + 1}"] = f'=IF(C{last}>B{last},"已报不能多于应报","")'
    sheet.cell(last + 2, 1, "单位负责人：            制表人：")
    sheet.column_dimensions["A"].width = 17.5
    sheet.column_dimensions["J"].width = 30.25
    sheet.row_dimensions[top].height = 36
    sheet.conditional_formatting.add(
        f"D{first}:D{last}", CellIsRule(operator="lessThan", formula=["0.9"], fill=_RED)
    )
    choice = DataValidation(type="list", formula1='"已核,未核"', allow_blank=True)
    choice.add(f"J{first}:J{last - 1}")
    sheet.add_data_validation(choice)
    sheet[f"B{lower}"].comment = Comment("按在册楼组填", "街道办")
    sheet.freeze_panes = f"B{first}"
    sheet.print_title_rows = f"{upper}:{lower}"
    return _file(book), wanted


def as_list() -> tuple[bytes, list[str]]:
    """One measure a line, with its unit; last month's figures beside; some lines hidden."""
    book = Workbook()
    sheet = book.active
    sheet.title = "指标月报"
    _title(sheet, 1, 6, "____年__月居委会工作指标完成情况表")
    sheet["A2"], sheet["E2"] = "居民区：", "制表日期："
    for column, head in enumerate(("序号", "指标名称", "计量单位", "本月数", "上月数", "说明"), 1):
        sheet.cell(3, column, head)
    lines = (
        ("一、报告", None, None),
        ("应报楼组数", "个", "0"),
        ("已报楼组数", "个", "0"),
        ("其中：报平安", "个", "0"),
        ("报告覆盖率", "%", "0.0%"),
        ("按时报告率", "%", "0.0%"),
        ("未报楼组", "个", "0"),
        ("二、隐患", None, None),
        ("楼道堆物待清", "处", "0"),
        ("飞线充电", "处", "0"),
        ("公共设施损坏", "处", "0"),
        ("垃圾分类良好率", "%", "0.00"),
        ("三、人口", None, None),
        ("常住人口", "人", "#,##0"),
        ("60岁及以上人口", "人", "#,##0"),
        ("老龄化率", "%", "0.0%"),
        ("外来流动人口", "人", "#,##0"),
        ("入户走访户次", "次", "0"),
        ("培训场次", "场", "0"),
    )
    wanted = ["A1", "B2", "F2"]
    number = 0
    for row, (name, unit, look) in enumerate(lines, 4):
        if unit is None:
            sheet.cell(row, 1, name).font = Font(bold=True)
            sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=6)
            continue
        number += 1
        sheet.cell(row, 1, number)
        sheet.cell(row, 2, name)
        sheet.cell(row, 3, unit)
        sheet.cell(row, 4).number_format = look
        sheet.cell(row, 5, 7 + number)
        if name != "培训场次":
            wanted.append(f"D{row}")
    last = 3 + len(lines)
    sheet.row_dimensions[last].hidden = True
    sheet["F8"] = '=IF(D8<0.9,"请说明原因","")'
    sheet["D24"] = "=D6+D10"
    sheet["B24"] = "已报加未报（校验）"
    _boxes(sheet, 3, last, 6)
    sheet.protection.sheet = True
    for row in range(4, last + 1):
        sheet.cell(row, 4).protection = Protection(locked=False)
    other = book.create_sheet("填表须知")
    other["A1"] = "每月5日前报街道办事处。"
    other["A2"] = date(2026, 10, 1)
    other.sheet_state = "hidden"
    return _file(book), wanted


def by_column(blocks: int = 3) -> tuple[bytes, list[str]]:
    """Places across, measures down under merged heads; sums across as formulas."""
    book = Workbook()
    sheet = book.active
    sheet.title = "汇总"
    width = 2 + blocks + 1
    _title(sheet, 1, width, "2026年9月份 江南新村 家底和平安情况")
    sheet.cell(2, 1, "类别")
    sheet.cell(2, 2, "项目")
    sheet.merge_cells(start_row=2, end_row=3, start_column=1, end_column=1)
    sheet.merge_cells(start_row=2, end_row=3, start_column=2, end_column=2)
    sheet.cell(2, 3, "各片区")
    sheet.merge_cells(start_row=2, end_row=2, start_column=3, end_column=2 + blocks)
    sheet.cell(2, width, "合计")
    sheet.merge_cells(start_row=2, end_row=3, start_column=width, end_column=width)
    for n in range(blocks):
        sheet.cell(3, 3 + n, f"{n + 1}片区")
    groups = {
        "人口": (("总户数（户）", "0"), ("常住人口（人）", "0"), ("60岁及以上占比", "0.0%")),
        "外来人员": (("外来常住（人）", "0"), ("外来流动（人）", "0")),
        "报告": (("报送率", "0.00%"), ("报平安率", "0%"), ("设施报修", "0")),
    }
    row, wanted = 4, ["A1"]
    for name, lines in groups.items():
        sheet.cell(row, 1, name)
        sheet.merge_cells(start_row=row, end_row=row + len(lines) - 1, start_column=1, end_column=1)
        for line, look in lines:
            sheet.cell(row, 2, line)
            for n in range(blocks):
                sheet.cell(row, 3 + n).number_format = look
                wanted.append(sheet.cell(row, 3 + n).coordinate)
            total = sheet.cell(row, width)
            total.number_format = look
            if look == "0":
                total.value = f"=SUM(C{row}:{sheet.cell(row, width - 1).coordinate})"
            else:
                wanted.append(total.coordinate)
            row += 1
    _boxes(sheet, 2, row - 1, width)
    sheet.column_dimensions["B"].width = 22
    sheet.column_dimensions["A"].hidden = False
    return _file(book), wanted


def _title(sheet: Worksheet, row: int, width: int, text: str) -> None:
    cell = sheet.cell(row, 1, text)
    cell.font = Font(name="宋体", size=18, bold=True)
    cell.alignment = Alignment(horizontal="center", vertical="center")
    sheet.merge_cells(start_row=row, end_row=row, start_column=1, end_column=width)


def _boxes(sheet: Worksheet, first: int, last: int, width: int) -> None:
    for line in sheet.iter_rows(min_row=first, max_row=last, max_col=width):
        for cell in line:
            cell.border = _BOX
            if cell.row <= first + 1:
                cell.fill, cell.font = _GREY, Font(bold=True)


def _file(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
