"""Fragments of open pages, each drawn once for all who see the same."""

import gzip
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property

from django.utils.crypto import salted_hmac

from governance.board.live import Told
from governance.board.shelf import Shelf

Headers = list[tuple[str, str]]
_MOST = 200


@dataclass(frozen=True)
class Sought:
    """The fragment at `address` as `audience` sees it, which says at least what was so at
    `version` of what `told` names."""

    audience: str
    address: str
    told: Told
    version: int

    @property
    def place(self) -> tuple[str, str]:
        return self.audience, self.address

    @cached_property
    def name(self) -> str:
        """What it is called between processes; nobody without our secret can work it out."""
        return salted_hmac("board.parts", repr(self), algorithm="sha256").hexdigest()


@dataclass(frozen=True)
class Part:
    """An answer. `is_shared`: the same for everybody who sees the same."""

    status: str
    headers: Headers
    body: bytes
    is_shared: bool = False

    @cached_property
    def packed(self) -> bytes:
        """Packed once, however many ask. What is shared holds no secret of one person that packing
        could betray."""
        return gzip.compress(self.body, 6)


@dataclass
class _Place:
    """What stands at one address for one audience; `lock` is held by who draws it."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    sought: Sought | None = None
    part: Part | None = None

    def at(self, sought: Sought) -> Part | None:
        return self.part if self.sought == sought else None


class Parts:
    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._places: dict[tuple[str, str], _Place] = {}
        self._shared: set[str] = set()

    def note_shared(self, address: str) -> None:
        """What is drawn there may be shared: the page's view has just said so."""
        if len(self._shared) > _MOST:
            self._shared.clear()
        self._shared.add(address)

    def find(self, sought: Sought, draw: Callable[[], Part]) -> Part:
        """What is kept here, or what another process drew, or what `draw` draws now."""
        place = self._place(sought)
        if part := place.at(sought):
            return part
        with place.lock:
            if part := place.at(sought):
                return part
            # Other processes are asked only for what is known to be shared: nobody waits for what
            # will never come.
            is_tried = sought.address in self._shared
            part = self._taken(sought) if is_tried else None
            if part is None:
                part = self._drawn(sought, draw, is_claimed=is_tried)
            if part.is_shared:
                place.sought, place.part = sought, part
                self.note_shared(sought.address)
            return part

    def _place(self, sought: Sought) -> _Place:
        if len(self._places) > _MOST:
            self._places.clear()
        return self._places.setdefault(sought.place, _Place())

    def _taken(self, sought: Sought) -> Part | None:
        told = self._shelf.take(sought.name)
        if told is None:
            return None
        status, headers, body = told
        return Part(status, [(name, value) for name, value in headers], body.encode(), True)

    def _drawn(self, sought: Sought, draw: Callable[[], Part], *, is_claimed: bool) -> Part:
        part = None
        try:
            part = draw()
        finally:
            if part and part.is_shared:
                self._shelf.put(sought.name, [part.status, part.headers, part.body.decode()])
            elif is_claimed:
                self._shelf.leave(sought.name)
        return part
