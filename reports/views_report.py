"""One report as it is read, with its sendings, and the receipt of one sending."""

from collections.abc import Sequence
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reports import answers, coverage, decisions, panel, photo_removal, photos, views_replies
from reports.models import Decision, Filing, Obligation
from units import scope
from units.kinds import Kind
from units.refusals import Refusal
from units.scope import Action


def obligation_in_reach(request: HttpRequest, code: str, week: str) -> Obligation:
    """In reach, or 404."""
    return get_object_or_404(
        Obligation.objects.visible_to(request.user).select_related(
            "place__parent__parent", "place__community", "period", "form", "report"
        ),
        place__code=code,
        period__key=week,
    )


def sent_back(obligation: Obligation) -> Decision | None:
    """The return that stands, with its reason."""
    report = coverage.report_of(obligation)
    return decisions.return_reasons([report]).get(report.pk) if report else None


@login_required
@require_safe
def report_detail(request: HttpRequest, code: str, week: str) -> HttpResponse:
    """One report: what it says now, and every sending with who and when."""
    return report_page(request, obligation_in_reach(request, code, week))


def report_page(
    request: HttpRequest, obligation: Obligation, *, door: str = "", refusal: Refusal | None = None
) -> HttpResponse:
    """After a refusal at one of its doors: with the sentence, and what was typed there."""
    if obligation.form.is_upper and refusal is None:
        return redirect("upper-report", code=obligation.place.code, period=obligation.period.key)
    reach = scope.reach(request.user, Action.FILE)
    report = getattr(obligation, "report", None)
    filings = (
        list(report.filings.select_related("by", "form_version").order_by("-rev")) if report else []
    )
    numbers = photos.numbers_of(filings)
    removable = photo_removal.removable(filings, obligation.place, request.user)
    for each in filings:
        each.photo_numbers = numbers.get(each.pk, [])
        each.may_remove_photos = each.pk in removable
    standing = coverage.standing(obligation, at=timezone.now())
    is_own = obligation.place.is_building and reach.holds(obligation.place)
    return render(
        request,
        "reports/report_phone.html" if is_own else "reports/report_desk.html",
        {
            "obligation": obligation,
            "place": obligation.place,
            "community": obligation.place.community,
            "standing": standing,
            "filings": [(each, _words_of(each)) for each in filings],
            "in_old_wording": _in_old_wording(obligation, filings),
            "words": _words_of(filings[0]) if standing.report else [],
            "may_file_for": scope.reach(request.user, Action.FILE_FOR).holds(obligation.place),
            "sent_back": sent_back(obligation),
            **panel.of(request.user, standing, filings),
            **views_replies.shown(request.user, report, filings[0] if filings else None),
            "door": door,
            "refusal": refusal,
            "errors": {door: refusal.message} if refusal and door else {},
            "typed": request.POST.get("reason", ""),
        },
        status=refusal.status if refusal else 200,
    )


def _in_old_wording(obligation: Obligation, filings: Sequence[Filing]) -> set[UUID]:
    """Sendings that came in when a newer wording was out already."""
    form = obligation.form
    replaced = {each.pk: form.replaced_at(each.form_version.number) for each in filings}
    return {
        each.pk
        for each in filings
        if (since := replaced[each.pk]) and since < each.received_at and not each.nil
    }


def _words_of(filing_: Filing) -> list[tuple[str, str]]:
    return answers.in_words(filing_.form_version.definition, filing_.answers)


@login_required
@never_cache
@require_safe
def receipt(request: HttpRequest, id: UUID) -> HttpResponse:
    """Green only here: the sending is stored."""
    sent = get_object_or_404(
        Filing.objects.visible_to(request.user).select_related(
            "report__place__community",
            "report__place__parent__parent",
            "report__obligation__period",
            "by",
        ),
        pk=id,
    )
    place = sent.report.place
    is_own = place.kind >= Kind.BUILDING and scope.reach(request.user, Action.FILE).holds(place)
    return render(
        request,
        "reports/receipt_phone.html" if is_own else "reports/receipt_desk.html",
        {
            "filing": sent,
            "report": sent.report,
            "obligation": sent.report.obligation,
            "place": place,
            "community": place.community,
            "is_last": sent.rev == sent.report.rev,
            "is_upper": place.kind < Kind.BUILDING,
            "numbers": photos.numbers_of([sent]).get(sent.pk, []),
            "may_remove_photos": photo_removal.removable([sent], place, request.user),
            "removals": sent.photo_removals.all(),
            "may_add_photos": sent.by_id == request.user.pk and not sent.withdraws,
        },
    )
