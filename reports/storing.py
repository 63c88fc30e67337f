"""Storing new reports: report, filing and marks of one sending or of many by one call.

The call is `store_new_reports`, a function in the database (migration 0006): through the ORM the
same rows take nine statements and several times as long (docs/performance.md).
"""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models, transaction

from reports import bell, calendar
from reports.models import Filing, Report
from reports.sending import Prepared, Receipt

_COLUMNS = {
    model: [field.column for field in model._meta.concrete_fields] for model in (Report, Filing)
}


@transaction.atomic
def store_new(prepared: Sequence[Prepared], *, at: datetime) -> list[Receipt | None]:
    """A receipt for each, in order; None for one that is not new.

    Either its UUID is stored already or its obligation has a report, perhaps since a moment ago.
    """
    if not prepared:
        return []
    filings = [each.filing(each.report(at), at) for each in prepared]
    rows = [{"report": _row(filing.report), "filing": _row(filing)} for filing in filings]
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM store_new_reports(%s)", [json.dumps(rows, default=str)])
        stored = {number: what for number, *what in cursor.fetchall()}
    receipts: list[Receipt | None] = [None] * len(prepared)
    for number, (report_id, path, periods) in stored.items():
        filing = filings[number]
        report = filing.report
        report.pk = filing.report_id = report_id
        report.path_as_filed = path
        receipts[number] = Receipt(filing, report)
        _mark_new_periods(report, periods)
    if stored:
        bell.ring_on_commit()
    return receipts


def _row(instance: models.Model) -> dict[str, Any]:
    return {column: getattr(instance, column) for column in _COLUMNS[type(instance)]}


def _mark_new_periods(report: Report, marked: Sequence[int]) -> None:
    """The first report of a week may find that its periods are not there yet."""
    if len(marked) == (4 if report.is_event else 3):
        return
    periods = calendar.periods_touched([report.as_of], is_event=report.is_event)
    bell.mark(report.place, [period for period in periods if period.pk not in marked])
