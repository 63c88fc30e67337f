"""The profile of a community and of a building, and writing down what buildings are like."""

from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.profiles import counting_cars, describing, pages, reach
from governance.profiles.forms import (
    AlikeForm,
    BuildingForm,
    FlatsForm,
    refused,
    show,
)
from governance.profiles.forms_facilities import ParkingForm
from governance.profiles.models import (
    BuildingProfile,
    Condition,
    Facility,
    FacilityKind,
    ParkingNeed,
)
from reports import free_text
from units import scope
from units.kinds import Kind
from units.models import Place
from units.refusals import Refusal
from units.scope import Action

A_PAGE = 50


@login_required
@never_cache
@require_safe
def community_profile(request: HttpRequest, code: str) -> HttpResponse:
    """People, housing, facilities and space of a community, or of the block in reach."""
    top = reach.top_of(request, code)
    page = pages.community(request.user, top, at=timezone.now())
    if not page["is_above"]:
        page |= _filtered(request, page["facilities"])
    return render(request, "profiles/community.html", page)


def _filtered(request: HttpRequest, facilities: list[Facility]) -> dict[str, Any]:
    """The rows of the table, by words, condition and kind; what asks for somebody first."""
    query = free_text.one_line(request.GET.get("q", ""))[:40]
    condition, kind = request.GET.get("condition", ""), request.GET.get("kind", "")
    shown = [
        each
        for each in facilities
        if (condition not in Condition.values or each.condition == condition)
        and (kind not in FacilityKind.values or each.kind == kind)
        and (query in each.name or query in each.place.name or query in each.note)
    ]
    order = [Condition.STOPPED, Condition.POOR, Condition.FAIR, Condition.GOOD]
    shown.sort(key=lambda each: order.index(Condition(each.condition)))
    return {
        "page": Paginator(shown, A_PAGE).get_page(request.GET.get("page")),
        "chosen": {"q": query, "condition": condition, "kind": kind},
        "filter": urlencode({"q": query, "condition": condition, "kind": kind}),
        "is_filtered": bool(query or condition or kind),
        "kinds": list(FacilityKind),
        "has_facilities": bool(facilities),
        "may_open": bool(scope.reach(request.user, Action.KEEP_PROFILE)),
    }


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def building_profile(request: HttpRequest, code: str) -> HttpResponse:
    """One building: read by its own group, written by the committee."""
    place = reach.building(request, code)
    if request.method != "POST":
        return _building_page(request, place)
    scope.require(request.user, Action.KEEP_PROFILE, place)
    facts = BuildingProfile.objects.filter(place=place).first()
    form, flats = BuildingForm(request.POST, instance=facts), FlatsForm(request.POST, place=place)
    try:
        _describe(request, place, form, flats)
    except Refusal as refusal:
        return _building_page(request, place, form=form, flats=flats, refusal=refusal)
    return redirect(f"{reverse('building-profile', kwargs={'code': code})}?saved=1")


def _building_page(
    request: HttpRequest,
    place: Place,
    *,
    form: BuildingForm | None = None,
    flats: FlatsForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    facts = BuildingProfile.objects.filter(place=place).first()
    keeps = scope.reach(request.user, Action.KEEP_PROFILE).holds(place)
    # After a stale one what was typed stays: saved once more it is made on what is there now.
    is_on_what_is_there = refusal is None or refusal.code == "stale"
    page = {
        "place": place,
        "community": place.community,
        "form": form or BuildingForm(instance=facts),
        "flats": flats or FlatsForm(place=place),
        "rev": (facts.rev if facts else 0) if is_on_what_is_there else request.POST.get("rev", ""),
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
        "may_keep": keeps,
        "saved": "saved" in request.GET,
        **pages.building(request.user, place, at=timezone.now()),
    }
    own = scope.reach(request.user, Action.FILE).holds(place) and not keeps
    template = "profiles/building_phone.html" if own else "profiles/building.html"
    return render(request, template, page, status=refusal.status if refusal else 200)


def _describe(request: HttpRequest, place: Place, form: BuildingForm, flats: FlatsForm) -> None:
    if not (form.is_valid() & flats.is_valid()):
        raise refused(form, flats)
    seen = request.POST.get("rev", "")
    if not seen.isdecimal() or len(seen) > 9:
        raise Refusal("bad_envelope", _("这页的内容不完整，请刷新后再填"), 400)
    try:
        describing.describe(
            place,
            form.facts,
            flats.flats,
            seen_rev=int(seen),
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        show(refusal, form, flats)
        raise


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def alike(request: HttpRequest, code: str) -> HttpResponse:
    """Several buildings filled in alike: old workers' housing was built by the row."""
    places = [p for p in reach.kept(request, code) if p.kind == Kind.BUILDING]
    if not places:
        raise Http404
    if request.method != "POST":
        return _alike_page(request, places, AlikeForm())
    form, named = AlikeForm(request.POST), set(request.POST.getlist("places"))
    try:
        if not form.is_valid():
            raise refused(form)
        written = describing.describe_alike(
            [place for place in places if place.code in named],
            form.facts,
            only_unknown=request.POST.get("over") != "yes",
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        show(refusal, form)
        return _alike_page(request, places, form, refusal=refusal)
    where = reverse("building-profiles", kwargs={"code": code})
    return redirect(f"{where}?written={written}")


def _alike_page(
    request: HttpRequest, places: list[Place], form: AlikeForm, *, refusal: Refusal | None = None
) -> HttpResponse:
    named = set(request.POST.getlist("places"))
    known = BuildingProfile.objects.in_bulk([p.pk for p in places], field_name="place_id")
    blocks: dict[Place, list[tuple[Place, BuildingProfile | None, bool]]] = {}
    for place in places:
        row = (place, known.get(place.pk), place.code in named)
        blocks.setdefault(place.parent, []).append(row)
    written = request.GET.get("written", "")
    page = {
        "community": reach.community_of(places),
        "blocks": list(blocks.items()),
        "form": form,
        "over": request.POST.get("over") == "yes",
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
        "written": written if written.isdecimal() and len(written) < 6 else "",
        "described": sum(each.rev > 0 for each in known.values()),
        "total": len(places),
    }
    return render(request, "profiles/alike.html", page, status=refusal.status if refusal else 200)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def parking_need(request: HttpRequest, code: str) -> HttpResponse:
    """How many cars want a space, as somebody has counted them; of the whole community only."""
    places = reach.kept(request, code)
    community = reach.community_of(places)
    scope.require(request.user, Action.KEEP_PROFILE, community.places.get(parent=None))
    form = ParkingForm(request.POST if request.method == "POST" else None)
    refusal = None
    if request.method == "POST":
        try:
            if not form.is_valid():
                raise refused(form)
            counting_cars.count_cars(
                community, **form.cleaned_data, by=request.user, at=timezone.now()
            )
        except Refusal as error:
            refusal = error
            show(error, form)
        else:
            return redirect(f"{reverse('community-profile', kwargs={'code': code})}#space")
    page = {
        "community": community,
        "form": form,
        "needs": ParkingNeed.objects.filter(community=community).select_related("by")[:20],
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    return render(request, "profiles/parking.html", page, status=refusal.status if refusal else 200)
