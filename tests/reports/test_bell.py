"""The bell wakes a worker; when Redis is gone it is silent and filing goes on."""

import socket
import threading

import pytest
import redis
from django.conf import settings

from reports import bell, filing, tasks
from reports.models import Filing, Mark, Summary
from reports.rollup import climb
from tests import factories as f
from units import broker
from units.locks import bucket_of

pytestmark = [
    pytest.mark.django_db,
    # The bell really sends, also where tasks run eagerly.
    pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored"),
]


@pytest.fixture(autouse=True)
def _a_fresh_bell(monkeypatch):
    """Connections and silence are kept per process: none of them may outlive a test."""
    monkeypatch.setattr(bell, "_local", threading.local())
    monkeypatch.setattr(broker, "_local", threading.local())
    monkeypatch.setattr(bell, "_silent_until", 0.0)


@pytest.fixture
def owed():
    community = f.compound((3,))
    period = f.open_week()
    return [f.owed(f.building(community, n), period) for n in (1, 2, 3)]


@pytest.fixture
def closed_port():
    with socket.socket() as bound:  # and never listening, so it refuses
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()[1]


def file(owed, at=f.WEDNESDAY):
    return filing.file(owed, f.sending(f.person()), at=at)


def messages() -> int:
    return redis.Redis.from_url(settings.REDIS_URL).llen("celery")


def test_a_filing_rings_when_it_is_committed(owed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        file(owed[0])
        assert messages() == 0
    assert messages() == 1


def test_a_bell_that_rings_already_is_not_rung_again(owed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        file(owed[0])
        file(owed[1])
    assert messages() == 1


def test_a_filing_after_the_drain_began_rings_anew(owed, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        file(owed[0])
    f.drain(owed[0].community)
    with django_capture_on_commit_callbacks(execute=True):
        file(owed[1])
    assert messages() == 2


def test_a_repeat_rings_nothing(owed, django_capture_on_commit_callbacks):
    sent = f.sending(f.person())
    filing.file(owed[0], sent, at=f.WEDNESDAY)
    with django_capture_on_commit_callbacks(execute=True) as calls:
        assert filing.file(owed[0], sent, at=f.WEDNESDAY).is_repeat
    assert calls == []


@pytest.mark.parametrize("gone", [["REDIS_URL", "CELERY_BROKER_URL"], ["CELERY_BROKER_URL"]])
def test_without_redis_a_report_is_filed_and_counted_all_the_same(
    owed, settings, closed_port, django_capture_on_commit_callbacks, caplog, gone
):
    for each in gone:
        setattr(settings, each, f"redis://127.0.0.1:{closed_port}/0")
    with django_capture_on_commit_callbacks(execute=True):
        assert not file(owed[0]).is_repeat
    assert "the bell is silent" in caplog.text
    assert Filing.objects.count() == 1
    f.drain(owed[0].community)
    assert Summary.objects.get(place=owed[0].place, period=owed[0].period).building_filed == 1


def test_a_broker_that_refuses_is_asked_only_once(closed_port, settings, caplog, monkeypatch):
    settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{closed_port}/0"
    naps = []
    monkeypatch.setattr("kombu.utils.functional.sleep", naps.append)
    bell.ring()
    assert "the bell is silent" in caplog.text
    assert naps == []


def test_after_a_failure_the_bell_is_silent_and_asks_nobody(
    owed, settings, closed_port, django_capture_on_commit_callbacks, caplog
):
    settings.REDIS_URL = settings.CELERY_BROKER_URL = f"redis://127.0.0.1:{closed_port}/0"
    for each in owed:
        with django_capture_on_commit_callbacks(execute=True):
            file(each)
    assert caplog.text.count("the bell is silent") == 1
    assert Filing.objects.count() == 3


def test_the_sweep_finds_what_a_lost_bell_left(owed):
    file(owed[0])
    bucket = bucket_of(owed[0].community_id)
    assert bucket in climb.waiting_buckets()
    tasks.sweep()
    assert Summary.objects.get(place=owed[0].place, period=owed[0].period).building_filed == 1
    assert not Mark.objects.exists()
    assert bucket not in climb.waiting_buckets()


def test_a_worker_that_says_so_is_alive():
    assert not bell.worker_is_alive()
    tasks.heartbeat()
    assert bell.worker_is_alive()
