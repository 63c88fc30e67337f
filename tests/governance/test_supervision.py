"""Between the street and its committees: intake, 督办, and what the street never reads."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.supervision import asking, intake, matters, supporting
from governance.supervision.asking import Asking
from governance.supervision.models import Answer, Query, SupportAnswer, SupportAsk
from tests import factories as f
from tests.reports import uppers
from tests.reports.uppers import DECEMBER_2, MONDAY, WRITTEN
from units.kinds import Duty
from units.refusals import Refusal

pytestmark = pytest.mark.django_db

HELP = {"support_needed": "hands", "top_issues": ["corridor", "dispute"], "note": "王阿姨家漏水"}


@pytest.fixture
def upper():
    return uppers.opened()


@pytest.fixture
def director(upper):
    return f.staff(upper.community, Duty.DIRECTOR)


@pytest.fixture
def officer(upper):
    return f.post(Duty.STREET_OFFICER, division=upper.community.division).user


def pulled(at=MONDAY):
    intake.pull(at=at)
    return list(SupportAsk.objects.with_answer().order_by("wanted"))


def asked(upper, **facts):
    """A block's ask, pulled."""
    upper.submit(f.block(upper.community), answers=HELP | facts)
    return pulled()[0]


def page(user, name, code):
    client = Client()
    client.force_login(user)
    return client.get(reverse(name, kwargs={"code": code})).content.decode()


def street(user, upper):
    return page(user, "supervision", upper.community.division_id)


# --- Intake ---------------------------------------------------------------------------------


def test_a_blocks_ask_is_pulled_once_however_often_it_is_pulled(upper):
    ask = asked(upper)
    assert (ask.wanted, ask.issues, ask.words) == ("hands", ["corridor", "dispute"], "")
    assert ask.due_on == (MONDAY + timedelta(days=2)).date()
    assert intake.pull(at=MONDAY) == 0
    assert len(pulled()) == 1


def test_a_report_that_needs_nothing_asks_for_nothing(upper):
    upper.submit(f.block(upper.community))
    assert pulled() == []


def test_what_needs_the_street_is_an_ask_of_its_own(upper):
    upper.submit(f.block(upper.community), answers=HELP | {"action_taken": "street"})
    assert [each.wanted for each in pulled()] == ["hands", "street"]


def test_an_amendment_withdraws_what_is_no_longer_asked_and_asks_what_is_new(upper):
    asked(upper)
    upper.submit(f.block(upper.community), answers=HELP | {"support_needed": "money"})
    assert [(each.wanted, each.state) for each in pulled()] == [
        ("hands", "withdrawn"),
        ("money", "with_committee"),
    ]
    upper.submit(f.block(upper.community), withdraws=True)
    assert {each.state for each in pulled()} == {"withdrawn"}


def test_an_amendment_that_asks_the_same_keeps_the_answer(upper, director):
    ask = asked(upper)
    reply(ask, by=director, is_streets=False)
    upper.submit(f.block(upper.community), answers=HELP | {"assessment": "attention"})
    assert [each.state for each in pulled()] == ["answered"]


@pytest.mark.parametrize("words", ["", "暂不需要支持。", " 无 ", "没有！"])
def test_a_monthly_report_that_wants_nothing_asks_for_nothing(upper, words):
    upper.submit(f.root(upper.community), answers=WRITTEN | {"support": words})
    assert pulled(DECEMBER_2) == []


def test_a_monthly_report_asks_the_street_at_once_and_new_words_are_asked_anew(upper, officer):
    root = f.root(upper.community)
    upper.submit(root, answers=WRITTEN | {"support": "请协调供电抢修{楼道堆物待清}处"})
    ask = pulled(DECEMBER_2)[0]
    assert (ask.state, ask.words) == ("with_street", "请协调供电抢修楼道堆物待清处")
    reply(ask, by=officer, is_streets=True, at=DECEMBER_2)
    upper.submit(root, DECEMBER_2 + timedelta(hours=1), answers=WRITTEN | {"support": "请派两个人"})
    ask = pulled(DECEMBER_2 + timedelta(hours=1))[0]
    assert (ask.state, ask.words) == ("with_street", "请派两个人")


# --- What the street reads --------------------------------------------------------------------


def test_the_street_sees_a_blocks_ask_when_its_committee_hands_it_on(upper, director, officer):
    ask = asked(upper)
    assert "人手" not in street(officer, upper)
    supporting.forward(ask, "缺两个人清楼道", by=director, at=timezone.now())
    shown = street(officer, upper)
    assert "人手" in shown
    assert "缺两个人清楼道" in shown
    assert "楼道堆物" in shown


