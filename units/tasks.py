"""Celery's edge of this package."""

from celery import shared_task
from django.contrib.sessions.backends.db import SessionStore
from django.utils import timezone

from units import brakes


@shared_task
def forget() -> None:
    """Ended sessions, and wrong guesses that slow nobody down any more."""
    SessionStore.clear_expired()
    brakes.forget(at=timezone.now())
