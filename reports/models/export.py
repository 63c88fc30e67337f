"""An export: a file made for one person, from stored sheets. Its content is kept for a day."""

from datetime import datetime, timedelta
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models import User

KEPT_FOR = timedelta(hours=24)


class ExportQuerySet(models.QuerySet["Export"]):
    def of(self, user: User) -> "ExportQuerySet":
        """Only who ordered a file sees it, and without its content, which may be long."""
        return self.filter(by=user).defer("content")

    def kept(self, at: datetime) -> "ExportQuerySet":
        return self.filter(expires_at__gt=at)


class Export(models.Model):
    """`about` says what was ordered and is read through `reports/exports/order.py`."""

    class State(models.TextChoices):
        WAITING = "waiting", _("排队中")
        MAKING = "making", _("正在做")
        DONE = "done", _("可以下载")
        FAILED = "failed", _("没有做成")
        EXPIRED = "expired", _("已过期")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("谁要的"))
    about = models.JSONField(_("内容"))
    purpose = models.CharField(_("用途"), max_length=60)
    file_name = models.CharField(_("文件名"), max_length=120)
    state = models.CharField(_("状态"), max_length=10, choices=State.choices, default=State.WAITING)
    # Sheets taken, of how many; the last step is the file itself.
    done = models.PositiveIntegerField(_("做了几步"), default=0)
    total = models.PositiveIntegerField(_("共几步"), default=1)
    problem = models.CharField(_("为什么没有做成"), max_length=200, blank=True)
    content = models.BinaryField(_("文件"), null=True)
    made_at = models.DateTimeField(_("下单时间"))
    # When it last got on: one that stands still is handed to a worker again.
    moved_at = models.DateTimeField(_("最近进展"))
    expires_at = models.DateTimeField(_("保留到"))

    objects = ExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("导出")
        verbose_name_plural = _("导出")
        ordering = ["-made_at"]
        indexes = [
            models.Index(fields=["by", "-made_at"], name="export_by_owner"),
            models.Index(fields=["expires_at"], name="export_by_expiry"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="done", content__isnull=False)
                | (~Q(state="done") & Q(content__isnull=True)),
                name="a_finished_export_has_its_file",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="an_export_does_no_more_than_all"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def name(self) -> str:
        """The file's name without its ending, for reading."""
        return self.file_name.rpartition(".")[0]

    @property
    def kind(self) -> str:
        return str(self.about["kind"])

    @property
    def is_under_way(self) -> bool:
        return self.state in (self.State.WAITING, self.State.MAKING)
