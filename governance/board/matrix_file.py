"""The matrix of 报告情况 as a file: the rows of the screen, one line a building, and no names."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from governance.board.matrix import Cell, Matrix
from reports.exports import comma, spreadsheet
from reports.exports.order import FileKind, Purpose
from units import journal
from units.kinds import Kind
from units.models import Community, User
from units.refusals import Refusal

KINDS = (FileKind.SPREADSHEET, FileKind.COMMA)


def order(kind: str, purpose: str) -> tuple[FileKind, Purpose]:
    """What the form asks for. Raises Refusal `unknown_choice`."""
    if kind not in KINDS or purpose not in Purpose.values:
        raise Refusal("unknown_choice", _("请在给出的选项里选"))
    return FileKind(kind), Purpose(purpose)


def make(
    matrix: Matrix, kind: FileKind, purpose: Purpose, *, of: Community, by: User, at: datetime
) -> tuple[str, bytes]:
    """(name, content). Journalled with its purpose like every file; made at once and not kept."""
    heads = [
        of.division.label_of(Kind.BUILDING),
        _("编码"),
        of.division.label_of(Kind.BLOCK),
        *_weeks(matrix),
    ]
    lines = [
        [row.place.name, row.place.code, block.name, *map(_words, row.cells)]
        for block in matrix.blocks
        for row in block.rows
    ]
    name = _("%(place)s报告情况 %(day)s") % {
        "place": of.name,
        "day": f"{timezone.localtime(at):%Y-%m-%d}",
    }
    moment = f"{timezone.localtime(at):%Y-%m-%d %H:%M}"
    told = [(_("数据截至"), moment), (_("用途"), str(purpose.label)), (_("由谁导出"), by.full_name)]
    write = spreadsheet.listed if kind == FileKind.SPREADSHEET else comma.listed
    content = write(_("报告情况"), heads, lines, told=told)
    file_name = f"{name}.{kind.value}"
    journal.note("export.downloaded", user=by, at=at, name=file_name, purpose=str(purpose.label))
    return file_name, content


def _weeks(matrix: Matrix) -> list[str]:
    """「第46周（11.9—11.15）」, newest first as on the screen."""
    return [
        f"{week.short_label}（{week.starts_on.month}.{week.starts_on.day}—"
        f"{week.ends_on.month}.{week.ends_on.day}）"
        for week in matrix.weeks
    ]


def _words(cell: Cell | None) -> str:
    if cell is None:
        return _("不用报")
    return f"{cell.mark.label}（{cell.tip}）" if cell.tip else str(cell.mark.label)
