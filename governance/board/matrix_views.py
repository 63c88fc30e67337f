"""The page of 报告情况: which building's report of which week is in; and the same as a file."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_POST, require_safe

from governance.board import matrix, matrix_file
from governance.board.live import live_token
from governance.board.matrix_choice import Choice
from reports.views_exports import attachment
from units import scope
from units.kinds import Kind
from units.models import Community, Place, User
from units.scope import Action


@login_required
@require_safe
def filing_matrix(request: HttpRequest, code: str) -> HttpResponse:
    """Reports of the buildings in reach, by week; with `X-Part: figures` only the table."""
    page = _page(request, _places(request, code), _community(code))
    part = "_" if request.headers.get("X-Part") == "figures" else ""
    response = render(request, f"board/{part}filing_matrix.html", page)
    patch_vary_headers(response, ["X-Part"])
    return response


@login_required
@require_POST
def filing_matrix_file(request: HttpRequest, code: str) -> HttpResponse:
    """The rows that the page at the same query shows, to the same eyes."""
    places, of, now = _places(request, code), _community(code), timezone.now()
    kind, purpose = matrix_file.order(request.POST.get("kind", ""), request.POST.get("purpose", ""))
    choice = Choice(request.GET, matrix.weeks_of(of), [place.parent for place in places])
    shown = [place for place in places if choice.block in ("", place.parent.code)]
    whole = matrix.build(shown, choice.weeks, may_file_for=False, at=now)
    narrowed = whole.narrowed(choice.only)
    return attachment(*matrix_file.make(narrowed, kind, purpose, of=of, by=request.user, at=now))


def _places(request: HttpRequest, code: str) -> list[Place]:
    """The buildings whose reports this person reads, or 404."""
    visible = Place.objects.visible_to(request.user, Action.SEE_REPORTS).active()
    places = list(
        visible.filter(community__code=code, kind=Kind.BUILDING)
        .select_related("parent")
        .order_by("code")
    )
    if not places:
        raise Http404
    return places


def _community(code: str) -> Community:
    return Community.objects.select_related("division").get(code=code)


def _page(request: HttpRequest, places: list[Place], of: Community) -> dict[str, Any]:
    now, user = timezone.now(), request.user
    periods = matrix.weeks_of(of)
    choice = Choice(request.GET, periods, [place.parent for place in places])
    shown = [place for place in places if choice.block in ("", place.parent.code)]
    may_file_for = all(scope.reach(user, Action.FILE_FOR).holds(place) for place in places)
    whole = matrix.build(shown, choice.weeks, may_file_for=may_file_for, at=now)
    return {
        "community": of,
        "choice": choice,
        "query": choice.query(),
        "block_word": of.division.label_of(Kind.BLOCK),
        "building_word": of.division.label_of(Kind.BUILDING),
        "whole": whole,
        "matrix": whole.narrowed(choice.only),
        "newest": choice.weeks[0] if choice.weeks else None,
        "may_file_for": may_file_for,
        "may_see_groups": _sees_groups(user, places),
        "computed_at": now,
        "live_token": live_token(choice.weeks[0] if choice.weeks else None, _tops(user, places)),
    }


def _sees_groups(user: User, places: list[Place]) -> bool:
    reach = scope.reach(user, Action.SEE_GROUPS)
    return all(reach.holds(place) for place in places)


def _tops(user: User, places: list[Place]) -> list[Place]:
    """The blocks of what is shown: a building's report changes its block's figures. Of who sees
    only some of a block's buildings, these: the block's would tell of the others."""
    reach = scope.reach(user, Action.SEE_REPORTS)
    tops = [place.parent if reach.holds(place.parent) else place for place in places]
    return list({top.pk: top for top in tops}.values())
