"""Accounts and devices. Of a person the house keeps a name and nothing else."""

from typing import Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as AccountAdmin
from django.contrib.auth.forms import (
    AdminPasswordChangeForm,
    BaseUserCreationForm,
)
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units import devices, invitations, second_steps
from units.admin.base import Kept, Page, ReadOnly, yes_or_no
from units.admin.posts import PostsOf
from units.models import Device, Invitation, User

# Rights come from posts (`units/scope.py`), not from Django's groups.
admin.site.unregister(Group)


class ResetForm(AdminPasswordChangeForm):
    """A new password for somebody. Django also offers to take it away: for logins we lack."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("usable_password", None)
        for name in ("password1", "password2"):
            self.fields[name].required = True

    def save(self, commit: bool = True) -> User:
        """A new password shuts out whoever knew the old one, on every device, and voids a card."""
        user: User = super().save(commit)
        user.devices.in_force().update(revoked_at=timezone.now())
        invitations.revoke_cards_of([user])
        return user


@admin.register(User)
class UserAdmin(Kept, Page, AccountAdmin):
    add_form = BaseUserCreationForm
    change_password_form = ResetForm
    add_form_template = None
    list_display = ("full_name", "login", "usable", "may_enter", "has_second_step")
    list_select_related = ("second_step",)
    actions = ("reset_second_step",)
    list_display_links = ("full_name",)
    list_filter = ("is_active", "is_staff")
    search_fields = ("login", "full_name")
    ordering = ("login",)
    filter_horizontal = ()
    readonly_fields = ("password_page",)
    fieldsets = (
        (None, {"fields": ("login", "full_name", "password_page")}),
        (gettext_lazy("权限"), {"fields": ("is_active", "is_staff", "is_superuser")}),
    )
    add_fieldsets = ((None, {"fields": ("login", "full_name", "password1", "password2")}),)

    usable = yes_or_no("is_active", gettext_lazy("可用"), no=gettext_lazy("已停用"))
    may_enter = yes_or_no("is_staff", gettext_lazy("可进管理后台"))

    @admin.display(description=gettext_lazy("两步验证"))
    def has_second_step(self, user: User) -> str:
        return str(_("已设") if hasattr(user, "second_step") else _("没有"))

    @admin.action(description=gettext_lazy("重设所选账号的两步验证"), permissions=["change"])
    def reset_second_step(self, request: HttpRequest, users: QuerySet[User]) -> None:
        """For who lost the telephone; one's own is reset by somebody else."""
        others = users.exclude(pk=request.user.pk)
        at = timezone.now()
        reset = sum(second_steps.reset(user, by=request.user, at=at) for user in others)
        messages.success(request, _("已重设%d个账号的两步验证") % reset)

    @admin.display(description=gettext_lazy("密码"))
    def password_page(self, user: User) -> str:
        """The way to a new one; of the old one nothing is shown, not even its hash."""
        page = reverse("admin:auth_user_password_change", args=[user.pk])
        return format_html('<a href="{}">{}</a>', page, _("重设密码"))

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[type]:
        return [PostsOf] if obj else []

    def title_of(self, user: User) -> str:
        return self.autocomplete_label(user)

    def autocomplete_label(self, user: User) -> str:
        return f"{user.full_name}（{user.login}）"


@admin.register(Device)
class DeviceAdmin(ReadOnly, Page):
    list_display = ("label", "kind", "user", "made_at", "revoked_at")
    list_filter = (
        "kind",
        ("revoked_at", admin.EmptyFieldListFilter),
    )
    list_select_related = ("user",)
    search_fields = ("label", "user__full_name", "user__login")
    fields = ("label", "kind", "user", "made_at", "revoked_at")
    ordering = ("-made_at",)
    actions = ("revoke",)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        """Nothing else of a device can be changed, so `ReadOnly` is stepped over here only."""
        return super(ReadOnly, self).has_change_permission(request)

    @admin.action(description=gettext_lazy("停用所选设备"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, chosen: QuerySet[Device]) -> None:
        at = timezone.now()
        revoked = list(chosen.filter(revoked_at__isnull=True))
        for device in revoked:
            devices.revoke(device, by=request.user, at=at)
        messages.success(request, _("已停用%d台设备，下次请求起不能再用") % len(revoked))


@admin.register(Invitation)
class InvitationAdmin(ReadOnly, Page):
    list_display = ("user", "made_by", "made_at", "expires_at", "used_at", "revoked_words")
    list_select_related = ("user", "made_by")
    search_fields = ("user__full_name", "user__login")
    fields = ("user", "made_by", "made_at", "expires_at", "used_at", "revoked_words", "device")
    ordering = ("-made_at",)

    revoked_words = yes_or_no("revoked", gettext_lazy("已作废"))
