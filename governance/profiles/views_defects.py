"""「待确认的设施情况」: what reports call broken, confirmed or set aside by staff, with undo."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.profiles import confirming, intake, reach
from governance.profiles.intake import Item
from governance.profiles.models import Condition, DefectDecision, Facility
from reports.models import Report
from units.kinds import Kind
from units.models import Place
from units.refusals import Refusal
from units.scope import Action

A_PAGE = 20
NEW = "new"
_KEY = re.compile(r"(?P<kind>[\w-]{0,40}):(?P<seen>\d{1,15}\.\d{1,8}(?:,\d{1,15}\.\d{1,8}){0,60})")


@dataclass(frozen=True)
class Row:
    """An item with the facilities it may be about, those of its kind first."""

    item: Item
    choices: list[Facility]
    chosen: str


@login_required
@never_cache
@require_safe
def defects(request: HttpRequest, code: str) -> HttpResponse:
    return _page(request, code)


@login_required
@require_POST
def confirmation(request: HttpRequest, code: str) -> HttpResponse:
    """It is so: the chosen facility, or a new one, has the chosen condition."""
    places = reach.kept(request, code)
    post, batch = request.POST, _batch(request)
    kind, seen = _seen(request, places)
    try:
        confirming.confirm(
            seen,
            kind,
            facility=_facility(request, places, seen),
            condition=post.get("condition", ""),
            batch=batch,
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _page(request, code, refusal=refusal)
    return _back(code, done=batch)


@login_required
@require_POST
def setting_aside(request: HttpRequest, code: str) -> HttpResponse:
    places = reach.kept(request, code)
    batch = _batch(request)
    kind, seen = _seen(request, places)
    try:
        confirming.set_aside(
            seen,
            kind,
            reason=request.POST.get("reason", ""),
            batch=batch,
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _page(request, code, refusal=refusal)
    return _back(code, done=batch)


@login_required
@require_POST
def undoing(request: HttpRequest, code: str, batch: UUID) -> HttpResponse:
    """One's own press, within ten seconds."""
    reach.kept(request, code)
    if not _decided(request, code, batch):
        raise Http404
    try:
        confirming.undo(batch, by=request.user, at=timezone.now())
    except Refusal as refusal:
        return _page(request, code, refusal=refusal)
    return _back(code, undone=1)


def _page(request: HttpRequest, code: str, *, refusal: Refusal | None = None) -> HttpResponse:
    places, now = reach.kept(request, code), timezone.now()
    community = reach.community_of(places)
    items = intake.pending(request.user, community, at=now)
    page = Paginator(items, A_PAGE).get_page(request.GET.get("page"))
    refused = request.POST.get("item", "") if refusal else ""
    is_gone = refused not in {item.key for item in page.object_list}
    context = {
        "community": community,
        "page": page,
        "rows": _rows(page.object_list, places),
        "count": len(items),
        "conditions": list(Condition),
        "batch": uuid4(),
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
        "refused": refused,
        "typed": request.POST if refusal else {},
        "typed_elsewhere": request.POST.get("reason", "") if is_gone else "",
        "undone": "undone" in request.GET,
        **_done(request, code, now),
    }
    status = refusal.status if refusal else 200
    return render(request, "profiles/defects.html", context, status=status)


def _rows(items: list[Item], places: list[Place]) -> list[Row]:
    """In one query for all items."""
    in_reach = {place.pk for place in places}
    by_place: dict[int, list[Facility]] = {}
    facilities = Facility.objects.there().filter(place__in=in_reach).select_related("place")
    for each in facilities if items else []:
        by_place.setdefault(each.place_id, []).append(each)
    shared = [p.pk for p in places if p.kind == Kind.COMMUNITY]
    rows = []
    for item in items:
        here = by_place.get(item.place.pk, [])
        above = by_place.get(item.place.parent_id, [])
        around = [each for pk in shared for each in by_place.get(pk, [])]
        choices = sorted(here, key=lambda each: each.kind != item.facility_kind) + above + around
        known = [each for each in here if each.kind == item.facility_kind]
        fallback = NEW if item.facility_kind else ""
        rows.append(Row(item, choices, str(known[0].pk) if known else fallback))
    return rows


def _seen(request: HttpRequest, places: list[Place]) -> tuple[str, dict[int, int]]:
    """What the page showed: the kind, and each report with its sending; 404 out of reach."""
    key = _KEY.fullmatch(request.POST.get("item", ""))
    if key is None:
        raise Refusal("bad_envelope", _("没有选好是哪一条，请返回再试一次"), 400)
    pairs = (pair.split(".") for pair in key["seen"].split(","))
    seen = {int(report): int(rev) for report, rev in pairs}
    community = reach.community_of(places)
    mine = Report.objects.visible_to(request.user, Action.KEEP_PROFILE).filter(
        pk__in=seen, community=community
    )
    told = set(mine.values_list("pk", "place"))
    if len(told) < len(seen):
        raise Http404
    if len({place for _pk, place in told}) > 1:
        raise Refusal("bad_envelope", _("没有选好是哪一条，请返回再试一次"), 400)
    return key["kind"], seen


def _facility(request: HttpRequest, places: list[Place], seen: dict[int, int]) -> Facility | None:
    """The one chosen, of the building or of what is above it; None for a new one."""
    chosen = request.POST.get("facility", "")
    if chosen == NEW:
        return None
    if not chosen.isdecimal() or len(chosen) > 15:
        message = _("请选是哪一处设施；不在名单上的选“新设施”")
        raise Refusal("facility_required", message, fields={"facility": message})
    building = Report.objects.select_related("place").get(pk=min(seen)).place
    around = [p.pk for p in places if p.pk in (building.pk, building.parent_id)]
    around += [p.pk for p in places if p.kind == Kind.COMMUNITY]
    return get_object_or_404(Facility.objects.filter(place__in=around), pk=int(chosen))


def _decided(request: HttpRequest, code: str, batch: UUID) -> list[DefectDecision]:
    made = DefectDecision.objects.visible_to(request.user).filter(
        batch=batch, by=request.user, report__community__code=code
    )
    return list(made.select_related("condition__facility", "report__place"))


def _done(request: HttpRequest, code: str, now: datetime) -> dict[str, Any]:
    """What the press before this page came to, and for how long it can be undone."""
    try:
        batch = UUID(request.GET.get("done", ""))
    except ValueError:
        return {"done": None}
    decisions = [d for d in _decided(request, code, batch) if d.undone_at is None]
    if not decisions:
        return {"done": None}
    until = decisions[0].at + confirming.UNDO_WITHIN
    return {
        "done": batch,
        "decision": decisions[0],
        "seconds_left": max(0, int((until - now).total_seconds())),
    }


def _batch(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("batch", ""))
    except ValueError as error:
        message = _("这页的内容不完整，请刷新后再试")
        raise Refusal("bad_envelope", message, 400) from error


def _back(code: str, **told: object) -> HttpResponse:
    [(name, value)] = told.items()
    return redirect(f"{reverse('defects', kwargs={'code': code})}?{name}={value}")
