"""The page of 报告情况: which building's report of which week is in."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.views.decorators.http import require_safe

from governance.board import matrix
from governance.board.live import live_token
from governance.board.matrix_choice import Choice
from units import scope
from units.kinds import Kind
from units.models import Community, Place, User
from units.scope import Action


@login_required
@require_safe
def filing_matrix(request: HttpRequest, code: str) -> HttpResponse:
    """Reports of the buildings in reach, by week; with `X-Part: figures` only the table."""
    visible = Place.objects.visible_to(request.user, Action.SEE_REPORTS).active()
    places = list(
        visible.filter(community__code=code, kind=Kind.BUILDING)
        .select_related("parent")
        .order_by("code")
    )
    if not places:
        raise Http404
    page = _page(request, places, Community.objects.select_related("division").get(code=code))
    part = "_" if request.headers.get("X-Part") == "figures" else ""
    response = render(request, f"board/{part}filing_matrix.html", page)
    patch_vary_headers(response, ["X-Part"])
    return response


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
