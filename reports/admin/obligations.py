"""The calendar and what is owed by it. Only the holiday table is edited by hand."""

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from reports import coverage
from reports.admin.words import PeriodFilter, period_in_words, short_period
from reports.models import Holiday, Obligation, Period
from units.admin.base import Page, ReadOnly, yes_or_no


@admin.register(Holiday)
class HolidayAdmin(Page):
    list_display = ("day", "name", "worked")
    list_filter = ("is_workday",)
    search_fields = ("name",)
    date_hierarchy = "day"
    worked = yes_or_no("is_workday", _("上班还是放假"), yes=_("上班"), no=_("放假"))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple:
        """The day is the key: changing it would add a second row and leave the first."""
        return ("day",) if obj else ()


@admin.register(Period)
class PeriodAdmin(ReadOnly, Page):
    list_display = ("words", "kind", "starts_on", "ends_on", "freezes_at")
    list_filter = ("kind",)
    search_fields = ("key",)
    fields = ("words", "kind", "starts_on", "ends_on", "freezes_at")

    def title_of(self, period: Period) -> str:
        return period_in_words(period)

    @admin.display(description=_("报告期"))
    def words(self, period: Period) -> str:
        return period_in_words(period)


@admin.register(Obligation)
class ObligationAdmin(ReadOnly, Page):
    list_display = ("place", "place_code", "week", "form", "standing", "due_at", "locks_at")
    list_filter = (PeriodFilter, "form")
    list_select_related = ("place", "period", "form", "report")
    search_fields = ("place__name", "place__code")
    search_help_text = _("按地方的名称或编码查找")
    ordering = ("-period_id", "place_id")
    fields = (
        "place",
        "community",
        "form",
        "period_words",
        "standing",
        "opens_at",
        "due_at",
        "closes_at",
        "locks_at",
        "excused_reason",
        "excused_by",
        "waived_reason",
        "waived_by",
        "unlocked_until",
    )

    def title_of(self, obligation: Obligation) -> str:
        return f"{obligation.place.name} · {period_in_words(obligation.period)}"

    @admin.display(description=_("编码"))
    def place_code(self, obligation: Obligation) -> str:
        return obligation.place.code

    @admin.display(description=_("报告期"))
    def week(self, obligation: Obligation) -> str:
        return short_period(obligation.period)

    @admin.display(description=_("报告期"))
    def period_words(self, obligation: Obligation) -> str:
        return period_in_words(obligation.period)

    @admin.display(description=_("现在"))
    def standing(self, obligation: Obligation) -> str:
        now = coverage.standing(obligation, at=timezone.now())
        return f"{now.glyph} {now.label}"
