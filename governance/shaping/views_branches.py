"""Which party branch answers for which blocks: seen by staff, changed by who appoints."""

from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.shaping import listing
from governance.shaping.forms import LONGEST
from reports.free_text import one_line
from units import branches as parties
from units import scope
from units.kinds import Kind
from units.models import Place
from units.refusals import Refusal, forbidden
from units.scope import Action


def root_of(request: HttpRequest, code: str) -> Place:
    """404 for who sees no groups here; 403 for who sees only some of the community's."""
    seen = Place.objects.visible_to(request.user, Action.SEE_GROUPS).filter(community__code=code)
    if not seen.exists():
        raise Http404
    root = get_object_or_404(
        Place.objects.select_related("community"), community__code=code, kind=Kind.COMMUNITY
    )
    if not scope.reach(request.user, Action.SEE_GROUPS).holds(root):
        raise forbidden()
    return root


@login_required
@require_http_methods(["GET", "POST"])
@never_cache
def branches(request: HttpRequest, code: str) -> HttpResponse:
    root = root_of(request, code)
    if request.method == "GET":
        return _page(request, root)
    # Whose secretary sees which blocks is an appointment, as of the seats.
    scope.require(request.user, Action.APPOINT, root)
    try:
        made = parties.change(
            root.community,
            _wanted(request, root),
            step=_id(request),
            seen=request.POST.get("seen", ""),
            by=request.user,
            at=timezone.now(),
        )
    except Refusal as refusal:
        return _page(request, root, refusal)
    done = f"?done={made.pk}" if made else ""
    return redirect(reverse("branches", kwargs={"code": code}) + done)


def _id(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("id", ""))
    except ValueError:
        return uuid4()


def _wanted(request: HttpRequest, root: Place) -> parties.Wanted:
    """Raises Refusal `name_required`, `name_too_long`, beside the names."""
    post = request.POST
    of = parties.rows(root.community, at=timezone.now())
    names = {
        row.branch.pk: one_line(post.get(f"name-{row.branch.pk}", row.branch.name)) for row in of
    }
    known, blocks = {str(pk): pk for pk in names}, {}
    for block in parties.blocks_of(root.community):
        chosen = post.get(f"block-{block.pk}")
        if chosen is not None:
            blocks[block.pk] = known.get(chosen)
    new = one_line(post.get("new", ""))
    typed = {f"name-{pk}": name for pk, name in names.items()}
    if empty := [field for field, name in typed.items() if not name]:
        message = _("党支部的名称不能空着")
        raise Refusal("name_required", message, fields=dict.fromkeys(empty, message))
    if long := [field for field, name in (typed | {"new": new}).items() if len(name) > LONGEST]:
        message = _("名称最多40个字")
        raise Refusal("name_too_long", message, fields=dict.fromkeys(long, message))
    return parties.Wanted(names, blocks, new)


def _page(request: HttpRequest, root: Place, refusal: Refusal | None = None) -> HttpResponse:
    now, typed = timezone.now(), request.POST
    errors = refusal.fields if refusal else {}
    rows = parties.rows(root.community, at=now)
    held = {block.pk: row.branch.pk for row in rows for block in row.blocks}
    page: dict[str, Any] = {
        "root": root,
        "community": root.community,
        "rows": [
            (row, typed.get(field, row.branch.name), errors.get(field, ""))
            for row in rows
            for field in [f"name-{row.branch.pk}"]
        ],
        "blocks": [
            (block, str(typed.get(f"block-{block.pk}", held.get(block.pk, ""))))
            for block in parties.blocks_of(root.community)
        ],
        "new": typed.get("new", ""),
        "may_change": scope.reach(request.user, Action.APPOINT).holds(root),
        "may_shape": scope.reach(request.user, Action.SHAPE_TREE).holds(root),
        "seen": parties.as_seen(root.community),
        "id": uuid4(),
        "refusal": refusal,
        "errors": errors,
        "undone": "undone" in request.GET,
        "told": listing.told(root, request.GET.get("done", ""), at=now),
    }
    return render(request, "shaping/branches.html", page, status=refusal.status if refusal else 200)
