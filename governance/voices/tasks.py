"""Celery's edge: each task carries the name of what it calls and may run twice."""

from celery import shared_task
from django.utils import timezone

from governance.voices import purging


@shared_task
def purge() -> None:
    purging.purge(at=timezone.now())
