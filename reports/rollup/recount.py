"""The proof: everything counted again from reports, by other SQL than the drain's.

The drain adds up rows of rows; here each fact walks up from its own place, one ancestor a step,
and whatever arrives at a place is added up. In frozen periods the way up is the recorded one, where
there is a row.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from reports.models.report import BUILDING_SAID, HOUSEHOLD_SAID
from reports.rollup.leaf import COLUMNS, STATES, TABLE


@dataclass(frozen=True)
class Difference:
    """A summary row that is not what the reports say. `None` stands for no row at all."""

    place_code: str
    period_key: str
    column: str
    stored: int | None
    counted: int | None

    def __str__(self) -> str:
        where = f"{self.place_code} {self.period_key} {self.column}"
        return f"{where}: 存的是{self.stored}，重算是{self.counted}"


def _row(*columns: str, **expressions: str) -> str:
    """All columns, those not named as zero."""
    chosen = {column: column for column in columns} | expressions
    return ", ".join(f"({chosen.get(c, '0')})::bigint AS {c}" for c in COLUMNS)


def _coverage(level: str) -> dict[str, str]:
    is_own = f"form = '{level}_report'"
    return {
        f"{level}_owed": f"({is_own})::int",
        f"{level}_filed": f"({is_own} AND stands)::int",
        f"{level}_on_time": f"({is_own} AND stands AND on_time)::int",
        f"{level}_excused": f"({is_own} AND excused AND NOT stands)::int",
    }


_OWED = (
    _coverage("building")
    | _coverage("block")
    | _coverage("community")
    | {
        "building_nil": "(form = 'building_report' AND stands AND nil)::int",
        "building_looked": "(form = 'building_report' AND stands AND NOT nil)::int",
    }
    | {
        # In a longer period only the newest report speaks for a state.
        c: f"CASE WHEN stands {'AND newest = 1 ' if c in STATES else ''}THEN {c} ELSE 0 END"
        for c in BUILDING_SAID
    }
)

_FACTS = f"""
owed AS (
    SELECT o.place_id, pe.id AS period_id, o.excused_reason <> '' AS excused, r.*, s.stands,
           f.code AS form, row_number() OVER (
               PARTITION BY o.place_id, o.form_id, pe.id, s.stands ORDER BY own.ends_on DESC
           ) AS newest
      FROM reports_obligation o
      JOIN reports_reportform f ON f.id = o.form_id
      JOIN reports_period own ON own.id = o.period_id
      JOIN reports_period pe ON pe.id = own.id OR pe.kind IN ('month', 'quarter')
       AND pe.starts_on <= own.ends_on AND own.ends_on <= pe.ends_on
      LEFT JOIN LATERAL (
          SELECT {", ".join(("nil", "on_time", *BUILDING_SAID))} FROM reports_report
           WHERE obligation_id = o.id AND rev > 0 AND NOT withdrawn
      ) r ON true
      CROSS JOIN LATERAL (SELECT r.nil IS NOT NULL AS stands) s
), events AS (
    SELECT r.place_id, pe.id AS period_id,
           {", ".join(f"sum(r.{c}) AS {c}" for c in HOUSEHOLD_SAID if c != "confirmed")},
           bool_or(r.confirmed > 0)::int AS confirmed,
           bool_or(r.visits > 0)::int AS visited_households
      FROM reports_report r
      JOIN reports_period pe ON pe.kind IN ('week', 'month', 'quarter')
       AND pe.starts_on <= r.as_of AND r.as_of <= pe.ends_on
      -- What is seen at a building is told to people and counted into nothing.
      JOIN units_place door ON door.id = r.place_id AND door.kind = 4
     WHERE r.is_event AND r.rev > 0 AND NOT r.withdrawn
     GROUP BY r.place_id, pe.id
), heads AS (
    SELECT DISTINCT ON (place_id) place_id, as_of, head FROM (
        SELECT place_id, as_of, residents AS head, false AS corrects, NULL::timestamptz AS made_at,
               NULL::bigint AS id FROM units_householdcount
        UNION ALL
        SELECT place_id, as_of, head_count, true, made_at, id FROM reports_report
         WHERE is_event AND rev > 0 AND NOT withdrawn AND head_count IS NOT NULL
    ) dated ORDER BY place_id, as_of DESC, corrects DESC, made_at DESC NULLS LAST, id DESC
), census AS (
    SELECT DISTINCT ON (place_id) * FROM units_householdcount ORDER BY place_id, as_of DESC
), movements AS (
    SELECT r.place_id, sum(r.arrived)::int - sum(r.departed)::int AS net
      FROM reports_report r JOIN heads USING (place_id)
     WHERE r.is_event AND r.rev > 0 AND NOT r.withdrawn AND r.as_of > heads.as_of
     GROUP BY r.place_id
), stock AS (
    SELECT h.id AS place_id, (SELECT id FROM reports_period WHERE kind = 'now') AS period_id,
           heads.head + coalesce(net, 0) AS head, residents, actual, aged_60_to_79,
           aged_80_plus, nonlocal_residents, floating, living_alone
      FROM units_place h
      LEFT JOIN heads ON heads.place_id = h.id
      LEFT JOIN movements ON movements.place_id = h.id
      LEFT JOIN census ON census.place_id = h.id
     WHERE h.kind = 4 AND h.state = 'active'
), facts AS (
    SELECT place_id, period_id, {_row(**_OWED)} FROM owed
    UNION ALL
    SELECT place_id, period_id, {_row(*HOUSEHOLD_SAID, "visited_households")} FROM events
    UNION ALL
    SELECT place_id, period_id, {
    _row(
        households="1",
        households_counted="(head IS NOT NULL)::int",
        residents="coalesce(head, 0)",
        aged_60_plus="coalesce(aged_60_to_79, 0) + coalesce(aged_80_plus, 0)",
        aged_80_plus="coalesce(aged_80_plus, 0)",
        nonlocal_residents="coalesce(nonlocal_residents, 0)",
        actual="coalesce(head, 0) + coalesce(actual, 0) - coalesce(residents, 0)",
        floating="coalesce(floating, 0)",
        living_alone="coalesce(living_alone::int, 0)",
        stock_disputed="coalesce(head < 0, false)::int",
    )
} FROM stock WHERE period_id IS NOT NULL
)"""  # noqa: S608 (table and column names are ours)

# Marks and place changes that the drain has not read: these communities' summaries are not due yet.
_WAITING = """
    SELECT community_id FROM reports_mark
    UNION
    SELECT c.community_id FROM units_placechange c
      LEFT JOIN reports_draincursor d ON d.bucket = c.bucket
     WHERE c.what <> 'renamed' AND c.id > coalesce(d.last_change, 0)
