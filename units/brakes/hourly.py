"""So many an hour, for doors that anybody may use without guessing. Never a puzzle."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil

from django.db import connection, transaction

from units.brakes.keys import Key
from units.refusals import Refusal

# One statement, so that two at once cannot both be the last that is let through.
_PRESS = """
INSERT INTO units_brake AS old (key, weight, last_at, free_at)
VALUES (%(key)s, 1, %(at)s, %(next_hour)s)
ON CONFLICT (key) DO UPDATE SET weight = old.weight + 1, last_at = %(at)s
WHERE old.weight < %(free)s
RETURNING weight
"""


@transaction.atomic
def press(keys: Sequence[Key], *, message: str, at: datetime) -> None:
    """Count one more for this hour, of all `keys` or of none.

    Raises Refusal `too_many` (429) with `message`, and then nothing is counted: one caller who
    knocks on does not use up what others share, and nobody waits longer than to the full hour.
    """
    hour = at.replace(minute=0, second=0, microsecond=0)
    next_hour = hour + timedelta(hours=1)
    for key in sorted((_in(hour, each) for each in keys), key=lambda each: each.hash):
        values = {"key": key.hash, "free": key.free, "at": at, "next_hour": next_hour}
        with connection.cursor() as cursor:
            cursor.execute(_PRESS, values)
            if cursor.fetchone() is None:
                waits = ceil((next_hour - at).total_seconds())
                raise Refusal("too_many", message, 429, retry_after=waits)


def _in(hour: datetime, key: Key) -> Key:
    """With the hour in the hash, so that nobody is followed by it from one to the next."""
    return Key((hour.isoformat(), *key.what), key.free)
