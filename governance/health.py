"""`/healthz/`: 200 only when a report filed now would reach the board; otherwise what is wrong."""

from datetime import timedelta

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from reports import bell
from reports.models import Mark, Obligation

# The sweep comes every second: a mark this old means that nobody drains.
OLDEST_MARK = timedelta(seconds=10)

_migrated = False


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    wrong = _wrong_with_database() or []
    wrong += _wrong_with_broker()
    return JsonResponse(
        {"ok": not wrong, "wrong": wrong},
        status=503 if wrong else 200,
        json_dumps_params={"ensure_ascii": False},
    )


def _wrong_with_database() -> list[dict[str, str]]:
    try:
        if not _is_migrated():
            return [_part("migrations", _("数据库还没有更新到这一版"))]
        wrong = []
        if settings.DEMO and not Obligation.objects.exists():
            wrong.append(_part("seed", _("演示数据还没有生成")))
        oldest = Mark.objects.order_by("made_at").values_list("made_at", flat=True).first()
        if oldest and timezone.now() - oldest > OLDEST_MARK:
            wrong.append(_part("marks", _("有报告等了10秒还没有汇总")))
    except DatabaseError:
        return [_part("database", _("数据库没有回应"))]
    return wrong


def _is_migrated() -> bool:
    """Asked of the database until it is once true; a running process never loses migrations."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        _migrated = not executor.migration_plan(executor.loader.graph.leaf_nodes())
    return _migrated


def _wrong_with_broker() -> list[dict[str, str]]:
    try:
        alive = bell.worker_is_alive()
    except redis.RedisError:
        return [_part("broker", _("消息队列没有回应"))]
    return [] if alive else [_part("worker", _("后台任务没有在工作，或者定时器停了"))]


def _part(name: str, sentence: str) -> dict[str, str]:
    return {"part": name, "message": sentence}
