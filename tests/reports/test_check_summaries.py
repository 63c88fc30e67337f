"""`manage.py check_summaries` names every summary row that is not what the reports say."""

from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from reports import calendar, filing
from reports.models import Mark, Period, Summary
from reports.rollup import recount
from tests import factories as f
from tests.reports.counting import file
from units import tree

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    """The command reads the clock, so this week is the real one."""
    return timezone.now()


@pytest.fixture
def community(now):
    planted = f.compound((2, 1), at=now - timedelta(days=30))
    period = f.open_week(now)
    monday = calendar.moment(period.starts_on)  # on time on whatever day this runs
    for number in (1, 3):
        file(f.building(planted, number), period, at=monday, answers={"corridor": "uncleared"})
    f.drain(planted, now)
    return planted


@pytest.fixture
def check(capsys):
    """Runs the command; returns its exit code and {(place code, column)} it named."""

    def run() -> tuple[int, set[tuple[str, str]]]:
        try:
            call_command("check_summaries")
            code = 0
        except SystemExit as left:
            code = left.code
        out = capsys.readouterr().out
        assert ("没有核对" in out) == (recount.communities_waiting() > 0)
        lines = [line for line in out.splitlines() if "重算是" in line]
        return code, {(line.split()[0], line.split()[2].rstrip(":")) for line in lines}

    return run


def falsify(statement: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        assert cursor.rowcount == 1


def test_true_summaries_leave_with_zero(community, check):
    assert check() == (0, set())


def test_nothing_at_all_leaves_with_zero(check):
    assert check() == (0, set())


@pytest.mark.parametrize("place", [f.building, f.block, f.root])
@pytest.mark.parametrize("column", ["building_owed", "building_on_time", "corridor_uncleared"])
@pytest.mark.parametrize("amount", ["+ 1", "- 1"])
def test_a_falsified_count_is_named_and_nothing_else(community, check, place, column, amount):
    where = place(community)
    falsify(
        f"UPDATE reports_summary SET {column} = {column} {amount} WHERE place_id = %s", where.pk
    )
    assert check() == (1, {(where.code, column)})


def test_a_falsified_parent_is_named(community, check):
    home = f.building(community, 1)
    falsify(
        "UPDATE reports_summary SET parent_id = %s WHERE place_id = %s",
        f.block(community, 2).pk,
        home.pk,
    )
    assert check() == (1, {(home.code, "parent_id")})


def test_a_missing_row_is_named_with_what_it_should_hold(community, check):
    silent = f.building(community, 2)
    falsify("DELETE FROM reports_summary WHERE place_id = %s", silent.pk)
    assert check() == (1, {(silent.code, "building_owed")})


def test_an_extra_row_that_counts_something_is_named(community, check, now):
    floor = f.building(community, 1).get_children()[0]
    falsify(
        "INSERT INTO reports_summary (place_id, period_id, community_id, kind, parent_id, version,"
        " computed_at, building_owed, building_filed, building_nil, building_looked,"
        " building_on_time, building_excused, corridor_uncleared, ebike_unresolved, waste_good,"
        " waste_answered, disputes, mediated, facility_reported, stock_tight, figures_disputed)"
        " SELECT %s, period_id, community_id, 3, place_id, 1, computed_at,"
        " 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 0, 0, 0, 0, 0 FROM reports_summary WHERE place_id = %s",
        floor.pk,
        floor.parent_id,
    )
    assert check() == (1, {(floor.code, "corridor_uncleared")})


def test_several_falsified_rows_are_all_named(community, check):
    home, block, root = f.building(community, 3), f.block(community, 1), f.root(community)
    falsify("UPDATE reports_summary SET stock_tight = 5 WHERE place_id = %s", home.pk)
    falsify(
        "UPDATE reports_summary SET building_nil = 1, building_looked = 0 WHERE place_id = %s",
        block.pk,
    )
    falsify("DELETE FROM reports_summary WHERE place_id = %s", root.pk)
    code, named = check()
    assert code == 1
    assert {place for place, _column in named} == {home.code, block.code, root.code}
    assert {c for place, c in named if place == block.code} == {"building_nil", "building_looked"}


def test_a_report_changed_behind_the_drain_is_named_at_every_level(community, check):
    home = f.building(community, 1)
    falsify("UPDATE reports_report SET facility_reported = 1 WHERE place_id = %s", home.pk)
    line = (home, f.block(community, 1), f.root(community))
    assert check() == (1, {(place.code, "facility_reported") for place in line})


def test_a_missing_row_of_a_frozen_period_is_named_and_nothing_else(community, check, now):
    home = f.building(community, 1)
    Period.objects.update(freezes_at=now)
    falsify("DELETE FROM reports_summary WHERE place_id = %s", home.pk)
    code, named = check()
    assert (code, {place for place, _column in named}) == (1, {home.code})


def test_a_community_with_waiting_marks_is_left_out_until_they_are_drained(community, check, now):
    other = f.compound((1,), at=now - timedelta(days=30))
    f.open_week(now)
    f.drain(other, now)
    falsify("UPDATE reports_summary SET stock_tight = 5 WHERE place_id = %s", f.root(other).pk)
    falsify("UPDATE reports_summary SET stock_tight = 5 WHERE place_id = %s", f.root(community).pk)
    period = Period.objects.get()
    filing.file(f.owed(f.building(other), period), f.sending(f.person()), at=now)
    assert check() == (1, {(f.root(community).code, "stock_tight")})
    f.drain(other, now)
    assert check() == (1, {(f.root(community).code, "stock_tight")})
    assert not Mark.objects.exists()


def test_a_move_that_is_not_drained_yet_is_no_fault(community, check, now):
    moving = f.building(community, 1)
    tree.move(moving.pk, to_parent_id=f.block(community, 2).pk, at=now)
    assert check() == (0, set())
    assert recount.communities_waiting() == 1
    f.drain(community, now)
    assert check() == (0, set())
    assert recount.communities_waiting() == 0
    assert Summary.objects.get(place=moving).parent == f.block(community, 2)
