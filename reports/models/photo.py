"""Photos of a filing, as the server drew them anew, and what is known of those taken away."""

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
    """JPEG without anything but its pixels, and a small one of it. Never changed; stays with its
    filing, also when the report is withdrawn, unless it is taken away (`photo_removal.py`)."""

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


class PhotoRemoval(models.Model):
    """A photo that was taken away, with its picture: who did it and why stays. Insert only."""

    class Why(models.TextChoices):
        # Whoever sent it need not say why.
        OWN = "own", _("本人不要了")
        PERSON = "person", _("拍到了人")
        PRIVATE = "private", _("拍到了门牌、证件或车牌")

    filing = models.ForeignKey(
        Filing, models.PROTECT, related_name="photo_removals", verbose_name=_("送达记录")
    )
    number = models.PositiveSmallIntegerField(_("第几张"))
    # What was sent once does not come in again from a phone that never heard of it.
    sent_sha256 = models.CharField(max_length=64)
    why = models.CharField(_("为什么"), max_length=8, choices=Why.choices)
    by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("由谁"))
    at = models.DateTimeField(_("时间"))

    class Meta:
        verbose_name = _("拿掉的照片")
        verbose_name_plural = _("拿掉的照片")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["filing", "sent_sha256"],
                name="a_photo_is_taken_away_once",
                violation_error_message=_("这张照片已经拿掉了"),
                violation_error_code="photo_taken_away",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.filing_id} {self.number}"
