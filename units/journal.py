"""Writing the journal. Filings are their own journal and are not repeated here."""

from datetime import datetime
from typing import Any

from units.models import JournalEntry, User


def note(verb: str, *, user: User | None, at: datetime, **data: Any) -> JournalEntry:
    """Append one entry; `data` must be JSON: ids and words, never a person's facts."""
    return JournalEntry.objects.create(at=at, user=user, verb=verb, data=data)
