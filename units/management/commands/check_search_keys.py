"""Compare the words that places are found by with their names; write them anew when asked."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from units import search_keys
from units.models import Community


class Command(BaseCommand):
    help = "核对查找用词：以单元名称为准；--mend 重写。有问题时退出码为 1。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--mend", action="store_true", help="重写不对的词")

    def handle(self, *args: Any, **options: Any) -> None:
        look = search_keys.mend if options["mend"] else search_keys.differing
        wrong = sum(len(look(each)) for each in Community.objects.all())
        if options["mend"]:
            self.stdout.write(f"查找用词：已重写 {wrong} 处")
        elif wrong:
            self.stderr.write(f"查找用词：{wrong} 处不对，可用 --mend 重写")
            raise SystemExit(1)
        else:
            self.stdout.write("查找用词：0 处不对")
