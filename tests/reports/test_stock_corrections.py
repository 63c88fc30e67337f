"""Corrected head counts: no movement, and only while their report stands."""

from datetime import timedelta

import pytest

from tests import factories as f
from tests.reports.counting import (
    corrected,
    everything,
    moved,
    people,
    residents,
    shown,
    tell,
)

pytestmark = pytest.mark.django_db

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
TODAY = f.WEDNESDAY.date()


@pytest.fixture
def community():
    return f.compound((1, 1), doors=2)


@pytest.fixture
def home(community):
    return f.household(community)


def test_a_correction_is_no_movement(community, home):
    f.census_of(home, 3, on=TODAY - 9 * DAY)
    moved(home, TODAY - 5 * DAY, arrived=1)
    corrected(home, TODAY - DAY, 2)
    assert residents(home) == 2
    found = shown(home, "2026-11")
    assert (found["arrived"], found.get("departed", 0)) == (1, 0)
    moved(home, TODAY, arrived=1)
    assert residents(home) == 3


@pytest.mark.parametrize("counted_first", [True, False])
def test_a_correction_beats_the_census_of_its_day_and_withdrawn_it_never_was(home, counted_first):
    if counted_first:
        f.census_of(home, 3, on=TODAY)
        assert residents(home) == 3
        never = everything()
    report = corrected(home, TODAY, 5)
    if not counted_first:
        f.census_of(home, 3, on=TODAY)
    assert residents(home) == 5
    tell(home, amends=report, withdraws=True)
    assert residents(home) == 3
    if counted_first:
        assert everything() == never


def test_a_correction_taken_back_by_an_amendment_corrects_nothing(home):
    f.census_of(home, 3, on=TODAY - DAY)
    report = corrected(home, TODAY, 0)
    assert residents(home) == 0
    assert shown(home, "now")["households_counted"] == 1
    tell(home, amends=report, answers={"situation": "same"})
    assert residents(home) == 3


def test_a_later_census_beats_an_earlier_correction(home):
    corrected(home, TODAY - DAY, 5)
    f.census_of(home, 3, on=TODAY)
    assert residents(home) == 3


def test_movements_told_with_a_correction_are_in_it(home):
    f.census_of(home, 3, on=TODAY - DAY)
    tell(home, answers=people(arrived=1, departed=1, head_count=6))
    assert residents(home) == 6
    moved(home, TODAY, arrived=1)
    assert residents(home) == 6


@pytest.mark.parametrize("first", [1, 2])
def test_of_two_corrections_of_a_day_the_one_made_later_wins_whichever_arrives_first(home, first):
    made = {1: f.WEDNESDAY - 5 * HOUR, 2: f.WEDNESDAY - 3 * HOUR}
    for n in (first, 3 - first):
        corrected(home, TODAY, n, made_at=made[n])
    assert residents(home) == 2


def test_a_phone_whose_clock_runs_ahead_does_not_win_against_what_is_said_after_it(home):
    corrected(home, TODAY, 1, made_at=f.WEDNESDAY + 9 * HOUR)
    corrected(home, TODAY, 2, at=f.WEDNESDAY + HOUR)
    assert residents(home) == 2
