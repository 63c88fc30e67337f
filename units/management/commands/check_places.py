"""Compare every tree's intervals with `parent_id`; name each fault; mend when asked."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from units import tree
from units.locks import bucket_of
from units.models import Community


class Command(BaseCommand):
    help = "核对治理单元树：以上级关系为准，核对区间；--mend 修复。有问题时退出码为 1。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="修复有问题的树")

    def handle(self, *args: Any, **options: Any) -> None:
        faults = tree.verify()
        for fault in faults:
            self.stdout.write(str(fault))
        if not faults:
            self.stdout.write("治理单元树：0 处问题")
            return
        if not options["mend"]:
            self.stderr.write(f"治理单元树：{len(faults)} 处问题，可用 --mend 修复")
            raise SystemExit(1)
        self._mend(tree.communities_with(faults))

    @transaction.atomic
    def _mend(self, communities: list[Community]) -> None:
        """All at once: two bent trees may hold each other's numbers, and uniqueness is deferred."""
        for community in sorted(communities, key=lambda each: bucket_of(each.pk)):
            mended = tree.mend(community, at=timezone.now())
            self.stdout.write(f"{community.name}：已修复 {mended} 行")
