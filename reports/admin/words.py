"""Periods, answers and receipts in words, for the pages of this package."""

import re
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from reports.answers import in_words
from reports.models import Filing, Period
from units.admin.base import pairs

_RECEIPT = re.compile(r"[0-9a-f]{8}", re.IGNORECASE)
WEEKS_OFFERED = 13


def period_in_words(period: Period) -> str:
    """「2026年第46周（11月9日—11月15日）」, 「2026年11月」, 「当前」."""
    if period.kind != Period.PeriodKind.WEEK:
        return period.label
    return f"{period.key[:4]}年{period.label}"


def short_period(period: Period) -> str:
    """「2026年第46周」, for columns and filters."""
    if period.kind != Period.PeriodKind.WEEK:
        return period_in_words(period)
    return f"{period.key[:4]}年{period.short_label}"


class PeriodFilter(admin.SimpleListFilter):
    """The newest weeks; `path` leads from the listed model to the period."""

    title = _("报告期")
    parameter_name = "period"
    path = "period"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        newest = Period.objects.filter(kind=Period.PeriodKind.WEEK)[:WEEKS_OFFERED]
        return [(str(period.pk), short_period(period)) for period in newest]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value()
        is_one = bool(value) and value.isdecimal() and len(value) < 10
        return queryset.filter(**{self.path: value}) if is_one else queryset


class ReportPeriodFilter(PeriodFilter):
    path = "obligation__period"


class FilingPeriodFilter(PeriodFilter):
    path = "report__obligation__period"


def with_receipt(term: str) -> QuerySet[Filing]:
    """Filings with this receipt, the first eight of their UUID; none when it is not one."""
    receipt = term.strip()
    if not _RECEIPT.fullmatch(receipt):
        return Filing.objects.none()
    return Filing.objects.filter(id__range=(UUID(receipt + "0" * 24), UUID(receipt + "f" * 24)))


def answers_in_words(filing: Filing) -> str:
    """What was said, in the wording it was asked in."""
    if filing.withdraws:
        return str(_("撤回"))
    if filing.nil:
        return str(_("本周平安无事"))
    return pairs(in_words(filing.form_version.definition, filing.answers))
