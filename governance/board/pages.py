"""What each board page shows, put together from places, summaries and obligations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.board import charts, wall_pages
from governance.board.figures import (
    Sheet,
    change_in_words,
    households_of,
    latest_time,
    live_token,
    past_of,
    rows_of,
    weeks_with_obligations,
)
from governance.voices.models import Voice
from reports import coverage, measures
from reports.coverage import Standing
from reports.models import Obligation, Period, Summary
from units import groups, scope
from units.kinds import Kind
from units.models import Community, Division, Place, User
from units.scope import Action

# The demo's front page: (door, whose, login). Only shown when settings.DEMO.
DOORS = (
    (gettext_lazy("手机"), gettext_lazy("楼组三人组：点两下报平安"), "l047-2"),
    (gettext_lazy("居委"), gettext_lazy("居委会：看哪些楼组还没报，帮着报"), "committee"),
    (gettext_lazy("街道"), gettext_lazy("街道：看数字，能追到片区"), "street"),
)


@dataclass(frozen=True)
class Trend:
    """Coverage over the own past weeks, with the sentence that the chart answers."""

    chart: str
    words: str


@dataclass(frozen=True)
class BlockPart:
    """A block of the community page: its figures and its buildings by state."""

    sheet: Sheet
    standings: list[Standing]


def own_groups(user: User) -> list[Place]:
    return list(
        Place.objects.visible_to(user, Action.FILE)
        .active()
        .filter(kind=Kind.BUILDING)
        .order_by("code")
    )


def group(user: User, place: Place, *, at: datetime) -> dict[str, Any]:
    """A group's own building on the phone: this week first, then its last weeks."""
    standings = _last_weeks(place, at)
    today = timezone.localdate(at)
    present = next((s for s in standings if today <= s.obligation.period.ends_on), None)
    return {
        "place": place,
        "community": place.community,
        "others": [other for other in own_groups(user) if other != place],
        "present": present,
        "to_finish": [s for s in standings if _can_still_be_filed(s) and s is not present],
        "standings": [s for s in standings if s is not present],
        "voices": Voice.objects.unclosed().filter(place=place, shown_to_group=True).count(),
        **_live([place], present.obligation.period if present else None),
    }


def building(user: User, place: Place, *, at: datetime) -> dict[str, Any]:
    """One building on the desk: its weeks, its group, and what may be done about it."""
    community = place.community
    may_see = scope.reach(user, Action.SEE_REPORTS).holds(place)
    standings = _last_weeks(place, at) if may_see else []
    newest = standings[0].obligation.period if standings else None
    return {
        "place": place,
        "above": place.parent,
        "community": community,
        "standings": standings,
        "may_see_reports": may_see,
        "may_file_for": scope.reach(user, Action.FILE_FOR).holds(place),
        "may_hear": scope.reach(user, Action.HEAR).holds(place),
        "seats": groups.seats_of(place, at=at)
        if scope.reach(user, Action.SEE_GROUPS).holds(place)
        else [],
        **_live([place], newest),
    }


def community(user: User, places: Sequence[Place], *, week: str, at: datetime) -> dict[str, Any]:
    """Blocks with their figures, and buildings by state as far as this person may see."""
    of = places[0].community
    periods = weeks_with_obligations([of.pk])
    period = _chosen(periods, week)
    rows = rows_of(period, places)
    top = [place for place in places if place.kind == min(p.kind for p in places)]
    blocks = [place for place in places if place.kind == Kind.BLOCK]
    is_above = _is_above_community(user, top[0])
    may_read = scope.reach(user, Action.SEE_SENSITIVE).holds(top[0])
    standings = {} if is_above else _standings(period, places, at)
    head = Sheet(top[0], rows.get(top[0].pk), not may_read)
    return {
        "community": of,
        "block_word": of.division.label_of(Kind.BLOCK),
        "period": period,
        "periods": periods,
        "sheet": head if len(top) == 1 else None,
        "households": households_of(top[0], period, head.row) if period and len(top) == 1 else [],
        "trend": _trend(top[0], periods, period),
        "blocks": [
            BlockPart(
                Sheet(block, rows.get(block.pk), not may_read),
                standings.get(block.pk, []),
            )
            for block in blocks
        ],
        "loose": standings.get(None, []),
        "is_above": is_above,
        "may_see_groups": bool(scope.reach(user, Action.SEE_GROUPS)) and not is_above,
        "may_see_doors": wall_pages.is_open_to(user, top[0]),
        "may_file_for": scope.reach(user, Action.FILE_FOR).holds(top[0]),
        "voices": _voices(user, of),
        "computed_at": latest_time(list(rows.values())),
        **_live(top, period),
    }


