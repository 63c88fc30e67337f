"""People who use the product."""

from functools import cached_property

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils.crypto import salted_hmac
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
    # Raised to end every session of this person that is running.
    sessions_ended = models.PositiveIntegerField(default=0, editable=False)

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

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django compares it at each request: a new password or a raised count ends a session."""
        said = self.password + (f"#{self.sessions_ended}" if self.sessions_ended else "")
        key_salt = "django.contrib.auth.models.AbstractBaseUser.get_session_auth_hash"
        return salted_hmac(key_salt, said, secret=secret, algorithm="sha256").hexdigest()

    def end_sessions(self) -> None:
        """At their next request, wherever they are."""
        self.sessions_ended += 1
        self.save(update_fields=["sessions_ended"])

    @cached_property
    def reaches(self) -> dict[str, Reach]:
        """What `units.scope` has worked out for this object, one entry an action."""
        return {}
