"""The calendar: holidays of a year, and how often each community reports."""

import re
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from reports import calendar, free_text, obligations, schedule
from reports.catalogue import BLOCK_REPORT
from reports.models import Holiday
from units import scope
from units.models import Community, Place, User
from units.refusals import Refusal, forbidden
from units.scope import Action


@login_required
@never_cache
@require_safe
def calendar_page(request: HttpRequest) -> HttpResponse:
    return _page(request)


@login_required
@require_POST
def days(request: HttpRequest) -> HttpResponse:
    """A day off, or a weekend day worked."""
    _require_to_set(request.user)
    post = request.POST
    try:
        holiday = schedule.declare_day(
            _day(post.get("day", "")),
            works=post.get("works") == "yes",
            name=post.get("name", ""),
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _page(request, refusal=refusal)
    return redirect(f"{reverse('calendar')}?year={holiday.day.year}")


@login_required
@require_POST
def day_removal(request: HttpRequest, day: str) -> HttpResponse:
    _require_to_set(request.user)
    try:
        chosen = date.fromisoformat(day)
    except ValueError as error:
        raise Http404 from error
    schedule.remove_day(chosen, by=request.user, at=timezone.now())
    return redirect(f"{reverse('calendar')}?year={chosen.year}")


@login_required
@require_POST
def rhythm(request: HttpRequest, code: str) -> HttpResponse:
    """How often the blocks of a community report, from next month on."""
    communities = Community.objects.filter(division__in=_divisions(request.user))
    community = get_object_or_404(communities, code=code)
    if community.division_id not in scope.reach(request.user, Action.SET_CALENDAR).divisions:
        raise forbidden()
    schedule.set_rhythm(
        community,
        BLOCK_REPORT,
        request.POST.get("rhythm", ""),
        by=request.user,
        at=timezone.now(),
    )
    return redirect("calendar")


def _page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    """Readable for the committee, to be set by the street officer."""
    now, today = timezone.now(), timezone.localdate()
    communities = _communities(request.user)
    if not communities:
        raise forbidden()
    asked = request.GET.get("year", "")
    year = int(asked) if re.fullmatch(r"2\d{3}", asked, re.ASCII) else today.year
    begins = schedule.starts_on(now)
    context = {
        "year": year,
        "years": sorted({today.year, today.year + 1, year}),
        "today": today,
        "holidays": Holiday.objects.filter(day__year=year),
        "missing_years": calendar.years_without_holidays(today),
        "may_set": bool(scope.reach(request.user, Action.SET_CALENDAR)),
        "rhythms": [_rhythm_of(each, today, begins) for each in communities],
        "choices": schedule.CHOICES[BLOCK_REPORT],
        "begins": begins,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
        "typed": request.POST if refusal else {},
    }
    return render(
        request, "reports/calendar.html", context, status=refusal.status if refusal else 200
    )


def _rhythm_of(community: Community, today: date, begins: date) -> dict[str, Any]:
    return {
        "community": community,
        "forms": [
            (obligations.rhythm_of(community, owed.code, today).label, owed.code)
            for owed in obligations.OWED
        ],
        "now": obligations.rhythm_of(community, BLOCK_REPORT, today),
        "next": obligations.rhythm_of(community, BLOCK_REPORT, begins),
    }


def _communities(user: User) -> list[Community]:
    """Of the street, or the one whose committee this person is of; nobody else reads it."""
    committee = scope.reach(user, Action.REVIEW).as_q() | scope.reach(user, Action.APPOINT).as_q()
    own = Place.objects.filter(committee).values("community")
    return list(
        Community.objects.filter(Q(division__in=_divisions(user)) | Q(pk__in=own)).order_by("code")
    )


def _divisions(user: User) -> list[str]:
    return list(scope.reach(user, Action.SEE_REPORTS).divisions)


def _require_to_set(user: User) -> None:
    if not scope.reach(user, Action.SET_CALENDAR):
        raise forbidden()


def _day(text: str) -> date:
    try:
        return date.fromisoformat(free_text.normalise(text))
    except ValueError as error:
        message = _("请选日期")
        raise Refusal("not_a_day", message, fields={"day": message}) from error
