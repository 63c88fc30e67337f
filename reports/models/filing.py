"""Filings: each sending of a report, insert only. The id is the UUID made on the phone."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from reports.models.form import FormVersion
from reports.models.report import Report
from reports.models.sheet import Sheet
from units import scope
from units.models import User


class FilingQuerySet(models.QuerySet["Filing"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_REPORTS
    ) -> "FilingQuerySet":
        return self.filter(scope.reach(user, action).as_q("report__place"))


class Filing(models.Model):
    class Channel(models.TextChoices):
        PAGE = "page", _("网页")
        API = "api", _("手机自动发送")
        TELEPHONE = "telephone", _("电话代报")
        PAPER = "paper", _("纸质代填")
        CHAIN = "chain", _("群接龙代报")

    id = models.UUIDField(primary_key=True)
    report = models.ForeignKey(
        Report, models.PROTECT, related_name="filings", db_index=False, verbose_name=_("报告")
    )
    rev = models.PositiveIntegerField(_("第几次"))
    base_rev = models.PositiveIntegerField(_("在第几次之后"))
    form_version = models.ForeignKey(
        FormVersion,
        models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("表的版本"),
    )
    nil = models.BooleanField(_("报平安"), default=False)
    withdraws = models.BooleanField(_("撤回"), default=False)
    answers = models.JSONField(_("内容"), default=dict)
    body_hash = models.CharField(max_length=64)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("谁报的"))
    channel = models.CharField(_("怎么报的"), max_length=10, choices=Channel.choices)
    # Who rang or handed in the paper when staff filed for a group.
    caller = models.CharField(_("来电人"), max_length=50, blank=True)
    made_at = models.DateTimeField(_("填写时间"))
    received_at = models.DateTimeField(_("送达时间"))
    reason = models.CharField(_("更正理由"), max_length=200, blank=True)
    # The figures from below that a block or community report was submitted with.
    sheet = models.ForeignKey(
        Sheet, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("数据表")
    )

    objects = FilingQuerySet.as_manager()

    class Meta:
        verbose_name = _("送达记录")
        verbose_name_plural = _("送达记录")
        ordering = ["report_id", "rev"]
        constraints = [
            models.UniqueConstraint(fields=["report", "rev"], name="one_filing_per_rev"),
            models.CheckConstraint(
                condition=models.Q(rev=models.F("base_rev") + 1), name="a_filing_follows_its_base"
            ),
        ]

    def __str__(self) -> str:
        return self.receipt

    @property
    def receipt(self) -> str:
        """What the filer can read out to have it checked: the first eight of the UUID."""
        return self.id.hex[:8]

    @property
    def what(self) -> str:
        if self.withdraws:
            return str(_("撤回"))
        return str(_("报平安") if self.nil else _("填报")) if self.rev == 1 else str(_("更正"))
