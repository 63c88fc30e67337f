"""Many web and worker hosts, one database and one broker: hosts die, no filing is lost."""

import http.client
import json
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from reports.models import Filing, Mark, Obligation, Report
from reports.rollup import climb, recount
from tests import beside
from tests import factories as f
from tests.races.hosts import PATIENCE, Host, Network
from units.models import Device, Place

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

PHONES, MOST_FILINGS, MOST_TRIES = 4, 600, 10
HEALTHY_WITHIN, START_UP = 30, 120
ARRIVED = {"situation": "changed", "changes": ["people"], "arrived": 1}


class Phone(threading.Thread):
    """Files the reports of one building and one household, each until it has a receipt.

    `hosts` is what a load balancer knows; when one fails, the same UUID goes to the next.
    """

    def __init__(self, number: int, hosts: list[Host], owed: Obligation, home: Place) -> None:
        super().__init__(daemon=True)
        self.turn, self.hosts, self.stopped = number, hosts, threading.Event()
        self.building = {"place": owed.place.code, "period": owed.period.key}
        self.home = {"place": home.code, "happened_on": str(timezone.localdate())}
        self.token = f"phone-{number}"
        Device.objects.create(
            user=f.seat(owed.place),
            token_hash=Device.hash_of(self.token),
            label="手机",
            made_at=timezone.now(),
        )
        # (UUID, its receipt, the host that gave it, how often it was sent)
        self.told: list[tuple[str, str, str, int]] = []
        self.wrong: list[object] = []

    def run(self) -> None:
        rev, told = 0, None
        for number in range(MOST_FILINGS):
            if self.stopped.wait(0.1):
                break
            if number % 3:
                body = self.home | {"answers": ARRIVED}
            else:
                body = self.building | {"base_rev": rev, "nil": number % 2 == 0}
                body |= {} if body["nil"] else {"answers": f.CALM | {"waste": "poor"}}
                rev += 1
            id_ = str(uuid4())
            told = self.persist(id_, body)
            if not told:
                break
        # Whoever never saw the answer sends again, and is told the same once more.
        if told and (again := self.send(id_, body)) != (200, told):
            self.wrong.append((id_, told, again))

    def persist(self, id_: str, body: dict) -> str | None:
        """The receipt; None when there was none to be had."""
        for tries in range(1, MOST_TRIES + 1):
            host = self.hosts[self.turn % len(self.hosts)]
            try:
                status, told = self.send(id_, body)
            except (OSError, http.client.HTTPException) as error:
                status, told = 0, repr(error)
            if status in (200, 201):
                self.told.append((id_, told, host.name, tries))
                return told
            if 0 < status < 500:
                break
            self.turn += 1
            time.sleep(0.1)
        self.wrong.append((id_, status, told))
        return None

    def send(self, id_: str, body: dict) -> tuple[int, str]:
        """Status, and the receipt or whatever else was said."""
        head = {"Authorization": f"Device {self.token}", "Content-Type": "application/json"}
        host = self.hosts[self.turn % len(self.hosts)]
        status, text = host.ask("PUT", f"/api/filings/{id_}/", json.dumps(body), **head)
        return status, json.loads(text)["receipt"] if status in (200, 201) else text


@pytest.fixture
def network() -> Iterator[Network]:
    with Network() as built:
        yield built
    # The next test empties the tables: nobody may still be looking at them.
    beside.wait_until(lambda: not backends("TRUE"), for_seconds=20)


@pytest.fixture
def owed() -> list[Obligation]:
    """One building for each phone, each in a community, and so in a bucket, of its own."""
    now = timezone.now()
    communities = [f.compound((1,), at=now - timedelta(days=60)) for _ in range(PHONES)]
    week = f.open_week(now)
    f.household_form(now)
    return [f.owed(f.building(each), week) for each in communities]


