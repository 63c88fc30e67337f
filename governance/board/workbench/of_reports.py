"""Rows from reports: to be looked at, owed, sent back, and waiting to be told what was done."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.board.workbench.items import Act, Item, Sort, Tab
from reports import decisions, queue, upper
from reports.gist import gist, last_filings
from reports.models import Obligation, Period, Reply, Report, Review
from reports.models.report import ReportQuerySet
from units import scope
from units.kinds import Kind
from units.models import Community, Place, User
from units.scope import Action

# What asked for help longer ago is no longer called waiting.
ASKED_WITHIN = timedelta(days=30)
_WITH_PLACES = ("place__parent__parent__parent", "obligation__period", "form")


def waiting(user: User, community: Community, at: datetime) -> Iterator[Item]:
    """Blocks' and buildings' reports that ask for eyes; disputed figures are to be checked."""
    found = list(queue.on_top(queue.waiting(_reviewed(user, community), user)))
    filings = last_filings(found)
    for report in found:
        filing, href = filings[report.pk], _page_of(report.place, report.obligation.period)
        # That something is the matter is why it is here.
        tags = [tag for tag in queue.tags(report) if tag != queue.TAGS["asks"]]
        is_urgent = filing.answers.get("assessment") == "urgent"
        is_disputed = bool(report.figures_disputed)
        yield Item(
            key=f"report-{report.pk}.{report.rev}.{report.review}",
            tab=Tab.BACK if is_disputed else Tab.NEW,
            sort=Sort.of(report.place.kind),
            words=gist(filing),
            place=report.place,
            since=report.last_at,
            href=href,
            act=Act(_("去核对"), href) if is_disputed else None,
            verb="" if is_disputed or report.is_own else "pass",
            about=report,
            tags=(*tags, _("您报的，请同事审阅")) if report.is_own else tuple(tags),
            is_urgent=is_urgent,
        )


def owed(user: User, community: Community, at: datetime) -> Iterator[Item]:
    """Asked for and not in: due today or late, and what is due later this period."""
    asked = (
        Obligation.objects.visible_to(user)
        .filter(community=community, opens_at__lte=at, closes_at__gt=at)
        .filter(excused_reason="", waived_reason="")
        .filter(Q(report__isnull=True) | Q(report__rev=0) | Q(report__withdrawn=True))
        .select_related("place__parent", "period", "form")
        .order_by("due_at", "place__kind", "place__code")
    )
    today = timezone.localdate(at)
    for each in asked:
        place = each.place
        yield Item(
            key=f"owed-{each.pk}",
            tab=Tab.DUE,
            sort=Sort.of(place.kind),
            words=_("%s还没有报") % f"{each.period.short_label}{each.form.name}",
            place=place,
            since=each.due_at,
            href=reverse("building-board", kwargs={"code": place.code})
            if place.is_building
            else _page_of(place, each.period),
            act=_to_file(user, place, each.period, (_("代报"), _("去填写"))),
            about=each,
            is_later=timezone.localdate(each.due_at) > today,
            is_owed=True,
        )


def sent_back(user: User, community: Community, at: datetime) -> Iterator[Item]:
    """Returned by us and not corrected; returned to us by the street."""
    ours = Q(place__kind=Kind.COMMUNITY) & scope.reach(user, Action.SEE_REPORTS).as_q("place")
    below = scope.reach(user, Action.REVIEW).as_q_below("place")
    reports = Report.objects.filter(ours | below & Q(place__kind__gt=Kind.COMMUNITY))
    found = list(
        queue.sent_back(reports.filter(community=community, is_event=False)).select_related(
            *_WITH_PLACES
        )
    )
    reasons = decisions.return_reasons(found)
    for report in found:
        owed, place, told = report.obligation, report.place, reasons.get(report.pk)
        yield Item(
            key=f"back-{report.pk}.{report.rev}",
            tab=Tab.BACK,
            sort=Sort.of(place.kind),
            words=_("%(what)s退回没有改：%(reason)s")
            % {"what": owed.period.short_label, "reason": told.reason if told else ""},
            place=place,
            since=told.at if told else report.last_at,
            href=_page_of(place, owed.period),
            act=_to_file(user, place, owed.period, (_("代为更正"), _("去更正"))),
            about=report,
            tags=(_("已归档"),) if at >= owed.locked_from else (),
            is_urgent=place.kind == Kind.COMMUNITY,
        )


def unanswered(user: User, community: Community, at: datetime) -> Iterator[Item]:
    """Reports that asked for help, were not refused contact, and got no 回音 yet."""
    answers = scope.reach(user, Action.ANSWER)
    asked = Q(is_event=True) & (Q(help_asked__gt=0) | Q(urgent__gt=0)) | Q(
        is_event=False, review=Review.ACCEPTED
    ) & (Q(disputes__gt=F("mediated")) | Q(stock_tight__gt=0))
    reports = list(
        Report.objects.visible_to(user)
        .standing()
        .filter(asked, community=community, last_at__gt=at - ASKED_WITHIN)
        .filter(~Exists(Reply.objects.standing().filter(report=OuterRef("pk"))))
        .select_related(*_WITH_PLACES)
        .order_by("last_at", "pk")
    )
    filings = last_filings(reports)
    for report in reports:
        filing = filings[report.pk]
        if filing.answers.get("consent") == "declined":
            continue
        place = report.place
        reply = reverse("replies", kwargs={"id": filing.pk})
        yield Item(
            key=f"reply-{report.pk}",
            tab=Tab.REPLY,
            sort=Sort.of(place.kind),
            words=gist(filing),
            place=place,
            since=report.last_at,
            href=reverse("household", kwargs={"code": place.code})
            if report.is_event
            else _page_of(place, report.obligation.period),
            act=Act(_("写回音"), reply) if answers.holds(place) else None,
            about=report,
            is_urgent=report.urgent > 0,
        )


def _reviewed(user: User, community: Community) -> ReportQuerySet:
    below = (Kind.BLOCK, Kind.BUILDING)
    return Report.objects.reviewed_by(user).filter(community=community, place__kind__in=below)


def _page_of(place: Place, period: Period) -> str:
    return _url("report-detail" if place.is_building else "upper-report", place, period)


def _url(door: str, place: Place, period: Period) -> str:
    name = "week" if place.is_building else "period"
    return reverse(door, kwargs={"code": place.code, name: period.key})


def _to_file(user: User, place: Place, period: Period, labels: tuple[str, str]) -> Act | None:
    """Filing it for a group, or writing one's own; None for who may do neither."""
    of_group, own = labels
    if place.is_building:
        may = scope.reach(user, Action.FILE_FOR).holds(place)
        return Act(of_group, _url("on-behalf", place, period)) if may else None
    return Act(own, _url("upper-form", place, period)) if upper.may_write(user, place) else None
