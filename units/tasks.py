"""Celery's edge of this package."""

from uuid import UUID

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from units.brakes import guessing
from units.census_import import importing


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