def test_the_street_reads_no_word_of_the_block_and_no_dispute_of_it(upper, director, officer):
    ask = asked(upper)
    supporting.forward(ask, "缺两个人清楼道", by=director, at=timezone.now())
    shown = street(officer, upper)
    assert "漏水" not in shown
    assert "邻里纠纷" not in shown
    assert "邻里纠纷" in page(director, "committee-queries", upper.community.code)


@pytest.mark.parametrize("words", ["302室漏水", "王阿姨家漏水", "找13812345678"])
def test_nothing_handed_on_names_a_person_or_a_door(upper, director, words):
    with pytest.raises(Refusal):
        supporting.forward(asked(upper), words, by=director, at=MONDAY)


def test_who_asked_reads_the_answer_on_their_report(upper, director, officer):
    ask = asked(upper)
    supporting.forward(ask, "缺两个人清楼道", by=director, at=MONDAY)
    reply(ask, by=officer, is_streets=True)
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(upper.community)).user
    client = Client()
    client.force_login(worker)
    where = {"code": f.block(upper.community).code, "period": upper.week.key}
    assert "下周派人来" in client.get(reverse("upper-report", kwargs=where)).content.decode()
    assert "下周派人来" in page(director, "committee-queries", upper.community.code)
    assert "缺两个人清楼道" not in street(officer, upper)


def test_the_street_answers_only_what_was_handed_to_it(upper, officer):
    ask = asked(upper)
    with pytest.raises(Refusal) as refused:
        reply(ask, by=officer, is_streets=True)
    assert refused.value.code == "already_handled"


def test_what_was_withdrawn_is_not_answered(upper, director):
    ask = asked(upper)
    upper.submit(f.block(upper.community), withdraws=True)
    intake.pull(at=MONDAY)
    with pytest.raises(Refusal) as refused:
        reply(ask, by=director, is_streets=False)
    assert refused.value.code == "no_longer_asked"


def reply(ask, *, by, is_streets, at=MONDAY, form_id=None):
    return supporting.reply(
        ask, "下周派人来", form_id=form_id or uuid4(), by=by, is_streets=is_streets, at=at
    )


def test_an_answer_and_a_handing_on_can_be_taken_back_for_ten_seconds(upper, director):
    ask = asked(upper)
    supporting.forward(ask, "缺人", by=director, at=MONDAY)
    with pytest.raises(Refusal):
        supporting.call_back(ask, by=director, at=MONDAY + timedelta(seconds=11))
    supporting.call_back(ask, by=director, at=MONDAY + timedelta(seconds=9))
    given = reply(ask, by=director, is_streets=False)
    supporting.unsay(given, by=director, at=MONDAY + timedelta(seconds=9))
    assert pulled()[0].state == "with_committee"


def test_answers_are_never_changed(upper, director):
    given = reply(asked(upper), by=director, is_streets=False)
    for change in (given.delete, lambda: SupportAnswer.objects.update(words="改过")):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


# --- 督办 -------------------------------------------------------------------------------------


def ask_about(upper, officer, *, about="groups", at=MONDAY, **facts):
    told = {"form_id": uuid4(), "about": about, "words": "请说明情况", "period": upper.week}
    return asking.ask(f.root(upper.community), Asking(**told | facts), by=officer, at=at)


def test_the_longest_overdue_come_first(upper):
    found = matters.overdue([upper.community], at=MONDAY + timedelta(days=2))
    assert [(each.about, each.days) for each in found] == [("groups", 3), ("blocks", 1)]


def test_what_has_come_in_is_excused_or_waived_is_not_overdue(upper):
    for number in (1, 2, 3):
        upper.told(number)
    assert matters.overdue([upper.community], at=MONDAY + timedelta(hours=1)) == []


def test_a_matter_is_asked_about_once_and_then_says_so(upper, officer):
    query = ask_about(upper, officer)
    assert matters.overdue([upper.community], at=MONDAY)[0].query == query
    with pytest.raises(Refusal) as refused:
        ask_about(upper, officer)
    assert refused.value.code == "already_asked"


def test_a_query_sent_twice_is_one(upper, officer):
    form_id = uuid4()
    assert ask_about(upper, officer, form_id=form_id) == ask_about(upper, officer, form_id=form_id)


