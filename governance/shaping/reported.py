"""What is owed, waits or is counted for the places of a step, and what becomes of it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, Exists, OuterRef, Q, Sum
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.shaping.steps import Step, What
from governance.voices.models import Voice
from reports import calendar, queue
from reports.models import Obligation, Period, Report, Review, Summary
from reports.models.report import ReportQuerySet
from units.kinds import Kind
from units.models import Place

PERIODS_SHOWN = 6


@dataclass(frozen=True)
class Hindrance:
    """What has to be done first, and where."""

    words: str
    url: str = ""


@dataclass(frozen=True)
class Reported:
    to_excuse: list[Obligation]
    tasks: list[str]
    figures: list[str]
    hindrances: list[Hindrance] = field(default_factory=list)


def affected(
    step: Step, closing: Sequence[Place], going: Sequence[Place], *, at: datetime
) -> Reported:
    if step.what in (What.RENAME, What.ADDITION):
        return Reported([], [], _unchanged(step))
    owed = Obligation.objects.open(at).select_related("place", "period", "form").order_by("pk")
    unfiled = owed.exclude(Exists(Report.objects.standing().filter(obligation=OuterRef("pk"))))
    # In one query, whatever it reaches: what goes along is owed as before.
    reached = list(unfiled.filter(place__in=[*closing, *going], excused_reason=""))
    closed = {place.pk for place in closing}
    of_closing = [o for o in reached if o.place_id in closed and not o.waived_reason]
    to_excuse = [each for each in of_closing if at < each.closes_at]
    missing = [each for each in of_closing if at >= each.closes_at]
    tasks = []
    if to_excuse:
        tasks.append(_("%s还没有报，这一步会记为免报，不再催。") % _owed(to_excuse))
    if missing:
        tasks.append(_("%s过了补报期没有收到，照旧算“未收到”。") % _owed(missing))
    filed, returned = _filed(closing, at)
    if filed:
        tasks.append(_("已经报过的%d份报告都留在原来的名下，随时能查，数字照旧算。") % filed)
    along = sum(each.place_id not in closed for each in reached)
    if along:
        tasks.append(_("随着过去的%d份应报照常报，时间不变。") % along)
    tasks += _uppers(step, at)
    return Reported(
        to_excuse, tasks, _figures(step, closing, at), _waiting(step, closing, returned, at)
    )


def _owed(obligations: Sequence[Obligation]) -> str:
    """「47号楼组第47周楼组周报」"""
    return _("、").join(
        f"{each.place.name}{each.period.short_label}{each.form.name}" for each in obligations[:6]
    ) + (_("等%d份") % len(obligations) if len(obligations) > 6 else "")


def _filed(closing: Sequence[Place], at: datetime) -> tuple[int, int]:
    """(all that stand, those that were sent back and can still be corrected)"""
    sent_back = Q(is_event=False, obligation__locks_at__gt=at, review=Review.RETURNED)
    counts = (
        Report.objects.standing()
        .filter(place__in=closing)
        .aggregate(every=Count("pk"), returned=Count("pk", filter=sent_back))
    )
    return counts["every"], counts["returned"]


def _uppers(step: Step, at: datetime) -> list[str]:
    """Block reports of open periods that were made on the shape as it was."""
    if step.what not in (What.MOVE, What.MERGER) or step.target is None:
        return []
    above = [step.place.parent_id, step.target.parent_id, step.place.pk, step.target.pk]
    count = (
        Report.objects.standing()
        .filter(place__in=above, place__kind=Kind.BLOCK, obligation__locks_at__gt=at)
        .count()
    )
    return [_("%d份已交的片区报告会提示“下面有变化”，可以更新后再交。") % count] if count else []


def _waiting(step: Step, closing: Sequence[Place], returned: int, at: datetime) -> list[Hindrance]:
    """M01: nothing is closed over an open request or a report that somebody has to look at."""
    if not closing:
        return []
    code = step.place.community.code
    found = []
    voices = Voice.objects.unclosed().filter(place__in=closing).count()
    if voices:
        words = _("还有%d条居民反映没有办结，请先办结") % voices
        found.append(Hindrance(words, reverse("voices", kwargs={"code": code})))
    open_ones: ReportQuerySet = Report.objects.standing().filter(
        place__in=closing, is_event=False, obligation__locks_at__gt=at
    )
    asking = queue.with_reasons(open_ones.filter(review=Review.WAITING))
    asking_count = queue.on_top(asking).count()
    if returned + asking_count:
        words = _("还有%d份报告要人看（退回没改的，或有情况的），请先审阅")
        url = reverse("review-queue", kwargs={"code": code})
        found.append(Hindrance(words % (returned + asking_count), url))
    return found


def _figures(step: Step, closing: Sequence[Place], at: datetime) -> list[str]:
    """Open periods change at once, settled ones never; and what the stock loses."""
    rows = Summary.objects.filter(place=step.place)
    periods = list(Period.objects.filter(pk__in=rows.values("period")).order_by("kind", "ends_on"))
    dated = [each for each in periods if each.kind != Period.PeriodKind.NOW]
    settled = [each for each in dated if each.freezes_at and each.freezes_at <= at]
    running = [each for each in dated if each not in settled]
    lines = []
    if step.what in (What.MOVE, What.MERGER) and running:
        shown = _("、").join(each.short_label for each in running[-PERIODS_SHOWN:])
        lines.append(_("马上变：还没归档的%s，从现在起算在新的上级。") % shown)
    if settled:
        lines.append(_("不变：已经归档的%d期，还按原来的样子。") % len(settled))
    lines.append(_stock(step, closing))
    return lines


def _stock(step: Step, closing: Sequence[Place]) -> str:
    if step.what in (What.MOVE, What.MERGER) and step.place.kind < Kind.HOUSEHOLD:
        return _("整个居民区的户数和人数不变。")
    doors = [each.pk for each in closing if each.kind == Kind.HOUSEHOLD]
    now = Summary.objects.filter(place__in=doors, period=calendar.now_period())
    told = now.aggregate(homes=Sum("households"), heads=Sum("residents"))
    if not doors:
        return _("户数和人数不变。")
    words = _("当前的户数少%(homes)d户、常住少%(heads)d人；以前各期的数字不变。")
    return words % {"homes": told["homes"] or 0, "heads": told["heads"] or 0}


def _unchanged(step: Step) -> list[str]:
    if step.what == What.RENAME:
        return [_("数字都不变。")]
    return [_("当前的户数会增加；以前各期的数字不变。")]
