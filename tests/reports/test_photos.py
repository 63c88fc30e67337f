"""Photos of a filing: whose they are, what survives of a file, and what is refused."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from reports import filing, photos
from reports.models import Filing, Photo, Report
from reports.models.photo import MOST_BYTES
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
    period = f.open_week(timezone.now())
    owed = f.owed(f.building(community, 1), period)
    return filing.file(owed, f.sending(seat, answers={}), at=timezone.now()).filing


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def api(filed: Filing, number: int = 1) -> str:
    return reverse("api-photo", kwargs={"id": filed.pk, "number": number})


def put(user, filed: Filing, sent: bytes, number: int = 1, kind: str = "image/jpeg"):
    return as_(user).put(api(filed, number), sent, content_type=kind)


def kept(filed: Filing, number: int = 1) -> Image.Image:
    return Image.open(BytesIO(bytes(Photo.objects.get(filing=filed, number=number).content)))


# --- Sending ----------------------------------------------------------------------------


def test_a_photo_is_kept_and_shown_to_who_may_read_the_report(filed, seat, community):
    answer = put(seat, filed, pictures.drawn())
    assert answer.status_code == 201
    assert (answer.json()["receipt"], answer.json()["number"]) == (filed.receipt, 1)
    url = reverse("photo", kwargs={"id": filed.pk, "number": 1})
    for user in (seat, f.staff(community)):
        shown = as_(user).get(url)
        assert shown.headers["Content-Type"] == "image/jpeg"
        assert shown.headers["Cache-Control"] == "private, no-cache"
        assert shown.headers["X-Content-Type-Options"] == "nosniff"
        assert shown.headers["Content-Disposition"].startswith("inline; filename=")
        assert Image.open(BytesIO(shown.content)).size == (400, 300)
        small = Image.open(BytesIO(as_(user).get(url, {"small": ""}).content))
        assert max(small.size) == photos.SMALL_SIDE
    assert as_(f.seat(f.building(community, 2))).get(url).status_code == 404
    assert Client().get(url).status_code == 302


def test_the_same_bytes_again_are_the_same_photo_and_others_do_not_replace_it(filed, seat):
    assert put(seat, filed, pictures.drawn()).status_code == 201
    assert put(seat, filed, pictures.drawn()).status_code == 200
    answer = put(seat, filed, pictures.drawn(500))
    assert (answer.status_code, answer.json()["code"]) == (409, "another_photo")
    assert kept(filed).width == 400
    assert Photo.objects.count() == 1


def test_only_the_filer_adds_photos_and_who_sees_nothing_is_told_nothing(filed, community):
    other = f.seat(f.building(community, 1), Duty.PARTY_LEADER)
    answer = put(other, filed, pictures.drawn())
    assert (answer.status_code, answer.json()["code"]) == (403, "not_your_duty")
    assert put(f.seat(f.building(community, 2)), filed, pictures.drawn()).status_code == 404
    assert Client().put(api(filed), b"x", content_type="image/jpeg").status_code == 401


def test_a_filing_that_is_not_there_has_no_photo(seat, filed):
    url = reverse("api-photo", kwargs={"id": uuid4(), "number": 1})
    answer = as_(seat).put(url, pictures.drawn(), content_type="image/jpeg")
    assert answer.status_code == 404


def test_three_photos_and_no_fourth(filed, seat):
    for number in (1, 2, 3):
        assert put(seat, filed, pictures.drawn(400 + number), number).status_code == 201
    for number in (0, 4, 99):
        answer = put(seat, filed, pictures.drawn(), number)
        assert (answer.status_code, answer.json()["message"]) == (422, "一份报告最多3张照片")


def test_a_withdrawn_reports_photo_stays_with_its_filing(filed, seat):
    put(seat, filed, pictures.drawn())
    owed = Report.objects.get().obligation
    again = f.sending(seat, withdraws=True, base_rev=1)
    filing.file(owed, again, at=timezone.now() + timedelta(minutes=1))
    url = reverse("photo", kwargs={"id": filed.pk, "number": 1})
    assert as_(seat).get(url).status_code == 200


# --- What survives of a file ------------------------------------------------------------


@pytest.mark.parametrize("orientation", [1, 3, 6, 8])
def test_of_place_device_and_comments_nothing_survives(filed, seat, orientation):
    sent = pictures.with_a_place(orientation)
    assert b"GPS" in sent or b"SECRETPHONE" in sent
    assert put(seat, filed, sent).status_code == 201
    photo = Photo.objects.get()
    for content in (bytes(photo.content), bytes(photo.thumbnail)):
        assert not [mark for mark in pictures.MARKS if mark in content]
        shown = Image.open(BytesIO(content))
        assert not dict(shown.getexif())
        assert not {"comment", "exif", "xmp", "icc_profile"} & set(shown.info)


def test_a_picture_taken_sideways_stands_upright(filed, seat):
    put(seat, filed, pictures.with_a_place(6))
    shown = kept(filed)
    assert shown.size == (300, 400)
    red, _green, blue = shown.getpixel((150, 20))
    assert red > 200 > blue


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "JPEG"])
def test_large_ones_of_every_kind_become_small_jpeg(filed, seat, kind):
    sent = pictures.drawn(4000, 3000, kind=kind)
    assert put(seat, filed, sent, kind=f"image/{kind.lower()}").status_code == 201
    shown = kept(filed)
    assert (shown.format, shown.size, shown.mode) == ("JPEG", (1600, 1200), "RGB")


def test_the_worst_picture_still_fits(filed, seat):
    put(seat, filed, pictures.noise(2400, 2400))
    assert len(Photo.objects.get().content) <= MOST_BYTES


def test_what_is_transparent_becomes_white(filed, seat):
    out = BytesIO()
    Image.new("RGBA", (64, 64), (0, 0, 0, 0)).save(out, "PNG")
    put(seat, filed, out.getvalue(), kind="image/png")
    assert min(kept(filed).getpixel((5, 5))) > 250


# --- What is refused --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (pictures.bomb(13_000), 422, "photo_too_large"),
        (pictures.bomb(60_000), 422, "photo_too_large"),
        (pictures.GIF_AND_SCRIPT, 415, "not_a_photo"),
        (pictures.SVG, 415, "not_a_photo"),
        (pictures.EICAR, 415, "not_a_photo"),
        (b"", 415, "not_a_photo"),
        (pictures.drawn()[:400], 422, "broken_photo"),
        (b"\xff\xd8\xff\xe0" + pictures.EICAR, 422, "broken_photo"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 64, 422, "broken_photo"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", 422, "broken_photo"),
    ],
    ids=lambda value: f"{len(value)}_bytes" if isinstance(value, bytes) else None,
)
def test_what_is_no_honest_photo_is_refused_in_words(filed, seat, sent, status, code):
    answer = put(seat, filed, sent)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Photo.objects.exists()


def test_a_photo_that_carries_a_script_behind_its_pixels_loses_it(filed, seat):
    put(seat, filed, pictures.drawn() + b"<script>alert(1)</script>" + pictures.EICAR)
    content = bytes(Photo.objects.get().content)
    assert b"script" not in content
    assert b"EICAR" not in content


def test_other_kinds_of_body_are_not_read(filed, seat):
    answer = as_(seat).put(api(filed), "{}", content_type="application/json")
    assert answer.status_code == 415


def test_eight_megabytes_at_this_door_and_one_at_every_other(filed, seat, settings):
    body = pictures.drawn() + b"\x00" * (2 * settings.BODY_LIMIT)
    assert put(seat, filed, body).status_code == 201
    answer = put(seat, filed, b"\xff" * (settings.PHOTO_LIMIT + 1), 2)
    assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
    batch = as_(seat).post(
        reverse("api-filing-batch"), "x" * (settings.BODY_LIMIT + 1), content_type="image/jpeg"
    )
    assert batch.status_code == 413
    beside = f"/api/filings/{filed.pk}/photos/1/more/"
    wide = as_(seat).put(beside, b"x" * (settings.BODY_LIMIT + 1), content_type="image/jpeg")
    assert wide.status_code == 413


def test_the_database_keeps_photos_few_small_and_unchanged(filed, seat):
    put(seat, filed, pictures.drawn())
    facts = {"thumbnail": b"x", "sha256": "x", "sent_sha256": "x", "at": timezone.now()}
    for rule, number, content in (
        ("few_photos_a_filing", 4, b"x"),
        ("a_photo_is_small", 2, b"x" * (MOST_BYTES + 1)),
        ("one_photo_per_number", 1, b"x"),
    ):
        with pytest.raises(IntegrityError, match=rule), transaction.atomic():
            Photo.objects.create(filing=filed, number=number, content=content, **facts)
    with pytest.raises(DatabaseError, match="insert only"), transaction.atomic():
        Photo.objects.update(content=b"x")


def test_two_phones_at_once_keep_one(filed, seat, monkeypatch):
    """The second comes between the look and the write of the first."""
    real = photos._photo

    def overtaken(*args):
        monkeypatch.setattr(photos, "_photo", real)
        photos.attach(filed, 1, pictures.drawn(), by=seat, at=timezone.now())
        return real(*args)

    monkeypatch.setattr(photos, "_photo", overtaken)
    assert photos.attach(filed, 1, pictures.drawn(), by=seat, at=timezone.now()).is_repeat
    assert Photo.objects.count() == 1


# --- Pages ------------------------------------------------------------------------------


def form_of(community, seat, photo: bytes | None, **more: str):
    place = f.building(community, 1)
    period = f.open_week(timezone.now())
    url = reverse("report-form", kwargs={"code": place.code, "week": period.key})
    body = f.CALM | {"id": str(uuid4()), "base_rev": "0", "form_version": "1"} | more
    if photo is not None:
        body["photo"] = SimpleUploadedFile("a.jpg", photo, content_type="image/jpeg")
    return as_(seat).post(url, body)


def test_the_weekly_form_takes_a_photo_along(community, seat):
    answer = form_of(community, seat, pictures.with_a_place())
    sent = Filing.objects.get()
    assert answer.headers["Location"] == reverse("receipt", kwargs={"id": sent.pk})
    assert b"SECRETPHONE" not in bytes(sent.photos.get().content)
    for page in (answer.headers["Location"], _report(sent)):
        assert f"/receipt/{sent.pk}/photos/1/?small" in as_(seat).get(page).content.decode()


def _report(sent: Filing) -> str:
    owed = sent.report.obligation
    return reverse("report-detail", kwargs={"code": owed.place.code, "week": owed.period.key})


@pytest.mark.parametrize("photo", [pictures.SVG, pictures.drawn()[:300], pictures.bomb(13_000)])
def test_a_photo_that_is_refused_takes_the_report_not_with_it(community, seat, photo):
    answer = form_of(community, seat, photo)
    text = answer.content.decode()
    sent = Filing.objects.get()
    assert answer.status_code in (415, 422)
    assert "报告已送达，居委会收到了" in text
    assert "只有照片没有收下" in text
    assert sent.receipt in text
    assert not sent.photos.exists()


def test_a_photo_too_large_for_us_leaves_the_report(community, seat, settings):
    answer = form_of(community, seat, b"\xff\xd8\xff" + b"\x00" * settings.PHOTO_LIMIT)
    assert answer.status_code == 413
    assert "照片太大，没有收下" in answer.content.decode()
    assert Filing.objects.count() == 1


def test_a_refused_form_says_that_the_photo_must_be_chosen_again(community, seat):
    answer = form_of(community, seat, pictures.drawn(), corridor="")
    assert answer.status_code == 422
    assert "照片要再选一次" in answer.content.decode()
    assert "照片要再选一次" not in form_of(community, seat, None, corridor="").content.decode()


def test_photos_are_added_later_on_a_page_of_their_own(filed, seat, community):
    url = reverse("photo-form", kwargs={"id": filed.pk})
    client = as_(seat)
    assert "加一张照片" in client.get(reverse("receipt", kwargs={"id": filed.pk})).content.decode()
    for width in (410, 410, 420, 430):
        sent = SimpleUploadedFile("a.jpg", pictures.drawn(width), content_type="image/jpeg")
        assert client.post(url, {"photo": sent}).status_code == 302
    assert [photo.number for photo in filed.photos.all()] == [1, 2, 3]
    assert "已经有三张照片了" in client.get(url).content.decode()
    assert client.post(url, {}).status_code == 422
    other = as_(f.seat(f.building(community, 1), Duty.PARTY_LEADER))
    assert other.get(url).status_code == 403


def test_pages_ask_no_more_of_three_photos_than_of_one(filed, seat):
    client, url = as_(seat), _report(filed)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(url)
        assert not [each for each in asked if '"reports_photo"."content"' in each["sql"]]
        return len(asked)

    photos.attach(filed, 1, pictures.drawn(), by=seat, at=timezone.now())
    one = cost()
    for number in (2, 3):
        photos.attach(filed, number, pictures.drawn(), by=seat, at=timezone.now())
    assert cost() == one


def test_a_refusal_says_nothing_about_decoders():
    with pytest.raises(Refusal) as refused:
        photos._decode(b"\xff\xd8\xff" + b"\x00" * 50)
    assert str(refused.value.message) == "照片没有传完整或打不开，请再拍一张"
