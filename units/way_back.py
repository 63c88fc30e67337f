"""Going back to the list that a page was opened from.

The list puts its own address, `?back=…`, on the links of its rows. A form of the opened page that
keeps it (as a hidden field, or by posting to its own address) leads back there when it is done.
"""

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import Resolver404, resolve, reverse
from django.utils.functional import SimpleLazyObject

from units.models.saved_link import MAX_PATH


def is_ours(path: str) -> bool:
    """Only what begins with one slash and is a page of this house; never another site."""
    if len(path) > MAX_PATH or not path.isprintable() or "\\" in path:
        return False
    if not path.startswith("/") or path.startswith("//"):
        return False
    try:
        resolve(urlsplit(path).path)
    except (ValueError, Resolver404):
        return False
    return True


def of(request: HttpRequest) -> str:
    """The address of the list, or "" where there is none, or none of ours."""
    asked = request.POST.get("back") or request.GET.get("back") or ""
    return asked if is_ours(asked) else ""


def onto(url: str, back: str) -> str:
    """`url` that knows the way back to the list at `back`; as it is without one."""
    return _with(url, {"back": back}) if back else url


def go(request: HttpRequest, **told: Any) -> HttpResponse | None:
    """Back to the list, which is told what was done. None when the page was opened otherwise."""
    back = of(request)
    return redirect(_with(back, told)) if back else None


def onward(request: HttpRequest, door: str, **where: Any) -> HttpResponse:
    """To a further page, which knows the way back as this one does."""
    return redirect(onto(reverse(door, kwargs=where), of(request)))


def _with(url: str, more: dict[str, Any]) -> str:
    rest, hash_, fragment = url.partition("#")
    return f"{rest}{'&' if '?' in rest else '?'}{urlencode(more)}{hash_}{fragment}"


def way_back(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `way_back` in every template."""
    return {"way_back": SimpleLazyObject(lambda: of(request))}
