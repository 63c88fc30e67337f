"""A phone's outbox: what is written down stays until the server has decided about it.

The rules of a real one: same UUID at every try; only a receipt that names this UUID delivers;
network errors, 5xx and pages keep everything and wait longer each time.
"""

import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random
from typing import Any

from governance.rehearsal.phones import OutOfReachError, Phone
from governance.rehearsal.steps import Manner

# A real phone begins at 2 s and goes up to 5 min; a rehearsal has less time.
FIRST_WAIT, LONGEST_WAIT = 0.25, 8.0


@dataclass
class Entry:
    """One sending as this phone wrote it down, and what became of it."""

    id: str
    login: str
    body: dict[str, Any]
    expects: frozenset[str] = frozenset()
    # The entry that `amends` names, and whether `id` is borrowed from another sending on purpose.
    follows: "Entry | None" = None
    is_borrowed: bool = False
    tries: int = 0
    receipt: dict[str, Any] | None = None
    code: str = ""
    theirs: dict[str, Any] | None = None
    repeats: int = 0
    contradicted: bool = False

    @property
    def is_settled(self) -> bool:
        return bool(self.receipt or self.code)


@dataclass
class Ledger:
    """Everything that all phones wrote down, and how long the answers took."""

    entries: list[Entry] = field(default_factory=list)
    kept: Counter[str] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    batch_seconds: list[float] = field(default_factory=list)
    # Moments of time.monotonic at which something was settled, in order.
    moments: list[float] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def write_down(self, entry: Entry) -> Entry:
        with self._lock:
            self.entries.append(entry)
        return entry

    def keep(self, why: str) -> None:
        with self._lock:
            self.kept[why] += 1

    def settled(self) -> int:
        return sum(entry.is_settled for entry in list(self.entries))

    def note(self, entry: Entry, status: int, data: Any) -> None:
        """Raises OutOfReachError when this is neither a receipt for it nor a refusal of it."""
        with self._lock:
            if status in (200, 201) and _is_receipt(entry, data):
                said = {name: data[name] for name in ("receipt", "rev", "received_at")}
                entry.repeats += status == 200
                entry.contradicted |= entry.receipt not in (None, said) or bool(entry.code)
                entry.receipt = said
            elif 400 <= status < 500 and isinstance(data, dict) and data.get("code"):
                entry.contradicted |= entry.receipt is not None
                entry.code, entry.theirs = data["code"], data.get("theirs")
            else:
                raise OutOfReachError("no_receipt")
            self.moments.append(time.monotonic())

    def longest_silence(self) -> float:
        """Seconds between two answers with none between them, at most."""
        return max((later - one for one, later in pairwise(self.moments)), default=0.0)


def _is_receipt(entry: Entry, data: Any) -> bool:
    return (
        isinstance(data, dict)
        and data.get("id") == entry.id
        and data.get("receipt") == entry.id.replace("-", "")[:8]
        and isinstance(data.get("rev"), int)
        and isinstance(data.get("received_at"), str)
    )


def deliver(
    phone: Phone, ledger: Ledger, entries: Sequence[Entry], manner: Manner = Manner.ONCE
) -> None:
    """Try once to settle the entries, as one request when there are several.

    Raises OutOfReachError while one of them is not settled.
    """
    waiting = [entry for entry in entries if not entry.is_settled]
    if not waiting:
        return
    if manner is Manner.AT_ONCE:
        with ThreadPoolExecutor(2) as hands:
            tries = [hands.submit(_send, phone, ledger, waiting) for _hand in range(2)]
        failed = [error for each in tries if (error := each.exception())]
        unforeseen = [error for error in failed if not isinstance(error, OutOfReachError)]
        if unforeseen or len(failed) == len(tries):
            raise (unforeseen or failed)[0]
    else:
        for _time in range(2 if manner is Manner.TWICE else 1):
            _send(phone, ledger, waiting)
    if not all(entry.is_settled for entry in entries):
        raise OutOfReachError("no_receipt")


def _send(phone: Phone, ledger: Ledger, entries: Sequence[Entry]) -> None:
    for entry in entries:
        entry.tries += 1
    if len(entries) == 1:
        answer = phone.put(entries[0].id, entries[0].body)
        ledger.seconds.append(answer.seconds)
        ledger.note(entries[0], answer.status, answer.data)
        return
    answer = phone.post([{"id": entry.id, **entry.body} for entry in entries])
    ledger.batch_seconds.append(answer.seconds)
    data = answer.data if isinstance(answer.data, dict) else {}
    # Without items the request was refused as a whole, or this is no answer to it.
    items = data.get("items", [{**data, "status": answer.status}] * len(entries))
    if len(items) != len(entries):
        raise OutOfReachError("no_receipt")
    for entry, item in zip(entries, items, strict=True):
        ledger.note(entry, item["status"], item)


def wait_before(tries: int, random: Random, retry_after: float = 0.0) -> float:
    """Seconds until the next try after so many failed ones; never before the server's own word."""
    wait = min(LONGEST_WAIT, FIRST_WAIT * 2 ** min(tries - 1, 10)) * random.uniform(0.5, 1.5)
    return max(wait, retry_after)
