"""What every page of the administration shares: what may not be changed, titles, times in words."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_YES, _NO = gettext_lazy("是"), gettext_lazy("否")


class Kept:
    """Rows that others point at for good: they end or close, they are never deleted."""

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnly(Kept):
    """Rows that a process or a machine wrote: the administration only reads them."""

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class Page(admin.ModelAdmin):
    """A model's pages. `title_of` names a row in words where `__str__`, which asks the database
    nothing, can only give ids."""

    # Counting a table a second time only to say 「共 n 条」 costs more than it tells.
    show_full_result_count = False

    def title_of(self, obj: Any) -> str:
        return str(obj)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        title = {"title": self.opts.verbose_name_plural}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        obj = self.get_object(request, unquote(object_id))
        title = {"title": _("%s的修改历史") % self.title_of(obj)} if obj else {}
        return super().history_view(request, object_id, {**title, **(extra_context or {})})

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        obj = context.get("original")
        if obj is not None:
            context |= {"title": self.title_of(obj), "subtitle": None}
        return super().render_change_form(request, context, *args, **kwargs)


def yes_or_no(
    name: str,
    label: str | Promise,
    *,
    yes: str | Promise = _YES,
    no: str | Promise = _NO,
) -> Callable[[Any, Any], str]:
    """A column saying a yes-or-no field in words; Django's icons speak English and colour."""

    @admin.display(description=label, ordering=name)
    def column(page: Any, obj: Any) -> str:
        return str(yes if getattr(obj, name) else no)

    return column


def told(moment: datetime | None) -> str:
    """「2026年11月11日 12:00」 in Shanghai, or nothing."""
    if moment is None:
        return ""
    here = timezone.localtime(moment)
    return _("%(year)d年%(month)d月%(day)d日 %(time)s") % {
        "year": here.year,
        "month": here.month,
        "day": here.day,
        "time": f"{here:%H:%M}",
    }


def pairs(rows: Iterable[tuple[object, object]]) -> SafeString:
    """A list of terms and what is said of each, for a read-only field."""
    return format_html(
        '<dl class="pairs">{}</dl>',
        format_html_join("", "<dt>{}</dt><dd>{}</dd>", rows),
    )
