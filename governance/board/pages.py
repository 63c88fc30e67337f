"""What each board page shows, put together from places, summaries and obligations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.board import charts
from governance.board.figures import (
    Sheet,
    change_in_words,
    containing,
    households_of,
    latest_time,
    past_of,
    rows_of,
    weeks_with_obligations,
)
from governance.board.live import live_token
from governance.board.pace import Pace, pace
from governance.voices.models import Voice
from reports import calendar, coverage, decisions, disclosure, measures, queue, upper
from reports.coverage import Standing, State
from reports.disclosure import Lens
from reports.models import Obligation, Period, Report, Summary
from units import groups, scope
from units.kinds import Kind
from units.models import Community, Place, User
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
        "sent_back": _sent_back(standings),
        "to_finish": [s for s in standings if s.can_be_filed and s is not present],
        "standings": [s for s in standings if s is not present],
        "uppers": _of_own_block(user, place, at),
        "voices": Voice.objects.unclosed().filter(place=place, shown_to_group=True).count(),
        **_live([place], present.obligation.period if present else None),
    }


def _of_own_block(user: User, place: Place, at: datetime) -> list[upper.Item]:
    """The block's report, for who sits in the block's group too; others cost no query."""
    spans = scope.reach(user, Action.FILE).spans
    if not any(span.deepest == Kind.BLOCK for span in spans):
        return []
    return upper.newest(user, place.community, at=at, block=place.parent)


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
        "uppers": upper.newest(user, community, at=at, block=place.parent),
        "may_hear": scope.reach(user, Action.HEAR).holds(place),
        "may_invite": scope.reach(user, Action.INVITE).holds(place),
        "may_shape": scope.reach(user, Action.SHAPE_TREE).holds(place),
        "seats": groups.seats_of(place, at=at)
        if scope.reach(user, Action.SEE_GROUPS).holds(place)
        else [],
        **_exports([place], newest),
        **_live([place], newest, is_above=disclosure.is_above(user, place)),
    }


def community(user: User, places: Sequence[Place], *, week: str, at: datetime) -> dict[str, Any]:
    """Blocks with their figures, and buildings by state as far as this person may see."""
    of = places[0].community
    periods = weeks_with_obligations([of.pk])
    period = chosen_week(periods, week)
    rows = rows_of(period, places)
    top = [place for place in places if place.kind == min(p.kind for p in places)]
    blocks = [place for place in places if place.kind == Kind.BLOCK]
    is_above = _is_above_community(user, top[0])
    lens = Lens(user, communities=[of.pk], at=at)
    standings = {} if is_above else _standings(period, places, at)
    head = Sheet(top[0], period, rows.get(top[0].pk), lens)
    uppers = upper.newest(user, of, at=at)
    return {
        "community": of,
        "top": top[0],
        "block_word": of.division.label_of(Kind.BLOCK),
        "period": period,
        "periods": periods,
        "sheet": head if len(top) == 1 else None,
        "households": households_of(top[0], period, head.row, lens)
        if period and len(top) == 1
        else [],
        "pace": _pace(of, top[0], places, period, at),
        "trend": _trend(top[0], periods, period),
        "blocks": [
            BlockPart(Sheet(block, period, rows.get(block.pk), lens), standings.get(block.pk, []))
            for block in blocks
        ],
        "loose": standings.get(None, []),
        "is_above": is_above,
        "may_see_groups": bool(scope.reach(user, Action.SEE_GROUPS)) and not is_above,
        "may_file_for": bool(scope.reach(user, Action.FILE_FOR).holds(top[0])),
        "uppers": uppers,
        "alarms": upper.alarms(user, of, at=at),
        "is_listed": _reads_uppers(user, places),
        "may_go_deep": not is_above,
        "voices": _voices(user, of),
        **_exports(top, period),
        **_entrances(user, places, of),
        # From above the moment of looking: when a row changed would tell of hidden columns.
        "computed_at": at if lens.is_above(top[0]) else latest_time(list(rows.values())),
        **_live(
            [*top, *blocks] if lens.is_above(top[0]) else top,
            period,
            [each.standing.obligation for each in uppers],
            is_above=lens.is_above(top[0]),
        ),
    }


def _pace(
    of: Community, top: Place, places: Sequence[Place], period: Period | None, at: datetime
) -> Pace | None:
    """Of a running week, and of what this person sees: the whole community or blocks of it."""
    if period is None or timezone.localdate(at) > period.ends_on:
        return None
    if top.kind == Kind.COMMUNITY:
        return pace([of.pk], period, at=at)
    seen = [place.pk for place in places if place.kind == Kind.BUILDING]
    return pace([of.pk], period, buildings=seen, at=at)


def _voices(user: User, community: Community) -> int | None:
    """How many that this person may hear wait for an answer; None for who may hear none."""
    reach = scope.reach(user, Action.HEAR)
    if not reach:
        return None
    return Voice.objects.unclosed().filter(reach.as_q("place"), community=community).count()


def _is_above_community(user: User, top: Place) -> bool:
    """Whether this person sees the community from the street: figures to blocks, no buildings."""
    reach = scope.reach(user, Action.SEE_FIGURES)
    has_post_here = any(span.tree_id == top.tree_id for span in reach.spans)
    return reach.divisions.get(top.community.division_id) == Kind.BLOCK and not has_post_here


def _reads_uppers(user: User, places: Sequence[Place]) -> bool:
    """Whether block or community reports are for this person."""
    reach = scope.reach(user, Action.SEE_REPORTS)
    return any(reach.holds(place) for place in places if place.kind < Kind.BUILDING)


def chosen_week(periods: Sequence[Period], week: str) -> Period | None:
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
    # Place and period are at hand, so that a building costs two instances rather than five.
    owed = Obligation.objects.filter(
        period=period, place__in=[p.pk for p in places if p.kind == Kind.BUILDING]
    ).select_related("report")
    by_block: dict[int | None, list[Standing]] = {}
    for obligation in owed:
        obligation.place, obligation.period = shown[obligation.place_id], period
        block = obligation.place.parent_id
        by_block.setdefault(block if block in shown else None, []).append(
            coverage.standing(obligation, at=at)
        )
    for standings in by_block.values():
        standings.sort(key=lambda each: each.obligation.place.code.rpartition("-")[2])
    return by_block


def _sent_back(standings: Sequence[Standing]) -> list[tuple[Standing, str]]:
    """What the committee asks to be corrected, with its reason: shown before anything else."""
    returned = [each for each in standings if each.state == State.RETURNED]
    told = decisions.return_reasons([each.report for each in returned if each.report])
    return [
        (each, told[each.report.pk].reason)
        for each in returned
        if each.report and each.report.pk in told
    ]


def _entrances(user: User, places: Sequence[Place], of: Community) -> dict[str, Any]:
    """The way to the desk of reviews with what waits on it, and the calendar's warning."""
    reviews = scope.reach(user, Action.REVIEW)
    may_review = any(span.tree_id == places[0].tree_id for span in reviews.spans)
    waiting = Report.objects.reviewed_by(user).filter(
        community=of, place__kind__in=(Kind.BLOCK, Kind.BUILDING)
    )
    return {
        "may_review": may_review,
        "waiting": queue.count(waiting) if may_review else 0,
        "missing_years": calendar.years_without_holidays(timezone.localdate())
        if may_review
        else [],
    }


def _trend(place: Place, periods: Sequence[Period], period: Period | None) -> Trend | None:
    return trend_of(past_of([place], periods)[place.pk], periods, period)


def trend_of(
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


def _exports(places: Sequence[Place], week: Period | None) -> dict[str, Any]:
    """What may be exported: these places, for the week shown or its month or quarter."""
    return {"export_places": places, "export_periods": containing(week) if week else []}


def _live(
    places: Sequence[Place],
    period: Period | None,
    uppers: Sequence[Obligation] = (),
    *,
    is_above: bool = False,
) -> dict[str, Any]:
    return {"live_token": live_token(period, places, uppers, is_above=is_above)}
