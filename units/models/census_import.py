"""An import of head counts, from the sheet that was handed in to what an undo needs."""

from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units import scope
from units.kinds import Kind
from units.models.community import Community
from units.models.person import User


class CensusImportQuerySet(models.QuerySet["CensusImport"]):
    def visible_to(self, user: User) -> "CensusImportQuerySet":
        """Of the communities this person imports for."""
        trees = [span.tree_id for span in scope.reach(user, scope.Action.IMPORT_CENSUS).spans]
        return self.filter(
            community__places__tree_id__in=trees, community__places__kind=Kind.COMMUNITY
        )

    def without_rows(self) -> "CensusImportQuerySet":
        return self.defer("tables", "fixes", "planted")


class CensusImport(models.Model):
    """`tables`, `mapping` and `fixes` are read and written through `units/census_import/`."""

    class State(models.TextChoices):
        DRAFT = "draft", _("还没对好列")
        CHECKED = "checked", _("核对中")
        RUNNING = "running", _("正在导入")
        STOPPED = "stopped", _("没有做完")
        DONE = "done", _("已导入")
        UNDONE = "undone", _("已撤销")

    id = models.UUIDField(primary_key=True, default=uuid4, editable=False)
    community = models.ForeignKey(
        Community, models.PROTECT, related_name="census_imports", verbose_name=_("居民区")
    )
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("谁导入的"))
    file_name = models.CharField(_("文件名"), max_length=120)
    state = models.CharField(_("状态"), max_length=8, choices=State.choices, default=State.DRAFT)
    as_of = models.DateField(_("截至日期"))
    made_at = models.DateTimeField(_("上传时间"))
    # When it last got on: one that stands still is handed to a worker again.
    moved_at = models.DateTimeField(_("最近进展"))
    # Sheets as read, without what is private; of a finished import only lines that were not taken.
    tables = models.JSONField(_("表格"), default=list)
    hidden = models.JSONField(_("没有读的隐藏表"), default=list)
    mapping = models.JSONField(_("哪一列是什么"), default=dict)
    fixes = models.JSONField(_("当场改的"), default=dict)
    opens_buildings = models.BooleanField(_("同时新建楼组"), default=False)
    # new, changed, same, repeated, faulty, absent: households; planted: places.
    tally = models.JSONField(_("各有多少"), default=dict)
    planted = models.JSONField(_("新建的单元"), default=list)
    # Names of what an undo had to leave, because something hangs on it by now.
    stayed = models.JSONField(_("撤销后留下的"), default=list)
    done = models.PositiveIntegerField(_("做了几户"), default=0)
    total = models.PositiveIntegerField(_("共几户"), default=0)

    objects = CensusImportQuerySet.as_manager()

    class Meta:
        verbose_name = _("底册导入")
        verbose_name_plural = _("底册导入")
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["community", "-made_at"], name="import_by_community")]
        constraints = [
            models.UniqueConstraint(
                fields=["community"],
                condition=Q(state="running"),
                name="one_census_import_runs_at_a_time",
                violation_error_message=_("这个居民区正在导入另一张表，请等它做完"),
                violation_error_code="another_import_runs",
            ),
            models.CheckConstraint(
                condition=Q(done__lte=F("total")), name="a_census_import_does_no_more_than_all"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_open(self) -> bool:
        return self.state in (self.State.DRAFT, self.State.CHECKED)

    @property
    def may_be_undone(self) -> bool:
        return self.state in (self.State.DONE, self.State.STOPPED)


class ColumnMemory(models.Model):
    """What one person said about the columns of a sheet with these headers, for the next time."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("谁"))
    # Of the headers of all kept columns, in their order.
    signature = models.CharField(max_length=64)
    mapping = models.JSONField(_("哪一列是什么"), default=dict)

    class Meta:
        verbose_name = _("记住的列")
        verbose_name_plural = _("记住的列")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "signature"], name="columns_are_remembered_once_a_person"
            )
        ]

    def __str__(self) -> str:
        return self.signature[:8]
