"""Household pages: what changed at a door, filed as an event by a seat or by staff."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reports import answers, filing, matters, photos
from reports.catalogue import HOUSEHOLD_REPORT
from reports.filing import Sending
from reports.forms import (
    Envelope,
    new_envelope,
    no_longer_asked,
    read_answers,
    read_envelope,
    shown_fields,
    wording_of,
)
from reports.models import Filing, FormVersion, Reply, Report, ReportForm, Summary
from units import scope, way_back
from units.kinds import Kind
from units.models import Place, User
from units.refusals import Refusal, forbidden
from units.scope import Action

# Answered by one tap each on the household's page; everything else is the form's.
QUICK = ("same", "nobody")
REPORTS_SHOWN = 12


def _household(request: HttpRequest, code: str) -> Place:
    """In reach and this person's to file for, or 404, or 403."""
    places = Place.objects.visible_to(request.user, Action.SEE_REPORTS)
    place = get_object_or_404(
        places.filter(kind=Kind.HOUSEHOLD).select_related("community", "parent__parent__parent"),
        code=code,
    )
    _require_filing(request.user, place)
    return place


def _require_filing(user: User, place: Place) -> None:
    if not any(scope.reach(user, each).holds(place) for each in (Action.FILE, Action.FILE_FOR)):
        raise forbidden()


