"""Printing the forms: large, with boxes to tick and a code that leads to where it is typed in."""

import segno
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from reports import paper as process
from reports.models import ReportForm
from units import scope
from units.kinds import Kind
from units.models import Place
from units.refusals import forbidden
from units.scope import Action


@login_required
@require_safe
def paper(request: HttpRequest, code: str, form: str) -> HttpResponse:
    """A sheet for a place, or for every place below it: a whole block in one print."""
    place = get_object_or_404(
        Place.objects.visible_to(request.user, Action.SEE_REPORTS).select_related("community"),
        code=code,
    )
    try:
        chosen = ReportForm.published(form)
    except ReportForm.DoesNotExist:
        raise Http404 from None
    reaches = [scope.reach(request.user, each) for each in (Action.FILE, Action.FILE_FOR)]
    places = [
        each
        for each in process.places_for(chosen, place)
        if any(reach.holds(each) for reach in reaches)
    ]
    if not places:
        raise forbidden()
    week = request.GET.get("week", "").replace("\x00", "")[:10]
    period, sheets = process.sheets(chosen, places, week=week, at=timezone.now())
    is_own = reaches[0].holds(place) and place.kind >= Kind.BUILDING
    page = {
        "frame": "phone.html" if is_own else "base.html",
        "place": place,
        "community": place.community,
        "form": chosen,
        "period": period,
        "sheets": [(sheet, _code(request, sheet, place.community.code)) for sheet in sheets],
        "is_own": is_own,
    }
    return render(request, "reports/paper.html", page)


def _code(request: HttpRequest, sheet: process.Sheet, community: str) -> SafeString:
    """Leads to where staff type it in, marked as paper; a building's doors are on the wall."""
    place = sheet.place
    if sheet.obligation:
        of = {"code": place.code, "week": sheet.obligation.period.key}
        where = reverse("on-behalf", kwargs=of) + "?channel=paper&nil=no"
    elif place.kind == Kind.HOUSEHOLD:
        where = reverse("household-form", kwargs={"code": place.code}) + "?channel=paper"
    else:
        where = reverse("community-wall", kwargs={"code": community})
    address = request.build_absolute_uri(where)
    drawn = segno.make(address, error="m").svg_inline(svgclass=None, lineclass=None, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 (drawn here, from an address of ours)
