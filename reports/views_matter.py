"""「我要上报」: a group tells what it saw, by two taps and perhaps a sentence and a photo."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from reports import answers, filing, matters, views_photos
from reports.catalogue import MATTER_REPORT
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
from reports.models import Filing, FormVersion, Report, ReportForm
from units import scope
from units.kinds import Kind
from units.models import Place
from units.refusals import Refusal, forbidden
from units.scope import Action

SHOWN, A_PAGE = 10, 30


def _own_building(request: HttpRequest, code: str) -> Place:
    return get_object_or_404(
        Place.objects.visible_to(request.user, Action.FILE)
        .active()
        .filter(kind=Kind.BUILDING)
        .select_related("community"),
        code=code,
    )


@login_required
@require_safe
def matter_kinds(request: HttpRequest, code: str) -> HttpResponse:
    """A tile a kind, and what this building told before."""
    place = _own_building(request, code)
    page = {
        "place": place,
        "community": place.community,
        "tiles": matters.tiles(_form().latest().definition),
        "told": matters.read(matters.told_in([place])[:SHOWN]),
    }
    return render(request, "reports/matter_kinds.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def matter_form(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """One sentence, a photo, 提交; of a household first its door."""
    place = _own_building(request, code)
    if kind in matters.AT_A_DOOR:
        return _doors(request, place, kind)
    form = _form()
    version = wording_of(form, request.POST.get("form_version", ""))
    if kind not in [value for value, _label, _door in matters.tiles(version.definition)]:
        raise Http404
    if request.method == "GET":
        envelope = new_envelope(base_rev=0, form_version=version.number)
        return _page(request, place, version, envelope, values={"kind": kind})
    said = read_answers(version.definition, request.POST) | {"kind": kind}
    return _send(request, place, read_envelope(request.POST), said)


def _doors(request: HttpRequest, place: Place, kind: str) -> HttpResponse:
    homes = Place.objects.active().filter(parent__parent=place, kind=Kind.HOUSEHOLD)
    page = {
        "place": place,
        "community": place.community,
        "kind": kind,
        "label": matters.AT_A_DOOR[kind],
        "homes": homes.order_by("code"),
    }
    return render(request, "reports/matter_doors.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def matter_amendment(request: HttpRequest, id: UUID) -> HttpResponse:
    """The next sending: the form again with what stands in it."""
    report, last = _told(request, id)
    version = wording_of(report.form, request.POST.get("form_version", ""))
    if request.method == "GET":
        envelope = new_envelope(base_rev=report.rev, form_version=version.number)
        return _page(request, report.place, version, envelope, values=last.answers, amends=last)
    said = read_answers(version.definition, request.POST)
    return _send(request, report.place, read_envelope(request.POST), said, report)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def matter_withdrawal(request: HttpRequest, id: UUID) -> HttpResponse:
    report, last = _told(request, id)
    version = report.form.latest()
    if request.method == "GET":
        envelope = new_envelope(base_rev=report.rev, form_version=version.number)
        return _page(request, report.place, version, envelope, amends=last, withdraws=True)
    return _send(request, report.place, read_envelope(request.POST), None, report)


@login_required
@require_safe
def matters_told(request: HttpRequest, code: str) -> HttpResponse:
    """The committee's list: what has no 回音 yet, the longest waiting first; or all of it."""
    here = Place.objects.active().filter(community__code=code, kind=Kind.BUILDING)
    mine = list(
        here.filter(scope.reach(request.user, Action.ANSWER).as_q()).select_related("community")
    )
    if not mine:
        if here.visible_to(request.user).exists():
            raise forbidden()
        raise Http404
    chosen = next((p for p in mine if p.code == request.GET.get("building")), None)
    told = matters.told_in([chosen] if chosen else mine)
    waiting = told.filter(is_answered=False)
    is_all = request.GET.get("all") == "1"
    shown = told if is_all else waiting.order_by("first_at", "pk")
    page = Paginator(shown, A_PAGE).get_page(request.GET.get("page"))
    return render(
        request,
        "reports/matters.html",
        {
            "may_remove_photos": bool(scope.reach(request.user, Action.AMEND_LOCKED)),
            "community": mine[0].community,
            "building": chosen,
            "page": page,
            "told": matters.read(page.object_list),
            "waiting": waiting.count(),
            "is_all": is_all,
        },
    )


def _form() -> ReportForm:
    try:
        return ReportForm.published(MATTER_REPORT)
    except ReportForm.DoesNotExist:
        raise Http404 from None


def _told(request: HttpRequest, id_: UUID) -> tuple[Report, Filing]:
    """The matter that a filing belongs to and its newest filing, of one's own building."""
    named = get_object_or_404(
        Filing.objects.visible_to(request.user)
        .filter(report__form__code=MATTER_REPORT)
        .select_related("report__place__community", "report__form"),
        pk=id_,
    )
    report = named.report
    scope.require(request.user, Action.FILE, report.place)
    return report, report.filings.select_related("by", "form_version").order_by("-rev")[0]


def _page(
    request: HttpRequest, place: Place, version: FormVersion, envelope: Envelope, **more: Any
) -> HttpResponse:
    refusal: Refusal | None = more.get("refusal")
    errors = refusal.fields if refusal else {}
    values: Mapping[str, Any] = more.pop("values", {})
    last: Filing | None = more.get("amends")
    kinds = {value: label for value, label, _door in matters.tiles(version.definition)}
    page = {
        "place": place,
        "community": place.community,
        "envelope": envelope,
        "fields": shown_fields(version.definition, values, errors, floors=[]),
        "kind": values.get("kind", ""),
        "label": kinds.get(values.get("kind", ""), ""),
        "errors": errors,
        "words": answers.in_words(last.form_version.definition, last.answers) if last else [],
        **more,
    }
    name = "matter_withdrawal" if more.get("withdraws") else "matter_form"
    return render(request, f"reports/{name}.html", page, status=refusal.status if refusal else 200)


def _send(
    request: HttpRequest,
    place: Place,
    envelope: Envelope,
    said: Mapping[str, Any] | None,
    report: Report | None = None,
) -> HttpResponse:
    """File and show the receipt; a refusal shows the form again with everything still in it."""
    form = _form()
    sending = Sending(
        id=envelope.id,
        by=request.user,
        channel=Filing.Channel.PAGE,
        base_rev=envelope.base_rev,
        withdraws=said is None,
        answers=said or {},
        form_version=envelope.form_version,
        made_at=envelope.made_at,
        reason=envelope.reason,
        happened_on=envelope.happened_on,
    )
    photo = request.FILES.get("photo")
    try:
        receipt = filing.file_event(place, form, sending, at=timezone.now(), report=report)
    except Refusal as refusal:
        version = wording_of(form, request.POST.get("form_version", ""))
        more: dict[str, Any] = {"refusal": refusal, "values": said or {}, "had_photo": bool(photo)}
        if refusal.code == "form_updated":
            before, version = version, form.latest()
            more["gone"] = no_longer_asked(before.definition, version.definition, said or {})
            envelope = replace(envelope, form_version=version.number)
        if report:
            last = report.filings.select_related("by", "form_version").order_by("-rev")[0]
            # What they have seen now is what the next try is made on.
            envelope = new_envelope(base_rev=last.rev, form_version=version.number)
            more |= {"amends": last, "withdraws": said is None}
        return _page(request, place, version, envelope, **more)
    if photo:
        return views_photos.add_from_page(request, receipt.filing, photo, is_new=True)
    return redirect("receipt", id=receipt.filing.pk)
