"""Web processes as they stand before Django, and pages that people keep open there."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import redis
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from governance.board.door import Door
from governance.board.known import Known
from governance.board.shelf import Shelf
from governance.board.watch import Watch
from reports import filing
from tests import factories as f
from units.models import User


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now

    def go_on(self, seconds: float = 1.0) -> None:
        self.now += seconds


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def version(self) -> str:
        return self.headers["X-Version"]


@contextmanager
def within_the_test() -> Iterator[None]:
    """The real handler would drop the connection that the test's transaction is on."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


def patient_shelf(**options: Any) -> Shelf:
    """As ours, but no crowded machine makes it give up."""
    return Shelf(timeout=30, patience=30, **options)


class Process:
    """A web process: a door of its own before Django, and what it had Django draw."""

    def __init__(self, clock: Clock, shelf: Shelf | None = None) -> None:
        self.drawn: list[str] = []
        self.asked = 0
        self._django = WSGIHandler()
        self._door = Door(
            self._count,
            watch=Watch(clock),
            known=Known(clock),
            shelf=shelf or patient_shelf(clock=clock),
        )

    def _count(self, environ: dict[str, Any], start: Callable) -> Any:
        self.asked += 1
        if environ["PATH_INFO"] != "/live/":
            self.drawn.append(environ["PATH_INFO"])
        return self._django(environ, start)

    def get(self, url: str, client: Client, **headers: str) -> Answer:
        cookies = "; ".join(f"{name}={each.value}" for name, each in client.cookies.items())
        named = {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        environ = RequestFactory().get(url, HTTP_COOKIE=cookies, **named).environ
        told: list[Any] = []
        with within_the_test():
            body = b"".join(self._door(environ, lambda *said: told.extend(said)))
        return Answer(int(told[0].split()[0]), dict(told[1]), body)


@dataclass
class Page:
    """Somebody's open page."""

    process: Process
    client: Client
    url: str
    token: str = ""
    shown: str = ""
    more: dict[str, str] = field(default_factory=dict)

    def open(self) -> "Page":
        self.token = self.client.get(self.url).context["live_token"]
        self.shown = self.ask().version
        return self

    def ask(self) -> Answer:
        asked = {"x_part": "figures", "x_live": self.token, "x_shown": self.shown}
        return self.process.get(self.url, self.client, **asked, **self.more)


class World:
    def __init__(self) -> None:
        self.clock = Clock()
        self.community = f.compound((3,))
        self.period = f.open_week(timezone.now())
        f.drain(self.community, timezone.now())
        self.one, self.other = Process(self.clock), Process(self.clock)
        self.board = reverse("community-board", kwargs={"code": self.community.code})
        buildings = [f.building(self.community, number) for number in (1, 2, 3)]
        # Made beforehand: when a post begins, everybody is looked up anew.
        self.leaders = [f.seat(each) for each in buildings]
        owed = [f.owed(each, self.period) for each in buildings]
        self._reports = iter(list(zip(owed, self.leaders, strict=True)))

    def page(self, process: Process, user: User, url: str = "", **more: str) -> Page:
        client = Client()
        client.force_login(user)
        return Page(process, client, url or self.board, more=more).open()

    def change(self) -> None:
        """A report comes in and is added up."""
        obligation, leader = next(self._reports)
        filing.file(obligation, f.sending(leader), at=timezone.now())
        f.drain(self.community, timezone.now())
        self.clock.go_on()

    def warmed(self) -> tuple[Page, Page]:
        """Two of the committee, each at a process of its own that has drawn the page before."""
        pages = [self.page(each, f.staff(self.community)) for each in (self.one, self.other)]
        self.change()
        for page in pages:
            page.shown = page.ask().version
            page.process.drawn.clear()
        return pages[0], pages[1]


def drawn_for(page: Page) -> bytes:
    """What Django draws for whoever has this page open."""
    return page.client.get(page.url, headers={"X-Part": "figures"}).content


def untimed(html: bytes) -> str:
    """Without the moment of looking, which the street is told."""
    return re.sub(r"\d\d:\d\d:\d\d", "", html.decode())


def broker() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL)


def on_the_shelf() -> set[bytes]:
    return set(broker().scan_iter("board:part:*"))
