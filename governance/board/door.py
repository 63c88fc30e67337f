"""The short way in for what open pages ask, before Django is asked anything.

Hundreds of pages ask about once a second whether they still show what is so, and when they do not
they all get the same fragment with the answer. Both are found here: the version by `Watch`, the
fragment from the first of them that Django drew it for. decisions/0022 says what keeps that honest.
"""

from collections.abc import Callable, Iterable
from typing import Any

from django.conf import settings
from django.core import signing

from governance.board.known import DRAWN, Known, Person, cookies_of, session_of
from governance.board.live import Told
from governance.board.parts import Part, Parts, Sought
from governance.board.shelf import Shelf
from governance.board.watch import Lost, Seen, Watch

Start = Callable[..., Any]
Application = Callable[[dict[str, Any], Start], Iterable[bytes]]

PATH = "/live/"
# Asked by this door only: draws nothing and says who somebody is.
WHO = "/live/"
_PLAIN = [
    ("Content-Type", "text/plain"),
    ("Cache-Control", "no-store, private"),
    ("X-Content-Type-Options", "nosniff"),
]


class Door:
    """A WSGI application before another one."""

    def __init__(
        self,
        application: Application,
        *,
        watch: Watch | None = None,
        known: Known | None = None,
        shelf: Shelf | None = None,
    ) -> None:
        self._application = application
        self._watch = watch or Watch()
        self._known = known or Known()
        self._parts = Parts(shelf or Shelf())

    def __call__(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] == "GET":
            if "HTTP_X_SHOWN" in environ and "HTTP_X_LIVE" in environ:
                return self._page(environ, start)
            if environ["PATH_INFO"].startswith(PATH) and environ["PATH_INFO"] != WHO:
                return self._version(environ, start)
        if not session_of(environ):
            return self._application(environ, start)
        posts = self._watch.posts()
        answer = self._application(environ, start)
        self._known.note(environ, posts)
        drawn = environ.get(DRAWN)
        if drawn and drawn.token:
            self._parts.note_shared(_address(environ))
        return answer

    def _version(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """The number alone, of a token in the address."""
        try:
            seen = self._watch.see(environ["PATH_INFO"][len(PATH) :].rstrip("/"))
        except signing.BadSignature:
            # Told as everything that is not there.
            return self._application(environ, start)
        except Lost:
            return _say(start, "503 Service Unavailable")
        return _say(start, "200 OK", _told(seen), str(seen.version).encode())

    def _page(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        """What a page has to show now that shows `X-Shown`, when that is anything else.

        A page that does not know yet what it shows is told so; what it shows then is newer.
        """
        token, shown = environ["HTTP_X_LIVE"], environ["HTTP_X_SHOWN"]
        try:
            told, seen = self._watch.told(token), self._watch.see(token)
            if shown not in ("", str(seen.version)) and not self._watch.has_passed(told, shown):
                # Another process may have told of something newer.
                seen = self._watch.see_now(token)
            if shown in ("", str(seen.version)):
                return _say(start, "204 No Content", _told(seen))
            return self._fragment(environ, start, told, seen)
        except signing.BadSignature:
            return _say(start, "404 Not Found")
        except Lost:
            return _say(start, "503 Service Unavailable")

    def _fragment(
        self, environ: dict[str, Any], start: Start, told: Told, seen: Seen
    ) -> Iterable[bytes]:
        person = self._person(environ, seen)
        # What is kept is in Chinese; few ask for another language (governance/language.py).
        if person is None or settings.LANGUAGE_COOKIE_NAME in cookies_of(environ):
            part = self._drawn(environ, seen)
        else:
            sought = Sought(person.audience, _address(environ), told, seen.version)
            part = self._parts.find(sought, lambda: self._drawn(environ, seen, sought))
        if part.is_shared and "gzip" in environ.get("HTTP_ACCEPT_ENCODING", ""):
            packed = [each for each in part.headers if each[0].lower() != "content-length"]
            packed += [
                ("Content-Encoding", "gzip"),
                ("Content-Length", str(len(part.packed))),
                ("Vary", "Accept-Encoding"),
            ]
            start(part.status, [*packed, *_told(seen)])
            return [part.packed]
        start(part.status, [*part.headers, *_told(seen)])
        return [part.body]

    def _person(self, environ: dict[str, Any], seen: Seen) -> Person | None:
        """Who this browser is; asked of Django, and nothing drawn, when that was long ago."""
        cookie = session_of(environ)
        if not cookie:
            return None
        if person := self._known.find(cookie, seen.posts):
            return person
        asked = environ | {"PATH_INFO": WHO, "QUERY_STRING": ""}
        answer = self._application(asked, lambda *_told: None)
        if hasattr(answer, "close"):
            answer.close()
        return self._known.note(asked, seen.posts)

    def _drawn(self, environ: dict[str, Any], seen: Seen, sought: Sought | None = None) -> Part:
        """By Django, with every check. Shared only when its view says that it may be, it shows what
        was asked for to whom it was asked for, and nothing is set in one person's browser."""
        answered: list[Any] = []
        chunks = self._application(environ, lambda *said: answered.extend(said))
        try:
            body = b"".join(chunks)
        finally:
            if hasattr(chunks, "close"):
                chunks.close()
        self._known.note(environ, seen.posts)
        status, headers = answered[:2]
        drawn = environ.get(DRAWN)
        is_shared = bool(
            sought
            and drawn
            and status.startswith("200")
            and drawn.audience == sought.audience
            and self._watch.told(drawn.token) == sought.told
            and not any(name.lower() == "set-cookie" for name, _value in headers)
        )
        return Part(status, headers, body, is_shared)


def _address(environ: dict[str, Any]) -> str:
    return f"{environ['PATH_INFO']}?{environ.get('QUERY_STRING', '')}"


def _told(seen: Seen) -> list[tuple[str, str]]:
    return [("X-Version", str(seen.version)), ("X-Behind", str(seen.behind))]


def _say(
    start: Start, status: str, told: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> Iterable[bytes]:
    start(status, [*_PLAIN, ("Content-Length", str(len(body))), *told])
    return [body]
