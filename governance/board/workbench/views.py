"""Doors of the committee's desk: the queue, one press on it, taking that back, and its version."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from governance.board.workbench import bench, deciding, strip, verbs
from governance.board.workbench.bench import Bench, bench_of
from governance.board.workbench.choice import Choice
from governance.board.workbench.sources import items_of
from units.refusals import Refusal


@login_required
@never_cache
@require_safe
def workbench(request: HttpRequest, code: str) -> HttpResponse:
    """The page, or with `X-Part: figures` the strip alone with how much is new."""
    desk = bench_of(request.user, code)
    if request.headers.get("X-Part") != "figures":
        return _page(request, desk)
    now = timezone.now()
    items = items_of(request.user, desk.community, at=now)
    part = strip.shown(request.user, desk.community, desk.tops, items, at=now)
    opened = deciding.moment(request.GET.get("opened", "").replace(" ", "+")) or now
    part |= {
        "community": desk.community,
        "path": desk.path,
        "query": Choice.read(request.GET).query(),
        "arrived": strip.arrived(items, opened),
    }
    response = render(request, "board/workbench/_strip.html", part)
    patch_vary_headers(response, ["X-Part"])
    return response


@login_required
@require_POST
def decisions(request: HttpRequest, code: str) -> HttpResponse:
    desk, now, choice = bench_of(request.user, code), timezone.now(), Choice.read(request.GET)
    press = deciding.read(request.POST, request.POST.getlist("item"))
    items = items_of(request.user, desk.community, at=now)
    try:
        left = deciding.decide(press, items, choice, by=request.user, at=now)
    except Refusal as refusal:
        return _page(request, desk, refusal=refusal)
    told = f"&left={left}" if left else ""
    return redirect(f"{desk.path}?{choice.query()}&done={press.batch}{told}")


@login_required
@require_POST
def undoing(request: HttpRequest, code: str, batch: UUID) -> HttpResponse:
    """Take back what one press did; ten seconds, and only one's own."""
    desk = bench_of(request.user, code)
    try:
        undone = verbs.undo(batch, request.user, timezone.now())
    except Refusal as refusal:
        return _page(request, desk, refusal=refusal)
    return redirect(f"{desk.path}?{Choice.read(request.GET).query()}&undone={undone}")


@never_cache
@require_safe
def live(request: HttpRequest, token: str) -> HttpResponse:
    """A number that changes when something came in. No session, no words."""
    try:
        return HttpResponse(strip.version(token), content_type="text/plain")
    except signing.BadSignature:
        raise Http404(_("没有找到")) from None


def _page(request: HttpRequest, desk: Bench, *, refusal: Refusal | None = None) -> HttpResponse:
    now = timezone.now()
    shown = bench.page(
        desk,
        Choice.read(request.GET),
        number=request.GET.get("page", ""),
        is_printed="print" in request.GET,
        at=now,
    )
    shown |= {"refusal": refusal, **_told(request, now)}
    response = render(
        request,
        "board/workbench/workbench.html",
        shown,
        status=refusal.status if refusal else 200,
    )
    patch_vary_headers(response, ["X-Part"])
    return response


def _told(request: HttpRequest, now: datetime) -> dict[str, Any]:
    """What the press before this page came to, and for how long it can be taken back."""
    told: dict[str, Any] = {n: _number(request.GET.get(n, "")) for n in ("left", "undone")}
    try:
        batch = UUID(request.GET.get("done", ""))
    except ValueError:
        return told
    found = verbs.did(batch, request.user)
    if found is None:
        return told
    words, did = found
    return told | {
        "done": batch,
        "done_words": words,
        "seconds_left": max(0, int((did.until - now).total_seconds())),
    }


def _number(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
