"""Filing pages: they work by plain POST, on a phone for a group and on the desk for staff."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from reports import (
    answers,
    coverage,
    filing,
    views_photos,
)
from reports.filing import Sending
from reports.forms import (
    CHANNELS_FOR_STAFF,
    Envelope,
    inputs,
    new_envelope,
    no_longer_asked,
    read_answers,
    read_envelope,
    shown_fields,
    wording_of,
)
from reports.models import Filing, FormVersion, Obligation, Report
from reports.so_far import so_far
from reports.views_report import obligation_in_reach, sent_back
from units import groups, scope, way_back
from units.kinds import Kind
from units.models import Place
from units.refusals import Refusal
from units.scope import Action

_TELEPHONE = Filing.Channel.TELEPHONE


def _of_a_group(request: HttpRequest, code: str, week: str) -> Obligation:
    """A building's, in reach; blocks and communities have pages of their own."""
    obligation = obligation_in_reach(request, code, week)
    if obligation.form.is_upper:
        raise Http404
    return obligation


def _own_obligation(request: HttpRequest, code: str, week: str) -> Obligation:
    obligation = _of_a_group(request, code, week)
    scope.require(request.user, Action.FILE, obligation.place)
    return obligation


@dataclass
class Draft:
    """A report page being filled in: what is shown, and what came back with it."""

    obligation: Obligation
    envelope: Envelope
    version: FormVersion
    values: Mapping[str, Any] = field(default_factory=dict)
    refusal: Refusal | None = None
    # What was filled in of fields that are not asked any more.
    gone: list[tuple[str, str]] = field(default_factory=list)

    def reword(self, request: HttpRequest) -> None:
        """Show the present wording, with all of it that was filled in."""
        before, self.version = self.version, self.obligation.form.latest()
        now = self.version.definition
        self.gone = no_longer_asked(before.definition, now, self.values)
        self.values = read_answers(now, request.POST)
        self.envelope = replace(self.envelope, form_version=self.version.number)

    def page(self) -> dict[str, Any]:
        obligation = self.obligation
        errors = self.refusal.fields if self.refusal else {}
        fields = shown_fields(
            self.version.definition, self.values, errors, floors=_floors(obligation.place)
        )
        return {
            "obligation": obligation,
            "place": obligation.place,
            "community": obligation.place.community,
            "standing": coverage.standing(obligation, at=timezone.now()),
            "sent_back": sent_back(obligation),
            "envelope": self.envelope,
            "fields": fields,
            "refusal": self.refusal,
            "errors": errors,
            "gone": self.gone,
            "last_week": _last_week(obligation),
            "so_far": so_far([obligation])[obligation.pk],
        }


def _draft(request: HttpRequest, obligation: Obligation) -> Draft:
    """A page opened now: prefilled with what stands, so that nothing is asked twice."""
    report = getattr(obligation, "report", None)
    version = wording_of(obligation.form, request.POST.get("form_version", ""))
    values: Mapping[str, Any] = {}
    if report and report.stands and not report.nil:
        values = report.filings.order_by("-rev")[0].answers
    base_rev = report.rev if report else 0
    return Draft(
        obligation, new_envelope(base_rev=base_rev, form_version=version.number), version, values
    )


def _floors(place: Place) -> list[int]:
    names = Place.objects.active().filter(parent=place, kind=Kind.FLOOR).order_by("code")
    return [int(name.rpartition("F")[2]) for name in names.values_list("code", flat=True)]


