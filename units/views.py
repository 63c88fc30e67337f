"""Pages about groups and seats."""

import segno
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from units import groups, pasted_seats, scope
from units.forms import AppointmentForm
from units.groups import Group
from units.kinds import Kind
from units.models import Community, Place, Post, User
from units.refusals import Refusal, forbidden
from units.scope import Action

GROUPS_A_PAGE = 50


def _community(request: HttpRequest, code: str) -> Community:
    """The community when this person may see groups in it; 404 otherwise."""
    places = Place.objects.visible_to(request.user, Action.SEE_GROUPS).filter(community__code=code)
    if not places.exists():
        raise Http404
    return get_object_or_404(Community, code=code)


def _group_places(user: User, community: Community) -> list[Place]:
    return list(
        Place.objects.visible_to(user, Action.SEE_GROUPS)
        .active()
        .filter(community=community, kind__in=(Kind.BLOCK, Kind.BUILDING))
        .select_related("parent")
        .order_by("kind", "code")
    )


@login_required
@require_safe
def group_list(request: HttpRequest, code: str) -> HttpResponse:
    """Every three-person group in reach: who sits where, and which still lack somebody."""
    community = _community(request, code)
    found = groups.groups_of(_group_places(request.user, community), at=timezone.now())
    incomplete = [group for group in found if group.vacant]
    query = request.GET.get("q", "").strip()
    only_incomplete = "incomplete" in request.GET
    shown = [
        group
        for group in (incomplete if only_incomplete else found)
        if query in group.place.name
        or any(seat.post and query in seat.post.user.full_name for seat in group.seats)
    ]
    root = Place.objects.filter(community=community, kind=Kind.COMMUNITY).first()
    return render(
        request,
        "units/group_list.html",
        {
            "community": community,
            "page": Paginator(shown, GROUPS_A_PAGE).get_page(request.GET.get("page")),
            "total": len(found),
            "incomplete": len(incomplete),
            "only_incomplete": only_incomplete,
            "query": query,
            "may_appoint": scope.reach(request.user, Action.APPOINT).holds(root),
            "may_invite": bool(scope.reach(request.user, Action.INVITE)),
            "may_reset": scope.reach(request.user, Action.RESET_LOGIN).holds(root),
        },
    )


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def appointments(request: HttpRequest, code: str) -> HttpResponse:
    """Fill vacant seats in one batch; the answer offers ten minutes of undo."""
    community = _community(request, code)
    places = _group_places(request.user, community)
    may = scope.reach(request.user, Action.APPOINT)
    if not places or not all(may.holds(place) for place in places):
        raise forbidden()
    now = timezone.now()
    every = groups.groups_of(places, at=now)
    incomplete = [group for group in every if group.vacant]
    known = {
        post.user.login: post.user
        for post in Post.objects.in_force(now)
        .filter(place__community=community)
        .select_related("user")
    }
    if "paste" in request.POST:
        return _pasted(request, community, every, known)
    form = AppointmentForm(incomplete, known, request.POST if request.method == "POST" else None)
    page = {"community": community, "form": form, "known": known.values(), "undo_minutes": 10}
    if request.method == "GET" or not form.is_valid():
        return render(request, "units/appointments.html", page, status=422 if form.errors else 200)
    try:
        entry, made = groups.appoint(form.nominations, by=request.user, at=now)
    except Refusal as refusal:
        form.add_error(None, str(refusal.message))
        return render(request, "units/appointments.html", page, status=refusal.status)
    page |= {
        "made": made,
        "undoing": reverse("appointments-undo", kwargs={"code": code, "entry": entry.pk}),
        "back": reverse("group-list", kwargs={"code": code}),
    }
    return render(request, "units/appointed.html", page)


def _pasted(
    request: HttpRequest, community: Community, every: list[Group], known: dict[str, User]
) -> HttpResponse:
    """The form with the pasted names in their seats: nothing is written before it is confirmed."""
    pasted = pasted_seats.read(request.POST.get("lines", "").replace("\x00", ""), every, known)
    typed = {n: v for n, v in request.POST.items() if n.startswith("seat-") and v.strip()}
    incomplete = [group for group in every if group.vacant]
    form = AppointmentForm(incomplete, known, filled=typed | dict(pasted.filled))
    page = {"community": community, "form": form, "known": known.values(), "pasted": pasted}
    status = 422 if pasted.unread and not pasted.filled else 200
    return render(request, "units/appointments.html", page, status=status)


@login_required
@require_POST
def undo_appointments(request: HttpRequest, code: str, entry: int) -> HttpResponse:
    community = _community(request, code)
    if not scope.reach(request.user, Action.APPOINT):
        raise forbidden()
    groups.undo(entry, by=request.user, at=timezone.now())
    return redirect("group-list", code=community.code)


@login_required
@require_http_methods(["GET", "POST"])
def seat_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask, then end a term: the seat is vacant and its holder is out at the next request."""
    post = get_object_or_404(
        Post.objects.seats()
        .in_force(timezone.now())
        .visible_to(request.user, Action.SEE_GROUPS)
        .select_related("place__community", "user"),
        pk=pk,
    )
    scope.require(request.user, Action.APPOINT, post.place)
    if request.method == "GET":
        return render(request, "units/seat_end.html", {"post": post})
    groups.end(post, by=request.user, at=timezone.now())
    return redirect("group-list", code=post.place.community.code)


@login_required
@require_safe
def card(request: HttpRequest, code: str) -> HttpResponse:
    """A large-print sheet for group members, to print from the committee's page."""
    community = _community(request, code)
    address = request.build_absolute_uri("/")
    drawn = segno.make(address, error="m").svg_inline(svgclass=None, lineclass=None, omitsize=True)
    page = {"community": community, "address": address, "code_svg": mark_safe(drawn)}  # noqa: S308
    return render(request, "units/card.html", page)
