"""What a household report counts into, and in which week, month and quarter."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from reports.models import Obligation, Report, Summary
from reports.models.summary import COUNTS, STOCK
from tests import factories as f
from tests.reports.counting import assert_proven, everything, file, shown, tell

pytestmark = pytest.mark.django_db

PERIODS = ("2026-W46", "2026-11", "2026-Q4")
DAY = timedelta(days=1)
TODAY = f.WEDNESDAY.date()
VISIT = {"visits": 1, "visited_households": 1}
CHANGE = VISIT | {"confirmed": 1, "changed": 1}


@pytest.fixture
def community():
    """Two buildings with two households each; the first household counted with 3 yesterday."""
    planted = f.compound((1, 1), doors=2)
    f.census_of(f.household(planted), 3, on=TODAY - DAY)
    f.open_week()
    f.drain(planted)
    return planted


@pytest.fixture
def home(community):
    return f.household(community)


def changed(*changes: str, **more: object) -> dict[str, object]:
    return {"situation": "changed", "changes": list(changes), **more}


@pytest.mark.parametrize(
    ("answers", "columns", "residents"),
    [
        ({"situation": "same"}, VISIT | {"confirmed": 1}, 3),
        ({"situation": "same", "source": "call"}, {"confirmed": 1}, 3),
        ({"situation": "nobody"}, VISIT | {"absences": 1}, 3),
        ({"situation": "nobody", "source": "told"}, {"absences": 1}, 3),
        (changed("people", arrived=2), CHANGE | {"arrived": 2}, 5),
        (changed("people", departed=1), CHANGE | {"departed": 1}, 2),
        (changed("people", arrived=4, departed=2), CHANGE | {"arrived": 4, "departed": 2}, 5),
        (changed("people", head_count=7), CHANGE, 7),
        (changed("help", help_kind="repair", consent="declined"), CHANGE | {"help_asked": 1}, 3),
        (changed("hazard"), CHANGE | {"hazards_reported": 1}, 3),
        (changed("suggestion", consent="agreed"), CHANGE | {"suggestions": 1}, 3),
        (changed("facility", "environment"), CHANGE, 3),
        (changed("hazard", urgency="now"), CHANGE | {"hazards_reported": 1, "urgent": 1}, 3),
        (changed("hazard", urgency="soon"), CHANGE | {"hazards_reported": 1}, 3),
        # What is not relevant does not count, whatever was sent along.
        ({"situation": "same", "changes": ["help"], "arrived": 9}, VISIT | {"confirmed": 1}, 3),
        ({"situation": "nobody", "urgency": "now"}, VISIT | {"absences": 1}, 3),
    ],
)
def test_each_answer_counts_into_its_columns_and_no_others(
    community, home, answers, columns, residents
):
    before = {key: shown(f.root(community), key) for key in (*PERIODS, "now")}
    tell(home, answers=answers)
    f.drain(community)
    line = home.get_ancestors(include_self=True)
    for place in line:
        of_buildings = {"building_owed": {0: 2, 1: 1, 2: 1}.get(place.kind, 0)}
        for key in PERIODS:
            assert shown(place, key) == columns | {c: n for c, n in of_buildings.items() if n}
        assert shown(place, "now")["residents"] == residents
        assert set(shown(place, "now")) <= set(STOCK)
    moved = {"residents": residents, "actual": residents}
    assert shown(f.root(community), "now") == before["now"] | moved
    assert_proven()


def test_two_visits_in_a_week_are_two_visits_of_one_household(community, home):
    for _each in range(2):
        tell(home)
    tell(f.household(community, door=2))
    f.drain(community)
    for key in PERIODS:
        both = {"visits": 2, "confirmed": 1, "visited_households": 1}
        assert shown(home, key) == both
        every = {"visits": 3, "confirmed": 2, "visited_households": 2, "building_owed": 1}
        assert shown(f.building(community), key) == every
    assert_proven()


def test_households_are_distinct_within_each_period_and_a_day_has_its_own_month(community, home):
    """31 October and 1 November lie in one week and one quarter; 30 September in another."""
    for day in (date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 1)):
        tell(home, happened_on=day)
    f.drain(community)
    once = {"visits": 1, "confirmed": 1, "visited_households": 1}
    for key in ("2026-W40", "2026-09", "2026-Q3", "2026-10", "2026-11"):
        assert shown(home, key) == once
    for key in ("2026-W44", "2026-Q4"):
        assert shown(home, key) == once | {"visits": 2}
    assert_proven()


def test_a_visit_where_nobody_was_home_confirms_nothing(community, home):
    tell(home, answers={"situation": "nobody"})
    tell(home, answers={"situation": "nobody"})
    f.drain(community)
    counts = {"visits": 2, "absences": 2, "visited_households": 1}
    for key in PERIODS:
        assert shown(home, key) == counts
    tell(home)
    f.drain(community)
    for key in PERIODS:
        assert shown(home, key) == counts | {"visits": 3, "confirmed": 1}


def test_a_household_is_never_owed_missing_or_late(community, home):
    at = f.WEDNESDAY + 7 * DAY
    report = tell(home, at=at, happened_on=TODAY - 40 * DAY).report
    f.open_week(at)
    f.drain(community, at)
    assert not Obligation.objects.filter(place__kind__gt=2).exists()
    assert (report.obligation, report.on_time) == (None, False)
    below = Summary.objects.filter(place__kind__gt=2).values_list(*COUNTS)
    assert below.exists()
    assert {count for row in below for count in row} == {0}
    root = Summary.objects.get(place=f.root(community), period__key="2026-10")
    assert [getattr(root, c) for c in COUNTS] == [0] * len(COUNTS)
    assert root.visits == 1
    with pytest.raises(IntegrityError, match="a_periodic_report_answers"), transaction.atomic():
        Report.objects.filter(pk=report.pk).update(is_event=False)


def test_household_and_building_reports_add_up_side_by_side(community, home):
    week = Obligation.objects.first().period
    file(f.building(community), week, answers={"corridor": "uncleared"})
    tell(home, answers=changed("hazard"))
    f.drain(community)
    for key in PERIODS:
        for place in (f.building(community), f.block(community), f.root(community)):
            found = shown(place, key)
            assert (found["corridor_uncleared"], found["hazards_reported"]) == (1, 1)
            assert (found["building_filed"], found["visits"]) == (1, 1)
    assert_proven()


def test_an_amendment_replaces_what_was_said(community, home):
    first = tell(home, answers=changed("people", arrived=2, urgency="now")).report
    tell(home, amends=first, answers=changed("hazard"))
    f.drain(community)
    for key in PERIODS:
        assert shown(home, key) == CHANGE | {"hazards_reported": 1}
    assert shown(home, "now")["residents"] == 3
    assert_proven()


@pytest.mark.parametrize("drained_between", [True, False])
def test_an_amendment_of_the_day_moves_the_figures_between_periods(
    community, home, drained_between
):
    report = tell(home, answers=changed("people", arrived=2)).report
    if drained_between:
        f.drain(community)
    september = date(2026, 9, 29)
    tell(home, amends=report, answers=changed("people", arrived=2), happened_on=september)
    f.drain(community)
    for key in PERIODS:
        assert shown(home, key) == {}
        assert "visits" not in shown(f.root(community), key)
    for key in ("2026-W40", "2026-09", "2026-Q3"):
        for place in home.get_ancestors(include_self=True):
            assert shown(place, key) == CHANGE | {"arrived": 2}
    # Before the count of yesterday, so already in it.
    assert shown(home, "now")["residents"] == 3
    assert_proven()


@pytest.mark.parametrize("drained_between", [True, False])
def test_a_withdrawn_household_report_is_as_if_never_filed(community, home, drained_between):
    other = tell(f.household(community, 2)).report
    f.drain(community)
    never = everything()
    report = tell(home, answers=changed("people", "hazard", arrived=2, urgency="now")).report
    if drained_between:
        f.drain(community)
        assert everything() != never
    tell(home, amends=report, withdraws=True)
    f.drain(community)
    assert everything() == never
    assert Report.objects.standing().get() == other
    assert_proven()
