"""The upper office's workbooks: upload, point at cells, fill. Plain links and POSTs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from reports.models import Period, Workbook
from reports.workbooks import filling, forms, grid, mapping, storing
from reports.workbooks.grid import Cell, Grid
from reports.workbooks.mapping import Entry
from units.models import Place
from units.refusals import Refusal, from_integrity_error
from units.uploads import guard

_ROWS_A_PAGE = 100
_PERIODS = 24


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def workbooks(request: HttpRequest) -> HttpResponse:
    """The workbooks in reach, and a place to upload another."""
    owners = forms.owners(request.user)
    if not owners:
        raise Http404
    typed = {"name": "", "owner": owners[0][0]}
    refusal = None
    if request.method == "POST":
        typed = {"name": request.POST.get("name", ""), "owner": request.POST.get("owner", "")}
        owner = dict(owners).get(typed["owner"])
        if owner is None:
            raise Http404
        try:
            return redirect("workbook", pk=_upload(request, owner, typed["name"]).pk)
        except Refusal as refused:
            refusal = refused
    page = {
        "workbooks": Workbook.objects.visible_to(request.user)
        .without_file()
        .select_related("community", "division", "uploaded_by"),
        "owners": owners,
        "typed": typed,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    return render(
        request, "reports/workbooks.html", page, status=refusal.status if refusal else 200
    )


def _upload(request: HttpRequest, owner: Any, name: str) -> Workbook:
    file = request.FILES.get("file")
    try:
        with transaction.atomic():
            return storing.upload(
                owner,
                name=name,
                file_name=file.name if file else "",
                content=guard.content_of(file),
                by=request.user,
                at=timezone.now(),
            )
    except IntegrityError as error:
        refusal = from_integrity_error(error)
        refusal.fields["name"] = refusal.message
        raise refusal from error


@login_required
@never_cache
@require_safe
def workbook(request: HttpRequest, pk: int) -> HttpResponse:
    """One sheet of a workbook as a table, with what goes where."""
    return render(request, "reports/workbook.html", _opened(request, pk).page())


@dataclass
class Opened:
    """A workbook page: the sheet and rows shown, and the cell pointed at."""

    workbook: Workbook
    grids: Sequence[Grid]
    number: int
    first_row: int
    cell: Cell | None
    places: list[Place]
    refusal: Refusal | None = None
    typed: dict[str, str] = field(default_factory=dict)

    @property
    def grid(self) -> Grid:
        return self.grids[self.number]

    def page(self) -> dict[str, Any]:
        entries = mapping.read(self.workbook.mapping)
        suggested = storing.suggestions(self.workbook, self.grids, self.places)
        mapped = {each.cell: each for each in entries if each.sheet == self.grid.name}
        offered = {each.cell: each for each in suggested if each.sheet == self.grid.name}
        names = {place.code: place.name for place in self.places}
        last = self.first_row + _ROWS_A_PAGE - 1
        chosen = mapped.get(self.cell.reference) if self.cell else None
        return {
            "workbook": self.workbook,
            "grids": self.grids,
            "grid": self.grid,
            "number": self.number,
            "rows": list(self.grid.shown(self.first_row, last)),
            "first_row": self.first_row,
            "before": self.first_row - _ROWS_A_PAGE if self.first_row > 1 else 0,
            "after": last + 1 if last < self.grid.rows else 0,
            "cell": self.cell,
            "chosen": chosen or (offered.get(self.cell.reference) if self.cell else None),
            "is_mapped": chosen is not None,
            "mapped": mapped,
            "offered": offered,
            "suggested": [(each, _key(each), names.get(each.place, "")) for each in suggested],
            "mapped_count": len(entries),
            "places": self.places,
            "figures": forms.figure_choices(),
            "refusal": self.refusal,
            "typed": self.typed,
        }


def _opened(request: HttpRequest, pk: int) -> Opened:
    found = _workbook(request, pk)
    grids = grid.read(bytes(found.content))
    asked = request.POST if request.method == "POST" else request.GET
    number = min(_whole(asked.get("sheet", "")), len(grids) - 1)
    first = max(_whole(asked.get("from", "")), 1)
    cell = grids[number].by_reference(asked.get("cell", ""))
    first = first if first <= grids[number].rows else 1
    return Opened(found, grids, number, first, cell, storing.places_of(found))


@login_required
@require_POST
def workbook_cell(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what goes into one cell, or that nothing does."""
    opened = _opened(request, pk)
    if opened.cell is None:
        raise Http404
    if "clear" in request.POST:
        storing.drop(opened.workbook, opened.grid.name, opened.cell.reference)
        return _back(opened)
    try:
        entry = forms.read_entry(request.POST, opened.grid, opened.cell, opened.places)
    except Refusal as refusal:
        opened.refusal, opened.typed = refusal, request.POST.dict()
        return render(request, "reports/workbook.html", opened.page(), status=refusal.status)
    storing.add(opened.workbook, [entry])
    return _back(opened)


