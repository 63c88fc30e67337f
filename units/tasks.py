"""Celery's edge of this package."""

import logging
from uuid import UUID

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from units import search_keys
from units.brakes import guessing
from units.census_import import importing
from units.models import Community

logger = logging.getLogger(__name__)


@shared_task
def forget() -> None:
    """Ended sessions, and counts that brake nobody any more."""
    SessionStore.clear_expired()
    guessing.forget(at=timezone.now())
    importing.forget(at=timezone.now())


@shared_task
def import_census(census_import: str) -> None:
    """Goes on where an earlier run stopped; may run twice at once."""
    importing.run(UUID(census_import), at=timezone.now())


@shared_task
def resume_imports() -> None:
    importing.resume(at=timezone.now())


@shared_task
def check_search_keys() -> None:
    """Words are nothing but names written otherwise, so what is wrong is named and written anew."""
    for community in Community.objects.all():
        for place in search_keys.mend(community):
            logger.error("untrue search words, written anew: place %s", place.place_id)
