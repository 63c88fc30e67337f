"""Voices on the desk and on the group's phone, and the codes printed for the stairwells."""

from typing import Any
from uuid import UUID, uuid4

import segno
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.voices import answering, doorplates
from governance.voices.models import MAX_ANSWER, Doorplate, Voice
from reports.free_text import one_line
from units import scope, way_back
from units.kinds import Kind
from units.models import Place
from units.refusals import Refusal, forbidden
from units.scope import Action

A_PAGE, A_PHONE_PAGE = 50, 20


def _buildings(request: HttpRequest, code: str, action: Action) -> list[Place]:
    """The buildings of a community for which this person holds `action`; 404 without any in reach,
    403 when they may see buildings here but not do this."""
    here = Place.objects.active().filter(community__code=code, kind=Kind.BUILDING)
    found = list(
        here.filter(scope.reach(request.user, action).as_q())
        .select_related("community", "parent")
        .order_by("parent__code", "code")
    )
    if not found:
        if here.visible_to(request.user).exists():
            raise forbidden()
        raise Http404
    return found


@login_required
@require_safe
def voices(request: HttpRequest, code: str) -> HttpResponse:
    """The committee's list: what waits first, then all, by state, words, building or receipt."""
    buildings = _buildings(request, code, Action.HEAR)
    query, state = one_line(request.GET.get("q", "")), request.GET.get("state", "")
    # Also of buildings that are closed by now.
    heard = Voice.objects.visible_to(request.user).filter(community=buildings[0].community)
    counts = {each: heard.in_state(each).count() for each in Voice.State}
    shown = heard.in_state(state) if state in Voice.State else heard.unclosed()
    if query:
        shown = heard.filter(
            Q(words__icontains=query)
            | Q(place__name__icontains=query)
            | Q(receipt="".join(query.split()))
        )
    page = Paginator(shown.select_related("place"), A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "voices/voices.html",
        {
            "community": buildings[0].community,
            "page": page,
            "states": [(each, counts[each]) for each in Voice.State],
            "state": state,
            "query": query,
            "may_print": bool(scope.reach(request.user, Action.ANSWER)),
        },
    )


def _voice(request: HttpRequest, pk: int) -> Voice:
    return get_object_or_404(
        Voice.objects.visible_to(request.user).select_related(
            "place", "community", "accepted_by", "closed_by"
        ),
        pk=pk,
    )


def _voice_page(
    request: HttpRequest, voice: Voice, *, typed: str = "", refusal: Refusal | None = None
) -> HttpResponse:
    page = {
        "voice": voice,
        "community": voice.community,
        "may_answer": scope.reach(request.user, Action.ANSWER).holds(voice.place),
        "typed": typed,
        "batch": uuid4(),
        "most": MAX_ANSWER,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    return render(request, "voices/voice.html", page, status=refusal.status if refusal else 200)


@login_required
@never_cache
@require_safe
def voice(request: HttpRequest, pk: int) -> HttpResponse:
    return _voice_page(request, _voice(request, pk))


@login_required
@require_POST
def acceptance(request: HttpRequest, pk: int) -> HttpResponse:
    found = _voice(request, pk)
    scope.require(request.user, Action.ANSWER, found.place)
    answering.accept(found, by=request.user, at=timezone.now())
    # The answer is still to be written there.
    return way_back.onward(request, "voice", pk=pk)


@login_required
@require_POST
def closure(request: HttpRequest, pk: int) -> HttpResponse:
    found = _voice(request, pk)
    scope.require(request.user, Action.ANSWER, found.place)
    typed = one_line(request.POST.get("answer", ""))
    try:
        batch = _batch(request)
        answering.close(found, typed, batch=batch, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return _voice_page(request, _voice(request, pk), typed=typed, refusal=refusal)
    return way_back.go(request, done=batch) or redirect("voice", pk=pk)


def _batch(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("batch", ""))
    except ValueError as error:
        message = _("这页的内容不完整，请刷新后再写")
        raise Refusal("bad_envelope", message, 400) from error


@login_required
@require_safe
def group_voices(request: HttpRequest, code: str) -> HttpResponse:
    """On the group's phone: what residents chose to show it, and what became of it."""
    place = get_object_or_404(
        Place.objects.visible_to(request.user, Action.FILE)
        .filter(kind=Kind.BUILDING)
        .select_related("community"),
        code=code,
    )
    shown = Voice.objects.with_words().filter(place=place, shown_to_group=True)
    page = Paginator(shown, A_PHONE_PAGE).get_page(request.GET.get("page"))
    context = {"place": place, "community": place.community, "page": page}
    return render(request, "voices/group_voices.html", context)


# --- The codes --------------------------------------------------------------------------


@login_required
@require_http_methods(["GET", "POST"])
def doorplate_list(request: HttpRequest, code: str) -> HttpResponse:
    """Buildings by block with their codes; the button makes those that are wanting and prints."""
    buildings = _buildings(request, code, Action.ANSWER)
    if request.method == "POST":
        named = request.POST.get("of", "")
        chosen = [each for each in buildings if named in (each.code, each.parent.code)]
        doorplates.issue(chosen, by=request.user, at=timezone.now())
        return redirect(f"{reverse('doorplate-sheets', kwargs={'code': code})}?of={named}")
    in_force = Doorplate.objects.in_force().filter(place__in=buildings)
    plates = {plate.place_id: plate for plate in in_force.annotate(said=Count("voices"))}
    blocks: dict[Place, list[tuple[Place, Doorplate | None]]] = {}
    for place in buildings:
        blocks.setdefault(place.parent, []).append((place, plates.get(place.pk)))
    page = {
        "community": buildings[0].community,
        "blocks": list(blocks.items()),
        "total": len(buildings),
        "hung": len(plates),
    }
    return render(request, "voices/doorplates.html", page)


@login_required
@require_safe
def doorplate_sheets(request: HttpRequest, code: str) -> HttpResponse:
    """One A4 sheet a building, for one building or a whole block in one print."""
    buildings = _buildings(request, code, Action.ANSWER)
    named = request.GET.get("of", "")
    chosen = [each for each in buildings if named in ("", each.code, each.parent.code)]
    plates = Doorplate.objects.in_force().filter(place__in=chosen).select_related("place")
    sheets = [
        (plate.place, _code(request, plate))
        for plate in plates.order_by("place__parent__code", "place__code")
    ]
    page: dict[str, Any] = {
        "community": buildings[0].community,
        "sheets": sheets,
        "site": request.get_host(),
    }
    return render(request, "voices/sheets.html", page)


def _code(request: HttpRequest, plate: Doorplate) -> SafeString:
    address = request.build_absolute_uri(reverse("stairwell", kwargs={"token": plate.token}))
    drawn = segno.make(address, error="q").svg_inline(svgclass=None, lineclass=None, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 (drawn here, from an address of ours)


@login_required
@require_POST
def doorplate_replacement(request: HttpRequest, pk: int) -> HttpResponse:
    """A new code for a building: what hangs there now leads nowhere from this moment."""
    plate = get_object_or_404(
        Doorplate.objects.filter(
            scope.reach(request.user, Action.HEAR).as_q("place")
        ).select_related("place__community"),
        pk=pk,
    )
    scope.require(request.user, Action.ANSWER, plate.place)
    doorplates.replace(plate, by=request.user, at=timezone.now())
    where = reverse("doorplate-sheets", kwargs={"code": plate.place.community.code})
    return redirect(f"{where}?of={plate.place.code}")
