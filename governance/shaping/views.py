"""The pages on which the shape of a community is changed: look, choose, see what follows, do it."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.shaping import listing, reshaping
from governance.shaping.forms import FORMS, StepForm
from governance.shaping.preview import preview
from governance.shaping.steps import KINDS, LABELS, What
from reports.free_text import one_line
from units import scope
from units.kinds import Kind
from units.models import Place
from units.refusals import Refusal
from units.scope import Action

STEPS_A_PAGE = 20


def _place(request: HttpRequest, code: str) -> Place:
    """404 for who does not see into this place, 403 for who may not shape it."""
    visible = Place.objects.visible_to(request.user, Action.SEE_SENSITIVE)
    if not visible.filter(code=code).exists():
        # The community is there for whoever sees groups in it, and shaped by its director.
        visible = Place.objects.filter(
            kind=Kind.COMMUNITY,
            community__in=Place.objects.visible_to(request.user, Action.SEE_GROUPS).values(
                "community"
            ),
        )
    place = get_object_or_404(
        visible.select_related("community__division", "parent__parent"), code=code
    )
    scope.require(request.user, Action.SHAPE_TREE, place)
    return place


@login_required
@require_safe
@never_cache
def shape(request: HttpRequest, code: str) -> HttpResponse:
    """A community's blocks and buildings, or a building's floors and doors, each with its steps."""
    place, now = _place(request, code), timezone.now()
    if place.kind not in (Kind.COMMUNITY, Kind.BUILDING):
        raise Http404
    query = one_line(request.GET.get("q", "").replace("\x00", ""))[:40]
    show_closed = "closed" in request.GET
    page = {
        "place": place,
        "community": place.community,
        "query": query,
        "show_closed": show_closed,
        "listing": listing.of(
            place, query=query, show_closed=show_closed, page=request.GET.get("page"), at=now
        ),
        "told": listing.told(place, request.GET.get("done", ""), at=now),
        "recent": listing.steps(place.community, at=now)[:5],
    }
    return render(request, "shaping/shape.html", page)


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def step(request: HttpRequest, code: str, what: str) -> HttpResponse:
    """Choose (GET), see what follows (GET with a choice), and do it (POST)."""
    if what not in list(What):
        raise Http404
    place, wanted = _place(request, code), What(what)
    if place.kind not in KINDS[wanted]:
        raise Http404
    form = FORMS[wanted](wanted, place, _asked(request, wanted))
    if request.method == "GET" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return _step_page(request, form, status=status)
    try:
        entry = reshaping.take(
            form.step,
            id_=_id(request),
            seen=request.POST.get("seen", ""),
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        fresh = FORMS[wanted](wanted, _place(request, code), request.POST)
        return _step_page(request, fresh, refusal=refusal, status=refusal.status)
    back = listing.page_of(place)
    return redirect(f"{reverse('shape', kwargs={'code': back.code})}?done={entry.pk}")


def _asked(request: HttpRequest, wanted: What) -> Any:
    """What was chosen; None before anything was, where there is something to choose."""
    if request.method == "POST":
        return request.POST
    return request.GET if request.GET or wanted == What.CLOSURE else None


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError:
        return uuid4()


def _step_page(
    request: HttpRequest, form: StepForm, *, refusal: Refusal | None = None, status: int
) -> HttpResponse:
    place = form.place
    shown = None
    if isinstance(refusal, reshaping.Refused):
        shown = refusal.preview
    elif form.is_bound and form.is_valid():
        shown = preview(form.step, at=timezone.now())
    page = {
        "place": place,
        "community": place.community,
        "back": listing.page_of(place),
        "what": form.what,
        "label": LABELS[form.what],
        "form": form,
        "preview": shown,
        "refusal": refusal,
        "id": uuid4(),
    }
    return render(request, "shaping/step.html", page, status=status)


@login_required
@require_safe
@never_cache
def changes(request: HttpRequest, code: str) -> HttpResponse:
    """Who changed what when, the latest first."""
    community = _place(request, code).community
    found = listing.steps(community, at=timezone.now())
    shown = Paginator(found, STEPS_A_PAGE).get_page(request.GET.get("page"))
    return render(request, "shaping/changes.html", {"community": community, "page": shown})


@login_required
@require_POST
def undoing(request: HttpRequest, code: str, entry: int) -> HttpResponse:
    community = _place(request, code).community
    made = reshaping.undo(entry, community, by=request.user, at=timezone.now())
    return redirect(f"{reverse('shape', kwargs={'code': community.code})}?done={made.pk}")
