"""How a building was built and what flats it holds: counts of flats, never a row about a home."""

from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units import scope
from units.kinds import Kind
from units.models import Place, User

OLDEST, NEWEST, TALLEST = 1840, 2100, 60
MOST_FLATS = 2000


class Structure(models.TextChoices):
    TIMBER = "timber", _("砖木")
    BRICK = "brick", _("砖混")
    FRAME = "frame", _("框架")
    SHEAR = "shear", _("剪力墙")
    OTHER = "other", _("其他结构")


class HousingType(models.TextChoices):
    WORKERS = "workers", _("工人新村")
    OLD_PUBLIC = "old_public", _("老公房")
    LANE = "lane", _("里弄房")
    GARDEN = "garden", _("花园洋房")
    COMMERCIAL = "commercial", _("商品房小区")
    RELOCATION = "relocation", _("动迁安置房")
    OTHER = "other", _("其他房屋")


class Defect(models.TextChoices):
    LEAK = "leak", _("渗漏")
    PIPES = "pipes", _("管线")
    WALL = "wall", _("外墙")
    RAIL = "rail", _("楼梯扶手")
    LIGHT = "light", _("照明")


class Tenure(models.TextChoices):
    """Whose the flat is. A directly managed one is the state's: who lives there is no owner."""

    SOLD_PUBLIC = "sold_public", _("售后公房")
    PUBLIC = "public", _("直管公房")
    COMMERCIAL = "commercial", _("商品房")
    PRIVATE = "private", _("私房")
    OTHER = "other", _("其他")


class AreaBand(models.TextChoices):
    """Square metres of one flat."""

    UNDER_30 = "under_30", _("30㎡以下")
    TO_50 = "to_50", _("30至50㎡")
    TO_70 = "to_70", _("50至70㎡")
    OVER_70 = "over_70", _("70㎡以上")
    UNKNOWN = "unknown", _("面积不详")


class BuildingProfileQuerySet(models.QuerySet["BuildingProfile"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_PROFILE
    ) -> "BuildingProfileQuerySet":
        return self.filter(scope.reach(user, action).as_q("place"))


class BuildingProfile(models.Model):
    """One building. Every fact may be unknown, and an unknown one counts nowhere."""

    place = models.OneToOneField(
        Place, models.PROTECT, related_name="profile", verbose_name=_("楼组")
    )
    # Follows `place` (composite foreign key), so that a CHECK can say that it is a building.
    place_kind = models.PositiveSmallIntegerField(default=Kind.BUILDING, editable=False)
    year_built = models.PositiveSmallIntegerField(
        _("哪年建的"),
        null=True,
        blank=True,
        validators=[
            MinValueValidator(OLDEST, _("请填四位数的年份，例如1954")),
            MaxValueValidator(NEWEST, _("请填四位数的年份，例如1954")),
        ],
    )
    storeys = models.PositiveSmallIntegerField(
        _("地上几层"),
        null=True,
        blank=True,
        validators=[
            MinValueValidator(1, _("层数请填1至60")),
            MaxValueValidator(TALLEST, _("层数请填1至60")),
        ],
    )
    has_lift = models.BooleanField(_("有没有电梯"), null=True, blank=True)
    structure = models.CharField(_("结构"), max_length=12, choices=Structure.choices, blank=True)
    housing_type = models.CharField(
        _("房屋类型"), max_length=12, choices=HousingType.choices, blank=True
    )
    defects = ArrayField(
        models.CharField(max_length=8, choices=Defect.choices),
        verbose_name=_("缺损"),
        default=list,
        blank=True,
    )
    # Without a day nobody has looked: no defect ticked says nothing then.
    defects_seen_on = models.DateField(_("缺损哪天看的"), null=True, blank=True)
    vacant_dwellings = models.PositiveSmallIntegerField(
        _("其中空关几套"),
        null=True,
        blank=True,
        validators=[MaxValueValidator(MOST_FLATS, _("数太大了，请再看一下"))],
    )
    rev = models.PositiveIntegerField(_("第几次"), default=0, editable=False)
    updated_at = models.DateTimeField(_("登记时间"))
    updated_by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("由谁登记")
    )

    objects = BuildingProfileQuerySet.as_manager()

    class Meta:
        verbose_name = _("楼组的房屋情况")
        verbose_name_plural = _("楼组的房屋情况")
        ordering = ["place_id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(place_kind=Kind.BUILDING), name="a_profile_is_of_a_building"
            ),
            models.CheckConstraint(
                condition=Q(year_built__isnull=True) | Q(year_built__range=(OLDEST, NEWEST)),
                name="a_building_has_a_believable_year",
                violation_error_message=_("请填四位数的年份，例如1954"),
                violation_error_code="unbelievable_year",
            ),
            models.CheckConstraint(
                condition=Q(storeys__isnull=True) | Q(storeys__range=(1, TALLEST)),
                name="a_building_has_believable_storeys",
                violation_error_message=_("层数请填1至60"),
                violation_error_code="unbelievable_storeys",
            ),
            models.CheckConstraint(
                condition=Q(defects=[]) | Q(defects_seen_on__isnull=False),
                name="a_defect_was_seen_on_a_day",
                violation_error_message=_("请写缺损是哪天看的"),
                violation_error_code="defects_without_a_day",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.year_built or ''}".strip()

    @property
    def defect_words(self) -> list[str]:
        return [str(Defect(each).label) for each in self.defects]


class DwellingCount(models.Model):
    """How many flats of a building are of one tenure and one size."""

    place = models.ForeignKey(
        Place, models.PROTECT, related_name="dwelling_counts", verbose_name=_("楼组")
    )
    place_kind = models.PositiveSmallIntegerField(default=Kind.BUILDING, editable=False)
    tenure = models.CharField(_("产权"), max_length=12, choices=Tenure.choices)
    area = models.CharField(_("面积"), max_length=10, choices=AreaBand.choices)
    dwellings = models.PositiveSmallIntegerField(_("套数"))

    class Meta:
        verbose_name = _("楼组的套数")
        verbose_name_plural = _("楼组的套数")
        ordering = ["place_id", "tenure", "area"]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "tenure", "area"], name="one_count_per_tenure_and_area"
            ),
            models.CheckConstraint(
                condition=Q(dwellings__gt=0) & Q(dwellings__lte=MOST_FLATS),
                name="flats_are_counted_from_one",
                violation_error_message=_("套数太大了，请再看一下"),
                violation_error_code="too_many_flats",
            ),
            models.CheckConstraint(
                condition=Q(place_kind=Kind.BUILDING), name="flats_are_of_a_building"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.place_id} {self.get_tenure_display()} {self.dwellings}"
