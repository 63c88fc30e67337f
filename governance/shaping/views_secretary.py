"""Appointing a branch's secretary: write a name, see what follows, do it, take it back."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.shaping.preview import Part
from governance.shaping.views_branches import root_of
from units import branches as parties
from units import scope, secretaries
from units.forms import SecretaryForm
from units.models import Branch, Place
from units.refusals import Refusal
from units.scope import Action
from units.secretaries import Nominee


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def secretary(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """Choose (GET), see what follows (GET with a name), and do it (POST)."""
    root, branch = _branch(request, code, number)
    now = timezone.now()
    asked = request.POST if request.method == "POST" else request.GET
    known = secretaries.known_in(root.community, at=now)
    form = SecretaryForm(known, asked if "name" in asked else None)
    if request.method == "GET" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return _page(request, branch, form, at=now, status=status)
    try:
        seen = request.POST.get("seen", "")
        entry, made = secretaries.appoint(
            branch,
            form.nominee,
            seen=int(seen) if seen.isdecimal() and len(seen) < 18 else None,
            by=request.user,
            at=now,
        )
    except Refusal as refusal:
        return _page(request, branch, form, at=now, refusal=refusal, status=refusal.status)
    of = {"code": code}
    page = {
        "made": [made],
        "undoing": reverse("branch-secretary-undoing", kwargs=of | {"entry": entry.pk}),
        "back": reverse("branches", kwargs=of),
    }
    return render(request, "units/appointed.html", page)


@login_required
@require_POST
def undoing(request: HttpRequest, code: str, entry: int) -> HttpResponse:
    root = root_of(request, code)
    scope.require(request.user, Action.APPOINT, root)
    secretaries.undo(entry, root.community, by=request.user, at=timezone.now())
    return redirect(reverse("branches", kwargs={"code": code}) + "?undone=1")


def _branch(request: HttpRequest, code: str, number: int) -> tuple[Place, Branch]:
    root = root_of(request, code)
    scope.require(request.user, Action.APPOINT, root)
    found = Branch.objects.select_related("community")
    return root, get_object_or_404(found, community=root.community, number=number)


def _page(
    request: HttpRequest,
    branch: Branch,
    form: SecretaryForm,
    *,
    at: datetime,
    refusal: Refusal | None = None,
    status: int,
) -> HttpResponse:
    row = next(r for r in parties.rows(branch.community, at=at) if r.branch.pk == branch.pk)
    is_read = form.is_bound and form.is_valid()
    page: dict[str, Any] = {
        "community": branch.community,
        "branch": branch,
        "secretary": row.secretary,
        "form": form,
        "known": secretaries.known_in(branch.community, at=at).values(),
        "preview": _preview(row, form.nominee) if is_read else [],
        "refusal": refusal,
    }
    return render(request, "shaping/secretary.html", page, status=status)


def _preview(row: parties.Row, nominee: Nominee) -> list[Part]:
    if nominee.user:
        who = _("%s，用原来的账号和登录方式。") % nominee.user
    else:
        who = _("%s，新开一个账号；登录名和首次密码任命以后显示一次。") % nominee.name
    blocks = _("、").join(block.name for block in row.blocks)
    sees = _("看得到%(blocks)s共%(count)d个楼组的数字和三人组，看不到报告原文。") % {
        "blocks": blocks,
        "count": row.buildings,
    }
    parts = [Part(_("谁来当"), [who])]
    if row.secretary:
        before = _("%s的任期到现在为止，下一次打开页面就看不到这些片区。")
        parts.append(Part(_("原来的书记"), [before % row.secretary.user.full_name]))
    none = _("这个支部还没有对应的片区，先看不到楼组。")
    return [
        *parts,
        Part(_("看得到什么"), [sees if row.blocks else none]),
        Part(_("能不能撤销"), [_("十分钟内可以撤销，回到原来的样子。")]),
    ]
