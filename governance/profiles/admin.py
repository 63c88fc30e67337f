"""Buildings, flats, facilities and what was decided about them, to be read."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from governance.profiles.models import (
    BuildingProfile,
    DefectDecision,
    DwellingCount,
    Facility,
    FacilityCondition,
    ParkingNeed,
)
from units.admin.base import Page, ReadOnly


@admin.register(BuildingProfile)
class BuildingProfileAdmin(ReadOnly, Page):
    list_display = ("place", "year_built", "storeys", "lift", "structure", "housing_type")
    list_filter = ("housing_type", "structure")
    list_select_related = ("place",)
    search_fields = ("place__name", "place__code")
    fields = (
        *list_display,
        "defects_in_words",
        "defects_seen_on",
        "vacant_dwellings",
        "updated_at",
        "updated_by",
    )

    def title_of(self, profile: BuildingProfile) -> str:
        return profile.place.name

    @admin.display(description=_("有没有电梯"))
    def lift(self, profile: BuildingProfile) -> str:
        if profile.has_lift is None:
            return str(_("不清楚"))
        return str(_("有") if profile.has_lift else _("没有"))

    @admin.display(description=_("缺损"))
    def defects_in_words(self, profile: BuildingProfile) -> str:
        return "、".join(profile.defect_words)


@admin.register(DwellingCount)
class DwellingCountAdmin(ReadOnly, Page):
    list_display = ("place", "tenure", "area", "dwellings")
    list_filter = ("tenure", "area")
    list_select_related = ("place",)
    search_fields = ("place__name", "place__code")
    fields = list_display

    def title_of(self, count: DwellingCount) -> str:
        return f"{count.place.name} {count.get_tenure_display()} {count.get_area_display()}"


@admin.register(Facility)
class FacilityAdmin(ReadOnly, Page):
    list_display = ("name", "place", "kind", "condition", "last_inspected_on", "removed_at")
    list_filter = ("kind", "condition", ("removed_at", admin.EmptyFieldListFilter))
    list_select_related = ("place",)
    search_fields = ("name", "place__name", "place__code")
    fields = (
        *list_display,
        "seats",
        "activity_space_m2",
        "parking_spaces",
        "note",
        "removed_because",
    )


@admin.register(FacilityCondition)
class FacilityConditionAdmin(ReadOnly, Page):
    list_display = ("facility", "condition", "on", "because", "by", "at")
    list_filter = ("because", "condition")
    list_select_related = ("facility", "by")
    search_fields = ("facility__name", "facility__place__name")
    fields = ("facility", "condition", "on", "because", "filing", "note", "by", "at")

    def title_of(self, row: FacilityCondition) -> str:
        return f"{row.facility.name} {row.get_condition_display()}"


@admin.register(DefectDecision)
class DefectDecisionAdmin(ReadOnly, Page):
    list_display = ("at", "where", "outcome", "by", "undone_at")
    list_filter = ("outcome", ("undone_at", admin.EmptyFieldListFilter))
    list_select_related = ("report__place", "by")
    search_fields = ("report__place__name", "report__place__code")
    fields = ("at", "where", "rev", "outcome", "condition", "reason", "by", "undone_at")

    def title_of(self, decision: DefectDecision) -> str:
        return f"{self.where(decision)} {decision.get_outcome_display()}"

    @admin.display(description=_("楼组"))
    def where(self, decision: DefectDecision) -> str:
        return decision.report.place.name


@admin.register(ParkingNeed)
class ParkingNeedAdmin(ReadOnly, Page):
    list_display = ("community", "on", "cars", "source", "by")
    list_select_related = ("community", "by")
    search_fields = ("community__name", "source")
    fields = (*list_display, "at")

    def title_of(self, need: ParkingNeed) -> str:
        return f"{need.community.name} {need.on}"
