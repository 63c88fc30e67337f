"""Photos of a filing, as the server drew them anew. Never changed; see `reports/photos.py`."""

from django.db import models
from django.db.models import Q
from django.db.models.lookups import LessThanOrEqual
from django.utils.translation import gettext_lazy as _

from reports.models.filing import Filing
from units import scope
from units.models import User

MOST_PHOTOS = 3
MOST_BYTES = 400 * 1024
_OCTETS = models.Func("content", function="octet_length", output_field=models.IntegerField())


class PhotoQuerySet(models.QuerySet["Photo"]):
    def visible_to(
        self, user: User, action: scope.Action = scope.Action.SEE_REPORTS
    ) -> "PhotoQuerySet":
        return self.filter(scope.reach(user, action).as_q("filing__report__place"))

    def without_content(self) -> "PhotoQuerySet":
        """For lists: the pictures themselves are fetched one by one."""
        return self.defer("content", "thumbnail")


class Photo(models.Model):
    """JPEG without anything but its pixels, and a small one of it. Stays with its filing, also
    when the report is withdrawn."""

    filing = models.ForeignKey(
        Filing, models.PROTECT, related_name="photos", db_index=False, verbose_name=_("送达记录")
    )
    number = models.PositiveSmallIntegerField(_("第几张"))
    content = models.BinaryField(_("照片"))
    thumbnail = models.BinaryField(_("小图"))
    # Of `content`, and of what was sent: sending that again is the same photo.
    sha256 = models.CharField(max_length=64)
    sent_sha256 = models.CharField(max_length=64)
    at = models.DateTimeField(_("送达时间"))

    objects = PhotoQuerySet.as_manager()

    class Meta:
        verbose_name = _("照片")
        verbose_name_plural = _("照片")
        ordering = ["filing_id", "number"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "number"],
                name="one_photo_per_number",
                violation_error_message=_("这个位置已经有另一张照片，没有换掉"),
                violation_error_code="another_photo",
            ),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=MOST_PHOTOS), name="few_photos_a_filing"
            ),
            models.CheckConstraint(
                condition=Q(LessThanOrEqual(_OCTETS, MOST_BYTES)), name="a_photo_is_small"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.number}"
