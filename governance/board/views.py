"""The board's pages. Each view serves its page, and only its figures when a live page asks."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.board import live as live_pages
from governance.board import pages, wall_pages
from governance.board.known import DRAWN, Drawn
from governance.board.live import live_version
from governance.demo import PASSWORD
from reports import views_replies
from units import scope
from units.kinds import Kind
from units.models import Community, Division, Place
from units.open_sessions import standing_of
from units.scope import Action


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Where each person's work is: a group's phone page, the committee's desk, the street."""
    if not request.user.is_authenticated:
        doors = {"demo": settings.DEMO, "doors": pages.DOORS, "password": PASSWORD}
        return render(request, "landing.html", doors)
    if pages.own_groups(request.user):
        return redirect("group-home")
    divisions = scope.reach(request.user, Action.SEE_FIGURES).divisions
    if divisions:
        street = Division.objects.filter(code__in=divisions, kind="street").first()
        if street:
            return redirect("street-board", code=street.code)
    places = Place.objects.visible_to(request.user).filter(kind__lte=Kind.BUILDING)
    place = places.order_by("kind", "code").select_related("community").first()
    if place is None:
        return render(request, "no_post.html")
    hears = scope.reach(request.user, Action.HEAR).spans
    desk = "workbench" if any(span.tree_id == place.tree_id for span in hears) else None
    return redirect(desk or "community-board", code=place.community.code)


@login_required
@require_safe
def group_home(request: HttpRequest) -> HttpResponse:
    """The building of this person, or a choice when there are several."""
    places = pages.own_groups(request.user)
    if len(places) == 1:
        return redirect("group-board", code=places[0].code)
    return render(request, "board/groups.html", {"places": places})


@login_required
@require_safe
def group_board(request: HttpRequest, code: str) -> HttpResponse:
    place = get_object_or_404(
        Place.objects.visible_to(request.user, Action.FILE).filter(kind=Kind.BUILDING), code=code
    )
    now = timezone.now()
    page = pages.group(request.user, place, at=now)
    page["unseen_replies"] = views_replies.unseen(request, place, at=now)
    return page_or_part(request, "board/group", page)


@login_required
@require_safe
def group_wall(request: HttpRequest, code: str) -> HttpResponse:
    """The doors of a group's own building, each with the state of its reports this quarter."""
    place = get_object_or_404(
        Place.objects.visible_to(request.user, Action.FILE)
        .filter(kind=Kind.BUILDING)
        .select_related("community"),
        code=code,
    )
    page = wall_pages.group(request.user, place, at=timezone.now())
    return page_or_part(request, "board/group_wall", page)


@login_required
@require_safe
def community_board(request: HttpRequest, code: str) -> HttpResponse:
    """A whole community, or the part of it that this person answers for."""
    places = list(
        Place.objects.visible_to(request.user)
        .filter(community__code=code, kind__lte=Kind.BUILDING)
        .order_by("code")
    )
    if not places:
        raise Http404
    of = Community.objects.select_related("division").get(code=code)
    for place in places:
        place.community = of
    page = pages.community(
        request.user, places, week=request.GET.get("week", ""), at=timezone.now()
    )
    return page_or_part(request, "board/community", page, is_shared=True)


@login_required
@require_safe
def community_wall(request: HttpRequest, code: str) -> HttpResponse:
    """Every house in reach, for those who may see doors; not the street."""
    reach = wall_pages.reach_of(request.user)
    places = Place.objects.filter(reach.as_q(), community__code=code, kind__lte=Kind.BUILDING)
    places = list(places.select_related("community").order_by("kind", "lft"))
    if not places:
        raise Http404
    page = wall_pages.community(request.user, places, at=timezone.now())
    return page_or_part(request, "board/community_wall", page)


@never_cache
@require_safe
def live(request: HttpRequest, token: str) -> HttpResponse:
    """The version of what a page shows. Cheap: no session, one query, one number."""
    try:
        version = live_version(token)
    except signing.BadSignature:
        raise Http404(_("没有找到")) from None
    behind, _posts = live_pages.surroundings()
    headers = {"X-Behind": str(behind)}
    return HttpResponse(str(version), content_type="text/plain", headers=headers)


@login_required
@never_cache
@require_safe
def live_who(request: HttpRequest) -> HttpResponse:
    """For the door in front: whether somebody is logged in here, and as whom they see."""
    request.META[DRAWN] = _drawn(request, "")
    return HttpResponse(status=204)


def _drawn(request: HttpRequest, token: str) -> Drawn:
    return Drawn(scope.audience(request.user), token, standing_of(request))


def page_or_part(
    request: HttpRequest, template: str, page: dict[str, Any], *, is_shared: bool = False
) -> HttpResponse:
    """The whole page, or with `X-Part: figures` just the fragment that a live page swaps.

    `is_shared`: the fragment says the same to everybody whose posts reach the same.
    """
    if is_shared:
        request.META[DRAWN] = _drawn(request, page["live_token"])
    folder, _slash, name = template.rpartition("/")
    part = "_" if request.headers.get("X-Part") == "figures" else ""
    response = render(request, f"{folder}/{part}{name}.html", page)
    patch_vary_headers(response, ["X-Part"])
    return response
