"""The drain: how much a second at a backlog, and how long a report waits under a steady load."""

import threading
import time
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from bench.filing import Calls
from bench.servers import Sent, send
from bench.stopwatch import percentile, repeated
from bench.world import Seat, drain_all
from reports import calendar
from reports.models import Mark

# One mark of the four that a report leaves stands for it.
_LOOKS_EVERY = 0.02


@dataclass(frozen=True)
class Backlog:
    reports: int
    marks: int
    seconds: float


def backlog(seats: list[Seat]) -> Backlog:
    """Every household of these buildings has reported and nothing is drained: now all at once."""
    drain_all()
    for seat in seats:
        Calls(seat).batch_by_function()
    marks = Mark.objects.count()
    [seconds] = repeated(drain_all, 1).seconds
    return Backlog(sum(len(seat.homes) for seat in seats), marks, seconds)


@dataclass(frozen=True)
class Steady:
    """A steady load: what was sent, and how long each report's mark waited for the drain."""

    wanted: float
    sent: Sent
    lags: list[float]

    def lag(self, percent: float) -> float:
        return percentile(self.lags, percent)


def steady(port: int, seats: list[Seat], *, rate: float, seconds: float) -> Steady:
    _until_nothing_waits()
    watch = _Watch()
    watch.start()
    sent = send("api", seconds=seconds, port=port, seats=seats, rate=rate)
    time.sleep(1)
    watch.stop.set()
    watch.join()
    return Steady(rate, sent, watch.lags(len(sent.seconds) - sent.refused))


def _until_nothing_waits() -> None:
    """What an earlier load left is none of this one's; nor is a bell that it silenced for 5 s."""
    time.sleep(5)
    deadline = time.monotonic() + 30
    while Mark.objects.exists() and time.monotonic() < deadline:
        time.sleep(0.2)


class _Watch(threading.Thread):
    """Looks at the marks of this quarter; each is gone by the first look that misses it."""

    def __init__(self) -> None:
        super().__init__()
        self.stop = threading.Event()
        self._quarter = calendar.quarter_of(timezone.localdate()).pk
        self._waiting: dict[int, float] = {}
        self._done: list[float] = []

    def run(self) -> None:
        with connection.cursor() as cursor:
            while not self.stop.wait(_LOOKS_EVERY):
                cursor.execute(
                    "SELECT id, extract(epoch FROM made_at), extract(epoch FROM clock_timestamp())"
                    " FROM reports_mark WHERE period_id = %s",
                    [self._quarter],
                )
                rows = cursor.fetchall()
                now = time.time()
                here = {mark: float(made) for mark, made, _now in rows}
                gone = self._waiting.keys() - here.keys()
                self._done += [now - self._waiting[mark] for mark in gone]
                self._waiting = here
        connection.close()

    def lags(self, reports: int) -> list[float]:
        """Marks that no look met lived shorter than a look; one still waiting waits for ever."""
        unseen = max(0, reports - len(self._done) - len(self._waiting))
        return [_LOOKS_EVERY] * unseen + self._done + [float("inf")] * len(self._waiting)
