"""On which days an event may have happened, and until when it may be changed."""

from datetime import datetime, timedelta

import pytest

from reports.models import Filing, Mark, Period, Report
from tests import factories as f
from tests.reports.counting import shown, tell
from units import tree
from units.refusals import Refusal

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = f.WEDNESDAY.date()


@pytest.fixture
def community():
    planted = f.compound((1,), doors=2)
    f.open_week()
    return planted


@pytest.fixture
def home(community):
    return f.household(community)


def refusal(home, **facts) -> Refusal:
    """What filing is refused with; nothing at all may have been written."""
    before = Filing.objects.count(), Report.objects.count(), Mark.objects.count()
    with pytest.raises(Refusal) as caught:
        tell(home, **facts)
    assert (Filing.objects.count(), Report.objects.count(), Mark.objects.count()) == before
    return caught.value


def test_an_event_happened_today_unless_another_day_is_given(home):
    assert tell(home).report.as_of == TODAY


def test_an_event_of_tomorrow_is_refused_by_the_day_of_the_street(home):
    found = refusal(home, happened_on=TODAY + DAY)
    assert (found.code, found.status) == ("day_to_come", 422)
    assert found.message == "日期还没到，请选今天或以前的日子"
    assert found.fields == {"happened_on": found.message}
    # In Shanghai 11 November lasts from 16:00 to 16:00 UTC.
    late = datetime.fromisoformat("2026-11-11T15:59:00+00:00")
    assert refusal(home, at=late, happened_on=TODAY + DAY).code == "day_to_come"
    assert tell(home, at=late + timedelta(minutes=1), happened_on=TODAY + DAY).report


def test_an_event_from_before_the_household_was_opened_is_refused(home):
    found = refusal(home, happened_on=home.opened_on - DAY)
    assert (found.code, set(found.fields)) == ("before_it_stood", {"happened_on"})
    assert tell(home, happened_on=home.opened_on).report.as_of == home.opened_on


def test_an_event_from_after_the_household_closed_is_refused(home):
    tree.close(home.pk, at=f.WEDNESDAY)
    home.refresh_from_db()
    at = f.WEDNESDAY + DAY
    for day in (TODAY, TODAY + DAY, None):
        found = refusal(home, at=at, happened_on=day)
        assert (found.code, set(found.fields)) == ("after_it_closed", {"happened_on"})
    assert tell(home, at=at, happened_on=TODAY - DAY).report.stands


def test_a_report_of_a_household_that_closed_that_day_may_still_be_withdrawn(community, home):
    report = tell(home).report
    tree.close(home.pk, at=f.WEDNESDAY)
    home.refresh_from_db()
    assert not tell(home, amends=report, withdraws=True).report.stands
    f.drain(community)
    assert shown(f.root(community), "2026-W46") == {"building_owed": 1}


@pytest.mark.parametrize("facts", [{}, {"withdraws": True}, {"happened_on": TODAY + 7 * DAY}])
def test_after_its_week_froze_only_staff_change_a_report_and_say_why(home, facts):
    report = tell(home).report
    at = Period.objects.get(key="2026-W46").freezes_at
    assert refusal(home, amends=report, at=at, reason="记错了", **facts).code == "locked"
    for reason in ("", "  "):
        found = refusal(home, amends=report, at=at, reason=reason, may_amend_locked=True, **facts)
        assert (found.code, set(found.fields)) == ("reason_required", {"reason"})
    sent = {"amends": report, "at": at, "reason": "记错了", **facts}
    assert tell(home, may_amend_locked=True, **sent).filing.reason == "记错了"
    before = at - timedelta(seconds=1)
    other = tell(home, happened_on=TODAY, at=before).report
    assert tell(home, amends=other, at=before).report.rev == 2


def test_a_forgotten_event_of_a_frozen_week_is_still_taken(community, home):
    at = Period.objects.get(key="2026-W46").freezes_at + DAY
    assert tell(home, at=at, happened_on=TODAY).report.stands
    f.drain(community, at)
    assert shown(home, "2026-W46")["visits"] == 1
