"""Who lives here now: the latest dated count, and who came and went since."""

from datetime import timedelta

import pytest

from reports.models import Period, Summary
from reports.models.summary import STOCK
from tests import factories as f
from tests.reports.counting import corrected, moved, residents, shown, tell
from units import census, tree
from units.models import HouseholdCount

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = f.WEDNESDAY.date()


@pytest.fixture
def community():
    return f.compound((1, 1), doors=2)


@pytest.fixture
def home(community):
    return f.household(community)


def test_now_is_the_count_and_who_came_and_went_since_for_every_household(community):
    counts = {}
    for n, (building, door) in enumerate(((1, 1), (1, 2), (2, 1), (2, 2)), 1):
        place = f.household(community, building, door=door)
        f.census_of(place, 2 * n, on=TODAY - 30 * DAY)
        moved(place, TODAY - 40 * DAY, arrived=9)  # counted already
        moved(place, TODAY - 20 * DAY, arrived=n)
        moved(place, TODAY, departed=1)
        counts[place] = 2 * n + n - 1
    assert {place: residents(place) for place in counts} == counts
    assert residents(f.root(community)) == sum(counts.values()) == 26
    assert residents(f.building(community, 2)) == counts[place] + 8
    assert shown(f.root(community), "now")["households_counted"] == 4


def test_stock_is_in_now_and_in_no_other_period(community, home):
    f.census_of(home, 3, on=TODAY - DAY)
    tell(home)
    f.drain(community)
    rows = Summary.objects.exclude(period__kind=Period.PeriodKind.NOW)
    assert {count for row in rows.values_list(*STOCK) for count in row} == {0}
    assert rows.filter(visits=1).exists()


@pytest.mark.parametrize("counted_first", [True, False])
def test_movements_of_the_day_of_a_count_are_in_it_and_those_of_the_next_are_not(
    home, counted_first
):
    if counted_first:
        f.census_of(home, 3, on=TODAY - DAY)
    moved(home, TODAY - DAY, arrived=2)
    moved(home, TODAY, arrived=1)
    if not counted_first:
        f.census_of(home, 3, on=TODAY - DAY)
    assert residents(home) == 4


def test_the_latest_count_counts_whenever_it_was_recorded(community, home):
    f.census_of(home, 5, on=TODAY - DAY, aged_60_to_79=1, aged_80_plus=1, nonlocal_residents=2)
    assert residents(home) == 5
    f.census_of(home, 2, on=TODAY - 9 * DAY)
    assert residents(home) == 5
    ages = {"aged_60_plus": 2, "aged_80_plus": 1, "nonlocal_residents": 2}
    assert ages.items() <= shown(f.root(community), "now").items()
    f.census_of(home, 1, on=TODAY, aged_80_plus=1, living_alone=True)
    assert residents(home) == 1
    ages = {"aged_60_plus": 1, "aged_80_plus": 1, "living_alone": 1}
    everybody = {"households": 1, "households_counted": 1, "residents": 1, "actual": 1}
    assert shown(home, "now") == everybody | ages


def test_actual_residents_move_with_the_others(community, home):
    f.census_of(home, 3, on=TODAY - DAY, actual=5, floating=2)
    moved(home, TODAY, arrived=2, departed=1)
    assert residents(home) == 4
    found = shown(f.root(community), "now")
    assert (found["actual"], found["floating"]) == (6, 2)


def test_a_closed_household_has_no_stock_and_leaves_the_sums(community, home):
    for place, count in ((home, 3), (f.household(community, door=2), 4)):
        f.census_of(place, count, on=TODAY - 2 * DAY)
    moved(home, TODAY - DAY, arrived=1)
    assert residents(f.building(community)) == 8
    tree.close(home.pk, at=f.WEDNESDAY)
    assert residents(f.building(community)) == 4
    assert shown(home, "now") == {}
    now = {"households": 1, "households_counted": 1, "residents": 4, "actual": 4}
    assert shown(f.building(community), "now") == now
    assert shown(f.building(community), "2026-11")["arrived"] == 1


def test_a_household_never_counted_is_unknown_and_not_zero(community, home):
    f.census_of(home, 3, on=TODAY - DAY)
    moved(f.household(community, door=2), TODAY, arrived=2)
    assert residents(f.root(community)) == 3
    found = shown(f.root(community), "now")
    assert (found["households"], found["households_counted"]) == (4, 1)
    assert shown(f.household(community, door=2), "now") == {"households": 1}
    corrected(f.household(community, door=2), TODAY, 2)
    assert residents(f.root(community)) == 5
    assert shown(f.root(community), "now")["households_counted"] == 2


def test_stock_below_nothing_is_kept_and_flagged_until_it_adds_up(community, home):
    f.census_of(home, 1, on=TODAY - DAY)
    f.census_of(f.household(community, door=2), 4, on=TODAY - DAY)
    report = moved(home, TODAY, departed=3)
    assert residents(home) == -2
    assert shown(home, "now")["stock_disputed"] == 1
    root = shown(f.root(community), "now")
    assert (root["residents"], root["stock_disputed"]) == (2, 1)
    moved(home, TODAY, arrived=2, amends=report)
    assert residents(f.root(community)) == 7
    assert "stock_disputed" not in shown(f.root(community), "now")


@pytest.mark.parametrize("drained_between", [True, False])
def test_a_building_that_moves_takes_its_stock_along(drained_between):
    community = f.compound((2, 1), doors=2)
    f.census_of(f.household(community), 3, on=TODAY - DAY)
    f.census_of(f.household(community, 2), 5, on=TODAY - DAY)
    if drained_between:
        assert residents(f.block(community)) == 8
    tree.move(f.building(community).pk, to_parent_id=f.block(community, 2).pk, at=f.WEDNESDAY)
    assert residents(f.block(community)) == 5
    one, two = (shown(f.block(community, n), "now") for n in (1, 2))
    assert (one["households"], two["households"], two["residents"]) == (2, 4, 3)
    assert residents(f.root(community)) == 8


def test_a_household_added_later_is_there_from_the_next_drain(community):
    f.drain(community)
    new = tree.add(f.household(community).parent_id, name="103室", at=f.WEDNESDAY)
    f.drain(community)
    assert shown(new, "now") == {"households": 1}
    assert shown(f.root(community), "now") == {"households": 5}


def test_a_whole_census_is_counted_at_once(community):
    f.drain(community)
    facts = {"as_of": TODAY, "residents": 2, "aged_14_to_59": 2, "actual": 2, "source": "普查"}
    homes = [f.household(community, b, door=d) for b in (1, 2) for d in (1, 2)]
    census.record(community, [HouseholdCount(place=h, **facts) for h in homes], at=f.WEDNESDAY)
    assert residents(f.root(community)) == 8
    assert shown(f.root(community), "now")["households_counted"] == 4
