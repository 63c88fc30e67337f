"""Opening a week: who owes a report, once, with times that never change."""

from datetime import date, timedelta

import pytest
from django.db import transaction

from reports import calendar, obligations
from reports.catalogue import BUILDING_REPORT, publish
from reports.models import Holiday, Mark, Obligation, Period, Summary
from tests import beside
from tests import factories as f
from units import locks, tree

TIMES = ("opens_at", "due_at", "closes_at", "locks_at")
WEEK = timedelta(days=7)

OPEN = """
import sys, django
django.setup()
from datetime import datetime
from reports import obligations
obligations.open_week(at=datetime.fromisoformat(sys.argv[1]))
"""


@pytest.mark.django_db
def test_every_building_of_every_community_owes_the_week():
    here, there = f.compound((2, 1)), f.compound((3,))
    period = f.open_week()
    owed = Obligation.objects.filter(period=period)
    assert (owed.filter(community=here).count(), owed.filter(community=there).count()) == (3, 3)
    assert set(owed.values_list("place__kind", flat=True)) == {2}
    assert set(owed.values_list(*TIMES)) == {
        tuple(getattr(calendar.building_report_times(period), each) for each in TIMES)
    }


@pytest.mark.django_db
def test_what_is_owed_is_in_the_summaries_before_anything_is_filed():
    community = f.compound((2, 1))
    f.open_week()
    f.drain(community)
    row = Summary.objects.get(place=f.root(community))
    assert (row.building_owed, row.building_filed) == (3, 0)


@pytest.mark.django_db
def test_a_week_opened_twice_is_enumerated_once():
    f.compound((2, 1))
    period = f.open_week()
    first = list(Obligation.objects.order_by("pk").values())
    marks = Mark.objects.count()
    assert f.open_week(f.WEDNESDAY + timedelta(days=2)) == period
    assert list(Obligation.objects.order_by("pk").values()) == first
    assert Mark.objects.count() == marks


@pytest.mark.django_db(transaction=True)
def test_two_processes_opening_at_once_enumerate_once():
    f.compound((2, 1))
    publish(BUILDING_REPORT, at=f.WEDNESDAY)
    period = calendar.week_of(f.WEDNESDAY.date())
    with transaction.atomic():
        locks.lock_opening(period.pk)
        both = [beside.start("-c", OPEN, f.WEDNESDAY.isoformat()) for _each in range(2)]
        beside.wait_until(lambda: beside.waiting("advisory") == 2)
    assert [each.wait(timeout=60) for each in both] == [0, 0]
    assert (Obligation.objects.count(), Mark.objects.count()) == (3, 3)
    assert Period.objects.get().freezes_at == Obligation.objects.first().locks_at


@pytest.mark.django_db
def test_a_building_added_after_the_opening_owes_nothing_until_the_next():
    community = f.compound((1,))
    period = f.open_week()
    added = tree.add(f.block(community).pk, name="新楼组", at=f.WEDNESDAY)
    assert f.open_week() == period
    assert not Obligation.objects.filter(place=added).exists()
    following = f.open_week(f.WEDNESDAY + WEEK)
    assert set(Obligation.objects.filter(place=added).values_list("period", flat=True)) == {
        following.pk
    }


@pytest.mark.django_db
def test_a_community_planted_during_the_week_owes_it():
    f.compound((1,))
    period = f.open_week()
    new = f.compound((2,))
    f.open_week(f.WEDNESDAY + timedelta(days=1))
    assert Obligation.objects.filter(community=new, period=period).count() == 2


@pytest.mark.django_db
def test_a_closed_building_owes_nothing_but_keeps_what_it_owed():
    community = f.compound((2,))
    period = f.open_week()
    gone = f.building(community, 2)
    for floor in gone.get_descendants().order_by("-level"):
        tree.close(floor.pk, at=f.WEDNESDAY)
    tree.close(gone.pk, at=f.WEDNESDAY)
    f.open_week(f.WEDNESDAY + WEEK)
    assert list(Obligation.objects.filter(place=gone).values_list("period", flat=True)) == [
        period.pk
    ]


@pytest.mark.django_db
def test_a_building_that_opens_later_owes_nothing_yet():
    f.compound((2,), at=f.WEDNESDAY + timedelta(days=1))
    f.open_week()
    assert not Obligation.objects.exists()


@pytest.mark.django_db
def test_times_written_at_opening_do_not_follow_the_holiday_table():
    f.compound((2,))
    period = f.open_week()
    written = set(Obligation.objects.values_list(*TIMES))
    for n in range(14, 19):
        Holiday.objects.create(day=date(2026, 11, n), is_workday=False, name="临时放假")
    assert calendar.building_report_times(period).due_at != next(iter(written))[1]
    f.open_week()
    assert set(Obligation.objects.values_list(*TIMES)) == written


@pytest.mark.django_db
def test_a_period_freezes_at_the_latest_lock_of_those_who_owe_it():
    f.compound((1,))
    period = f.open_week()
    before = Period.objects.get(pk=period.pk).freezes_at
    for n in range(14, 19):
        Holiday.objects.create(day=date(2026, 11, n), is_workday=False, name="临时放假")
    f.compound((1,))
    f.open_week()
    latest = Obligation.objects.latest("locks_at").locks_at
    assert before < Period.objects.get(pk=period.pk).freezes_at == latest


@pytest.mark.django_db
def test_the_latest_opened_week_is_that_of_the_community_or_of_anyone():
    here = f.compound((1,))
    assert obligations.latest_opened() is None
    first = f.open_week()
    for place in [f.building(here), *f.building(here).get_descendants()][::-1]:
        tree.close(place.pk, at=f.WEDNESDAY)
    there = f.compound((1,))
    second = f.open_week(f.WEDNESDAY + WEEK)
    assert obligations.latest_opened(here) == first
    assert obligations.latest_opened(there) == obligations.latest_opened() == second
