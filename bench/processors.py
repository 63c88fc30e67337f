"""Processor seconds of whole groups of processes, which strangers on the machine do not change."""

import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis
from django.conf import settings
from django.db import connection

TICKS = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True)
class Used:
    """Cores: processor seconds a second."""

    house: float
    database: float
    broker: float

    def more_than(self, other: "Used") -> "Used":
        return Used(
            self.house - other.house, self.database - other.database, self.broker - other.broker
        )


class Meter:
    """Of what this process started, of PostgreSQL, and of Valkey, while the context is open."""

    def __init__(self) -> None:
        mine = os.getpid()
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            postmaster = _stat(cursor.fetchone()[0])[0]
        broker = redis.Redis.from_url(settings.REDIS_URL).info("server")["process_id"]
        children = [pid for pid, (parent, _used) in _all().items() if parent == mine]
        self._groups = (children, [postmaster], [broker])

    def __enter__(self) -> "Meter":
        self._began = time.monotonic(), [_busy(group) for group in self._groups]
        return self

    def __exit__(self, *_error: object) -> None:
        began, before = self._began
        took = time.monotonic() - began
        after = [_busy(group) for group in self._groups]
        self.used = Used(*((b - a) / took for a, b in zip(before, after, strict=True)))


def _busy(roots: list[int]) -> float:
    """Processor seconds of these processes and all below them."""
    everything = _all()
    tree = set(roots)
    while more := {pid for pid, told in everything.items() if told[0] in tree} - tree:
        tree |= more
    return sum(everything[pid][1] for pid in tree if pid in everything)


def _all() -> dict[int, tuple[int, float]]:
    found = {}
    for each in Path("/proc").iterdir():
        if each.name.isdecimal():
            with suppress(OSError):
                found[int(each.name)] = _stat(int(each.name))
    return found


def _stat(pid: int) -> tuple[int, float]:
    """(parent, processor seconds, with those of children that ended)."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(told[1]), sum(map(int, told[11:15])) / TICKS
