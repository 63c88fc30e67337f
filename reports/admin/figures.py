"""Published wordings of forms, and the summaries that the drain keeps true."""

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import measures
from reports.admin.words import PeriodFilter, period_in_words, short_period
from reports.models import FormVersion, Summary
from reports.models.report import SAID
from reports.models.summary import COUNTS
from units.admin.base import Page, ReadOnly, pairs

_TYPES = {
    "choice": gettext_lazy("选一个"),
    "choices": gettext_lazy("可选多个"),
    "floors": gettext_lazy("填楼层"),
    "number": gettext_lazy("填数字"),
    "text": gettext_lazy("写一句话"),
}


@admin.register(FormVersion)
class FormVersionAdmin(ReadOnly, Page):
    list_display = ("form", "number", "published_at")
    list_filter = ("form",)
    list_select_related = ("form",)
    fields = ("form", "number", "published_at", "purpose", "questions")

    def title_of(self, version: FormVersion) -> str:
        return _("%(form)s 第%(number)d版") % {"form": version.form, "number": version.number}

    @admin.display(description=gettext_lazy("用途"))
    def purpose(self, version: FormVersion) -> str:
        return version.definition.get("purpose", "")

    @admin.display(description=gettext_lazy("问什么"))
    def questions(self, version: FormVersion) -> str:
        return pairs(
            (field["label"], "；".join(_asked(field))) for field in version.definition["fields"]
        )


def _asked(field: dict[str, Any]) -> Iterator[str]:
    yield str(_TYPES.get(field["type"], field["type"]))
    if field.get("required"):
        yield _("必答")
    if field.get("choices"):
        yield " / ".join(choice["label"] for choice in field["choices"])
    if field.get("hint"):
        yield field["hint"]


@admin.register(Summary)
class SummaryAdmin(ReadOnly, Page):
    list_display = (
        "place",
        "place_code",
        "kind",
        "week",
        "coverage",
        "fraction",
        "missing",
        "computed_at",
    )
    list_filter = (PeriodFilter, "kind")
    list_select_related = ("place", "period")
    search_fields = ("place__name", "place__code")
    search_help_text = gettext_lazy("按地方的名称或编码查找")
    ordering = ("-period_id", "place_id")
    sortable_by = ()
    fieldsets = (
        (None, {"fields": ("place", "community", "kind", "period_words", "computed_at")}),
        (gettext_lazy("收到多少"), {"fields": COUNTS}),
        (gettext_lazy("说了什么（各为楼组数）"), {"fields": SAID}),
    )

    def title_of(self, summary: Summary) -> str:
        return f"{summary.place.name} · {period_in_words(summary.period)}"

    @admin.display(description=gettext_lazy("编码"))
    def place_code(self, summary: Summary) -> str:
        return summary.place.code

    @admin.display(description=gettext_lazy("报告期"))
    def week(self, summary: Summary) -> str:
        return short_period(summary.period)

    @admin.display(description=gettext_lazy("报告期"))
    def period_words(self, summary: Summary) -> str:
        return period_in_words(summary.period)

    @admin.display(description=gettext_lazy("覆盖率"))
    def coverage(self, summary: Summary) -> str:
        return measures.figure(measures.COVERAGE, [summary]).text

    @admin.display(description=gettext_lazy("已报/应报"))
    def fraction(self, summary: Summary) -> str:
        return measures.figure(measures.COVERAGE, [summary]).fraction

    @admin.display(description=gettext_lazy("未收到"))
    def missing(self, summary: Summary) -> str:
        return measures.figure(measures.MISSING, [summary]).text
