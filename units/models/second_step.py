"""The second step of staff's login: a code from an authenticator, or one from paper."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from units.models.person import User


class SecondStep(models.Model):
    """Exists once somebody has shown a first right code.

    The authenticator's secret is made from `salt` and SECRET_KEY: the table alone gives no code.
    """

    user = models.OneToOneField(
        User, models.CASCADE, related_name="second_step", verbose_name=_("谁的")
    )
    salt = models.CharField(max_length=43)
    # The half minute of the last code taken: none is taken twice.
    last_step = models.BigIntegerField()
    made_at = models.DateTimeField(_("设定时间"))

    class Meta:
        verbose_name = _("两步验证")
        verbose_name_plural = _("两步验证")

    def __str__(self) -> str:
        return f"{self.user_id}"


class RecoveryCode(models.Model):
    """Shown once when it is made; here only its hash, until it is used."""

    second_step = models.ForeignKey(
        SecondStep, models.CASCADE, related_name="recovery_codes", verbose_name=_("两步验证")
    )
    code_hash = models.CharField(max_length=64)
    used_at = models.DateTimeField(_("用掉时间"), null=True, blank=True)

    class Meta:
        verbose_name = _("备用码")
        verbose_name_plural = _("备用码")
        constraints = [
            models.UniqueConstraint(
                fields=["second_step", "code_hash"], name="one_recovery_code_of_a_kind"
            )
        ]

    def __str__(self) -> str:
        return f"{self.pk}"
