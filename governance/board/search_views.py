"""The search page, and the suggestions that the box in the head shows while one types."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.board import search
from units import scope
from units.scope import Action

FIRST, A_PAGE = 10, 50


@login_required
@never_cache
@require_safe
def search_page(request: HttpRequest) -> HttpResponse:
    """What was found, a few of each kind, or one kind in pages. A place that was named goes there
    at once."""
    typed = request.GET.get("q", "").replace("\x00", "").strip()
    page: dict[str, Any] = {"q": typed, "searched": typed, "parts": [], **_searchable(request)}
    if typed:
        found = search.find(request.user, typed, at=timezone.now())
        chosen = next((part for part in found.parts if part.code == request.GET.get("in")), None)
        if chosen:
            rows = Paginator(chosen.rows, A_PAGE).get_page(request.GET.get("page"))
            page |= {"chosen": chosen, "page": rows}
        elif only := found.only_place:
            return redirect("place", code=only.code)
        else:
            page["parts"] = [shown for part in found.parts if (shown := _shown(part))["total"]]
    return render(request, "board/search.html", page)


def _shown(part: search.Part) -> dict[str, Any]:
    total = Paginator(part.rows, FIRST).count
    return {
        "code": part.code,
        "label": part.label,
        "rows": part.rows[:FIRST],
        "total": total,
        "has_more": total > FIRST,
    }


def _searchable(request: HttpRequest) -> dict[str, bool]:
    """What this person can look for at all, to be said when nothing was found."""
    homes = scope.reach(request.user, Action.SEE_FIGURES).spans
    return {
        "has_homes": bool(homes),
        "has_people": bool(scope.reach(request.user, Action.SEE_GROUPS)),
        "has_voices": bool(scope.reach(request.user, Action.HEAR)),
    }


@login_required
@never_cache
@require_safe
def suggestions(request: HttpRequest) -> HttpResponse:
    typed = request.GET.get("q", "").replace("\x00", "").strip()
    found = search.suggest(request.user, typed, at=timezone.now()) if typed else None
    return render(request, "board/_suggestions.html", {"q": typed, "found": found})
