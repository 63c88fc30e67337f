"""Celery's edge: each task carries the name of what it calls and may run twice."""

import logging
import time
from uuid import UUID

from celery import shared_task
from django.utils import timezone

from reports import bell, catalogue, obligations, review
from reports.exports import making
from reports.rollup import climb, recount
from units import tree

logger = logging.getLogger(__name__)


# Reports that come in meanwhile are drained together: twenty cost little more than one.
_GATHERS_FOR = 0.2


@shared_task
def drain() -> None:
    time.sleep(_GATHERS_FOR)
    climb.drain_waiting(at=timezone.now())


@shared_task
def sweep() -> None:
    """Find marks whose bell was lost."""
    climb.drain_waiting(at=timezone.now())


@shared_task
def heartbeat() -> None:
    """Says that a worker takes work; `/healthz/` reads it."""
    bell.beat()


@shared_task
def open_periods() -> None:
    """Bring the forms up to date, then open the week and the month of today."""
    now = timezone.now()
    catalogue.publish_all(at=now)
    obligations.open_week(at=now)
    obligations.open_month(at=now)


@shared_task
def accept_by_itself() -> None:
    """Nil and calm reports whose late filing has closed."""
    review.accept_by_itself(at=timezone.now())


@shared_task
def check_places() -> None:
    for fault in tree.verify():
        logger.error("bent tree: %s", fault)


@shared_task
def check_summaries() -> None:
    for difference in recount.differences(at=timezone.now()):
        logger.error("untrue summary: %s", difference)


@shared_task
def make_export(export: str) -> None:
    """Goes on where an earlier run stopped; may run twice at once."""
    making.make(UUID(export), at=timezone.now())


@shared_task
def tidy_exports() -> None:
    making.tidy(at=timezone.now())
