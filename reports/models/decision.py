"""What a reviewer decided about a report: insert only."""

from uuid import uuid4

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.report import Report
from units.models import User


class DecisionQuerySet(models.QuerySet["Decision"]):
    def standing(self) -> "DecisionQuerySet":
        """Acceptances and returns that were not undone."""
        what = (Decision.What.ACCEPTED, Decision.What.RETURNED)
        return self.filter(what__in=what, undone_by__isnull=True)


class Decision(models.Model):
    """About one sending (`rev`) of a report. `by` is empty when it accepted itself at closing."""

    class What(models.TextChoices):
        ACCEPTED = "accepted", _("通过")
        RETURNED = "returned", _("退回修改")
        UNDONE = "undone", _("撤销")
        UNLOCKED = "unlocked", _("归档后重新打开")

    report = models.ForeignKey(
        Report, models.PROTECT, related_name="decisions", verbose_name=_("报告")
    )
    rev = models.PositiveIntegerField(_("第几次"))
    what = models.CharField(_("决定"), max_length=10, choices=What.choices)
    by = models.ForeignKey(
        User, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("由谁")
    )
    reason = models.CharField(_("理由"), max_length=200, blank=True)
    at = models.DateTimeField(_("时间"))
    # One press of a button, made where the page was opened: pressed twice it decides once.
    batch = models.UUIDField(_("批次"), default=uuid4, db_index=True, editable=False)
    undoes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        verbose_name=_("撤销了哪一个"),
    )

    objects = DecisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("审阅决定")
        verbose_name_plural = _("审阅决定")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(what="returned", reason="")
                & ~models.Q(what="unlocked", reason=""),
                name="a_return_says_why",
                violation_error_message=_("请写明理由"),
                violation_error_code="reason_required",
            ),
            models.CheckConstraint(
                condition=models.Q(by__isnull=False) | models.Q(what="accepted"),
                name="only_acceptance_happens_by_itself",
            ),
            models.CheckConstraint(
                condition=models.Q(what="undone", undoes__isnull=False)
                | (~models.Q(what="undone") & models.Q(undoes__isnull=True)),
                name="an_undoing_names_what_it_undoes",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.report_id} {self.what}"
