"""What becomes of an ask: the committee answers it or hands it to the street, which answers."""

from datetime import datetime
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from governance.supervision.asking import UNDO_WITHIN
from governance.supervision.intake import STREET_DAYS, due_on
from governance.supervision.models import SupportAnswer, SupportAsk
from governance.supervision.wording import said
from units import journal
from units.models import User
from units.refusals import Refusal

FORWARDED, CALLED_BACK, HELD = "ask.forwarded", "ask.called_back", "ask.held"


def _locked(ask: SupportAsk) -> SupportAsk:
    """As it stands now. Raises Refusal `no_longer_asked` (409)."""
    SupportAsk.objects.select_for_update().get(pk=ask.pk)
    found = SupportAsk.objects.with_answer().get(pk=ask.pk)
    if found.withdrawn_at:
        raise Refusal("no_longer_asked", _("报告已经改过，不再请求这项支持，不用答复"), 409)
    return found


@transaction.atomic
def forward(ask: SupportAsk, words: str, *, by: User, at: datetime) -> None:
    """Hand a block's ask to the street, in a sentence of the committee's.

    Raises Refusal `words_required`, `too_long`, those of `neighbours`, `already_handled` (409).
    """
    words = said(words, field="words", empty=_("请写一句话告诉街道要什么"))
    found = _locked(ask)
    if found.state != SupportAsk.State.WITH_COMMITTEE:
        raise Refusal("already_handled", _("这一条已经有人处理，请刷新后再看"), 409)
    SupportAsk.objects.filter(pk=ask.pk).update(
        words=words, forwarded_at=at, forwarded_by=by, due_on=due_on(at, STREET_DAYS), held_by=None
    )
    journal.note(FORWARDED, user=by, at=at, ask=ask.pk)


@transaction.atomic
def call_back(ask: SupportAsk, *, by: User, at: datetime) -> None:
    """Undo one's own handing on, within ten seconds. Raises Refusal `too_late` (409)."""
    _locked(ask)
    own = SupportAsk.objects.unanswered().filter(
        pk=ask.pk,
        forwarded_by=by,
        forwarded_at__gt=at - UNDO_WITHIN,
        forwarded_at__gte=F("asked_at"),
    )
    if not own.exists():
        raise Refusal("too_late", _("街道已经看到了，不能撤销"), 409)
    SupportAsk.objects.filter(pk=ask.pk).update(forwarded_at=None, forwarded_by=None, words="")
    journal.note(CALLED_BACK, user=by, at=at, ask=ask.pk)


@transaction.atomic
def hold(ask: SupportAsk, *, by: User, at: datetime) -> None:
    """「我来办」. Raises Refusal `already_held` (409)."""
    free = SupportAsk.objects.filter(pk=ask.pk, held_by__isnull=True)
    if not free.update(held_by=by):
        raise Refusal("already_held", _("已经有同事在办，请刷新后再看"), 409)
    journal.note(HELD, user=by, at=at, ask=ask.pk)


@transaction.atomic
def reply(
    ask: SupportAsk, words: str, *, form_id: UUID, by: User, is_streets: bool, at: datetime
) -> SupportAnswer:
    """Answer who asked; the street what is with it, the committee what is still its own.

    Raises Refusal `words_required`, `too_long`, those of `neighbours`, `already_handled` (409).
    """
    again = SupportAnswer.objects.filter(form_id=form_id, by=by).first()
    if again:
        return again
    words = said(words, field="words", empty=_("请写一句答复再发送"))
    found = _locked(ask)
    state = SupportAsk.State.WITH_STREET if is_streets else SupportAsk.State.WITH_COMMITTEE
    if found.state != state:
        raise Refusal("already_handled", _("这一条已经有人处理，请刷新后再看"), 409)
    return SupportAnswer.objects.create(
        ask=found, form_id=form_id, words=words, by=by, at=at, is_streets=is_streets
    )


@transaction.atomic
def unsay(given: SupportAnswer, *, by: User, at: datetime) -> None:
    """Within ten seconds, one's own. Raises Refusal `too_late` (409)."""
    SupportAsk.objects.select_for_update().get(pk=given.ask_id)
    own = SupportAnswer.objects.standing().filter(pk=given.pk, by=by, at__gt=at - UNDO_WITHIN)
    if not own.exists():
        raise Refusal("too_late", _("已经过了十秒，不能撤销；对方已经看到"), 409)
    SupportAnswer.objects.create(
        ask_id=given.ask_id,
        form_id=uuid4(),
        undoes=given,
        by=by,
        at=at,
        is_streets=given.is_streets,
    )
