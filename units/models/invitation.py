"""Invitations: a printed card with a one-time code that binds one phone to one person."""

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models.device import Device
from units.models.person import User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def unused(self) -> "InvitationQuerySet":
        """Neither used nor taken back; perhaps expired."""
        return self.filter(used_at__isnull=True, revoked=False)

    def open(self, at: datetime) -> "InvitationQuerySet":
        return self.unused().filter(expires_at__gt=at)


class Invitation(models.Model):
    """Of the code only a hash is kept, so a card can be printed once and never again."""

    user = models.ForeignKey(
        User, models.CASCADE, related_name="invitations", verbose_name=_("给谁")
    )
    code_hash = models.CharField(max_length=64, unique=True)
    made_by = models.ForeignKey(User, models.PROTECT, related_name="+", verbose_name=_("谁打印"))
    made_at = models.DateTimeField(_("打印时间"))
    expires_at = models.DateTimeField(_("有效到"))
    used_at = models.DateTimeField(_("用掉时间"), null=True, blank=True)
    revoked = models.BooleanField(_("已作废"), default=False)
    device = models.OneToOneField(
        Device, models.SET_NULL, null=True, blank=True, verbose_name=_("绑到的手机")
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("登录卡")
        verbose_name_plural = _("登录卡")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at__isnull=True, revoked=False),
                name="one_unused_card_a_person",
                violation_error_message=_("这个人的卡刚刚有人打印过，请刷新后再看"),
                violation_error_code="one_unused_card_a_person",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("made_at")), name="a_card_expires_after_it_was_made"
            ),
            models.CheckConstraint(
                condition=Q(device__isnull=True) | Q(used_at__isnull=False),
                name="only_a_used_card_has_a_phone",
            ),
            models.CheckConstraint(
                condition=~Q(made_by=F("user")),
                name="nobody_prints_their_own_card",
                violation_error_message=_("不能给自己打印登录卡，请同事来打"),
                violation_error_code="nobody_prints_their_own_card",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.made_at:%Y-%m-%d %H:%M}"
