"""Pulls what block and community reports ask for into rows: no signal, and as often as one likes.

Each sending is looked at once (`Intake`). What a report no longer asks for is withdrawn, what it
asks for anew is asked anew; what it still asks for keeps its answer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.utils import timezone

from governance.supervision.models import Intake, SupportAsk
from reports import calendar, sentences
from reports.catalogue import BLOCK_REPORT, COMMUNITY_REPORT
from reports.models import Filing, Report

# Working days for the committee to hand on or answer, and for the street to answer.
COMMITTEE_DAYS, STREET_DAYS = 2, 5
# Reports older than this are history and are not taken up.
_RECENT = timedelta(days=45)
_AT_ONCE = 500
_NOTHING = frozenset(("", "无", "暂无", "没有", "不需要", "暂不需要", "暂不需要支持", "无需支持"))


@dataclass(frozen=True)
class Wish:
    """What a report asks for of one kind. `words` are for the street; a block has none for it."""

    words: str = ""
    issues: tuple[str, ...] = ()


def pull(*, at: datetime) -> int:
    """Look at what was sent since; returns how many reports were looked at."""
    seen = Intake.objects.filter(report=OuterRef("pk"), rev=OuterRef("rev"))
    unseen = Report.objects.filter(
        ~Exists(seen),
        obligation__form__code__in=(BLOCK_REPORT, COMMUNITY_REPORT),
        obligation__opens_at__gt=at - _RECENT,
        rev__gt=0,
    )
    found = list(unseen.order_by("pk").values_list("pk", flat=True)[:_AT_ONCE])
    for pk in found:
        _take_in(pk)
    return len(found)


@transaction.atomic
def _take_in(pk: int) -> None:
    report = (
        Report.objects.select_for_update(of=("self",)).select_related("place", "form").get(pk=pk)
    )
    filing = Filing.objects.get(report=report, rev=report.rev)
    wishes = {} if report.withdrawn else wishes_of(report.form.code, filing.answers)
    asks = {ask.wanted: ask for ask in SupportAsk.objects.select_for_update().filter(report=report)}
    for wanted, wish in wishes.items():
        _ask(report, wanted, wish, asks.get(wanted), asked_at=filing.received_at)
    gone = [ask.pk for wanted, ask in asks.items() if wanted not in wishes and not ask.withdrawn_at]
    SupportAsk.objects.filter(pk__in=gone).update(withdrawn_at=filing.received_at)
    Intake.objects.update_or_create(report=report, defaults={"rev": report.rev})


def wishes_of(form: str, answers: Mapping[str, Any]) -> dict[str, Wish]:
    """By kind. A block says kinds; a community one text, in which names of figures stay names."""
    if form == COMMUNITY_REPORT:
        words = sentences.without_braces(answers.get("support", ""))
        return {} if _is_nothing(words) else {SupportAsk.Wanted.STREET: Wish(words)}
    issues = tuple(each for each in answers.get("top_issues", ()) if each != "none")
    wanted = {answers.get("support_needed", "none")}
    if answers.get("action_taken") == "street":
        wanted.add(SupportAsk.Wanted.STREET)
    return {each: Wish(issues=issues) for each in wanted if each in SupportAsk.Wanted.values}


def _is_nothing(words: str) -> bool:
    return "".join(words.split()).strip("。．.，,、！!") in _NOTHING


def _ask(
    report: Report, wanted: str, wish: Wish, ask: SupportAsk | None, *, asked_at: datetime
) -> None:
    is_communitys = report.form.code == COMMUNITY_REPORT
    facts = {
        "issues": list(wish.issues),
        "asked_at": asked_at,
        "due_on": due_on(asked_at, STREET_DAYS if is_communitys else COMMITTEE_DAYS),
        "withdrawn_at": None,
    }
    if is_communitys:
        facts |= {"words": wish.words, "forwarded_at": asked_at}
    if ask is None:
        SupportAsk.objects.create(
            report=report,
            wanted=wanted,
            community_id=report.community_id,
            place=report.place,
            place_kind=report.place.kind,
            **facts,
        )
    elif ask.withdrawn_at or (is_communitys and ask.words != wish.words):
        SupportAsk.objects.filter(pk=ask.pk).update(**facts, held_by=None)
    elif ask.issues != facts["issues"]:
        SupportAsk.objects.filter(pk=ask.pk).update(issues=facts["issues"])


def due_on(at: datetime, working_days: int) -> date:
    day = timezone.localdate(at)
    return calendar.Calendar(day).workday_after(day, working_days)
