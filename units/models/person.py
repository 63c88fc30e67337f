"""People who use the product, and the devices they use it from."""

import hashlib
from datetime import datetime
from functools import cached_property

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from units.scope import Reach


class UserManager(BaseUserManager["User"]):
    """Django's account commands need a manager of this name and these two verbs."""

    def create_user(self, login: str, password: str | None = None, **facts: object) -> "User":
        user = self.model(login=login, **facts)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, login: str, password: str | None = None, **facts: object) -> "User":
        return self.create_user(login, password, is_staff=True, is_superuser=True, **facts)


class User(AbstractBaseUser, PermissionsMixin):
    """A person with an account. No telephone until it can be kept encrypted."""

    login = models.CharField(_("登录名"), max_length=40, unique=True)
    full_name = models.CharField(_("姓名"), max_length=50)
    is_active = models.BooleanField(_("可用"), default=True)
    is_staff = models.BooleanField(_("可进管理后台"), default=False)

    # When somebody was last here is nobody's business (decision 0008).
    last_login = None

    objects = UserManager()

    USERNAME_FIELD = "login"
    REQUIRED_FIELDS = ["full_name"]

    class Meta:
        verbose_name = _("账号")
        verbose_name_plural = _("账号")
        ordering = ["login"]

    def __str__(self) -> str:
        return self.full_name

    def get_short_name(self) -> str:
        return self.full_name

    @cached_property
    def reaches(self) -> dict[str, Reach]:
        """What `units.scope` has worked out for this object, one entry an action."""
        return {}


class DeviceQuerySet(models.QuerySet["Device"]):
    def in_force(self) -> "DeviceQuerySet":
        return self.filter(revoked_at__isnull=True)


class Device(models.Model):
    """A token that stands for a person on one device. Only its hash is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="devices", verbose_name=_("谁的"))
    token_hash = models.CharField(max_length=64, unique=True)
    label = models.CharField(_("设备"), max_length=60)
    made_at = models.DateTimeField(_("登记时间"))
    revoked_at = models.DateTimeField(_("停用时间"), null=True, blank=True)

    objects = DeviceQuerySet.as_manager()

    class Meta:
        verbose_name = _("设备")
        verbose_name_plural = _("设备")
        constraints = [
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=models.F("made_at")),
                name="a_device_is_revoked_after_it_was_made",
            )
        ]

    def __str__(self) -> str:
        return self.label

    @staticmethod
    def hash_of(token: str) -> str:
        return hashlib.sha256(token.encode()).hexdigest()

    @classmethod
    def with_token(cls, token: str) -> "Device | None":
        """The device and its holder; none once it is revoked or the account closed."""
        holders = User.objects.raw(
            "SELECT u.*, d.id AS device_id, d.label AS device_label, d.made_at AS device_made_at"
            " FROM units_user u JOIN units_device d ON d.user_id = u.id"
            " WHERE d.token_hash = %s AND d.revoked_at IS NULL AND u.is_active",
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
