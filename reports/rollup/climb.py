"""The drain: marks and place changes of one bucket in, summaries recomputed level by level.

One transaction a bucket: lock → take marks, read place changes → recompute upwards. A crash
anywhere rolls back and the marks are there again; a second run finds nothing and changes nothing.
Each recompute also marks its *recorded* parent and its *current* parent: without both, moves left
wrong totals in every chaos run. Once a period is frozen its recorded parents stay.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q

from reports import bell, calendar
from reports.models import DrainCursor, Mark, Period, Summary
from reports.rollup.leaf import COLUMNS, SELECT, TABLE
from units import locks
from units.kinds import Kind
from units.models import Place, PlaceChange

# What a household counts for in the period `now` begins, ends or changes with these.
_CHANGES_STOCK = (
    PlaceChange.What.PLANTED,
    PlaceChange.What.ADDED,
    PlaceChange.What.CLOSED,
    PlaceChange.What.COUNTED,
)

Targets = dict[int, set[tuple[int, int]]]  # kind → (place_id, period_id)


@transaction.atomic
def drain(bucket: int, *, at: datetime) -> int:
    """Bring the summaries of one bucket up to date; returns how many rows were recomputed."""
    locks.lock_bucket(bucket)
    # After the lock: while one drain waits for it, one bell is enough.
    bell.answered(bucket)
    wanted = _take_marks(bucket) | _places_changed(bucket, at)
    targets: Targets = defaultdict(set)
    kinds = dict(
        Place.objects.filter(pk__in={place for place, _period in wanted}).values_list("pk", "kind")
    )
    for place_id, period_id in wanted:
        targets[kinds[place_id]].add((place_id, period_id))
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


def _take_marks(bucket: int) -> set[tuple[int, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {Mark._meta.db_table} WHERE bucket = %s RETURNING place_id, period_id",  # noqa: S608
            [bucket],
        )
        return set(cursor.fetchall())


def _places_changed(bucket: int, at: datetime) -> set[tuple[int, int]]:
    """(place, period) pairs of moved places whose period is not frozen; moves the cursor on."""
    cursor, _made = DrainCursor.objects.get_or_create(bucket=bucket)
    changes = list(
        PlaceChange.objects.filter(bucket=bucket, pk__gt=cursor.last_change)
        .order_by("pk")
        .values_list("pk", "place_id", "what")
    )
    if not changes:
        return set()
    cursor.last_change = changes[-1][0]
    cursor.save(update_fields=["last_change"])
    moved = {place for _pk, place, what in changes if what == PlaceChange.What.MOVED}
    rows = Summary.objects.filter(place__in=moved).exclude(period__freezes_at__lte=at)
    counted = {place for _pk, place, what in changes if what in _CHANGES_STOCK}
    now = calendar.now_period().pk
    return set(rows.values_list("place_id", "period_id")) | {
        (place, now) for place in _households(counted)
    }


def _households(places: set[int]) -> Iterable[int]:
    """Households among `places`, and all of a community when its root is among them."""
    return Place.objects.filter(
        Q(pk__in=places)
        | Q(community__in=Place.objects.filter(pk__in=places, parent=None).values("community")),
        kind=Kind.HOUSEHOLD,
    ).values_list("pk", flat=True)


def _recompute(targets: Targets, at: datetime) -> int:
    frozen = list(Period.objects.filter(freezes_at__lte=at).values_list("pk", flat=True))
    done = 0
    for kind in sorted(Kind, reverse=True):
        level = targets[kind]
        if not level:
            continue
        for recorded, current, period_id in _recompute_level(level, frozen, at):
            for parent in {recorded, current} - {None}:
                targets[kind - 1].add((parent, period_id))
        done += len(level)
    return done


_SET = ", ".join(f"{c} = EXCLUDED.{c}" for c in (*COLUMNS, "parent_id"))
_OLD = ", ".join(f"{TABLE}.{c}" for c in (*COLUMNS, "parent_id"))
_NEW = ", ".join(f"EXCLUDED.{c}" for c in (*COLUMNS, "parent_id"))

_RECOMPUTE = f"""
WITH target AS (
    SELECT * FROM unnest(%(places)s::bigint[], %(periods)s::bigint[]) AS t(place_id, period_id)
), leaf AS (
    SELECT place_id, period_id, {", ".join(f"sum({c}) AS {c}" for c in COLUMNS)}
      FROM ({SELECT}) own GROUP BY place_id, period_id
), below AS (
    SELECT s.parent_id AS place_id, s.period_id, {", ".join(f"sum(s.{c}) AS {c}" for c in COLUMNS)}
      FROM target t JOIN {TABLE} s ON s.period_id = t.period_id AND s.parent_id = t.place_id
     GROUP BY s.parent_id, s.period_id
), fresh AS (
    SELECT t.place_id, t.period_id, p.community_id, p.kind, old.parent_id AS recorded,
           CASE WHEN old.id IS NOT NULL AND t.period_id = ANY(%(frozen)s) THEN old.parent_id
                ELSE p.parent_id END AS parent_id,
           {", ".join(f"coalesce(leaf.{c}, 0) + coalesce(below.{c}, 0) AS {c}" for c in COLUMNS)}
      FROM target t
      JOIN units_place p ON p.id = t.place_id
      LEFT JOIN {TABLE} old ON old.place_id = t.place_id AND old.period_id = t.period_id
      LEFT JOIN leaf ON leaf.place_id = t.place_id AND leaf.period_id = t.period_id
      LEFT JOIN below ON below.place_id = t.place_id AND below.period_id = t.period_id
), written AS (
    INSERT INTO {TABLE} (place_id, period_id, community_id, kind, parent_id, version, computed_at,
                         {", ".join(COLUMNS)})
    SELECT place_id, period_id, community_id, kind, parent_id, 1, %(at)s, {", ".join(COLUMNS)}
      FROM fresh
    ON CONFLICT (period_id, place_id) DO UPDATE
       SET {_SET}, version = {TABLE}.version + 1, computed_at = EXCLUDED.computed_at
     WHERE ({_OLD}) IS DISTINCT FROM ({_NEW})
)
SELECT recorded, parent_id, period_id FROM fresh
"""  # noqa: S608 (table and column names are ours)


def _recompute_level(
    level: set[tuple[int, int]], frozen: list[int], at: datetime
) -> list[tuple[int | None, int | None, int]]:
    """Recompute rows of one kind; returns recorded parent, current parent and period of each."""
    with connection.cursor() as cursor:
        cursor.execute(
            _RECOMPUTE,
            {
                "places": [place for place, _period in level],
                "periods": [period for _place, period in level],
                "frozen": frozen,
                "at": at,
            },
        )
        return cursor.fetchall()
