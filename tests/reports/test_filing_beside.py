"""Two sendings at once: the second waits for the first, and is told what became of it."""

import pytest

from reports import filing
from reports.models import Filing, Report
from tests import factories as f
from tests.beside import Beside, wait_until, waiting
from units.refusals import Refusal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The bell really sends, also where tasks run eagerly.
    pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored"),
]


@pytest.fixture
def owed():
    community = f.compound((2,))
    return f.owed(f.building(community, 1), f.open_week())


def file(owed, sending):
    return filing.file(owed, sending, at=f.WEDNESDAY)


def file_at_once(owed, first, second, *, other=None, commits=True):
    """`first` is stored but not committed when `second` comes; returns what `second` is told."""
    with Beside() as one, Beside() as two:
        one.begin()
        one.do(file, owed, first)
        answer = two.start(file, other or owed, second)
        wait_until(lambda: waiting("transactionid") == 1)
        one.commit() if commits else one.rollback()
        return answer.result(timeout=30)


@pytest.mark.parametrize("base_rev", [0, 1])
def test_the_same_sending_over_two_connections_at_once_is_stored_once(owed, base_rev):
    if base_rev:
        file(owed, f.sending(f.person()))
    sent = f.sending(f.person(), base_rev=base_rev, answers={"stock": "tight"})
    assert file_at_once(owed, sent, sent).is_repeat
    assert Filing.objects.count() == Report.objects.get().rev == base_rev + 1


@pytest.mark.parametrize(("base_rev", "code"), [(0, "already_filed"), (1, "stale")])
def test_of_two_sendings_at_once_the_second_is_refused_with_both_versions(owed, base_rev, code):
    if base_rev:
        file(owed, f.sending(f.person()))
    first, second = (
        f.sending(f.person(), base_rev=base_rev, answers={"stock": answer})
        for answer in ("tight", "enough")
    )
    with pytest.raises(Refusal) as caught:
        file_at_once(owed, first, second)
    assert (caught.value.code, caught.value.status) == (code, 409)
    assert caught.value.more["theirs"]["receipt"] == first.id.hex[:8]
    assert caught.value.more["yours"]["answers"]["stock"] == "enough"
    assert Filing.objects.count() == Report.objects.get().rev == base_rev + 1
    assert Report.objects.get().stock_tight == 1


def test_when_the_first_of_two_fails_the_second_is_stored(owed):
    first, second = f.sending(f.person()), f.sending(f.person(), answers={})
    assert not file_at_once(owed, first, second, commits=False).is_repeat
    assert Filing.objects.get().pk == second.id


def test_the_same_id_for_two_buildings_at_once_is_stored_for_one(owed):
    other = f.owed(f.building(owed.community, 2), owed.period)
    sent = f.sending(f.person())
    with pytest.raises(Refusal, match="same_id_other_body"):
        file_at_once(owed, sent, sent, other=other)
    assert Filing.objects.get().report.obligation == owed
    assert not Report.objects.filter(obligation=other).exists()
