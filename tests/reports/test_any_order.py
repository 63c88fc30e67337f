"""Whatever happens, in any order and drained at any moment, comes to the same, and to the truth."""

from collections import Counter, defaultdict
from datetime import date
from random import Random

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reports.models import Report, Summary
from reports.rollup.leaf import COLUMNS
from tests import factories as f
from tests.beside import undone
from tests.reports.by_hand import BY_HAND, assert_counted_by_hand
from tests.reports.counting import (
    FROM_HOUSEHOLDS,
    answers,
    assert_proven,
    everything,
    file,
    tell,
)
from tests.reports.happenings import DAYS, EVENTFUL, World, plans, said_of_household
from units.kinds import Kind
from units.models import HouseholdCount

pytestmark = pytest.mark.django_db

chances = st.randoms(use_true_random=False)
some = settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])


@given(plans, chances)
@example(EVENTFUL, Random(1))
@example(EVENTFUL, Random(2))
@example(EVENTFUL, Random(5))
@some
def test_any_order_and_any_drains_give_the_same_summaries_and_they_are_true(plan, chance):
    with undone():
        world, results = World(plan), []
        for drains in (0.0, 0.3):
            with undone():
                world.happen(chance, drains=drains)
                assert_proven()
                assert_interval_sums()
                assert_counted_by_hand()
                results.append(everything())
        assert results[0] == results[1]


def assert_interval_sums() -> None:
    """Every row is what buildings and households say inside the interval of its place."""
    of = {
        Kind.BUILDING: [column for column in COLUMNS if column not in FROM_HOUSEHOLDS],
        Kind.HOUSEHOLD: FROM_HOUSEHOLDS,
    }
    rows = defaultdict(list)
    for row in Summary.objects.exclude(period__freezes_at__lte=f.WEDNESDAY).select_related("place"):
        rows[row.period_id].append(row)
    for row in (row for together in rows.values() for row in together):
        counted: Counter = Counter()
        for other in rows[row.period_id]:
            if row.place.lft <= other.place.lft and other.place.rght <= row.place.rght:
                counted.update({c: getattr(other, c) for c in of.get(other.kind, ())})
        assert {c: counted[c] for c in COLUMNS} == {c: getattr(row, c) for c in COLUMNS}


def test_the_happenings_reach_everything_that_is_counted():
    """What must not be: properties that hold because nothing was said."""
    World(EVENTFUL).happen(Random(1))
    assert (Report.objects.count(), HouseholdCount.objects.count()) == (8, 3)
    found = {column for row in everything() for column in COLUMNS if row[column]}
    assert found >= set(BY_HAND) - {"urgent"}
    assert_counted_by_hand()


@given(said_of_household, said_of_household, st.sampled_from(DAYS), st.sampled_from(DAYS), chances)
@some
def test_amending_a_household_report_and_amending_it_back_is_nothing(
    first, second, one_day, another, chance
):
    with undone():
        community, user = f.compound((1,)), f.person()
        home = f.household(community)
        f.census_of(home, 3, on=date(2026, 10, 15))
        report = tell(home, user=user, answers=first, happened_on=one_day).report
        f.drain(community)
        before = everything()
        tell(home, user=user, amends=report, answers=second, happened_on=another)
        if chance.random() < 0.5:
            f.drain(community)
            assert_proven()
        tell(home, user=user, amends=report, answers=first, happened_on=one_day)
        f.drain(community)
        assert everything() == before


@given(plans, st.integers(0, 3), said_of_household, answers, st.sampled_from(DAYS), chances)
@settings(some, max_examples=15)
def test_what_is_withdrawn_is_as_if_never_filed(plan, number, said, weekly, day, chance):
    plan = plan | {"weekly": {}, "closed": set()}
    with undone():
        world = World(plan)
        world.happen(chance)
        before = everything()
        homes, buildings = world.places(Kind.HOUSEHOLD), world.places(Kind.BUILDING)
        home, building = homes[number % len(homes)], buildings[number % len(buildings)]
        report = tell(home, user=world.user, answers=said, happened_on=day).report
        file(building, world.weeks[1], world.user, answers=weekly)
        if chance.random() < 0.5:
            f.drain(world.community)
            assert_proven()
        tell(home, user=world.user, amends=report, withdraws=True)
        file(building, world.weeks[1], world.user, withdraws=True)
        f.drain(world.community)
        assert everything() == before
