"""A reviewer's desk: which reports lie on it, and how they may be sorted out."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Q
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.urls import reverse

from reports.models import Period, Report
from reports.models.report import ReportQuerySet
from units import scope
from units.kinds import Kind
from units.models import Community, Division, Place, User
from units.refusals import forbidden
from units.scope import Action

PERIODS_OFFERED = 13
_FORMS = {"building": Kind.BUILDING, "block": Kind.BLOCK}


@dataclass(frozen=True)
class Desk:
    """The committee's over a community, or the street's over its communities."""

    user: User
    code: str
    community: Community | None = None
    division: Division | None = None

    @property
    def is_street(self) -> bool:
        return self.division is not None

    def reports(self) -> ReportQuerySet:
        """Every periodic report that this person reviews here, whatever its state."""
        reports = Report.objects.reviewed_by(self.user)
        if self.division:
            return reports.filter(place__kind=Kind.COMMUNITY, community__division__in=self._parts)
        below = (Kind.BLOCK, Kind.BUILDING)
        return reports.filter(community=self.community, place__kind__in=below)

    @cached_property
    def _parts(self) -> list[str]:
        return self.division.with_descendants() if self.division else []

    def chosen(self, get: Mapping[str, str]) -> dict[str, str]:
        """The filters that were asked for and mean something: block, form, week."""
        asked = {name: get.get(name, "") for name in ("block", "form", "week")}
        plain = {name: value.replace("\x00", "")[:40] for name, value in asked.items() if value}
        if plain.get("form") not in (None, *_FORMS):
            plain.pop("form")
        return plain

    def filtered(self, chosen: Mapping[str, str]) -> ReportQuerySet:
        reports = self.reports()
        if chosen.get("week"):
            reports = reports.filter(obligation__period__key=chosen["week"])
        if chosen.get("form"):
            reports = reports.filter(place__kind=_FORMS[chosen["form"]])
        if chosen.get("block"):
            code = chosen["block"]
            reports = reports.filter(Q(place__code=code) | Q(place__parent__code=code))
        return reports

    def query(self, chosen: Mapping[str, str]) -> str:
        return urlencode(chosen)

    def offers(self) -> dict[str, Any]:
        """What the filters offer: periods with something open, and the blocks of the desk."""
        open_ones = self.reports().standing().exclude(review="accepted")
        blocks: list[Place] = []
        if self.community:
            reach = scope.reach(self.user, Action.REVIEW)
            blocks = list(
                Place.objects.filter(reach.as_q(), community=self.community, kind=Kind.BLOCK)
                .active()
                .order_by("code")
            )
        return {"periods": self.periods_of(open_ones), "blocks": blocks}

    def periods_of(self, reports: ReportQuerySet) -> list[Period]:
        owed = reports.order_by().values("obligation__period")
        return list(Period.objects.filter(pk__in=owed)[:PERIODS_OFFERED])

    def url(self, name: str = "queue") -> str:
        return reverse(self.door(name), kwargs={"code": self.code})

    def door(self, name: str) -> str:
        """The name of one of the desk's doors: queue, acceptance, returning, undoing."""
        if self.is_street:
            return "street-review" if name == "queue" else f"street-{name}"
        return f"review-{name}"

    def page(self) -> dict[str, Any]:
        above = self.community.division if self.community else self.division
        return {
            "reviews": self,
            "community": self.community,
            "division": self.division,
            "block_word": above.label_of(Kind.BLOCK) if above else "",
            "building_word": above.label_of(Kind.BUILDING) if above else "",
            "acceptance": self.url("acceptance"),
            "returning": self.url("returning"),
            "undoing": self.door("undoing"),
        }


def desk_of(user: User, code: str, *, is_street: bool = False) -> Desk:
    """404 where this person reads no reports, 403 where they read and do not review."""
    reads, reviews = scope.reach(user, Action.SEE_REPORTS), scope.reach(user, Action.REVIEW)
    if is_street:
        if code not in reads.divisions:
            raise Http404
        if code not in reviews.divisions:
            raise forbidden()
        return Desk(user, code, division=get_object_or_404(Division, code=code))
    place = (
        Place.objects.visible_to(user, Action.SEE_REPORTS)
        .filter(community__code=code)
        .select_related("community__division")
        .first()
    )
    if place is None:
        raise Http404
    if not any(span.tree_id == place.tree_id for span in reviews.spans):
        raise forbidden()
    return Desk(user, code, community=place.community)
