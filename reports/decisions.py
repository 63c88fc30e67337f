"""Decisions as rows: written, read as the story of a report, and told in a sentence."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from reports.models import Decision, Report, Review
from units.models import User
from units.refusals import Refusal


def decided(
    report: Report,
    what: Decision.What,
    *,
    by: User | None,
    at: datetime,
    batch: UUID,
    reason: str = "",
    undoes: Decision | None = None,
) -> Decision:
    return Decision(
        report=report,
        rev=report.rev,
        what=what,
        by=by,
        at=at,
        batch=batch,
        reason=reason,
        undoes=undoes,
    )


def write_acceptances(made: Sequence[Decision]) -> None:
    Decision.objects.bulk_create(made, batch_size=1000)
    Report.objects.filter(pk__in=[each.report_id for each in made]).update(
        review=Review.ACCEPTED, accepted_rev=F("rev")
    )


def stories(reports: Iterable[int]) -> dict[int, list[Decision]]:
    """The decisions that stand of each report, oldest first."""
    stories: dict[int, list[Decision]] = {pk: [] for pk in reports}
    for each in Decision.objects.standing().filter(report__in=stories).order_by("id"):
        stories[each.report_id].append(each)
    return stories


def as_told(story: Sequence[Decision], rev: int) -> tuple[Review, int | None]:
    """What these decisions make of a report at `rev`: its review, and what was last accepted."""
    accepted = [each.rev for each in story if each.what == Decision.What.ACCEPTED]
    last = story[-1] if story else None
    review = Review(last.what) if last and last.rev == rev else Review.WAITING
    return review, accepted[-1] if accepted else None


def return_reasons(reports: Iterable[Report]) -> dict[int, Decision]:
    """The return that stands of each report that is sent back now, by report id."""
    sent_back = [each.pk for each in reports if each.review == Review.RETURNED]
    if not sent_back:
        return {}
    found = Decision.objects.standing().filter(
        report__in=sent_back, what=Decision.What.RETURNED, rev=F("report__rev")
    )
    return {each.report_id: each for each in found.select_related("by").order_by("id")}


def already(report: Report) -> Refusal:
    """Who decided, when and what, for the reviewer who came second."""
    made = report.decisions.select_related("by").filter(rev=report.rev)
    last = made.exclude(what=Decision.What.UNLOCKED).last()
    if last is None:
        return Refusal("changed_since", _("刚才改过，请看一下再定"), 409)
    told = timezone.localtime(last.at)
    words = _("%(name)s已在%(time)s定为“%(what)s”，请看一下再定") % {
        "name": last.by.full_name if last.by else _("系统"),
        "time": f"{told.month}月{told.day}日 {told:%H:%M}",
        "what": last.get_what_display(),
    }
    return Refusal("already_decided", words, 409)
