"""Posts: appointing a person to a duty, and ending it."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminSplitDateTime
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from psycopg2.extras import DateTimeTZRange

from units import journal
from units.admin.base import Kept, Page, ReadOnly, told
from units.models import Post

# What a post is, once appointed; to change it, end it and appoint anew.
_FACTS = ("user", "duty", "place", "branch", "division", "since")


class PostForm(forms.ModelForm):
    """Asks for the two ends of `during`, and lets the model's own constraints judge the whole."""

    since = forms.SplitDateTimeField(
        label=gettext_lazy("从何时起"), widget=AdminSplitDateTime, initial=timezone.now
    )
    until = forms.SplitDateTimeField(
        label=gettext_lazy("到何时止"),
        widget=AdminSplitDateTime,
        required=False,
        help_text=gettext_lazy("不填就是一直在任，到期后下一次打开页面就没有权限了"),
    )
    # Set by the admin: who confirms this appointment.
    appointer = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.initial["until"] = self.instance.during.upper

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        post = self.instance
        if not post.pk:
            place = cleaned.get("place")
            post.place_kind = place.kind if place else None
            post.granted_by = self.appointer
        since = post.during.lower if post.pk else cleaned.get("since")
        until = cleaned.get("until")
        if since and until and until <= since:
            self.add_error(
                "until", forms.ValidationError(_("结束时间要晚于开始时间"), code="ends_too_early")
            )
        elif since:
            post.during = DateTimeTZRange(since, until)
        return cleaned

    def _get_validation_exclusions(self) -> set[str]:
        """Constraints are judged on what the form works out, too, not on its inputs alone."""
        worked_out = {"during", "place_kind", "granted_by"} if self.instance.during else set()
        settled = {name for name in _FACTS if name not in self.fields}
        return super()._get_validation_exclusions() - worked_out - settled


class Held(admin.SimpleListFilter):
    title = gettext_lazy("任期")
    parameter_name = "held"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", _("在任")), ("ended", _("已结束"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Post]) -> QuerySet[Post]:
        if self.value() == "now":
            return queryset.in_force(timezone.now())
        if self.value() == "ended":
            return queryset.filter(during__endswith__lte=timezone.now())
        return queryset


class Ends:
    """The columns that posts have on every page."""

    @admin.display(description=gettext_lazy("在哪里"))
    def where(self, post: Post) -> str:
        if post.place:
            return f"{post.place.name}（{post.place.code}）"
        return str(post.branch or post.division or "")

    @admin.display(description=gettext_lazy("从何时起"))
    def since(self, post: Post) -> str:
        return told(post.during.lower)

    @admin.display(description=gettext_lazy("到何时止"))
    def until(self, post: Post) -> str:
        return told(post.during.upper) or _("在任")


class PostsOf(ReadOnly, Ends, admin.TabularInline):
    """The posts of one person, newest first."""

    model = Post
    fk_name = "user"
    fields = readonly_fields = ("duty", "where", "since", "until")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        posts = super().get_queryset(request).select_related("place", "branch", "division")
        return posts.order_by("-id")


@admin.register(Post)
class PostAdmin(Kept, Ends, Page):
    form = PostForm
    list_display = ("user", "duty", "where", "since", "until", "basis")
    list_filter = (Held, "duty", "basis")
    list_select_related = ("user", "place", "branch", "division")
    search_fields = ("user__full_name", "user__login", "place__name", "place__code")
    search_help_text = gettext_lazy("按姓名、登录名、地方的名称或编码查找")
    autocomplete_fields = ("user", "place", "branch", "division")
    ordering = ("-id",)
    actions = ("end_now",)
    fields = (*_FACTS, "until", "basis", "reason")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple:
        return _FACTS if obj else ()

    def get_form(self, request: HttpRequest, *args: Any, **kwargs: Any) -> type[PostForm]:
        form = super().get_form(request, *args, **kwargs)
        form.appointer = request.user
        return form

    def save_model(
        self, request: HttpRequest, obj: Post, form: forms.ModelForm, change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        verb = "post.changed" if change else "post.appointed"
        journal.note(verb, user=request.user, at=timezone.now(), post=obj.pk)

    def title_of(self, post: Post) -> str:
        return f"{post.user.full_name} · {post.get_duty_display()} · {self.where(post)}"

    @admin.action(description=gettext_lazy("现在结束所选任期"), permissions=["change"])
    def end_now(self, request: HttpRequest, posts: QuerySet[Post]) -> None:
        at = timezone.now()
        ended = list(posts.in_force(at))
        for post in ended:
            post.during = DateTimeTZRange(post.during.lower, at)
            post.save(update_fields=["during"])
            journal.note("post.ended", user=request.user, at=at, post=post.pk)
        messages.success(request, _("已结束%d个任期，权限随之收回") % len(ended))
