"""Periods, the holiday table, and who owes which report when."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reports.models.form import ReportForm
from units import scope
from units.models import Community, Place, User


class Holiday(models.Model):
    """A day that differs from the plain weekly rule: a weekday off or a weekend day worked."""

    day = models.DateField(_("日期"), primary_key=True)
    is_workday = models.BooleanField(_("上班"))
    name = models.CharField(_("名称"), max_length=20)

    class Meta:
        verbose_name = _("节假日与调休")
        verbose_name_plural = _("节假日与调休")
        ordering = ["day"]

    def __str__(self) -> str:
        return f"{self.day} {self.name}"


class Period(models.Model):
    """A stretch of the calendar, and nothing else: deadlines are on each obligation."""

    class PeriodKind(models.TextChoices):
        WEEK = "week", _("周")
        MONTH = "month", _("月")
        QUARTER = "quarter", _("季")
        NOW = "now", _("当前")

    kind = models.CharField(_("类型"), max_length=8, choices=PeriodKind.choices)
    key = models.CharField(_("代号"), max_length=10, unique=True)
    starts_on = models.DateField(_("第一天"))
    ends_on = models.DateField(_("最后一天"))
    # The latest lock of the obligations that end in it; from then on recorded parents stay.
    freezes_at = models.DateTimeField(_("定格时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("报告期")
        verbose_name_plural = _("报告期")
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")), name="a_period_ends_after_it_starts"
            )
        ]

    def __str__(self) -> str:
        return self.key

    @property
    def label(self) -> str:
        """第40周（9月28日—10月4日）, 2026年11月, 2026年第4季度, 当前"""
        starts, ends = self.starts_on, self.ends_on
        when = {"year": starts.year, "month": starts.month, "quarter": starts.month // 3 + 1}
        if self.kind == self.PeriodKind.NOW:
            return str(self.get_kind_display())
        if self.kind == self.PeriodKind.MONTH:
            return _("%(year)d年%(month)d月") % when
        if self.kind == self.PeriodKind.QUARTER:
            return _("%(year)d年第%(quarter)d季度") % when
        return _("第%(week)d周（%(m1)d月%(d1)d日—%(m2)d月%(d2)d日）") % {
            "week": starts.isocalendar().week,
            "m1": starts.month,
            "d1": starts.day,
            "m2": ends.month,
            "d2": ends.day,
        }

    @property
    def short_label(self) -> str:
        """第47周, 11月; the whole label of any other."""
        if self.kind == self.PeriodKind.MONTH:
            return _("%d月") % self.starts_on.month
        if self.kind != self.PeriodKind.WEEK:
            return self.label
        return _("第%d周") % self.starts_on.isocalendar().week


class ObligationQuerySet(models.QuerySet["Obligation"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_REPORTS
    ) -> "ObligationQuerySet":
        return self.filter(scope.reach(user, action).as_q("place"))

    def open(self, at: datetime) -> "ObligationQuerySet":
        return self.filter(opens_at__lte=at, locks_at__gt=at)

    def with_report(self) -> "ObligationQuerySet":
        return self.select_related("report", "period", "form")


class Obligation(models.Model):
    """One place owes one periodic report. Written at opening, its times never recomputed."""

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="+", verbose_name=_("居民区")
    )
    place = models.ForeignKey(
        Place, models.PROTECT, related_name="obligations", verbose_name=_("地方")
    )
    form = models.ForeignKey(ReportForm, models.PROTECT, related_name="+", verbose_name=_("报告表"))
    period = models.ForeignKey(
        Period, models.PROTECT, related_name="obligations", verbose_name=_("报告期")
    )
    opens_at = models.DateTimeField(_("开始"))
    due_at = models.DateTimeField(_("应报"))
    closes_at = models.DateTimeField(_("补报截止"))
    locks_at = models.DateTimeField(_("归档"))
    excused_reason = models.CharField(_("免报理由"), max_length=100, blank=True)
    excused_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("由谁免报"),
    )
    # Nobody asks for it any more; it stays missing, and blocks nothing above it.
    waived_reason = models.CharField(_("不再催的理由"), max_length=100, blank=True)
    waived_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("由谁定为不再催"),
    )
    # One report opened again after its lock, until this moment.
    unlocked_until = models.DateTimeField(_("重新打开到"), null=True, blank=True)

    objects = ObligationQuerySet.as_manager()

    class Meta:
        verbose_name = _("应报事项")
        verbose_name_plural = _("应报事项")
        ordering = ["-period__starts_on", "place_id"]
        indexes = [models.Index(fields=["period", "community"], name="obligation_by_period")]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "form", "period"], name="one_obligation_per_place_and_period"
            ),
            models.CheckConstraint(
                condition=Q(opens_at__lt=F("due_at"))
                & Q(due_at__lte=F("closes_at"))
                & Q(closes_at__lte=F("locks_at")),
                name="obligation_times_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.period_id}"

    @property
    def is_excused(self) -> bool:
        return bool(self.excused_reason)

    @property
    def is_waived(self) -> bool:
        return bool(self.waived_reason)

    @property
    def locked_from(self) -> datetime:
        """When it can be amended no more: its lock, or later when it was opened again."""
        return max(self.locks_at, self.unlocked_until or self.locks_at)
