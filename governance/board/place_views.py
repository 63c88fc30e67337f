"""Doors to the pages of places and of the people who hold posts for them."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.board import pages, places
from governance.profiles import pages as profile_pages
from reports.models import Period
from units import scope
from units.kinds import SEATS, Kind
from units.models import Place, Post, User
from units.scope import Action


@login_required
@never_cache
@require_safe
def place(request: HttpRequest, code: str) -> HttpResponse:
    """One community, block, building, floor or household."""
    found = get_object_or_404(
        Place.objects.visible_to(request.user).select_related(
            "community__division", "succeeded_by", "parent__parent__parent__parent"
        ),
        code=code,
    )
    return _page(request, found)


@login_required
@never_cache
@require_safe
def building_board(request: HttpRequest, code: str) -> HttpResponse:
    """The page of a place of kind building, under the address it has had from the beginning."""
    found = get_object_or_404(
        Place.objects.visible_to(request.user)
        .filter(kind=Kind.BUILDING)
        .select_related("community__division", "succeeded_by", "parent__parent"),
        code=code,
    )
    return _page(request, found)


def _page(request: HttpRequest, found: Place) -> HttpResponse:
    at, page = timezone.now(), {}
    if found.kind == Kind.BUILDING:
        page = pages.building(request.user, found, at=at)
    if request.headers.get("X-Part") == "figures" and page:
        page |= places.head(request.user, found)
        response = render(request, "board/_building.html", page)
    else:
        if found.kind == Kind.BUILDING:
            page |= profile_pages.building(request.user, found, at=at)
        # A group reads of its own doors on a phone.
        is_own = found.kind > Kind.BUILDING and scope.reach(request.user, Action.FILE).holds(found)
        page["frame"] = "phone.html" if is_own else "base.html"
        page |= _facts(request, found, at, week=next(iter(page.get("export_periods", ())), None))
        response = render(request, "board/place.html", page)
    patch_vary_headers(response, ["X-Part"])
    return response


def _facts(
    request: HttpRequest, found: Place, at: datetime, *, week: Period | None
) -> dict[str, Any]:
    names = ("q", "page", "story")
    asked = {name: request.GET.get(name, "").replace("\x00", "")[:40] for name in names}
    return places.page(
        request.user,
        found,
        query=asked["q"].strip(),
        below=asked["page"],
        story=asked["story"],
        week=week,
        at=at,
    )


@login_required
@require_safe
def place_list(request: HttpRequest, code: str) -> HttpResponse:
    """Where one's reach in a community begins: the place itself when it is only one."""
    seen = Place.objects.visible_to(request.user).filter(community__code=code)
    seen = list(seen.filter(kind__lte=Kind.BUILDING).order_by("kind", "lft"))
    above = {each.pk for each in seen}
    tops = [each for each in seen if each.parent_id not in above]
    if not tops:
        raise Http404
    if len(tops) == 1:
        return redirect("place", code=tops[0].code)
    page = {"tops": tops, "community": tops[0].community}
    return render(request, "board/place_list.html", page)


@login_required
@require_safe
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """The posts somebody holds or held, as far as they are in reach. Nothing of what they do."""
    reach = scope.reach(request.user, Action.SEE_GROUPS)
    in_reach = Q(reach.as_q("place")) | Q(reach.as_q("branch__branch_blocks__place"))
    seen = (
        Post.objects.filter(in_reach, user=pk)
        .select_related("place__community", "place__parent", "branch__community", "user")
        .order_by("-during__startswith", "place_kind", "place__lft", "pk")
    )
    posts = list(dict.fromkeys(seen))
    if not posts:
        raise Http404
    at = timezone.now()
    now = [each for each in posts if each.during.upper is None or each.during.upper > at]
    beside = Post.objects.in_force(at).seats().filter(place__in=[each.place_id for each in now])
    with_whom: dict[int | None, list[User]] = {}
    for each in beside.exclude(user=pk).select_related("user").order_by("duty"):
        with_whom.setdefault(each.place_id, []).append(each.user)
    page = {
        "person": posts[0].user,
        "now": [
            (each, with_whom.get(each.place_id, []) if each.duty in SEATS else []) for each in now
        ],
        "before": [each for each in posts if each not in now],
        "seats": SEATS,
        "may_appoint": bool(scope.reach(request.user, Action.APPOINT)),
        "community": (posts[0].place or posts[0].branch).community,
    }
    return render(request, "board/person.html", page)
