"""Print the demo's address, logins and a QR code for the phone."""

import io
from typing import Any

import segno
from django.core.management.base import BaseCommand, CommandParser

from governance.board.pages import DOORS
from governance.demo import PASSWORD


class Command(BaseCommand):
    help = "打印演示的网址、登录名和手机二维码。"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--url", default="http://127.0.0.1:8000")

    def handle(self, *args: Any, **options: Any) -> None:
        url = options["url"].rstrip("/")
        self.stdout.write(f"\n同构演示  {url}/\n")
        for name, whose, login in DOORS:
            self.stdout.write(f"  {name}  登录名 {login}  密码 {PASSWORD}  （{whose}）")
        self.stdout.write(f"  管理后台  {url}/admin/  登录名 admin  密码 {PASSWORD}\n")
        # Through a buffer: Django's own stream would add a line end to every piece written.
        drawing = io.StringIO()
        segno.make(f"{url}/", error="l").terminal(out=drawing, compact=True, border=2)
        self.stdout.write(drawing.getvalue())
        self.stdout.write(
            "手机扫码打开（要在同一个网络里，用 HOST=0.0.0.0 make demo 启动）。按 Ctrl-C 停止。"
        )
