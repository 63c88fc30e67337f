"""Head counts of households, each with its day and source."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from units.models.place import Place


class HouseholdCount(models.Model):
    """A dated count stands for the end of `as_of`. Insert only: a correction is a later row.

    Only what an import brought in goes again, with the whole import, once that is undone.

    Numbers are persons. `residents` are 常住; `actual` are 实有 and `floating` the 外来流动
    among them: another population than `nonlocal_residents` (trap T1).
    """

    place = models.ForeignKey(Place, models.PROTECT, related_name="counts")
    as_of = models.DateField(_("截至日期"))
    residents = models.PositiveSmallIntegerField(_("常住"))
    under_14 = models.PositiveSmallIntegerField(_("14岁以下"), default=0)
    aged_14_to_59 = models.PositiveSmallIntegerField(_("14至59岁"), default=0)
    aged_60_to_79 = models.PositiveSmallIntegerField(_("60至79岁"), default=0)
    aged_80_plus = models.PositiveSmallIntegerField(_("80岁及以上"), default=0)
    nonlocal_residents = models.PositiveSmallIntegerField(_("外来常住"), default=0)
    actual = models.PositiveSmallIntegerField(_("实有"))
    floating = models.PositiveSmallIntegerField(_("外来流动"), default=0)
    living_alone = models.BooleanField(_("独居老人"), default=False)
    source = models.CharField(_("来源"), max_length=40)
    brought_by = models.ForeignKey(
        "units.CensusImport",
        models.PROTECT,
        null=True,
        related_name="counts",
        db_index=False,
        verbose_name=_("哪次导入"),
    )

    class Meta:
        verbose_name = _("住户人数")
        verbose_name_plural = _("住户人数")
        indexes = [
            models.Index(
                fields=["brought_by"],
                condition=models.Q(brought_by__isnull=False),
                name="count_by_import",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["place", "as_of"], name="one_count_per_day"),
            models.CheckConstraint(
                condition=models.Q(
                    residents=models.F("under_14")
                    + models.F("aged_14_to_59")
                    + models.F("aged_60_to_79")
                    + models.F("aged_80_plus")
                ),
                name="age_bands_add_up_to_residents",
                violation_error_message=_("各年龄段人数之和应等于常住人数"),
                violation_error_code="age_bands_add_up_to_residents",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.as_of}"
