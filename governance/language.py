"""Chinese for everybody, English for who asks for it at the desk.

A browser's own language is not asked: many a volunteer's phone is set to some other one, and the
phone's pages are Chinese. The choice is a cookie, read without touching the session.
"""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import translation

Answer = Callable[[HttpRequest], HttpResponseBase]
# Kept by browsers for everybody alike, so in one language.
ALIKE = ("/f/", "/sw.js", "/api/")


def speak(get_response: Answer) -> Answer:
    """Middleware: answers in the language of the cookie, else in Chinese."""
    known = dict(settings.LANGUAGES)

    def middleware(request: HttpRequest) -> HttpResponseBase:
        asked = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        if asked not in known or request.path.startswith(ALIKE):
            asked = settings.LANGUAGE_CODE
        with translation.override(asked):
            return get_response(request)

    return middleware
