"""回音 on pages: staff write them on the desk, groups read them on the phone."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from reports import answers
from reports import replies as process
from reports.models import Filing, Report
from reports.models.reply import MAX_REPLY
from units import scope, way_back
from units.kinds import Kind
from units.models import Place, User
from units.refusals import Refusal
from units.scope import Action

A_PAGE = 20
# What is older is not called new to who has never looked.
_NEW_FOR = timedelta(days=30)


def shown(user: User, report: Report | None, last: Filing | None) -> dict[str, Any]:
    """What a report's page needs: its replies, and the form for who may write one."""
    stands = report is not None and report.stands and last is not None
    return {
        "replies": list(report.replies.standing().select_related("by")) if report else [],
        "may_reply": stands and scope.reach(user, Action.ANSWER).holds(report.place),
        "reply_id": uuid4(),
        "reply_to": last,
        "most": MAX_REPLY,
    }


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def replies(request: HttpRequest, id: UUID) -> HttpResponse:
    """The replies about the report that this filing belongs to, and one more."""
    named = get_object_or_404(
        Filing.objects.visible_to(request.user).select_related(
            "report__place__community",
            "report__place__parent__parent",
            "report__obligation__period",
        ),
        pk=id,
    )
    report = named.report
    scope.require(request.user, Action.ANSWER, report.place)
    typed, refusal = " ".join(_plain(request.POST.get("words", "")).split()), None
    if request.method == "POST":
        try:
            id_ = _id(request)
            process.reply(report, typed, id_=id_, by=request.user, at=timezone.now())
        except Refusal as error:
            refusal = error
        else:
            return way_back.go(request, done=id_) or _back(report)
    last = report.filings.select_related("form_version").order_by("-rev")[0]
    page = shown(request.user, report, last) | {
        "report": report,
        "obligation": report.obligation,
        "place": report.place,
        "community": report.place.community,
        "words": answers.in_words(last.form_version.definition, last.answers),
        "typed": typed,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    return render(request, "reports/replies.html", page, status=refusal.status if refusal else 200)


def _back(report: Report) -> HttpResponse:
    if report.is_event and report.place.kind == Kind.BUILDING:
        return redirect("matters", code=report.community.code)
    if report.is_event:
        return redirect("household", code=report.place.code)
    return redirect("report-detail", code=report.place.code, week=report.obligation.period.key)


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError as error:
        message = _("这页的内容不完整，请返回首页重新打开再填")
        raise Refusal("bad_envelope", message, 400) from error


def _plain(text: str) -> str:
    return text.encode(errors="ignore").decode().replace("\x00", "")


@login_required
@never_cache
@require_safe
def group_replies(request: HttpRequest, code: str) -> HttpResponse:
    """On the phone: what was done about a building's reports, newest first. Opening it is looking:
    kept in this person's own session, so that nobody can read who has read."""
    place = get_object_or_404(
        Place.objects.visible_to(request.user, Action.FILE)
        .filter(kind=Kind.BUILDING)
        .select_related("community"),
        code=code,
    )
    now = timezone.now()
    before = _looked_at(request, place, at=now)
    told = process.about(place).select_related("report__place", "report__obligation__period")
    page = Paginator(told, A_PAGE).get_page(request.GET.get("page"))
    for each in page:
        each.is_new = each.at > before
    request.session[_key(place)] = now.isoformat()
    context = {"place": place, "community": place.community, "page": page}
    return render(request, "reports/group_replies.html", context)


def unseen(request: HttpRequest, place: Place, *, at: datetime) -> int:
    """How many replies about a building have come since this person last looked here."""
    looked_at = _looked_at(request, place, at=at)
    return process.about(place).filter(at__gt=looked_at).count()


def _looked_at(request: HttpRequest, place: Place, *, at: datetime) -> datetime:
    looked_at = parse_datetime(request.session.get(_key(place), ""))
    return looked_at or at - _NEW_FOR


def _key(place: Place) -> str:
    return f"replies:{place.pk}"
