"""Two at once: reviewers over one report, a reviewer and a group, a button pressed twice."""

from uuid import uuid4

import pytest

from reports import filing, review
from reports.models import Decision, Report
from tests import factories as f
from tests.beside import Beside, wait_until, waiting
from units.refusals import Refusal

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The bell really sends, also where tasks run eagerly.
    pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored"),
]


@pytest.fixture
def community():
    return f.compound((2,))


@pytest.fixture
def seen(community):
    period = f.open_week()
    reports = [
        filing.file(f.owed(f.building(community, n), period), f.sending(f.person()), at=f.WEDNESDAY)
        for n in (1, 2)
    ]
    return [receipt.report for receipt in reports]


def accept(report, by):
    return review.accept(report, by=by, at=f.WEDNESDAY)


def send_back(report, by):
    return review.return_(report, reason="请写楼层", by=by, at=f.WEDNESDAY)


def at_once(first, second, *, commits=True):
    """`first` is decided but not committed when `second` comes; returns what `second` is told."""
    with Beside() as one, Beside() as two:
        one.begin()
        one.do(*first)
        answer = two.start(*second)
        wait_until(lambda: waiting("transactionid") + waiting("tuple") >= 1)
        one.commit() if commits else one.rollback()
        return answer.result(timeout=30)


@pytest.mark.parametrize("first", [accept, send_back])
@pytest.mark.parametrize("second", [accept, send_back])
def test_the_second_of_two_reviewers_is_told_the_first_decision(community, seen, first, second):
    one, two = f.staff(community), f.staff(community)
    with pytest.raises(Refusal) as caught:
        at_once((first, seen[0], one), (second, seen[0], two))
    assert (caught.value.code, caught.value.status) == ("already_decided", 409)
    word = "通过" if first is accept else "退回修改"
    assert caught.value.message == f"周兰英已在11月11日 12:00定为“{word}”，请看一下再定"
    assert Decision.objects.get().by == one


def test_when_the_first_reviewer_fails_the_second_decides(community, seen):
    one, two = f.staff(community), f.staff(community)
    at_once((accept, seen[0], one), (accept, seen[0], two), commits=False)
    assert Decision.objects.get().by == two


def test_a_report_amended_while_it_is_accepted_is_not_accepted(community, seen):
    def amend():
        owed = Report.objects.select_related("obligation__place", "obligation__form").get(
            pk=seen[0].pk
        )
        sent = f.sending(f.person(), base_rev=1, answers={"corridor": "uncleared"})
        return filing.file(owed.obligation, sent, at=f.WEDNESDAY)

    with pytest.raises(Refusal, match="changed_since"):
        at_once((amend,), (accept, seen[0], f.staff(community)))
    assert not Decision.objects.exists()


def test_a_report_accepted_while_it_is_amended_waits_again(community, seen):
    def amend():
        report = Report.objects.select_related("obligation__place", "obligation__form").get(
            pk=seen[0].pk
        )
        return filing.file(
            report.obligation, f.sending(f.person(), base_rev=1, answers={}), at=f.WEDNESDAY
        )

    at_once((accept, seen[0], f.staff(community)), (amend,))
    now = Report.objects.get(pk=seen[0].pk)
    assert (now.rev, now.review, now.accepted_rev) == (2, "waiting", 1)


def test_two_presses_of_the_same_button_at_once_decide_once(community, seen):
    by, batch = f.staff(community), uuid4()

    def press():
        return review.accept_many(seen, by=by, at=f.WEDNESDAY, batch=batch)

    assert not at_once((press,), (press,)).left
    assert Decision.objects.count() == 2


def test_two_undoings_at_once_undo_once(community, seen):
    by = f.staff(community)
    decisions = review.accept_many(seen, by=by, at=f.WEDNESDAY).decisions

    def undo():
        return review.undo(decisions, by=by, at=f.WEDNESDAY)

    assert at_once((undo,), (undo,)) == 2
    assert Decision.objects.filter(what="undone").count() == 2


def test_what_a_reviewer_holds_does_not_accept_itself(community, seen):
    closes_at = Report.objects.get(pk=seen[0].pk).obligation.closes_at
    with Beside() as one, Beside() as two:
        one.begin()
        one.do(send_back, seen[0], f.staff(community))
        assert two.do(review.accept_by_itself, at=closes_at) == 1
        one.commit()
    assert list(Report.objects.order_by("pk").values_list("review", flat=True)) == [
        *("returned", "accepted"),
    ]
