"""Bad input gets a sentence beside its field, `{code, message, fields}`, and loses nothing."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import filing
from reports.models import Filing, Obligation, Report
from tests import factories as f
from units import groups
from units.models import Post

pytestmark = pytest.mark.django_db

IDENTITY = "310104194903070029"


@pytest.fixture
def desk():
    """A building of the present week, one of its seats, and a client logged in as that seat."""
    community = f.compound((1,))
    period = f.open_week(timezone.now())
    place = f.building(community)
    user = f.seat(place)
    client = Client()
    client.force_login(user)

    class Desk:
        form = reverse("report-form", kwargs={"code": place.code, "week": period.key})

        @staticmethod
        def post(**facts):
            return client.post(Desk.form, {"id": str(uuid4()), "base_rev": "0", **f.CALM, **facts})

        @staticmethod
        def put(id_=None, **facts):
            url = reverse("api-filing", kwargs={"id": id_ or uuid4()})
            body = {"place": place.code, "period": period.key, "answers": f.CALM, **facts}
            return client.put(url, json.dumps(body), content_type="application/json")

    Desk.client, Desk.user, Desk.place = client, user, place
    Desk.period, Desk.community = period, community
    Desk.owed = f.owed(place, period)
    return Desk


def test_it_works(desk):
    assert desk.put().status_code == 201
    assert Report.objects.get().stands


@pytest.mark.parametrize(
    "number", [IDENTITY, "３１０１０４１９４９０３０７００２９", "310104 1949 0307 0029"]
)
def test_an_identity_number_in_free_text_is_refused_and_the_text_kept(desk, number):
    note = f"三楼灯坏，{number}"
    page = desk.post(note=note)
    assert page.status_code == 422
    assert "请不要填写身份证号" in page.content.decode()
    assert note in page.content.decode()
    answer = desk.put(answers=f.CALM | {"note": note})
    assert answer.json()["code"] == "identity_number"
    assert answer.json()["fields"] == {"note": "请不要填写身份证号"}
    assert not Filing.objects.exists()


def test_full_width_digits_are_read_as_digits(desk):
    answers = f.CALM | {"corridor": "uncleared", "corridor_floors": ["３", "5楼"]}
    assert desk.put(answers=answers).status_code == 201
    assert Filing.objects.get().answers["corridor_floors"] == [3, 5]


def test_a_missing_answer_is_named_and_the_others_kept(desk):
    page = desk.post(waste="", note="楼上装修").content.decode()
    assert "<title>错误：" in page
    assert "这一项还没选：垃圾分类" in page
    assert "楼上装修" in page
    assert desk.put(answers={}).json()["fields"].keys() == f.CALM.keys()


def test_after_closing_a_report_is_stored_as_late(desk):
    past = timezone.now() - timedelta(days=7)
    period = f.open_week(past)
    owed = f.owed(desk.place, period)
    # As if the week had closed an hour ago and were not locked yet.
    now = timezone.now()
    Obligation.objects.filter(pk=owed.pk).update(
        due_at=now - timedelta(hours=3),
        closes_at=now - timedelta(hours=1),
        locks_at=now + timedelta(days=1),
    )
    where = {"code": desk.place.code, "week": period.key}
    sent = desk.client.post(
        reverse("nil-report", kwargs=where), {"id": str(uuid4()), "base_rev": "0"}
    )
    assert sent.status_code == 302
    page = desk.client.get(reverse("report-detail", kwargs=where)).content.decode()
    assert "补报" in page
    assert not Report.objects.get().on_time


def test_after_the_lock_a_seat_is_refused_with_a_sentence(desk):
    long_ago = timezone.now() - timedelta(days=28)
    period = f.open_week(long_ago)
    answer = desk.put(period=period.key)
    assert answer.status_code == 409
    assert answer.json()["code"] == "locked"
    assert "归档" in answer.json()["message"]


def test_staff_amend_after_the_lock_only_with_a_reason(desk):
    period = f.open_week(timezone.now() - timedelta(days=28))
    desk.client.force_login(f.staff(desk.community))
    url = reverse("on-behalf", kwargs={"code": desk.place.code, "week": period.key})
    body = {"id": str(uuid4()), "base_rev": "0", "caller": "周兰英", "nil": "yes"}
    refused = desk.client.post(url, body)
    assert refused.status_code == 422
    assert "请写明理由" in refused.content.decode()
    assert desk.client.post(url, body | {"reason": "当周漏记"}).status_code == 302
    where = {"code": desk.place.code, "week": period.key}
    page = desk.client.get(reverse("report-detail", kwargs=where)).content.decode()
    assert "补报" in page
    assert "已更正" not in page
    better = {"id": str(uuid4()), "base_rev": "1", "nil": "no", "reason": "三楼旧家具", **f.CALM}
    assert desk.client.post(url, body | better).status_code == 302
    page = desk.client.get(reverse("report-detail", kwargs=where)).content.decode()
    assert "已更正" in page
    assert "三楼旧家具" in page


def test_an_ended_seat_gets_nothing_at_the_next_request(desk):
    assert desk.client.get(desk.form).status_code == 200
    groups.end(Post.objects.get(user=desk.user), by=desk.user, at=timezone.now())
    assert desk.client.get(desk.form).status_code == 404
    assert desk.put().status_code == 404


def test_the_same_uuid_with_another_body_is_refused_and_the_first_stands(desk):
    id_ = uuid4()
    assert desk.put(id_).status_code == 201
    assert desk.put(id_).status_code == 200
    answer = desk.put(id_, answers=f.CALM | {"note": "别的话"})
    assert answer.status_code == 409
    assert answer.json()["code"] == "same_id_other_body"
    assert "note" not in Filing.objects.get().answers


def test_a_stale_amendment_shows_both_versions(desk):
    filing.file(desk.owed, f.sending(desk.user), at=timezone.now())
    other = f.person("吴建国")
    filing.file(
        desk.owed,
        f.sending(other, base_rev=1, answers={"note": "吴写的"}),
        at=timezone.now(),
    )
    answer = desk.put(base_rev=1, answers=f.CALM | {"note": "周写的"})
    assert answer.status_code == 409
    body = answer.json()
    assert body["code"] == "stale"
    assert "吴建国" in body["message"]
    assert body["theirs"]["answers"]["note"] == "吴写的"
    assert body["yours"]["answers"]["note"] == "周写的"
    page = desk.post(base_rev="1", note="周写的")
    assert page.status_code == 409
    text = page.content.decode()
    assert "吴写的" in text
    assert "周写的" in text


def test_a_body_of_ten_megabytes_is_refused_unread(desk):
    url = reverse("api-filing", kwargs={"id": uuid4()})
    answer = desk.client.put(url, "x" * 10_000_000, content_type="application/json")
    assert answer.status_code == 413
    assert answer.json()["code"] == "too_large"
    page = desk.client.post(desk.form, {"note": "长" * 4_000_000})
    assert page.status_code == 413
    assert "内容太大" in page.content.decode()


@pytest.mark.parametrize("body", ["{", "[]", '"平安"', "null", b"\xff\xfe", "{}"])
def test_broken_json_is_refused_with_a_sentence(desk, body):
    url = reverse("api-filing", kwargs={"id": uuid4()})
    answer = desk.client.put(url, body, content_type="application/json")
    assert answer.status_code in (400, 404)
    assert answer.json().keys() >= {"code", "message", "fields"}


@pytest.mark.parametrize(
    "facts",
    [
        {"base_rev": "三"},
        {"base_rev": -1},
        {"base_rev": 10**12},
        {"base_rev": 1.5},
        {"base_rev": [1]},
        {"made_at": "昨天"},
        {"made_at": "2026-11-25T08:00:00"},
        {"answers": ["平安"]},
        {"form_version": {"number": 1}},
        {"place": {"code": 1}},
        {"answers": f.CALM | {"corridor": {"none": 1}}},
        {"answers": f.CALM | {"corridor_floors": 3, "corridor": "uncleared", "note": 7}},
    ],
)
def test_a_wrong_shape_is_refused_without_a_fault_of_ours(desk, facts):
    answer = desk.put(**facts)
    assert answer.status_code in (400, 404, 422)
    assert answer.json().keys() >= {"code", "message", "fields"}
    assert not Filing.objects.exists()


def test_a_form_version_that_never_was(desk):
    answer = desk.put(form_version=99)
    assert answer.status_code == 422
    assert answer.json()["code"] == "unknown_form_version"
    assert "内容还在" in answer.json()["message"]


def test_a_page_without_its_hidden_fields_is_refused(desk):
    page = desk.client.post(desk.form, f.CALM)
    assert page.status_code == 400
    assert "请返回首页重新打开再填" in page.content.decode()


def test_half_a_character_and_nul_go_and_the_rest_is_kept(desk):
    f.household_form()
    place = desk.place.code + "\ud83d"
    assert desk.put(place=place, reason="记\x00错\ud83d了").status_code == 201
    assert Filing.objects.get().reason == "记错了"
    answer = desk.put(base_rev=1, answers={"\ud83d": 1})
    assert answer.status_code == 422
    item = {"id": "\ud83d", "place": desk.place.code, "period": "\ud83d"}
    batch = desk.client.post(
        reverse("api-filing-batch"), json.dumps({"items": [item]}), content_type="application/json"
    )
    assert [each["status"] for each in batch.json()["items"]] == [404]


@pytest.mark.parametrize("name", ["base_rev", "form_version"])
def test_a_number_beyond_all_bounds_is_refused(desk, name):
    body = json.dumps({"place": desk.place.code, "period": desk.period.key, name: "?"})
    url = reverse("api-filing", kwargs={"id": uuid4()})
    answer = desk.client.put(url, body.replace('"?"', "1e400"), content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_envelope")


@pytest.mark.parametrize("made_at", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_a_moment_beyond_the_calendar_is_refused_before_it_is_stored(desk, made_at):
    assert desk.put(made_at=made_at).json()["code"] == "bad_envelope"
    door = f.household(desk.community)
    f.household_form()
    item = {"id": str(uuid4()), "place": door.code, "answers": {"situation": "same"}}
    batch = desk.client.post(
        reverse("api-filing-batch"),
        json.dumps({"items": [item | {"made_at": made_at}]}),
        content_type="application/json",
    )
    assert [each["code"] for each in batch.json()["items"]] == ["bad_envelope"]
    assert not Filing.objects.exists()


def test_a_clock_with_an_odd_offset_is_read(desk):
    assert desk.put(made_at="2026-11-25T08:00:00+23:59").status_code == 201


@pytest.mark.parametrize("depth", [30, 400, 100_000])
def test_nesting_without_a_bottom_is_refused(desk, depth):
    url = reverse("api-filing", kwargs={"id": uuid4()})
    body = f'{{"place": "{desk.place.code}", "answers": {"[" * depth}{"]" * depth}}}'
    answer = desk.client.put(url, body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "malformed")


@pytest.mark.parametrize(
    "address",
    ["/household/%00/", "/report/%00/2026-W48/", "/building/%00/", "/community/%00/groups/"],
)
def test_an_address_with_a_nul_is_not_found(desk, address):
    page = desk.client.get(address)
    assert page.status_code == 404
    assert "没有找到" in page.content.decode()


def test_a_session_with_a_nul_is_nobodys(desk):
    stranger = Client(headers={"Cookie": 'sessionid="\\000abcdefgh"'})
    assert stranger.get(reverse("home")).status_code == 200
    assert stranger.get(reverse("api-places")).status_code == 401
