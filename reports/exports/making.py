"""Making an export step by step: one sheet a transaction, then the file.

A step locks the order and reads it again, so it may run twice, or go on after a worker has died.
"""

import logging
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from reports import bell, sheets
from reports.exports import comma, paper, spreadsheet, table
from reports.exports.table import Table
from reports.models import Export, Filing, Period, Sheet
from units.models import Division, Place

logger = logging.getLogger(__name__)

# A person's files of one day.
AT_MOST = 60
# One that has not moved for this long lost its worker, or never got one; later it is given up.
_STALLED = timedelta(minutes=2)
# An order that no worker took: the message went to a broker that was emptied.
_UNTAKEN = timedelta(seconds=8)
_GIVEN_UP = timedelta(minutes=15)
MAKE = "reports.tasks.make_export"


def make(export: UUID, *, at: datetime) -> None:
    """All steps that are left. A row that is gone, done or given up is a clean exit."""
    try:
        while _step(export, at=at):
            pass
    except Exception:
        _fail(export, at=at, why=_("制作时出了问题，请再试一次；还不行请联系居委会"))
        logger.exception("export %s", export)


@transaction.atomic
def _step(id_: UUID, *, at: datetime) -> bool:
    """Whether there is more to do."""
    export = Export.objects.select_for_update(skip_locked=True).filter(pk=id_).first()
    if export is None or not export.is_under_way:
        return False
    taken, targets = export.about["sheets"], export.about["targets"]
    if len(taken) < len(targets):
        target = Place.objects.select_related("community").get(pk=targets[len(taken)])
        period = Period.objects.get(pk=export.about["period"])
        sheet = sheets.take(target, period, by=export.by, at=at)
        export.about["sheets"] = [*taken, str(sheet.pk)]
        export.state, export.done = Export.State.MAKING, len(taken) + 1
    else:
        export.content = _file(export)
        export.state, export.done = Export.State.DONE, export.total
    export.moved_at = at
    export.save(update_fields=["about", "state", "done", "content", "moved_at"])
    return export.state != Export.State.DONE


def _file(export: Export) -> bytes:
    kind = export.kind
    drawn = table_of(export)
    if kind == "csv":
        return comma.write(drawn)
    if kind == "xlsx":
        return spreadsheet.write(drawn)
    # The report that was sent up with this very sheet, if this person may read it.
    sent = Filing.objects.visible_to(export.by).filter(report__withdrawn=False)
    sent = sent.filter(sheet=drawn.sheets[0]).select_related("form_version")
    filing = sent.order_by("-rev").first() if len(drawn.sheets) == 1 else None
    return paper.write(drawn, filing, maker=export.by.full_name)


def table_of(export: Export) -> Table:
    """The table of the sheets taken, as far as the person who ordered it sees."""
    found = Sheet.objects.select_related("place__community__division", "period").in_bulk(
        [UUID(each) for each in export.about["sheets"]]
    )
    taken = [found[UUID(each)] for each in export.about["sheets"]]
    if export.about["division"]:
        division = Division.objects.get(pk=export.about["division"])
        return table.of_division(export.by, division, taken)
    return table.of_place(export.by, taken)


def _fail(export: UUID, *, at: datetime, why: str) -> None:
    Export.objects.filter(pk=export, state__in=[Export.State.WAITING, Export.State.MAKING]).update(
        state=Export.State.FAILED, problem=why, moved_at=at
    )


def tidy(*, at: datetime) -> None:
    """Drop what is older than a day, hand stalled orders over again, give up what never ends."""
    Export.objects.filter(expires_at__lte=at).exclude(state=Export.State.EXPIRED).update(
        state=Export.State.EXPIRED, content=None, moved_at=at
    )
    under_way = Export.objects.filter(state__in=[Export.State.WAITING, Export.State.MAKING])
    under_way.filter(made_at__lte=at - _GIVEN_UP, moved_at__lte=at - _STALLED).update(
        state=Export.State.FAILED, problem=_("等了很久没有做成，请再试一次"), moved_at=at
    )
    stalled = Q(moved_at__lte=at - _STALLED)
    untaken = Q(state=Export.State.WAITING, moved_at__lte=at - _UNTAKEN)
    for export in under_way.filter(stalled | untaken).values_list("pk", flat=True):
        bell.hand_over(MAKE, str(export))
