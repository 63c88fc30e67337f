"""Before reports are due, what has not come in is no alarm: one rule for every screen."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from governance.board import street_screen
from governance.board.pace import pace
from reports import coverage, filing, measures, obligations
from reports.coverage import State
from reports.models import Obligation
from tests import factories as f
from units.kinds import Duty

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
WEEK = timedelta(days=7)


@pytest.fixture
def community():
    return f.compound((2,))


@pytest.fixture
def weeks(community):
    """Last week with both buildings filed on two days, this week with one."""
    last, this = f.open_week(f.WEDNESDAY - WEEK), f.open_week(f.WEDNESDAY)
    first, second = f.building(community, 1), f.building(community, 2)
    for place, week, at in (
        (first, last, f.WEDNESDAY - WEEK),
        (second, last, f.WEDNESDAY - WEEK + timedelta(days=2)),
        (first, this, f.WEDNESDAY),
    ):
        filing.file(f.owed(place, week), f.sending(f.person()), at=at)
    f.drain(community, f.WEDNESDAY)
    return last, this


def dressed(owed, at):
    return coverage.standing(Obligation.objects.with_report().get(pk=owed.pk), at=at).look


def test_a_report_looks_due_only_when_it_is(community, weeks):
    owed = f.owed(f.building(community, 2), weeks[1])
    assert dressed(owed, owed.due_at - SECOND) == State.NOT_DUE
    assert dressed(owed, owed.due_at) == State.DUE
    assert dressed(owed, owed.closes_at) == State.MISSING


def test_the_same_moment_of_the_week_before_is_what_to_compare_with(community, weeks):
    going = pace([community.pk], weeks[1], at=f.WEDNESDAY)
    assert not going.is_due
    told = going.then[measures.COVERAGE.code], going.then[measures.MISSING.code]
    assert [(each.numerator, each.denominator) for each in told] == [(1, 2), (1, None)]
    assert pace([community.pk], weeks[1], at=f.WEDNESDAY + timedelta(days=2)).coverage_then == (
        "100.0%"
    )


def test_only_the_buildings_in_reach_are_compared(community, weeks):
    own = [f.building(community, 2).pk]
    assert pace([community.pk], weeks[1], buildings=own, at=f.WEDNESDAY).coverage_then == "0.0%"


def test_an_excused_building_is_not_compared_with(community, weeks):
    owed = f.owed(f.building(community, 2), weeks[0])
    report = coverage.report_of(Obligation.objects.with_report().get(pk=owed.pk))
    filing.file(
        owed,
        f.sending(f.person(), base_rev=report.rev, withdraws=True),
        at=f.WEDNESDAY - WEEK + timedelta(days=2, hours=1),
    )
    obligations.excuse(owed, reason="整幢修缮", by=f.staff(community), at=f.WEDNESDAY - WEEK)
    assert pace([community.pk], weeks[1], at=f.WEDNESDAY).coverage_then == "100.0%"


def test_nothing_is_compared_once_it_is_due_nor_where_nothing_is_owed(community, weeks):
    due_at = f.owed(f.building(community, 2), weeks[1]).due_at
    going = pace([community.pk], weeks[1], at=due_at)
    assert going.is_due
    assert going.then == {}
    assert pace([], weeks[1], at=due_at) is None


def test_a_block_on_the_wall_waits_until_its_reports_are_due(community, weeks):
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    due_at = f.owed(f.building(community, 2), weeks[1]).due_at

    def states(at):
        page = street_screen.page(officer, community.division, at=at)
        return [card.state for view in page["views"] for card in view]

    assert states(due_at - SECOND) == ["waiting"]
    assert states(due_at) == ["missing"]


def test_the_legend_says_what_is_true_now(community):
    week = f.open_week(timezone.now())
    f.drain(community, timezone.now())
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    browser = Client()
    browser.force_login(officer)
    page = browser.get(f"/street/{community.division_id}/screen/").content.decode()
    is_due = timezone.now() >= f.owed(f.building(community), week).due_at
    assert bool(re.search("is-waiting.*还在收", page)) is not is_due
    assert ("到期没有收齐" in page) is is_due
