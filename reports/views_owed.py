"""What the level above does about an obligation: excuse, waive, open again after its lock."""

from collections.abc import Callable
from datetime import datetime, timedelta

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST

from reports import obligations, review
from reports.models import Obligation
from reports.panel import UNLOCK_DAYS
from reports.views_report import obligation_in_reach, report_page
from units import scope
from units.refusals import Refusal
from units.scope import Action


@login_required
@require_POST
def excuse(request: HttpRequest, code: str, week: str) -> HttpResponse:
    obligation = _from_above(request, code, week)
    reason = request.POST.get("reason", "")
    return _do(
        request,
        obligation,
        "excuse",
        lambda at: obligations.excuse(obligation, reason=reason, by=request.user, at=at),
    )


@login_required
@require_POST
def excuse_ending(request: HttpRequest, code: str, week: str) -> HttpResponse:
    obligation = _from_above(request, code, week)
    return _do(
        request,
        obligation,
        "excuse",
        lambda at: obligations.end_excuse(obligation, by=request.user, at=at),
    )


@login_required
@require_POST
def waiver(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """「不再催」"""
    obligation = _from_above(request, code, week)
    reason = request.POST.get("reason", "")
    return _do(
        request,
        obligation,
        "waiver",
        lambda at: obligations.waive(obligation, reason=reason, by=request.user, at=at),
    )


@login_required
@require_POST
def waiver_ending(request: HttpRequest, code: str, week: str) -> HttpResponse:
    obligation = _from_above(request, code, week)
    return _do(
        request,
        obligation,
        "waiver",
        lambda at: obligations.end_waiver(obligation, by=request.user, at=at),
    )


@login_required
@require_POST
def unlocking(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """Open one report again for some days."""
    obligation = obligation_in_reach(request, code, week)
    scope.require(request.user, Action.AMEND_LOCKED, obligation.place)
    reason, days = request.POST.get("reason", ""), request.POST.get("days", "")
    length = timedelta(days=int(days) if days in map(str, UNLOCK_DAYS) else 0)
    return _do(
        request,
        obligation,
        "unlocking",
        lambda at: review.unlock(
            obligation, reason=reason, until=at + length, by=request.user, at=at
        ),
    )


def _from_above(request: HttpRequest, code: str, week: str) -> Obligation:
    """404 out of reach; 403 for those who owe the report: nobody excuses themselves."""
    obligation = obligation_in_reach(request, code, week)
    scope.require(request.user, Action.EXCUSE, obligation.place)
    scope.require_from_above(request.user, Action.EXCUSE, obligation.place)
    return obligation


def _do(
    request: HttpRequest, obligation: Obligation, door: str, process: Callable[[datetime], object]
) -> HttpResponse:
    """Back to the report's page, or the page again with the sentence and what was typed."""
    try:
        process(timezone.now())
    except Refusal as refusal:
        return report_page(request, obligation, door=door, refusal=refusal)
    return redirect("report-detail", code=obligation.place.code, week=obligation.period.key)
