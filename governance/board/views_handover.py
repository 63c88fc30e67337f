"""The page of a hand-over card, for the phone and for one sheet of A4."""

import segno
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.board import handover
from units import scope
from units.kinds import Kind
from units.models import Place
from units.refusals import forbidden
from units.scope import Action


@login_required
@require_safe
@never_cache
def handover_card(request: HttpRequest, code: str) -> HttpResponse:
    """For who sits in the group, and for who hands out the cards to get in."""
    place = get_object_or_404(
        Place.objects.visible_to(request.user, Action.SEE_GROUPS)
        .active()
        .filter(kind=Kind.BUILDING)
        .select_related("community", "parent"),
        code=code,
    )
    is_own = scope.reach(request.user, Action.FILE).holds(place)
    if not is_own and not scope.reach(request.user, Action.INVITE).holds(place):
        raise forbidden()
    address = request.build_absolute_uri("/")
    drawn = segno.make(address, error="m").svg_inline(svgclass=None, lineclass=None, omitsize=True)
    page = handover.card(place, at=timezone.now()) | {
        "frame": "phone.html" if is_own else "base.html",
        "is_own": is_own,
        "address": address,
        "code_svg": mark_safe(drawn),  # noqa: S308 (drawn here, from an address of ours)
    }
    return render(request, "board/handover.html", page)
