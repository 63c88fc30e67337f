"""Public facilities, and how their condition changed: each change with its day and its reason."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from reports.models import Filing
from units import scope
from units.kinds import Kind
from units.models import Place, User

MAX_NOTE = 100


class FacilityKind(models.TextChoices):
    LIGHT = "light", _("楼道照明")
    ENTRANCE = "entrance", _("门禁")
    PIPE = "pipe", _("给排水")
    RAIL = "rail", _("扶手、台阶")
    ROOF = "roof", _("屋面、外墙")
    LIFT = "lift", _("电梯")
    ACTIVITY = "activity", _("活动室")
    GROUND = "ground", _("活动场地")
    FITNESS = "fitness", _("健身点")
    SEATING = "seating", _("休息座椅")
    PARKING = "parking", _("停车位")
    CHARGING = "charging", _("充电棚")
    WASTE = "waste", _("垃圾厢房")
    OTHER = "other", _("其他设施")


class Condition(models.TextChoices):
    GOOD = "good", _("好")
    FAIR = "fair", _("一般")
    POOR = "poor", _("差")
    STOPPED = "stopped", _("停用")


# What somebody has to do something about.
FAULTY = (Condition.POOR, Condition.STOPPED)


def _only_inside(user: User, action: scope.Action) -> scope.Reach:
    """What posts inside the community reach: the street reads what facilities come to, no row."""
    return scope.Reach(spans=scope.reach(user, action).spans)


class FacilityQuerySet(models.QuerySet["Facility"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_PROFILE
    ) -> "FacilityQuerySet":
        return self.filter(_only_inside(user, action).as_q("place"))

    def there(self) -> "FacilityQuerySet":
        return self.filter(removed_at__isnull=True)

    def in_use(self) -> "FacilityQuerySet":
        return self.there().exclude(condition=Condition.STOPPED)


class Facility(models.Model):
    """One facility at a building, a block or the community. `condition` is its latest one."""

    place = models.ForeignKey(
        Place, models.PROTECT, related_name="facilities", verbose_name=_("在哪里")
    )
    # Follows `place` (composite foreign key): nothing hangs on a floor or at somebody's door.
    place_kind = models.PositiveSmallIntegerField(editable=False)
    kind = models.CharField(_("类别"), max_length=12, choices=FacilityKind.choices)
    name = models.CharField(_("名称"), max_length=30)
    condition = models.CharField(_("状况"), max_length=8, choices=Condition.choices)
    last_inspected_on = models.DateField(_("上次检查"), null=True, blank=True)
    seats = models.PositiveSmallIntegerField(
        _("公共座位（个）"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(9999, _("数太大了，请再看一下"))],
    )
    activity_space_m2 = models.DecimalField(
        _("活动空间（㎡）"), max_digits=7, decimal_places=1, null=True, blank=True
    )
    parking_spaces = models.PositiveSmallIntegerField(
        _("停车位（个）"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(9999, _("数太大了，请再看一下"))],
    )
    note = models.CharField(_("备注"), max_length=MAX_NOTE, blank=True)
    rev = models.PositiveIntegerField(_("第几次"), default=1, editable=False)
    removed_at = models.DateTimeField(_("撤除时间"), null=True, blank=True)
    removed_because = models.CharField(_("为什么撤除"), max_length=MAX_NOTE, blank=True)

    objects = FacilityQuerySet.as_manager()

    class Meta:
        verbose_name = _("设施")
        verbose_name_plural = _("设施")
        ordering = ["place_id", "kind", "name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(place_kind__lte=Kind.BUILDING), name="a_facility_is_public"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_facility_has_a_name"),
            models.CheckConstraint(
                condition=Q(activity_space_m2__isnull=True) | Q(activity_space_m2__gte=0),
                name="space_is_not_negative",
                violation_error_message=_("面积不能是负数"),
                violation_error_code="negative_space",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_because="")
                | (Q(removed_at__isnull=False) & ~Q(removed_because="")),
                name="a_removed_facility_says_why",
                violation_error_message=_("请写明为什么撤除"),
                violation_error_code="reason_required",
            ),
            # One of a kind and name in a place, or the same lamp would be counted twice.
            models.UniqueConstraint(
                fields=["place", "kind", "name"],
                condition=Q(removed_at__isnull=True),
                name="one_facility_of_a_name",
                violation_error_message=_("这里已经有同名的设施，请换个名称，或改那一处"),
                violation_error_code="one_facility_of_a_name",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_faulty(self) -> bool:
        return self.condition in FAULTY


class FacilityCondition(models.Model):
    """What its condition became on a day, and why. Insert only; the last row is the present one."""

    class Because(models.TextChoices):
        ADDED = "added", _("登记")
        INSPECTED = "inspected", _("检查")
        REPORTED = "reported", _("楼组报告，已确认")
        UNDONE = "undone", _("撤销上一步")

    facility = models.ForeignKey(
        Facility, models.PROTECT, related_name="conditions", verbose_name=_("设施")
    )
    condition = models.CharField(_("状况"), max_length=8, choices=Condition.choices)
    on = models.DateField(_("哪天的"))
    because = models.CharField(_("根据"), max_length=10, choices=Because.choices)
    # The very sending that said so, when a report did.
    filing = models.ForeignKey(
        Filing, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("哪份报告")
    )
    note = models.CharField(_("备注"), max_length=MAX_NOTE, blank=True)
    at = models.DateTimeField(_("时间"))
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("由谁")
    )

    class Meta:
        verbose_name = _("设施状况")
        verbose_name_plural = _("设施状况")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(because="reported", filing__isnull=False)
                | ~Q(because="reported") & Q(filing__isnull=True),
                name="a_reported_condition_names_its_report",
            )
        ]

    def __str__(self) -> str:
        return f"{self.facility_id} {self.get_condition_display()}"
