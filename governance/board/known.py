"""Whom Django found behind a browser, kept for a while: who asks each second is not looked up each
second. decisions/0022 says what ends it and how soon.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http.cookie import parse_cookie
from django.utils import timezone

from units.open_sessions import Standing, still_standing

# Where a view says what it drew, and for whom (`Drawn`).
DRAWN = "tonggou.drawn"
# All that are known are checked at once when they were last checked so long ago, in one query.
CHECKED_FOR = 10.0
# Django looks again after so long whatever happened. Seconds.
KNOWN_FOR = 300.0
_MOST = 2000


@dataclass(frozen=True)
class Drawn:
    """As whom somebody sees, the token of the page that was drawn ("" for none), and what the
    session hangs on."""

    audience: str
    token: str
    standing: Standing


@dataclass(frozen=True)
class Person:
    audience: str
    standing: Standing
    posts: tuple[int, ...]
    until: float


class Known:
    """`clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._people: dict[str, Person] = {}
        self._checked = clock()

    def note(self, environ: dict[str, Any], posts: tuple[int, ...]) -> Person | None:
        """Whom Django has just found here, when its view says so.

        `posts` are from before it looked: an older stamp can only make somebody be looked at again.
        """
        drawn, cookie = environ.get(DRAWN), session_of(environ)
        if not drawn or drawn.standing.key != cookie:
            return None
        if len(self._people) > _MOST:
            self._people.clear()
        until = self._clock() + KNOWN_FOR
        person = self._people[cookie] = Person(drawn.audience, drawn.standing, posts, until)
        return person

    def find(self, cookie: str, posts: tuple[int, ...]) -> Person | None:
        """Who this browser still is; None when only Django can say.

        Raises `watch.Lost` when the database does not answer.
        """
        self._check()
        person = self._people.get(cookie)
        if person and person.until > self._clock() and person.posts == posts:
            return person
        return None

    def _check(self) -> None:
        if self._clock() - self._checked < CHECKED_FOR:
            return
        with self._lock:
            now = self._clock()
            if now - self._checked < CHECKED_FOR:
                return
            known = dict(self._people)
            standing = still_standing([p.standing for p in known.values()], at=timezone.now())
            for cookie, person in known.items():
                # Who was found anew meanwhile stays.
                if cookie not in standing and self._people.get(cookie) is person:
                    del self._people[cookie]
            self._checked = now


def cookies_of(environ: dict[str, Any]) -> dict[str, str]:
    """As Django reads them, so that both take a browser for the same person."""
    header = environ.get("HTTP_COOKIE", "").encode("latin-1")
    return parse_cookie(header.decode(errors="replace"))


def session_of(environ: dict[str, Any]) -> str:
    return cookies_of(environ).get(settings.SESSION_COOKIE_NAME, "")
