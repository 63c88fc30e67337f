"""A census comes in while its workers are killed: once, never half, and nobody has to ask again."""

import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import bell
from reports.models import Mark
from reports.rollup import climb, recount
from tests import beside
from tests import factories as f
from tests.units import census_workbooks
from units import search_keys, tree
from units.census_import import drafting
from units.kinds import Duty, Kind
from units.models import CensusImport, Community, HouseholdCount, JournalEntry, Place, User

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]

NAME = "census-killed"
# 25 buildings of 9 floors in the tree and of 10 in the sheet, five doors each.
BUILDINGS, FLOORS, DOORS = 25, 10, 5
HOUSEHOLDS = BUILDINGS * FLOORS * DOORS
NEW = BUILDINGS * DOORS
A_STEP = 1000


@pytest.fixture
def processes() -> Iterator:
    """Starts Celery's processes, and ends them all whatever happens."""
    with ExitStack() as started:

        def start(*command: str) -> subprocess.Popen:
            process = beside.start("-m", "celery", "-A", "governance", *command, PGAPPNAME=NAME)
            started.callback(kill, process)
            return process

        yield start
    beside.wait_until(lambda: not backends("TRUE"))


def kill(process: subprocess.Popen) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def backends(condition: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            f" AND application_name = %s AND {condition}",
            [NAME],
        )
        return cursor.fetchone()[0]


def wait(condition: Callable[[], bool]) -> None:
    """A worker starts in seconds where it is alone, and nobody promises that."""
    beside.wait_until(condition, for_seconds=240)


def is_stuck() -> bool:
    """Whether a worker waits to write what somebody else holds."""
    return backends("wait_event_type = 'Lock' AND wait_event = 'relation'") > 0


def hold(table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE MODE")


def handed_in(community: Community, by: User) -> CensusImport:
    content = census_workbooks.clean(BUILDINGS, FLOORS, DOORS).content
    at = timezone.now()
    made = drafting.take_in(
        community, file_name="底册.xlsx", content=content, pasted="", by=by, at=at
    )
    chosen = drafting.suggested(drafting.tables_of(made)[0], by)
    return drafting.say_columns(
        made, 0, chosen, as_of=timezone.localdate(), opens_buildings=False, by=by, at=at
    )


def test_an_import_whose_workers_are_killed_is_done_once_and_by_itself(processes, tmp_path):
    community = f.compound(
        (13, 12), floors=FLOORS - 1, doors=DOORS, at=timezone.now() - timedelta(days=60)
    )
    director = f.post(Duty.DIRECTOR, place=f.root(community)).user
    f.open_week(timezone.now())
    climb.drain_waiting(at=timezone.now())
    made = handed_in(community, director)
    client = Client()
    client.force_login(director)
    page = reverse("census-import", kwargs={"id": made.pk})

    def so_far() -> tuple[str, int, int, int]:
        """State, households done as it is told, counts, and places planted."""
        made.refresh_from_db()
        counts = HouseholdCount.objects.filter(brought_by=made).count()
        doors = Place.objects.filter(community=community, kind=Kind.HOUSEHOLD).count()
        return made.state, made.done, counts, doors - (HOUSEHOLDS - NEW)

    processes("beat", "-s", str(tmp_path / "beat"), "--pidfile=", "--loglevel", "ERROR")
    worker = ("worker", "--pool", "threads", "-c", "2", "--loglevel", "ERROR")
    doomed = processes(*worker)
    wait(bell.worker_is_alive)

    with beside.Beside() as one, beside.Beside() as other:
        # In the middle of planting: places are written, their words are not.
        one.begin()
        one.do(hold, "units_placekey")
        client.post(reverse("census-start", kwargs={"id": made.pk}))
        wait(is_stuck)
        kill(doomed)
        one.rollback()
        wait(lambda: not backends("state <> 'idle'") and not is_stuck())
        assert so_far() == ("running", 0, 0, 0)
        assert "已做0户" in client.get(page).content.decode()

        # The next goes on by itself, and dies between the first thousand and the rest.
        one.begin()
        one.do(hold, "units_householdcount")
        doomed = processes(*worker)
        wait(is_stuck)
        assert so_far() == ("running", 0, 0, NEW)
        other.begin()
        # Behind the worker in the queue: it gets in after this step, and before the next.
        waits = other.start(hold, "units_householdcount")
        wait(lambda: beside.waiting("relation") > 1)
        one.rollback()
        waits.result(timeout=240)
        wait(is_stuck)
        kill(doomed)
        other.rollback()
        wait(lambda: not is_stuck())
    assert so_far() == ("running", A_STEP, A_STEP, NEW)
    assert f"已做{A_STEP}户" in client.get(page).content.decode()
    made.moved_at -= timedelta(seconds=20)
    made.save(update_fields=["moved_at"])
    assert "会自己接着做" in client.get(page).content.decode()

    last = processes(*worker)
    wait(lambda: so_far()[0] == "done")
    assert so_far() == ("done", HOUSEHOLDS, HOUSEHOLDS, NEW)
    wait(lambda: not Mark.objects.exists() and not climb.waiting_buckets())
    kill(last)
    assert HouseholdCount.objects.count() == HOUSEHOLDS
    assert JournalEntry.objects.filter(verb="census.imported").count() == 1
    assert len(set(made.planted)) == len(made.planted) == NEW + BUILDINGS
    assert tree.verify(community) == []
    assert search_keys.differing(community) == []
    assert recount.differences(at=timezone.now()) == []
