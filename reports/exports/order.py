"""Ordering an export: what is made at once, what is left to a worker, and who may have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import bell, sources
from reports.exports import making, table
from reports.exports.making import MAKE
from reports.models import Export, Period, Sheet
from reports.models.export import KEPT_FOR
from units import journal, scope
from units.kinds import Kind
from units.models import Division, Place, User
from units.refusals import Refusal
from units.scope import Action


class FileKind(models.TextChoices):
    SPREADSHEET = "xlsx", gettext_lazy("表格")
    COMMA = "csv", gettext_lazy("逗号分隔文本")
    PAPER = "pdf", gettext_lazy("可打印的文件")
    # Made by `reports/workbooks/filling.py`.
    WORKBOOK = "workbook", gettext_lazy("填好的上级表格")


class Purpose(models.TextChoices):
    CHECKING = "checking", gettext_lazy("核对")
    MEETING = "meeting", gettext_lazy("上会")
    SUBMITTING = "submitting", gettext_lazy("报送上级")
    FILING = "filing", gettext_lazy("存档")
    POSTING = "posting", gettext_lazy("张贴公示")


@dataclass(frozen=True)
class Order:
    """Of a stored sheet, or of a place or a division in a period, whose sheets are taken then."""

    kind: FileKind
    purpose: Purpose
    sheet: Sheet | None = None
    place: Place | None = None
    division: Division | None = None
    period: Period | None = None
    # Down to buildings: the place's own sheet and one of each place below it.
    is_deep: bool = False


def place(order: Order, *, by: User, at: datetime) -> Export:
    """Store the order. What is short is made at once; the rest is handed to a worker.

    Raises Refusal `too_many_exports` when this person has too many of the last day.
    """
    with transaction.atomic():
        if Export.objects.filter(by=by).kept(at).exclude(state="expired").count() >= making.AT_MOST:
            message = _("您近24小时导出的文件太多了，请先在“下载”里取走已经做好的，明天再导出")
            raise Refusal("too_many_exports", message, 429)
        export = _stored(order, by=by, at=at)
    if _is_short(order):
        making.make(export.pk, at=at)
        export.refresh_from_db()
    else:
        transaction.on_commit(partial(bell.hand_over, MAKE, str(export.pk)))
    return export


def again(export: Export, *, at: datetime) -> None:
    """Try once more what had failed. A second press changes nothing."""
    changed = Export.objects.filter(pk=export.pk, state=Export.State.FAILED).update(
        state=Export.State.WAITING, problem="", moved_at=at, expires_at=at + KEPT_FOR
    )
    if changed:
        transaction.on_commit(partial(bell.hand_over, MAKE, str(export.pk)))


def fetch(export: Export, *, by: User, at: datetime) -> bytes:
    """The file, journalled with its purpose.

    Raises Refusal `not_found` (404) when a post has ended since or reaches less, and
    `export_expired` (410) after a day.
    """
    if not may_have(by, export):
        raise Refusal("not_found", _("没有找到"), 404)
    if export.state != Export.State.DONE or export.expires_at <= at:
        message = _("这个文件已经过了24小时，请重新导出一次")
        raise Refusal("export_expired", message, 410)
    journal.note(
        "export.downloaded", user=by, at=at, export=str(export.pk)[:8], purpose=export.purpose
    )
    return bytes(export.content)


def may_have(user: User, export: Export) -> bool:
    """Whether `user` still holds, for each sheet of it, all that held when it was made."""
    places = [
        sheet.place
        for sheet in Sheet.objects.filter(pk__in=export.about["sheets"]).select_related(
            "place__community"
        )
    ]
    needs = [scope.reach(user, Action(action)) for action in export.about["needs"]]
    return all(reach.holds(each) for reach in needs for each in places)


def needs_of(user: User, places: Sequence[Place]) -> list[str]:
    """The actions that decide what is seen of these places, as far as `user` holds them now."""
    deciding = (Action.SEE_SENSITIVE, Action.SEE_REPORTS)
    held = [a for a in deciding if all(scope.reach(user, a).holds(each) for each in places)]
    return [Action.SEE_FIGURES.value, *(action.value for action in held)]


def _is_short(order: Order) -> bool:
    return not order.is_deep and order.kind in (FileKind.COMMA, FileKind.SPREADSHEET)


def _stored(order: Order, *, by: User, at: datetime) -> Export:
    sheet = order.sheet
    period = sheet.period if sheet else order.period
    if sheet:
        targets, name = [sheet.place], str(sheet.place)
    elif order.division:
        targets, name = table.communities_of(order.division), str(order.division)
        if not targets:
            raise Refusal("nothing_to_export", _("还没有居民区，没有可以导出的数字"))
    else:
        targets, name = [order.place], order.place.name
        if order.is_deep and order.place.kind < Kind.BUILDING:
            targets += [row.place for row in sources.parts_of(order.place, period)]
    export = Export.objects.create(
        by=by,
        about={
            "kind": order.kind.value,
            "division": order.division.pk if order.division else None,
            "targets": [each.pk for each in targets],
            "period": period.pk,
            "sheets": [str(sheet.pk)] if sheet else [],
            "needs": needs_of(by, targets),
        },
        purpose=str(order.purpose.label),
        file_name=f"{name} {period.label}.{order.kind.value}",
        total=len(targets) + 1,
        done=1 if sheet else 0,
        made_at=at,
        moved_at=at,
        expires_at=at + KEPT_FOR,
    )
    journal.note(
        "export.ordered",
        user=by,
        at=at,
        export=str(export.pk)[:8],
        name=export.file_name,
        purpose=export.purpose,
    )
    return export
