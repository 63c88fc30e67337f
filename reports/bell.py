"""The bell: tells a worker that there are marks. Losing it loses nothing but a second.

Postgres is the truth; Redis only rings. So: short time-outs, no retry, one bell while it rings, and
silence for a while after a failure, so that a dead Redis cannot slow a filing down.
"""

import logging
import threading
import time
from collections.abc import Iterable

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction
from kombu.exceptions import OperationalError

from reports.models import Mark, Period
from units import broker
from units.broker import hand_over
from units.models import Place

__all__ = ["answered", "beat", "hand_over", "mark", "ring", "ring_on_commit", "worker_is_alive"]

logger = logging.getLogger(__name__)

DRAIN = "reports.tasks.drain"
_BELL = "bell"
_TIMEOUT = 0.2
_SILENCE = 5.0
# A bell that nobody answers rings again after this long, should the key outlive its task.
_RINGS_FOR_MS = 2000
# Beat asks every second; three misses in a row and the worker counts as gone.
_HEARTBEAT = "worker:heartbeat"
_HEARTBEAT_FADES_MS = 3000

_local = threading.local()
_silent_until = 0.0


def mark(place: Place, periods: Iterable[Period]) -> None:
    """Append a mark for each period and ring when the transaction commits."""
    Mark.objects.bulk_create(
        Mark(community_id=place.community_id, place_id=place.pk, period_id=period.pk)
        for period in periods
    )
    ring_on_commit()


def ring_on_commit() -> None:
    transaction.on_commit(ring)


def ring() -> None:
    """Wake the drain, unless the bell is ringing already."""
    global _silent_until
    if time.monotonic() < _silent_until:
        return
    try:
        if _redis().set(_BELL, 1, nx=True, px=_RINGS_FOR_MS):
            current_app.send_task(DRAIN, producer=broker.producer(), retry=False)
    except (redis.RedisError, OperationalError, OSError) as error:
        _silent_until = time.monotonic() + _SILENCE
        _local.__dict__.clear()
        broker.forget()
        logger.warning("the bell is silent for %s s: %s", _SILENCE, error)


def answered() -> None:
    """Called by the drain before it reads marks, so that a later filing rings anew."""
    try:
        _redis().delete(_BELL)
    except redis.RedisError as error:
        logger.warning("the bell is not lifted: %s", error)


def _redis() -> redis.Redis:
    if not hasattr(_local, "redis"):
        _local.redis = redis.Redis.from_url(
            settings.REDIS_URL, socket_timeout=_TIMEOUT, socket_connect_timeout=_TIMEOUT
        )
    client: redis.Redis = _local.redis
    return client


def beat() -> None:
    """A worker says it is alive."""
    redis.Redis.from_url(settings.REDIS_URL, socket_timeout=2).set(
        _HEARTBEAT, 1, px=_HEARTBEAT_FADES_MS
    )


def worker_is_alive() -> bool:
    """Whether a worker has taken work in the last few seconds.

    Raises redis.RedisError when the broker does not answer.
    """
    client = redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)
    return bool(client.exists(_HEARTBEAT))
