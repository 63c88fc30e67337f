"""What residents said is not kept for ever: two years after it was closed only counts are left."""

from datetime import datetime, timedelta

from django.db import transaction

from governance.voices.models import Voice
from units import journal

PURGED = "voices.purged"
# Two years, as requests of residents are kept. What nobody has answered is not made to vanish.
KEPT = timedelta(days=2 * 366)
A_BATCH = 500


def purge(*, at: datetime) -> int:
    """Remove words, answer and the wish to be contacted from what was closed long ago. Building,
    kind, days and receipt stay, so that counts hold and the receipt is still answered.

    Returns how many; again at the same moment, none.
    """
    total = 0
    while count := _purge_some(at):
        total += count
    return total


@transaction.atomic
def _purge_some(at: datetime) -> int:
    """What another run has in hand is left to it."""
    old = Voice.objects.with_words().filter(closed_at__lt=at - KEPT).order_by("closed_at", "pk")
    ids = list(old.select_for_update(skip_locked=True).values_list("pk", flat=True)[:A_BATCH])
    if ids:
        Voice.objects.filter(pk__in=ids).update(
            words="", answer="", wants_contact=False, purged_at=at
        )
        journal.note(PURGED, user=None, at=at, rows=len(ids))
    return len(ids)
