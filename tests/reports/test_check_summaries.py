"""`manage.py check_summaries` names every summary row that is not what the reports say."""

from datetime import timedelta
from itertools import product

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from reports import calendar, filing
from reports.models import Mark, Period, Summary
from reports.rollup import recount
from tests import factories as f
from tests.reports.counting import file, longer, tell
from units import tree
from units.models import Place

pytestmark = pytest.mark.django_db

WHERE = "WHERE place_id = %s AND period_id = %s"
COUNTED = ("building_owed", "building_on_time", "corridor_uncleared")


@pytest.fixture
def now():
    """The command reads the clock, so this week is the real one."""
    return timezone.now()


@pytest.fixture
def week(now):
    return calendar.week_of(timezone.localdate(now))


@pytest.fixture
def community(now, week):
    planted = f.compound((2, 1), at=now - timedelta(days=30))
    f.open_week(now)
    for number in (1, 3):
        file(f.building(planted, number), week, at=now, answers={"corridor": "uncleared"})
    f.drain(planted, now)
    return planted


@pytest.fixture
def check(capsys):
    """Runs the command; returns its exit code and {(place code, period, column)} it named."""

    def run() -> tuple[int, set[tuple[str, str, str]]]:
        try:
            call_command("check_summaries")
            code = 0
        except SystemExit as left:
            code = left.code
        out = capsys.readouterr().out
        assert ("没有核对" in out) == (recount.communities_waiting() > 0)
        lines = [line for line in out.splitlines() if "重算是" in line]
        return code, {tuple(line.split(": ")[0].split()) for line in lines}

    return run


def falsify(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def falsify_row(place: Place, period: Period, change: str, *values: object) -> None:
    falsify(f"UPDATE reports_summary SET {change} {WHERE}", *values, place.pk, period.pk)


def lose_row(place: Place, period: Period) -> None:
    falsify(f"DELETE FROM reports_summary {WHERE}", place.pk, period.pk)


def test_true_summaries_leave_with_zero(community, check):
    assert check() == (0, set())


def test_nothing_at_all_leaves_with_zero(check):
    assert check() == (0, set())


@pytest.mark.parametrize("place", [f.building, f.block, f.root])
@pytest.mark.parametrize(
    ("kind", "column"), [*product(("week", "month", "quarter"), COUNTED), ("now", "households")]
)
@pytest.mark.parametrize("amount", ["+ 1", "- 1"])
def test_a_falsified_count_is_named_and_nothing_else(
    community, week, check, place, kind, column, amount
):
    period = next(each for each in (*longer(week), calendar.now_period()) if each.kind == kind)
    falsify_row(place(community), period, f"{column} = {column} {amount}")
    assert check() == (1, {(place(community).code, period.key, column)})


@pytest.mark.parametrize("kind", ["week", "month", "quarter", "now"])
def test_a_falsified_parent_is_named(community, week, check, kind):
    period = next(each for each in (*longer(week), calendar.now_period()) if each.kind == kind)
    home = f.building(community, 1)
    falsify_row(home, period, "parent_id = %s", f.block(community, 2).pk)
    assert check() == (1, {(home.code, period.key, "parent_id")})


def test_a_missing_row_is_named_with_what_it_should_hold(community, week, check):
    silent, now = f.building(community, 2), calendar.now_period()
    lose_row(silent, week)
    assert check() == (1, {(silent.code, week.key, "building_owed")})
    lose_row(silent, now)
    named = {(silent.code, week.key, "building_owed"), (silent.code, now.key, "households")}
    assert check() == (1, named)


def test_an_extra_row_that_counts_something_is_named(community, week, check):
    floor = f.building(community, 1).get_children()[0]
    Summary.objects.create(
        place=floor,
        period=week,
        community=community,
        kind=floor.kind,
        parent_id=floor.parent_id,
        computed_at=timezone.now(),
        corridor_uncleared=7,
    )
    assert check() == (1, {(floor.code, week.key, "corridor_uncleared")})


def test_several_falsified_rows_are_all_named(community, week, check):
    home, block, root = f.building(community, 3), f.block(community, 1), f.root(community)
    falsify_row(home, week, "stock_tight = 5")
    falsify_row(block, week, "building_nil = 1, building_looked = 0")
    lose_row(root, week)
    code, named = check()
    assert code == 1
    assert {period for _place, period, _column in named} == {week.key}
    assert {place for place, _period, _column in named} == {home.code, block.code, root.code}
    assert {column for place, _period, column in named if place == block.code} == {
        "building_nil",
        "building_looked",
    }


def test_a_report_changed_behind_the_drain_is_named_at_every_level(community, week, check):
    home = f.building(community, 1)
    falsify("UPDATE reports_report SET facility_reported = 1 WHERE place_id = %s", home.pk)
    line = (home, f.block(community, 1), f.root(community))
    named = {(place.code, each.key, "facility_reported") for place in line for each in longer(week)}
    assert check() == (1, named)


def test_a_household_report_changed_behind_the_drain_is_named_where_it_counts(
    community, check, now
):
    home = f.household(community)
    tell(home, at=now, answers={"situation": "same"})
    f.drain(community, now)
    falsify("UPDATE reports_report SET suggestions = 1 WHERE place_id = %s", home.pk)
    line = [place.code for place in home.get_ancestors(include_self=True)]
    periods = calendar.periods_holding(timezone.localdate(now))
    named = {(code, each.key, "suggestions") for code in line for each in periods}
    assert check() == (1, named)


def test_a_missing_row_of_a_frozen_period_is_named_and_nothing_else(community, week, check, now):
    home = f.building(community, 1)
    Period.objects.update(freezes_at=now)
    lose_row(home, week)
    code, named = check()
    assert (code, {row[:2] for row in named}) == (1, {(home.code, week.key)})


def test_a_community_with_waiting_marks_is_left_out_until_they_are_drained(
    community, week, check, now
):
    other = f.compound((1,), at=now - timedelta(days=30))
    f.open_week(now)
    f.drain(other, now)
    falsify_row(f.root(other), week, "stock_tight = 5")
    falsify_row(f.root(community), week, "stock_tight = 5")
    filing.file(f.owed(f.building(other), week), f.sending(f.person()), at=now)
    assert check() == (1, {(f.root(community).code, week.key, "stock_tight")})
    f.drain(other, now)
    assert check() == (1, {(f.root(community).code, week.key, "stock_tight")})
    assert not Mark.objects.exists()


def test_a_move_that_is_not_drained_yet_is_no_fault(community, check, now):
    moving = f.building(community, 1)
    tree.move(moving.pk, to_parent_id=f.block(community, 2).pk, at=now)
    assert check() == (0, set())
    assert recount.communities_waiting() == 1
    f.drain(community, now)
    assert check() == (0, set())
    assert recount.communities_waiting() == 0
    rows = Summary.objects.filter(place=moving)
    assert set(rows.values_list("parent", flat=True)) == {f.block(community, 2).pk}
    assert rows.count() == 4  # week, month, quarter and now
