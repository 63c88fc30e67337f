"""A sheet: the figures of a place and period as they were at one moment. Insert only.

What is submitted upwards, printed or exported names its sheet, so that it can be made again: the
figures with the version of their definition, and which sending of which report was counted.
"""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.period import Period
from units import scope
from units.models import Place, User


class SheetQuerySet(models.QuerySet["Sheet"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_FIGURES
    ) -> "SheetQuerySet":
        return self.filter(scope.reach(user, action).as_q("place"))


class Sheet(models.Model):
    """`content` and `sources` are written by `reports/sheets.py` and read through it."""

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地方"))
    period = models.ForeignKey(Period, models.PROTECT, related_name="+", verbose_name=_("报告期"))
    as_of = models.DateTimeField(_("数据截至"))
    taken_by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("由谁制表")
    )
    content = models.JSONField(_("数字"))
    # [[report id, rev], …]: the sendings that were counted.
    sources = models.JSONField(_("来源"))

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = _("数据表")
        verbose_name_plural = _("数据表")
        ordering = ["-as_of"]
        indexes = [models.Index(fields=["place", "period"], name="sheet_by_place_and_period")]

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """What is printed on the sheet: the first eight of its UUID."""
        return self.id.hex[:8]
