"""The three-person groups as the administration shows them: who sits, and who is still needed."""

from datetime import datetime
from typing import Any

from django.contrib import admin
from django.db.models import (
    Case,
    Count,
    Exists,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    When,
)
from django.db.models.functions import Coalesce
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.admin.base import ReadOnly
from units.admin.posts import Ends
from units.kinds import SEATS, Duty, Kind, PlaceState
from units.models import Place, Post

GROUP_KINDS = (Kind.BLOCK, Kind.BUILDING, Kind.FLOOR)


def with_vacancies(places: QuerySet[Place], at: datetime) -> QuerySet[Place]:
    """Annotate `vacancies`: how many of the three seats nobody holds at `at`; 0 for no group.

    Blocks and buildings have a group each. A floor has one only where somebody was ever seated:
    most compounds have none there, and 625 floors would each want three people.
    """
    seats = Post.objects.seats().filter(place=OuterRef("pk"))
    held = (
        seats.in_force(at)
        .order_by()
        .values("place")
        .annotate(number=Count("duty", distinct=True))
        .values("number")
    )
    is_group = Q(state=PlaceState.ACTIVE) & (
        Q(kind__in=(Kind.BLOCK, Kind.BUILDING)) | Q(Exists(seats), kind=Kind.FLOOR)
    )
    return places.annotate(
        vacancies=Case(
            When(is_group, then=len(SEATS) - Coalesce(Subquery(held), 0)),
            default=0,
            output_field=IntegerField(),
        )
    )


def vacant_seats(place: Place, at: datetime) -> list[Duty]:
    held = set(place.posts.seats().in_force(at).values_list("duty", flat=True))
    return [duty for duty in SEATS if duty not in held]


class StillNeeded(admin.SimpleListFilter):
    """Works on places that `with_vacancies` has counted."""

    title = gettext_lazy("三人组")
    parameter_name = "group"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("wanting", _("需补齐"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Place]) -> QuerySet[Place]:
        return queryset.filter(vacancies__gt=0) if self.value() == "wanting" else queryset


class Seats(ReadOnly, Ends, admin.TabularInline):
    """Who holds the seats of a group now, in the order seats are always shown."""

    model = Post
    fk_name = "place"
    verbose_name_plural = gettext_lazy("三人组")
    fields = readonly_fields = ("duty", "user", "since", "until")
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        order = Case(*(When(duty=duty, then=number) for number, duty in enumerate(SEATS)))
        seats = super().get_queryset(request).seats().in_force(timezone.now())
        return seats.select_related("user").order_by(order)
