"""The shell that opens without a signal. It knows nobody: no session, no cookie, no `Vary`."""

import hashlib
import re
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

# Opens from the plain HTTP cache where service workers are not to be had (WeChat on iOS).
_KEPT = "private, max-age=86400, stale-while-revalidate=604800"
# Sent together, in this order: a request costs 0.4 s where the signal is poor.
_SCRIPTS = tuple(
    f"phone/{name}.js"
    for name in (
        *(
            "outbox",
            "wire",
            "send",
            "photo",
            "chosen",
            "state",
            "draw",
            "form",
            "ask",
            "mine",
            "screens",
            "comfort",
            "shell",
        ),
    )
)
_STYLES = (
    "css/tokens.css",
    "css/base.css",
    "css/parts.css",
    "css/phone.css",
    "css/standard.css",
    "css/matter.css",
    "phone/shell.css",
)


@require_safe
def shell(request: HttpRequest) -> HttpResponse:
    # Without the request: its context processors would touch the session.
    page = {"words": _words(), "styles": _url(_styles(), "css"), "script": _url(_script(), "js")}
    response = render(None, "phone/shell.html", page)
    response["Cache-Control"] = _KEPT
    return response


@require_safe
@gzip_page
def shell_part(request: HttpRequest, version: str, kind: str) -> HttpResponse:
    """Styles or script of the shell; the version in the address changes with them."""
    content, type_ = (_styles(), "text/css") if kind == "css" else (_script(), "text/javascript")
    response = HttpResponse(content, content_type=f"{type_}; charset=utf-8")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response


@require_safe
def service_worker(request: HttpRequest) -> HttpResponse:
    """At the root, so that it may answer for every page of the phone."""
    assets = [_url(_styles(), "css"), _url(_script(), "js")]
    # Another shell or another asset is another cache; what waits to be sent is not in it.
    kept = shell(request).content + " ".join(assets).encode()
    page = {"assets": assets, "version": hashlib.sha256(kept).hexdigest()[:12]}
    response = render(None, "phone/sw.js", page, content_type="text/javascript; charset=utf-8")
    response["Cache-Control"] = "no-cache"
    return response


@cache
def _styles() -> str:
    return "\n".join(_read(path) for path in _STYLES)


@cache
def _script() -> str:
    """The modules one after another, without what ties them together."""
    together = "\n".join(_read(path) for path in _SCRIPTS)
    return re.sub(r"^import [^;]*;$|^export (?=const|function|async)", "", together, flags=re.M)


def _read(path: str) -> str:
    found = finders.find(path) or staticfiles_storage.path(path)
    return Path(str(found)).read_text(encoding="utf-8")


def _url(content: str, kind: str) -> str:
    version = hashlib.sha256(content.encode()).hexdigest()[:12]
    return reverse("shell-part", kwargs={"version": version, "kind": kind})


def _words() -> dict[str, str]:
    """What the shell's scripts say; templates hold the rest."""
    return {
        "queued": _("已保存在手机，有网自动发送"),
        "sending": _("正在发送"),
        "sent": _("已送达"),
        "conflict": _("别人已经报过，请核对"),
        "rejected": _("内容要改一下"),
        "needs_login": _("请重新登录，填的还在手机里"),
        "stale": _("表格已更新，请再看一眼"),
        "dead": _("多次没有送达，请打电话给居委会"),
        "returned": _("退回修改"),
        "nil": _("本周平安无事"),
        "weekly": _("楼组周报"),
        "same": _("无变化"),
        "nobody": _("没人在家"),
        "changed": _("有变化"),
        "door": _("住户情况"),
        "stairs": _("其余各户无变化"),
        "matter": _("我要上报"),
        "help": _("有人需要帮助"),
        "people": _("欢迎新邻居"),
        "photo": _("照片"),
        "unsent": _("还有%d条没有送达"),
        "receipt": _("回执"),
        "filed": _("本周已报，可以补充"),
        "due": _("本周还没有报"),
        "confirmed": _("本季已确认"),
        "offline": _("现在没有信号，填好会先存在手机里"),
        "no_pack": _("这台手机还没有登录过。有信号时登录一次，以后没信号也能填。"),
        "doors_left": _("还有%d户没有确认"),
        "chosen": _("%d户"),
        "lacking": _("这一项还没选："),
        "unwritten": _("这一项还没写："),
        "error": _("错误："),
        "correct": _("改好再发"),
        "drop": _("不要这份了"),
        "so_far": _("各户这一周报上来的"),
        "drop_photo": _("不发这张照片"),
    }
