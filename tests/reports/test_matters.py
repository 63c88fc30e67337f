"""「我要上报」: told by a group in three taps, answered by the committee, counted nowhere."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import filing, review
from reports.models import Filing, Photo, Report, Summary
from reports.rollup import recount
from tests import factories as f
from tests.reports import pictures
from units.kinds import Duty
from units.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    community = f.compound((2,), doors=2)
    f.open_week(timezone.now())
    f.household_form()
    return community, f.seat(f.building(community)), f.staff(community)


def client(user) -> Client:
    made = Client()
    made.force_login(user)
    return made


def form_url(community, kind: str) -> str:
    return reverse("matter-form", kwargs={"code": f.building(community).code, "kind": kind})


def tell(community, user, kind: str = "facility", **more):
    f.publish("matter_report", at=timezone.now())
    return client(user).post(form_url(community, kind), {"id": str(uuid4())} | more, follow=True)


def test_what_was_seen_is_told_with_a_sentence_and_a_photo(world):
    community, seat, staff = world
    answer = tell(community, seat, note="三楼楼道灯不亮", urgency="now")
    assert "提交成功，居委会已收到" in answer.content.decode()
    told = Report.objects.get(form__code="matter_report")
    assert told.is_event
    assert told.place == f.building(community)
    desk = client(staff).get(reverse("matters", kwargs={"code": community.code})).content.decode()
    assert all(word in desk for word in ("设施坏了", "三楼楼道灯不亮", "马上", "1件还没有回音"))
    queue = client(staff).get(reverse("review-queue", kwargs={"code": community.code}))
    assert "楼组报的事有1件还没有回音" in queue.content.decode()


def test_a_photo_goes_along_by_plain_post(world):
    community, seat, _staff = world
    tell(community, seat, photo=SimpleUploadedFile("a.jpg", pictures.drawn(), "image/jpeg"))
    assert Photo.objects.get().filing == Filing.objects.get()


def test_other_asks_for_a_sentence_and_keeps_what_was_chosen(world):
    community, seat, _staff = world
    answer = tell(community, seat, "other", urgency="soon")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "<title>错误：" in page
    assert "请至少填一项：说一句话" in page
    assert 'value="soon" checked' in page
    assert not Report.objects.exists()


def test_an_answer_takes_it_off_the_list_and_reaches_the_group(world):
    community, seat, staff = world
    sent = f.matter(f.building(community), seat, at=timezone.now(), note="灯坏了")
    body = {"id": str(uuid4()), "words": "物业换好了"}
    answer = client(staff).post(reverse("replies", kwargs={"id": sent.pk}), body, follow=True)
    assert "没有等回音的" in answer.content.decode()
    home = client(seat).get(reverse("matter", kwargs={"code": f.building(community).code}))
    assert "物业换好了" in home.content.decode()
    told = client(seat).get(reverse("group-replies", kwargs={"code": f.building(community).code}))
    assert "物业换好了" in told.content.decode()


def test_help_and_new_neighbours_lead_to_a_door_with_the_change_chosen(world):
    community, seat, _staff = world
    f.publish("matter_report", at=timezone.now())
    rooms = client(seat).get(form_url(community, "help")).content.decode()
    door = f.household(community)
    link = reverse("household-form", kwargs={"code": door.code}) + "?changes=help"
    assert f'href="{link}"' in rooms
    assert 'name="changes" value="help" checked' in client(seat).get(link).content.decode()


def test_it_is_amended_and_withdrawn_by_the_group(world):
    community, seat, _staff = world
    sent = f.matter(f.building(community), seat, at=timezone.now())
    url = reverse("matter-amendment", kwargs={"id": sent.pk})
    body = {"id": str(uuid4()), "base_rev": "1", "kind": "hazard", "note": "电线垂下来"}
    client(seat).post(url, body)
    report = Report.objects.get()
    assert (report.rev, Filing.objects.get(rev=2).answers["kind"]) == (2, "hazard")
    url = reverse("matter-withdrawal", kwargs={"id": sent.pk})
    client(seat).post(url, {"id": str(uuid4()), "base_rev": "2"})
    report.refresh_from_db()
    assert not report.stands


def test_it_is_counted_into_nothing_and_the_recount_agrees(world):
    community, seat, _staff = world
    at = timezone.now()
    f.drain(community, at)
    before = list(Summary.objects.order_by("pk").values("place", "period", "urgent", "version"))
    f.matter(f.building(community), seat, at=at, kind="hazard", urgency="now")
    f.drain(community, at)
    after = list(Summary.objects.order_by("pk").values("place", "period", "urgent", "version"))
    assert [row for row in after if row["urgent"]] == []
    assert all(row in after for row in before)
    assert recount.differences(at=at) == []


def test_it_has_no_nil_and_is_not_reviewed(world):
    community, seat, staff = world
    form = f.publish("matter_report", at=timezone.now()).form
    nil = f.sending(seat)
    with pytest.raises(Refusal, match="nil_is_for_periods"):
        filing.file_event(f.building(community), form, nil, at=timezone.now())
    sent = f.matter(f.building(community), seat, at=timezone.now())
    with pytest.raises(Refusal, match="nothing_to_review"):
        review.accept(sent.report, by=staff, at=timezone.now())


def test_the_api_takes_it_when_the_form_is_named(world):
    community, seat, _staff = world
    f.publish("matter_report", at=timezone.now())
    body = {"place": f.building(community).code, "form": "matter_report"}
    body |= {"answers": {"kind": "corridor", "note": "旧沙发"}}
    url = reverse("api-filing", kwargs={"id": uuid4()})
    answer = client(seat).put(url, body, content_type="application/json")
    assert answer.status_code == 201
    assert Report.objects.get().form.code == "matter_report"
    again = client(seat).put(url, body, content_type="application/json")
    assert (again.status_code, again.json()["receipt"]) == (200, answer.json()["receipt"])


def test_a_worker_answers_what_was_told_in_the_own_block_only(world):
    community = f.compound((1, 1))
    f.open_week(timezone.now())
    for number, note in ((1, "本片的灯"), (2, "别片的灯")):
        place = f.building(community, number)
        f.matter(place, f.seat(place), at=timezone.now(), note=note)
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user
    page = client(worker).get(reverse("matters", kwargs={"code": community.code})).content.decode()
    assert "本片的灯" in page
    assert "别片的灯" not in page
