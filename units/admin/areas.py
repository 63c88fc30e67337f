"""Divisions, communities and party branches."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import ForeignKey, Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units import tree
from units.admin.base import Kept, Page
from units.kinds import Kind, PlaceState
from units.models import Branch, BranchBlock, Community, Division, Place


class DivisionForm(forms.ModelForm):
    """`labels` asked for one kind of place at a time."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for kind, name in _LABEL_FIELDS.items():
            self.initial[name] = self.instance.labels.get(kind.name.lower(), "")

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        told = {kind.name.lower(): cleaned.get(name) for kind, name in _LABEL_FIELDS.items()}
        self.instance.labels = {kind: label for kind, label in told.items() if label}
        return cleaned


_LABEL_FIELDS = {kind: f"label_{kind.name.lower()}" for kind in Kind}
for _kind, _name in _LABEL_FIELDS.items():
    _field = forms.CharField(label=_kind.label, max_length=10, required=False)
    DivisionForm.base_fields[_name] = DivisionForm.declared_fields[_name] = _field


@admin.register(Division)
class DivisionAdmin(Kept, Page):
    form = DivisionForm
    list_display = ("__str__", "kind", "code", "parent")
    list_filter = ("kind",)
    list_select_related = ("parent",)
    search_fields = ("code", "official_name", "alias")
    autocomplete_fields = ("parent",)
    fieldsets = (
        (None, {"fields": ("code", "kind", "parent", "official_name", "alias")}),
        (
            gettext_lazy("层级叫法"),
            {
                "fields": tuple(_LABEL_FIELDS.values()),
                "description": gettext_lazy("这里怎么称呼每一级单元；不填就用通常的叫法"),
            },
        ),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple:
        return ("code",) if obj else ()


@admin.register(Community)
class CommunityAdmin(Kept, Page):
    list_display = ("name", "code", "division", "telephone")
    list_filter = ("division",)
    list_select_related = ("division",)
    search_fields = ("code", "name")
    autocomplete_fields = ("division",)
    fields = ("code", "name", "division", "telephone")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple:
        return ("code", "division") if obj else ()

    def save_model(
        self, request: HttpRequest, obj: Community, form: forms.ModelForm, change: bool
    ) -> None:
        """A community and the root of its tree come together and carry the same name."""
        super().save_model(request, obj, form, change)
        written = {"at": timezone.now(), "by": request.user}
        if not change:
            tree.plant(obj, tree.Sapling(obj.code, obj.name), **written)
        elif "name" in form.changed_data:
            root = Place.objects.filter(community=obj, kind=Kind.COMMUNITY).first()
            if root:
                tree.rename(root.pk, name=obj.name[:40], **written)


class BranchBlocks(admin.TabularInline):
    model = BranchBlock
    extra = 1
    verbose_name_plural = gettext_lazy("对应的片区")

    def get_formset(self, request: HttpRequest, obj: Branch | None = None, **kwargs: Any) -> type:
        self._community_id = obj.community_id if obj else None
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_foreignkey(
        self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any
    ) -> forms.ModelChoiceField:
        if db_field.name == "place":
            kwargs["queryset"] = Place.objects.filter(
                community=self._community_id, kind=Kind.BLOCK, state=PlaceState.ACTIVE
            )
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Branch)
class BranchAdmin(Kept, Page):
    list_display = ("name", "community", "number", "members", "blocks")
    list_filter = ("community",)
    list_select_related = ("community",)
    search_fields = ("name", "community__name")
    autocomplete_fields = ("community",)
    fields = ("community", "number", "name", "members")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Branch]:
        return super().get_queryset(request).prefetch_related("branch_blocks__place")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple:
        return ("community",) if obj else ()

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list[type]:
        """Blocks can be chosen once it is known whose they are."""
        return [BranchBlocks] if obj else []

    def title_of(self, branch: Branch) -> str:
        return f"{branch.community} · {branch.name}"

    def autocomplete_label(self, branch: Branch) -> str:
        return self.title_of(branch)

    @admin.display(description=gettext_lazy("对应的片区"))
    def blocks(self, branch: Branch) -> str:
        names = [pair.place.name for pair in branch.branch_blocks.all()]
        return "、".join(names) or _("未对应")
