"""Every state label of a report is reached, and the word says what is so."""

from datetime import timedelta

import pytest

from reports import coverage, filing, obligations, review
from reports.coverage import GLYPHS, State
from reports.models import Obligation, Report
from tests import factories as f

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=1)


@pytest.fixture
def community():
    return f.compound((1,))


@pytest.fixture
def owed(community):
    return f.owed(f.building(community), f.open_week())


def told(owed, at):
    owed = Obligation.objects.with_report().get(pk=owed.pk)
    standing = coverage.standing(owed, at=at)
    return standing.state, standing.label


def file(owed, at, **facts):
    return filing.file(owed, f.sending(f.person(), **facts), at=at).report


def test_before_and_after_without_a_report(owed):
    assert told(owed, owed.opens_at - SECOND) == (State.NOT_DUE, "未到时间")
    assert told(owed, owed.opens_at) == (State.DUE, "未报")
    assert told(owed, owed.closes_at - SECOND) == (State.DUE, "未报")
    assert told(owed, owed.closes_at) == (State.MISSING, "未收到")
    assert told(owed, owed.locks_at) == (State.MISSING, "未收到")


def test_excused(owed, community):
    obligations.excuse(owed, reason="整幢修缮", by=f.staff(community), at=f.WEDNESDAY)
    assert told(owed, owed.locks_at) == (State.EXCUSED, "免报")


@pytest.mark.parametrize(
    ("facts", "state"),
    [({}, (State.NIL, "已报平安")), ({"answers": {}}, (State.SUBMITTED, "已报"))],
)
def test_filed_then_accepted_then_locked(owed, community, facts, state):
    report = file(owed, f.WEDNESDAY, **facts)
    assert told(owed, f.WEDNESDAY) == state
    review.accept(report, by=f.staff(community), at=f.WEDNESDAY)
    assert told(owed, f.WEDNESDAY) == (State.ACCEPTED, "已审阅")
    assert told(owed, owed.locks_at - SECOND) == (State.ACCEPTED, "已审阅")
    assert told(owed, owed.locks_at) == (State.LOCKED, "已归档")
    standing = coverage.standing(Obligation.objects.with_report().get(pk=owed.pk), at=owed.locks_at)
    # That it was calm is still said, beside the state.
    assert standing.is_calm is (facts == {})


def test_returned_while_it_can_be_corrected(owed, community):
    report = file(owed, f.WEDNESDAY)
    staff = f.staff(community)
    review.return_(report, reason="请写楼层", by=staff, at=f.WEDNESDAY)
    assert told(owed, f.WEDNESDAY) == (State.RETURNED, "退回修改")
    assert told(owed, owed.locks_at) == (State.LOCKED, "已归档")
    until = owed.locks_at + timedelta(days=1)
    review.unlock(owed, reason="再给一天", until=until, by=staff, at=owed.locks_at)
    assert told(owed, until - SECOND) == (State.RETURNED, "退回修改")
    owed.refresh_from_db()
    file(owed, until - SECOND, base_rev=1, answers={})
    assert told(owed, until - SECOND) == (State.AMENDED, "已更正")
    assert told(owed, until) == (State.AMENDED, "已更正")


def test_amended_by_staff_after_the_lock(owed):
    file(owed, f.WEDNESDAY)
    sent = f.sending(f.person(), base_rev=1, answers={}, reason="报错了楼号")
    filing.file(owed, sent, at=owed.locks_at, may_amend_locked=True)
    assert told(owed, owed.locks_at) == (State.AMENDED, "已更正")
    assert Report.objects.get().review == "waiting"


def test_every_state_has_a_word_and_a_glyph_and_none_scolds():
    assert set(GLYPHS) == set(State)
    assert [str(state.label) for state in State] == [
        *("未到时间", "未报", "已报", "已报平安", "退回修改", "已审阅", "已归档", "已更正"),
        *("免报", "未收到"),
    ]
