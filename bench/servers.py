"""The house's own web server, worker and clock beside the bench, and senders against them."""

import json
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from bench import bare
from bench.stopwatch import percentile
from bench.world import Seat
from tests.beside import environment

CONNECTIONS = 8


@dataclass(frozen=True)
class Sent:
    """What a load came to."""

    seconds: list[float]
    refused: int
    within: float

    @property
    def rate(self) -> float:
        return len(self.seconds) / self.within

    def percentile(self, percent: float) -> float:
        return percentile(self.seconds, percent)


@contextmanager
def _process(*words: str) -> Iterator[subprocess.Popen]:
    env = environment() | {"DJANGO_SETTINGS_MODULE": "bench.settings"}
    process = subprocess.Popen(
        [sys.executable, "-m", *words],
        env=env, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def house() -> Iterator[int]:
    """Web, worker and clock as `deploy/demo.py` starts them; gives the port of the web."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    web = (
        f"granian --interface wsgi --host 127.0.0.1 --port {port} --workers 2"
        " --blocking-threads 4 governance.wsgi:application"
    )
    worker = (
        "celery -A governance worker --pool threads --concurrency 4 --without-gossip"
        " --without-mingle --loglevel WARNING"
    )
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        beat = f"celery -A governance beat --loglevel WARNING --schedule {folder}/schedule"
        for words in (web, worker, beat):
            stack.enter_context(_process(*words.split()))
        deadline = time.monotonic() + 180
        while not _is_healthy(port):
            if time.monotonic() > deadline:
                raise SystemExit("网页服务三分钟内没有就绪")
            time.sleep(0.2)
        yield port


def _is_healthy(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz/", timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def send(
    what: str,
    *,
    seconds: float,
    port: int = 0,
    seats: Sequence[Seat] = (),
    rate: float | None = None,
) -> Sent:
    """`what`: bare, twin, api or batch; closed, or open at `rate` a second."""
    job: dict[str, Any] = {
        "what": what,
        "port": port,
        "seconds": seconds,
        "rate": rate,
        "connections": CONNECTIONS if rate is None else 4 * CONNECTIONS,
        "seats": [
            {"header": seat.header, "homes": [home.code for home in seat.homes]} for seat in seats
        ],
    }
    if what == "bare":
        job |= bare.as_job()
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"],
        input=json.dumps(job, default=str), capture_output=True, text=True, check=True,
        cwd=settings.BASE_DIR,
    )  # fmt: skip
    return Sent(**json.loads(done.stdout), within=seconds)
