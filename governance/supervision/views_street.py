"""督办 at the street: what is overdue, what committees ask, what the street has asked."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.supervision import asking, matters, pages, supporting
from governance.supervision.asking import Asking
from governance.supervision.models import Query, SupportAsk
from governance.supervision.pages import Back
from reports import measures
from reports.models import Period
from units import scope
from units.kinds import Kind
from units.models import Division, Place
from units.refusals import Refusal, forbidden
from units.scope import Action

A_PAGE = 50


def _division(request: HttpRequest, code: str) -> Division:
    if code not in scope.reach(request.user, Action.SEE_REPORTS).divisions:
        raise Http404
    return get_object_or_404(Division, code=code)


def _require(request: HttpRequest, division: str) -> None:
    if division not in scope.reach(request.user, Action.SUPERVISE).divisions:
        raise forbidden()


def _page(request: HttpRequest, division: Division, back: Back, *, at: datetime) -> HttpResponse:
    communities = matters.communities_of(division)
    page = {
        "division": division,
        "communities": communities,
        "matters": Paginator(matters.overdue(communities, at=at), A_PAGE).get_page(
            request.GET.get("page")
        ),
        "asks": pages.with_issues(matters.asks_of(division), from_above=True),
        "queries": matters.queries_of(communities),
        "today": timezone.localdate(at),
        "may_act": division.code in scope.reach(request.user, Action.SUPERVISE).divisions,
        "form_id": pages.new_form_id(),
        "back": back,
        **_about(request),
        **pages.done(request, request.user, at=at),
    }
    return render(request, "supervision/supervision.html", page, status=back.status)


def _about(request: HttpRequest) -> dict[str, object]:
    """The figure that the officer was looking at when asking about it (`?measure=…`)."""
    asked = request.GET if request.method == "GET" else request.POST
    measure = next((m for m in measures.CATALOGUE if m.code == asked.get("measure")), None)
    period = Period.objects.filter(key=asked.get("period", "")[:10]).first() if measure else None
    return {
        "chosen": asked.get("community", ""),
        "measure": measure if period else None,
        "period": period,
    }


@login_required
@never_cache
@require_safe
def supervision(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, _division(request, code), Back(), at=timezone.now())


@login_required
@require_POST
def queries(request: HttpRequest, code: str) -> HttpResponse:
    """「发送」: one query to one committee."""
    division = _division(request, code)
    _require(request, code)
    place = get_object_or_404(
        Place.objects.visible_to(request.user, Action.SUPERVISE).filter(kind=Kind.COMMUNITY),
        community__code=request.POST.get("community", ""),
        community__division__in=division.with_descendants(),
    )
    typed, now = request.POST.get("words", ""), timezone.now()
    try:
        query = asking.ask(place, _asking(request), by=request.user, at=now)
    except Refusal as refusal:
        return _page(request, division, Back(request.POST.get("key", ""), typed, refusal), at=now)
    return redirect(f"{reverse('supervision', kwargs={'code': code})}?done=query-{query.pk}")


def _asking(request: HttpRequest) -> Asking:
    about = request.POST.get("about", "")
    about = about if about in Query.About else Query.About.OTHER
    period = Period.objects.filter(key=request.POST.get("period", "")[:10]).first()
    measure = request.POST.get("measure", "")
    if measure not in {each.code for each in measures.CATALOGUE}:
        measure = ""
    return Asking(pages.form_id(request), about, request.POST.get("words", ""), period, measure)


def _query(request: HttpRequest, pk: int) -> Query:
    query = get_object_or_404(
        Query.objects.visible_to(request.user).standing().select_related("community"), pk=pk
    )
    _require(request, query.community.division_id)
    return query


def _list(community_division: str) -> str:
    return reverse("supervision", kwargs={"code": community_division})


@login_required
@require_POST
def withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    query = _query(request, pk)
    asking.take_back(query, by=request.user, at=timezone.now())
    return redirect(_list(query.community.division_id))


@login_required
@require_POST
def closure(request: HttpRequest, pk: int) -> HttpResponse:
    query = _query(request, pk)
    asking.close(query, by=request.user, at=timezone.now())
    return redirect(_list(query.community.division_id) + "#queries")


def _ask(request: HttpRequest, pk: int) -> SupportAsk:
    divisions = list(scope.reach(request.user, Action.SEE_REPORTS).divisions)
    handed = SupportAsk.objects.of_street(divisions).select_related("community__division")
    ask = get_object_or_404(handed, pk=pk)
    _require(request, ask.community.division_id)
    return ask


@login_required
@require_POST
def holding(request: HttpRequest, pk: int) -> HttpResponse:
    """「我来办」"""
    ask = _ask(request, pk)
    supporting.hold(ask, by=request.user, at=timezone.now())
    return redirect(_list(ask.community.division_id) + "#asks")


@login_required
@require_POST
def answers(request: HttpRequest, pk: int) -> HttpResponse:
    """The street's answer to who asked."""
    ask, now, typed = _ask(request, pk), timezone.now(), request.POST.get("words", "")
    try:
        given = supporting.reply(
            ask, typed, form_id=pages.form_id(request), by=request.user, is_streets=True, at=now
        )
    except Refusal as refusal:
        back = Back(f"ask-{pk}", typed, refusal)
        return _page(request, ask.community.division, back, at=now)
    return redirect(f"{_list(ask.community.division_id)}?done=reply-{given.pk}")
