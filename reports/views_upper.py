"""Pages of block and community reports, on the desk: list, read, write, withdraw, refresh."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports import corrections as below
from reports import coverage, filing, finding, upper, written
from reports.filing import Seen, Sending
from reports.forms import (
    Envelope,
    inputs,
    new_envelope,
    read_answers,
    read_envelope,
    shown_fields,
)
from reports.models import Filing, FormVersion, Obligation
from units import scope, way_back
from units.models import User
from units.refusals import Refusal
from units.scope import Action

PER_PAGE = 30


def _obligation(request: HttpRequest, code: str, period: str) -> Obligation:
    """In reach, or 404."""
    return get_object_or_404(
        upper.owed(request.user).select_related(
            "place__parent", "place__community__division", "period", "form", "report"
        ),
        place__code=code,
        period__key=period,
    )


def _to_write(request: HttpRequest, code: str, period: str) -> Obligation:
    obligation = _obligation(request, code, period)
    if not upper.may_write(request.user, obligation.place):
        scope.require(request.user, Action.FILE, obligation.place)
    return obligation


@dataclass
class Page:
    """A report being written: what is shown, and what came back with it."""

    user: User
    obligation: Obligation
    envelope: Envelope
    version: FormVersion
    values: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None

    def shown(self, at: datetime) -> dict[str, Any]:
        page = upper.writing(self.user, self.obligation, at=at)
        draft, definition = page["draft"], self.version.definition
        values = self.values or draft.first_answers(definition)
        errors = self.refusal.fields if self.refusal else {}
        return page | {
            "envelope": self.envelope,
            "fields": shown_fields(draft.with_counts(definition), values, errors, floors=[]),
            "preview": written.sections_of(definition, values, page["figures"].by_code),
            "refusal": self.refusal,
            "errors": errors,
            "at": at,
        }


def _page(request: HttpRequest, obligation: Obligation) -> Page:
    """Opened now: with what stands, so that nothing is written twice."""
    report = getattr(obligation, "report", None)
    number = request.POST.get("form_version", "")
    wordings = obligation.form.wordings
    version = wordings.get(int(number) if number.isdecimal() and len(number) < 6 else 0)
    version = version or obligation.form.latest()
    # What was withdrawn is taken up again: its words are still the writer's.
    last = report.filings.filter(withdraws=False).order_by("-rev").first() if report else None
    values: Mapping[str, Any] = last.answers if last else {}
    base_rev = report.rev if report else 0
    envelope = new_envelope(base_rev=base_rev, form_version=version.number)
    return Page(request.user, obligation, envelope, version, values)


@login_required
@require_safe
def upper_list(request: HttpRequest, code: str) -> HttpResponse:
    """All block and community reports in reach of one community, newest first, with search."""
    if not finding.may_look(request.user, code):
        raise Http404
    query = request.GET.get("q", "").replace("\x00", "").strip()
    owed = upper.owed(request.user).filter(community__code=code, opens_at__lte=timezone.now())
    found = finding.matching(owed, query).with_report().select_related("place__community")
    order = ("-period__ends_on", "form__place_kind", "place__code")
    page = Paginator(found.order_by(*order), PER_PAGE).get_page(request.GET.get("page"))
    page.object_list = upper.items(list(page.object_list), at=timezone.now(), writer=request.user)
    shown = {"page": page, "query": query, "community": finding.community(code)}
    return render(request, "upper/list.html", shown)


@login_required
@require_safe
def upper_report(request: HttpRequest, code: str, period: str) -> HttpResponse:
    obligation = _obligation(request, code, period)
    page = upper.reading(request.user, obligation, at=timezone.now())
    report = getattr(obligation, "report", None)
    page["envelope"] = new_envelope(base_rev=report.rev if report else 0, form_version=0)
    return render(request, "upper/report.html", page)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def upper_form(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """Write or amend. 「先看看」 shows the sentences with their figures and sends nothing."""
    page = _page(request, _to_write(request, code, period))
    if request.method == "GET":
        return render(request, "upper/form.html", page.shown(timezone.now()))
    page.envelope = read_envelope(request.POST)
    page.values = read_answers(page.version.definition, request.POST)
    if "preview" in request.POST:
        return render(request, "upper/form.html", page.shown(timezone.now()))
    return _send(request, page, "upper/form.html", seen=_seen(request))


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def upper_withdrawal(request: HttpRequest, code: str, period: str) -> HttpResponse:
    page = _page(request, _to_write(request, code, period))
    if request.method == "GET":
        return render(request, "upper/withdrawal.html", _withdrawal(page))
    page.envelope = read_envelope(request.POST)
    return _send(request, page, "upper/withdrawal.html", withdraws=True)


@login_required
@require_POST
def upper_refresh(request: HttpRequest, code: str, period: str) -> HttpResponse:
    """The same words with the figures of now."""
    obligation = _to_write(request, code, period)
    envelope = read_envelope(request.POST)
    receipt = below.refresh(
        obligation,
        id=envelope.id,
        base_rev=envelope.base_rev,
        by=request.user,
        at=timezone.now(),
        reason=envelope.reason,
        may_amend_locked=_may_amend_locked(request, obligation),
    )
    return way_back.onward(request, "receipt", id=receipt.filing.pk)


def _send(
    request: HttpRequest,
    page: Page,
    template: str,
    *,
    seen: Seen | None = None,
    withdraws: bool = False,
) -> HttpResponse:
    """File and show the receipt; a refusal shows the page again with everything still in it."""
    envelope, now = page.envelope, timezone.now()
    sending = Sending(
        id=envelope.id,
        by=request.user,
        channel=Filing.Channel.PAGE,
        base_rev=envelope.base_rev,
        withdraws=withdraws,
        answers={} if withdraws else page.values,
        form_version=envelope.form_version,
        reason=envelope.reason,
        seen=seen,
    )
    may_amend = _may_amend_locked(request, page.obligation)
    try:
        receipt = filing.file(page.obligation, sending, at=now, may_amend_locked=may_amend)
    except Refusal as refusal:
        page.refusal = refusal
        if "theirs" in refusal.more:
            return _conflict(request, page, withdraws=withdraws)
        shown = _withdrawal(page) if withdraws else page.shown(now)
        return render(request, template, shown, status=refusal.status)
    return way_back.onward(request, "receipt", id=receipt.filing.pk)


def _conflict(request: HttpRequest, page: Page, *, withdraws: bool) -> HttpResponse:
    """Both versions, and a way to keep either: nothing that was written is lost."""
    refusal, obligation = page.refusal, page.obligation
    theirs = get_object_or_404(
        Filing.objects.select_related("by", "form_version", "sheet__place", "sheet__period"),
        report__obligation=obligation,
        rev=refusal.more["theirs"]["rev"] if refusal else 0,
    )
    shown = page.shown(timezone.now())
    yours = refusal.more["yours"]["answers"] if refusal else {}
    shown |= {
        "theirs": upper.told(theirs, above=None, at=timezone.now()),
        "yours": written.sections_of(page.version.definition, yours, shown["figures"].by_code),
        "your_inputs": inputs(yours),
        "withdraws": withdraws,
        "typed": page.envelope,
        "envelope": new_envelope(base_rev=theirs.rev, form_version=page.version.number),
    }
    return render(request, "upper/conflict.html", shown, status=409)


def _withdrawal(page: Page) -> dict[str, Any]:
    obligation = page.obligation
    return {
        "obligation": obligation,
        "place": obligation.place,
        "community": obligation.place.community,
        "period": obligation.period,
        "standing": coverage.standing(obligation, at=timezone.now()),
        "envelope": page.envelope,
        "refusal": page.refusal,
        "errors": page.refusal.fields if page.refusal else {},
    }


def _may_amend_locked(request: HttpRequest, obligation: Obligation) -> bool:
    return scope.reach(request.user, Action.AMEND_LOCKED).holds(obligation.place)


def _seen(request: HttpRequest) -> Seen:
    """What the page showed; a page that cannot say has shown nothing that still holds."""
    try:
        moment = parse_datetime(request.POST.get("seen_at", "")[:40])
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        moment = timezone.now()
    return Seen(request.POST.get("seen", "")[:64], moment)
