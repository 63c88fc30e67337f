"""When a report may be filed, and when it counts as on time."""

from datetime import timedelta

import pytest

from reports import coverage, filing, obligations
from reports.models import Filing, Obligation, Report, Summary
from tests import factories as f
from units.models import JournalEntry
from units.refusals import Refusal

pytestmark = pytest.mark.django_db

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


@pytest.fixture
def owed():
    community = f.compound((1,))
    return f.owed(f.building(community, 1), f.open_week())


@pytest.fixture
def leader(owed):
    return f.seat(owed.place)


def refusal(owed, sending, at, **options) -> Refusal:
    with pytest.raises(Refusal) as caught:
        filing.file(owed, sending, at=at, **options)
    assert not Filing.objects.filter(pk=sending.id).exists()
    return caught.value


def state(owed, at) -> coverage.State:
    return coverage.standing(Obligation.objects.with_report().get(pk=owed.pk), at=at).state


def test_a_report_filed_during_its_week_is_on_time(owed, leader):
    report = filing.file(owed, f.sending(leader), at=f.WEDNESDAY).report
    assert report.on_time
    assert state(owed, f.WEDNESDAY) == coverage.State.NIL


@pytest.mark.parametrize(
    ("made", "received", "on_time"),
    [
        (None, timedelta(0), True),
        (None, MINUTE, False),
        (-MINUTE, -MINUTE, True),
        (timedelta(0), MINUTE, True),  # no signal at eight o'clock
        (-HOUR, 48 * HOUR, True),
        (-HOUR, 48 * HOUR + MINUTE, False),
        (MINUTE, 2 * MINUTE, False),
        (3 * HOUR, -HOUR, True),  # a phone clock that is ahead: received in time is in time
        (99 * HOUR, HOUR, False),
        (-3 * HOUR, 2 * HOUR, True),  # a clock that is behind is believed within the week
        (-400 * HOUR, 2 * HOUR, False),  # but not before the week began
        (-400 * HOUR, -HOUR, True),
    ],
)
def test_on_time_is_made_by_due_time_and_received_within_two_days_of_it(
    owed, leader, made, received, on_time
):
    made_at = None if made is None else owed.due_at + made
    at = owed.due_at + received
    receipt = filing.file(owed, f.sending(leader, made_at=made_at), at=at)
    assert receipt.report.on_time is on_time
    assert receipt.filing.made_at <= receipt.filing.received_at == at
    f.drain(owed.community, at)
    assert Summary.objects.get(place=owed.place).building_on_time == int(on_time)


def test_an_amendment_does_not_make_a_report_late_nor_a_late_one_punctual(owed, leader):
    filing.file(owed, f.sending(leader), at=owed.due_at)
    amended = filing.file(owed, f.sending(leader, base_rev=1), at=owed.due_at + 9 * HOUR)
    assert amended.report.on_time


def test_a_report_filed_anew_after_a_withdrawal_is_judged_by_its_own_time(owed, leader):
    filing.file(owed, f.sending(leader), at=owed.due_at)
    filing.file(owed, f.sending(leader, base_rev=1, withdraws=True), at=owed.due_at + HOUR)
    again = filing.file(owed, f.sending(leader, base_rev=2), at=owed.due_at + 2 * HOUR)
    assert not again.report.on_time


def test_a_week_takes_reports_from_its_first_moment_and_not_before(owed, leader):
    found = refusal(owed, f.sending(leader), owed.opens_at - MINUTE)
    assert (found.code, found.status) == ("not_open_yet", 409)
    assert filing.file(owed, f.sending(leader), at=owed.opens_at).report.on_time


def test_a_first_report_between_closing_and_lock_is_stored_and_shown_late(owed, leader):
    at = owed.locks_at - MINUTE
    assert state(owed, at) == coverage.State.MISSING
    filing.file(owed, f.sending(leader, answers={"stock": "tight"}), at=at)
    standing = coverage.standing(Obligation.objects.with_report().get(), at=at)
    assert (standing.state, standing.is_late) == (coverage.State.SUBMITTED, True)


@pytest.mark.parametrize("facts", [{}, {"base_rev": 1}, {"base_rev": 1, "withdraws": True}])
def test_a_seat_changes_nothing_once_the_week_is_locked(owed, leader, facts):
    if facts:
        filing.file(owed, f.sending(leader), at=f.WEDNESDAY)
    found = refusal(owed, f.sending(leader, reason="补报", **facts), owed.locks_at)
    assert (found.code, found.status) == ("locked", 409)


def test_what_was_stored_before_the_lock_is_confirmed_after_it(owed, leader):
    sent = f.sending(leader)
    filing.file(owed, sent, at=f.WEDNESDAY)
    assert filing.file(owed, sent, at=owed.locks_at + HOUR).is_repeat


@pytest.mark.parametrize("reason", ["", "  "])
def test_staff_give_a_reason_to_change_a_locked_report(owed, reason):
    sent = f.sending(f.staff(owed.community), reason=reason)
    found = refusal(owed, sent, owed.locks_at, may_amend_locked=True)
    assert (found.code, set(found.fields)) == ("reason_required", {"reason"})


def test_a_locked_report_amended_with_a_reason_is_shown_as_corrected(owed, leader):
    filing.file(owed, f.sending(leader, answers={"corridor": "uncleared"}), at=f.WEDNESDAY)
    at = owed.locks_at + HOUR
    sent = f.sending(f.staff(owed.community), base_rev=1, answers={}, reason="现场复核已清")
    filing.file(owed, sent, at=at, may_amend_locked=True)
    assert state(owed, at) == coverage.State.AMENDED
    assert list(Filing.objects.values_list("answers__corridor", "reason")) == [
        ("uncleared", ""),
        ("none", "现场复核已清"),
    ]
    f.drain(owed.community, at)
    row = Summary.objects.get(place=f.root(owed.community))
    assert (row.building_filed, row.building_on_time, row.corridor_uncleared) == (1, 1, 0)


def test_a_building_may_be_excused_and_is_then_not_missed(owed):
    manager = f.staff(owed.community)
    obligations.excuse(owed, reason="整栋搬空施工", by=manager, at=f.WEDNESDAY)
    f.drain(owed.community)
    row = Summary.objects.get(place=f.root(owed.community))
    assert (row.building_owed, row.building_excused) == (1, 1)
    assert state(owed, owed.locks_at) == coverage.State.EXCUSED
    assert JournalEntry.objects.get(verb="obligation.excused").user == manager


def test_a_report_that_stands_voids_the_excuse_and_its_withdrawal_brings_it_back(owed, leader):
    obligations.excuse(owed, reason="整栋搬空施工", by=f.person(), at=f.WEDNESDAY)
    for sent, excused in (
        (f.sending(leader), 0),
        (f.sending(leader, base_rev=1, withdraws=True), 1),
    ):
        filing.file(owed, sent, at=f.WEDNESDAY)
        f.drain(owed.community)
        assert Summary.objects.get(place=owed.place).building_excused == excused


def test_an_excuse_needs_a_reason(owed):
    with pytest.raises(Refusal, match="excuse_needs_a_reason"):
        obligations.excuse(owed, reason=" ", by=f.person(), at=f.WEDNESDAY)


def test_what_has_been_filed_is_not_excused(owed, leader):
    filing.file(owed, f.sending(leader), at=f.WEDNESDAY)
    with pytest.raises(Refusal, match="already_filed"):
        obligations.excuse(owed, reason="整栋搬空施工", by=f.person(), at=f.WEDNESDAY)
    assert not Obligation.objects.get().is_excused
    assert Report.objects.get().stands
