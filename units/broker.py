"""Handing one task to a worker. When the broker does not answer, its sweep sends it again later."""

import logging
import threading

import redis
from celery import current_app
from django.conf import settings
from kombu import Connection, Producer
from kombu.exceptions import OperationalError

logger = logging.getLogger(__name__)

TIMEOUT = 0.2
_local = threading.local()


def hand_over(task: str, *args: str) -> None:
    try:
        current_app.send_task(task, args=args, producer=producer(), retry=False)
    except (redis.RedisError, OperationalError, OSError) as error:
        forget()
        logger.warning("not handed over now: %s", error)


def forget() -> None:
    """Connect anew next time."""
    _local.__dict__.clear()


def producer() -> Producer:
    """A producer of our own: Celery's waits for a frozen broker for over a minute (measured)."""
    if not hasattr(_local, "producer"):
        connection = Connection(
            settings.CELERY_BROKER_URL,
            transport_options={
                "socket_timeout": TIMEOUT,
                "socket_connect_timeout": TIMEOUT,
                # Else a refused connection is tried for six seconds (measured).
                "max_retries": 0,
            },
        )
        _local.producer = current_app.amqp.Producer(connection)
    found: Producer = _local.producer
    return found
