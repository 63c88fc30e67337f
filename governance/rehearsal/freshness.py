"""How long from the answer to a submit until an open page would show it.

Asked the way an open page asks: the `live` version endpoint, over HTTP. The row watched is the
door's own in the week of the sending, and nobody else touches that door, so a new version is this
sending's. The drain writes door, floor, building, block and community in one transaction: what
is there for the door is there for the street.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date

from governance.rehearsal.phones import Line, Phone

PAUSE = 0.05
TokenOf = Callable[[str, date], str]


@dataclass
class Watch:
    token: str
    before: int
    began: float = 0.0


@dataclass
class Freshness:
    """Watches many rows with one thread. Times are late by a round of asking, 0.05 s and more."""

    line: Line
    token_of: TokenOf
    seconds: list[float] = field(default_factory=list)
    _open: list[Watch] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _is_over: threading.Event = field(default_factory=threading.Event)

    def begin(self, phone: Phone, place: str, day: date | None) -> Watch | None:
        """Note the version before sending; None when it cannot be asked."""
        token = self.token_of(place, day) if day else ""
        before = phone.live(token) if token else None
        return None if before is None else Watch(token, before)

    def answered(self, watch: Watch) -> None:
        watch.began = time.monotonic()
        with self._lock:
            self._open.append(watch)

    def start(self) -> threading.Thread:
        thread = threading.Thread(target=self._look, daemon=True)
        thread.start()
        return thread

    def finish(self, patience: float) -> int:
        """Wait for what is still open; how many never came."""
        end = time.monotonic() + patience
        while self._open and time.monotonic() < end:
            time.sleep(PAUSE)
        self._is_over.set()
        return len(self._open)

    def _look(self) -> None:
        phone = Phone(self.line, "", "")
        while not self._is_over.wait(PAUSE):
            with self._lock:
                pending = list(self._open)
            for watch in pending:
                version = phone.live(watch.token)
                if version is not None and version > watch.before:
                    self.seconds.append(time.monotonic() - watch.began)
                    with self._lock:
                        self._open.remove(watch)
