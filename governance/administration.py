"""The admin site, in the house's clothes: its front page shows each community's roll-up."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import redis
from django.contrib.admin import AdminSite
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.views import redirect_to_login
from django.db.models import Count, Min, Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.i18n import JavaScriptCatalog

from reports import bell, measures
from reports.measures import Figure, Measure
from reports.models import Mark, Period, Summary
from reports.obligations import latest_opened
from units.kinds import Kind
from units.models import Community

# A mark older than this means that the drain has stopped, not that it is busy.
_WAITS_AT_MOST = 60
# Keys as gettext makes them: context, end of transmission, English letter.
_WEEK_DAYS = {
    f"one letter {day}\x04{day[0]}": letter
    for day, letter in {
        "Sunday": "日",
        "Monday": "一",
        "Tuesday": "二",
        "Wednesday": "三",
        "Thursday": "四",
        "Friday": "五",
        "Saturday": "六",
    }.items()
}


@dataclass(frozen=True)
class Tile:
    """One community in the latest opened week. No `row`: nothing has been summed up yet."""

    community: Community
    row: Summary | None
    waiting: int
    period: Period | None = None

    @property
    def coverage(self) -> Figure:
        return self._of(measures.COVERAGE)

    @property
    def missing(self) -> Figure:
        return self._of(measures.MISSING)

    @property
    def computed_at(self) -> datetime | None:
        return self.row.computed_at if self.row else None

    @property
    def url(self) -> str:
        return reverse("community-board", kwargs={"code": self.community.code})

    def _of(self, measure: Measure) -> Figure:
        """Leads to where it comes from, once there is something."""
        if self.row is None or self.period is None:
            return measures.figure(measure, [])
        where = {"place": self.community.code, "period": self.period.key}
        return measures.figure(measure, [self.row], **where)


@dataclass(frozen=True)
class Health:
    """Whether the roll-up keeps up. `worker` None: the broker itself does not answer."""

    waiting: int
    waits: int
    worker: bool | None

    @property
    def is_well(self) -> bool:
        return bool(self.worker) and self.waits <= _WAITS_AT_MOST

    @property
    def word(self) -> str:
        return _("✓ 正常") if self.is_well else _("! 要看一下")

    @property
    def worker_words(self) -> str:
        if self.worker is None:
            return _("消息服务没有应答，汇总会慢一点，数据不会丢")
        return _("后台进程在工作") if self.worker else _("后台进程没有应答，请重新启动")

    @property
    def waits_words(self) -> str:
        return _("最早的已等%d秒") % self.waits if self.waiting else _("没有积压")


def health(marks: Mapping[str, Any], *, at: datetime) -> Health:
    """From a count and the oldest moment of all marks, and the worker's heartbeat."""
    try:
        worker = bell.worker_is_alive()
    except redis.RedisError:
        worker = None
    oldest = marks["oldest"]
    waits = max(0, int((at - oldest).total_seconds())) if oldest else 0
    return Health(marks["waiting"], waits, worker)


def tiles(period: Period | None) -> list[Tile]:
    """Every community, in three queries however many there are."""
    rows = {
        row.community_id: row for row in Summary.objects.filter(period=period, kind=Kind.COMMUNITY)
    }
    waiting = dict(
        Mark.objects.values("community").annotate(n=Count("pk")).values_list("community", "n")
    )
    return [
        Tile(community, rows.get(community.pk), waiting.get(community.pk, 0), period)
        for community in Community.objects.all()
    ]


class _Labelled(AutocompleteJsonView):
    """Choices with what tells them apart: two people of one name, a thousand third floors."""

    def serialize_result(self, obj: Model, to_field_name: str) -> dict[str, str]:
        label = getattr(self.model_admin, "autocomplete_label", str)
        return {**super().serialize_result(obj, to_field_name), "text": label(obj)}


class _Words(JavaScriptCatalog):
    """The admin's texts for scripts; Django's Chinese leaves the days of the calendar M T W."""

    packages = ("django.contrib.admin",)

    def get_catalog(self) -> dict[str, Any]:
        days = _WEEK_DAYS if get_language() == "zh-hans" else {}
        return {**super().get_catalog(), **days}


class Administration(AdminSite):
    site_header = gettext_lazy("同构 · 管理后台")
    site_title = gettext_lazy("同构 · 管理后台")
    index_title = gettext_lazy("本周汇总")
    # The tables need its width, and the front page lists the same.
    enable_nav_sidebar = False
    password_change_template = "admin/password_change_form.html"  # noqa: S105 (a template)

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        self.empty_value_display = "—"

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        rollup = self._rollup() if request.user.has_perm("reports.view_summary") else {}
        return super().index(request, {**rollup, **(extra_context or {})})

    def login(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """One gate for all: its brakes and its second step are not to be walked around here."""
        go_to = request.GET.get(REDIRECT_FIELD_NAME) or reverse("admin:index")
        if not request.user.is_authenticated:
            return redirect_to_login(go_to, reverse("login"))
        if self.has_permission(request):
            return redirect("admin:index")
        facts = self.each_context(request) | {"title": _("不能进管理后台")}
        return render(request, "admin/no_entry.html", facts, status=403)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return _Labelled.as_view(admin_site=self)(request)

    def i18n_javascript(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        return _Words.as_view()(request)

    def _rollup(self) -> dict[str, Any]:
        period = latest_opened()
        marks = Mark.objects.aggregate(waiting=Count("pk"), oldest=Min("made_at"))
        return {
            "period": period,
            "tiles": tiles(period),
            "health": health(marks, at=timezone.now()),
            "summaries_url": reverse("admin:reports_summary_changelist"),
        }
