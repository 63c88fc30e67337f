"""The drain: marks and place changes of buckets in, summaries recomputed level by level.

One transaction: lock → take marks, read place changes → recompute upwards. A crash anywhere rolls
back and the marks are there again; a second run finds nothing and changes nothing.
Each recompute also marks its *recorded* parent and its *current* parent: without both, moves left
wrong totals in every chaos run. Once a period is frozen its recorded parents stay.
"""

import logging
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection, transaction
from django.db.models import Q

from reports import bell, calendar
from reports.models import DrainCursor, Summary
from reports.rollup.leaf import COLUMNS, TABLE, select
from units import locks
from units.kinds import Kind
from units.models import Place, PlaceChange

logger = logging.getLogger(__name__)

# What a household counts for in the period `now` begins, ends or changes with these.
_CHANGES_STOCK = (
    PlaceChange.What.PLANTED,
    PlaceChange.What.ADDED,
    PlaceChange.What.CLOSED,
    PlaceChange.What.COUNTED,
)

Wanted = tuple[int, int, int]  # place_id, period_id, kind
Targets = dict[int, set[tuple[int, int]]]  # kind → (place_id, period_id)


def drain_waiting(*, at: datetime) -> None:
    """Bring everything up to date that waits and that nobody holds: the next drain takes the rest.

    All at once, for what a drain costs hardly grows with it; one by one when that fails, so that
    one bucket cannot keep the others waiting.
    """
    bell.answered()
    buckets = waiting_buckets()
    try:
        with transaction.atomic():
            _drain(locks.lock_free_buckets(buckets), at)
    except DatabaseError as error:
        if not connection.is_usable():
            raise
        logger.error("not drained together", exc_info=error)
        for bucket in buckets:
            try:
                drain(bucket, at=at)
            except DatabaseError as failure:
                logger.error("bucket %s is not drained", bucket, exc_info=failure)


@transaction.atomic
def drain(bucket: int, *, at: datetime) -> int:
    """Bring the summaries of one bucket up to date; returns how many rows were recomputed."""
    locks.lock_bucket(bucket)
    bell.answered()
    return _drain([bucket], at)


def _drain(buckets: list[int], at: datetime) -> int:
    targets: Targets = defaultdict(set)
    for place_id, period_id, kind in _take_marks(buckets) | _places_changed(buckets, at):
        targets[kind].add((place_id, period_id))
    return _recompute(targets, at)


def waiting_buckets() -> list[int]:
    """Buckets with marks, or with place changes past their cursor: what a lost bell leaves."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT bucket FROM reports_mark UNION"
            " SELECT b.bucket FROM generate_series(0, %s) AS b(bucket)"
            " WHERE EXISTS (SELECT 1 FROM units_placechange c WHERE c.bucket = b.bucket AND c.id >"
            " coalesce((SELECT last_change FROM reports_draincursor d"
            " WHERE d.bucket = b.bucket), 0))",
            [locks.BUCKETS - 1],
        )
        return [row[0] for row in cursor.fetchall()]


def _take_marks(buckets: list[int]) -> set[Wanted]:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM reports_mark m USING units_place p"
            " WHERE m.bucket = ANY(%s) AND p.id = m.place_id"
            " RETURNING m.place_id, m.period_id, p.kind",
            [buckets],
        )
        return set(cursor.fetchall())


def _places_changed(buckets: list[int], at: datetime) -> set[Wanted]:
    """Rows of moved places whose period is not frozen, and stocks; moves the cursors on."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b.bucket, c.id, c.place_id, c.what FROM unnest(%s::int[]) AS b(bucket)"
            " LEFT JOIN reports_draincursor d ON d.bucket = b.bucket"
            " JOIN units_placechange c ON c.bucket = b.bucket AND c.id > coalesce(d.last_change, 0)"
            " ORDER BY c.id",
            [buckets],
        )
        changes = cursor.fetchall()
    if not changes:
        return set()
    last = {bucket: pk for bucket, pk, _place, _what in changes}
    DrainCursor.objects.bulk_create(
        [DrainCursor(bucket=bucket, last_change=pk) for bucket, pk in last.items()],
        update_conflicts=True,
        unique_fields=["bucket"],
        update_fields=["last_change"],
    )
    moved = {place for _bucket, _pk, place, what in changes if what == PlaceChange.What.MOVED}
    rows = Summary.objects.filter(place__in=moved).exclude(period__freezes_at__lte=at)
    counted = {place for _bucket, _pk, place, what in changes if what in _CHANGES_STOCK}
    now = calendar.now_period().pk
    # What hung below is gone, perhaps all of it: no household is left to climb from.
    thinned = {place for _b, _pk, place, what in changes if what == PlaceChange.What.UPROOTED}
    rows |= Summary.objects.filter(place__in=thinned, period=now)
    return set(rows.values_list("place_id", "period_id", "kind")) | {
        (place, now, Kind.HOUSEHOLD) for place in _households(counted)
    }


