"""Other rooms' rows in 今日工作台: each once, for who may do it, and gone when it is done."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from governance.board.workbench import sources
from governance.board.workbench.chat import words_for_chat
from governance.board.workbench.items import Sort, Tab
from governance.supervision import asking
from governance.supervision.asking import Asking
from reports import replies
from tests import factories as f
from tests.governance import profiles
from units.kinds import Duty

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return f.compound((2, 1), floors=1, doors=1)


def rows(user, community, sort):
    user.reaches.clear()
    return [
        each for each in sources.items_of(user, community, at=timezone.now()) if each.sort == sort
    ]


def test_what_a_group_told_waits_for_an_answer(community):
    home, staff = f.building(community, 1), f.staff(community)
    told = f.matter(home, f.seat(home), at=timezone.now(), note="三楼灯坏了")
    (row,) = rows(staff, community, Sort.MATTER)
    assert (row.tab, row.place, row.act.label) == (Tab.NEW, home, "写回音")
    assert "三楼灯坏了" in row.words
    assert "三楼" not in words_for_chat([row], at=timezone.now())
    assert (
        rows(f.post(Duty.BLOCK_WORKER, place=f.block(community, 2)).user, community, Sort.MATTER)
        == []
    )
    replies.reply(told.report, "物业来看过了", id_=uuid4(), by=staff, at=timezone.now())
    assert rows(staff, community, Sort.MATTER) == []


def test_what_a_report_calls_broken_waits_for_a_look(community):
    home, staff = f.building(community, 1), f.staff(community)
    f.open_week(timezone.now())
    profiles.broken(home, "light", by=f.seat(home), at=timezone.now())
    (row,) = rows(staff, community, Sort.FACILITY)
    assert (row.tab, row.block, row.act.label) == (Tab.NEW, home.parent, "去确认")
    assert words_for_chat([row], at=timezone.now()) == ""
    secretary = f.post(Duty.PARTY_SECRETARY, place=f.root(community)).user
    assert rows(secretary, community, Sort.FACILITY) == []


def test_what_the_street_asks_is_due_and_goes_once_answered(community):
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    director, worker = (
        f.staff(community, Duty.DIRECTOR),
        f.post(Duty.BLOCK_WORKER, place=f.block(community)).user,
    )
    asked = Asking(uuid4(), about="groups", words="上周未报的楼组请说明情况")
    query = asking.ask(f.root(community), asked, by=officer, at=timezone.now())
    (row,) = rows(director, community, Sort.STREET)
    assert (row.tab, row.act.label) == (Tab.DUE, "去答复")
    assert row.age(timezone.now()).endswith("24:00")
    assert row.age(row.since - timedelta(hours=1)) == "今天24:00"
    assert row.age(row.since + timedelta(hours=1)) == "过了1天"
    assert words_for_chat([row], at=timezone.now()) == ""
    assert rows(worker, community, Sort.STREET) == []
    asking.answer(query, "周三前补上", form_id=uuid4(), by=director, at=timezone.now())
    assert rows(director, community, Sort.STREET) == []