def _voices(user: User, community: Community) -> int | None:
    """How many that this person may hear wait for an answer; None for who may hear none."""
    reach = scope.reach(user, Action.HEAR)
    if not reach:
        return None
    return Voice.objects.unclosed().filter(reach.as_q("place"), community=community).count()


def street(division: Division, *, week: str, is_compared: bool) -> dict[str, Any]:
    """Communities one under another, each beside its own past; side by side only on request."""
    roots = list(
        Place.objects.filter(
            kind=Kind.COMMUNITY, community__division__in=division.with_descendants()
        )
        .select_related("community")
        .order_by("code")
    )
    periods = weeks_with_obligations([root.community_id for root in roots])
    period = _chosen(periods, week)
    rows = rows_of(period, roots)
    past = past_of(roots, periods)
    everyone = list(rows.values())
    return {
        "division": division,
        "period": period,
        "periods": periods,
        "is_compared": is_compared,
        "total": measures.figure(measures.COVERAGE, everyone),
        "total_missing": measures.figure(measures.MISSING, everyone),
        "total_concerns": [
            measures.figure(m, everyone) for m in measures.CONCERNS if not m.is_sensitive
        ],
        "communities": [
            {
                "community": root.community,
                "sheet": Sheet(root, rows.get(root.pk), hides_sensitive=True),
                "trend": _trend_of(past[root.pk], periods, period),
            }
            for root in roots
        ],
        "computed_at": latest_time(everyone),
        **_live(roots, period),
    }


def _is_above_community(user: User, top: Place) -> bool:
    """Whether this person sees the community from the street: figures to blocks, no buildings."""
    reach = scope.reach(user, Action.SEE_FIGURES)
    has_post_here = any(span.tree_id == top.tree_id for span in reach.spans)
    return reach.divisions.get(top.community.division_id) == Kind.BLOCK and not has_post_here


def _chosen(periods: Sequence[Period], week: str) -> Period | None:
    return next((p for p in periods if p.key == week), periods[0] if periods else None)


def _last_weeks(place: Place, at: datetime) -> list[Standing]:
    owed = (
        Obligation.objects.filter(place=place, opens_at__lte=at)
        .with_report()
        .order_by("-period__starts_on")[:13]
    )
    return [coverage.standing(each, at=at) for each in owed]


def _standings(
    period: Period | None, places: Sequence[Place], at: datetime
) -> dict[int | None, list[Standing]]:
    """Buildings of the period by the block they stand in now; None when its block is not shown."""
    if period is None:
        return {}
    shown = {place.pk: place for place in places}
    owed = Obligation.objects.filter(
        period=period, place__in=[p.pk for p in places if p.kind == Kind.BUILDING]
    ).with_report()
    by_block: dict[int | None, list[Standing]] = {}
    for obligation in owed:
        obligation.place = shown[obligation.place_id]
        block = obligation.place.parent_id
        by_block.setdefault(block if block in shown else None, []).append(
            coverage.standing(obligation, at=at)
        )
    for standings in by_block.values():
        standings.sort(key=lambda each: each.obligation.place.code.rpartition("-")[2])
    return by_block


def _can_still_be_filed(standing: Standing) -> bool:
    return standing.report is None and not standing.is_locked and not standing.obligation.is_excused


def _trend(place: Place, periods: Sequence[Period], period: Period | None) -> Trend | None:
    return _trend_of(past_of([place], periods)[place.pk], periods, period)


def _trend_of(
    rows: Sequence[Summary | None], periods: Sequence[Period], period: Period | None
) -> Trend | None:
    """Whole weeks only: the running week says little about coverage until it is over."""
    figures = [measures.figure(measures.COVERAGE, [row] if row else []) for row in rows]
    if period is None or len(figures) < 2:
        return None
    until = len(periods) - list(periods).index(period)
    shown = figures[: max(until - 1, 1)] if period == periods[0] else figures[:until]
    if len(shown) < 2:
        return None
    last = shown[-1]
    words = _("最近一个整周覆盖率%(value)s，%(change)s") % {
        "value": last.text,
        "change": change_in_words(last, shown[-2]) or _("没有上周可比"),
    }
    return Trend(charts.sparkline([f.value for f in shown], words), words)


def _live(places: Sequence[Place], period: Period | None) -> dict[str, Any]:
    return {"live_token": live_token(period, places)}
