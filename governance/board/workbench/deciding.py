"""One press on the queue: on a row, on those chosen, or on all that match."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from governance.board.workbench.choice import Choice
from governance.board.workbench.items import Item
from governance.board.workbench.verbs import VERBS, did
from units.models import User
from units.refusals import Refusal


@dataclass(frozen=True)
class Press:
    """`keys` are rows as they were seen; None is all that matched when the page was made."""

    batch: UUID
    verb: str
    keys: Sequence[str] | None
    until: datetime


def read(post: Mapping[str, str], keys: Sequence[str]) -> Press:
    """Raises Refusal `bad_envelope` (400)."""
    until = moment(post.get("until", ""))
    everything = post.get("all") == "1"
    try:
        batch = UUID(post.get("batch", ""))
    except ValueError as error:
        raise _incomplete() from error
    if post.get("verb") not in VERBS or (everything and until is None) or not (keys or everything):
        raise _incomplete()
    return Press(batch, post["verb"], None if everything else keys, until or timezone.now())


def decide(press: Press, items: Sequence[Item], choice: Choice, *, by: User, at: datetime) -> int:
    """Do it to the rows named, each as it was seen, in one process; what has changed since or came
    in later is left alone. Returns how many rows were. The same press again does nothing more.

    `items` is everything that waits for this person now. Raises Refusal `already_done` (409) when
    nothing of it is left to do, and for a single row the reason that its room gives.
    """
    if did(press.batch, by):
        return 0
    may = [item for item in items if item.verb == press.verb]
    if press.keys is None:
        wanted = [item for item in choice.of(may, at=at) if item.since <= press.until]
        gone = 0
    else:
        named = set(press.keys)
        wanted = [item for item in may if item.key in named]
        gone = len(named) - len(wanted)
    if not wanted:
        message = _("这一条刚才改过或已有同事办了，请看一下现在的")
        raise Refusal("already_done", message, 409)
    return gone + VERBS[press.verb].do(wanted, by, at, press.batch)


def moment(text: str) -> datetime | None:
    """None for what is no moment with its zone."""
    try:
        found = parse_datetime(text)
    except ValueError:
        return None
    return found if found and timezone.is_aware(found) else None


def _incomplete() -> Refusal:
    return Refusal("bad_envelope", _("没有选好要办的，请先在左边打勾，或回到工作台再试"), 400)
