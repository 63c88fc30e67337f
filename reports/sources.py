"""The reports behind a figure: of a place and everything that counted into it in a period.

A frozen period keeps the shape it had, so the way down is the recorded one (`Summary.parent`).
"""

from django.db import connection

from reports.catalogue import MATTER_REPORT
from reports.models import Period, Report, Summary
from reports.models.report import ReportQuerySet
from units.models import Place

_BELOW = """
WITH RECURSIVE below AS (
    SELECT %(place)s::bigint AS place_id
    UNION ALL
    SELECT s.place_id FROM below b
      JOIN reports_summary s ON s.period_id = %(period)s AND s.parent_id = b.place_id
)
SELECT place_id FROM below
"""


def places_behind(place: Place, period: Period) -> list[int]:
    """Ids of the place itself and of all whose summaries counted into its own in `period`."""
    with connection.cursor() as cursor:
        cursor.execute(_BELOW, {"place": place.pk, "period": period.pk})
        return [row[0] for row in cursor.fetchall()]


def parts_of(place: Place, period: Period) -> list[Summary]:
    """The summaries directly below, as recorded; with their places, in the order of their codes."""
    return list(
        Summary.objects.filter(period=period, parent=place)
        .select_related("place")
        .order_by("place__code")
    )


def reports_behind(place: Place, period: Period) -> ReportQuerySet:
    """Standing reports, periodic and of households, that count into `place` in `period`.

    A periodic report belongs to every period that holds the last day of its own.
    """
    reports: ReportQuerySet = (
        Report.objects.standing()
        .filter(
            place__in=places_behind(place, period),
            as_of__range=(period.starts_on, period.ends_on),
        )
        .exclude(form__code=MATTER_REPORT)
    )
    return reports
