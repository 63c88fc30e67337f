"""How many cars want a space: one figure a community and day, with where it comes from."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.models import Community, User


class ParkingNeed(models.Model):
    """Insert only: a later row takes the place of an earlier one. No car, no plate, no owner."""

    community = models.ForeignKey(
        Community, models.PROTECT, related_name="parking_needs", verbose_name=_("居民区")
    )
    cars = models.PositiveIntegerField(
        _("要停的车（辆）"), validators=[MaxValueValidator(99_999, _("数太大了，请再看一下"))]
    )
    on = models.DateField(_("哪天的数"))
    source = models.CharField(_("来源"), max_length=40)
    at = models.DateTimeField(_("登记时间"))
    by = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("由谁登记")
    )

    class Meta:
        verbose_name = _("停车需求")
        verbose_name_plural = _("停车需求")
        ordering = ["-on", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="a_parking_need_has_a_source")
        ]

    def __str__(self) -> str:
        return f"{self.community_id} {self.on} {self.cars}"
