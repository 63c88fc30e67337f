"""Where the rows come from. A room adds its own in one line: (user, community, at) → items.

A source asks its room's own scope, and as many queries whatever it finds.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from governance.board.workbench import of_matters, of_reports, of_street, of_voices
from governance.board.workbench.items import Item
from units.models import Community, User

Source = Callable[[User, Community, datetime], Iterable[Item]]

SOURCES: list[Source] = [
    of_reports.waiting,
    of_voices.voices,
    of_matters.told,
    of_matters.broken,
    of_street.between_offices,
    of_reports.owed,
    of_reports.sent_back,
    of_reports.unanswered,
]


def items_of(user: User, community: Community, *, at: datetime) -> list[Item]:
    """Everything that waits for this person here: urgent first, then the longest waiting."""
    found = [item for source in SOURCES for item in source(user, community, at)]
    return sorted(found, key=lambda item: (not item.is_urgent, item.since, item.place.code))
