"""The reviewer's desk: the queue, accepting, sending back, and ten seconds of undo.

The committee's desk is over buildings and blocks of its community, the street's over community
reports. Every button works by plain POST; a refused one shows the queue again with what was typed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from reports import last_month, matters, queue, reasons, review
from reports.desks import Desk, desk_of
from reports.models import Decision, Report, Review
from units import way_back
from units.refusals import Refusal

A_PAGE = 20


@login_required
@never_cache
@require_safe
def review_queue(request: HttpRequest, code: str, is_street: bool = False) -> HttpResponse:
    return _page(request, desk_of(request.user, code, is_street=is_street))


@login_required
@require_POST
def acceptance(request: HttpRequest, code: str, is_street: bool = False) -> HttpResponse:
    """Accept the reports named, each as it was seen."""
    desk, now = desk_of(request.user, code, is_street=is_street), timezone.now()
    seen, batch = _seen(desk, request.POST), _batch(request.POST)
    try:
        if len(seen) == 1:
            review.accept(seen[0], by=request.user, at=now, batch=batch)
            return _back(request, desk, done=batch)
        accepted = review.accept_many(seen, by=request.user, at=now, batch=batch)
    except Refusal as refusal:
        return _page(request, desk, refusal=refusal)
    own = sum(each.code == "own_report" for each in accepted.left)
    return _back(request, desk, done=batch, changed=len(accepted.left) - own, own=own)


@login_required
@require_POST
def returning(request: HttpRequest, code: str, is_street: bool = False) -> HttpResponse:
    """Send one report back, with a reason."""
    desk, now = desk_of(request.user, code, is_street=is_street), timezone.now()
    [seen, *others], batch = _seen(desk, request.POST), _batch(request.POST)
    if others:
        raise _incomplete()
    typed = request.POST.get("reason", "")
    try:
        review.return_(seen, reason=typed, by=request.user, at=now, batch=batch)
    except Refusal as refusal:
        return _page(request, desk, refusal=refusal, refused=seen, typed=typed)
    return _back(request, desk, done=batch)


@login_required
@require_POST
def undoing(request: HttpRequest, code: str, batch: UUID, is_street: bool = False) -> HttpResponse:
    """Take back what one press decided; ten seconds, and only one's own."""
    desk, now = desk_of(request.user, code, is_street=is_street), timezone.now()
    decisions = list(_decided(desk, batch))
    if not decisions:
        raise Http404
    try:
        undone = review.undo(decisions, by=request.user, at=now)
    except Refusal as refusal:
        return _page(request, desk, refusal=refusal)
    return _back(request, desk, undone=undone)


@login_required
@require_safe
def late_reports(request: HttpRequest, code: str) -> HttpResponse:
    """What came in late (补报) in a period: places and days, no ranking of anybody."""
    desk = desk_of(request.user, code)
    periods = desk.periods_of(desk.reports().standing())
    chosen = next((p for p in periods if p.key == request.GET.get("week")), None)
    period = chosen or (periods[0] if periods else None)
    late = (
        desk.reports()
        .standing()
        .filter(obligation__period=period, on_time=False)
        .select_related("place__parent", "form")
        .order_by("place__kind", "place__code")
    )
    page = {
        **desk.page(),
        "periods": periods,
        "period": period,
        "page": Paginator(late, 2 * A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "reports/late.html", page)


def _page(
    request: HttpRequest,
    desk: Desk,
    *,
    refusal: Refusal | None = None,
    refused: Report | None = None,
    typed: str = "",
) -> HttpResponse:
    now = timezone.now()
    chosen = desk.chosen(request.GET)
    waiting = queue.waiting(desk.filtered(chosen), request.user)
    top = Paginator(queue.on_top(waiting), A_PAGE).get_page(request.GET.get("page"))
    items = queue.items(top.object_list, at=now, with_seats=not desk.is_street)
    sent_back = queue.items(
        queue.sent_back(desk.filtered(chosen))[: 5 * A_PAGE], at=now, with_seats=False
    )
    context = {
        **desk.page(),
        **desk.offers(),
        "chosen": chosen,
        "query": desk.query(chosen),
        "page": top,
        "items": last_month.compare(items) if desk.is_street else items,
        "rest": queue.Rest([], 0) if desk.is_street else queue.rest_of(waiting),
        "sent_back": sent_back,
        "canned": reasons.CANNED,
        "batch": uuid4(),
        "matters": matters.unanswered(request.user, desk.community).count()
        if desk.community
        else 0,
        "refusal": refusal,
        "refused": refused,
        "errors": {f"reason-{refused.pk}": refusal.message} if refused and refusal else {},
        "typed": typed,
        "is_typed_elsewhere": refused and refused.pk not in {each.report.pk for each in items},
        **_done(request, desk, now),
    }
    return render(
        request, "reports/review.html", context, status=refusal.status if refusal else 200
    )


def _done(request: HttpRequest, desk: Desk, now: datetime) -> dict[str, Any]:
    """What the press before this page came to, and for how long it can be undone."""
    numbers = {name: _number(request.GET.get(name)) for name in ("changed", "own", "undone")}
    try:
        batch = UUID(request.GET.get("done", ""))
    except ValueError:
        return {"done": None, **numbers}
    decisions = [each for each in _decided(desk, batch) if not hasattr(each, "undone_by")]
    if not decisions:
        return {"done": None, **numbers}
    until = min(each.at for each in decisions) + review.UNDO_WITHIN
    return {
        "done": batch,
        "done_count": len(decisions),
        "done_what": decisions[0].what,
        "seconds_left": max(0, int((until - now).total_seconds())),
        **numbers,
    }


def _decided(desk: Desk, batch: UUID) -> Iterable[Decision]:
    return (
        Decision.objects.filter(batch=batch, by=desk.user, report__in=desk.reports())
        .exclude(what=Decision.What.UNDONE)
        .select_related("undone_by")
    )


def _back(request: HttpRequest, desk: Desk, **told: object) -> HttpResponse:
    """To the queue as it was filtered, with what was done; or to the list it was opened from."""
    if back := way_back.go(request, **{n: v for n, v in told.items() if v}):
        return back
    query = QueryDict(desk.query(desk.chosen(request.GET)), mutable=True)
    query.update({name: str(value) for name, value in told.items() if value})
    return redirect(f"{desk.url()}?{query.urlencode()}")


def _seen(desk: Desk, post: QueryDict) -> list[Report]:
    """The reports named, as they were shown: `id.rev.review`, or `id.rev` of those that wait."""
    keys = [key for part in post.getlist("report") for key in part.split(",") if key]
    shown = {}
    for key in keys:
        pk, _dot, rest = key.partition(".")
        rev, _dot, told = rest.partition(".")
        if not (pk.isdecimal() and rev.isdecimal() and len(pk) < 18 and len(rev) < 10):
            raise _incomplete()
        if told not in ("", *Review.values):
            raise _incomplete()
        shown[int(pk)] = int(rev), told or Review.WAITING.value
    if not 0 < len(shown) <= 2 * queue.REST_AT_ONCE:
        raise _incomplete()
    found = desk.reports().in_bulk(shown)
    if len(found) < len(shown):
        raise Http404
    for pk, report in found.items():
        report.rev, report.review = shown[pk]
    return list(found.values())


def _batch(post: QueryDict) -> UUID:
    try:
        return UUID(post.get("batch", ""))
    except ValueError as error:
        raise _incomplete() from error


def _incomplete() -> Refusal:
    return Refusal("bad_envelope", _("没有选好要定的报告，请返回审阅页再试一次"), 400)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() and len(text) < 6 else 0
