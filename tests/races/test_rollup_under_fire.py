"""The roll-up while everything that can die does: no filing lost or doubled, no figure wrong."""

import json
import signal
import subprocess
import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta

import pytest
import redis
from django.conf import settings
from django.db import connection
from django.utils import timezone

from reports import bell
from reports.answers import said
from reports.models import Filing, FormVersion, Mark, Report
from reports.models.report import SAID
from reports.rollup import climb, recount
from tests import beside
from tests import factories as f
from units import tree
from units.models import PlaceChange

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

WRITERS, DRAINERS, SECONDS = 4, 2, 20
# What libpq calls itself to the server: whom the killer may kill.
NAME = {"PGAPPNAME": "under-fire"}
UNDER_FIRE = "FROM pg_stat_activity WHERE datname = current_database() AND application_name = %s"


class Killer(threading.Thread):
    """Ends a random backend of the processes under fire twenty times a second."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.kills, self.stopped = 0, threading.Event()

    def run(self) -> None:
        with connection.cursor() as cursor:
            while not self.stopped.wait(0.05):
                cursor.execute(
                    f"SELECT pg_terminate_backend(pid) FROM (SELECT pid {UNDER_FIRE}"
                    " ORDER BY random() LIMIT 1) AS one",
                    [NAME["PGAPPNAME"]],
                )
                self.kills += cursor.rowcount
        connection.close()


@pytest.fixture
def processes():
    """Starts processes, and ends them all whatever happens."""
    with ExitStack() as started:

        def start(*command: str) -> subprocess.Popen:
            process = beside.start("-m", *command, **NAME)
            started.callback(end, process)
            return process

        yield start


def end(process: subprocess.Popen) -> None:
    process.kill()
    process.wait()


def backends() -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) {UNDER_FIRE}", [NAME["PGAPPNAME"]])
        return cursor.fetchone()[0]


def worker(processes) -> subprocess.Popen:
    options = ("--pool", "threads", "-c", "2", "--loglevel", "ERROR")
    return processes("celery", "-A", "governance", "worker", *options)


def test_nothing_is_lost_doubled_or_miscounted_under_fire(processes, tmp_path):
    now = timezone.now()
    shapes = (3, 2), (2, 2, 1), (4, 0)
    communities = [f.compound(shape, at=now - timedelta(days=60)) for shape in shapes]
    for each in communities:
        f.seat(f.building(each))
    f.open_week(now)

    first_worker = worker(processes)
    processes("celery", "-A", "governance", "beat", "-s", str(tmp_path / "beat"), "--pidfile=")
    beside.wait_until(bell.worker_is_alive)
    work = "tests.races.under_fire"
    writers = [processes(work, "write", str(n), str(tmp_path)) for n in range(WRITERS)]
    drainers = [processes(work, "drain", str(n), str(tmp_path)) for n in range(DRAINERS)]
    beside.wait_until(lambda: Filing.objects.count() > 20)

    killer = Killer()
    killer.start()
    try:
        time.sleep(SECONDS / 4)
        first_worker.send_signal(signal.SIGKILL)
        first_worker.wait()
        second_worker = worker(processes)
        time.sleep(SECONDS / 4)
        redis.Redis.from_url(settings.REDIS_URL).flushdb()
        time.sleep(SECONDS / 2)
        (tmp_path / "stop").touch()
        assert [each.wait(timeout=60) for each in (*writers, *drainers)] == [0] * 6
        assert second_worker.poll() is None
    finally:
        killer.stopped.set()
        killer.join()

    # Whatever is left is for the worker alone, which was never rung for this one.
    home = f.building(communities[0])
    Mark.objects.create(
        community_id=home.community_id, place=home, period=home.obligations.get().period
    )
    beside.wait_until(lambda: not climb.waiting_buckets())
    beside.wait_until(bell.worker_is_alive)
    end(second_worker)
    beside.wait_until(lambda: backends() == 0)

    told = read_logs(tmp_path)
    assert_it_was_a_fire(killer.kills, told)
    assert_every_filing_is_stored_once(told)
    assert_reports_say_what_was_sent_last()
    assert not Mark.objects.exists()
    assert recount.communities_waiting() == 0
    assert recount.differences(at=timezone.now()) == []
    assert tree.verify() == []


def read_logs(folder) -> list[dict]:
    logs = [each.read_text("utf-8").splitlines() for each in folder.glob("writer*.jsonl")]
    assert len(logs) == WRITERS
    return [json.loads(line) for log in logs for line in log]


def assert_it_was_a_fire(kills: int, told: list[dict]) -> None:
    """What must not be: a test that passes because nothing happened."""
    counts = Counter(each["told"] for each in told)
    assert kills > 50
    for what in ("stored", "repeat", "moved", "stale", "same_id_other_body"):
        assert counts[what] > 5, counts
    assert PlaceChange.objects.filter(what=PlaceChange.What.MOVED).count() > 5


def assert_every_filing_is_stored_once(told: list[dict]) -> None:
    assert [each for each in told if each["wrong"]] == []
    seen = {}
    for each in told:
        if "hash" in each:
            facts = (each["owed"], *each["body"], each["hash"])
            assert seen.setdefault(each["id"], facts) == facts
    columns = ("base_rev", "nil", "withdraws", "answers", "body_hash")
    stored = Filing.objects.values_list("pk", "report__obligation", *columns)
    assert {str(pk): tuple(facts) for pk, *facts in stored} == seen
    # Too late for a report is not what anybody is told about the very sending that is stored.
    late = {each["id"] for each in told if each["told"] in ("stale", "already_filed")}
    assert late & seen.keys() == set()


def assert_reports_say_what_was_sent_last() -> None:
    definition = FormVersion.objects.get().definition
    for report in Report.objects.all():
        filings = list(report.filings.order_by("rev"))
        assert [each.rev for each in filings] == list(range(1, report.rev + 1))
        last = filings[-1]
        assert (report.nil, report.withdrawn) == (last.nil, last.withdraws)
        counts = said(definition, last.answers)
        assert {c: getattr(report, c) for c in SAID} == {c: counts[c] for c in SAID}
