"""The journal: who did what to what, when. Insert only, held by a trigger."""

from django.db import models
from django.db.models import F, Q
from django.db.models.fields.json import KT, KeyTransform
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
        # A step in the shape of a community (`units/shaping.py`) is done once and undone once.
        indexes = [
            models.Index(
                KeyTransform("community", "data"),
                F("id").desc(),
                condition=Q(data__has_key="step"),
                name="steps_by_community",
            )
        ]
        constraints = [
            models.UniqueConstraint(
                KT("data__step"),
                condition=Q(data__has_key="step"),
                name="a_step_is_done_once",
                violation_error_message=_("这一步刚刚已经做过了"),
                violation_error_code="a_step_is_done_once",
            ),
            models.UniqueConstraint(
                KT("data__undoes"),
                condition=Q(data__has_key="undoes"),
                name="a_step_is_undone_once",
                violation_error_message=_("这一步已经撤销过了"),
                violation_error_code="a_step_is_undone_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.verb}"
