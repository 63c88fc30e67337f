"""A second connection or process beside the test's own, and examples that leave nothing behind."""

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection, transaction


@contextmanager
def undone() -> Iterator[None]:
    """What is written inside is rolled back; for examples that share one test's transaction."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


class Beside:
    """A second connection: what is `do`ne runs there, inside one transaction from `begin` on."""

    def __enter__(self) -> "Beside":
        self._thread = ThreadPoolExecutor(1)
        return self

    def __exit__(self, *error: object) -> None:
        self.do(lambda: connection.close())  # the connection of that thread, not of this one
        self._thread.shutdown()

    def start(self, call: Callable[..., Any], *args: Any, **options: Any) -> Future:
        return self._thread.submit(call, *args, **options)

    def do(self, call: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return self.start(call, *args, **options).result(timeout=30)

    def begin(self) -> None:
        self.do(transaction.set_autocommit, False)

    def commit(self) -> None:
        self.do(transaction.commit)
        self.do(transaction.set_autocommit, True)

    def rollback(self) -> None:
        self.do(transaction.rollback)
        self.do(transaction.set_autocommit, True)


def waiting(lock_type: str) -> int:
    """How many of this database's backends wait for a lock of this type just now."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT pid) FROM pg_locks WHERE locktype = %s AND NOT granted"
            " AND pid IN (SELECT l.pid FROM pg_locks l JOIN pg_database d ON d.oid = l.database"
            " WHERE d.datname = current_database())",
            [lock_type],
        )
        return cursor.fetchone()[0]


def environment(**more: str) -> dict[str, str]:
    """What a process of ours needs to work on the test's own database with the real settings."""
    of = settings.DATABASES["default"]
    user, password, host = (quote(of[part], safe="") for part in ("USER", "PASSWORD", "HOST"))
    name = quote(connection.settings_dict["NAME"], safe="")
    return os.environ | {
        "DATABASE_URL": f"postgres://{user}:{password}@{host}:{of['PORT']}/{name}",
        "REDIS_URL": settings.REDIS_URL,
        "DJANGO_SETTINGS_MODULE": "governance.settings",
        "PYTHONPATH": str(settings.BASE_DIR),
        **more,
    }


def start(*command: str, **more: str) -> subprocess.Popen:
    """A Python of ours with `command` as its arguments, in the project's folder."""
    return subprocess.Popen(
        [sys.executable, *command], env=environment(**more), cwd=settings.BASE_DIR
    )


def wait_until(condition: Callable[[], bool], *, for_seconds: float = 60) -> None:
    """Wait for something another process does; only the failure to do it at all is told."""
    end = time.monotonic() + for_seconds
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("waited in vain")
        time.sleep(0.02)
