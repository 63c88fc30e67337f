"""One facility: put on the list, corrected, looked at, taken off."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.profiles import inspecting, reach
from governance.profiles.forms import refused, show
from governance.profiles.forms_facilities import FacilityForm, InspectionForm, NewFacilityForm
from governance.profiles.models import Facility
from units.models import Place
from units.refusals import Refusal


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def facility_addition(request: HttpRequest, code: str) -> HttpResponse:
    places = reach.kept(request, code)
    allowed = Place.objects.filter(pk__in=[place.pk for place in places]).order_by("kind", "code")
    data = request.POST if request.method == "POST" else None
    form = NewFacilityForm(data, places=allowed, initial={"place": request.GET.get("place")})
    refusal = None
    if data is not None:
        try:
            if not form.is_valid():
                raise refused(form)
            made = inspecting.add(
                form.cleaned_data["place"],
                form.facts,
                condition=form.cleaned_data["condition"],
                on=form.cleaned_data["on"],
                by=request.user,
                at=timezone.now(),
            )
        except Refusal as error:
            refusal = error
            show(error, form)
        else:
            return redirect("facility", pk=made.pk)
    page = {
        "community": reach.community_of(places),
        "form": form,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    status = refusal.status if refusal else 200
    return render(request, "profiles/facility_addition.html", page, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def facility(request: HttpRequest, pk: int) -> HttpResponse:
    """Its history, and its facts to be corrected."""
    found = reach.facility(request, pk)
    if request.method != "POST":
        return _page(request, found)
    # On a row of its own: a form writes into its instance before anything is checked.
    form = FacilityForm(request.POST, instance=Facility.objects.get(pk=pk))
    try:
        if not form.is_valid():
            raise refused(form)
        inspecting.correct(
            found, form.facts, seen_rev=_rev(request), by=request.user, at=timezone.now()
        )
    except Refusal as refusal:
        return _page(request, found, refusal=refusal, form=form)
    return _back(pk, "saved")


@login_required
@require_POST
def facility_inspection(request: HttpRequest, pk: int) -> HttpResponse:
    found = reach.facility(request, pk)
    form = InspectionForm(request.POST)
    try:
        if not form.is_valid():
            raise refused(form)
        inspecting.inspect(found, **form.cleaned_data, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return _page(request, found, refusal=refusal, inspection=form)
    return _back(pk, "inspected")


@login_required
@require_POST
def facility_removal(request: HttpRequest, pk: int) -> HttpResponse:
    found = reach.facility(request, pk)
    try:
        inspecting.remove(found, request.POST.get("reason", ""), by=request.user, at=timezone.now())
    except Refusal as refusal:
        return _page(request, found, refusal=refusal, reason=request.POST.get("reason", ""))
    return _back(pk, "removed")


def _page(
    request: HttpRequest,
    found: Facility,
    *,
    refusal: Refusal | None = None,
    form: FacilityForm | None = None,
    inspection: InspectionForm | None = None,
    reason: str = "",
) -> HttpResponse:
    if refusal and form:
        show(refusal, form)
    if refusal and inspection:
        show(refusal, inspection)
    is_stale = refusal is not None and refusal.code == "stale"
    found = Facility.objects.select_related("place__community", "place__parent").get(pk=found.pk)
    page: dict[str, Any] = {
        "facility": found,
        "place": found.place,
        "community": found.place.community,
        "form": form or FacilityForm(instance=Facility.objects.get(pk=found.pk)),
        "inspection": inspection
        or InspectionForm(initial={"on": timezone.localdate(), "condition": found.condition}),
        "rev": found.rev if is_stale or not form else request.POST.get("rev", ""),
        "history": found.conditions.select_related(
            "by", "filing__report__place", "filing__report__obligation__period"
        ),
        "reason": reason,
        "is_removing": bool(refusal) and not form and not inspection,
        "done": next((d for d in ("saved", "inspected", "removed") if d in request.GET), ""),
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    status = refusal.status if refusal else 200
    return render(request, "profiles/facility.html", page, status=status)


def _rev(request: HttpRequest) -> int:
    seen = request.POST.get("rev", "")
    if not seen.isdecimal() or len(seen) > 9:
        raise Refusal("bad_envelope", _("这页的内容不完整，请刷新后再填"), 400)
    return int(seen)


def _back(pk: int, done: str) -> HttpResponse:
    return redirect(f"{reverse('facility', kwargs={'pk': pk})}?{done}=1")
