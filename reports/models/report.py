"""The standing report of a place, and the columns of what reports say."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from reports.models.form import ReportForm
from reports.models.period import Obligation
from units import scope
from units.models import Community, Place, User


class BuildingSaid(models.Model):
    """What the weekly building report says, each 0 or 1 on a report."""

    corridor_uncleared = models.PositiveIntegerField(_("楼道堆物待清"), default=0)
    ebike_unresolved = models.PositiveIntegerField(_("充电隐患待处理"), default=0)
    facility_reported = models.PositiveIntegerField(_("设施有损坏"), default=0)
    stock_tight = models.PositiveIntegerField(_("物资紧张"), default=0)
    figures_disputed = models.PositiveIntegerField(_("数字有出入"), default=0)
    waste_good = models.PositiveIntegerField(_("垃圾分类好"), default=0)
    waste_answered = models.PositiveIntegerField(_("答过垃圾分类"), default=0)
    disputes = models.PositiveIntegerField(_("邻里纠纷"), default=0)
    mediated = models.PositiveIntegerField(_("纠纷已调解"), default=0)

    class Meta:
        abstract = True


class HouseholdSaid(models.Model):
    """What a household report says: 0 or 1 on a report, but persons for the two movements."""

    visits = models.PositiveIntegerField(_("走访"), default=0)
    absences = models.PositiveIntegerField(_("没人在家"), default=0)
    confirmed = models.PositiveIntegerField(_("情况已确认"), default=0)
    changed = models.PositiveIntegerField(_("有变化"), default=0)
    arrived = models.PositiveIntegerField(_("新来人数"), default=0)
    departed = models.PositiveIntegerField(_("离开人数"), default=0)
    help_asked = models.PositiveIntegerField(_("需要帮助"), default=0)
    hazards_reported = models.PositiveIntegerField(_("安全隐患"), default=0)
    suggestions = models.PositiveIntegerField(_("意见建议"), default=0)
    urgent = models.PositiveIntegerField(_("马上要办"), default=0)

    class Meta:
        abstract = True


class Said(BuildingSaid, HouseholdSaid):
    """Every column that a form definition may name in `feeds`.

    On a report it is what that report says; on a summary it is added up over reports, with the
    rules of `reports/rollup/leaf.py`.
    """

    class Meta:
        abstract = True


BUILDING_SAID = tuple(field.name for field in BuildingSaid._meta.local_fields)
HOUSEHOLD_SAID = tuple(field.name for field in HouseholdSaid._meta.local_fields)
SAID = (*BUILDING_SAID, *HOUSEHOLD_SAID)


# What a building says that asks somebody to look; a dispute only while it is not mediated.
EYES = (
    "corridor_uncleared",
    "ebike_unresolved",
    "facility_reported",
    "stock_tight",
    "figures_disputed",
)


class ReportQuerySet(models.QuerySet["Report"]):
    def standing(self) -> "ReportQuerySet":
        return self.filter(rev__gt=0, withdrawn=False)

    def reviewed_by(self, user: User) -> "ReportQuerySet":
        """Periodic reports of the places directly below those that `user` reviews for."""
        reach = scope.reach(user, scope.Action.REVIEW)
        return self.filter(reach.as_q_below("place"), is_event=False)

    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_REPORTS
    ) -> "ReportQuerySet":
        return self.filter(scope.reach(user, action).as_q("place"))


class Review(models.TextChoices):
    """What the level above has said; `reports/review.py` declares what may follow what."""

    WAITING = "waiting", _("待审阅")
    RETURNED = "returned", _("退回修改")
    ACCEPTED = "accepted", _("已审阅")


class Report(Said):
    """What is so for one place. Each sending is a `Filing`; `rev` is the number of the last one.

    Due, late, locked and amended are computed from facts and a clock, never stored.
    """

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="+", verbose_name=_("居民区")
    )
    place = models.ForeignKey(
        Place, models.PROTECT, related_name="reports", db_index=False, verbose_name=_("地方")
    )
    form = models.ForeignKey(
        ReportForm, models.PROTECT, related_name="+", db_index=False, verbose_name=_("表")
    )
    is_event = models.BooleanField(_("按事件报"), default=False)
    obligation = models.OneToOneField(
        Obligation, models.PROTECT, null=True, related_name="report", verbose_name=_("报告期")
    )
    # The day it belongs to: when it happened, or the last day of its period.
    as_of = models.DateField(_("属于哪一天"))
    # Ids from the community down to the place, as they were when it was first filed.
    path_as_filed = ArrayField(models.BigIntegerField())
    rev = models.PositiveIntegerField(_("第几次"), default=0)
    withdrawn = models.BooleanField(_("已撤回"), default=False)
    nil = models.BooleanField(_("报平安"), default=False)
    # Of the first filing that stands: made by the due time and received within 48 hours of it.
    on_time = models.BooleanField(_("按时"), default=False)
    # A corrected head count of a household: no movement, and only while this report stands.
    head_count = models.PositiveSmallIntegerField(_("更正的人数"), null=True)
    # The clock of the phone that made the last filing; orders two corrections of one day.
    made_at = models.DateTimeField(_("填写时间"), null=True)
    review = models.CharField(
        _("审阅"), max_length=10, choices=Review.choices, default=Review.WAITING
    )
    # The sending that was last accepted: what came since is shown as a difference.
    accepted_rev = models.PositiveIntegerField(_("审阅到第几次"), null=True, blank=True)
    first_at = models.DateTimeField(_("首次送达"), null=True)
    last_at = models.DateTimeField(_("最近送达"), null=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("报告")
        verbose_name_plural = _("报告")
        ordering = ["-as_of", "place_id"]
        indexes = [
            models.Index(fields=["place", "as_of"], name="report_by_place_and_day"),
            # What waits for a reviewer: few, however many reports there are.
            models.Index(
                fields=["community"],
                condition=Q(is_event=False) & ~Q(review="accepted"),
                name="report_to_review",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(is_event=True, obligation__isnull=True)
                | Q(is_event=False, obligation__isnull=False),
                name="a_periodic_report_answers_an_obligation",
            ),
            models.CheckConstraint(
                condition=Q(mediated__lte=F("disputes")) & Q(waste_good__lte=F("waste_answered")),
                name="what_is_said_fits_together",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.as_of}"

    @property
    def stands(self) -> bool:
        return self.rev > 0 and not self.withdrawn

    @property
    def needs_eyes(self) -> bool:
        """Whether what a building said asks somebody to look."""
        return any(getattr(self, column) for column in EYES) or self.disputes > self.mediated
