"""Recount every summary from reports, name each row that differs, exit 1 when one does."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from reports.models import Summary
from reports.rollup import recount


class Command(BaseCommand):
    help = "从报告重新数一遍所有汇总，逐行列出不一致的；有不一致时退出码为 1。"

    def handle(self, *args: Any, **options: Any) -> None:
        found = recount.differences(at=timezone.now())
        for difference in found:
            self.stdout.write(str(difference))
        waiting = recount.communities_waiting()
        if waiting:
            self.stdout.write(f"{waiting} 个居民区还有变动待汇总，这次没有核对")
        if found:
            self.stderr.write(f"汇总：{len(found)} 处与报告不一致")
            raise SystemExit(1)
        self.stdout.write(f"汇总：{Summary.objects.count()} 行与报告一致")
