"""The Django project and the rooms. Holds the Celery app and nothing else."""

from governance.celery import app as celery_app

__all__ = ["celery_app"]