"""

_UP = "CASE WHEN c.frozen AND s.id IS NOT NULL THEN s.parent_id ELSE p.parent_id END"

_RECOUNT = f"""
WITH RECURSIVE waiting AS ({_WAITING}
), {_FACTS}, doors AS (
    SELECT place_id, period_id, coalesce(pe.freezes_at <= %(at)s, false) AS frozen,
           {", ".join(f"sum({c})::bigint AS {c}" for c in COLUMNS)}
      FROM facts JOIN reports_period pe ON pe.id = period_id
     GROUP BY place_id, period_id, pe.freezes_at
), climb AS (
    SELECT * FROM doors
    UNION ALL
    SELECT {_UP}, c.period_id, c.frozen,
           {", ".join(f"c.{c}" for c in COLUMNS)}
      FROM climb c
      JOIN units_place p ON p.id = c.place_id
      LEFT JOIN {TABLE} s ON s.place_id = c.place_id AND s.period_id = c.period_id
     WHERE {_UP} IS NOT NULL
), counted AS (
    SELECT place_id, period_id, {", ".join(f"sum({c})::bigint AS {c}" for c in COLUMNS)}
      FROM climb GROUP BY place_id, period_id
), compared AS (
    SELECT coalesce(s.place_id, c.place_id) AS place_id,
           coalesce(s.period_id, c.period_id) AS period_id,
           {", ".join(f"s.{c} AS stored_{c}, c.{c} AS counted_{c}" for c in COLUMNS)},
           s.parent_id AS stored_parent_id, s.id IS NOT NULL AS has_row,
           c.place_id IS NOT NULL AS is_counted
      FROM {TABLE} s FULL JOIN counted c ON c.place_id = s.place_id AND c.period_id = s.period_id
)
SELECT p.code, pe.key, has_row, stored_parent_id,
       CASE WHEN coalesce(pe.freezes_at <= %(at)s, false) THEN stored_parent_id
            ELSE p.parent_id END,
       {", ".join(f"stored_{c}, counted_{c}" for c in COLUMNS)}
  FROM compared x
  JOIN units_place p ON p.id = x.place_id
  JOIN reports_period pe ON pe.id = x.period_id
 WHERE p.community_id NOT IN (SELECT community_id FROM waiting)
   AND ({" OR ".join(f"coalesce(stored_{c}, 0) <> coalesce(counted_{c}, 0)" for c in COLUMNS)}
        OR (is_counted AND NOT has_row)
        OR (has_row AND stored_parent_id IS DISTINCT FROM
            CASE WHEN coalesce(pe.freezes_at <= %(at)s, false) THEN stored_parent_id
                 ELSE p.parent_id END))
 ORDER BY p.code, pe.key
"""  # noqa: S608 (table and column names are ours)


def differences(*, at: datetime) -> list[Difference]:
    """Every place and period whose summary is not what its reports say, column by column.

    Communities that wait for the drain are left out: their summaries are not due yet. One
    statement, so one snapshot.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        # Everything is read: without fresh statistics the planner loops over it instead of hashing.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        cursor.execute(_RECOUNT, {"at": at})
        return [each for row in cursor.fetchall() for each in _in_words(row)]


def communities_waiting() -> int:
    """How many communities `differences` leaves out."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM ({_WAITING}) AS waiting")  # noqa: S608
        count: int = cursor.fetchone()[0]
        return count


def _in_words(row: tuple) -> Iterable[Difference]:
    code, key, has_row, stored_parent, counted_parent, *pairs = row
    if has_row and stored_parent != counted_parent:
        yield Difference(code, key, "parent_id", stored_parent, counted_parent)
    for column, stored, counted in zip(COLUMNS, pairs[::2], pairs[1::2], strict=True):
        if (stored or 0) != (counted or 0):
            yield Difference(code, key, column, stored if has_row else None, counted or 0)
    if not has_row and not any(pairs[1::2]):
        yield Difference(code, key, "row", None, 0)
