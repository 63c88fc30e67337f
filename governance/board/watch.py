"""What the database said within the last breath, for all that open pages ask; one a process.

Nothing is kept longer than a breath: when the database does not answer, nobody is answered.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from django.core import signing
from django.db import DatabaseError, InterfaceError, connection

from governance.board import live
from governance.board.live import Told

# How old an answer may be; how long a failure stands, so that no door queues up behind it; and
# after how long a token that nobody asks for is dropped. Seconds.
_BREATH, _SILENCE, _FORGOTTEN = 0.25, 1.0, 15.0
# A token is checked anew this often, so that it ends when its day is over.
_CHECKED_FOR = 60.0
# So many versions back a page is known to be older, and not newer than we are.
_PASSED = 8
_MOST_TOKENS = 20_000

Lost = (DatabaseError, InterfaceError)


@dataclass
class _Token:
    told: Told
    until: float
    asked: float


@dataclass(frozen=True)
class Seen:
    """`behind` is for how many seconds the oldest report has been waiting to be added up, `posts`
    another number whenever anybody's posts are others."""

    version: int
    behind: int
    posts: tuple[int, ...]


class Watch:
    """`clock` gives seconds that only grow."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, _Token] = {}
        self._versions: dict[Told, int] = {}
        self._passed: dict[Told, tuple[str, ...]] = {}
        self._stamp: tuple[int, ...] = ()
        self._behind = 0
        self._posts: tuple[int, ...] = ()
        self._looked = self._failed = float("-inf")

    def posts(self) -> tuple[int, ...]:
        """The newest stamp of all posts that this process has, however old; see `Seen`."""
        if not self._posts and self._clock() - self._failed >= _SILENCE:
            try:
                self._posts = live.surroundings()[1]
            except Lost:
                self._failed = self._clock()
                connection.close()
        return self._posts

    def told(self, token: str) -> Told:
        """Raises signing.BadSignature."""
        now = self._clock()
        known = self._tokens.get(token)
        if known is None or known.until < now:
            self._tokens.pop(token, None)
            known = _Token(live.read(token), now + _CHECKED_FOR, now)
            if len(self._tokens) >= _MOST_TOKENS:
                raise signing.BadSignature("too many pages are open")
            self._tokens[token] = known
        known.asked = now
        return known.told

    def see(self, token: str) -> Seen:
        """What is so, or was within a breath.

        Raises signing.BadSignature, and one of `Lost` when the database does not answer.
        """
        return self._see(token, float("-inf"))

    def see_now(self, token: str) -> Seen:
        """What is so since this was asked. Raises as `see` does."""
        return self._see(token, self._clock())

    def has_passed(self, told: Told, version: str) -> bool:
        """Whether this process has told of `version` before the present one."""
        return version in self._passed.get(told, ())

    def _see(self, token: str, not_before: float) -> Seen:
        told = self.told(token)
        if not self._knows(told, not_before):
            with self._lock:
                if not self._knows(told, not_before):
                    self._look()
        # Another look may have dropped it: then it is asked for again.
        version = self._versions.get(told)
        if version is None:
            version = live.versions([told])[told]
        return Seen(version, self._behind, self._posts)

    def _knows(self, told: Told, not_before: float) -> bool:
        oldest = max(self._clock() - _BREATH, not_before)
        return self._looked >= oldest and told in self._versions

    def _look(self) -> None:
        now = self._clock()
        if now - self._failed < _SILENCE:
            raise DatabaseError("the database did not answer a moment ago")
        for token, known in list(self._tokens.items()):
            if now - known.asked > _FORGOTTEN:
                self._tokens.pop(token, None)
        asked = {known.told for known in list(self._tokens.values())}
        try:
            stamp = live.stamp(asked)
            if stamp != self._stamp or asked != self._versions.keys():
                self._pass_to(live.versions(asked))
                self._stamp = stamp
            self._behind, self._posts = live.surroundings()
        except Lost:
            self._versions, self._stamp, self._failed = {}, (), now
            connection.close()
            raise
        self._looked = now

    def _pass_to(self, versions: dict[Told, int]) -> None:
        passed = {}
        for told, version in versions.items():
            before = self._passed.get(told, ())
            if told in self._versions and self._versions[told] != version:
                before = (*before, str(self._versions[told]))[-_PASSED:]
            passed[told] = before
        self._passed, self._versions = passed, versions
