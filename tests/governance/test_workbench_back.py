"""From a row of 今日工作台 to its page and back: the same list, what was done, and ten seconds."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse
from django.utils import timezone

from governance.voices import answering
from governance.voices.models import Voice
from reports import replies, review
from reports.models import Decision, Reply, Report
from tests import factories as f
from tests.governance.test_workbench import client_of, desk_url, reported, speak, undo
from units import way_back
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
DONE = "物业周三下午换好了灯"


@pytest.fixture
def community():
    return f.compound((2, 1), floors=1, doors=1)


def links(page: str) -> list[str]:
    """Addresses of what stands in the rows."""
    rows = page.partition("<tbody data-rows>")[2].partition("</tbody>")[0]
    return [unescape(each) for each in re.findall(r'<a[^>]* href="([^"]+)"', rows)]


def fields(page: str, form: str) -> dict[str, str]:
    """What a browser would send of the form that posts to `form`."""
    inside = page.partition(f'action="{form}"')[2].partition("</form>")[0]
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', inside)
    return {name: unescape(value) for name, value in found}


def opened(client, community, query: str, name: str) -> str:
    """The page of the first link of a row whose path ends so, as it is opened from the list."""
    shown = links(client.get(desk_url(community, query)).content.decode())
    address = next(each for each in shown if urlsplit(each).path.endswith(name))
    return client.get(address).content.decode()


def test_a_voice_closed_on_its_page_leads_back_to_the_list_with_the_undo(community):
    staff, voice = f.staff(community), speak(community)
    answering.accept(voice, by=staff, at=timezone.now())
    client, query = client_of(staff), "?tab=reply&text=%E7%81%AF"
    page = opened(client, community, query, f"/voices/{voice.pk}/")
    assert "返回刚才的列表" in page
    closure = reverse("voice-closure", kwargs={"pk": voice.pk})
    sent = fields(page, closure) | {"answer": DONE}
    answer = client.post(closure, sent)
    back = answer.headers["Location"]
    assert back.startswith(desk_url(community, query))
    shown = client.get(back).content.decode()
    assert "已办结1条" in shown
    banner = shown.partition("data-seconds-left")[2].partition("</form>")[0]
    assert "csrfmiddlewaretoken" in banner
    # The same press again says the same and does nothing more.
    assert client.post(closure, sent).headers["Location"] == back
    undone = undo(client, community, parse_qs(urlsplit(back).query)["done"][0])
    assert "undone=1" in undone.headers["Location"]
    voice.refresh_from_db()
    assert (voice.state, voice.answer, voice.accepted_by) == ("accepted", "", staff)
    client.post(closure, sent)
    voice.refresh_from_db()
    assert voice.state == "accepted"


def test_a_voice_that_nobody_had_is_nobodys_again_once_its_closing_is_undone(community):
    staff, voice, at = f.staff(community), speak(community), timezone.now()
    batch = uuid4()
    answering.close(voice, DONE, batch=batch, by=staff, at=at)
    assert answering.reopen(batch, by=f.staff(community), at=at) == 0
    assert answering.reopen(batch, by=staff, at=at) == 1
    assert Voice.objects.get().state == "new"
    late = uuid4()
    answering.close(voice, DONE, batch=late, by=staff, at=at)
    with pytest.raises(Refusal) as refused:
        answering.reopen(late, by=staff, at=at + timedelta(seconds=11))
    assert refused.value.code == "undo_too_late"


def test_a_refused_answer_still_knows_the_way_back(community):
    staff, voice = f.staff(community), speak(community)
    client, back = client_of(staff), desk_url(community, "?tab=new")
    closure = reverse("voice-closure", kwargs={"pk": voice.pk})
    answer = client.post(closure, {"answer": "", "batch": str(uuid4()), "back": back})
    assert answer.status_code == 422
    assert fields(answer.content.decode(), closure)["back"] == back
    acceptance = reverse("voice-acceptance", kwargs={"pk": voice.pk})
    answer = client.post(acceptance, {"back": back})
    assert answer.headers["Location"].startswith(f"/voices/{voice.pk}/?back=")


@pytest.mark.parametrize(
    "back", ["https://example.com/", "//example.com/", "/\\example.com", "/nowhere/", "x"]
)
def test_the_way_back_stays_in_the_house(community, back):
    staff, voice = f.staff(community), speak(community)
    client, page = client_of(staff), reverse("voice", kwargs={"pk": voice.pk})
    assert "返回刚才的列表" not in client.get(page, {"back": back}).content.decode()
    closure = reverse("voice-closure", kwargs={"pk": voice.pk})
    answer = client.post(closure, {"answer": DONE, "batch": str(uuid4()), "back": back})
    assert answer.headers["Location"] == page


def test_a_fragment_stays_behind_the_way_back():
    assert way_back.onto("/voices/1/#answer", "/a/?b=1") == "/voices/1/?back=%2Fa%2F%3Fb%3D1#answer"
    assert way_back.onto("/voices/1/", "") == "/voices/1/"


def test_a_reply_leads_back_and_is_taken_back_by_one_more_row(community):
    staff, report = f.staff(community), reported(community, 1)
    at = timezone.now()
    Report.objects.update(stock_tight=1)
    review.accept(report, by=staff, at=at, batch=uuid4())
    client, query = client_of(staff), "?tab=reply"
    page = opened(client, community, query, "/replies/")
    address = re.search(r'action="([^"]+/replies/)"', page)[1]
    sent = fields(page, address) | {"words": DONE}
    back = client.post(address, sent).headers["Location"]
    assert back.startswith(desk_url(community, query))
    shown = client.get(back).content.decode()
    assert "已送出1条回音" in shown
    assert not links(shown)
    undo(client, community, sent["id"])
    assert len(links(client.get(desk_url(community, query)).content.decode())) == 2
    assert list(replies.about(report.place)) == []
    assert [each.words for each in Reply.objects.order_by("at")] == [DONE, ""]
    # Sent again from the browser's history it stays undone.
    client.post(address, sent)
    assert not Reply.objects.standing().exists()


def test_a_reply_is_taken_back_within_ten_seconds_by_who_told_it(community):
    staff, report, at = f.staff(community), reported(community, 1), timezone.now()
    told = replies.reply(report, DONE, id_=uuid4(), by=staff, at=at)
    assert replies.take_back(told.pk, by=f.staff(community), at=at) == 0
    with pytest.raises(Refusal) as refused:
        replies.take_back(told.pk, by=staff, at=at + timedelta(seconds=11))
    assert refused.value.code == "undo_too_late"
    assert replies.take_back(told.pk, by=staff, at=at) == 1
    assert replies.take_back(told.pk, by=staff, at=at) == 0
    with pytest.raises(DatabaseError), transaction.atomic():
        Reply.objects.update(words="不是这样")


def test_a_report_decided_on_its_page_leads_back_and_the_list_can_undo_it(community):
    staff, report = f.staff(community), reported(community, 1, corridor="uncleared")
    client, query = client_of(staff), "?tab=new&sort=report"
    week = report.obligation.period.key
    page = opened(client, community, query, f"/{week}/")
    for name, said, words in (
        ("review-returning", {"reason": "请写明楼层"}, "已退回1份"),
        ("review-acceptance", {}, "已通过1份"),
    ):
        door = reverse(name, kwargs={"code": community.code})
        back = client.post(door, fields(page, door) | said).headers["Location"]
        assert back.startswith(desk_url(community, query))
        assert words in client.get(back).content.decode()
        undo(client, community, parse_qs(urlsplit(back).query)["done"][0])
        assert Report.objects.get(pk=report.pk).review == "waiting"
        page = client.get(
            reverse("report-detail", kwargs={"code": report.place.code, "week": week}),
            {"back": desk_url(community, query)},
        ).content.decode()
    assert Decision.objects.filter(what="undone").count() == 2


def test_a_report_filed_for_a_group_leaves_its_receipt_with_the_way_back(community):
    staff, now = f.staff(community), timezone.now()
    owed = f.owed(f.building(community, 1), f.open_week(now))
    client, back = client_of(staff), desk_url(community, "?tab=due&later=1")
    behalf = reverse("on-behalf", kwargs={"code": owed.place.code, "week": owed.period.key})
    opened_ = way_back.onto(behalf, back)
    page = client.get(opened_).content.decode()
    sent = {name: re.search(rf'name="{name}" value="([^"]*)"', page)[1] for name in ENVELOPE}
    body = sent | {"caller": "张桂英", "channel": "telephone", "nil": "yes"}
    receipt = client.post(opened_, body, follow=True).content.decode()
    assert f'<a href="{back.replace("&", "&amp;")}">' in receipt


ENVELOPE = ("id", "base_rev", "form_version")
