"""What the own reports of a place come to in a period."""

from reports.models import Summary
from reports.models.report import SAID
from reports.models.summary import COUNTS

COLUMNS = (*COUNTS, *SAID)

_STANDS = "r.id IS NOT NULL AND r.rev > 0 AND NOT r.withdrawn"
_COUNTED = {
    "building_owed": "count(*)",
    "building_filed": f"count(*) FILTER (WHERE {_STANDS})",
    "building_nil": f"count(*) FILTER (WHERE {_STANDS} AND r.nil)",
    "building_looked": f"count(*) FILTER (WHERE {_STANDS} AND NOT r.nil)",
    "building_on_time": f"count(*) FILTER (WHERE {_STANDS} AND r.on_time)",
    # A filing voids an excuse.
    "building_excused": f"count(*) FILTER (WHERE o.excused_reason <> '' AND NOT ({_STANDS}))",
}
_SAID = {column: f"coalesce(sum(r.{column}) FILTER (WHERE {_STANDS}), 0)" for column in SAID}

# Own reports of the places and periods in `target(place_id, period_id)`.
SELECT = f"""
    SELECT o.place_id, o.period_id, {", ".join(f"{(_COUNTED | _SAID)[c]} AS {c}" for c in COLUMNS)}
      FROM target t
      JOIN reports_obligation o ON o.place_id = t.place_id AND o.period_id = t.period_id
      LEFT JOIN reports_report r ON r.obligation_id = o.id
     GROUP BY o.place_id, o.period_id
"""  # noqa: S608 (column names are ours)

TABLE = Summary._meta.db_table
