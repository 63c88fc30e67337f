"""Printing the cards that bind group members' phones."""

from typing import Any

import segno
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from units import invitations, members, scope
from units.models import Community, Invitation, Place, User
from units.refusals import Refusal, forbidden
from units.scope import Action

PEOPLE_A_PAGE = 50


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def cards(request: HttpRequest, code: str) -> HttpResponse:
    """Choose who gets a card; the answer is the cards themselves, one a page, this once."""
    at = timezone.now()
    community = _community(request, code)
    blocks = list(members.blocks_in_reach(request.user, community))
    block = next((each for each in blocks if each.code == request.GET.get("block")), None)
    query = request.GET.get("q", "").replace("\0", "").strip()
    seats = members.seats_in_reach(request.user, community, block=block, at=at)
    people = members.people_of(seats, query=query, at=at)
    without = members.may_get_cards(people).filter(phones=0)
    without = without.exclude(pk__in=Invitation.objects.open(at).values("user"))
    refusal = None
    if request.method == "POST":
        chosen = _chosen(request, people, without)
        try:
            return _print(request, community, seats, chosen)
        except Refusal as refused:
            refusal = refused
    found = Paginator(people, PEOPLE_A_PAGE).get_page(request.GET.get("page"))
    facts = {
        "community": community,
        "blocks": blocks,
        "block": block,
        "query": query,
        "refusal": refusal,
        "page": found,
        "members": members.members(list(found.object_list), seats, at=at),
        "without": without.count(),
    }
    return render(request, "units/cards.html", facts, status=refusal.status if refusal else 200)


def _community(request: HttpRequest, code: str) -> Community:
    """404 outside one's places; 403 for who sees the groups but prints no cards."""
    places = Place.objects.visible_to(request.user, Action.SEE_GROUPS).filter(community__code=code)
    if not places.exists():
        raise Http404
    may = Place.objects.filter(scope.reach(request.user, Action.INVITE).as_q())
    if not may.filter(community__code=code).exists():
        raise forbidden()
    return get_object_or_404(Community, code=code)


def _chosen(request: HttpRequest, people: Any, without: Any) -> list[User]:
    if request.POST.get("whom") == "without":
        return list(without)
    ticked = set(request.POST.getlist("person"))
    return [each for each in people if str(each.pk) in ticked]


def _print(request: HttpRequest, community: Community, seats: Any, people: list[User]) -> Any:
    if not people:
        raise Refusal("nobody_chosen", _("还没有选人，请在姓名前打勾"))
    at = timezone.now()
    made = {
        card.invitation.user_id: card for card in invitations.invite(people, by=request.user, at=at)
    }
    address = request.build_absolute_uri(reverse("enter"))
    printed = [
        {
            "member": member,
            "card": made[member.user.pk],
            "code_svg": _drawn(f"{address}#{made[member.user.pk].code}"),
        }
        for member in members.members(people, seats, at=at)
    ]
    facts = {"community": community, "printed": printed, "domain": request.get_host()}
    return render(request, "units/cards_printed.html", facts)


def _drawn(address: str) -> str:
    drawn = segno.make(address, error="q").svg_inline(svgclass=None, lineclass=None, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 (of our own making)
