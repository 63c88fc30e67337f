"""Takes parts of the running demo down by `kill -9`; its supervisor brings them back.

Only processes of this clone's own demo: they carry the supervisor's mark, the demo's data folder,
in their environment (deploy/supervisor.py), or are PostgreSQL's children of one that does. Needs
Linux's /proc.
"""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from urllib.parse import urlsplit

import redis
from django.conf import settings

MARK = "TONGGOU_SUPERVISED"
FOLDER = settings.BASE_DIR / ".data" / "demo"
PROC = Path("/proc")
FIRST_AFTER, EVERY = 3.0, 6.0

NAMES = {
    "worker": "后台任务",
    "web": "一个网页进程",
    "beat": "定时器",
    "backend": "一个数据库会话",
    "postmaster": "PostgreSQL",
    "flush": "清空消息队列",
}


def marked(folder: Path = FOLDER) -> dict[int, list[str]]:
    """Command lines of the demo's processes by number; PostgreSQL shows its mark on the first."""
    entry, found = os.fsencode(f"{MARK}={folder}"), {}
    for process in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if entry in (process / "environ").read_bytes().split(b"\0"):
                found[int(process.name)] = _command(process)
    return found


def _command(process: Path) -> list[str]:
    return (process / "cmdline").read_bytes().decode(errors="replace").split("\0")


def _parent(process: Path) -> int:
    return int((process / "stat").read_text().rpartition(")")[2].split()[1])


def _children(parent: int) -> Iterator[tuple[int, str]]:
    for process in PROC.glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if _parent(process) == parent:
                yield int(process.name), " ".join(_command(process))


def _candidates(part: str, folder: Path) -> list[int]:
    ours = marked(folder)
    if part in ("worker", "beat"):
        return [pid for pid, words in ours.items() if "celery" in words and part in words]
    if part == "web":
        web = {pid for pid, words in ours.items() if "granian" in words}
        return [pid for pid in web if _parent(PROC / str(pid)) in web]
    postmasters = [pid for pid, words in ours.items() if words[0].endswith("/postgres")]
    if part == "postmaster":
        return postmasters
    return [
        pid
        for postmaster in postmasters
        for pid, words in _children(postmaster)
        # "postgres: role database host(port) what": a session, not a helper.
        if words.startswith("postgres: ") and "(" in words
    ]


def flush(folder: Path = FOLDER) -> bool:
    """Drop every queue and bell, when the broker of the settings is this demo's own."""
    at = urlsplit(settings.REDIS_URL)
    files = [
        Path(word)
        for words in marked(folder).values()
        for word in words
        if word.startswith(f"{folder}/") and word.endswith(".conf")
    ]
    is_ours = at.hostname == "127.0.0.1" and any(
        f"port {at.port}" in file.read_text().splitlines() for file in files
    )
    if is_ours:
        try:
            redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).flushall()
        except redis.RedisError:
            return False
    return is_ours


class Killer:
    """Goes round the parts in shuffled order until told to stop."""

    def __init__(self, seed: int, folder: Path = FOLDER) -> None:
        self.done: list[tuple[float, str]] = []
        self._folder = folder
        self._random = Random(f"{seed} kills")  # noqa: S311 (reproducible, not secret)
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._began = 0.0

    def start(self) -> None:
        self._began = time.monotonic()
        self._thread.start()

    def stop(self) -> None:
        self._is_over.set()
        if self._began:
            self._thread.join()

    def kill(self, part: str) -> bool:
        """Whether there was such a part to take down."""
        if part == "flush":
            return flush(self._folder)
        candidates = _candidates(part, self._folder)
        if not candidates:
            return False
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._random.choice(sorted(candidates)), signal.SIGKILL)
            return True
        return False

    def _work(self) -> None:
        pause, parts = FIRST_AFTER, list(NAMES)
        while True:
            self._random.shuffle(parts)
            for part in parts:
                if self._is_over.wait(pause):
                    return
                pause = EVERY
                if self.kill(part):
                    self.done.append((time.monotonic() - self._began, part))


def wait_until(is_so: Callable[[], bool], seconds: float, pause: float = 0.2) -> float | None:
    """Seconds until it was so; None when it never was in that time."""
    began = time.monotonic()
    while not is_so():
        if time.monotonic() - began > seconds:
            return None
        time.sleep(pause)
    return time.monotonic() - began
