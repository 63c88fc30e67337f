"""The measure of everything: one INSERT a commit of an equal row, by psycopg2 alone."""

from typing import Any
from uuid import uuid4

import psycopg2
from django.conf import settings
from django.db import connection
from psycopg2.extensions import make_dsn

from reports.models import Report

_COLUMNS = [field.column for field in Report._meta.concrete_fields if field.name != "id"]
_INSERT = (
    f"INSERT INTO bench_bare (client_key, {', '.join(_COLUMNS)})"
    f" VALUES (%s, {', '.join(['%s'] * len(_COLUMNS))})"
)


def create() -> None:
    """A table like `reports_report` with a primary key and a unique UUID, and nothing else."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_bare (LIKE reports_report INCLUDING DEFAULTS INCLUDING IDENTITY,"
            " client_key uuid NOT NULL UNIQUE, PRIMARY KEY (id))"
        )


def _dsn() -> str:
    of = settings.DATABASES["default"]
    name = connection.settings_dict["NAME"]
    return make_dsn(
        host=of["HOST"], port=of["PORT"], user=of["USER"], password=of["PASSWORD"], dbname=name
    )


def _row() -> list[Any]:
    """The columns of some report, as they go into the statement."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(_COLUMNS)} FROM reports_report LIMIT 1")
        return list(cursor.fetchone())


def as_job() -> dict[str, Any]:
    """For `bench/load.py`, which knows nothing of Django."""
    return {"dsn": _dsn(), "statement": _INSERT, "row": _row()}


class Bare:
    """One connection of its own, in autocommit."""

    def __init__(self) -> None:
        own = psycopg2.connect(_dsn())
        own.autocommit = True
        self._cursor, self._row = own.cursor(), _row()

    def insert(self) -> None:
        self._cursor.execute(_INSERT, [str(uuid4()), *self._row])