def _households(places: set[int]) -> Iterable[int]:
    """Households among `places`, and all of a community when its root is among them."""
    return Place.objects.filter(
        Q(pk__in=places)
        | Q(community__in=Place.objects.filter(pk__in=places, parent=None).values("community")),
        kind=Kind.HOUSEHOLD,
    ).values_list("pk", flat=True)


def _recompute(targets: Targets, at: datetime) -> int:
    done = 0
    for kind in sorted(Kind, reverse=True):
        level = targets[kind]
        if not level:
            continue
        for recorded, current, period_id in _recompute_level(kind, level, at):
            for parent in {recorded, current} - {None}:
                targets[kind - 1].add((parent, period_id))
        done += len(level)
    return done


_SET = ", ".join(f"{c} = EXCLUDED.{c}" for c in (*COLUMNS, "parent_id"))
_OLD = ", ".join(f"{TABLE}.{c}" for c in (*COLUMNS, "parent_id"))
_NEW = ", ".join(f"EXCLUDED.{c}" for c in (*COLUMNS, "parent_id"))


def _recompute_sql(kind: int) -> str:
    return f"""
WITH target AS (
    SELECT * FROM unnest($1, $2) AS t(place_id, period_id)
), leaf AS (
    SELECT place_id, period_id, {", ".join(f"sum({c}) AS {c}" for c in COLUMNS)}
      FROM ({select(kind)}) own GROUP BY place_id, period_id
), below AS (
    SELECT s.parent_id AS place_id, s.period_id, {", ".join(f"sum(s.{c}) AS {c}" for c in COLUMNS)}
      FROM target t JOIN {TABLE} s ON s.period_id = t.period_id AND s.parent_id = t.place_id
     GROUP BY s.parent_id, s.period_id
), fresh AS (
    SELECT t.place_id, t.period_id, p.community_id, p.kind, old.parent_id AS recorded,
           CASE WHEN old.id IS NOT NULL AND period.freezes_at <= $3 THEN old.parent_id
                ELSE p.parent_id END AS parent_id,
           {", ".join(f"coalesce(leaf.{c}, 0) + coalesce(below.{c}, 0) AS {c}" for c in COLUMNS)}
      FROM target t
      JOIN units_place p ON p.id = t.place_id
      JOIN reports_period period ON period.id = t.period_id
      LEFT JOIN {TABLE} old ON old.place_id = t.place_id AND old.period_id = t.period_id
      LEFT JOIN leaf ON leaf.place_id = t.place_id AND leaf.period_id = t.period_id
      LEFT JOIN below ON below.place_id = t.place_id AND below.period_id = t.period_id
), written AS (
    INSERT INTO {TABLE} (place_id, period_id, community_id, kind, parent_id, version, computed_at,
                         {", ".join(COLUMNS)})
    SELECT place_id, period_id, community_id, kind, parent_id, 1, $3, {", ".join(COLUMNS)}
      FROM fresh
    ON CONFLICT (period_id, place_id) DO UPDATE
       SET {_SET}, version = {TABLE}.version + 1, computed_at = EXCLUDED.computed_at
     WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})
)
SELECT recorded, parent_id, period_id FROM fresh
"""  # noqa: S608 (table and column names are ours)


# Sessions, and the kinds whose statement each has planned: planning takes five times as long as
# recomputing a few rows.
_planned: WeakKeyDictionary[Any, set[int]] = WeakKeyDictionary()
_FEW = 200


def _recompute_level(
    kind: int, level: set[tuple[int, int]], at: datetime
) -> list[tuple[int | None, int | None, int]]:
    """Recompute rows of one kind; returns recorded parent, current parent and period of each."""
    with connection.cursor() as cursor:
        planned = _planned.setdefault(connection.connection, set())
        if kind not in planned:
            cursor.execute(
                f"PREPARE recompute_{kind:d} (bigint[], bigint[], timestamptz) AS"
                f" {_recompute_sql(kind)}"
            )
            planned.add(kind)
        places, periods = (list(ids) for ids in zip(*level, strict=True))
        if len(level) > _FEW:
            # The kept plan is made for a handful of rows; on thousands it loops for minutes.
            cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")
        cursor.execute(f"EXECUTE recompute_{kind:d} (%s, %s, %s)", [places, periods, at])
        return cursor.fetchall()
