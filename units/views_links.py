"""Saved filters: kept from the page that shows them, and removed there."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from units import saved_links, way_back
from units.models import SavedLink
from units.private_numbers import one_line
from units.refusals import Refusal


@login_required
@require_POST
def saving(request: HttpRequest) -> HttpResponse:
    """Keep the page that the button stood on, and go back to it; refused, on a page of its own."""
    name, path = one_line(request.POST.get("name", "")), request.POST.get("path", "")
    try:
        link = saved_links.save(name, path, owner=request.user, at=timezone.now())
    except Refusal as refusal:
        page = {
            "name": name,
            "path": path,
            "back": path if way_back.is_ours(path) else "",
            "refusal": refusal,
            "errors": refusal.fields,
        }
        return render(request, "units/saved_link.html", page, status=refusal.status)
    return redirect(link.path)


@login_required
@require_POST
def removal(request: HttpRequest, pk: int) -> HttpResponse:
    """At once: a link is made again in two clicks. Somebody else's does not exist (404)."""
    get_object_or_404(SavedLink, pk=pk, owner=request.user).delete()
    back = request.POST.get("path", "")
    return redirect(back if way_back.is_ours(back) else "home")
