"""What the profile of a community, of a block or of a building shows, put together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any

from django.utils.translation import gettext as _

from governance.profiles import amounts, charts, housing, intake, sentences
from governance.profiles.charts import Distribution
from governance.profiles.models import (
    FAULTY,
    AreaBand,
    BuildingProfile,
    Condition,
    DwellingCount,
    Facility,
    FacilityKind,
    ParkingNeed,
    Tenure,
)
from reports import disclosure, measures
from reports.disclosure import Lens
from reports.measures import Figure
from reports.models import Period, Summary
from units import scope
from units.kinds import Kind
from units.models import Place, User
from units.scope import Action


@dataclass(frozen=True)
class KindRow:
    """Facilities of one kind: how many there are in each condition, and what they offer."""

    kind: FacilityKind
    total: int
    by_condition: list[int]


def community(user: User, top: Place, *, at: datetime) -> dict[str, Any]:
    """The profile of `top`, a community or a block; from above only what it comes to."""
    is_above = disclosure.is_above(user, top)
    facilities = list(
        Facility.objects.there()
        .filter(place__in=Place.objects.under(top))
        .select_related("place")
        .order_by("place__kind", "place__code", "kind", "name")
    )
    told = _people(user, top, at)
    told |= _space(top, facilities, told["residents"], is_above=is_above)
    keeps = scope.reach(user, Action.KEEP_PROFILE).holds(top)
    of = top.community
    return {
        "community": of,
        "top": top,
        "is_above": is_above,
        "is_part": top.kind != Kind.COMMUNITY,
        "may_keep": keeps,
        "waiting": intake.waiting(user, of, at).count if keeps else 0,
        **told,
        **housing.of(top, is_above=is_above),
        "facilities": facilities,
        "conditions": list(Condition),
        "kind_rows": _kind_rows(facilities),
        "facilities_title": sentences.facilities(
            len(facilities), sum(each.is_faulty for each in facilities)
        ),
    }


def _people(user: User, top: Place, at: datetime) -> dict[str, Any]:
    """Who lives there now, in two populations that are never mixed."""
    row = (
        Summary.objects.filter(place=top, period__kind=Period.PeriodKind.NOW)
        .select_related("period")
        .first()
    )
    if row is None:
        return {"figures": [], "residents": None, "people_title": _("人口"), "computed_at": None}
    lens = Lens(user, communities=[top.community_id], at=at)
    shown = {
        measure.code: lens.figure(measure, [row], place=top, period=row.period)
        for measure in measures.POPULATION
    }
    households, residents = shown["HH_N"], shown["POP_RES"]
    aged, old = shown["POP_60_RATE"], shown["POP_80_N"]
    return {
        "figures": list(shown.values()),
        "residents": residents,
        "people_title": sentences.people(households, residents),
        "ages": _ages(residents, aged, old),
        "counted": shown["HH_COUNTED"],
        "nonlocal": shown["POP_NONLOCAL_RATE"],
        "floating": shown["POP_FLOATING_RATE"],
        "computed_at": at if lens.is_above(top) else row.computed_at,
    }


def _ages(residents: Figure, aged: Figure, old: Figure) -> Distribution | None:
    """Under 60, 60 to 79, 80 and over; nothing when a part is hidden or does not add up."""
    if any(each.is_hidden or each.numerator is None for each in (residents, aged, old)):
        return None
    total, over_60, over_80 = residents.numerator, aged.numerator, old.numerator
    parts = (
        (_("60岁以下"), total - over_60),
        (_("60至79岁"), over_60 - over_80),
        (_("80岁及以上"), over_80),
    )
    if total <= 0 or any(count < 0 for _label, count in parts):
        return None
    return Distribution(sentences.ages(aged), _("人"), charts.bars(parts))


def _space(
    top: Place, facilities: Sequence[Facility], residents: Figure | None, *, is_above: bool
) -> dict[str, Any]:
    """Only of a whole community: its ground and its car park are of no one block."""
    if top.kind != Kind.COMMUNITY:
        return {"space": []}
    need = ParkingNeed.objects.filter(community_id=top.community_id).first()
    per_person = amounts.space_per_person(facilities, residents)
    deficit = amounts.parking_deficit(facilities, need, is_above=is_above)
    return {
        "space": [per_person, amounts.public_seats(facilities), deficit],
        "space_title": sentences.space(per_person, deficit),
        "need": need,
    }


def _kind_rows(facilities: Sequence[Facility]) -> list[KindRow]:
    counts = Counter((each.kind, each.condition) for each in facilities)
    rows = []
    for kind in FacilityKind:
        by_condition = [counts[kind.value, each.value] for each in Condition]
        if any(by_condition):
            rows.append(KindRow(kind, sum(by_condition), by_condition))
    return rows


def building(user: User, place: Place, *, at: datetime) -> dict[str, Any]:
    """One building's profile for `profiles/_building.html`; None of it for who may not see it."""
    if not scope.reach(user, Action.SEE_PROFILE).holds(place):
        return {"profile_of": None}
    order = {(t.value, a.value): n for n, (t, a) in enumerate(product(Tenure, AreaBand))}
    flats = sorted(
        DwellingCount.objects.filter(place=place), key=lambda each: order[each.tenure, each.area]
    )
    facilities = list(Facility.objects.there().filter(place=place))
    total = sum(each.dwellings for each in flats)
    return {
        "profile_of": {
            "place": place,
            "facts": BuildingProfile.objects.filter(place=place)
            .select_related("updated_by")
            .first(),
            "flats": [
                charts.Bar(
                    _("%(tenure)s，%(area)s")
                    % {"tenure": each.get_tenure_display(), "area": each.get_area_display()},
                    each.dwellings,
                    total,
                )
                for each in flats
            ],
            "total": total,
            "has_public": any(each.tenure == Tenure.PUBLIC for each in flats),
            "facilities": facilities,
            "faulty": sum(each.condition in FAULTY for each in facilities),
            "may_keep": scope.reach(user, Action.KEEP_PROFILE).holds(place),
        }
    }
