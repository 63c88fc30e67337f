"""Review by exception: accept, return, undo, unlock, and what accepts itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction

from reports import coverage, decisions, filing, obligations, review
from reports.catalogue import read
from reports.coverage import State
from reports.models import Decision, Report, Review
from reports.queue import CALM_BLOCK, NO_ISSUES
from tests import factories as f
from units import scope
from units.kinds import Duty
from units.refusals import Refusal
from units.scope import Action

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)
DAY = timedelta(days=1)
HAZARD = {"corridor": "uncleared"}


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def staff(community):
    return f.staff(community)


@pytest.fixture
def period(community):
    return f.open_week()


def filed(community, number=1, *, at=f.WEDNESDAY, by=None, **facts):
    place = f.building(community, number)
    owed = f.owed(place, obligations.open_week(at=f.WEDNESDAY))
    return filing.file(owed, f.sending(by or f.person(), **facts), at=at).report


def now(report):
    return Report.objects.select_related("obligation__period").get(pk=report.pk)


def state(report, at):
    owed = now(report).obligation
    return coverage.standing(owed, at=at).state


def amended(report, *, at=f.WEDNESDAY, by=None, **facts):
    sent = f.sending(by or f.person(), base_rev=now(report).rev, **facts)
    return filing.file(now(report).obligation, sent, at=at).report


def refusal(call, *args, **options):
    """Refused, and nothing written."""
    before = Decision.objects.count(), list(Report.objects.order_by("pk").values())
    with pytest.raises(Refusal) as caught, transaction.atomic():
        call(*args, **options)
    assert (Decision.objects.count(), list(Report.objects.order_by("pk").values())) == before
    assert str(caught.value.message)
    return caught.value


# --- Accepting --------------------------------------------------------------------------


def test_an_accepted_report_says_by_whom_and_when(community, period, staff):
    report = filed(community, answers=HAZARD)
    decision = review.accept(report, by=staff, at=f.WEDNESDAY)
    assert (decision.what, decision.by, decision.rev, decision.at) == (
        *("accepted", staff, 1, f.WEDNESDAY),
    )
    assert (now(report).review, now(report).accepted_rev) == (Review.ACCEPTED, 1)
    assert state(report, f.WEDNESDAY) == State.ACCEPTED


@pytest.mark.parametrize("channel", ["page", "telephone"])
def test_nobody_accepts_what_they_filed_themselves(community, period, staff, channel):
    report = filed(community, by=staff, channel=channel, caller="周兰英")
    refused = refusal(review.accept, report, by=staff, at=f.WEDNESDAY)
    assert (refused.code, refused.status) == ("own_report", 403)
    review.accept(report, by=f.staff(community), at=f.WEDNESDAY)


def test_who_filed_an_earlier_sending_does_not_accept_the_later_one(community, period, staff):
    report = amended(filed(community, by=staff), answers={})
    assert refusal(review.accept, report, by=staff, at=f.WEDNESDAY).code == "own_report"


def test_what_was_amended_since_it_was_seen_is_not_accepted(community, period, staff):
    seen = filed(community)
    amended(seen, answers=HAZARD)
    refused = refusal(review.accept, seen, by=staff, at=f.WEDNESDAY)
    assert (refused.code, refused.status) == ("changed_since", 409)
    assert refused.message == "刚才改过，请看一下再定"
    refused = refusal(review.return_, seen, reason="请写楼层", by=staff, at=f.WEDNESDAY)
    assert refused.code == "changed_since"


def test_the_second_reviewer_is_told_what_the_first_decided(community, period, staff):
    seen = filed(community)
    review.accept(seen, by=f.staff(community), at=f.WEDNESDAY)
    for call, more in ((review.accept, {}), (review.return_, {"reason": "请写楼层"})):
        refused = refusal(call, seen, by=staff, at=f.WEDNESDAY + SECOND, **more)
        assert (refused.code, refused.status) == ("already_decided", 409)
        assert refused.message == "周兰英已在11月11日 12:00定为“通过”，请看一下再定"


def test_many_are_accepted_together_and_those_that_changed_are_left(community, period, staff):
    seen = [filed(community, n) for n in (1, 2)] + [filed(community, 3, by=staff)]
    amended(seen[1], answers=HAZARD)
    accepted = review.accept_many(seen, by=staff, at=f.WEDNESDAY)
    assert [each.report for each in accepted.decisions] == [seen[0]]
    assert sorted(each.code for each in accepted.left) == ["changed_since", "own_report"]
    assert [now(each).review for each in seen] == ["accepted", "waiting", "waiting"]


def test_a_button_pressed_twice_decides_once(community, period, staff):
    seen, batch = [filed(community, n) for n in (1, 2, 3)], uuid4()
    first = review.accept_many(seen, by=staff, at=f.WEDNESDAY, batch=batch)
    again = review.accept_many(seen, by=staff, at=f.WEDNESDAY + SECOND, batch=batch)
    assert not again.left
    assert {d.pk for d in again.decisions} == {d.pk for d in first.decisions}
    other, back = now(seen[0]), uuid4()
    one, two = (
        review.return_(other, reason="请写楼层", by=staff, at=f.WEDNESDAY, batch=back)
        for _press in range(2)
    )
    assert one == two
    assert Decision.objects.count() == 4


def test_a_household_report_is_not_reviewed(community, period, staff):
    told = filing.file_event(
        f.household(community),
        f.household_form(),
        f.household_sending(f.person()),
        at=f.WEDNESDAY,
    ).report
    assert refusal(review.accept, told, by=staff, at=f.WEDNESDAY).code == "nothing_to_review"


def test_what_was_withdrawn_is_not_reviewed(community, period, staff):
    report = amended(filed(community), withdraws=True)
    assert refusal(review.accept, report, by=staff, at=f.WEDNESDAY).code == "nothing_to_review"


# --- Returning --------------------------------------------------------------------------


def test_a_returned_report_is_waiting_again_once_corrected(community, period, staff):
    report = filed(community, answers=HAZARD)
    review.return_(report, reason="请写在几楼", by=staff, at=f.WEDNESDAY)
    assert state(report, f.WEDNESDAY) == State.RETURNED
    assert decisions.return_reasons([now(report)])[report.pk].reason == "请写在几楼"
    amended(report, answers=HAZARD | {"corridor_floors": [3]})
    assert state(report, f.WEDNESDAY) == State.SUBMITTED
    assert decisions.return_reasons([now(report)]) == {}


@pytest.mark.parametrize(
    ("reason", "code"),
    [
        (" ", "reason_required"),
        ("\x00", "reason_required"),
        ("身份证310104194903070029", "identity_number"),
        ("请打13912345678", "mobile_number"),
        ("改" * 201, "reason_too_long"),
    ],
)
def test_a_return_says_why_and_names_no_private_number(community, period, staff, reason, code):
    report = filed(community)
    refused = refusal(review.return_, report, reason=reason, by=staff, at=f.WEDNESDAY)
    assert (refused.code, set(refused.fields)) == (code, {"reason"})


def test_what_accepted_itself_can_still_be_returned_before_the_lock(community, period, staff):
    report = filed(community)
    owed = now(report).obligation
    review.accept_by_itself(at=owed.closes_at)
    seen = now(report)
    locked = refusal(review.return_, seen, reason="请看三楼", by=staff, at=owed.locks_at)
    assert (locked.code, locked.status) == ("locked", 409)
    review.return_(seen, reason="请看三楼", by=staff, at=owed.closes_at)
    assert state(report, owed.closes_at) == State.RETURNED
    assert state(report, owed.locks_at) == State.LOCKED


# --- Undoing ----------------------------------------------------------------------------


def test_undo_within_ten_seconds_brings_back_what_was(community, period, staff):
    report = filed(community)
    review.accept(report, by=staff, at=f.WEDNESDAY)
    report = amended(report, answers=HAZARD)
    decision = review.accept(report, by=staff, at=f.WEDNESDAY)
    assert review.undo([decision], by=staff, at=f.WEDNESDAY + 10 * SECOND) == 1
    assert (now(report).review, now(report).accepted_rev) == (Review.WAITING, 1)
    told = list(Decision.objects.values_list("what", "rev"))
    assert told == [("accepted", 1), ("accepted", 2), ("undone", 2)]


def test_undoing_an_acceptance_of_a_returned_report_leaves_it_returned(community, period, staff):
    report = filed(community)
    review.return_(report, reason="请写楼层", by=staff, at=f.WEDNESDAY)
    decision = review.accept(now(report), by=staff, at=f.WEDNESDAY)
    review.undo([decision], by=staff, at=f.WEDNESDAY)
    assert (now(report).review, now(report).accepted_rev) == (Review.RETURNED, None)


def test_undo_after_ten_seconds_is_refused(community, period, staff):
    decision = review.accept(filed(community), by=staff, at=f.WEDNESDAY)
    late = f.WEDNESDAY + timedelta(seconds=10, microseconds=1)
    refused = refusal(review.undo, [decision], by=staff, at=late)
    assert (refused.code, refused.status) == ("undo_too_late", 409)


def test_undo_pressed_twice_undoes_once(community, period, staff):
    accepted = review.accept_many(
        [filed(community, n) for n in (1, 2)], by=staff, at=f.WEDNESDAY
    ).decisions
    assert review.undo(accepted, by=staff, at=f.WEDNESDAY) == 2
    assert review.undo(accepted, by=staff, at=f.WEDNESDAY) == 2
    assert Decision.objects.filter(what="undone").count() == 2


def test_undo_leaves_alone_what_was_sent_or_decided_since(community, period, staff):
    seen = [filed(community, n) for n in (1, 2, 3)]
    accepted = review.accept_many(seen, by=staff, at=f.WEDNESDAY).decisions
    amended(seen[0], answers=HAZARD)
    review.return_(now(seen[1]), reason="请写楼层", by=f.staff(community), at=f.WEDNESDAY)
    assert review.undo(accepted, by=staff, at=f.WEDNESDAY) == 1
    assert [now(each).review for each in seen] == ["waiting", "returned", "waiting"]
    assert [now(each).accepted_rev for each in seen] == [1, 1, None]


def test_an_undo_that_can_take_nothing_back_says_so(community, period, staff):
    report = filed(community)
    decision = review.accept(report, by=staff, at=f.WEDNESDAY)
    amended(report, answers=HAZARD)
    refused = refusal(review.undo, [decision], by=staff, at=f.WEDNESDAY)
    assert (refused.code, refused.status) == ("undo_overtaken", 409)


def test_nobody_undoes_a_colleagues_decision_nor_an_undoing(community, period, staff):
    report = filed(community)
    decision = review.accept(report, by=staff, at=f.WEDNESDAY)
    refused = refusal(review.undo, [decision], by=f.staff(community), at=f.WEDNESDAY)
    assert refused.code == "undo_not_found"
    review.undo([decision], by=staff, at=f.WEDNESDAY)
    undone = Decision.objects.get(what="undone")
    assert refusal(review.undo, [undone], by=staff, at=f.WEDNESDAY).code == "undo_not_found"
    assert refusal(review.undo, [], by=staff, at=f.WEDNESDAY).code == "undo_not_found"


# --- Accepting itself -------------------------------------------------------------------


def test_nil_and_calm_reports_accept_themselves_when_late_filing_has_closed(community, period):
    reports = [
        filed(community, 1),
        filed(community, 2, answers={}),
        filed(community, 3, answers=HAZARD),
    ]
    closes_at = now(reports[0]).obligation.closes_at
    assert review.accept_by_itself(at=closes_at - SECOND) == 0
    assert review.accept_by_itself(at=closes_at) == 2
    assert review.accept_by_itself(at=closes_at) == 0
    assert [now(each).review for each in reports] == ["accepted", "accepted", "waiting"]
    assert set(Decision.objects.values_list("what", "by", "rev")) == {("accepted", None, 1)}


@pytest.mark.parametrize(
    "answers",
    [
        {"corridor": "uncleared"},
        {"ebike": "unresolved"},
        {"dispute": "committee"},
        {"facility": "broken"},
        {"stock": "tight"},
        {"derived_ok": "wrong"},
        {"note": "三楼老人想换灯泡"},
    ],
)
def test_what_asks_somebody_to_look_never_accepts_itself(community, period, answers):
    report = filed(community, answers=answers)
    review.accept_by_itself(at=now(report).obligation.closes_at)
    assert now(report).review == Review.WAITING
    assert now(report).needs_eyes is ("note" not in answers)


def test_a_mediated_dispute_asks_for_nobody(community, period):
    report = filed(community, answers={"dispute": "mediated"})
    assert review.accept_by_itself(at=now(report).obligation.closes_at) == 1


def test_what_was_returned_or_changed_after_acceptance_is_looked_at(community, period, staff):
    returned, changed, withdrawn = (filed(community, n) for n in (1, 2, 3))
    review.return_(returned, reason="请写楼层", by=staff, at=f.WEDNESDAY)
    review.accept(changed, by=staff, at=f.WEDNESDAY)
    for report in (returned, changed):
        amended(report, answers={})
    amended(withdrawn, withdraws=True)
    assert review.accept_by_itself(at=now(changed).obligation.closes_at) == 0


def test_a_calm_block_report_is_known_by_answers_that_the_form_has():
    fields = {field["name"]: field for field in read("block_report")["fields"]}
    for name, value in (CALM_BLOCK | {"top_issues": NO_ISSUES[0]}).items():
        assert value in {choice["value"] for choice in fields[name]["choices"]}


# --- Opening again ----------------------------------------------------------------------


def test_one_report_opened_again_after_its_lock_is_corrected_by_its_seat(community, period, staff):
    report = filed(community)
    locks_at = now(report).obligation.locks_at
    until = locks_at + DAY
    review.unlock(report, reason="数字报错了", until=until, by=staff, at=locks_at)
    assert now(report).obligation.unlocked_until == until
    amended(report, answers=HAZARD, at=until - SECOND)
    assert state(report, until - SECOND) == State.AMENDED
    with pytest.raises(Refusal, match="locked"):
        amended(report, answers={}, at=until)
    assert Decision.objects.get().what == "unlocked"


def test_an_obligation_without_a_report_is_opened_again_too(community, period, staff):
    owed = f.owed(f.building(community), period)
    at = owed.locks_at + DAY
    review.unlock(owed, reason="组长住院", until=at + DAY, by=staff, at=at)
    owed.refresh_from_db()
    assert filing.file(owed, f.sending(f.person()), at=at).report.stands
    assert not Decision.objects.exists()


@pytest.mark.parametrize(
    ("after", "length", "reason", "code"),
    [
        (-1, 1, "数字报错了", "not_locked"),
        (0, 0, "数字报错了", "bad_until"),
        (0, 15, "数字报错了", "bad_until"),
        (0, 1, "  ", "reason_required"),
    ],
)
def test_opening_again_is_refused(community, period, staff, after, length, reason, code):
    report = filed(community)
    at = now(report).obligation.locks_at + after * SECOND
    until = at + length * DAY
    refused = refusal(review.unlock, report, reason=reason, until=until, by=staff, at=at)
    assert refused.code == code
    assert now(report).obligation.unlocked_until is None


# --- Who reviews ------------------------------------------------------------------------


def _reviews(user, place):
    one = scope.reach(user, Action.REVIEW).holds_above(place)
    places = type(place).objects.filter(scope.reach(user, Action.REVIEW).as_q_below())
    assert places.filter(pk=place.pk).exists() is one
    return one


def test_a_report_is_reviewed_by_the_level_above_and_no_other(community):
    root, block, other = f.root(community), f.block(community, 1), f.block(community, 2)
    home, third = f.building(community, 1), f.building(community, 3)
    neighbour = f.compound((1,))
    places = (root, block, other, home, third, f.building(neighbour), f.household(community))

    def reviewed(user):
        return [_reviews(user, place) for place in places]

    yes, no = True, False
    worker = f.post(Duty.BLOCK_WORKER, place=block).user
    assert reviewed(worker) == [no, no, no, yes, no, no, no]
    for duty in (Duty.STAFF, Duty.DIRECTOR):
        assert reviewed(f.staff(community, duty)) == [no, yes, yes, yes, yes, no, no]
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    assert reviewed(officer) == [yes, no, no, no, no, no, no]
    viewer = f.post(Duty.STREET_VIEWER, division=community.division).user
    for user in (f.seat(home), f.seat(block), f.staff(community, Duty.PARTY_SECRETARY), viewer):
        assert reviewed(user) == [no] * 7


# --- The database holds -----------------------------------------------------------------


def test_a_decision_is_never_changed_and_undone_once(community, period, staff):
    decision = review.accept(filed(community), by=staff, at=f.WEDNESDAY)
    for statement in ("UPDATE reports_decision SET reason = 'x'", "DELETE FROM reports_decision"):
        with pytest.raises(Exception, match="insert only"), transaction.atomic():
            connection.cursor().execute(statement)
    review.undo([decision], by=staff, at=f.WEDNESDAY)
    facts = {"report": decision.report, "rev": 1, "by": staff, "at": f.WEDNESDAY}
    for wrong in (
        {"what": "undone", "undoes": decision},
        {"what": "undone"},
        {"what": "accepted", "undoes": decision},
        {"what": "returned"},
        {"what": "returned", "reason": "请写楼层", "by": None},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Decision.objects.create(**(facts | wrong))
