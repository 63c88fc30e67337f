"""回音: what was done about a report, told back to those who filed it.

Insert only: taking one back within ten seconds is one more row.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.report import Report
from units import scope
from units.models import User

MAX_REPLY = 200


class ReplyQuerySet(models.QuerySet["Reply"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_REPORTS
    ) -> "ReplyQuerySet":
        return self.filter(scope.reach(user, action).as_q("report__place"))

    def standing(self) -> "ReplyQuerySet":
        return self.filter(undoes__isnull=True, undone_by__isnull=True)


class Reply(models.Model):
    # Made with the page it was typed on: sent twice, it is one.
    id = models.UUIDField(primary_key=True)
    report = models.ForeignKey(
        Report, models.PROTECT, related_name="replies", verbose_name=_("报告")
    )
    words = models.CharField(_("回音"), max_length=MAX_REPLY, blank=True)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("由谁"))
    at = models.DateTimeField(_("时间"))
    undoes = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="undone_by",
        verbose_name=_("撤销了哪一条"),
    )

    objects = ReplyQuerySet.as_manager()

    class Meta:
        verbose_name = _("回音")
        verbose_name_plural = _("回音")
        ordering = ["-at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=(models.Q(undoes__isnull=True) & ~models.Q(words=""))
                | models.Q(undoes__isnull=False, words=""),
                name="a_reply_says_something_or_undoes",
            )
        ]

    def __str__(self) -> str:
        return self.words
