"""What may be done to many rows with one press, and taken back for ten seconds.

A room whose rows can be done together adds a `Verb`. Each is idempotent by the id of the press.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.board.workbench.items import Item
from governance.voices import answering
from reports import replies, review
from reports.models import Decision
from units.models import User
from units.refusals import Refusal


@dataclass(frozen=True)
class Did:
    """What one press has done and nobody took back; it can be undone until a moment."""

    count: int
    until: datetime


@dataclass(frozen=True)
class Deed:
    """What a press came to, here or on the page of one row, and how it is taken back.

    `did` is None when a press did nothing that stands; `undo` returns how many it took back. The
    sentence takes the count.
    """

    done: Any
    did: Callable[[UUID, User], Did | None]
    undo: Callable[[UUID, User, datetime], int]


@dataclass(frozen=True)
class Verb(Deed):
    """May be done to many rows; `do` returns how many it left alone."""

    label: Any
    all_of: Any
    do: Callable[[Sequence[Item], User, datetime, UUID], int]


def _pass(items: Sequence[Item], by: User, at: datetime, batch: UUID) -> int:
    reports = [item.about for item in items]
    return len(review.accept_many(reports, by=by, at=at, batch=batch).left)


def _decisions(what: str, batch: UUID, by: User) -> list[Decision]:
    made = Decision.objects.filter(batch=batch, by=by, what=what)
    return list(made.filter(undone_by__isnull=True))


def _decided(what: str, batch: UUID, by: User) -> Did | None:
    made = _decisions(what, batch, by)
    until = min((each.at for each in made), default=None)
    return Did(len(made), until + review.UNDO_WITHIN) if until else None


def _undecide(what: str, batch: UUID, by: User, at: datetime) -> int:
    made = _decisions(what, batch, by)
    return review.undo(made, by=by, at=at) if made else 0


def _take(items: Sequence[Item], by: User, at: datetime, batch: UUID) -> int:
    voices = [item.about for item in items]
    return len(voices) - answering.accept_many(voices, batch=batch, by=by, at=at)


def _taken(batch: UUID, by: User) -> Did | None:
    moments = list(answering.accepted_in(batch, by=by).values_list("accepted_at", flat=True))
    return Did(len(moments), min(moments) + answering.UNDO_WITHIN) if moments else None


def _untake(batch: UUID, by: User, at: datetime) -> int:
    return answering.release(batch, by=by, at=at)


def _closed(batch: UUID, by: User) -> Did | None:
    moments = list(answering.closed_in(batch, by=by).values_list("closed_at", flat=True))
    return Did(len(moments), min(moments) + answering.UNDO_WITHIN) if moments else None


def _reopen(batch: UUID, by: User, at: datetime) -> int:
    return answering.reopen(batch, by=by, at=at)


def _replied(batch: UUID, by: User) -> Did | None:
    told = replies.told_by(by, batch)
    return Did(1, told.at + replies.UNDO_WITHIN) if told else None


def _take_back(batch: UUID, by: User, at: datetime) -> int:
    return replies.take_back(batch, by=by, at=at)


_ACCEPTED, _RETURNED = Decision.What.ACCEPTED, Decision.What.RETURNED
VERBS = {
    "pass": Verb(
        _("已通过%d份"),
        partial(_decided, _ACCEPTED),
        partial(_undecide, _ACCEPTED),
        *(_("通过"), _("全部通过（%d）"), _pass),
    ),
    "take": Verb(_("已受理%d条"), _taken, _untake, _("受理"), _("全部受理（%d）"), _take),
}
DEEDS: Sequence[Deed] = (
    *VERBS.values(),
    Deed(
        _("已退回%d份，对方会先看到您写的理由"),
        partial(_decided, _RETURNED),
        partial(_undecide, _RETURNED),
    ),
    Deed(_("已办结%d条，回音已送出"), _closed, _reopen),
    Deed(_("已送出%d条回音"), _replied, _take_back),
)


def did(batch: UUID, by: User) -> tuple[str, Did] | None:
    """In words what a press came to, and what of it stands."""
    for deed in DEEDS:
        found = deed.did(batch, by)
        if found:
            return str(deed.done) % found.count, found
    return None


def undo(batch: UUID, by: User, at: datetime) -> int:
    """Raises Refusal `undo_not_found` (409) and those of the rooms."""
    undone = sum(deed.undo(batch, by, at) for deed in DEEDS)
    if not undone:
        raise Refusal("undo_not_found", _("没有可以撤销的，可能已经撤销过，请看一下"), 409)
    return undone
