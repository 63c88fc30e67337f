"""What staff made of a defect that a building report told: nothing changes before they have."""

from uuid import uuid4

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.profiles.models.facility import MAX_NOTE, Facility, FacilityCondition
from reports.models import Report
from units import scope
from units.models import User


class DefectDecisionQuerySet(models.QuerySet["DefectDecision"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.KEEP_PROFILE
    ) -> "DefectDecisionQuerySet":
        return self.filter(scope.reach(user, action).as_q("report__place"))

    def standing(self) -> "DefectDecisionQuerySet":
        return self.filter(undone_at__isnull=True)


class DefectDecision(models.Model):
    """About one kind of thing that one sending (`rev`) of a building report calls broken."""

    class Outcome(models.TextChoices):
        CONFIRMED = "confirmed", _("已确认")
        SET_ASIDE = "set_aside", _("不作处理")

    report = models.ForeignKey(Report, models.PROTECT, related_name="+", verbose_name=_("报告"))
    rev = models.PositiveIntegerField(_("第几次"))
    # A value of the report's 「什么坏了」; empty when it said only that something is.
    kind = models.CharField(_("什么坏了"), max_length=40, blank=True)
    outcome = models.CharField(_("怎么定的"), max_length=10, choices=Outcome.choices)
    condition = models.ForeignKey(
        FacilityCondition,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("设施状况"),
    )
    # The facility was put on the list by this decision, and goes with it when it is undone.
    made_facility = models.ForeignKey(
        Facility, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("新设施")
    )
    reason = models.CharField(_("理由"), max_length=MAX_NOTE, blank=True)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("由谁"))
    # One press of a button, made where the page was opened: pressed twice it decides once.
    batch = models.UUIDField(_("批次"), default=uuid4, db_index=True, editable=False)
    undone_at = models.DateTimeField(_("撤销时间"), null=True, blank=True)

    objects = DefectDecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("设施情况的决定")
        verbose_name_plural = _("设施情况的决定")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "rev", "kind"],
                condition=Q(undone_at__isnull=True),
                name="one_decision_per_defect",
                violation_error_message=_("这一条刚才已经有人定过，请刷新后再看"),
                violation_error_code="already_decided",
            ),
            models.CheckConstraint(
                condition=Q(outcome="confirmed", condition__isnull=False)
                | Q(outcome="set_aside", condition__isnull=True) & ~Q(reason=""),
                name="setting_aside_says_why",
                violation_error_message=_("请写明为什么不作处理"),
                violation_error_code="reason_required",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.kind} {self.get_outcome_display()}"
