"""Weekly reports in months and quarters: states by the last report, the rest added up."""

from datetime import timedelta
from decimal import Decimal

import pytest

from reports import measures
from reports.models import Obligation, Summary
from reports.rollup.leaf import STATES
from tests import factories as f
from tests.reports.counting import assert_proven, file, shown
from units import tree

pytestmark = pytest.mark.django_db

WEEK = timedelta(days=7)
NEXT = f.WEDNESDAY + WEEK
LONGER = ("2026-11", "2026-Q4")
SAYS = {
    "corridor_uncleared": {"corridor": "uncleared"},
    "ebike_unresolved": {"ebike": "unresolved"},
    "facility_reported": {"facility": "broken"},
    "stock_tight": {"stock": "tight"},
    "figures_disputed": {"derived_ok": "wrong"},
}


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def weeks(community):
    """W46 and W47, both of November."""
    return f.open_week(f.WEDNESDAY), f.open_week(NEXT)


@pytest.fixture
def home(community):
    return f.building(community)


def counted(place, column: str) -> list[int]:
    """In W46, W47, the month and the quarter."""
    f.drain(place.community, NEXT)
    assert_proven(NEXT)
    return [shown(place, key).get(column, 0) for key in ("2026-W46", "2026-W47", *LONGER)]


def test_every_state_has_its_answer_here():
    assert set(SAYS) == set(STATES)


@pytest.mark.parametrize("column", STATES)
def test_what_was_put_right_in_the_second_week_is_right_in_the_month(
    community, weeks, home, column
):
    file(home, weeks[0], answers=SAYS[column])
    file(home, weeks[1], at=NEXT, answers={})
    for place in (home, f.block(community), f.root(community)):
        assert counted(place, column) == [1, 0, 0, 0]


@pytest.mark.parametrize("column", STATES)
def test_what_stays_as_it_is_counts_once_in_the_month(community, weeks, home, column):
    file(home, weeks[0], answers=SAYS[column])
    file(home, weeks[1], at=NEXT, answers=SAYS[column])
    for place in (home, f.block(community), f.root(community)):
        assert counted(place, column) == [1, 1, 1, 1]


def test_the_last_report_is_that_of_the_last_week_and_not_the_last_to_arrive(weeks, home):
    file(home, weeks[1], at=NEXT, answers={})
    file(home, weeks[0], at=NEXT, answers=SAYS["corridor_uncleared"])
    assert counted(home, "corridor_uncleared") == [1, 0, 0, 0]


def test_a_week_nobody_reported_leaves_the_state_as_it_was_last_seen(weeks, home):
    file(home, weeks[0], answers=SAYS["corridor_uncleared"])
    assert counted(home, "corridor_uncleared") == [1, 0, 1, 1]


def test_a_nil_report_is_a_report_that_saw_nothing(weeks, home):
    file(home, weeks[0], answers=SAYS["corridor_uncleared"])
    file(home, weeks[1], at=NEXT)
    assert counted(home, "corridor_uncleared") == [1, 0, 0, 0]


def test_when_the_last_report_is_withdrawn_the_one_before_speaks_again(weeks, home):
    file(home, weeks[0], answers=SAYS["stock_tight"])
    file(home, weeks[1], at=NEXT, answers={})
    assert counted(home, "stock_tight") == [1, 0, 0, 0]
    file(home, weeks[1], at=NEXT, withdraws=True)
    assert counted(home, "stock_tight") == [1, 0, 1, 1]


def test_each_building_speaks_by_its_own_last_report(community, weeks, home):
    other = f.building(community, 2)
    file(home, weeks[0], answers=SAYS["stock_tight"])
    file(home, weeks[1], at=NEXT, answers={})
    file(other, weeks[0], answers=SAYS["stock_tight"])
    assert counted(f.root(community), "stock_tight") == [2, 0, 1, 1]


def test_disputes_add_up(community, weeks, home):
    file(home, weeks[0], answers={"dispute": "mediated"})
    file(home, weeks[1], at=NEXT, answers={"dispute": "committee"})
    file(f.building(community, 3), weeks[1], at=NEXT, answers={"dispute": "committee"})
    assert counted(f.root(community), "disputes") == [1, 2, 3, 3]
    assert counted(f.root(community), "mediated") == [1, 0, 1, 1]


def test_rates_of_a_month_are_sum_over_sum(community, weeks, home):
    others = f.building(community, 2), f.building(community, 3)
    file(home, weeks[0], answers={"waste": "poor"})
    file(home, weeks[1], at=NEXT, answers={"waste": "good"})
    for other in others:
        file(other, weeks[1], at=NEXT, answers={"waste": "good"})
    assert counted(f.root(community), "building_filed") == [1, 3, 4, 4]
    of = {row.period.key: row for row in Summary.objects.filter(place=f.root(community))}

    def rates(measure) -> list[tuple[str, Decimal]]:
        found = (measures.figure(measure, [of[key]]) for key in ("2026-W46", "2026-W47", *LONGER))
        return [(each.fraction, each.value) for each in found]

    month = ("3/4", Decimal("75.0"))  # and not 50, the mean of 0 and 100
    weekly = [("0/1", Decimal("0.0")), ("3/3", Decimal("100.0"))]
    assert rates(measures.WASTE) == [*weekly, month, month]
    month = ("4/6", Decimal("66.7"))
    weekly = [("1/3", Decimal("33.3")), ("3/3", Decimal("100.0"))]
    assert rates(measures.COVERAGE) == [*weekly, month, month]


@pytest.mark.parametrize(
    ("in_the_week", "key", "belongs", "not_to"),
    [
        (timedelta(weeks=3), "2026-W49", {"2026-12", "2026-Q4"}, {"2026-11"}),
        (timedelta(weeks=-6), "2026-W40", {"2026-10", "2026-Q4"}, {"2026-09", "2026-Q3"}),
    ],
)
def test_a_week_belongs_to_the_month_and_quarter_of_its_last_day(
    community, home, in_the_week, key, belongs, not_to
):
    at = f.WEDNESDAY + in_the_week
    week = f.open_week(at)
    file(home, week, at=at, answers=SAYS["corridor_uncleared"])
    f.drain(community, at)
    for each in belongs | {key}:
        found = shown(f.root(community), each)
        assert (found["building_owed"], found["corridor_uncleared"]) == (3, 1)
    for each in not_to:
        assert shown(f.root(community), each) == {}
    assert Obligation.objects.get(place=home).period.key == key


def test_a_building_moved_between_two_weeks_is_wholly_in_its_new_block_for_the_month(
    community, weeks, home
):
    file(home, weeks[0], answers={"dispute": "mediated"} | SAYS["corridor_uncleared"])
    f.drain(community, f.WEDNESDAY)
    tree.move(home.pk, to_parent_id=f.block(community, 2).pk, at=f.WEDNESDAY)
    file(home, weeks[1], at=NEXT, answers={"dispute": "mediated"})
    assert counted(f.block(community, 1), "disputes") == [0, 0, 0, 0]
    assert counted(f.block(community, 2), "disputes") == [1, 1, 2, 2]
    assert counted(f.block(community, 2), "corridor_uncleared") == [1, 0, 0, 0]
