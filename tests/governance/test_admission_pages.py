"""The pages of form admission, and what a phone sees of a field that was added or has ended."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import admission
from reports.catalogue import BUILDING_REPORT, HOUSEHOLD_REPORT, publish
from reports.models import Admission, Filing
from tests import factories as f
from tests.governance.test_api import Phone
from units.kinds import Duty

pytestmark = pytest.mark.django_db

SENTENCE = "这张表已更新，请刷新后再看一眼，填的内容还在"
DESIGNED = {
    "form": BUILDING_REPORT,
    "label": "积水的地方",
    "type": "choices",
    "choices": "地下车库\n门前路面\n天井",
    "purpose": "梅雨季前排好抽水泵",
    "owner": "居委会环境条线",
}


@pytest.fixture
def community():
    """Its forms came out 30 days ago."""
    made = f.compound((2,))
    for code in (BUILDING_REPORT, HOUSEHOLD_REPORT):
        publish(code, at=ago(30))
    f.open_week(timezone.now())
    return made


def ago(days: float):
    return timezone.now() - timedelta(days=days)


def ahead(days: int):
    return timezone.localdate() + timedelta(days=days)


def client_of(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def officer(community) -> Client:
    return client_of(f.post(Duty.STREET_OFFICER, division=community.division).user)


def design(client, **facts):
    sent = DESIGNED | {"ends_on": ahead(60).isoformat()} | facts
    return client.post(reverse("admission-proposal"), sent)


def decide(client, what, row, **facts):
    return client.post(reverse(f"admission-{what}", kwargs={"pk": row.pk}), facts)


def text_of(answer) -> str:
    return answer.content.decode()


def form_page(place) -> str:
    week = f.open_week(timezone.now()).key
    return reverse("report-form", kwargs={"code": place.code, "week": week})


def filled_in(version: int, **answers):
    return f.CALM | {"id": str(uuid4()), "base_rev": "0", "form_version": str(version)} | answers


# --- Designing and deciding ---------------------------------------------------------------


def test_staff_propose_and_the_street_agrees_and_the_phone_asks(community):
    staff, street = client_of(f.staff(community)), officer(community)
    seat = client_of(f.seat(f.building(community)))
    answer = design(staff)
    row = Admission.objects.get()
    page = reverse("admission", kwargs={"pk": row.pk})
    assert (answer.status_code, answer.headers["Location"]) == (302, page)
    assert "积水的地方" not in text_of(seat.get(form_page(f.building(community))))
    assert "同意，今天起问" in text_of(street.get(page))
    assert "同意，今天起问" not in text_of(staff.get(page))
    assert decide(street, "agreement", row, ends_on=ahead(30).isoformat()).status_code == 302
    shown = text_of(seat.get(form_page(f.building(community))))
    for words in ("积水的地方", "地下车库", "为什么问这些", reverse("burden")):
        assert words in shown
    burden = text_of(seat.get(reverse("burden")))
    for words in ("积水的地方", "梅雨季前排好抽水泵", "居委会环境条线", "至少点8下", "未列入清单"):
        assert words in burden
    assert 'class="phone"' in burden
    assert 'class="desk"' in text_of(street.get(reverse("burden")))


def test_the_street_refuses_with_a_reason_that_the_proposer_reads(community):
    staff, street = client_of(f.staff(community)), officer(community)
    design(staff)
    row = Admission.objects.get()
    answer = decide(street, "refusal", row, reason=" ")
    assert (answer.status_code, "请写明理由" in text_of(answer)) == (422, True)
    decide(street, "refusal", row, reason="物业每月在报")
    assert "物业每月在报" in text_of(staff.get(reverse("admission", kwargs={"pk": row.pk})))


def test_a_wrong_day_keeps_what_was_typed_and_a_second_decision_is_told(community):
    street = officer(community)
    row = admission.propose(f.proposal(ends_on=ahead(60)), by=f.person(), at=timezone.now())
    for day in ("", "明年", ahead(400).isoformat()):
        answer = decide(street, "agreement", row, ends_on=day)
        assert answer.status_code == 422
        assert not day or f'value="{day}"' in text_of(answer)
    decide(street, "agreement", row, ends_on=ahead(60).isoformat())
    answer = decide(street, "refusal", row, reason="不必")
    assert (answer.status_code, "已经是“已同意”" in text_of(answer)) == (409, True)
    assert decide(street, "end", row, reason="水泵装好了").status_code == 302
    assert Admission.objects.get().state == "ended"


def test_who_may_not_decide_is_told_so_and_nothing_happens(community):
    proposer = f.staff(community)
    row = admission.propose(f.proposal(ends_on=ahead(60)), by=proposer, at=timezone.now())
    viewer = f.post(Duty.STREET_VIEWER, division=community.division).user
    seat = f.seat(f.building(community))
    for user in (proposer, f.staff(community, Duty.DIRECTOR), viewer, seat):
        for what in ("agreement", "refusal", "end"):
            answer = decide(client_of(user), what, row, reason="不必", ends_on=str(ahead(9)))
            assert answer.status_code == 403
    f.post(Duty.STREET_OFFICER, division=community.division, user=proposer)
    answer = decide(client_of(proposer), "agreement", row, ends_on=str(ahead(9)))
    assert (answer.status_code, "要由别人决定" in text_of(answer)) == (403, True)
    assert Admission.objects.get().state == "proposed"
    assert decide(client_of(proposer), "withdrawal", row).status_code == 302
    assert Admission.objects.get().state == "withdrawn"


def test_a_repetition_is_pointed_at_and_goes_on_with_a_reason(community):
    staff = client_of(f.staff(community))
    answer = design(staff, label="楼道有没有堆物")
    shown = text_of(answer)
    assert (answer.status_code, Admission.objects.count()) == (422, 0)
    assert f'href="{reverse("burden")}#building_report-corridor"' in shown
    assert 'id="building_report-corridor"' in text_of(staff.get(reverse("burden")))
    assert "地下车库\n门前路面" in shown
    answer = design(staff, label="楼道有没有堆物", difference="只问防火门前一米")
    assert answer.status_code == 302
    assert "楼组周报 · 楼道堆物" in text_of(officer(community).get(answer.headers["Location"]))


def test_all_that_was_typed_stays_when_several_things_are_wrong(community):
    staff = client_of(f.staff(community))
    facts = {
        "label": "",
        "ends_on": "明年",
        "most": "很多",
        "type": "number",
        "purpose": "为了排泵",
    }
    answer = design(staff, relevant="building_report:corridor=uncleared", **facts)
    shown = text_of(answer)
    assert answer.status_code == 422
    for words in ("请填写：问什么", "请选一个日期", "请填数字", "为了排泵", "很多", "明年"):
        assert words in shown
    assert '<option value="building_report:corridor=uncleared" selected>' in shown


def test_an_extension_is_a_new_proposal_with_the_old_one_in_it(community):
    row = f.admitted(at=timezone.now(), ends_on=ahead(20))
    staff = client_of(f.staff(community))
    url = f"{reverse('admission-proposal')}?extends={row.pk}"
    assert url in text_of(staff.get(reverse("admission", kwargs={"pk": row.pk})))
    shown = text_of(staff.get(url))
    for words in (
        "延续“积水的地方”",
        "地下车库\n门前路面\n天井",
        "梅雨季前排好抽水泵",
        'type="checkbox" name="added_1" value="c1"',
    ):
        assert words in shown
    assert staff.post(url, DESIGNED | {"ends_on": ahead(80).isoformat()}).status_code == 302
    assert Admission.objects.first().extends == row
    for wrong in ("x", "9" * 30, "0"):
        assert staff.get(f"{reverse('admission-proposal')}?extends={wrong}").status_code in (
            200,
            404,
        )


@pytest.mark.parametrize(
    ("facts", "marks"),
    [
        ({"type": "choice"}, ['type="radio" name="added_0" value="c1"', "天井"]),
        ({"type": "choices"}, ['type="checkbox" name="added_0" value="c3"', "天井"]),
        ({"type": "number", "unit": "盏"}, ['id="added_0" name="added_0"', "（盏）"]),
        ({"type": "floors"}, ['type="checkbox" name="added_0" value="6"', "6楼"]),
        ({"type": "text", "hint": "写在哪一面"}, ["<textarea", "写在哪一面"]),
        ({"relevant": "building_report:stock=tight"}, ["物资", 'data-shown-when="stock"']),
    ],
)
@pytest.mark.parametrize("is_live", [True, False])
def test_the_preview_is_what_the_phone_will_show(community, facts, marks, is_live):
    staff = client_of(f.staff(community))
    headers = {"X-Part": "preview"} if is_live else {}
    # What it is for is written last; the preview does not wait for it.
    sent = DESIGNED | {"purpose": "", "owner": "", "preview": "yes"} | facts
    answer = staff.post(reverse("admission-proposal"), sent, headers=headers)
    shown = text_of(answer)
    assert (answer.status_code, Admission.objects.count()) == (200, 0)
    for mark in ("积水的地方", "没有它点8下", *marks):
        assert mark in shown
    assert ("<html" in shown) is not is_live


@pytest.mark.parametrize(
    ("label", "status"),
    [
        ("<script>alert(1)</script>", 302),
        ("\u202e方地的水积", 302),
        ("{{ settings.SECRET_KEY }}", 302),
        ("问" * 10_000, 422),
        ("31010419490307002X", 422),
        ("身份证号码", 422),
        ("\x00\u200b", 422),
    ],
)
def test_a_hostile_label_breaks_nothing_and_is_shown_as_text(community, label, status):
    staff, street = client_of(f.staff(community)), officer(community)
    for more in ({"preview": "yes"}, {}):
        answer = design(staff, label=label, **more)
        assert answer.status_code == (200 if more else status)
        assert "<script>alert" not in text_of(answer)
        assert label not in ("问" * 10_000,) or label in text_of(answer)
    if status == 302:
        row = Admission.objects.get()
        admission.agree(row, ends_on=row.ends_on, by=f.person(), at=timezone.now())
        seat = client_of(f.seat(f.building(community)))
        for client, url in (
            (staff, reverse("admissions")),
            (street, reverse("admission", kwargs={"pk": row.pk})),
            (seat, reverse("burden")),
            (seat, form_page(f.building(community))),
        ):
            shown = text_of(client.get(url))
            assert "<script>alert" not in shown
            assert "\u202e" not in shown


def test_the_list_is_searched_paged_and_says_when_it_is_empty(community):
    staff = client_of(f.staff(community))
    url = reverse("admissions")
    assert "现在没有另外加问的项" in text_of(staff.get(url))
    assert "还没有结束的" in text_of(staff.get(url, {"ended": "1"}))
    for number in range(32):
        facts = {"label": f"第{number}处", "difference": "不同", "ends_on": ahead(60)}
        row = admission.propose(f.proposal(**facts), by=f.person(), at=timezone.now())
    admission.withdraw(row, by=row.proposed_by, at=timezone.now())
    assert "第1页，共2页" in text_of(staff.get(url))
    assert "第17处" in text_of(staff.get(url, {"q": "第17处"}))
    assert "没有找到" in text_of(staff.get(url, {"q": "第31处"}))
    assert ">第31处</a>" in text_of(staff.get(url, {"q": "第31处", "ended": "1"}))
    assert "没有找到" in text_of(staff.get(url, {"q": "不存在\x00"}))


# --- A form that was opened before it changed ---------------------------------------------


@pytest.mark.parametrize(("days", "status"), [(13.9, 302), (14.1, 409)])
def test_a_page_opened_before_is_taken_for_14_days_and_then_shown_anew(community, days, status):
    place = f.building(community)
    client = client_of(f.seat(place))
    f.admitted(at=ago(days), ends_on=ahead(30), required=True)
    sent = filled_in(1, corridor="uncleared", corridor_floors=["1"], note="三楼旧沙发")
    answer = client.post(form_page(place), sent)
    assert answer.status_code == status
    if status == 302:
        return
    shown = text_of(answer)
    assert SENTENCE in shown
    assert 'name="corridor" value="uncleared" checked' in shown
    for kept in ("三楼旧沙发", "积水的地方", f'name="id" value="{sent["id"]}"'):
        assert kept in shown
    assert 'name="form_version" value="2"' in shown
    assert not Filing.objects.exists()
    again = client.post(form_page(place), sent | {"form_version": "2", "added_1": ["c1"]})
    assert again.status_code == 302
    assert Filing.objects.get().answers["note"] == "三楼旧沙发"


def test_what_was_filled_in_of_an_ended_field_is_shown_and_not_lost_in_silence(community):
    place = f.building(community)
    client = client_of(f.seat(place))
    f.admitted(at=ago(20), ends_on=ahead(-17), label="棚架松动", type="number", unit="处")
    publish(BUILDING_REPORT, at=ago(15))
    shown = text_of(client.post(form_page(place), filled_in(2, added_1="3", waste="poor")))
    assert SENTENCE in shown
    assert "棚架松动：3处" in shown
    assert 'name="waste" value="poor" checked' in shown


def test_staff_filing_for_a_group_keep_what_they_typed_too(community):
    place = f.building(community)
    client = client_of(f.staff(community))
    f.admitted(at=ago(15), ends_on=ahead(30))
    week = f.open_week(timezone.now()).key
    url = reverse("on-behalf", kwargs={"code": place.code, "week": week})
    more = {"caller": "周兰英", "channel": "telephone", "nil": "no", "note": "三楼旧沙发"}
    answer = client.post(url, filled_in(1, **more))
    shown = text_of(answer)
    assert (answer.status_code, SENTENCE in shown) == (409, True)
    assert "周兰英" in shown
    assert "三楼旧沙发" in shown


@pytest.mark.parametrize(("days", "status"), [(1, 302), (15, 409)])
def test_a_doors_page_opened_before_is_taken_too(community, days, status):
    door = f.household(community)
    client = client_of(f.seat(f.building(community)))
    f.admitted(at=ago(days), ends_on=ahead(30), form=HOUSEHOLD_REPORT)
    url = reverse("household-form", kwargs={"code": door.code})
    sent = {"id": str(uuid4()), "base_rev": "0", "form_version": "1", "source": "call"}
    sent |= {"situation": "same", "note": "窗台花盆"}
    answer = client.post(url, sent)
    assert answer.status_code == status
    if status == 409:
        shown = text_of(answer)
        for kept in (SENTENCE, "窗台花盆", 'name="source" value="call" checked'):
            assert kept in shown
        assert client.post(url, sent | {"form_version": "2"}).status_code == 302


def test_a_phone_that_was_away_is_refused_in_words_or_stored_and_told_apart(community):
    place = f.building(community)
    phone = Phone(f.seat(place))
    f.admitted(at=ago(20), ends_on=ahead(30))
    week = f.open_week(timezone.now()).key
    body = {"place": place.code, "period": week, "answers": f.CALM, "form_version": 1}

    def put(id_, **facts):
        sent = json.dumps(body | facts)
        url = reverse("api-filing", kwargs={"id": id_})
        return phone.client.put(url, sent, content_type="application/json")

    id_ = uuid4()
    refused = put(id_)
    assert (refused.status_code, refused.json()["code"]) == (409, "form_updated")
    assert refused.json()["message"] == SENTENCE
    assert put(id_, form_version=2).status_code == 201
    away = put(uuid4(), base_rev=1, made_at=ago(10).isoformat())
    assert away.status_code == 201
    staff = client_of(f.staff(community))
    url = reverse("report-detail", kwargs={"code": place.code, "week": week})
    assert text_of(staff.get(url)).count("按旧表填的") == 1


def test_answers_stand_on_the_report_page_after_their_field_has_ended(community):
    place = f.building(community)
    seat = client_of(f.seat(place))
    row = f.admitted(at=ago(1), ends_on=ahead(30))
    seat.post(form_page(place), filled_in(2, added_1=["c1", "c3"]))
    admission.end(row, reason="问完了", by=f.person(), at=timezone.now())
    week = f.open_week(timezone.now()).key
    url = reverse("report-detail", kwargs={"code": place.code, "week": week})
    assert "地下车库、天井" in text_of(seat.get(url))
    # The form asks what is asked now; what stands is put into it.
    shown = text_of(seat.get(form_page(place)))
    assert "积水的地方" not in shown
    assert 'name="waste" value="good" checked' in shown
