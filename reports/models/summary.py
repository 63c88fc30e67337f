"""Figures of places and periods, kept true by `reports/rollup/`."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.period import Period
from reports.models.report import Said
from units import scope
from units.kinds import Kind
from units.models import Community, Place, User


class FiguresQuerySet(models.QuerySet["Figures"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_FIGURES
    ) -> "FiguresQuerySet":
        return self.filter(scope.reach(user, action).as_q("place"))


class Figures(models.Model):
    """One row a period and place. `parent` is recorded so that history keeps its shape."""

    period = models.ForeignKey(
        Period, models.PROTECT, related_name="+", db_index=False, verbose_name=_("报告期")
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="+", verbose_name=_("地方"))
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="+", db_index=False, verbose_name=_("居民区")
    )
    kind = models.PositiveSmallIntegerField(_("层级"), choices=Kind.choices)
    parent = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+", db_index=False)
    # Grows by one whenever a shown value changes; open pages ask for it.
    version = models.BigIntegerField(default=1)
    computed_at = models.DateTimeField(_("数据截至"))

    objects = FiguresQuerySet.as_manager()

    class Meta:
        abstract = True


class Summary(Figures, Said):
    """The summary of building reports. Counts of reports; nothing here is about a person."""

    building_owed = models.PositiveIntegerField(_("应报楼组"), default=0)
    building_filed = models.PositiveIntegerField(_("已报楼组"), default=0)
    building_nil = models.PositiveIntegerField(_("报平安楼组"), default=0)
    building_looked = models.PositiveIntegerField(_("看过并填了情况的楼组"), default=0)
    building_on_time = models.PositiveIntegerField(_("按时报的楼组"), default=0)
    building_excused = models.PositiveIntegerField(_("免报楼组"), default=0)

    class Meta:
        verbose_name = _("汇总")
        verbose_name_plural = _("汇总")
        constraints = [
            models.UniqueConstraint(
                fields=["period", "place"], name="one_summary_per_period_and_place"
            ),
            models.CheckConstraint(
                condition=models.Q(
                    building_filed=models.F("building_nil") + models.F("building_looked")
                ),
                name="filed_is_nil_or_looked",
            ),
        ]
        indexes = [models.Index(fields=["period", "parent"], name="summary_by_parent")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.period_id}"


COUNTS = (
    "building_owed",
    "building_filed",
    "building_nil",
    "building_looked",
    "building_on_time",
    "building_excused",
)
