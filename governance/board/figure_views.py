"""The catalogue of measures, the page of one figure, and a stored sheet."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.board import catalogue, provenance
from reports import measures, sources
from reports.measures import Measure
from reports.models import Period, Sheet
from reports.models.sheet import SheetQuerySet
from reports.provenance import deepest
from units import scope
from units.models import Division, Place
from units.scope import Action


@login_required
@require_safe
def measures_page(request: HttpRequest) -> HttpResponse:
    place = catalogue.place_of(request.user, request.GET.get("place", ""))
    page = catalogue.measures_page(request.user, place, at=timezone.now())
    return render(request, "board/measures.html", page)


@login_required
@require_safe
def figure(request: HttpRequest, code: str, place: str, period: str) -> HttpResponse:
    """Where a figure comes from, one step; a street's figure is of its communities."""
    of_period = get_object_or_404(Period, key=period)
    measure = _measure(code, of_period)
    now = timezone.now()
    if place in scope.reach(request.user, Action.SEE_FIGURES).divisions:
        division = get_object_or_404(Division, code=place)
        page = provenance.of_division(request.user, measure, division, of_period, at=now)
    else:
        here = get_object_or_404(
            Place.objects.visible_to(request.user)
            .filter(kind__lte=deepest(measure))
            .select_related("community__division", "parent"),
            code=place,
        )
        sheet = _sheet(request, here, of_period)
        page = provenance.of_place(request.user, measure, here, of_period, at=now, sheet=sheet)
    return render(request, "board/figure.html", page)


@login_required
@require_safe
def sheet(request: HttpRequest, id: UUID) -> HttpResponse:
    stored = get_object_or_404(_sheets(request), pk=id)
    page = catalogue.sheet_page(request.user, stored, at=timezone.now())
    return render(request, "board/sheet.html", page)


def _measure(code: str, period: Period) -> Measure:
    """In the version of the period's last day, or 404."""
    is_now = period.kind == Period.PeriodKind.NOW
    try:
        measure = measures.in_force(code, timezone.localdate() if is_now else period.ends_on)
    except KeyError:
        raise Http404 from None
    if period.kind not in measure.periods:
        raise Http404
    return measure


def _sheet(request: HttpRequest, place: Place, period: Period) -> Sheet | None:
    """The stored sheet that is asked for, or 404 when it is not of this place and period."""
    asked = request.GET.get("sheet", "")
    if not asked:
        return None
    try:
        sheet = get_object_or_404(_sheets(request), pk=UUID(asked))
    except ValueError:
        raise Http404 from None
    is_of_period = period.kind == Period.PeriodKind.NOW or sheet.period_id == period.pk
    if not is_of_period or place.pk not in sources.places_behind(sheet.place, sheet.period):
        raise Http404
    return sheet


def _sheets(request: HttpRequest) -> SheetQuerySet:
    return Sheet.objects.visible_to(request.user).select_related(
        "place__community__division", "period", "taken_by"
    )
