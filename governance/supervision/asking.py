"""「请说明情况」: the street asks a committee, the committee answers, the street closes it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from governance.supervision.intake import STREET_DAYS, due_on
from governance.supervision.models import Answer, Query
from governance.supervision.wording import said
from reports.models import Period
from units import journal
from units.models import Place, User
from units.refusals import Refusal, from_integrity_error

UNDO_WITHIN = timedelta(seconds=10)
ASKED, TAKEN_BACK, CLOSED = "query.asked", "query.taken_back", "query.closed"


@dataclass(frozen=True)
class Asking:
    """What the officer typed. `form_id` is of the page it was typed on."""

    form_id: UUID
    about: str
    words: str
    period: Period | None = None
    measure: str = ""


@transaction.atomic
def ask(place: Place, asking: Asking, *, by: User, at: datetime) -> Query:
    """Ask the committee of `place`, a community. Sent twice from one page it is the same query.

    Raises Refusal `words_required`, `too_long`, those of `neighbours`, `already_asked` (409).
    """
    again = Query.objects.filter(form_id=asking.form_id, asked_by=by).first()
    if again:
        return again
    words = said(asking.words, field="words", empty=_("请写明要居委会说明什么"))
    try:
        with transaction.atomic():
            query = Query.objects.create(
                form_id=asking.form_id,
                community_id=place.community_id,
                place=place,
                place_kind=place.kind,
                about=asking.about,
                period=asking.period,
                measure=asking.measure,
                words=words,
                asked_at=at,
                asked_by=by,
                due_on=due_on(at, STREET_DAYS),
            )
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    journal.note(ASKED, user=by, at=at, query=query.pk)
    return query


@transaction.atomic
def take_back(query: Query, *, by: User, at: datetime) -> None:
    """Within ten seconds, one's own, and nobody has answered: as if never asked.

    Raises Refusal `too_late` (409).
    """
    own = Query.objects.select_for_update().unclosed().filter(pk=query.pk, asked_by=by)
    found = own.filter(asked_at__gt=at - UNDO_WITHIN).first()
    if found is None or found.answers.exists():
        raise Refusal("too_late", _("已经发出去了。不用再问的话，请按办结"), 409)
    Query.objects.filter(pk=found.pk).update(withdrawn_at=at)
    journal.note(TAKEN_BACK, user=by, at=at, query=query.pk)


@transaction.atomic
def answer(query: Query, words: str, *, form_id: UUID, by: User, at: datetime) -> Answer:
    """The committee's word; it may say more later.

    Raises Refusal `words_required`, `too_long`, those of `neighbours`, `already_closed` (409).
    """
    again = Answer.objects.filter(form_id=form_id, by=by).first()
    if again:
        return again
    words = said(words, field="words", empty=_("请写一句说明再发送"))
    open_one = Query.objects.select_for_update().unclosed().filter(pk=query.pk).first()
    if open_one is None:
        raise Refusal("already_closed", _("街道已经办结，不用再说明"), 409)
    return Answer.objects.create(query=open_one, form_id=form_id, words=words, by=by, at=at)


@transaction.atomic
def unsay(given: Answer, *, by: User, at: datetime) -> None:
    """Within ten seconds, one's own. Raises Refusal `too_late` (409)."""
    Query.objects.select_for_update().get(pk=given.query_id)
    own = Answer.objects.standing().filter(pk=given.pk, by=by, at__gt=at - UNDO_WITHIN)
    if not own.filter(query__closed_at__isnull=True).exists():
        raise Refusal("too_late", _("已经过了十秒，不能撤销；可以再补一句说明"), 409)
    Answer.objects.create(query_id=given.query_id, form_id=uuid4(), undoes=given, by=by, at=at)


@transaction.atomic
def close(query: Query, *, by: User, at: datetime) -> None:
    """Raises Refusal `already_closed` (409)."""
    if not Query.objects.unclosed().filter(pk=query.pk).update(closed_at=at, closed_by=by):
        raise Refusal("already_closed", _("这一条已经办结，请刷新后再看"), 409)
    journal.note(CLOSED, user=by, at=at, query=query.pk)
