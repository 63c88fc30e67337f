"""How the houses of a community or block were built, and what flats they hold, as distributions."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db.models import Sum
from django.utils.translation import gettext as _

from governance.profiles import amounts, charts, sentences
from governance.profiles.charts import Distribution
from governance.profiles.models import (
    AreaBand,
    BuildingProfile,
    Defect,
    DwellingCount,
    HousingType,
    Structure,
    Tenure,
)
from reports.disclosure import FEWEST
from units.kinds import Kind
from units.models import Place


def of(top: Place, *, is_above: bool) -> dict[str, Any]:
    buildings = Place.objects.active().under(top).filter(kind=Kind.BUILDING)
    total = buildings.order_by().count()
    profiles = list(BuildingProfile.objects.filter(place__in=buildings))
    flats = list(
        DwellingCount.objects.filter(place__in=buildings)
        .order_by()
        .values("tenure", "area")
        .annotate(n=Sum("dwellings"))
    )
    counted = DwellingCount.objects.filter(place__in=buildings).order_by().values("place")
    of_flats = {"told": counted.distinct().count(), "all": total}
    lifts = Counter(each.has_lift for each in profiles)
    known = lifts[True] + lifts[False]
    vacant = [p.vacant_dwellings for p in profiles if p.vacant_dwellings is not None]
    seen = [each for each in profiles if each.defects_seen_on]
    all_flats = sum(row["n"] for row in flats)
    told = [
        each
        for each in (
            _tenures(flats, of_flats, is_above=is_above),
            _areas(flats, of_flats, is_above=is_above),
            _choices(profiles, total, "structure", Structure),
            _defects(seen, total),
            _years(profiles, total),
            _choices(profiles, total, "housing_type", HousingType),
            _storeys(profiles, total),
        )
        if each.bars
    ]
    return {
        "buildings": total,
        "flats": f"{all_flats:,}" if all_flats else "",
        "lifts": sentences.lifts(lifts[False], known),
        "lifts_known": known,
        "vacant": amounts.vacant_flats(vacant, all_flats, total, is_above=is_above),
        "distributions": [each for each in told if not each.is_uniform],
        "uniform": [each for each in told if each.is_uniform],
    }


def _flat_bars(
    flats: Sequence[dict[str, Any]], name: str, choices: Any, *, is_above: bool
) -> list[charts.Bar]:
    counts: Counter[str] = Counter()
    for row in flats:
        counts[row[name]] += row["n"]
    bars = charts.bars((str(each.label), counts[each.value]) for each in choices)
    return charts.joined(bars, FEWEST) if is_above else bars


def _tenures(flats: Any, of: dict[str, int], *, is_above: bool) -> Distribution:
    bars = _flat_bars(flats, "tenure", Tenure, is_above=is_above)
    title = sentences.most(
        bars, all_=_("登记过的房屋都是%(label)s"), some=_("%(share)s的房屋是%(label)s")
    )
    note = _("直管公房的产权人是国家，住在里面的居民不是业主；业主投票按产权名册，不按住户名单")
    return Distribution(title, _("套"), bars, _("登记过的楼组%(told)d/%(all)d") % of, note)


def _areas(flats: Any, of: dict[str, int], *, is_above: bool) -> Distribution:
    bars = _flat_bars(flats, "area", AreaBand, is_above=is_above)
    small = [AreaBand.UNDER_30.label, AreaBand.TO_50.label]
    known = sum(bar.count for bar in bars if bar.label != AreaBand.UNKNOWN.label)
    under_50 = sum(bar.count for bar in bars if bar.label in small)
    title = _("面积")
    if known and under_50:
        title = _("%s的房屋不到50㎡") % charts.percent(under_50, known)
    return Distribution(title, _("套"), bars, _("登记过的楼组%(told)d/%(all)d") % of)


def _told(known: int, total: int) -> str:
    return _("登记过的楼组%(told)d/%(all)d") % {"told": known, "all": total}


def _years(profiles: Sequence[BuildingProfile], total: int) -> Distribution:
    decades = Counter(p.year_built // 10 * 10 for p in profiles if p.year_built)
    bars = charts.bars((_("%d年代") % decade, count) for decade, count in sorted(decades.items()))
    title = sentences.most(
        bars, all_=_("登记过的楼组都建于%(label)s"), some=_("%(share)s的楼组建于%(label)s")
    )
    return Distribution(title, _("个"), bars, _told(sum(decades.values()), total))


def _choices(
    profiles: Sequence[BuildingProfile], total: int, name: str, choices: Any
) -> Distribution:
    counts = Counter(getattr(each, name) for each in profiles)
    bars = charts.bars((str(each.label), counts[each.value]) for each in choices)
    title = sentences.most(
        bars, all_=_("登记过的楼组都是%(label)s"), some=_("%(share)s的楼组是%(label)s")
    )
    return Distribution(title, _("个"), bars, _told(sum(bar.count for bar in bars), total))


def _storeys(profiles: Sequence[BuildingProfile], total: int) -> Distribution:
    counts = Counter(each.storeys for each in profiles if each.storeys)
    bars = charts.bars((_("%d层") % storeys, count) for storeys, count in sorted(counts.items()))
    title = sentences.most(
        bars, all_=_("登记过的楼组都是%(label)s"), some=_("%(share)s的楼组是%(label)s")
    )
    return Distribution(title, _("个"), bars, _told(sum(counts.values()), total))


def _defects(seen: Sequence[BuildingProfile], total: int) -> Distribution:
    """A building may have several, so each is a part of the buildings looked at."""
    counts = Counter(defect for each in seen for defect in each.defects)
    bars = [
        charts.Bar(str(each.label), counts[each.value], len(seen))
        for each in Defect
        if counts[each.value]
    ]
    title = sentences.defects(sum(bool(each.defects) for each in seen), len(seen))
    note = _("一个楼组可以有几样缺损，所以加起来不是百分之百") if bars else ""
    return Distribution(title, _("个"), bars, _told(len(seen), total), note)
