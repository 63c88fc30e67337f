"""Devices: what stands for a person where no password is typed."""

import hashlib
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from units.models.person import User

WRONG_PINS = 5


class DeviceQuerySet(models.QuerySet["Device"]):
    def in_force(self) -> "DeviceQuerySet":
        return self.filter(revoked_at__isnull=True)

    def usable(self, at: datetime) -> "DeviceQuerySet":
        """In force and neither idle nor too old; API tokens do not lapse."""
        return self.in_force().filter(Q(lapses_at__isnull=True) | Q(lapses_at__gt=at))

    def bound(self, kind: str, token: str, at: datetime) -> "Device | None":
        """The phone or computer whose cookie holds `token`, with its holder."""
        found = self.usable(at).filter(kind=kind, token_hash=Device.hash_of(token))
        return found.filter(user__is_active=True).select_related("user").first()


class Device(models.Model):
    """A token that stands for a person on one device. Only its hash is kept.

    A phone's token is worth nothing without its PIN, a computer's only spares the second step, and
    neither is taken by the API; an API token opens no page.
    """

    class Kind(models.TextChoices):
        API = "api", _("接口令牌")
        PHONE = "phone", _("手机")
        DESK = "desk", _("电脑")

    user = models.ForeignKey(User, models.CASCADE, related_name="devices", verbose_name=_("谁的"))
    kind = models.CharField(_("种类"), max_length=5, choices=Kind.choices, default=Kind.API)
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(_("设备"), max_length=60)
    made_at = models.DateTimeField(_("登记时间"))
    # Moved on while the device is used, never past its absolute age (`units/sessions.py`).
    lapses_at = models.DateTimeField(_("最晚用到"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)
    pin_hash = models.CharField(max_length=128, blank=True)
    wrong_pins = models.PositiveSmallIntegerField(default=0)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("设备")
        verbose_name_plural = _("设备")
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("made_at")),
                name="a_device_is_revoked_after_it_was_made",
            ),
            models.CheckConstraint(
                condition=Q(kind="phone") ^ Q(pin_hash=""),
                name="a_phone_and_nothing_else_has_a_pin",
            ),
            models.CheckConstraint(
                condition=Q(kind="api", lapses_at__isnull=True)
                | Q(kind__in=("phone", "desk"), lapses_at__isnull=False),
                name="what_a_browser_holds_lapses",
            ),
            models.CheckConstraint(
                condition=Q(wrong_pins__lt=WRONG_PINS) | Q(revoked_at__isnull=False),
                name="a_phone_whose_pin_was_guessed_at_is_revoked",
            ),
        ]

    def __str__(self) -> str:
        return self.label

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def with_token(cls, token: str) -> "Device | None":
        """The API token's device and its holder; none once it is revoked or the account closed."""
        holders = User.objects.raw(
            "SELECT u.*, d.id AS device_id, d.label AS device_label, d.made_at AS device_made_at"
            " FROM units_user u JOIN units_device d ON d.user_id = u.id"
            " WHERE d.token_hash = %s AND d.kind = 'api' AND d.revoked_at IS NULL AND u.is_active",
            [cls.hash_of(token)],
        )
        for user in holders:
            return cls(
                id=user.device_id,
                user=user,
                token_hash=cls.hash_of(token),
                label=user.device_label,
                made_at=user.device_made_at,
            )
        return None

    def revoke(self, at: datetime) -> None:
        self.revoked_at = at
        self.save(update_fields=["revoked_at"])

    def lapse_if_unused_from(self, at: datetime) -> datetime:
        """When this device lapses, used for the last time at `at`."""
        idle, life = {
            Device.Kind.PHONE: (settings.PHONE_IDLE_DAYS, settings.PHONE_LIFE_DAYS),
            Device.Kind.DESK: (settings.DESK_TRUSTED_DAYS, settings.DESK_TRUSTED_DAYS),
        }[Device.Kind(self.kind)]
        return min(at + timedelta(days=idle), self.made_at + timedelta(days=life))
