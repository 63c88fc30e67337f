"""Every advisory lock of the house: transaction-scoped, always taken in the order below.

1 FOREST (a new tree) · 2 BUCKET n of the community (tree writes, the drain) · 3 OPENING a period.
Take a lock first, then read again, then write: a row read before the lock may have moved since.
"""

from collections.abc import Iterable

from django.db import connection

BUCKETS = 64

# The first key of pg_advisory_xact_lock(int, int): one number a kind of lock, all ours.
_FOREST, _BUCKET, _OPENING = 47_001, 47_002, 47_003


def bucket_of(community_id: int) -> int:
    return community_id % BUCKETS


def lock_forest() -> None:
    _take(_FOREST, 0)


def lock_bucket(bucket: int) -> None:
    _take(_BUCKET, bucket)


def lock_free_buckets(buckets: Iterable[int]) -> list[int]:
    """Lock those of `buckets` that nobody holds, without waiting; returns which."""
    _require_a_transaction()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT b FROM unnest(%s::int[]) AS b WHERE pg_try_advisory_xact_lock(%s, b)",
            [list(buckets), _BUCKET],
        )
        return [row[0] for row in cursor.fetchall()]


def lock_opening(period_id: int) -> None:
    _take(_OPENING, period_id)


def _take(kind: int, number: int) -> None:
    _require_a_transaction()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [kind, number])


def _require_a_transaction() -> None:
    if not connection.in_atomic_block:
        raise RuntimeError("an advisory lock is held to the end of a transaction: open one first")
