"""Where the groups act at once: a few threads, each moving whichever group is due next."""

import heapq
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import uuid4

from governance.rehearsal.freshness import Freshness
from governance.rehearsal.outbox import Entry, Ledger, deliver, wait_before
from governance.rehearsal.phones import OutOfReachError, Phone
from governance.rehearsal.steps import Item, Step

Clock = Callable[[], datetime]


class Pace:
    """So many items a second over all threads; 0 is as fast as possible."""

    def __init__(self, rate: float) -> None:
        self._rate, self._next, self._lock = rate, 0.0, threading.Lock()

    def take(self, items: int) -> None:
        if not self._rate:
            return
        with self._lock:
            turn = max(self._next, time.monotonic())
            self._next = turn + items / self._rate
        time.sleep(max(0.0, turn - time.monotonic()))


class Actor:
    """One group and its phones, acting its steps in order; a step waits until it is settled."""

    def __init__(
        self,
        steps: Sequence[Step],
        phones: Sequence[Phone],
        *,
        ledger: Ledger,
        pace: Pace,
        freshness: Freshness,
        random: Random,
        clock: Clock,
    ) -> None:
        self.phones = phones
        self._steps, self._ledger, self._pace = list(steps), ledger, pace
        self._freshness, self._random, self._clock = freshness, random, clock
        self._at = self._tries = 0
        self._written: list[Entry] = []
        self._by_number: dict[int, Entry] = {}
        self._known: dict[int | str, int] = {}

    def act(self) -> float | None:
        """One try at the present step; seconds until the next try, None when all is done."""
        if self._at == len(self._steps):
            return None
        step = self._steps[self._at]
        phone = self.phones[step.seat % len(self.phones)]
        try:
            if not self._written:
                self._written = [self._write(phone, item) for item in step.items]
                self._pace.take(len(step.items))
                if step.kept:
                    return step.kept
            self._deliver(phone, step)
        except OutOfReachError as error:
            self._tries += 1
            self._ledger.keep(error.why)
            return wait_before(self._tries, self._random, error.retry_after)
        self._at, self._tries, self._written = self._at + 1, 0, []
        return 0.0

    def _deliver(self, phone: Phone, step: Step) -> None:
        watch = None
        if step.items[0].is_watched and not self._written[0].tries:
            item = step.items[0]
            watch = self._freshness.begin(phone, item.place, item.happened_on)
        deliver(phone, self._ledger, self._written, step.manner)
        if watch and self._written[0].receipt and self._written[0].tries == 1:
            self._freshness.answered(watch)
        for item, entry in zip(step.items, self._written, strict=False):
            self._learn(item, entry)

    def _write(self, phone: Phone, item: Item) -> Entry:
        """From here on neither the UUID nor a word of it changes, however often it is sent."""
        made_at = self._clock() - timedelta(hours=item.hours_ago)
        body: dict[str, Any] = {"place": item.place, "made_at": made_at.isoformat()}
        body |= {"nil": item.nil, "withdraws": item.withdraws, "answers": dict(item.answers)}
        if item.period:
            body["period"] = item.period
        if item.happened_on:
            body["happened_on"] = item.happened_on.isoformat()
        key = _key(item)
        if item.period and key not in self._known:
            self._known[key] = phone.rev_of(item.place, item.period)
        first = None if item.follows is None else self._by_number[item.follows]
        if first:
            body["amends"] = first.id
            # Still in this very outbox: the rev that it will have.
            self._known.setdefault(key, first.body["base_rev"] + 1)
        body["base_rev"] = max(self._known.get(key, 0) - item.is_stale, 0)
        borrowed = None if item.borrows is None else self._by_number[item.borrows]
        entry = Entry(
            borrowed.id if borrowed else str(uuid4()),
            phone.login,
            body,
            frozenset(item.expects.split()),
            first,
            is_borrowed=borrowed is not None,
        )
        self._by_number[item.number] = entry
        return self._ledger.write_down(entry)

    def _learn(self, item: Item, entry: Entry) -> None:
        """Remember the rev; who was told that others came first looks, and amends theirs."""
        if entry.receipt:
            self._known[_key(item)] = entry.receipt["rev"]
        elif entry.theirs:
            self._known[_key(item)] = entry.theirs["rev"]
            again = Item(
                item.number, item.place, item.answers, item.period, item.happened_on,
                nil=item.nil, withdraws=item.withdraws, follows=item.follows,
            )  # fmt: skip
            self._steps.insert(self._at + 1, Step((again,), seat=1))


def _key(item: Item) -> int | str:
    """What the rev is of: a building's report by its period, an event by its first item."""
    return item.period or (item.number if item.follows is None else item.follows)


def play(
    actors: Sequence[Actor],
    *,
    threads: int,
    deadline: Callable[[], float],
    each: Callable[[], None],
) -> int:
    """Let all act until they are done or `deadline` (of time.monotonic) is over.

    Returns how many were not done. Raises what an actor raised, other than OutOfReachError.
    """
    waiting = [(0.0, number) for number in range(len(actors))]
    failures: list[Exception] = []
    busy, lock = 0, threading.Condition()

    def work() -> None:
        nonlocal busy
        while True:
            with lock:
                while not waiting and busy and not failures:
                    lock.wait(0.2)
                if not waiting or failures or time.monotonic() > deadline():
                    lock.notify_all()
                    return
                due, number = heapq.heappop(waiting)
                early = due - time.monotonic()
                if early > 0:
                    heapq.heappush(waiting, (due, number))
                    lock.wait(min(early, 0.2))
                    continue
                busy += 1
            pause: float | None = None
            try:
                pause = actors[number].act()
            except Exception as error:  # told by the caller; no thread dies in silence
                failures.append(error)
            with lock:
                busy -= 1
                if pause is not None:
                    heapq.heappush(waiting, (time.monotonic() + pause, number))
                lock.notify_all()

    hands = [threading.Thread(target=work, daemon=True) for _each in range(threads)]
    for hand in hands:
        hand.start()
    while any(hand.is_alive() for hand in hands):
        each()
        time.sleep(0.1)
    if failures:
        raise failures[0]
    return len(waiting)
