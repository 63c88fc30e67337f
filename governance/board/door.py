"""The short way in for what open pages ask, before Django is asked anything.

Hundreds of pages ask for a version about once a second, and when it is another one they all fetch
the same fragment. Both are answered here: the version from `Watch`, the fragment from the first of
them that Django drew, to whoever sees the same. decisions/0022 says what keeps that honest.
"""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.http.cookie import parse_cookie

from governance.board.live import Told
from governance.board.watch import Lost, Seen, Watch

Headers = list[tuple[str, str]]
Start = Callable[..., Any]
# Of a fragment: as whom it is seen, and the address of its page.
Key = tuple[str, str]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]

PATH = "/live/"
# Asked by this door only: draws nothing and says who somebody is.
WHO = "/live/"
# Where a view says what it drew: as whom, and the token of its page.
DRAWN = "tonggou.drawn"
# For so long a browser counts as who it was found to be; a post that ends, ends it at once.
_KNOWN_FOR = 60.0
_MOST = 2000
_PLAIN = [
    ("Content-Type", "text/plain"),
    ("Cache-Control", "no-store, private"),
    ("X-Content-Type-Options", "nosniff"),
]


@dataclass(frozen=True)
class Person:
    """A browser: what its session saw when Django last looked."""

    audience: str
    posts: tuple[int, ...]
    until: float


@dataclass(frozen=True)
class Part:
    """A fragment that says at least what was so at `version`."""

    told: Told
    version: int
    headers: Headers
    body: bytes


class Door:
    """A WSGI application before another one."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._watch = Watch()
        self._people: dict[str, Person] = {}
        self._parts: dict[Key, Part] = {}
        self._drawing: dict[Key, threading.Lock] = {}

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            if environ["PATH_INFO"].startswith(PATH) and environ["PATH_INFO"] != WHO:
                return self._version(environ, start)
            if "HTTP_X_LIVE" in environ and environ.get("HTTP_X_PART") == "figures":
                return self._part(environ, start)
        # From before Django looked: an older stamp can only make somebody be looked at again.
        posts = self._watch.posts
        answer = self._application(environ, start)
        if DRAWN in environ:
            self._know(environ, _cookies_of(environ).get(settings.SESSION_COOKIE_NAME, ""), posts)
        return answer

    def _know(self, environ: dict[str, Any], cookie: str, posts: tuple[int, ...]) -> Person | None:
        """Whom Django has just found behind this browser, when its page says so."""
        drawn = environ.get(DRAWN)
        if not drawn or not cookie:
            return None
        if len(self._people) > _MOST:
            self._people.clear()
        person = Person(drawn[0], posts, time.monotonic() + _KNOWN_FOR)
        self._people[cookie] = person
        return person

    def _person(self, environ: dict[str, Any], cookie: str, seen: Seen) -> Person | None:
        """Who this browser is; looked up again, and nothing drawn, when that was long ago."""
        person = self._people.get(cookie)
        if person and person.until > time.monotonic() and person.posts == seen.posts:
            return person
        asked = environ | {"PATH_INFO": WHO, "QUERY_STRING": ""}
        answer = self._application(asked, lambda *_told: None)
        if hasattr(answer, "close"):
            answer.close()
        return self._know(asked, cookie, seen.posts)

    def _version(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        try:
            seen = self._watch.see(environ["PATH_INFO"][len(PATH) :].rstrip("/"))
        except signing.BadSignature:
            # Told as everything that is not there.
            return self._application(environ, start)
        except Lost:
            start("503 Service Unavailable", [*_PLAIN, ("Content-Length", "0")])
            return [b""]
        body = str(seen.version).encode()
        told = [("Content-Length", str(len(body))), ("X-Behind", str(seen.behind))]
        start("200 OK", [*_PLAIN, *told])
        return [body]

    def _part(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """What the page of this token shows; drawn once for all who see the same."""
        token, came = environ["HTTP_X_LIVE"], time.monotonic()
        cookies = _cookies_of(environ)
        # What is kept is in Chinese; few ask for another language (governance/language.py).
        if settings.LANGUAGE_COOKIE_NAME in cookies:
            return self._application(environ, start)
        try:
            told = self._watch.told(token)
            seen = self._watch.see(token)
            if str(seen.version) != environ.get("HTTP_X_VERSION"):
                # Another process has told of something newer.
                seen = self._watch.see(token, not_before=came)
        except (signing.BadSignature, *Lost):
            return self._application(environ, start)
        cookie = cookies.get(settings.SESSION_COOKIE_NAME, "")
        person = self._person(environ, cookie, seen) if cookie else None
        if person is None:
            return self._application(environ, start)
        key = (person.audience, f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}")
        part = self._kept(key, told, seen)
        if part is None:
            if len(self._drawing) > _MOST // 10:
                # Whoever holds one goes on; another may draw the same beside them.
                self._drawing.clear()
            with self._drawing.setdefault(key, threading.Lock()):
                part = self._kept(key, told, seen)
                if part is None:
                    return self._draw(environ, start, key, told, seen)
        start("200 OK", [*part.headers, ("X-Version", str(part.version))])
        return [part.body]

    def _kept(self, key: Key, told: Told, seen: Seen) -> Part | None:
        part = self._parts.get(key)
        return part if part and (part.told, part.version) == (told, seen.version) else None

    def _draw(
        self, environ: dict[str, Any], start: Start, key: Key, told: Told, seen: Seen
    ) -> Iterable[bytes]:
        """By Django, with every check; kept when it is of a page that may be shared."""
        answered: list[Any] = []
        chunks = self._application(environ, lambda *said: answered.extend(said))
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        status, headers = answered[:2]
        audience, token = environ.get(DRAWN) or ("", "")
        sets_cookie = any(name.lower() == "set-cookie" for name, _value in headers)
        is_kept = status.startswith("200") and audience == key[0] and not sets_cookie
        if is_kept and self._watch.told(token) == told:
            if len(self._parts) > _MOST // 10:
                self._parts.clear()
            self._parts[key] = Part(told, seen.version, headers, body)
        start(status, [*headers, ("X-Version", str(seen.version))])
        return [body]


def _cookies_of(environ: dict[str, Any]) -> dict[str, str]:
    """As Django reads them, so that both take a browser for the same person."""
    header = environ.get("HTTP_COOKIE", "").encode("latin-1")
    return parse_cookie(header.decode(errors="replace"))
