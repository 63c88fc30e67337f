"""The Celery app and every clock of the house."""

import os

from celery import Celery
from celery.schedules import crontab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")

app = Celery("governance")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

# `expires` keeps a dead worker from waking up to a pile of stale ticks.
app.conf.beat_schedule = {
    "sweep": {
        "task": "reports.tasks.sweep",
        "schedule": 1.0,
        "options": {"expires": 2},
    },
    "heartbeat": {
        "task": "reports.tasks.heartbeat",
        "schedule": 1.0,
        "options": {"expires": 2},
    },
    "open-periods": {
        "task": "reports.tasks.open_periods",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "accept-by-itself": {
        "task": "reports.tasks.accept_by_itself",
        "schedule": 300.0,
        "options": {"expires": 300},
    },
    "tidy-exports": {
        "task": "reports.tasks.tidy_exports",
        "schedule": 10.0,
        "options": {"expires": 10},
    },
    "resume-imports": {
        "task": "units.tasks.resume_imports",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "pull-asks": {
        "task": "governance.supervision.tasks.pull_asks",
        "schedule": 5.0,
        "options": {"expires": 5},
    },
    "check-places": {
        "task": "reports.tasks.check_places",
        "schedule": crontab(hour="3", minute="10"),
        "options": {"expires": 3600},
    },
    "check-summaries": {
        "task": "reports.tasks.check_summaries",
        "schedule": crontab(hour="3", minute="20"),
        "options": {"expires": 3600},
    },
    "purge-voices": {
        "task": "governance.voices.tasks.purge",
        "schedule": crontab(hour="3", minute="40"),
        "options": {"expires": 3600},
    },
    "check-search-keys": {
        "task": "units.tasks.check_search_keys",
        "schedule": crontab(hour="3", minute="45"),
        "options": {"expires": 3600},
    },
    "forget": {
        "task": "units.tasks.forget",
        "schedule": crontab(hour="3", minute="30"),
        "options": {"expires": 3600},
    },
}
