"""What the committee does about a voice: take it on, and close it with one sentence, the 回音."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Coalesce
from django.utils.translation import gettext as _

from governance.voices.models import MAX_ANSWER, Voice, VoiceQuerySet
from reports.neighbours import refuse_neighbours
from units import journal
from units.models import User
from units.refusals import Refusal

ACCEPTED, CLOSED = "voice.accepted", "voice.closed"
RELEASED, REOPENED = "voice.released", "voice.reopened"
UNDO_WITHIN = timedelta(seconds=10)


@transaction.atomic
def accept_many(voices: Sequence[Voice], *, batch: UUID, by: User, at: datetime) -> int:
    """Take on those that nobody has; returns how many now. The same `batch` again takes none,
    nor what was undone of it."""
    ids = [each.pk for each in voices]
    new = Voice.objects.filter(pk__in=ids).in_state(Voice.State.NEW).exclude(accepted_in=batch)
    locked = list(new.select_for_update().order_by("pk").values_list("pk", flat=True))
    Voice.objects.filter(pk__in=locked).update(accepted_at=at, accepted_by=by, accepted_in=batch)
    if locked:
        journal.note(ACCEPTED, user=by, at=at, voices=locked)
    return len(locked)


def accepted_in(batch: UUID, *, by: User) -> VoiceQuerySet:
    """What one press took on and nobody has closed or released since."""
    taken = Voice.objects.in_state(Voice.State.ACCEPTED)
    return taken.filter(accepted_in=batch, accepted_by=by)


@transaction.atomic
def release(batch: UUID, *, by: User, at: datetime) -> int:
    """Undo one's own press within ten seconds; returns how many wait again. Twice is once.

    Raises Refusal `undo_too_late` (409). What was closed since stays closed.
    """
    taken = list(accepted_in(batch, by=by).select_for_update().order_by("pk"))
    if any(at > each.accepted_at + UNDO_WITHIN for each in taken):
        raise Refusal("undo_too_late", _("已过十秒，不能再撤销。请直接给一句回音办结"), 409)
    ids = [each.pk for each in taken]
    Voice.objects.filter(pk__in=ids).update(accepted_at=None, accepted_by=None)
    if ids:
        journal.note(RELEASED, user=by, at=at, voices=ids)
    return len(ids)


@transaction.atomic
def accept(voice: Voice, *, by: User, at: datetime) -> None:
    """Take it on. Raises Refusal `already_accepted` (409) when somebody has."""
    new = Voice.objects.filter(pk=voice.pk).in_state(Voice.State.NEW)
    if not new.update(accepted_at=at, accepted_by=by):
        raise Refusal("already_accepted", _("这一条已经有人受理，请刷新后再看"), 409)
    journal.note(ACCEPTED, user=by, at=at, voice=voice.pk)


@transaction.atomic
def close(voice: Voice, answer: str, *, batch: UUID, by: User, at: datetime) -> None:
    """Close it with its answer; what nobody had taken on is taken on by this too. The same `batch`
    again does nothing more, nor what was undone of it.

    Raises Refusal `answer_required`, `too_long`, those of `neighbours`, `already_closed` (409).
    """
    _refuse_what_is_no_answer(answer)
    if Voice.objects.filter(pk=voice.pk, closed_in=batch).exists():
        return
    changed = (
        Voice.objects.unclosed()
        .filter(pk=voice.pk)
        .update(
            accepted_at=Coalesce("accepted_at", at),
            accepted_by=Coalesce("accepted_by", by.pk),
            closed_at=at,
            closed_by=by,
            closed_in=batch,
            answer=answer,
        )
    )
    if not changed:
        raise Refusal("already_closed", _("这一条已经办结，请刷新后再看"), 409)
    journal.note(CLOSED, user=by, at=at, voice=voice.pk)


def closed_in(batch: UUID, *, by: User) -> VoiceQuerySet:
    """What one press closed and nobody has opened again."""
    closed = Voice.objects.in_state(Voice.State.CLOSED)
    return closed.filter(closed_in=batch, closed_by=by)


@transaction.atomic
def reopen(batch: UUID, *, by: User, at: datetime) -> int:
    """Undo one's own press within ten seconds: open as before, without an answer, and with nobody
    on it if it was closed unaccepted. Returns how many. Twice is once.

    Raises Refusal `undo_too_late` (409).
    """
    closed = list(closed_in(batch, by=by).select_for_update().order_by("pk"))
    if any(at > each.closed_at + UNDO_WITHIN for each in closed):
        raise Refusal("undo_too_late", _("已过十秒，不能再撤销"), 409)
    for each in closed:
        if each.accepted_at == each.closed_at:
            each.accepted_at = each.accepted_by = None
        each.closed_at = each.closed_by = None
        each.answer = ""
        each.save(update_fields=["accepted_at", "accepted_by", "closed_at", "closed_by", "answer"])
    if closed:
        journal.note(REOPENED, user=by, at=at, voices=[each.pk for each in closed])
    return len(closed)


def _refuse_what_is_no_answer(answer: str) -> None:
    if not answer:
        message = _("请写一句回音再办结")
        raise Refusal("answer_required", message, fields={"answer": message})
    if len(answer) > MAX_ANSWER:
        message = _("回音太长了，请写短一些，最多%d个字") % MAX_ANSWER
        raise Refusal("too_long", message, fields={"answer": message})
    refuse_neighbours(answer, field="answer")
