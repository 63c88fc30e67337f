"""The journal: who did what to what, when. Insert only, held by a trigger."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from units.models.person import User


class JournalEntry(models.Model):
    at = models.DateTimeField(_("时间"))
    user = models.ForeignKey(
        User, models.PROTECT, null=True, related_name="+", verbose_name=_("谁")
    )
    verb = models.CharField(_("做了什么"), max_length=40)
    # Ids and words needed to read the entry later, e.g. {"place": 12, "to": 3}.
    data = models.JSONField(_("细节"), default=dict)

    class Meta:
        verbose_name = _("操作记录")
        verbose_name_plural = _("操作记录")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
