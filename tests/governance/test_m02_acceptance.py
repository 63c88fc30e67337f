"""M02 on the pages: seats, vacancies, one batch with undo, two names on one report."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import filing
from tests import factories as f
from units import groups
from units.kinds import SEATS, Duty
from units.models import Post, User

pytestmark = pytest.mark.django_db


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def community():
    """Two buildings: the first lacks its owner representative, the second is complete."""
    community = f.compound((2,))
    for number, duties in ((1, SEATS[:2]), (2, SEATS)):
        for duty in duties:
            f.seat(f.building(community, number), duty)
    for duty in SEATS:
        f.seat(f.block(community), duty)
    return community


def test_m02_a_group_with_two_filled_seats_shows_what_is_missing(community):
    client = client_of(f.staff(community))
    url = reverse("group-list", kwargs={"code": community.code})
    page = client.get(url).content.decode()
    assert "还差1人" in page
    assert "需补齐（1）" in page
    incomplete = client.get(url, {"incomplete": 1}).content.decode()
    assert "1号楼组" in incomplete
    assert "2号楼组" not in incomplete


def test_m02_a_person_with_seats_in_two_buildings_sees_exactly_those_two():
    community = f.compound((3,))
    user = f.person()
    for number in (1, 3):
        f.seat(f.building(community, number), user=user)
    f.open_week(timezone.now())
    client = client_of(user)
    page = client.get(reverse("group-home")).content.decode()
    assert [n for n in (1, 2, 3) if f">{n}号楼组<" in page] == [1, 3]
    one = client.get(reverse("group-board", kwargs={"code": f.building(community, 1).code}))
    assert f.building(community, 3).code in one.content.decode()
    two = reverse("group-board", kwargs={"code": f.building(community, 2).code})
    assert client.get(two).status_code == 404


def test_m02_a_report_of_one_seat_amended_by_another_shows_both_names_and_times(community):
    period = f.open_week(timezone.now())
    place = f.building(community, 2)
    owed = f.owed(place, period)
    first, second = (seat.post.user for seat in groups.seats_of(place, at=timezone.now())[:2])
    User.objects.filter(pk=first.pk).update(full_name="陈玉兰")
    User.objects.filter(pk=second.pk).update(full_name="马志明")
    now = timezone.now()
    filing.file(owed, f.sending(first), at=now)
    filing.file(owed, f.sending(second, base_rev=1, answers={}), at=now + timedelta(minutes=9))
    where = {"code": place.code, "week": period.key}
    page = client_of(second).get(reverse("report-detail", kwargs=where)).content.decode()
    for name, moment in (("陈玉兰", now), ("马志明", now + timedelta(minutes=9))):
        assert name in page
        assert f"{timezone.localtime(moment):%H:%M}" in page


def test_m02_an_ended_seat_loses_access_at_the_next_request(community):
    place = f.building(community, 2)
    post = Post.objects.seats().filter(place=place).first()
    client = client_of(post.user)
    url = reverse("group-board", kwargs={"code": place.code})
    assert client.get(url).status_code == 200
    director = client_of(f.staff(community, Duty.DIRECTOR))
    assert director.post(reverse("seat-end", kwargs={"pk": post.pk})).status_code == 302
    assert client.get(url).status_code == 404


def test_m02_seats_are_filled_by_one_confirmation_and_taken_back_by_undo(community):
    director = f.staff(community, Duty.DIRECTOR)
    client = client_of(director)
    url = reverse("appointments", kwargs={"code": community.code})
    vacant = f"seat-{f.building(community, 1).pk}-owner_representative"
    assert vacant in client.get(url).content.decode()
    done = client.post(url, {vacant: "何慧芳"})
    assert "已任命1人" in done.content.decode()
    post = Post.objects.get(user__full_name="何慧芳")
    assert (post.duty, post.granted_by) == (Duty.OWNER_REPRESENTATIVE, director)
    undo = done.context["undoing"]
    assert client.post(undo).status_code == 302
    assert not Post.objects.in_force(timezone.now()).filter(pk=post.pk).exists()
    assert not User.objects.get(full_name="何慧芳").is_active
    assert client.post(undo).status_code == 409


def test_undo_after_ten_minutes_is_refused_with_a_sentence(community):
    director = f.staff(community, Duty.DIRECTOR)
    long_ago = timezone.now() - timedelta(minutes=11)
    nomination = groups.Nomination(
        f.building(community, 1), Duty.OWNER_REPRESENTATIVE, None, "何慧芳"
    )
    entry, _made = groups.appoint([nomination], by=director, at=long_ago)
    url = reverse("appointments-undo", kwargs={"code": community.code, "entry": entry.pk})
    answer = client_of(director).post(url)
    assert answer.status_code == 409
    assert "已过10分钟" in answer.content.decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "还没有填写任何席位"),
        ("何慧芳（nobody-9）", "没有找到这个登录名"),
        ("13800000000", "姓名里不要写数字"),
    ],
)
def test_a_nomination_that_cannot_be_is_said_and_kept(community, text, sentence):
    client = client_of(f.staff(community, Duty.DIRECTOR))
    field = f"seat-{f.building(community, 1).pk}-owner_representative"
    url = reverse("appointments", kwargs={"code": community.code})
    page = client.post(url, {field: text})
    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert text in page.content.decode()


def test_somebody_who_sits_there_already_needs_a_reason(community):
    holder = Post.objects.seats().filter(place=f.building(community, 1)).first().user
    field = f"seat-{f.building(community, 1).pk}-owner_representative"
    page = client_of(f.staff(community, Duty.DIRECTOR)).post(
        reverse("appointments", kwargs={"code": community.code}),
        {field: f"{holder.full_name}（{holder.login}）"},
    )
    assert page.status_code == 409
    assert "一人在同一小组只能坐一席" in page.content.decode()
