"""回音: who tells it, who reads it, and what is new to whom."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import filing, replies
from reports.models import Filing, Reply
from tests import factories as f
from units.kinds import Duty
from units.models import Place
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
DONE = "物业周五上午清掉了三楼的旧沙发"


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def home(community) -> Place:
    return f.building(community, 1)


@pytest.fixture
def seat(home):
    return f.seat(home)


@pytest.fixture
def weekly(home, seat) -> Filing:
    owed = f.owed(home, f.open_week(timezone.now()))
    said = {"corridor": "uncleared", "corridor_floors": [3]}
    return filing.file(owed, f.sending(seat, answers=said), at=timezone.now()).filing


@pytest.fixture
def at_a_door(community, seat) -> Filing:
    door, form = f.household(community), f.household_form(timezone.now())
    return filing.file_event(door, form, f.household_sending(seat), at=timezone.now()).filing


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def tell(user, about: Filing, words: str = DONE, id_: str = ""):
    url = reverse("replies", kwargs={"id": about.pk})
    return as_(user).post(url, {"id": id_ or str(uuid4()), "words": words})


def weekly_page(about: Filing) -> str:
    owed = about.report.obligation
    return reverse("report-detail", kwargs={"code": owed.place.code, "week": owed.period.key})


def test_a_reply_about_a_weekly_report_is_read_under_it_on_desk_and_phone(weekly, seat, community):
    staff = f.staff(community)
    answer = tell(staff, weekly)
    assert answer.headers["Location"] == weekly_page(weekly)
    desk = as_(staff).get(weekly_page(weekly)).content.decode()
    phone = as_(seat).get(weekly_page(weekly)).content.decode()
    assert DONE in desk
    assert staff.full_name in desk
    assert DONE in phone
    assert "送出回音" in desk
    assert "送出回音" not in phone


def test_a_reply_about_a_door_is_read_at_that_door(at_a_door, seat, community):
    answer = tell(f.staff(community), at_a_door)
    door = reverse("household", kwargs={"code": at_a_door.report.place.code})
    assert answer.headers["Location"] == door
    assert DONE in as_(seat).get(door).content.decode()


def test_what_is_new_is_told_once_to_each_person_and_to_nobody_else(
    weekly, at_a_door, home, seat, community
):
    other = as_(f.seat(home, Duty.PARTY_LEADER))
    mine, staff = as_(seat), f.staff(community)
    page = reverse("group-board", kwargs={"code": home.code})
    told = reverse("group-replies", kwargs={"code": home.code})
    assert "有回音" not in mine.get(page).content.decode()
    tell(staff, weekly)
    tell(staff, at_a_door, "楼上漏水修好了")
    assert "2条新的" in mine.get(page).content.decode()
    text = mine.get(told).content.decode()
    assert text.count('<span class="tag">新') == 2
    assert DONE in text
    assert staff.full_name not in text
    assert "有回音" not in mine.get(page).content.decode()
    assert '<span class="tag">新' not in mine.get(told).content.decode()
    assert "2条新的" in other.get(page).content.decode()
    tell(staff, weekly, "门也修好了")
    assert "1条新的" in mine.get(page).content.decode()


def test_what_was_told_long_ago_is_new_to_nobody(weekly, home, seat, community):
    ago = timezone.now() - timedelta(days=31)
    replies.reply(weekly.report, DONE, id_=uuid4(), by=f.staff(community), at=ago)
    page = reverse("group-board", kwargs={"code": home.code})
    assert "有回音" not in as_(seat).get(page).content.decode()


def test_replies_of_other_buildings_are_not_shown(weekly, community):
    tell(f.staff(community), weekly)
    next_door = f.building(community, 2)
    client = as_(f.seat(next_door))
    told = reverse("group-replies", kwargs={"code": next_door.code})
    assert "还没有回音" in client.get(told).content.decode()


def test_sent_twice_it_is_told_once(weekly, community):
    staff, id_ = f.staff(community), str(uuid4())
    assert [tell(staff, weekly, id_=id_).status_code for _each in range(2)] == [302, 302]
    assert Reply.objects.count() == 1
    answer = tell(staff, weekly, "另一句", id_=id_)
    assert answer.status_code == 409
    assert "另一句" in answer.content.decode()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("", "请写一句回音"),
        ("好" * 201, "最多200个字"),
        ("有事打13812345678", "请不要把手机号写在说明里"),
        ("310104194903070029", "请不要填写身份证号"),
    ],
)
def test_what_is_no_reply_is_refused_and_stays_typed(weekly, community, words, said):
    answer = tell(f.staff(community), weekly, words)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert words in answer.content.decode()
    assert not Reply.objects.exists()


def test_a_page_without_its_number_is_refused_and_stays_typed(weekly, community):
    answer = tell(f.staff(community), weekly, id_="nonsense")
    assert answer.status_code == 400
    assert DONE in answer.content.decode()


def test_what_was_withdrawn_gets_no_reply(weekly, seat, community):
    owed = weekly.report.obligation
    filing.file(owed, f.sending(seat, withdraws=True, base_rev=1), at=timezone.now())
    assert tell(f.staff(community), weekly).status_code == 409
    assert "送出回音" not in as_(f.staff(community)).get(weekly_page(weekly)).content.decode()


def test_groups_do_not_reply_to_themselves_nor_the_party_secretary(weekly, seat, community):
    for user in (seat, f.staff(community, Duty.PARTY_SECRETARY)):
        assert tell(user, weekly).status_code == 403


def test_the_process_says_what_it_refuses(weekly, community):
    with pytest.raises(Refusal, match="reply_required"):
        replies.reply(weekly.report, "", id_=uuid4(), by=f.staff(community), at=timezone.now())


def test_what_was_told_is_never_changed(weekly, community):
    tell(f.staff(community), weekly)
    for change in (lambda: Reply.objects.update(words="x"), Reply.objects.all().delete):
        with pytest.raises(DatabaseError, match="insert only"), transaction.atomic():
            change()