@login_required
@require_POST
def workbook_suggestions(request: HttpRequest, pk: int) -> HttpResponse:
    """Accept what the headers suggest: all of it, or what is ticked."""
    opened = _opened(request, pk)
    suggested = storing.suggestions(opened.workbook, opened.grids, opened.places)
    ticked = set(request.POST.getlist("entry"))
    if "all" not in request.POST:
        suggested = [each for each in suggested if _key(each) in ticked]
    storing.add(opened.workbook, suggested)
    return _back(opened)


@login_required
@require_POST
def workbook_removal(request: HttpRequest, pk: int) -> HttpResponse:
    storing.remove(_workbook(request, pk), by=request.user, at=timezone.now())
    return redirect("workbooks")


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def workbook_filling(request: HttpRequest, pk: int) -> HttpResponse:
    """Choose the period, perhaps give this month's empty file, and fill."""
    found = _workbook(request, pk)
    periods = list(
        Period.objects.exclude(kind=Period.PeriodKind.NOW)
        .filter(starts_on__lte=timezone.localdate())
        .order_by("-starts_on", "-ends_on")[:_PERIODS]
    )
    page = {
        "workbook": found,
        "periods": [(each, each.key == request.POST.get("period")) for each in periods],
        "mapped_count": len(found.mapping),
    }
    if request.method == "GET":
        return render(request, "reports/workbook_filling.html", page)
    try:
        return redirect("download", id=_fill(request, found).pk)
    except Refusal as refusal:
        page |= {"refusal": refusal, "errors": refusal.fields}
        return render(request, "reports/workbook_filling.html", page, status=refusal.status)


@transaction.atomic
def _fill(request: HttpRequest, found: Workbook) -> Any:
    period = get_object_or_404(Period, key=request.POST.get("period", ""))
    if not found.mapping:
        raise Refusal("nothing_mapped", _("还没有指定哪一格填什么，请先在表上点格子"))
    file, at = request.FILES.get("file"), timezone.now()
    if file:
        storing.replace_file(
            found,
            file_name=file.name or "",
            content=guard.content_of(file),
            by=request.user,
            at=at,
        )
        found.refresh_from_db()
    return filling.fill(found, period, by=request.user, at=at)


def _workbook(request: HttpRequest, pk: int) -> Workbook:
    visible = Workbook.objects.visible_to(request.user)
    return get_object_or_404(visible.select_related("community", "division"), pk=pk)


def _back(opened: Opened) -> HttpResponse:
    query = {"sheet": opened.number, "from": opened.first_row}
    if opened.cell:
        query["cell"] = opened.cell.reference
    url = reverse("workbook", kwargs={"pk": opened.workbook.pk})
    return redirect(f"{url}?{urlencode(query)}#{'cell' if opened.cell else 'table'}")


def _key(entry: Entry) -> str:
    return f"{entry.sheet}!{entry.cell}"


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else 0
