"""The place tree: one MPTT tree per community, and the log of what changed in it."""

from datetime import date
from typing import TYPE_CHECKING

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from mptt.managers import TreeManager
from mptt.models import MPTTModel, TreeForeignKey
from mptt.querysets import TreeQuerySet

from units import scope
from units.kinds import Kind, PlaceState
from units.locks import BUCKETS
from units.models.community import Community

if TYPE_CHECKING:
    from units.models.person import User
    from units.scope import Action


class PlaceQuerySet(TreeQuerySet):
    def visible_to(self, user: "User", action: "Action" = scope.SEE_FIGURES) -> "PlaceQuerySet":
        """The places for which `user` holds `action` at this moment."""
        return self.filter(scope.reach(user, action).as_q())

    def under(self, place: "Place") -> "PlaceQuerySet":
        """`place` and everything below it, by interval."""
        return self.filter(tree_id=place.tree_id, lft__gte=place.lft, rght__lte=place.rght)

    def active(self) -> "PlaceQuerySet":
        return self.filter(state=PlaceState.ACTIVE)


class Place(MPTTModel):
    """A community, block, building group, floor or household.

    `parent_id` is the truth; mptt's `tree_id, lft, rght` are a read index. Only `units/tree.py`
    writes structure: everything else names `update_fields` when it saves.
    """

    # Every write in a tree touches half of its rows, and each index of theirs: none to spare.
    community = models.ForeignKey(
        Community,
        models.PROTECT,
        related_name="places",
        db_index=False,
        verbose_name=_("居民区"),
    )
    parent = TreeForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("上级"),
    )
    kind = models.PositiveSmallIntegerField(_("层级"), choices=Kind.choices)
    parent_kind = models.GeneratedField(
        expression=F("kind") - 1,
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    code = models.CharField(_("编码"), max_length=40, unique=True)
    name = models.CharField(_("名称"), max_length=40)
    state = models.CharField(
        _("状态"), max_length=10, choices=PlaceState.choices, default=PlaceState.ACTIVE
    )
    opened_on = models.DateField(_("启用日期"))
    closed_on = models.DateField(_("注销日期"), null=True, blank=True)
    succeeded_by = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="predecessors",
        db_index=False,
        verbose_name=_("由谁接替"),
    )
    # Declared here so that mptt does not add a second index on tree_id alone (16 % of the WAL).
    tree_id = models.PositiveIntegerField(editable=False)

    objects = TreeManager.from_queryset(PlaceQuerySet)()

    class Meta:
        verbose_name = _("地方")
        verbose_name_plural = _("治理单元")
        ordering = ["tree_id", "lft"]
        indexes = [
            models.Index(fields=["community", "kind"], name="place_by_community_and_kind"),
            # Of the few that have one: without it, each place that an undo takes out looks at all.
            models.Index(
                fields=["succeeded_by"],
                condition=Q(succeeded_by__isnull=False),
                name="place_by_successor",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(level=F("kind")),
                name="place_level_is_its_kind",
                violation_error_message=_("层级不能跳过或颠倒"),
                violation_error_code="place_level_is_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(lft__lt=F("rght")),
                name="place_interval_is_open",
                violation_error_message=_("树的区间不正确"),
                violation_error_code="place_interval_is_open",
            ),
            models.CheckConstraint(
                condition=Q(parent__isnull=True, kind=Kind.COMMUNITY)
                | (Q(parent__isnull=False) & ~Q(kind=Kind.COMMUNITY)),
                name="only_a_community_has_no_parent",
                violation_error_message=_("只有居民区没有上级"),
                violation_error_code="only_a_community_has_no_parent",
            ),
            models.CheckConstraint(
                condition=Q(state=PlaceState.ACTIVE, closed_on__isnull=True)
                | (~Q(state=PlaceState.ACTIVE) & Q(closed_on__isnull=False)),
                name="a_closed_place_has_its_day",
                violation_error_message=_("注销的地方要有注销日期"),
                violation_error_code="a_closed_place_has_its_day",
            ),
            models.UniqueConstraint(
                fields=["community"],
                condition=Q(parent__isnull=True),
                name="one_root_per_community",
                violation_error_message=_("这个居民区已经有一棵树"),
                violation_error_code="one_root_per_community",
            ),
            models.UniqueConstraint(
                fields=["tree_id"],
                condition=Q(parent__isnull=True),
                name="one_root_per_tree",
            ),
            # A tripwire under concurrent writes; the lock is in units/locks.py.
            models.UniqueConstraint(
                fields=["tree_id", "lft"],
                name="one_place_per_left",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.UniqueConstraint(
                fields=["tree_id", "rght"],
                name="one_place_per_right",
                deferrable=models.Deferrable.DEFERRED,
            ),
            # Targets of the composite foreign keys that the migration adds.
            models.UniqueConstraint(
                fields=["id", "community", "kind"], name="place_in_its_community_and_kind"
            ),
            models.UniqueConstraint(fields=["id", "kind"], name="place_of_its_kind"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_building(self) -> bool:
        return self.kind == Kind.BUILDING

    @property
    def label(self) -> str:
        return str(Kind(self.kind).label)

    def stands_on(self, day: date) -> bool:
        return self.opened_on <= day and (self.closed_on is None or day < self.closed_on)


class PlaceChange(models.Model):
    """One structural write. Insert only; the drain reads past a cursor.

    Ids of one bucket commit in order because the writer holds that bucket's lock.
    """

    class What(models.TextChoices):
        PLANTED = "planted", _("建树")
        ADDED = "added", _("新建")
        MOVED = "moved", _("移动")
        CLOSED = "closed", _("注销")
        RENAMED = "renamed", _("改名")
        COUNTED = "counted", _("登记人数")
        # Said of the place above: what was planted there by mistake is gone as if it never was.
        UPROOTED = "uprooted", _("撤销新建")

    community = models.ForeignKey(Community, models.PROTECT, related_name="place_changes")
    bucket = models.GeneratedField(
        expression=models.functions.Mod("community_id", BUCKETS),
        output_field=models.SmallIntegerField(),
        db_persist=True,
    )
    place = models.ForeignKey(Place, models.PROTECT, related_name="changes")
    what = models.CharField(_("变动"), max_length=10, choices=What.choices)
    from_parent = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    to_parent = models.ForeignKey(Place, models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey("units.User", models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("单元变动")
        verbose_name_plural = _("单元变动")
        ordering = ["id"]
        indexes = [models.Index(fields=["bucket", "id"], name="place_change_by_bucket")]

    def __str__(self) -> str:
        return f"{self.place_id} {self.get_what_display()}"


# mptt appends an index on (tree_id, lft); the unique constraint above already serves it.
Place._meta.indexes[:] = [
    index for index in Place._meta.indexes if index.fields != ["tree_id", "lft"]
]
