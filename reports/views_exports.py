"""Ordering exports, the list of one's own files, and the page of a stored sheet."""

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from reports import disclosure
from reports.exports import order, table
from reports.exports.order import FileKind, Order, Purpose
from reports.models import Export, Period, Sheet
from units import scope
from units.kinds import Kind
from units.models import Division, Place
from units.refusals import Refusal
from units.scope import Action

_LIVE_SALT = "reports.downloads"
_LIVE_AGE = 24 * 3600
_PER_PAGE = 20
_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


@login_required
@require_POST
def exports(request: HttpRequest) -> HttpResponse:
    """Order a file: a short one comes at once, a long one appears among the downloads."""
    ordered = order.place(_order(request), by=request.user, at=timezone.now())
    if ordered.state == Export.State.DONE:
        return _file(request, ordered)
    return redirect("download", id=ordered.pk)


def _order(request: HttpRequest) -> Order:
    """What the form asks for, each thing in reach, or 404."""
    post = request.POST
    kind, purpose = post.get("kind", ""), post.get("purpose", "")
    if kind not in ("csv", "xlsx", "pdf") or purpose not in Purpose.values:
        raise Refusal("unknown_choice", _("请在给出的选项里选"))
    facts: dict[str, Any] = {"kind": FileKind(kind), "purpose": Purpose(purpose)}
    if post.get("sheet"):
        return Order(**facts, sheet=_sheet(request, _uuid(post["sheet"])))
    facts["period"] = get_object_or_404(Period, key=post.get("period", ""))
    if post.get("division"):
        if post["division"] not in scope.reach(request.user, Action.SEE_FIGURES).divisions:
            raise Http404
        return Order(**facts, division=get_object_or_404(Division, pk=post["division"]))
    places = Place.objects.visible_to(request.user).select_related("community__division")
    place = get_object_or_404(places.filter(kind__lte=Kind.BUILDING), code=post.get("place", ""))
    is_deep = bool(post.get("deep")) and not disclosure.is_above(request.user, place)
    return Order(**facts, place=place, is_deep=is_deep)


@login_required
@never_cache
@require_safe
def downloads(request: HttpRequest) -> HttpResponse:
    """One's own files of the last days, newest first."""
    found = Export.objects.of(request.user)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    return _page_or_part(request, "downloads", {"page": page, **_live(list(page))})


@login_required
@never_cache
@require_safe
def download(request: HttpRequest, id: UUID) -> HttpResponse:
    """One file: how far it is, and what there is to know about it."""
    export = _own(request, id)
    facts = {"export": export, "told": export.about.get("told"), **_live([export])}
    return _page_or_part(request, "download", facts)


@login_required
@never_cache
@require_safe
def download_file(request: HttpRequest, id: UUID) -> HttpResponse:
    return _file(request, _own(request, id))


@login_required
@require_POST
def download_attempt(request: HttpRequest, id: UUID) -> HttpResponse:
    """Try again what has failed."""
    order.again(_own(request, id), at=timezone.now())
    return redirect("download", id=id)


@never_cache
@require_safe
def downloads_live(request: HttpRequest, token: str) -> HttpResponse:
    """How far the files of an open page are: one query, no session."""
    try:
        ids = signing.loads(token, salt=_LIVE_SALT, max_age=_LIVE_AGE)
    except signing.BadSignature:
        raise Http404(_("没有找到")) from None
    return HttpResponse(
        _progress(Export.objects.filter(pk__in=ids).only("state", "done")),
        content_type="text/plain",
    )


@login_required
@require_safe
def sheet_detail(request: HttpRequest, id: UUID) -> HttpResponse:
    """The figures of a stored sheet on screen: what its files are made from."""
    sheet = _sheet(request, id)
    drawn = table.of_place(request.user, [sheet])
    return render(request, "reports/sheet.html", {"sheet": sheet, "table": drawn})


def _sheet(request: HttpRequest, id: UUID) -> Sheet:
    return get_object_or_404(
        Sheet.objects.visible_to(request.user).select_related(
            "place__community__division", "period"
        ),
        pk=id,
    )


def _own(request: HttpRequest, id: UUID) -> Export:
    """Somebody else's, or of places no longer in reach: 404."""
    export = get_object_or_404(Export.objects.of(request.user), pk=id)
    if not order.may_have(request.user, export):
        raise Http404
    return export


def _file(request: HttpRequest, export: Export) -> HttpResponse:
    content = order.fetch(export, by=request.user, at=timezone.now())
    return attachment(export.file_name, content)


def attachment(file_name: str, content: bytes) -> HttpResponse:
    """A file to be kept, by nobody on the way."""
    ending = file_name.rpartition(".")[2]
    answer = HttpResponse(content, content_type=_TYPES[ending])
    name = re.sub(r'[\\/:*?"<>|\x00-\x1f]', " ", file_name)
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["Cache-Control"] = "private, no-store"
    return answer


def _live(shown: list[Export]) -> dict[str, Any]:
    """What an open page asks with, as long as something is under way, and what it shows: a file
    may be ready before the page asks for the first time."""
    if not any(each.is_under_way for each in shown):
        return {"live_token": ""}
    ids = [str(each.pk) for each in shown]
    token = signing.dumps(ids, salt=_LIVE_SALT, compress=True)
    return {"live_token": token, "live_seen": _progress(shown)}


def _progress(shown: Iterable[Export]) -> str:
    return " ".join(f"{e.state}{e.done}" for e in sorted(shown, key=lambda each: each.pk))


def _page_or_part(request: HttpRequest, name: str, page: dict[str, Any]) -> HttpResponse:
    if request.headers.get("X-Part") == "figures":
        name = f"_{name}"
    return render(request, f"reports/{name}.html", page)


def _uuid(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
