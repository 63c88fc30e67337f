"""Divisions (city to street) and the communities that lie in them."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.kinds import Kind


class Division(models.Model):
    """City, district, zone or street. Matched by code, never by name (trap T5)."""

    class DivisionKind(models.TextChoices):
        CITY = "city", _("市")
        DISTRICT = "district", _("区")
        STREET = "street", _("街道")
        ZONE = "zone", _("片区（居民区之上）")

    code = models.CharField(_("代码"), max_length=12, primary_key=True)
    kind = models.CharField(_("级别"), max_length=10, choices=DivisionKind.choices)
    parent = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级"),
    )
    official_name = models.CharField(_("正式名称"), max_length=60)
    alias = models.CharField(_("习惯称呼"), max_length=60, blank=True)
    # {"block": "块区"}: what this division calls a kind of place (trap T4).
    labels = models.JSONField(_("层级叫法"), default=dict, blank=True)

    class Meta:
        verbose_name = _("行政区划")
        verbose_name_plural = _("行政区划")
        ordering = ["code"]

    def __str__(self) -> str:
        return self.alias or self.official_name

    def label_of(self, kind: int) -> str:
        return str(self.labels.get(Kind(kind).name.lower()) or Kind(kind).label)

    def with_descendants(self) -> list[str]:
        """Codes of this division and all below it; at most four levels, so at most four queries."""
        codes, level = [self.code], [self.code]
        while level:
            level = list(
                Division.objects.filter(parent__in=level)
                .exclude(code__in=codes)
                .values_list("code", flat=True)
            )
            codes += level
        return codes


class Community(models.Model):
    """The area of one residents' committee; owns one place tree."""

    code = models.CharField(_("代码"), max_length=12, unique=True)
    division = models.ForeignKey(
        Division, models.PROTECT, related_name="communities", verbose_name=_("街道")
    )
    name = models.CharField(_("名称"), max_length=60)
    telephone = models.CharField(_("居委会电话"), max_length=20, blank=True)
    # {"building_report": "week"}: how often each periodic form is owed here.
    rhythm = models.JSONField(_("报告周期"), default=dict, blank=True)

    class Meta:
        verbose_name = _("居民区")
        verbose_name_plural = _("居民区")
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                condition=Q(code__regex=r"^\d{12}$"),
                name="community_code_has_twelve_digits",
                violation_error_message=_("居民区代码应为12位数字"),
                violation_error_code="community_code_has_twelve_digits",
            )
        ]

    def __str__(self) -> str:
        return self.name
