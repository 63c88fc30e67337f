"""Head counts from a workbook: hand in, say the columns, look at the dry run, import, undo."""

from typing import Any
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core import signing
from django.core.paginator import Paginator
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from units import forms_census, scope
from units.census_import import drafting, errors, fields, importing, undoing
from units.census_import.checking import Outcome
from units.models import CensusImport, Community, Place
from units.refusals import Refusal, forbidden, from_integrity_error
from units.scope import Action
from units.uploads import guard

_SALT = "units.census"
_LIVE_AGE = 24 * 3600
_PER_PAGE = 50
_IMPORTS_A_PAGE = 20
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
State = CensusImport.State


def _community(request: HttpRequest, code: str) -> Community:
    """404 outside one's places; 403 for who sees its groups but imports no census."""
    if (
        not Place.objects.visible_to(request.user, Action.SEE_GROUPS)
        .filter(community__code=code)
        .exists()
    ):
        raise Http404
    community = get_object_or_404(Community, code=code)
    may = scope.reach(request.user, Action.IMPORT_CENSUS).as_q()
    if not Place.objects.filter(may, community=community, parent=None).exists():
        raise forbidden()
    return community


def _import(request: HttpRequest, id: UUID) -> CensusImport:
    found = CensusImport.objects.visible_to(request.user).select_related("community", "by")
    return get_object_or_404(found, pk=id)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def census_imports(request: HttpRequest, code: str) -> HttpResponse:
    """The imports of a community, and where to hand in another sheet."""
    community = _community(request, code)
    pasted, refusal = request.POST.get("pasted", ""), None
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            made = drafting.take_in(
                community,
                file_name=file.name if file else "",
                content=guard.content_of(file),
                pasted=pasted,
                by=request.user,
                at=timezone.now(),
            )
            return redirect("census-columns", id=made.pk)
        except Refusal as refused:
            refusal = refused
    found = CensusImport.objects.filter(community=community).without_rows().select_related("by")
    page = {
        "community": community,
        "page": Paginator(found, _IMPORTS_A_PAGE).get_page(request.GET.get("page")),
        "pasted": pasted,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    status = refusal.status if refusal else 200
    return render(request, "units/census_imports.html", page, status=status)


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def census_columns(request: HttpRequest, id: UUID) -> HttpResponse:
    """Which column is what: suggested by the headers, and by what this person said before."""
    drafted = _import(request, id)
    if not drafted.is_open:
        return redirect("census-import", id=drafted.pk)
    tables = drafting.tables_of(drafted)
    asked = request.GET.get("sheet") or request.POST.get("sheet") or "0"
    number = int(asked) if asked.isdecimal() and len(asked) < 4 else 0
    number = number if number < len(tables) else 0
    table, refusal = tables[number], None
    chosen = drafted.mapping or drafting.suggested(table, request.user)
    if request.method == "POST":
        try:
            chosen = forms_census.mapping(request.POST, table)
            drafting.say_columns(
                drafted,
                number,
                chosen,
                as_of=forms_census.as_of(request.POST),
                opens_buildings="opens_buildings" in request.POST,
                by=request.user,
                at=timezone.now(),
            )
            return redirect("census-import", id=drafted.pk)
        except Refusal as refused:
            refusal = refused
    page = {
        "drafted": drafted,
        "tables": tables,
        "table": table,
        "number": number,
        "columns": forms_census.columns(table, chosen),
        "fields": fields.FIELDS,
        "may_open": drafting.may_open(request.user, drafted),
        "today": timezone.localdate(),
        "as_of": request.POST.get("as_of") or drafted.as_of.isoformat(),
        "opens": "opens_buildings" in request.POST or drafted.opens_buildings,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    status = refusal.status if refusal else 200
    return render(request, "units/census_columns.html", page, status=status)


@login_required
@never_cache
@require_safe
def census_import(request: HttpRequest, id: UUID) -> HttpResponse:
    """One import: the dry run, then how far it is, then what came of it."""
    found = _import(request, id)
    if found.state == State.DRAFT:
        return redirect("census-columns", id=found.pk)
    if found.state == State.CHECKED:
        return render(request, "units/census_check.html", _dry_run(request, found))
    page: dict[str, Any] = {
        "found": found,
        "has_errors": bool(found.tables and found.tables[0]["rows"]),
    }
    if found.state == State.RUNNING:
        page["live_token"] = signing.dumps(str(found.pk), salt=_SALT)
        page["live_seen"] = importing.progress(found, at=timezone.now())
        page["stands_still"] = importing.stands_still(found, at=timezone.now())
    elif found.may_be_undone:
        page["would_stay"] = undoing.would_stay(found)
    is_part = request.headers.get("X-Part") == "figures"
    name = "units/_census_result.html" if is_part else "units/census_result.html"
    return render(request, name, page)


# What the dry run lists, one at a time.
_LISTS = ("faults", "read_as", "new", "changed", "absent")


def _dry_run(
    request: HttpRequest, found: CensusImport, outcome: Outcome | None = None
) -> dict[str, Any]:
    outcome = outcome or drafting.outcome_of(found)
    shown = request.GET.get("list", "")
    if shown not in _LISTS:
        shown = "faults" if outcome.faulty else "new" if outcome.new else "changed"
    kind = request.GET.get("kind", "")
    listed: list[Any] = getattr(outcome, shown)
    if shown == "faults" and kind:
        listed = [fault for fault in listed if fault.code == kind]
    (table,) = drafting.tables_of(found)
    return {
        "found": found,
        "table": table,
        "outcome": outcome,
        "list": shown,
        "kind": kind,
        "page": Paginator(listed, _PER_PAGE).get_page(request.GET.get("page")),
        "mended": len(found.fixes),
    }


@login_required
@never_cache
@require_POST
def census_fixes(request: HttpRequest, id: UUID) -> HttpResponse:
    """Put what was typed in the place of faulty cells, and look again: the wrong ones first."""
    found = _import(request, id)
    typed = forms_census.fixes(request.POST)
    before = drafting.outcome_of(found).faults if found.state == State.CHECKED else []
    found = drafting.mend(found, typed, at=timezone.now())
    outcome = drafting.outcome_of(found)
    wrong = drafting.still_wrong(typed, before, outcome.faults)
    if not wrong:
        return redirect("census-import", id=found.pk)
    refusal = forms_census.still_wrong(wrong)
    listed = [*wrong, *(fault for fault in outcome.faults if fault not in wrong)]
    page = _dry_run(request, found, outcome) | {
        "list": "faults",
        "page": Paginator(listed, _PER_PAGE).get_page(1),
        "wrong": wrong[:_PER_PAGE],
        "refusal": refusal,
        "errors": refusal.fields,
    }
    return render(request, "units/census_check.html", page, status=refusal.status)


@login_required
@never_cache
@require_safe
def census_errors(request: HttpRequest, id: UUID) -> HttpResponse:
    """The lines with faults as a workbook, each with what is wrong behind it."""
    found = _import(request, id)
    if found.state == State.DRAFT or not found.tables:
        raise Http404
    outcome: Outcome = drafting.outcome_of(found)
    (table,) = drafting.tables_of(found)
    return _workbook(errors.write(table, outcome), _("错误行"))


@login_required
@require_safe
def census_template(request: HttpRequest, code: str) -> HttpResponse:
    _community(request, code)
    return _workbook(errors.template(), _("底册模板"))


def _workbook(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=_TYPE)
    answer["Content-Disposition"] = content_disposition_header(True, f"{name}.xlsx")
    answer["Cache-Control"] = "private, no-store"
    return answer


@login_required
@require_POST
def census_start(request: HttpRequest, id: UUID) -> HttpResponse:
    found = _import(request, id)
    try:
        with transaction.atomic():
            importing.start(
                found,
                only_good="only_good" in request.POST,
                by=request.user,
                at=timezone.now(),
            )
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    return redirect("census-import", id=found.pk)


@login_required
@require_POST
def census_undo(request: HttpRequest, id: UUID) -> HttpResponse:
    found = _import(request, id)
    undoing.undo(found, by=request.user, at=timezone.now())
    return redirect("census-import", id=found.pk)


@login_required
@require_POST
def census_removal(request: HttpRequest, id: UUID) -> HttpResponse:
    """Drop a sheet that was not imported."""
    found = _import(request, id)
    drafting.drop(found, by=request.user, at=timezone.now())
    return redirect("census-imports", code=found.community.code)


@never_cache
@require_safe
def census_live(request: HttpRequest, token: str) -> HttpResponse:
    """How far an import is and whether it stands still, for an open page: one query, no session."""
    try:
        pk = signing.loads(token, salt=_SALT, max_age=_LIVE_AGE)
    except signing.BadSignature:
        raise Http404(_("没有找到")) from None
    found = CensusImport.objects.filter(pk=pk).without_rows().first()
    seen = importing.progress(found, at=timezone.now()) if found else ""
    return HttpResponse(seen, content_type="text/plain")
