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

    # Worked out from other rows: goes with its place when that was planted by mistake.
    is_reckoned = True

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


class Coverage(models.Model):
    """Counts of obligations, for the reports of buildings, blocks and communities."""

    building_owed = models.PositiveIntegerField(_("应报楼组"), default=0)
    building_filed = models.PositiveIntegerField(_("已报楼组"), default=0)
    building_nil = models.PositiveIntegerField(_("报平安楼组"), default=0)
    building_looked = models.PositiveIntegerField(_("看过并填了情况的楼组"), default=0)
    building_on_time = models.PositiveIntegerField(_("按时报的楼组"), default=0)
    building_excused = models.PositiveIntegerField(_("免报楼组"), default=0)
    block_owed = models.PositiveIntegerField(_("应报片区"), default=0)
    block_filed = models.PositiveIntegerField(_("已报片区"), default=0)
    block_on_time = models.PositiveIntegerField(_("按时报的片区"), default=0)
    block_excused = models.PositiveIntegerField(_("免报片区"), default=0)
    community_owed = models.PositiveIntegerField(_("应报居民区"), default=0)
    community_filed = models.PositiveIntegerField(_("已报居民区"), default=0)
    community_on_time = models.PositiveIntegerField(_("按时报的居民区"), default=0)
    community_excused = models.PositiveIntegerField(_("免报居民区"), default=0)

    class Meta:
        abstract = True


class Stock(models.Model):
    """Who lives here now, in persons and households. Only in the period `now`.

    A household never counted is unknown, not zero: it is in `households` and not in
    `households_counted`. `residents` may be negative where what was reported does not add up; then
    the household is in `stock_disputed`.
    """

    households = models.PositiveIntegerField(_("住户"), default=0)
    households_counted = models.PositiveIntegerField(_("数过的住户"), default=0)
    residents = models.IntegerField(_("常住"), default=0)
    aged_60_plus = models.PositiveIntegerField(_("60岁及以上"), default=0)
    aged_80_plus = models.PositiveIntegerField(_("80岁及以上"), default=0)
    nonlocal_residents = models.PositiveIntegerField(_("外来常住"), default=0)
    actual = models.IntegerField(_("实有"), default=0)
    floating = models.PositiveIntegerField(_("外来流动"), default=0)
    living_alone = models.PositiveIntegerField(_("独居老人"), default=0)
    stock_disputed = models.PositiveIntegerField(_("人数对不上的住户"), default=0)

    class Meta:
        abstract = True


class Summary(Figures, Coverage, Said, Stock):
    """What building and household reports come to. Nothing here is about a person."""

    # Distinct households: 0 or 1 at the door for each kind of period, then added up.
    visited_households = models.PositiveIntegerField(_("走访过的住户"), default=0)

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


COUNTS = tuple(field.name for field in Coverage._meta.local_fields)
STOCK = tuple(field.name for field in Stock._meta.local_fields)
