"""A photo is taken away by who sent it or by the committee, picture and all, and stays away."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import filing, photo_removal, photos
from reports.models import Filing, Photo, PhotoRemoval
from tests import factories as f
from tests.reports import pictures
from units.kinds import Duty
from units.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def seat(community):
    return f.seat(f.building(community, 1))


@pytest.fixture
def filed(community, seat) -> Filing:
    owed = f.owed(f.building(community, 1), f.open_week(timezone.now()))
    sent = filing.file(owed, f.sending(seat, answers={}), at=timezone.now()).filing
    photos.attach(sent, 1, pictures.drawn(), by=seat, at=timezone.now())
    return sent


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def door(filed: Filing, number: int = 1) -> str:
    return reverse("photo-removal", kwargs={"id": filed.pk, "number": number})


def picture(filed: Filing) -> str:
    return reverse("photo", kwargs={"id": filed.pk, "number": 1})


def test_who_sent_it_takes_it_away_again_and_the_text_stays(filed, seat):
    receipt = reverse("receipt", kwargs={"id": filed.pk})
    client = as_(seat)
    assert door(filed) in client.get(receipt).content.decode()
    assert "找不回来" in client.get(door(filed)).content.decode()
    assert Photo.objects.exists()
    assert client.post(door(filed)).headers["Location"] == receipt
    assert not Photo.objects.exists()
    assert client.get(picture(filed)).status_code == 404
    assert "一张照片已拿掉（本人不要了）" in client.get(receipt).content.decode()
    assert Filing.objects.get() == filed
    removal = PhotoRemoval.objects.get()
    assert (removal.by, removal.number, removal.why) == (seat, 1, "own")


def test_a_browser_that_kept_the_picture_is_told_that_it_is_gone(filed, seat):
    client = as_(seat)
    kept = client.get(picture(filed))
    again = {"If-None-Match": kept.headers["ETag"]}
    unchanged = client.get(picture(filed), headers=again)
    assert unchanged.status_code == 304
    assert unchanged.headers["Cache-Control"] == kept.headers["Cache-Control"]
    assert client.get(picture(filed), {"small": ""}, headers=again).status_code == 200
    client.post(door(filed))
    assert client.get(picture(filed), headers=again).status_code == 404


def test_it_can_be_taken_away_where_it_was_just_added(filed, seat):
    page = as_(seat).get(reverse("photo-form", kwargs={"id": filed.pk})).content.decode()
    assert door(filed) in page


def test_pressed_twice_it_is_taken_away_once(filed, seat):
    client = as_(seat)
    assert [client.post(door(filed)).status_code for _each in range(2)] == [302, 302]
    assert client.get(door(filed)).status_code == 302
    photo_removal.remove(filed, 1, by=seat, at=timezone.now())
    assert PhotoRemoval.objects.count() == 1


def test_the_same_picture_does_not_come_back_and_another_one_may(filed, seat):
    as_(seat).post(door(filed))
    url = reverse("api-photo", kwargs={"id": filed.pk, "number": 1})
    again = as_(seat).put(url, pictures.drawn(), content_type="image/jpeg")
    assert (again.status_code, again.json()["code"]) == (409, "photo_taken_away")
    other = as_(seat).put(url, pictures.drawn(500), content_type="image/jpeg")
    assert other.status_code == 201
    with pytest.raises(Refusal, match="photo_taken_away"):
        photos.attach_next(filed, pictures.drawn(), by=seat, at=timezone.now())


def test_the_committee_takes_away_what_shows_somebody_and_says_why(filed, seat, community):
    staff = as_(f.staff(community))
    assert door(filed) in staff.get(reverse("receipt", kwargs={"id": filed.pk})).content.decode()
    refused = staff.post(door(filed), {"why": "own"})
    assert refused.status_code == 422
    assert "请选为什么要拿掉" in refused.content.decode()
    assert Photo.objects.exists()
    assert staff.post(door(filed), {"why": "person"}).status_code == 302
    assert not Photo.objects.exists()
    told = as_(seat).get(reverse("receipt", kwargs={"id": filed.pk})).content.decode()
    assert "一张照片已拿掉（拍到了人）" in told


def test_another_of_the_group_is_refused_and_outside_there_is_nothing(filed, community):
    other = f.seat(f.building(community, 1), Duty.PARTY_LEADER)
    assert as_(other).get(door(filed)).status_code == 403
    assert as_(other).post(door(filed)).status_code == 403
    report = filed.report.obligation
    page = reverse("report-detail", kwargs={"code": report.place.code, "week": report.period.key})
    assert door(filed) not in as_(other).get(page).content.decode()
    for stranger in (f.seat(f.building(community, 2)), f.staff(f.compound((1,)))):
        assert as_(stranger).get(door(filed)).status_code == 404
        assert as_(stranger).post(door(filed), {"why": "person"}).status_code == 404
    assert Photo.objects.exists()


def test_after_the_lock_only_the_committee_may(filed, seat, community):
    late = filed.report.obligation.locked_from + timedelta(minutes=1)
    with pytest.raises(Refusal) as refused:
        photo_removal.remove(filed, 1, by=seat, at=late)
    assert (refused.value.code, refused.value.status) == ("locked", 409)
    assert Photo.objects.exists()
    photo_removal.remove(filed, 1, by=f.staff(community), why="private", at=late)
    assert not Photo.objects.exists()


def test_a_matters_photo_goes_while_its_week_is_open(community, seat):
    told = f.matter(f.building(community, 1), seat, at=timezone.now())
    photos.attach(told, 1, pictures.drawn(), by=seat, at=timezone.now())
    assert as_(seat).post(door(told)).status_code == 302
    assert not Photo.objects.exists()


def test_what_was_taken_away_is_never_changed(filed, seat):
    photo_removal.remove(filed, 1, by=seat, at=timezone.now())
    with pytest.raises(DatabaseError, match="insert only"), transaction.atomic():
        PhotoRemoval.objects.update(why="person")
    with pytest.raises(DatabaseError, match="insert only"), transaction.atomic():
        PhotoRemoval.objects.all().delete()
