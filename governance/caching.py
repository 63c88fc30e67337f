"""What a browser may keep: nothing that was made for somebody."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

Answer = Callable[[HttpRequest], HttpResponseBase]


def keep_private(get_response: Answer) -> Answer:
    """`no-store` on every answer to somebody who is logged in, unless the view has said its own.

    Outside the session's middleware, and asks the session for nothing: an answer that looked at
    nobody stays as cacheable as it was.
    """

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        if not response.has_header("Cache-Control") and _is_somebodys(request):
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return middleware


def _is_somebodys(request: HttpRequest) -> bool:
    if "Authorization" in request.headers:
        return True
    session = getattr(request, "session", None)
    return bool(session and session.accessed and settings.SESSION_COOKIE_NAME in request.COOKIES)
