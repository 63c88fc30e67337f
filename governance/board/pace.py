"""How a week that is still running comes along: when its reports are due, and how much was in at
the same moment of the week before. Until they are due, what has not come in is no alarm.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, Max, Q

from reports import calendar, measures
from reports.catalogue import BUILDING_REPORT
from reports.measures import Figure
from reports.models import Obligation, Period

_WEEK = timedelta(days=7)
_STANDS = Q(report__rev__gt=0, report__withdrawn=False)


@dataclass(frozen=True)
class Pace:
    """`then` holds figures of the week before as they stood at this moment of it, by code; it is
    empty once the reports are due, for then whole weeks can be compared.
    """

    due_at: datetime
    is_due: bool
    then: Mapping[str, Figure]
    # When blocks can first write theirs; None once they can.
    blocks_open_at: datetime | None

    @property
    def coverage_then(self) -> str:
        figure = self.then.get(measures.COVERAGE.code)
        return figure.text if figure else ""


def pace(
    communities: Iterable[int],
    week: Period,
    *,
    buildings: Iterable[int] | None = None,
    at: datetime,
) -> Pace | None:
    """Of the buildings of these communities together, or of those named alone; None when they owe
    nothing for `week`.
    """
    owed = Obligation.objects.filter(
        community__in=communities,
        form__code=BUILDING_REPORT,
        period__kind=Period.PeriodKind.WEEK,
        period__starts_on__in=(week.starts_on, week.starts_on - _WEEK),
    )
    if buildings is not None:
        owed = owed.filter(place__in=buildings)
    counted = (
        owed.order_by()
        .values("period__starts_on")
        .annotate(
            due=Max("due_at"),
            expected=Count("pk", filter=Q(excused_reason="") | _STANDS),
            filed=Count("pk", filter=_STANDS & Q(report__first_at__lte=at - _WEEK)),
        )
    )
    rows = {row.pop("period__starts_on"): row for row in counted}
    now, before = rows.get(week.starts_on), rows.get(week.starts_on - _WEEK)
    if now is None:
        return None
    is_due = at >= now["due"]
    then = _figures(before["filed"], before["expected"]) if before and not is_due else {}
    opens_at = calendar.upper_opens_at(week)
    return Pace(now["due"], is_due, then, opens_at if at < opens_at else None)


def _figures(filed: int, expected: int) -> dict[str, Figure]:
    return {
        measures.COVERAGE.code: Figure(measures.COVERAGE, filed, expected),
        measures.MISSING.code: Figure(measures.MISSING, expected - filed, None),
    }
