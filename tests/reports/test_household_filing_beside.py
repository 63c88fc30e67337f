"""Two household reports at once: the second waits for the first, and is told what became of it."""

import pytest

from reports import filing
from reports.models import Filing, Report
from tests import factories as f
from tests.beside import Beside, wait_until, waiting
from tests.reports.counting import shown
from units.refusals import Refusal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The bell really sends, also where tasks run eagerly.
    pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored"),
]


@pytest.fixture
def community():
    return f.compound((1,), doors=2)


@pytest.fixture
def form():
    return f.household_form()


def send(home, form, sending, report=None):
    standing = report and Report.objects.get(pk=report.pk)
    return filing.file_event(home, form, sending, at=f.WEDNESDAY, report=standing)


def send_at_once(first, second, *, commits=True):
    """`first` is stored but not committed when `second` comes; returns what `second` is told."""
    with Beside() as one, Beside() as two:
        one.begin()
        one.do(send, *first)
        answer = two.start(send, *second)
        wait_until(lambda: waiting("transactionid") == 1)
        one.commit() if commits else one.rollback()
        return answer.result(timeout=30)


def test_the_same_event_over_two_connections_at_once_is_stored_once(community, form):
    home = f.household(community)
    sent = f.household_sending(f.person())
    receipt = send_at_once((home, form, sent), (home, form, sent))
    assert receipt.is_repeat
    assert receipt.report == Report.objects.get()
    assert (Report.objects.get().rev, Filing.objects.get().pk) == (1, sent.id)
    f.drain(community)
    assert shown(f.root(community), "2026-W46")["visits"] == 1


def test_the_same_amendment_over_two_connections_at_once_is_stored_once(community, form):
    home = f.household(community)
    report = send(home, form, f.household_sending(f.person())).report
    sent = f.household_sending(f.person(), base_rev=1, answers={"situation": "nobody"})
    line = home, form, sent, report
    assert send_at_once(line, line).is_repeat
    assert (Report.objects.get().rev, Filing.objects.count()) == (2, 2)


def test_of_two_amendments_at_once_the_second_is_refused_with_both_versions(community, form):
    home = f.household(community)
    report = send(home, form, f.household_sending(f.person())).report
    first, second = (
        f.household_sending(f.person(), base_rev=1, answers={"situation": answer})
        for answer in ("nobody", "same")
    )
    with pytest.raises(Refusal) as caught:
        send_at_once((home, form, first, report), (home, form, second, report))
    assert (caught.value.code, caught.value.status) == ("stale", 409)
    assert caught.value.more["theirs"]["receipt"] == first.id.hex[:8]
    assert caught.value.more["yours"]["answers"]["situation"] == "same"
    assert Report.objects.get().absences == 1


@pytest.mark.parametrize("other", [{"answers": {"situation": "nobody"}}, {"reason": "另一份"}])
def test_the_same_id_with_another_body_at_once_is_refused(community, form, other):
    home, user = f.household(community), f.person()
    first = f.household_sending(user)
    second = f.household_sending(user, id=first.id, **other)
    with pytest.raises(Refusal, match="same_id_other_body"):
        send_at_once((home, form, first), (home, form, second))
    assert (Report.objects.get().rev, Filing.objects.get().pk) == (1, first.id)


def test_the_same_id_for_two_households_at_once_is_stored_for_one(community, form):
    homes = [f.household(community, door=door) for door in (1, 2)]
    sent = f.household_sending(f.person())
    with pytest.raises(Refusal, match="same_id_other_body"):
        send_at_once((homes[0], form, sent), (homes[1], form, sent))
    assert Report.objects.get().place == homes[0]


def test_when_the_first_of_two_fails_the_second_is_stored(community, form):
    home = f.household(community)
    sent = f.household_sending(f.person())
    receipt = send_at_once((home, form, sent), (home, form, sent), commits=False)
    assert not receipt.is_repeat
    assert Filing.objects.get().report == Report.objects.get()


def test_a_correction_filed_during_a_drain_of_its_household_is_not_lost(community, form):
    home = f.household(community)
    f.drain(community)  # has made the period `now`
    f.census_of(home, 3, on=f.WEDNESDAY.date())
    with Beside() as other:
        other.begin()
        other.do(f.drain, community)
        answers = {"situation": "changed", "changes": ["people"], "head_count": 5}
        send(home, form, f.household_sending(f.person(), answers=answers))
        other.commit()
    assert shown(home, "now")["residents"] == 3
    f.drain(community)
    assert shown(f.root(community), "now")["residents"] == 5
