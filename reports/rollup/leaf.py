"""What the own facts of a place come to in a period: the lowest row of the climb.

Three sources, each for its own kind of place: building reports that answer obligations, household
reports as events, and the stock of people in the period `now`. Rules of open points (design §7):
state answers count in a longer period by the last report in it (1); a weekly obligation belongs to
the month and quarter of its last day (2); a dated count stands for the end of its day and movements
count from the next (4); a closed household has no stock (8); a household never counted is left out
(10); a correction lives in its report and beats the census of its day (14).
"""

from reports.models import Summary
from reports.models.report import BUILDING_SAID, HOUSEHOLD_SAID
from reports.models.summary import COUNTS, STOCK
from units.kinds import Kind

TABLE = Summary._meta.db_table
COLUMNS = (*COUNTS, *BUILDING_SAID, *HOUSEHOLD_SAID, "visited_households", *STOCK)

# Counted by the last report of a longer period; the other building columns add up.
STATES = (
    "corridor_uncleared",
    "ebike_unresolved",
    "facility_reported",
    "stock_tight",
    "figures_disputed",
)

_STANDS = "r.rev > 0 AND NOT r.withdrawn"


def _sum(column: str) -> str:
    return f"coalesce(sum(r.{column}) FILTER (WHERE {_STANDS}), 0)"


def _last(column: str) -> str:
    return (
        f"coalesce((array_agg(r.{column} ORDER BY op.ends_on DESC) FILTER (WHERE {_STANDS}))[1], 0)"
    )


def _coverage(level: str) -> dict[str, str]:
    return {
        f"{level}_owed": "count(*)",
        f"{level}_filed": f"count(*) FILTER (WHERE {_STANDS})",
        f"{level}_on_time": f"count(*) FILTER (WHERE {_STANDS} AND r.on_time)",
        # A filing voids an excuse.
        f"{level}_excused": "count(*) FILTER"
        f" (WHERE o.excused_reason <> '' AND ({_STANDS}) IS NOT TRUE)",
    }


_BUILDING = (
    _coverage("building")
    | {
        "building_nil": f"count(*) FILTER (WHERE {_STANDS} AND r.nil)",
        "building_looked": f"count(*) FILTER (WHERE {_STANDS} AND NOT r.nil)",
    }
    | {column: _last(column) if column in STATES else _sum(column) for column in BUILDING_SAID}
)

_HOUSEHOLD = {column: f"sum(r.{column})" for column in HOUSEHOLD_SAID} | {
    "confirmed": "max(r.confirmed)",
    "visited_households": "max(r.visits)",
}

_STOCK = {
    "households": "1",
    "households_counted": "(base.head IS NOT NULL)::int",
    "residents": "coalesce(base.head + moved.net, 0)",
    "aged_60_plus": "coalesce(census.aged_60_to_79 + census.aged_80_plus, 0)",
    "aged_80_plus": "coalesce(census.aged_80_plus, 0)",
    "nonlocal_residents": "coalesce(census.nonlocal_residents, 0)",
    "actual": "coalesce(base.head + moved.net + census.actual - census.residents, "
    "base.head + moved.net, 0)",
    "floating": "coalesce(census.floating, 0)",
    "living_alone": "coalesce(census.living_alone::int, 0)",
    "stock_disputed": "coalesce((base.head + moved.net < 0)::int, 0)",
}


def _row(expressions: dict[str, str]) -> str:
    return ", ".join(f"({expressions.get(c, '0')})::int AS {c}" for c in COLUMNS)


# Own facts of the places and periods in `target(place_id, period_id)`. A place of one kind owes one
# form; planning for every kind at once takes longer than all of them.
def _of_groups(form: str, expressions: dict[str, str]) -> str:
    return f"""
    SELECT t.place_id, t.period_id, {_row(expressions)}
      FROM target t
      JOIN reports_period tp ON tp.id = t.period_id AND tp.kind <> 'now'
      JOIN reports_obligation o ON o.place_id = t.place_id
      JOIN reports_reportform form ON form.id = o.form_id AND form.code = '{form}'
      JOIN reports_period op ON op.id = o.period_id
       AND (op.id = tp.id OR tp.kind <> 'week' AND op.ends_on BETWEEN tp.starts_on AND tp.ends_on)
      LEFT JOIN reports_report r ON r.obligation_id = o.id
     GROUP BY t.place_id, t.period_id
"""  # noqa: S608 (table and column names are ours)


_OF_HOUSEHOLDS = f"""
    SELECT t.place_id, t.period_id, {_row(_HOUSEHOLD)}
      FROM target t
      JOIN reports_period tp ON tp.id = t.period_id AND tp.kind <> 'now'
      JOIN reports_report r ON r.place_id = t.place_id AND r.is_event AND {_STANDS}
       AND r.as_of BETWEEN tp.starts_on AND tp.ends_on
     GROUP BY t.place_id, t.period_id
    UNION ALL
    SELECT t.place_id, t.period_id, {_row(_STOCK)}
      FROM target t
      JOIN reports_period tp ON tp.id = t.period_id AND tp.kind = 'now'
      JOIN units_place h ON h.id = t.place_id AND h.kind = 4 AND h.state = 'active'
      LEFT JOIN LATERAL (
          SELECT c.* FROM units_householdcount c
           WHERE c.place_id = h.id ORDER BY c.as_of DESC LIMIT 1
      ) census ON true
      LEFT JOIN LATERAL (
          SELECT head, as_of FROM (
              SELECT census.residents AS head, census.as_of, 0 AS corrects,
                     NULL::timestamptz AS made_at, 0 AS id WHERE census.id IS NOT NULL
              UNION ALL
              SELECT r.head_count, r.as_of, 1, r.made_at, r.id FROM reports_report r
               WHERE r.place_id = h.id AND r.is_event AND {_STANDS} AND r.head_count IS NOT NULL
          ) counts ORDER BY as_of DESC, corrects DESC, made_at DESC, id DESC LIMIT 1
      ) base ON true
      LEFT JOIN LATERAL (
          SELECT coalesce(sum(r.arrived::int - r.departed::int), 0) AS net FROM reports_report r
           WHERE r.place_id = h.id AND r.is_event AND {_STANDS} AND r.as_of > base.as_of
      ) moved ON true
"""  # noqa: S608 (table and column names are ours)


_OF_KIND = {
    Kind.COMMUNITY: _of_groups("community_report", _coverage("community")),
    Kind.BLOCK: _of_groups("block_report", _coverage("block")),
    Kind.BUILDING: _of_groups("building_report", _BUILDING),
    Kind.FLOOR: f"SELECT t.place_id, t.period_id, {_row({})} FROM target t WHERE false",  # noqa: S608
    Kind.HOUSEHOLD: _OF_HOUSEHOLDS,
}


def select(kind: int) -> str:
    """The own facts of places of this kind."""
    return _OF_KIND[Kind(kind)]
