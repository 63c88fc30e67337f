"""The place tree: read as a tree, changed only through `units.tree`."""

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from django.urls import URLPattern, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units import tree
from units.admin.base import Kept, Page
from units.admin.groups import GROUP_KINDS, Seats, StillNeeded, vacant_seats, with_vacancies
from units.admin.structure import StructurePages
from units.kinds import Kind, PlaceState
from units.models import Place


@admin.register(Place)
class PlaceAdmin(Kept, StructurePages, Page):
    list_display = ("indented_name", "label", "code", "community", "state", "still_needed")
    list_display_links = ("indented_name",)
    list_filter = (StillNeeded, "kind", "state", "community")
    list_select_related = ("community__division",)
    search_fields = ("code", "name")
    search_help_text = gettext_lazy("按编码或名称查找")
    # The order of the tree is the only one in which indenting says something.
    sortable_by = ()
    fields = (
        "name",
        "label",
        "code",
        "community",
        "parent",
        "state",
        "opened_on",
        "closed_on",
        "succeeded_by",
    )
    change_form_template = "admin/units/place/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Place]:
        return with_vacancies(super().get_queryset(request), timezone.now())

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def get_readonly_fields(self, request: HttpRequest, obj: Place | None = None) -> list[str]:
        """Everything but the name; a community's own name is changed on its own page."""
        is_root = obj is not None and obj.kind == Kind.COMMUNITY
        shown = [*self.fields, "group"]
        return [name for name in shown if name != "name" or is_root]

    def get_fields(self, request: HttpRequest, obj: Place | None = None) -> list[str]:
        return [*self.fields, "group"] if _has_group(obj) else list(self.fields)

    def get_inlines(self, request: HttpRequest, obj: Place | None) -> list[type]:
        return [Seats] if _has_group(obj) else []

    def save_model(self, request: HttpRequest, obj: Place, form: ModelForm, change: bool) -> None:
        """Only the name can have changed, and the tree writes it."""
        if "name" in form.changed_data:
            tree.rename(obj.pk, name=obj.name, at=timezone.now(), by=request.user)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Place], search_term: str
    ) -> tuple[QuerySet[Place], bool]:
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        if request.GET.get("model_name") == "post":
            # Nobody is appointed to a household, and nobody to what is closed.
            found = found.filter(kind__lt=Kind.HOUSEHOLD, state=PlaceState.ACTIVE)
        return found, may_repeat

    def autocomplete_label(self, place: Place) -> str:
        return f"{place.name}（{place.code}）"

    def get_urls(self) -> list[URLPattern]:
        return [*self.structure_urls(), *super().get_urls()]

    @admin.display(description=gettext_lazy("名称"))
    def indented_name(self, place: Place) -> str:
        return format_html('<span class="level level-{}">{}</span>', place.kind, place.name)

    @admin.display(description=gettext_lazy("层级"))
    def label(self, place: Place) -> str:
        return place.community.division.label_of(place.kind)

    @admin.display(description=gettext_lazy("三人组"))
    def still_needed(self, place: Place) -> str:
        if not place.vacancies:
            return ""
        return format_html('<span class="wanting">{}</span>', _("还差%d人") % place.vacancies)

    @admin.display(description=gettext_lazy("空缺"))
    def group(self, place: Place) -> str:
        """The seats nobody holds, each with the way to fill it."""
        vacant = vacant_seats(place, timezone.now())
        if not vacant:
            return _("三席都有人")
        appoint = reverse("admin:units_post_add")
        links = format_html_join(
            "、",
            '<a href="{}?place={}&duty={}">{}</a>',
            ((appoint, place.pk, duty.value, _("安排%s") % duty.label) for duty in vacant),
        )
        return format_html("{}：{}", _("还差%d人") % len(vacant), links)


def _has_group(place: Model | None) -> bool:
    return isinstance(place, Place) and place.kind in GROUP_KINDS
