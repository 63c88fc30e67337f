"""Taking a step: lock, look again, compare with what was shown, write, journal. All or nothing."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from governance.shaping.preview import Preview, preview
from governance.shaping.steps import Step, What
from reports import bell, obligations
from units import shaping
from units.models import Community, JournalEntry, User
from units.refusals import Refusal


class Refused(Refusal):
    """With the preview as it was under the lock, to be shown instead of the one that was stale."""

    def __init__(self, code: str, message: str | Promise, preview: Preview) -> None:
        super().__init__(code, message, 409)
        self.preview = preview


@transaction.atomic
def take(step: Step, *, id_: UUID, seen: str, by: User, at: datetime) -> JournalEntry:
    """Take a step that was previewed with the fingerprint `seen`; the same id again does nothing.

    The caller has checked scope and duty. Raises Refusal `changed_meanwhile` (409) when anything
    that was shown is different now, `hindered` (409), `step_of_somebody_else` (409), and those of
    `units.tree`.
    """
    shaping.lock(step.place.community)
    before = shaping.taken(id_)
    if before:
        return _the_same(before, step, by)
    step = step.read_again()
    now = preview(step, at=at)
    if now.hindrances:
        raise Refused("hindered", now.hindrances[0].words, now)
    if now.fingerprint != seen:
        message = _("您看的时候这里有了变化，什么都没有改。请看新的预览，再确认一次")
        raise Refused("changed_meanwhile", message, now)
    done = _write(step, id_, by, at)
    _excuse(now, by, at)
    bell.ring_on_commit()
    return done.entry


def _the_same(entry: JournalEntry, step: Step, by: User) -> JournalEntry:
    if (entry.user_id, entry.data["place"]) != (by.pk, step.place.pk):
        raise Refusal("step_of_somebody_else", _("这一页已经用过了，请重新打开再做"), 409)
    return entry


def _write(step: Step, id_: UUID, by: User, at: datetime) -> shaping.Done:
    how = {"step": id_, "by": by, "at": at}
    place = step.place.pk
    target = step.target.pk if step.target else 0
    match step.what:
        case What.RENAME:
            return shaping.rename(place, name=step.name, **how)
        case What.MOVE:
            return shaping.move(place, to_id=target, **how)
        case What.MERGER:
            return shaping.merge(place, into_id=target, **how)
        case What.REPLACEMENT:
            return shaping.replace(place, on_id=target, name=step.name, **how)
        case What.CLOSURE:
            return shaping.close(place, **how)
        case What.ADDITION:
            return shaping.add(place, step.buds, **how)


def _excuse(now: Preview, by: User, at: datetime) -> None:
    """Nobody is left to file for what was closed."""
    target = now.step.target
    reason = _("已并入%s") % target.name if target else _("单元已注销")
    for owed in now.to_excuse:
        obligations.excuse(owed, reason=reason, by=by, at=at)


@transaction.atomic
def undo(entry_id: int, community: Community, *, by: User, at: datetime) -> JournalEntry:
    """Raises the Refusals of `shaping.undo`."""
    entry = shaping.undo(entry_id, community, by=by, at=at)
    bell.ring_on_commit()
    return entry
