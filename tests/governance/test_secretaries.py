"""任命书记: who leads a branch is seen before it is done, done once, and taken back whole."""

import re
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories as f
from units import secretaries
from units.kinds import Duty
from units.models import JournalEntry, Post, User
from units.refusals import Refusal
from units.secretaries import Nominee

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def branch(community):
    return f.branch_of(f.block(community))


@pytest.fixture
def director(community) -> Client:
    return as_(f.staff(community, Duty.DIRECTOR))


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(branch) -> str:
    of = {"code": branch.community.code, "number": branch.number}
    return reverse("branch-secretary", kwargs=of)


def leads(branch) -> str:
    now = secretaries.of(branch, at=timezone.now())
    return now.user.full_name if now else ""


def appoint(client: Client, branch, name: str):
    """As a person does: see it first, then press the button of that page."""
    shown = client.get(page(branch), {"name": name}).content.decode()
    seen = re.search(r'name="seen" value="(\d*)"', shown)[1]
    return client.post(page(branch), {"name": name, "seen": seen})


def test_a_vacant_branch_is_offered_a_secretary_where_it_stands(director, community, branch):
    branches = reverse("branches", kwargs={"code": community.code})
    assert page(branch) in director.get(branches).content.decode()
    shown = director.get(page(branch), {"name": "顾月琴"}).content.decode()
    assert "新开一个账号" in shown
    assert "看得到第1片区共2个楼组的数字和三人组" in shown
    assert leads(branch) == ""
    answer = appoint(director, branch, "顾月琴").content.decode()
    assert leads(branch) == "顾月琴"
    login = secretaries.of(branch, at=timezone.now()).user.login
    assert login in answer
    assert re.search(r"<code>\d{10}</code>", answer)
    entry = JournalEntry.objects.get(verb="secretary.appointed")
    assert entry.data["branch"] == branch.pk
    assert "顾月琴" in director.get(branches).content.decode()


def test_a_change_ends_the_term_before_and_undoing_it_brings_that_back(director, community, branch):
    before = f.post(Duty.BRANCH_SECRETARY, branch=branch).user
    known = f.seat(f.building(community))
    shown = director.get(page(branch), {"name": f"{known.full_name}（{known.login}）"})
    assert f"{before.full_name}的任期到现在为止" in shown.content.decode()
    answer = appoint(director, branch, f"{known.full_name}（{known.login}）").content.decode()
    assert leads(branch) == known.full_name
    assert "用原来的" in answer
    undoing = re.search(r'action="([^"]+/undoing/)"', answer)[1]
    assert "已撤销，回到原来的样子" in director.post(undoing, follow=True).content.decode()
    assert leads(branch) == before.full_name
    # A second press takes nothing back.
    assert director.post(undoing).status_code == 409
    assert leads(branch) == before.full_name


def test_undoing_closes_the_account_that_was_made_and_ends_after_ten_minutes(community, branch):
    by, at = f.staff(community, Duty.DIRECTOR), timezone.now()
    entry, made = secretaries.appoint(branch, Nominee(None, "顾月琴"), seen=None, by=by, at=at)
    with pytest.raises(Refusal) as refused:
        secretaries.undo(entry.pk, community, by=by, at=at + timedelta(minutes=11))
    assert refused.value.code == "undo_too_late"
    with pytest.raises(Refusal):
        secretaries.undo(entry.pk, community, by=f.staff(community), at=at)
    secretaries.undo(entry.pk, community, by=by, at=at)
    assert leads(branch) == ""
    assert not User.objects.get(pk=made.post.user_id).is_active


def test_what_changed_meanwhile_is_shown_again_and_nothing_done(director, branch):
    stale = {"name": "顾月琴", "seen": ""}
    now = f.post(Duty.BRANCH_SECRETARY, branch=branch).user
    answer = director.post(page(branch), stale)
    assert answer.status_code == 409
    assert now.full_name in answer.content.decode()
    assert leads(branch) == now.full_name
    again = director.get(page(branch), {"name": f"{now.full_name}（{now.login}）"}).content.decode()
    seen = re.search(r'name="seen" value="(\d*)"', again)[1]
    answer = director.post(page(branch), {"name": f"{now.full_name}（{now.login}）", "seen": seen})
    assert (answer.status_code, "已经由这个人" in answer.content.decode()) == (409, True)


def test_nobody_appoints_themselves_and_a_name_is_needed(community, branch):
    me = f.staff(community, Duty.DIRECTOR)
    answer = appoint(as_(me), branch, f"{me.full_name}（{me.login}）")
    assert "不能自己任命自己" in answer.content.decode()
    for name, words in (
        ("", "请写姓名"),
        ("顾月琴2", "姓名里不要写数字"),
        ("顾（nobody-1）", "没有找到这个登录名"),
    ):
        answer = as_(me).post(page(branch), {"name": name, "seen": ""})
        assert (answer.status_code, words in answer.content.decode()) == (422, True)
    assert leads(branch) == ""


def test_who_does_not_appoint_and_who_is_elsewhere_gets_no_page(community, branch):
    of_staff = as_(f.staff(community)).get(page(branch))
    elsewhere = f.staff(f.compound((1,)), Duty.DIRECTOR)
    assert (of_staff.status_code, as_(elsewhere).get(page(branch)).status_code) == (403, 404)
    assert as_(f.staff(community, Duty.PARTY_SECRETARY)).get(page(branch)).status_code == 200


def test_the_database_holds_one_secretary_a_branch(branch):
    f.post(Duty.BRANCH_SECRETARY, branch=branch)
    with pytest.raises(IntegrityError), transaction.atomic():
        f.post(Duty.BRANCH_SECRETARY, branch=branch)
    assert Post.objects.filter(branch=branch).count() == 1
