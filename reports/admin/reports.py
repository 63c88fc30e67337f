"""Reports and their filings: read here, changed only by filing again."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from reports.admin.words import (
    FilingPeriodFilter,
    ReportPeriodFilter,
    answers_in_words,
    period_in_words,
    short_period,
    with_receipt,
)
from reports.models import Decision, Filing, Reply, Report
from reports.models.report import SAID
from units.admin.base import Page, ReadOnly, yes_or_no
from units.models import Place


class FilingWords:
    """The fields that filings have, inline and on their own page."""

    @admin.display(description=_("收据号"))
    def receipt(self, filing: Filing) -> str:
        return filing.receipt

    @admin.display(description=_("这次"))
    def what(self, filing: Filing) -> str:
        return filing.what

    @admin.display(description=_("内容"))
    def said(self, filing: Filing) -> str:
        return answers_in_words(filing)


class Filings(ReadOnly, FilingWords, admin.StackedInline):
    model = Filing
    fields = readonly_fields = (
        "receipt",
        "what",
        "said",
        "by",
        "channel",
        "caller",
        "made_at",
        "received_at",
        "reason",
    )
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Filing]:
        return super().get_queryset(request).select_related("form_version", "by")


class Replies(ReadOnly, admin.TabularInline):
    model = Reply
    fields = readonly_fields = ("words", "by", "at")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Reply]:
        replies: QuerySet[Reply] = super().get_queryset(request).select_related("by")
        return replies


class Decisions(ReadOnly, admin.TabularInline):
    """What reviewers decided, oldest first."""

    model = Decision
    fields = readonly_fields = ("what", "rev", "by", "at", "reason")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Decision]:
        return super().get_queryset(request).select_related("by")


_SENT = ("rev", "is_nil", "is_withdrawn", "is_on_time", "first_at", "last_at")


@admin.register(Report)
class ReportAdmin(ReadOnly, Page):
    list_display = (
        "place",
        "place_code",
        "week",
        "is_nil",
        "is_on_time",
        "rev",
        "is_withdrawn",
        "last_at",
    )
    list_filter = (ReportPeriodFilter, "form", "review", "nil", "withdrawn")
    list_select_related = ("place", "obligation__period")
    search_fields = ("place__name", "place__code")
    search_help_text = _("按地方的名称、编码，或8位收据号查找")
    ordering = ("-as_of", "-id")
    inlines = (Filings, Decisions, Replies)
    fieldsets = (
        (None, {"fields": ("place", "path", "community", "form", "period", "as_of")}),
        (_("报送"), {"fields": _SENT}),
        (_("审阅"), {"fields": ("review", "accepted_rev")}),
        (_("说了什么（1为有，0为没有）"), {"fields": SAID, "classes": ("collapse",)}),
    )

    is_nil = yes_or_no("nil", _("报平安"))
    is_on_time = yes_or_no("on_time", _("按时"))
    is_withdrawn = yes_or_no("withdrawn", _("已撤回"))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Report], search_term: str
    ) -> tuple[QuerySet[Report], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        reports = with_receipt(search_term).values("report")
        return found | queryset.filter(pk__in=reports), may_repeat

    def title_of(self, report: Report) -> str:
        return f"{report.place.name} · {self.period(report)}"

    @admin.display(description=_("编码"))
    def place_code(self, report: Report) -> str:
        return report.place.code

    @admin.display(description=_("报告期"))
    def week(self, report: Report) -> str:
        return short_period(report.obligation.period) if report.obligation else ""

    @admin.display(description=_("报告期"))
    def period(self, report: Report) -> str:
        return period_in_words(report.obligation.period) if report.obligation else ""

    @admin.display(description=_("首次报送时属于"))
    def path(self, report: Report) -> str:
        """The ancestors of that day, which may have moved since."""
        names = dict(Place.objects.filter(pk__in=report.path_as_filed).values_list("pk", "name"))
        return " › ".join(names[pk] for pk in report.path_as_filed if pk in names)


@admin.register(Filing)
class FilingAdmin(ReadOnly, FilingWords, Page):
    list_display = ("receipt", "place", "week", "what", "by", "channel", "received_at")
    list_filter = (FilingPeriodFilter, "report__form", "nil", "channel")
    list_select_related = ("report__place", "report__obligation__period", "by")
    search_fields = ("report__place__name", "report__place__code")
    search_help_text = _("按地方的名称、编码，或8位收据号查找")
    ordering = ("-received_at",)
    fields = (
        "receipt",
        "report_page",
        "period",
        "what",
        "said",
        "by",
        "channel",
        "caller",
        "rev",
        "made_at",
        "received_at",
        "reason",
    )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Filing], search_term: str
    ) -> tuple[QuerySet[Filing], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        return found | queryset.filter(pk__in=with_receipt(search_term)), may_repeat

    def title_of(self, filing: Filing) -> str:
        return f"{filing.report.place.name} · {filing.receipt}"

    @admin.display(description=_("地方"))
    def place(self, filing: Filing) -> str:
        return filing.report.place.name

    @admin.display(description=_("报告"))
    def report_page(self, filing: Filing) -> str:
        page = reverse("admin:reports_report_change", args=[filing.report_id])
        place = filing.report.place
        return format_html('<a href="{}">{}（{}）</a>', page, place.name, place.code)

    @admin.display(description=_("报告期"))
    def week(self, filing: Filing) -> str:
        obligation = filing.report.obligation
        return short_period(obligation.period) if obligation else ""

    @admin.display(description=_("报告期"))
    def period(self, filing: Filing) -> str:
        obligation = filing.report.obligation
        return period_in_words(obligation.period) if obligation else ""
