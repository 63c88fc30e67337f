"""The committee's page: what the street asks it, and what its blocks ask for."""

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
from governance.supervision.models import Answer, Query, SupportAnswer, SupportAsk
from governance.supervision.pages import Back
from units import scope
from units.kinds import Kind
from units.models import Community, Place
from units.refusals import Refusal
from units.scope import Action

A_PAGE = 20


def _root(request: HttpRequest, code: str) -> Place:
    """404 out of reach, 403 for who sees the community and does not answer the street."""
    places = Place.objects.visible_to(request.user).filter(community__code=code)
    if not places.exists():
        raise Http404
    root = Place.objects.select_related("community__division").get(
        community__code=code, kind=Kind.COMMUNITY
    )
    scope.require(request.user, Action.ANSWER_STREET, root)
    return root


def _page(request: HttpRequest, community: Community, back: Back, *, at: datetime) -> HttpResponse:
    asked = Query.objects.standing().filter(community=community).with_answered()
    asked = asked.select_related("period", "asked_by").prefetch_related(matters.STANDING_ANSWERS)
    of_blocks = SupportAsk.objects.filter(community=community).select_related(
        "place", "report__obligation__period", "held_by", "forwarded_by"
    )
    told = of_blocks.with_answer().exclude(pk__in=of_blocks.with_committee().values("pk"))
    past = Paginator(told.order_by("-asked_at"), A_PAGE).get_page(request.GET.get("page"))
    past.object_list = pages.with_issues(list(past.object_list))
    page = {
        "community": community,
        "queries": asked.filter(closed_at__isnull=True).order_by("is_answered", "due_on", "pk"),
        "closed": asked.filter(closed_at__isnull=False)[:A_PAGE],
        "asks": pages.with_issues(list(of_blocks.with_committee().order_by("due_on", "pk"))),
        "page": past,
        "today": timezone.localdate(at),
        "form_id": pages.new_form_id(),
        "back": back,
        **pages.done(request, request.user, at=at),
    }
    return render(request, "supervision/committee.html", page, status=back.status)


def _to(community: Community, done: str = "") -> HttpResponse:
    where = reverse("committee-queries", kwargs={"code": community.code})
    return redirect(f"{where}?done={done}" if done else where)


@login_required
@never_cache
@require_safe
def queries(request: HttpRequest, code: str) -> HttpResponse:
    root = _root(request, code)
    return _page(request, root.community, Back(), at=timezone.now())


@login_required
@require_POST
def query_answers(request: HttpRequest, pk: int) -> HttpResponse:
    query = get_object_or_404(
        Query.objects.visible_to(request.user).standing().select_related("place__community"), pk=pk
    )
    scope.require(request.user, Action.ANSWER_STREET, query.place)
    typed, now = request.POST.get("words", ""), timezone.now()
    try:
        given = asking.answer(query, typed, form_id=pages.form_id(request), by=request.user, at=now)
    except Refusal as refusal:
        back = Back(f"query-{pk}", typed, refusal)
        return _page(request, query.place.community, back, at=now)
    return _to(query.place.community, f"answer-{given.pk}")


@login_required
@require_POST
def answer_undoing(request: HttpRequest, pk: int) -> HttpResponse:
    own = Answer.objects.filter(by=request.user).select_related("query__place__community")
    given = get_object_or_404(own, pk=pk)
    scope.require(request.user, Action.ANSWER_STREET, given.query.place)
    asking.unsay(given, by=request.user, at=timezone.now())
    return _to(given.query.place.community)


def _ask(request: HttpRequest, pk: int) -> SupportAsk:
    """Of this committee: 404 out of reach, 403 for the block's own people."""
    asks = SupportAsk.objects.asked_by(request.user).select_related("community__division")
    ask = get_object_or_404(asks, pk=pk)
    root = Place.objects.select_related("community").get(
        community=ask.community, kind=Kind.COMMUNITY
    )
    scope.require(request.user, Action.ANSWER_STREET, root)
    return ask


@login_required
@require_POST
def forwarding(request: HttpRequest, pk: int) -> HttpResponse:
    """「转街道」, with a sentence that the street will read."""
    ask, now, typed = _ask(request, pk), timezone.now(), request.POST.get("words", "")
    try:
        supporting.forward(ask, typed, by=request.user, at=now)
    except Refusal as refusal:
        return _page(request, ask.community, Back(f"forward-{pk}", typed, refusal), at=now)
    return _to(ask.community, f"forward-{pk}")


@login_required
@require_POST
def recall(request: HttpRequest, pk: int) -> HttpResponse:
    ask = _ask(request, pk)
    supporting.call_back(ask, by=request.user, at=timezone.now())
    return _to(ask.community)


@login_required
@require_POST
def settling(request: HttpRequest, pk: int) -> HttpResponse:
    """「居委会自己办」, with what the block is told."""
    ask, now, typed = _ask(request, pk), timezone.now(), request.POST.get("words", "")
    try:
        given = supporting.reply(
            ask, typed, form_id=pages.form_id(request), by=request.user, is_streets=False, at=now
        )
    except Refusal as refusal:
        return _page(request, ask.community, Back(f"settle-{pk}", typed, refusal), at=now)
    return _to(ask.community, f"reply-{given.pk}")


@login_required
@require_POST
def support_undoing(request: HttpRequest, pk: int) -> HttpResponse:
    """Of one's own answer to an ask, at the street or in the committee."""
    own = SupportAnswer.objects.filter(by=request.user).select_related("ask__community")
    given = get_object_or_404(own, pk=pk)
    supporting.unsay(given, by=request.user, at=timezone.now())
    if given.is_streets:
        return redirect("supervision", code=given.ask.community.division_id)
    return _to(given.ask.community)
