"""The page where staff paste a group's chain, look once, and pass it on."""

import re
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reports import obligations
from reports.chain.passing_on import Chain, look_at, pass_on
from reports.models import Period
from units import scope
from units.kinds import Kind
from units.models import Community, Place
from units.refusals import Refusal
from units.scope import Action


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def chain(request: HttpRequest, code: str) -> HttpResponse:
    """Paste → look at every line → pass on what is ticked; each answer has its receipt."""
    community = get_object_or_404(Community, code=code)
    places = _places(request, community)
    period = _period(request.POST.get("period", ""), community)
    text, step = request.POST.get("text", ""), request.POST.get("step", "")
    page = {"community": community, "period": period, "text": text, "refusal": None}
    if request.method == "GET" or period is None:
        return render(request, "reports/chain.html", page)
    now = timezone.now()
    try:
        if not text.strip():
            raise Refusal("text_required", _("请把群里的接龙贴进来"))
        found = look_at(text, places, period=period.pk, ids=_ids(request), at=now)
    except Refusal as refusal:
        page |= {"refusal": refusal, "errors": refusal.fields or {"text": refusal.message}}
        return render(request, "reports/chain.html", page, status=refusal.status)
    if step == "pass_on":
        chosen = set(request.POST.getlist("chosen"))
        pass_on([row for row in found.rows if row.place.code in chosen], by=request.user, at=now)
    page |= _shown(found, is_done=step == "pass_on")
    return render(request, "reports/chain.html", page)


def _shown(found: Chain, *, is_done: bool) -> dict[str, object]:
    return {
        "rows": found.rows,
        "unmatched": found.unmatched,
        "ready": sum(not row.problem for row in found.rows),
        "filed": sum(bool(row.receipt) for row in found.rows),
        "is_done": is_done,
        "is_read": True,
    }


def _places(request: HttpRequest, community: Community) -> dict[int, Place]:
    """Buildings that this person may file for, by their number. Raises 404, or 403."""
    places = Place.objects.visible_to(request.user, Action.FILE_FOR).active()
    found = {}
    for place in places.filter(community=community, kind=Kind.BUILDING):
        number = re.match(r"\D*(\d+)", place.name)
        if number:
            found[int(number[1])] = place
    if not found:
        root = Place.objects.visible_to(request.user).filter(community=community).first()
        if root is None:
            raise Http404
        scope.require(request.user, Action.FILE_FOR, root)
    return found


def _period(key: str, community: Community) -> Period | None:
    if key:
        return Period.objects.filter(kind=Period.PeriodKind.WEEK, key=key[:10]).first()
    return obligations.latest_opened(community)


def _ids(request: HttpRequest) -> dict[int, UUID]:
    """What the page that was looked at called each row, so that passing on twice files once."""
    ids = {}
    for name, value in request.POST.items():
        if name.startswith("id-") and name[3:].isdecimal():
            try:
                ids[int(name[3:])] = UUID(value)
            except ValueError:
                continue
    return ids
