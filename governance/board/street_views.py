"""The street's pages: the week in one view, trends, and the wall screen."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.board import street_pages, street_screen, street_trends
from governance.board.views import page_or_part
from units import scope
from units.models import Division
from units.scope import Action


def _division(request: HttpRequest, code: str) -> Division:
    if code not in scope.reach(request.user, Action.SEE_FIGURES).divisions:
        raise Http404
    return get_object_or_404(Division, code=code)


@login_required
@require_safe
def street_board(request: HttpRequest, code: str) -> HttpResponse:
    page = street_pages.street(
        request.user,
        _division(request, code),
        week=request.GET.get("week", ""),
        is_compared="compare" in request.GET,
        at=timezone.now(),
    )
    return page_or_part(request, "board/street", page, is_shared=True)


@login_required
@require_safe
def street_trends_page(request: HttpRequest, code: str) -> HttpResponse:
    division = _division(request, code)
    page = street_trends.page(request.user, division, request.GET, at=timezone.now())
    return render(request, "board/street_trends.html", page)


@login_required
@require_safe
def screen(request: HttpRequest, code: str) -> HttpResponse:
    """For a wall: nothing to press, it keeps itself true and says when it cannot."""
    page = street_screen.page(request.user, _division(request, code), at=timezone.now())
    return page_or_part(request, "board/street_screen", page, is_shared=True)
