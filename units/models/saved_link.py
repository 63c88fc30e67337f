"""A page that somebody wants to find again: a name and an address within the house."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.models.person import User

MAX_NAME, MAX_PATH = 20, 500


class SavedLink(models.Model):
    """Only an address: opening it asks scope again, so a link gives nobody anything."""

    owner = models.ForeignKey(
        User, models.CASCADE, related_name="saved_links", verbose_name=_("谁的")
    )
    name = models.CharField(_("名称"), max_length=MAX_NAME)
    path = models.CharField(_("地址"), max_length=MAX_PATH)
    made_at = models.DateTimeField(_("保存时间"))

    class Meta:
        verbose_name = _("保存的筛选")
        verbose_name_plural = _("保存的筛选")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "name"],
                name="one_saved_link_of_a_name",
                violation_error_message=_("已经有一个叫这个名称的，请换一个名称"),
                violation_error_code="one_saved_link_of_a_name",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_saved_link_has_a_name"),
            # One slash and no second: never another site, whatever a browser makes of it.
            models.CheckConstraint(
                condition=Q(path__regex=r"^/([^/\\[:cntrl:]][^\\[:cntrl:]]*)?$"),
                name="a_saved_link_stays_in_the_house",
                violation_error_message=_("只能保存本系统里的页面"),
                violation_error_code="a_saved_link_stays_in_the_house",
            ),
        ]

    def __str__(self) -> str:
        return self.name
