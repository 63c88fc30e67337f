"""The proof: everything counted again from reports, by other SQL than the drain's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from reports.rollup.leaf import COLUMNS, TABLE


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


# Every obligation is one row of facts; it then walks up, one ancestor a step, and all that arrive
# at a place are added up. In frozen periods the way up is the recorded one, where there is a row.
_COUNTED_FACTS = {
    "building_owed": "1",
    "building_filed": "stands::int",
    "building_nil": "(stands AND nil)::int",
    "building_looked": "(stands AND NOT nil)::int",
    "building_on_time": "(stands AND on_time)::int",
    "building_excused": "(excused AND NOT stands)::int",
}
_FACTS = ", ".join(
    f"{_COUNTED_FACTS.get(c, f'CASE WHEN stands THEN {c} ELSE 0 END')} AS {c}" for c in COLUMNS
)
_SAID = ", ".join(f"r.{c}" for c in COLUMNS if c not in _COUNTED_FACTS)

# Marks, and moves the drain has not read: what the summaries of these communities say is not due.
_WAITING = """
    SELECT community_id FROM reports_mark
    UNION
    SELECT c.community_id FROM units_placechange c
      LEFT JOIN reports_draincursor d ON d.bucket = c.bucket
     WHERE c.what = 'moved' AND c.id > coalesce(d.last_change, 0)
"""

_RECOUNT = f"""
WITH RECURSIVE waiting AS ({_WAITING}
), said AS (
    SELECT o.place_id, o.period_id, coalesce(pe.freezes_at <= %(at)s, false) AS frozen,
           o.excused_reason <> '' AS excused,
           coalesce(r.rev > 0 AND NOT r.withdrawn, false) AS stands, r.nil, r.on_time, {_SAID}
      FROM reports_obligation o
      JOIN reports_period pe ON pe.id = o.period_id
      LEFT JOIN reports_report r ON r.obligation_id = o.id
), facts AS (
    SELECT place_id, period_id, frozen, {_FACTS} FROM said
), climb AS (
    SELECT * FROM facts
    UNION ALL
    SELECT CASE WHEN c.frozen AND s.id IS NOT NULL THEN s.parent_id ELSE p.parent_id END,
           c.period_id, c.frozen, {", ".join(f"c.{c}" for c in COLUMNS)}
      FROM climb c
      JOIN units_place p ON p.id = c.place_id
      LEFT JOIN {TABLE} s ON s.place_id = c.place_id AND s.period_id = c.period_id
     WHERE CASE WHEN c.frozen AND s.id IS NOT NULL THEN s.parent_id ELSE p.parent_id END
           IS NOT NULL
), counted AS (
    SELECT place_id, period_id, {", ".join(f"sum({c})::bigint AS {c}" for c in COLUMNS)}
      FROM climb GROUP BY place_id, period_id
), compared AS (
    SELECT coalesce(s.place_id, c.place_id) AS place_id,
           coalesce(s.period_id, c.period_id) AS period_id,
           {", ".join(f"s.{c} AS stored_{c}, c.{c} AS counted_{c}" for c in COLUMNS)},
           s.parent_id AS stored_parent_id, s.id IS NOT NULL AS has_row
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
        OR (NOT has_row AND counted_building_owed IS NOT NULL)
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
    with connection.cursor() as cursor:
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