def backends(condition: str) -> set[str]:
    """Hosts that have a session with the database just now for which `condition` holds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT application_name FROM pg_stat_activity WHERE"
            f" datname = current_database() AND application_name LIKE 'tonggou-%%' AND {condition}",
            [],
        )
        return {name for (name,) in cursor.fetchall()}


def healthy(host: Host, *, within: float) -> None:
    end, last = time.monotonic() + within, None
    while last is None or last[0] != 200:
        assert time.monotonic() < end, last
        time.sleep(0.1)
        with suppress(OSError, http.client.HTTPException):
            last = host.ask("GET", "/healthz/")


def acknowledged(phones: list[Phone]) -> Counter:
    """Receipts by host."""
    return Counter(host for phone in phones for _id, _receipt, host, _tries in phone.told)


def unplug_in_the_middle(web: Host, workers: list[Host]) -> Host:
    """Cut a web host off in the middle of a filing and a worker in the middle of a drain.

    Both transactions hold on to what they wrote: nobody told the database that they are dead.
    Returns the worker.
    """
    with beside.Beside() as other:
        other.begin()
        # Filings stop between their report and their marks, drains after taking marks away.
        other.do(run, "LOCK TABLE reports_filing, reports_summary IN SHARE MODE")
        stuck: set[str] = set()

        def both_are_stuck() -> bool:
            stuck.update(backends("wait_event_type = 'Lock' AND wait_event = 'relation'"))
            return web.name in stuck and any(each.name in stuck for each in workers)

        beside.wait_until(both_are_stuck, for_seconds=8)
        worker = next(each for each in workers if each.name in stuck)
        web.unplug()
        worker.unplug()
        other.commit()
    dead = {web.name, worker.name}
    beside.wait_until(lambda: dead <= backends("state = 'idle in transaction'"), for_seconds=3)
    return worker


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def test_hosts_die_and_others_take_over_without_losing_a_report(network, owed, tmp_path):
    webs = [network.web("web1"), network.web("web2")]
    workers = [network.worker("worker1"), network.worker("worker2")]
    network.beat("beat1", tmp_path / "beat")
    for each in webs:
        healthy(each, within=START_UP)
    at_the_door = list(webs)
    homes = [f.household(each.place.community) for each in owed]
    phones = [Phone(n, at_the_door, owed[n], homes[n]) for n in range(PHONES)]
    for phone in phones:
        phone.start()

    def reported(host: Host, *, more: int) -> None:
        before = acknowledged(phones)[host.name]
        beside.wait_until(lambda: acknowledged(phones)[host.name] >= before + more, for_seconds=30)

    for each in webs:
        reported(each, more=5)

    # The power fails on two hosts, in the middle of what they do.
    dead_worker = unplug_in_the_middle(webs[1], workers)
    unplugged_at = time.monotonic()
    for each in (webs[1], dead_worker):
        each.kill()
    new_web = network.web("web3")
    network.worker("worker3")
    in_doubt = {webs[1].name, dead_worker.name}
    beside.wait_until(lambda: not backends("TRUE") & in_doubt, for_seconds=HEALTHY_WITHIN)
    healthy(webs[0], within=unplugged_at + HEALTHY_WITHIN - time.monotonic())
    reported(webs[0], more=5)
    assert any(tries > 1 for phone in phones for *_, tries in phone.told)

    # Others stand in for them; then all that was there at first dies.
    healthy(new_web, within=START_UP)
    at_the_door[1] = new_web
    webs[0].kill()
    for each in workers:
        each.kill()
    reported(new_web, more=20)
    for phone in phones:
        phone.stopped.set()
    for phone in phones:
        phone.join(timeout=PATIENCE * MOST_TRIES)
    # One mark that nobody was rung for: the new worker finds it by itself.
    week, place = owed[0].period, owed[0].place
    Mark.objects.create(community_id=place.community_id, place=place, period=week)
    beside.wait_until(lambda: not climb.waiting_buckets(), for_seconds=HEALTHY_WITHIN)
    healthy(new_web, within=HEALTHY_WITHIN)

    assert [phone.wrong for phone in phones] == [[]] * PHONES
    assert_every_receipt_is_stored_once(phones)
    assert not Mark.objects.exists()
    assert recount.communities_waiting() == 0
    assert recount.differences(at=timezone.now()) == []


def assert_every_receipt_is_stored_once(phones: list[Phone]) -> None:
    told = {id_: receipt for phone in phones for id_, receipt, *_ in phone.told}
    stored = {str(filing.pk): filing.receipt for filing in Filing.objects.all()}
    assert stored == told
    events = Report.objects.filter(is_event=True)
    assert events.count() + PHONES == Report.objects.count()
    assert set(events.values_list("rev", flat=True)) == {1}
    assert Filing.objects.filter(report__is_event=True).count() == events.count()
    for report in Report.objects.filter(is_event=False):
        revs = report.filings.order_by("rev").values_list("rev", flat=True)
        assert list(revs) == list(range(1, report.rev + 1))
