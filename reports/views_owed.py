"""What the level above does about an obligation: excuse, waive, open again after its lock."""

from datetime import timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from reports import obligations, review
from reports.panel import UNLOCK_DAYS
from reports.models import Obligation
from units import scope
from units.scope import Action


def _from_above(request: HttpRequest, code: str, week: str) -> Obligation:
    """404 out of reach; 403 for those whom the report is owed by: nobody excuses themselves."""
    obligation = _obligation(request, code, week)
    scope.require(request.user, Action.EXCUSE, obligation.place)
    scope.require_from_above(request.user, Action.EXCUSE, obligation.place)
    return obligation


def _obligation(request: HttpRequest, code: str, week: str) -> Obligation:
    return get_object_or_404(
        Obligation.objects.visible_to(request.user).select_related("place__community", "period"),
        place__code=code,
        period__key=week,
    )


@login_required
@require_POST
def excuse(request: HttpRequest, code: str, week: str) -> HttpResponse:
    obligation = _from_above(request, code, week)
    obligations.excuse(
        obligation, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
    )
    return redirect("report-detail", code=code, week=week)


@login_required
@require_POST
def excuse_ending(request: HttpRequest, code: str, week: str) -> HttpResponse:
    obligation = _from_above(request, code, week)
    obligations.end_excuse(obligation, by=request.user, at=timezone.now())
    return redirect("report-detail", code=code, week=week)


@login_required
@require_POST
def waiver(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """「不再催」"""
    obligation = _from_above(request, code, week)
    obligations.waive(
        obligation, reason=request.POST.get("reason", ""), by=request.user, at=timezone.now()
    )
    return redirect("report-detail", code=code, week=week)


@login_required
@require_POST
def waiver_ending(request: HttpRequest, code: str, week: str) -> HttpResponse:
    obligation = _from_above(request, code, week)
    obligations.end_waiver(obligation, by=request.user, at=timezone.now())
    return redirect("report-detail", code=code, week=week)


@login_required
@require_POST
def unlocking(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """Open one report again for some days."""
    obligation = _obligation(request, code, week)
    scope.require(request.user, Action.AMEND_LOCKED, obligation.place)
    now, days = timezone.now(), request.POST.get("days", "")
    review.unlock(
        obligation,
        reason=request.POST.get("reason", ""),
        until=now + timedelta(days=int(days) if days in map(str, UNLOCK_DAYS) else 0),
        by=request.user,
        at=now,
    )
    return redirect("report-detail", code=code, week=week)
