"""Celery's edge: each task carries the name of what it calls and may run twice."""

from celery import shared_task
from django.utils import timezone

from governance.supervision import intake


@shared_task
def pull_asks() -> None:
    intake.pull(at=timezone.now())