def _page(
    user: User, place: Place, version: FormVersion, envelope: Envelope, **more: Any
) -> dict[str, Any]:
    refusal = more.get("refusal")
    errors = refusal.fields if refusal else {}
    values: Mapping[str, Any] = more.pop("values", {})
    now = Summary.objects.filter(place=place, period__kind="now").first()
    return {
        "place": place,
        "is_own": scope.reach(user, Action.FILE).holds(place),
        "building": place.parent.parent,
        "community": place.community,
        "envelope": envelope,
        "fields": shown_fields(version.definition, values, errors, floors=[]),
        "errors": errors,
        "residents": now.residents if now and now.households_counted else None,
        "today": timezone.localdate(),
        "layout": "phone.html" if scope.reach(user, Action.FILE).holds(place) else "base.html",
        **more,
    }


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def household(request: HttpRequest, code: str) -> HttpResponse:
    """One door: 无变化 and 没人在家 by one tap, 有变化 by the form, and what was said before."""
    place = _household(request, code)
    form = ReportForm.published(HOUSEHOLD_REPORT)
    version = form.latest()
    if request.method == "POST" and request.POST.get("situation") in QUICK:
        said = {"situation": request.POST["situation"], "source": "visit"}
        return _send(request, place, form, read_envelope(request.POST), said)
    if not scope.reach(request.user, Action.FILE).holds(place):
        # Who files for others works at a desk, where a door has the page of its place.
        return way_back.onward(request, "place", code=code)
    envelope = new_envelope(base_rev=0, form_version=version.number)
    before = Report.objects.standing().filter(place=place, is_event=True).order_by("-as_of", "-id")
    before = before.prefetch_related(Prefetch("replies", Reply.objects.standing()))
    told = [(report, _last(report)) for report in before[:REPORTS_SHOWN]]
    numbers = photos.numbers_of([last for _report, last in told])
    for _report, last in told:
        last.photo_numbers = numbers.get(last.pk, [])
    page = _page(request.user, place, version, envelope) | {
        "told": [(report, last, _words(last)) for report, last in told],
        "may_reply": scope.reach(request.user, Action.ANSWER).holds(place),
    }
    return render(request, "reports/household.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def household_form(request: HttpRequest, code: str) -> HttpResponse:
    place = _household(request, code)
    form = ReportForm.published(HOUSEHOLD_REPORT)
    version = wording_of(form, request.POST.get("form_version", ""))
    if request.method == "GET":
        envelope = new_envelope(
            base_rev=0, form_version=version.number, happened_on=timezone.localdate()
        )
        page = _page(
            request.user,
            place,
            version,
            envelope,
            values={"situation": "changed", "source": "visit"} | _asked_for(request),
        )
        return render(request, "reports/household_form.html", page)
    said = read_answers(version.definition, request.POST)
    return _send(request, place, form, read_envelope(request.POST), said)


def _asked_for(request: HttpRequest) -> dict[str, Any]:
    """What 「我要上报」 has asked already before it came to this door."""
    change = request.GET.get("changes", "")
    return {"changes": [change]} if change in matters.AT_A_DOOR else {}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def event_amendment(request: HttpRequest, id: UUID) -> HttpResponse:
    """The next filing of an event: the form again, with what stands in it."""
    report, last = _event(request, id)
    version = wording_of(report.form, request.POST.get("form_version", ""))
    if request.method == "GET":
        envelope = new_envelope(
            base_rev=report.rev, form_version=version.number, happened_on=report.as_of
        )
        page = _page(
            request.user, report.place, version, envelope, values=last.answers, amends=last
        )
        return render(request, "reports/household_form.html", page)
    said = read_answers(version.definition, request.POST)
    return _send(request, report.place, report.form, read_envelope(request.POST), said, report)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def event_withdrawal(request: HttpRequest, id: UUID) -> HttpResponse:
    report, last = _event(request, id)
    version = report.form.latest()
    if request.method == "GET":
        envelope = new_envelope(base_rev=report.rev, form_version=version.number)
        page = _page(request.user, report.place, version, envelope, amends=last, words=_words(last))
        return render(request, "reports/event_withdrawal.html", page)
    return _send(request, report.place, report.form, read_envelope(request.POST), None, report)


def _event(request: HttpRequest, id_: UUID) -> tuple[Report, Filing]:
    """The event report that a filing belongs to, and its newest filing."""
    named = get_object_or_404(
        Filing.objects.visible_to(request.user)
        .filter(report__form__code=HOUSEHOLD_REPORT)
        .select_related(
            "report__place__community", "report__place__parent__parent__parent", "report__form"
        ),
        pk=id_,
    )
    _require_filing(request.user, named.report.place)
    return named.report, _last(named.report)


def _last(report: Report) -> Filing:
    return report.filings.select_related("by", "form_version").order_by("-rev")[0]


def _words(last: Filing) -> list[tuple[str, str]]:
    return answers.in_words(last.form_version.definition, last.answers)


def _channel(request: HttpRequest, place: Place) -> Filing.Channel:
    """The code on a paper form brings staff here with the word that it was on paper."""
    is_own = scope.reach(request.user, Action.FILE).holds(place)
    if request.GET.get("channel") == "paper" and not is_own:
        return Filing.Channel.PAPER
    return Filing.Channel.PAGE


def _send(
    request: HttpRequest,
    place: Place,
    form: ReportForm,
    envelope: Envelope,
    said: Mapping[str, Any] | None,
    report: Report | None = None,
) -> HttpResponse:
    """File and show the receipt; a refusal shows the form again with everything still in it."""
    now = timezone.now()
    sending = Sending(
        id=envelope.id,
        by=request.user,
        channel=_channel(request, place),
        base_rev=envelope.base_rev,
        withdraws=said is None,
        answers=said or {},
        form_version=envelope.form_version,
        made_at=envelope.made_at,
        reason=envelope.reason,
        happened_on=envelope.happened_on,
    )
    may_amend = scope.reach(request.user, Action.AMEND_LOCKED).holds(place)
    try:
        receipt = filing.file_event(
            place, form, sending, at=now, report=report, may_amend_locked=may_amend
        )
    except Refusal as refusal:
        version = wording_of(form, request.POST.get("form_version", ""))
        more: dict[str, Any] = {"refusal": refusal, "values": said or {}}
        if refusal.code == "form_updated":
            before, version = version, form.latest()
            more["gone"] = no_longer_asked(before.definition, version.definition, said or {})
            more["values"] = read_answers(version.definition, request.POST)
            envelope = replace(envelope, form_version=version.number)
        if report:
            last = _last(report)
            more |= {"amends": last, "words": _words(last)}
            # What they have seen now is what the next try is made on.
            envelope = new_envelope(
                base_rev=last.rev,
                form_version=version.number,
                happened_on=envelope.happened_on,
            )
        name = "household_form" if said is not None else "event_withdrawal"
        page = _page(request.user, place, version, envelope, **more)
        return render(request, f"reports/{name}.html", page, status=refusal.status)
    return redirect("receipt", id=receipt.filing.pk)
