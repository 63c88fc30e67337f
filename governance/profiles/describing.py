"""Writing down how buildings are built and what flats they hold."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.profiles.models import BuildingProfile, DwellingCount
from units import journal
from units.models import Place, User
from units.refusals import Refusal

DESCRIBED, ALIKE = "profile.described", "profile.alike"
# (tenure, area) → how many flats.
Flats = Mapping[tuple[str, str], int]


@transaction.atomic
def describe(
    place: Place,
    facts: Mapping[str, Any],
    flats: Flats | None = None,
    *,
    seen_rev: int,
    by: User | None,
    at: datetime,
) -> BuildingProfile:
    """Replace what is written of one building; `flats` None leaves them as they are.

    Raises Refusal `stale` (409) when somebody wrote after `seen_rev`, `day_to_come`,
    `more_vacant_than_flats` (422).
    """
    _refuse_a_day_to_come(facts, at)
    profile = _locked([place], by, at)[place.pk]
    if profile.rev != seen_rev:
        who = profile.updated_by.full_name if profile.updated_by else _("别人")
        raise Refusal("stale", _("刚才%s改过，请看一下再保存") % who, 409)
    if flats is not None:
        _replace(place, flats)
    _refuse_more_vacant(place, facts.get("vacant_dwellings"))
    _write([profile.pk], facts, by, at)
    journal.note(DESCRIBED, user=by, at=at, place=place.pk)
    profile.refresh_from_db()
    return profile


@transaction.atomic
def describe_alike(
    places: Sequence[Place],
    facts: Mapping[str, Any],
    *,
    only_unknown: bool,
    by: User | None,
    at: datetime,
) -> int:
    """Write the given facts of several buildings, of each alike; returns how many were written.

    With `only_unknown` what is known of a building stays. Raises Refusal `nothing_chosen`,
    `nothing_filled_in`, `day_to_come` (422).
    """
    if not places:
        raise Refusal("nothing_chosen", _("请先选楼组"), fields={"places": _("请先选楼组")})
    if not facts:
        raise Refusal("nothing_filled_in", _("还没有填要写的内容"))
    _refuse_a_day_to_come(facts, at)
    written = 0
    for profile in _locked(places, by, at).values():
        news = {
            name: value
            for name, value in facts.items()
            if not only_unknown or _is_unknown(profile, name)
        }
        if news:
            _write([profile.pk], news, by, at)
            written += 1
    ids = sorted(place.pk for place in places)
    journal.note(ALIKE, user=by, at=at, places=ids)
    return written


def _refuse_a_day_to_come(facts: Mapping[str, Any], at: datetime) -> None:
    seen = facts.get("defects_seen_on")
    if seen and seen > timezone.localdate(at):
        message = _("这一天还没到，请选今天或以前的日子")
        raise Refusal("day_to_come", message, fields={"defects_seen_on": message})


def _is_unknown(profile: BuildingProfile, name: str) -> bool:
    """Defects that somebody looked for are known, also when there were none."""
    if name in ("defects", "defects_seen_on"):
        return profile.defects_seen_on is None
    return getattr(profile, name) in (None, "")


def _locked(places: Iterable[Place], by: User | None, at: datetime) -> dict[int, BuildingProfile]:
    """By place; made where there is none, locked in one order for everybody."""
    wanted = [place.pk for place in places]
    blank = [BuildingProfile(place_id=pk, updated_at=at, updated_by=by) for pk in sorted(wanted)]
    BuildingProfile.objects.bulk_create(blank, ignore_conflicts=True)
    rows = BuildingProfile.objects.select_for_update(of=("self",)).select_related("updated_by")
    return {each.place_id: each for each in rows.filter(place__in=wanted).order_by("place_id")}


def _write(pks: Sequence[int], facts: Mapping[str, Any], by: User | None, at: datetime) -> None:
    BuildingProfile.objects.filter(pk__in=pks).update(
        **facts, rev=F("rev") + 1, updated_at=at, updated_by=by
    )


def _replace(place: Place, flats: Flats) -> None:
    DwellingCount.objects.filter(place=place).delete()
    DwellingCount.objects.bulk_create(
        DwellingCount(place=place, tenure=tenure, area=area, dwellings=count)
        for (tenure, area), count in flats.items()
        if count
    )


def _refuse_more_vacant(place: Place, vacant: int | None) -> None:
    told = DwellingCount.objects.filter(place=place).values_list("dwellings", flat=True)
    total = sum(told)
    if vacant and total and vacant > total:
        message = _("空关%(vacant)d套，比总数%(total)d套还多，请再看一下") % {
            "vacant": vacant,
            "total": total,
        }
        raise Refusal("more_vacant_than_flats", message, fields={"vacant_dwellings": message})
