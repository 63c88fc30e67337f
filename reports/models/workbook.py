"""A workbook of the upper office: the file as it came, and where our figures go in it."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units import scope
from units.kinds import Kind
from units.models import Community, Division, Place, User


class WorkbookQuerySet(models.QuerySet["Workbook"]):
    def visible_to(self, user: User) -> "WorkbookQuerySet":
        """Of the communities this person works for as staff, and the divisions of an officer."""
        mine = scope.reach(user, scope.Action.FILL_WORKBOOK)
        trees = [span.tree_id for span in mine.spans]
        roots = Place.objects.filter(tree_id__in=trees, kind=Kind.COMMUNITY)
        return self.filter(
            Q(community__in=roots.values("community")) | Q(division__in=mine.divisions)
        )

    def without_file(self) -> "WorkbookQuerySet":
        return self.defer("content")


class Workbook(models.Model):
    """`mapping` is read and written through `reports/workbooks/mapping.py`."""

    community = models.ForeignKey(
        Community, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("居民区")
    )
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("街道")
    )
    name = models.CharField(_("名称"), max_length=60)
    file_name = models.CharField(_("文件名"), max_length=120)
    content = models.BinaryField(_("文件"))
    mapping = models.JSONField(_("对应关系"), default=list)
    uploaded_by = models.ForeignKey(
        User, models.PROTECT, related_name="+", verbose_name=_("谁上传的")
    )
    uploaded_at = models.DateTimeField(_("上传时间"))

    objects = WorkbookQuerySet.as_manager()

    class Meta:
        verbose_name = _("上级表格")
        verbose_name_plural = _("上级表格")
        ordering = ["name", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(community__isnull=True, division__isnull=False)
                | Q(community__isnull=False, division__isnull=True),
                name="a_workbook_is_of_a_community_or_a_division",
            ),
            models.UniqueConstraint(
                fields=["community", "division", "name"],
                nulls_distinct=False,
                name="workbooks_have_different_names",
                violation_error_message=_("已经有一张同名的表，请换个名称"),
                violation_error_code="workbook_name_taken",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def owner(self) -> str:
        return str(self.community or self.division)
