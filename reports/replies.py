"""回音: telling those who filed a report what was done about it."""

from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from reports import free_text
from reports.models import Reply, Report
from reports.models.reply import MAX_REPLY
from units.models import Place, User
from units.refusals import Refusal

UNDO_WITHIN = timedelta(seconds=10)


@transaction.atomic
def reply(report: Report, words: str, *, id_: UUID, by: User, at: datetime) -> Reply:
    """Tell one sentence about a report that stands. The same id again is the same reply.

    The caller has checked scope and duty. Raises Refusal `reply_required`, `too_long`, those of
    `free_text`, `nothing_to_reply_to` (409), `same_id_other_body` (409).
    """
    _refuse_what_is_no_reply(words)
    if not report.stands:
        raise Refusal("nothing_to_reply_to", _("这份报告还没有报或已撤回，不用回音"), 409)
    told, _made = Reply.objects.get_or_create(
        id=id_, defaults={"report": report, "words": words, "by": by, "at": at}
    )
    if (told.report_id, told.words, told.by_id) != (report.pk, words, by.pk):
        message = _("这一页已经送过一句回音，请刷新后再写")
        raise Refusal("same_id_other_body", message, 409)
    return told


def told_by(user: User, id_: UUID) -> Reply | None:
    """One's own, while it stands."""
    return Reply.objects.standing().filter(pk=id_, by=user).first()


@transaction.atomic
def take_back(id_: UUID, *, by: User, at: datetime) -> int:
    """Undo one's own within ten seconds; returns how many were. Twice is once.

    Raises Refusal `undo_too_late` (409).
    """
    told = told_by(by, id_)
    if told is None:
        return 0
    # A lock on the report, not on the row: replies are insert only, and its uniqueness decides.
    Report.objects.select_for_update().get(pk=told.report_id)
    if told_by(by, id_) is None:
        return 0
    if at > told.at + UNDO_WITHIN:
        raise Refusal("undo_too_late", _("已过十秒，不能再撤销。可以再给一句回音"), 409)
    Reply.objects.create(id=uuid4(), report_id=told.report_id, by=by, at=at, undoes=told)
    return 1


def about(place: Place) -> QuerySet[Reply]:
    """Replies about a building's own reports and those of its doors, newest first."""
    return Reply.objects.standing().filter(
        report__place__tree_id=place.tree_id,
        report__place__lft__gte=place.lft,
        report__place__rght__lte=place.rght,
    )


def _refuse_what_is_no_reply(words: str) -> None:
    if not words:
        message = _("请写一句回音")
        raise Refusal("reply_required", message, fields={"words": message})
    if len(words) > MAX_REPLY:
        message = _("回音太长了，请写短一些，最多%d个字") % MAX_REPLY
        raise Refusal("too_long", message, fields={"words": message})
    free_text.refuse_private_numbers(words, field="words")