def test_a_query_is_of_a_committee_never_of_a_person_or_of_a_place_below(upper, officer):
    people = {each.name for each in Query._meta.fields if each.related_model and "by" in each.name}
    assert people == {"asked_by", "closed_by"}
    told = Asking(uuid4(), "other", "请说明")
    for below in (f.block(upper.community), f.building(upper.community)):
        with pytest.raises(DatabaseError), transaction.atomic():
            asking.ask(below, told, by=officer, at=MONDAY)


@pytest.mark.parametrize("duty", [Duty.BLOCK_WORKER, Duty.PARTY_LEADER])
def test_nobody_below_the_committee_reads_a_query(upper, officer, duty):
    ask_about(upper, officer)
    place = f.block(upper.community) if duty == Duty.BLOCK_WORKER else f.building(upper.community)
    client, person = Client(), f.post(duty, place=place).user
    client.force_login(person)
    where = reverse("committee-queries", kwargs={"code": upper.community.code})
    assert client.get(where).status_code == 403
    assert not Query.objects.visible_to(person).exists()


def test_the_committee_answers_and_the_street_closes(upper, officer, director):
    query = ask_about(upper, officer)
    assert [each.words for each in matters.waiting(director, upper.community)]
    asking.answer(query, "周三前补上", form_id=uuid4(), by=director, at=MONDAY)
    assert "周三前补上" in street(officer, upper)
    assert matters.waiting(director, upper.community) == []
    asking.close(query, by=officer, at=MONDAY)
    with pytest.raises(Refusal) as refused:
        asking.answer(query, "再说一句", form_id=uuid4(), by=director, at=MONDAY)
    assert refused.value.code == "already_closed"


def test_a_query_taken_back_within_ten_seconds_was_never_asked(upper, officer, director):
    query = ask_about(upper, officer)
    with pytest.raises(Refusal):
        asking.take_back(query, by=officer, at=MONDAY + timedelta(seconds=11))
    asking.take_back(query, by=officer, at=MONDAY + timedelta(seconds=9))
    assert "请说明情况</p>" not in page(director, "committee-queries", upper.community.code)
    ask_about(upper, officer)


def test_an_answered_query_cannot_be_taken_back(upper, officer, director):
    query = ask_about(upper, officer)
    asking.answer(query, "在补", form_id=uuid4(), by=director, at=MONDAY)
    with pytest.raises(Refusal):
        asking.take_back(query, by=officer, at=MONDAY + timedelta(seconds=1))


def test_an_unsaid_answer_leaves_the_query_unanswered(upper, officer, director):
    query = ask_about(upper, officer)
    given = asking.answer(query, "在补", form_id=uuid4(), by=director, at=MONDAY)
    asking.unsay(given, by=director, at=MONDAY + timedelta(seconds=5))
    assert list(Query.objects.unanswered()) == [query]
    assert Answer.objects.count() == 2


def test_a_refused_query_keeps_what_was_typed(upper, officer):
    client = Client()
    client.force_login(officer)
    body = {"form": str(uuid4()), "community": upper.community.code, "about": "other"}
    body |= {"key": "other", "words": "302室怎么回事"}
    where = reverse("queries", kwargs={"code": upper.community.division_id})
    answer = client.post(where, body)
    assert answer.status_code == 422
    assert "302室怎么回事" in answer.content.decode()


def test_a_viewer_at_the_street_reads_and_does_nothing(upper):
    viewer = f.post(Duty.STREET_VIEWER, division=upper.community.division).user
    shown = street(viewer, upper)
    assert "督办" in shown
    assert "<textarea" not in shown
    client = Client()
    client.force_login(viewer)
    where = reverse("queries", kwargs={"code": upper.community.division_id})
    assert client.post(where, {"form": str(uuid4())}).status_code == 403


def test_the_page_costs_the_same_for_one_ask_and_for_many(upper, director, officer):
    def cost():
        with CaptureQueriesContext(connection) as queries:
            street(officer, upper)
            page(director, "committee-queries", upper.community.code)
        return len(queries)

    ask_about(upper, officer)
    supporting.forward(asked(upper), "缺人", by=director, at=MONDAY)
    one = cost()
    for number in (1, 2, 3):
        query = ask_about(upper, officer, about="other", words=f"第{number}件")
        asking.answer(query, "在补", form_id=uuid4(), by=director, at=MONDAY)
    upper.submit(f.block(upper.community, 2), answers=HELP | {"action_taken": "street"})
    for ask in pulled():
        if ask.state == "with_committee":
            supporting.forward(ask, "缺人", by=director, at=MONDAY)
    assert cost() == one
