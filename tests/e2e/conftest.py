"""A real browser against a real server, worker and beat, on the test database."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from playwright.sync_api import Browser, Page, sync_playwright

# Playwright's loop runs in this thread; the ORM calls of these tests are made between its calls.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "/e2e/" in str(item.path):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.django_db(transaction=True))


@dataclass
class House:
    """The running product: its address, and its parts by name."""

    url: str
    parts: dict[str, subprocess.Popen]
    commands: dict[str, list[str]]
    env: dict[str, str]
    # What each part writes, to be read by tests of what must not be in there.
    logs: Path

    def said(self) -> str:
        """All that web, worker and beat have written so far."""
        return "".join(each.read_text(errors="replace") for each in self.logs.glob("*.log"))

    def start(self, name: str) -> None:
        with (self.logs / f"{name}.log").open("ab") as log:
            self.parts[name] = subprocess.Popen(
                self.commands[name],
                cwd=ROOT,
                env=self.env,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self, name: str, with_: signal.Signals = signal.SIGKILL) -> None:
        """Signal a part and the children it started."""
        os.killpg(self.parts[name].pid, with_)
        self.parts[name].wait(timeout=30)

    def go_on(self) -> None:
        for name in ("worker", "beat"):
            os.killpg(self.parts[name].pid, signal.SIGCONT)

    def hold_still(self) -> None:
        """Stop worker and beat between two transactions, so that tables can be emptied."""
        for _try in range(100):
            for name in ("worker", "beat"):
                os.killpg(self.parts[name].pid, signal.SIGSTOP)
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                    " AND pid <> pg_backend_pid() AND state <> 'idle'"
                )
                if cursor.fetchone()[0] == 0:
                    return
            self.go_on()
            time.sleep(0.1)

    def health(self) -> tuple[int, str]:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz/", timeout=5) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()
        except OSError as error:
            return 0, str(error)

    def wait_until(self, status: int, seconds: float) -> str:
        """Wait for `/healthz/` to answer `status`; returns its body, fails after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            found, body = self.health()
            if found == status:
                return body
            time.sleep(0.2)
        raise AssertionError(f"no {status} within {seconds} s, last: {found} {body}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="module")
def house(django_db_setup: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Gone with its module: its worker would drain what tests of other workers wait for."""
    port = free_port()
    database = connection.settings_dict | {"NAME": settings.DATABASES["default"]["NAME"]}
    at = f"{database['USER']}:{database['PASSWORD']}@{database['HOST']}:{database['PORT']}"
    env = os.environ | {
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "DATABASE_URL": f"postgres://{at}/{database['NAME']}",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SECRET_KEY": settings.SECRET_KEY,
    }
    celery = [str(BIN / "celery"), "-A", "governance"]
    quiet = ["--loglevel", "ERROR"]
    house = House(
        f"http://127.0.0.1:{port}",
        {},
        {
            "web": [
                *(str(BIN / "granian"), "--interface", "wsgi", "--host", "127.0.0.1"),
                *("--port", str(port), "--workers", "1", "--blocking-threads", "4"),
                *("--log-level", "error", "governance.wsgi:application"),
            ],
            "worker": [
                *(*celery, "worker", "--pool", "threads", "--concurrency", "2"),
                *("--without-gossip", "--without-mingle", *quiet),
            ],
            "beat": [*celery, "beat", "--schedule", f"/tmp/tonggou-beat-{port}", *quiet],
        },
        env,
        tmp_path_factory.mktemp("logs"),
    )
    try:
        for name in house.commands:
            house.start(name)
        yield house
    finally:
        for name in house.parts:
            house.kill(name)


@pytest.fixture(autouse=True)
def _still_while_the_tables_are_emptied(transactional_db: None, house: House) -> Iterator[None]:
    house.go_on()
    yield
    house.hold_still()


def chromium() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no Chromium: .ci/run installs it")
        pytest.skip("no Chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def open_page(browser: Browser, house: House) -> Iterator:
    """open_page(login, phone=True, **context): a page of one's own, logged in as `login`."""
    contexts = []

    def open_(login: str = "", *, phone: bool = False, **facts: object) -> Page:
        size = {"width": 390, "height": 844} if phone else {"width": 1280, "height": 800}
        context = browser.new_context(viewport=size, has_touch=phone, locale="zh-CN", **facts)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{house.url}/login/")
        if login:
            page.fill("[name=username]", login)
            page.fill("[name=password]", "xincun2026")
            with page.expect_navigation():
                page.click("button:has-text('登录')")
        return page

    yield open_
    for context in contexts:
        context.close()
