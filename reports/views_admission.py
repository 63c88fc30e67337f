"""Pages of form admission: what is proposed and asked, the designer, and deciding."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports import admission as admitting
from reports import burden
from reports.duplicates import Duplicate
from reports.forms import shown_fields
from reports.forms_admission import ProposalForm, read_day
from reports.models import Admission, ReportForm
from reports.proposals import Proposal, drafted, worded
from units import scope
from units.models import User
from units.refusals import Refusal, forbidden
from units.scope import Action

A_PAGE = 30
# The building of the preview.
FLOORS = [1, 2, 3, 4, 5, 6]


@login_required
@require_safe
def admissions(request: HttpRequest) -> HttpResponse:
    """「表单准入」: what waits for the street, decided here, and what is asked, or what is over."""
    today = timezone.localdate()
    query = request.GET.get("q", "").replace("\x00", "").strip()
    shows_ended = "ended" in request.GET
    present = Admission.objects.to_come(today)
    rows = Admission.objects.exclude(pk__in=present.values("pk")) if shows_ended else present
    if query:
        rows = rows.search(query)
    page = Paginator(rows.with_people().order_by("-state", "-id"), A_PAGE).get_page(
        request.GET.get("page")
    )
    may_decide = admitting.may_decide(request.user)
    waiting = _waiting(page, request.user, today) if may_decide else {}
    return render(
        request,
        "reports/admissions.html",
        {
            "page": page,
            "rows": [
                (row, row.state_on(today), row.ends_soon(today), waiting.get(row.pk))
                for row in page
            ],
            "query": query,
            "shows_ended": shows_ended,
            "may_propose": admitting.may_propose(request.user),
        },
    )


def _waiting(rows: Iterable[Admission], user: User, day: date) -> dict[int, list[Duplicate]]:
    """By proposal that `user` may decide about, what it repeats."""
    proposed = [row for row in rows if row.state == Admission.State.PROPOSED]
    proposed = [row for row in proposed if row.proposed_by_id != user.pk]
    asked = burden.asked(day) if proposed else []
    return {row.pk: admitting.repeated(row, day, asked=asked) for row in proposed}


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def proposal(request: HttpRequest) -> HttpResponse:
    """The designer: a field as a phone will show it, then put before the street."""
    admitting.require_proposing(request.user)
    now = timezone.now()
    extends = _extended(request)
    form = ProposalForm(request.POST or None, extends=extends, today=timezone.localdate(now))
    page: dict[str, Any] = {"rows": form.rows({}), "extends": extends}
    if request.method == "GET":
        if extends:
            page["preview"] = _preview(extends, timezone.localdate(now))
        return render(request, "reports/proposal.html", page)
    typed = form.proposal()
    page |= _preview_of(typed, form.unread)
    if "preview" in request.POST:
        name = "_preview" if request.headers.get("X-Part") == "preview" else "proposal"
        page["rows"] = form.rows(page["errors"])
        return render(request, f"reports/{name}.html", page)
    try:
        if form.unread:
            # Everything else that is wrong is told together with it.
            drafted(typed, at=now)
            message = next(iter(form.unread.values()))
            raise Refusal("unreadable", message, fields=form.unread)
        made = admitting.propose(typed, by=request.user, at=now)
    except Refusal as refusal:
        errors = {**refusal.fields, **form.unread}
        page |= {"refusal": refusal, "errors": errors, "rows": form.rows(errors)}
        return render(request, "reports/proposal.html", page, status=refusal.status)
    return redirect("admission", pk=made.pk)


def _extended(request: HttpRequest) -> Admission | None:
    """The field that the new proposal goes on with, named in the address."""
    pk = request.GET.get("extends", "")
    if not pk.isdecimal() or len(pk) > 9:
        return None
    return get_object_or_404(Admission.objects.with_people(), pk=pk, state__in=["agreed", "ended"])


def _preview_of(typed: Proposal, unread: Mapping[str, str]) -> dict[str, Any]:
    """The field on a phone; what it is for need not be written yet."""
    now = timezone.now()
    try:
        shown = replace(typed, purpose="-", owner="-", basis="", difference="")
        draft = drafted(shown, at=now)
    except Refusal as refusal:
        return {"errors": {**refusal.fields, **unread}}
    draft.form = ReportForm(code=typed.form)
    return {"errors": dict(unread), "preview": _preview(draft, timezone.localdate(now))}


def _preview(admission: Admission, day: date) -> dict[str, Any]:
    """What a phone shows of it: the question it depends on, and itself; and what it costs."""
    code = admission.form.code
    definition = worded(code, admission, day)
    names = {admission.name, *admission.relevant}
    fields = [field for field in definition["fields"] if field["name"] in names]
    before = [field for field in definition["fields"] if field["name"] != admission.name]
    return {
        "form_name": definition["name"],
        "fields": shown_fields({"fields": fields}, admission.relevant, {}, floors=FLOORS),
        "is_conditional": bool(admission.relevant),
        "taps_before": burden.taps({"fields": before}),
        "taps": burden.taps(definition),
        "most_taps": burden.MOST_TAPS,
        "duplicates": admitting.repeated(admission, day),
    }


@login_required
@require_safe
def admission(request: HttpRequest, pk: int) -> HttpResponse:
    """One field: what it asks, what for, what was decided; and deciding for whom it is."""
    row = _row(pk)
    return render(request, "reports/admission.html", _page(request, row))


def _row(pk: int) -> Admission:
    return get_object_or_404(Admission.objects.with_people(), pk=pk)


def _page(request: HttpRequest, row: Admission, refusal: Refusal | None = None) -> dict[str, Any]:
    today = timezone.localdate()
    may_decide = admitting.may_decide(request.user)
    is_own = row.proposed_by_id == request.user.pk
    is_asked = row.state == Admission.State.AGREED and not row.is_over(today)
    return {
        "row": row,
        "state": row.state_on(today),
        "preview": _preview(row, today),
        "may_decide": may_decide and row.state == Admission.State.PROPOSED and not is_own,
        "may_end": may_decide and is_asked,
        "may_withdraw": is_own and row.state == Admission.State.PROPOSED,
        "may_extend": admitting.may_propose(request.user)
        and row.state in (Admission.State.AGREED, Admission.State.ENDED),
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
        "ends_on": request.POST.get("ends_on") or row.ends_on.isoformat(),
        "reason": request.POST.get("reason", ""),
    }


def _decided(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """One decision; a refusal shows the page again with what was typed."""
    row, now = _row(pk), timezone.now()
    reason, by = request.POST.get("reason", ""), request.user
    if what != "withdrawal":
        admitting.require_deciding(by)
    elif row.proposed_by_id != by.pk:
        raise forbidden()
    try:
        if what == "agreement":
            ends_on = read_day(request.POST.get("ends_on", ""))
            admitting.agree(row, ends_on=ends_on, by=by, at=now)
        elif what == "refusal":
            admitting.refuse(row, reason=reason, by=by, at=now)
        elif what == "end":
            admitting.end(row, reason=reason, by=by, at=now)
        else:
            admitting.withdraw(row, by=by, at=now)
    except Refusal as refusal:
        page = _page(request, _row(pk), refusal) | {"decided": what}
        return render(request, "reports/admission.html", page, status=refusal.status)
    return redirect("admission", pk=pk)


@login_required
@require_POST
def admission_agreement(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, "agreement")


@login_required
@require_POST
def admission_refusal(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, "refusal")


@login_required
@require_POST
def admission_withdrawal(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, "withdrawal")


@login_required
@require_POST
def admission_end(request: HttpRequest, pk: int) -> HttpResponse:
    return _decided(request, pk, "end")


@login_required
@require_safe
def what_is_asked(request: HttpRequest) -> HttpResponse:
    """「填报负担」: every field of every form, what for, who uses it, and what it takes."""
    shown, is_phone = burden.parts(timezone.localdate()), _is_a_seat(request.user)
    page = {
        "parts": shown,
        "repeating": burden.repeating(shown),
        "most_taps": burden.MOST_TAPS,
        "is_phone": is_phone,
        "frame": "phone.html" if is_phone else "base.html",
    }
    return render(request, "reports/burden.html", page)


def _is_a_seat(user: User) -> bool:
    """Whose page is the phone: they file for themselves and for nobody else."""
    return bool(scope.reach(user, Action.FILE)) and not scope.reach(user, Action.FILE_FOR)
