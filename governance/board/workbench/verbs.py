"""What may be done to many rows with one press, and taken back for ten seconds.

A room whose rows can be done together adds a `Verb`. Each is idempotent by the id of the press.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.board.workbench.items import Item
from governance.voices import answering
from reports import review
from reports.models import Decision
from units.models import User
from units.refusals import Refusal


@dataclass(frozen=True)
class Did:
    """What one press has done and nobody took back; it can be undone until a moment."""

    count: int
    until: datetime


@dataclass(frozen=True)
class Verb:
    """`do` returns how many it left alone; `did` is None when a press did nothing that stands;
    `undo` returns how many it took back. Sentences take the count."""

    label: Any
    all_of: Any
    done: Any
    do: Callable[[Sequence[Item], User, datetime, UUID], int]
    did: Callable[[UUID, User], Did | None]
    undo: Callable[[UUID, User, datetime], int]


def _pass(items: Sequence[Item], by: User, at: datetime, batch: UUID) -> int:
    reports = [item.about for item in items]
    return len(review.accept_many(reports, by=by, at=at, batch=batch).left)


def _decisions(batch: UUID, by: User) -> list[Decision]:
    accepted = Decision.objects.filter(batch=batch, by=by, what=Decision.What.ACCEPTED)
    return list(accepted.filter(undone_by__isnull=True))


def _passed(batch: UUID, by: User) -> Did | None:
    made = _decisions(batch, by)
    until = min((each.at for each in made), default=None)
    return Did(len(made), until + review.UNDO_WITHIN) if until else None


def _unpass(batch: UUID, by: User, at: datetime) -> int:
    made = _decisions(batch, by)
    return review.undo(made, by=by, at=at) if made else 0


def _take(items: Sequence[Item], by: User, at: datetime, batch: UUID) -> int:
    voices = [item.about for item in items]
    return len(voices) - answering.accept_many(voices, batch=batch, by=by, at=at)


def _taken(batch: UUID, by: User) -> Did | None:
    moments = list(answering.accepted_in(batch, by=by).values_list("accepted_at", flat=True))
    return Did(len(moments), min(moments) + answering.UNDO_WITHIN) if moments else None


def _untake(batch: UUID, by: User, at: datetime) -> int:
    return answering.release(batch, by=by, at=at)


VERBS = {
    "pass": Verb(
        *(_("通过"), _("全部通过（%d）"), _("已通过%d份")), do=_pass, did=_passed, undo=_unpass
    ),
    "take": Verb(
        *(_("受理"), _("全部受理（%d）"), _("已受理%d条")), do=_take, did=_taken, undo=_untake
    ),
}


def did(batch: UUID, by: User) -> tuple[str, Did] | None:
    """The verb of a press and what of it stands."""
    for name, verb in VERBS.items():
        found = verb.did(batch, by)
        if found:
            return name, found
    return None


def undo(batch: UUID, by: User, at: datetime) -> int:
    """Raises Refusal `undo_not_found` (409) and those of the rooms."""
    undone = sum(verb.undo(batch, by, at) for verb in VERBS.values())
    if not undone:
        raise Refusal("undo_not_found", _("没有可以撤销的，可能已经撤销过，请看一下"), 409)
    return undone