def _last_week(obligation: Obligation) -> list[tuple[str, str]]:
    """What this place said the time before, in words: the figures that the form asks about."""
    before = (
        Report.objects.standing()
        .filter(
            place_id=obligation.place_id,
            form_id=obligation.form_id,
            as_of__lt=obligation.period.starts_on,
        )
        .order_by("-as_of")
        .first()
    )
    if before is None:
        return []
    if before.nil:
        return [("", _("报平安"))]
    last = before.filings.select_related("form_version").order_by("-rev")[0]
    return answers.in_words(last.form_version.definition, last.answers, only_reminders=True)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def nil_report(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """「本周平安无事」: one page to confirm, one tap to file."""
    obligation = _own_obligation(request, code, week)
    draft = _draft(request, obligation)
    if request.method == "GET":
        return render(request, "reports/nil.html", draft.page())
    draft.envelope = read_envelope(request.POST)
    return _send(request, draft, "reports/nil.html", nil=True)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def report_form(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """The weekly report: file it, or amend what stands."""
    if obligation_in_reach(request, code, week).form.is_upper:
        return redirect("upper-form", code=code, period=week)
    obligation = _own_obligation(request, code, week)
    draft = _draft(request, obligation)
    if request.method == "GET":
        return render(request, "reports/form.html", draft.page())
    draft.envelope = read_envelope(request.POST)
    draft.values = read_answers(draft.version.definition, request.POST)
    # A browser forgets the chosen file when the page comes back.
    extra = {"had_photo": "photo" in request.FILES}
    return _send(request, draft, "reports/form.html", extra=extra, photo=request.FILES.get("photo"))


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def withdrawal(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """Take a report back: as if it had never been filed, though the sending stays on record."""
    obligation = _of_a_group(request, code, week)
    if not scope.reach(request.user, Action.FILE).holds(obligation.place):
        scope.require(request.user, Action.FILE_FOR, obligation.place)
    draft = _draft(request, obligation)
    if request.method == "GET":
        return render(request, "reports/withdrawal.html", draft.page())
    draft.envelope = read_envelope(request.POST)
    return _send(request, draft, "reports/withdrawal.html", withdraws=True)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def on_behalf(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """Staff file what a group said by telephone or on paper, with the caller's name."""
    obligation = _of_a_group(request, code, week)
    scope.require(request.user, Action.FILE_FOR, obligation.place)
    draft = _draft(request, obligation)
    extra = {
        "seats": groups.seats_of(obligation.place, at=timezone.now()),
        "channels": CHANNELS_FOR_STAFF,
        # The code on a paper form leads here with what the paper is.
        "channel": request.POST.get("channel") or request.GET.get("channel") or _TELEPHONE,
        "is_nil": (request.POST.get("nil") or request.GET.get("nil") or "yes") == "yes",
    }
    if request.method == "GET":
        return render(request, "reports/on_behalf.html", draft.page() | extra)
    draft.envelope = read_envelope(request.POST)
    draft.values = read_answers(draft.version.definition, request.POST)
    if not draft.envelope.caller:
        message = _("请写明是谁来电或交来的")
        draft.refusal = Refusal("caller_required", message, fields={"caller": message})
    elif extra["channel"] not in CHANNELS_FOR_STAFF:
        message = _("请在给出的选项里选")
        draft.refusal = Refusal("unknown_choice", message, fields={"channel": message})
    if draft.refusal:
        page = draft.page() | extra
        return render(request, "reports/on_behalf.html", page, status=draft.refusal.status)
    return _send(
        request,
        draft,
        "reports/on_behalf.html",
        nil=bool(extra["is_nil"]),
        channel=Filing.Channel(extra["channel"]),
        extra=extra,
    )


def _send(
    request: HttpRequest,
    draft: Draft,
    template: str,
    *,
    nil: bool = False,
    withdraws: bool = False,
    channel: Filing.Channel = Filing.Channel.PAGE,
    extra: Mapping[str, Any] | None = None,
    photo: UploadedFile | None = None,
) -> HttpResponse:
    """File and show the receipt; a refusal shows the page again with everything still in it."""
    envelope, now = draft.envelope, timezone.now()
    sending = Sending(
        id=envelope.id,
        by=request.user,
        channel=channel,
        base_rev=envelope.base_rev,
        nil=nil,
        withdraws=withdraws,
        answers={} if nil or withdraws else draft.values,
        form_version=envelope.form_version,
        made_at=envelope.made_at,
        caller=envelope.caller,
        reason=envelope.reason,
    )
    may_amend = scope.reach(request.user, Action.AMEND_LOCKED).holds(draft.obligation.place)
    try:
        receipt = filing.file(draft.obligation, sending, at=now, may_amend_locked=may_amend)
    except Refusal as refusal:
        draft.refusal = refusal
        if "theirs" in refusal.more:
            return _conflict(request, draft, nil=nil, withdraws=withdraws)
        if refusal.code == "form_updated":
            draft.reword(request)
        page = draft.page() | dict(extra or {})
        return render(request, template, page, status=refusal.status)
    if photo:
        return views_photos.add_from_page(request, receipt.filing, photo, is_new=True)
    return way_back.onward(request, "receipt", id=receipt.filing.pk)


def _conflict(request: HttpRequest, draft: Draft, *, nil: bool, withdraws: bool) -> HttpResponse:
    """Both versions, and a way to keep either: nothing that was typed is lost."""
    refusal = draft.refusal
    theirs = get_object_or_404(
        Filing.objects.select_related("by", "form_version"),
        report__obligation=draft.obligation,
        rev=refusal.more["theirs"]["rev"],
    )
    yours = refusal.more["yours"]["answers"]
    mine = new_envelope(base_rev=theirs.rev, form_version=draft.version.number)
    page = draft.page() | {
        "theirs": theirs,
        "their_words": answers.in_words(theirs.form_version.definition, theirs.answers),
        "your_words": answers.in_words(draft.version.definition, yours),
        "your_inputs": inputs(yours),
        "channel": request.POST.get("channel", ""),
        "nil": nil,
        "withdraws": withdraws,
        "envelope": mine,
        "typed": draft.envelope,
    }
    return render(request, "reports/conflict.html", page, status=409)
