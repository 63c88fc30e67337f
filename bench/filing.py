"""Filing one household report, and a building's at once: against a bare INSERT and a twin."""

import json
from itertools import count
from typing import Any
from uuid import uuid4

from django.core.handlers.base import BaseHandler
from django.db import connection
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from bench.bare import Bare
from bench.servers import Sent, send
from bench.stopwatch import Times, interleaved
from bench.world import Seat, drain_all
from reports import batch, filing
from reports.catalogue import HOUSEHOLD_REPORT
from reports.filing import Sending
from reports.models import Filing, ReportForm

SAME = {"situation": "same"}


class Calls:
    """Every way to file, as one call each, from the seat of a building with twenty households."""

    def __init__(self, seat: Seat) -> None:
        self.seat = seat
        self.form = ReportForm.objects.get(code=HOUSEHOLD_REPORT)
        self.phone = Client()
        self.phone.force_login(seat.user)
        # The test client takes 0.4 ms of its own; the handler is what a server calls.
        self._house, self._requests = BaseHandler(), RequestFactory()
        self._house.load_middleware()
        self._number = count()

    def sending(self) -> Sending:
        return Sending(
            id=uuid4(), by=self.seat.user, channel=Filing.Channel.API, answers=dict(SAME)
        )

    def by_function(self) -> None:
        home = self.seat.homes[next(self._number) % len(self.seat.homes)]
        filing.file_event(home, self.form, self.sending(), at=timezone.now())

    def batch_by_function(self) -> None:
        items = [batch.Item(home, self.form, self.sending()) for home in self.seat.homes]
        batch.file_events(items, at=timezone.now())

    def by_page(self) -> None:
        home = self.seat.homes[next(self._number) % len(self.seat.homes)]
        body = {"id": str(uuid4()), "base_rev": "0", "situation": "same"}
        answer = self.phone.post(reverse("household", kwargs={"code": home.code}), body)
        assert answer.status_code == 302, answer.status_code

    def by_api(self, door: str = "api") -> None:
        home = self.seat.homes[next(self._number) % len(self.seat.homes)]
        body = {"place": home.code, "answers": SAME}
        self._send("PUT", f"/{door}/filings/{uuid4()}/", body, 201)

    def by_twin(self) -> None:
        self.by_api("twin")

    def by_borrowing_twin(self) -> None:
        self.by_api("borrowing-twin")

    def batch_by_api(self) -> None:
        items = [{"id": str(uuid4()), "place": h.code, "answers": SAME} for h in self.seat.homes]
        self._send("POST", "/api/filings/", {"items": items}, 200)

    def _send(self, method: str, url: str, body: dict[str, Any], status: int) -> None:
        request = self._requests.generic(
            method,
            url,
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": self.seat.header},
        )
        answer = self._house.get_response(request)
        assert answer.status_code == status, answer.content


def in_process(seat: Seat, *, rounds: int) -> dict[str, Times]:
    calls = Calls(seat)
    calls.by_api()
    households = len(seat.homes)
    return interleaved(
        {
            "bare": (Bare().insert, 1),
            "twin": (calls.by_twin, 1),
            "borrowing-twin": (calls.by_borrowing_twin, 1),
            "function": (calls.by_function, 1),
            "api": (calls.by_api, 1),
            "page": (calls.by_page, 1),
            "batch function": (calls.batch_by_function, households),
            "batch api": (calls.batch_by_api, households),
        },
        rounds=rounds,
        each=5,
    )


def over_http(
    port: int, seats: list[Seat], *, rounds: int, seconds: float
) -> dict[str, list[Sent]]:
    """Eight connections that wait for each answer, against two web workers on the same machine."""
    found: dict[str, list[Sent]] = {}
    for _round in range(rounds):
        for what in ("bare", "twin", "borrowing-twin", "api", "batch"):
            sent = send(what, seconds=seconds, port=port, seats=seats)
            found.setdefault(what, []).append(sent)
    return found


def weigh(seat: Seat, *, reports: int) -> dict[str, float]:
    """Bytes of WAL and of tables a report, stored and then rolled up; and of a bare row."""
    calls, bare = Calls(seat), Bare()
    drain_all()
    weights: dict[str, float] = {}
    for name, call, tables in (
        ("bare", bare.insert, ["bench_bare"]),
        ("filed", calls.by_function, ["reports_report", "reports_filing"]),
        ("rolled up", drain_all, ["reports_summary"]),
    ):
        before = _weight(tables)
        for _each in range(1 if name == "rolled up" else reports):
            call()
        wal, size = (after - was for after, was in zip(_weight(tables), before, strict=True))
        weights |= {f"{name}, wal": wal / reports, f"{name}, table": size / reports}
    return weights


def _weight(tables: list[str]) -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_current_wal_lsn() - '0/0', (SELECT sum(pg_total_relation_size(t::regclass))"
            " FROM unnest(%s) AS t)",
            [tables],
        )
        wal, size = cursor.fetchone()
    return int(wal), int(size)
