"""The desk pages of block and community reports."""

import re
from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.board.live import live_token, live_version
from reports import upper as pages
from reports import views_upper
from reports.models import Decision, Filing, Report, Review, Sheet
from tests import factories as f
from tests.reports.counting import file
from tests.reports.uppers import DECEMBER_2, JUDGED, MONDAY, WRITTEN, Upper, opened
from units.kinds import Duty
from units.models import Place, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def upper():
    return opened()


@pytest.fixture(autouse=True)
def now(monkeypatch):
    """The clock that the views read; the processes take theirs from them."""
    clock = {"now": MONDAY}
    monkeypatch.setattr(views_upper.timezone, "now", lambda: clock["now"])
    return clock


def _words(page: str) -> str:
    """What is read, without the links that figures are."""
    return re.sub(r"<[^>]+>|\s", "", page)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def worker(upper: Upper, number: int = 1) -> User:
    return f.post(Duty.BLOCK_WORKER, place=f.block(upper.community, number)).user


def address(upper: Upper, place: Place, door: str = "upper-form") -> str:
    period = upper.week if place.kind else upper.month
    return reverse(door, kwargs={"code": place.code, "period": period.key})


def hidden(page: str) -> dict[str, str]:
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))


def opened_page(client: Client, url: str) -> dict[str, str]:
    found = hidden(client.get(url).content.decode())
    found.pop("csrfmiddlewaretoken", None)
    return found


def test_a_block_worker_submits_with_seven_taps_or_fewer_and_gets_a_receipt(upper):
    block = f.block(upper.community)
    for number in (1, 2):
        upper.told(number, answers={"corridor": "uncleared", "facility": "broken"})
    client = client_of(worker(upper))
    url = address(upper, block)
    page = client.get(url).content.decode()
    # What the figures suggest is chosen already; every other question takes one tap.
    chosen = re.findall(r'name="top_issues" value="(\w+)" checked', page)
    assert chosen == ["corridor", "facility"]
    asked = set(re.findall(r'type="radio" name="(\w+)"', page))
    assert asked == {"derived_ok", "action_taken", "assessment", "support_needed"}
    assert len(asked) + len(["submit"]) <= 7
    assert "楼道堆物（2处）" in page
    assert not re.search(r'<input type="(number|text)"', page)
    answer = client.post(url, opened_page(client, url) | JUDGED | {"top_issues": chosen})
    sent = Filing.objects.get(report__place=block)
    assert answer.headers["Location"] == reverse("receipt", kwargs={"id": sent.pk})
    assert sent.sheet is not None
    shown = client.get(answer.headers["Location"]).content.decode()
    assert sent.receipt in shown
    detail = reverse("report-detail", kwargs={"code": block.code, "week": upper.week.key})
    assert detail in shown
    assert client.get(detail).headers["Location"] == address(upper, block, "upper-report")
    assert "楼道堆物" in client.get(address(upper, block, "upper-report")).content.decode()


def test_what_was_chosen_and_written_survives_a_refusal(upper):
    block = f.block(upper.community)
    client = client_of(worker(upper))
    url = address(upper, block)
    body = opened_page(client, url) | JUDGED | {"note": "张阿姨说楼道要清", "assessment": ""}
    answer = client.post(url, body)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "这一项还没选：总体判断" in page
    assert "张阿姨说楼道要清" in page
    assert 'name="action_taken" value="doing" checked' in page
    assert hidden(page)["id"] == body["id"]


def test_numbers_that_changed_bring_the_page_back_with_everything_in_it(upper, now):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    client = client_of(worker(upper))
    url = address(upper, block)
    body = opened_page(client, url) | JUDGED | {"note": "都看过了"}
    now["now"] = MONDAY + timedelta(minutes=3)
    upper.told(1, at=MONDAY + timedelta(minutes=1), answers={"corridor": "none"})
    answer = client.post(url, body)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "下级刚更正了1处，数字已更新，请再看一眼" in page
    assert "都看过了" in page
    assert not Report.objects.filter(place=block).exists()
    assert client.post(url, body | hidden(page)).status_code == 302


@pytest.mark.parametrize("moment", ["2026-13-45T25:61:00+08:00", "", "9" * 5000])
def test_a_page_that_cannot_say_when_it_was_opened_is_shown_again(upper, moment):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    client = client_of(worker(upper))
    url = address(upper, block)
    odd = {"seen": "1", "seen_at": moment}
    assert client.post(url, opened_page(client, url) | JUDGED | odd).status_code == 409


def test_numbers_that_no_worker_has_counted_yet_are_counted_for_the_page(upper, now):
    block = f.block(upper.community)
    client = client_of(worker(upper))
    url = address(upper, block)
    body = opened_page(client, url) | JUDGED
    now["now"] = MONDAY + timedelta(minutes=3)
    file(f.building(upper.community), upper.week, at=MONDAY, answers={"corridor": "uncleared"})
    page = client.post(url, body)
    assert page.status_code == 409
    assert "楼道堆物（1处）" in page.content.decode()
    assert client.post(url, body | hidden(page.content.decode())).status_code == 302


def test_a_page_that_says_nothing_about_what_it_showed_sends_nothing(upper):
    block = f.block(upper.community)
    client = client_of(worker(upper))
    body = opened_page(client, address(upper, block)) | JUDGED
    body.pop("seen")
    assert client.post(address(upper, block), body).status_code == 409
    assert not Report.objects.filter(place=block).exists()


def test_two_writers_see_both_versions_and_either_can_be_kept(upper):
    block = f.block(upper.community)
    client = client_of(worker(upper))
    url = address(upper, block)
    body = opened_page(client, url) | JUDGED | {"note": "我写的"}
    staff = User.objects.get(pk=f.staff(upper.community).pk)
    upper.submit(block, by=staff, answers={"note": "别人写的"})
    body["seen"] = opened_page(client, url)["seen"]
    answer = client.post(url, body)
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "别人写的" in page
    assert "我写的" in page
    inputs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    mine = {name: [v for n, v in inputs if n == name] for name, _value in inputs}
    assert client.post(url, mine).status_code == 302
    assert Filing.objects.get(rev=2).answers["note"] == "我写的"


def test_staff_edit_the_sentences_of_a_community_and_see_them_read_out(upper, now):
    now["now"] = DECEMBER_2
    root = f.root(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    client = client_of(f.staff(upper.community))
    url = address(upper, root)
    page = client.get(url).content.decode()
    assert "{报告覆盖率}" in page
    body = opened_page(client, url) | WRITTEN | {"next_steps": "清理{楼道堆物待清}处堆物"}
    looked = client.post(url, body | {"preview": "1"})
    assert looked.status_code == 200
    assert not Report.objects.filter(place=root).exists()
    assert "清理1处堆物" in _words(looked.content.decode())
    wrong = client.post(url, body | {"support": "还差{什么率}"})
    assert wrong.status_code == 422
    assert "没有“什么率”这个数字" in unescape(wrong.content.decode())
    assert "还差{什么率}" in wrong.content.decode()
    assert client.post(url, body).status_code == 302
    read = client.get(address(upper, root, "upper-report")).content.decode()
    assert "清理1处堆物" in _words(read)


def test_a_refresh_from_the_page_is_one_tap_and_safe_to_send_twice(upper):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    upper.submit(block)
    upper.told(1, at=MONDAY, answers={"corridor": "none"})
    client = client_of(worker(upper))
    page = client.get(address(upper, block, "upper-report")).content.decode()
    assert "下级已更正1处" in page
    assert "<del>有，待清</del>" in page
    assert "<ins>无</ins>" in page
    body = hidden(page)
    first = client.post(address(upper, block, "upper-refresh"), body)
    second = client.post(address(upper, block, "upper-refresh"), body)
    assert first.headers["Location"] == second.headers["Location"]
    assert Filing.objects.filter(report__place=block).count() == 2
    after = client.get(address(upper, block, "upper-report")).content.decode()
    assert "下级已更正" not in after


def test_after_the_lock_only_staff_refresh_and_only_with_a_reason(upper, now):
    block = f.block(upper.community)
    upper.submit(block)
    upper.told(1, at=MONDAY)
    now["now"] = upper.owed(block).locks_at
    seat = client_of(f.seat(block))
    assert (
        "用现在的数字更新" not in seat.get(address(upper, block, "upper-report")).content.decode()
    )
    body = {"id": str(uuid4()), "base_rev": "1"}
    assert seat.post(address(upper, block, "upper-refresh"), body).status_code == 409
    staff = client_of(f.staff(upper.community))
    assert 'name="reason"' in staff.get(address(upper, block, "upper-report")).content.decode()
    assert staff.post(address(upper, block, "upper-refresh"), body).status_code == 422
    body["reason"] = "下级更正"
    assert staff.post(address(upper, block, "upper-refresh"), body).status_code == 302
    assert "已更正" in staff.get(address(upper, block, "upper-report")).content.decode()


def test_withdrawing_leaves_the_record_and_the_draft(upper):
    block = f.block(upper.community)
    upper.submit(block, answers={"note": "先写好的话"})
    client = client_of(worker(upper))
    url = address(upper, block, "upper-withdrawal")
    assert client.post(url, opened_page(client, url)).status_code == 302
    page = client.get(address(upper, block, "upper-report")).content.decode()
    assert "还没有提交" in page
    assert "撤回" in page
    assert "写报告" in page
    # What was written is taken up again.
    assert "先写好的话" in client.get(address(upper, block)).content.decode()


def test_a_returned_report_says_why(upper):
    block = f.block(upper.community)
    report = upper.submit(block).report
    Decision.objects.create(
        report=report, rev=1, what="returned", by=upper.by, reason="请写明在哪几个楼组", at=MONDAY
    )
    Report.objects.filter(pk=report.pk).update(review=Review.RETURNED)
    client = client_of(worker(upper))
    for door in ("upper-report", "upper-form"):
        assert "请写明在哪几个楼组" in client.get(address(upper, block, door)).content.decode()


def test_missing_groups_are_listed_with_what_may_be_done(upper):
    block, home = f.block(upper.community), f.building(upper.community, 2)
    f.seat(home, user=f.person("周兰英"))
    upper.told(1)
    client = client_of(worker(upper))
    page = client.get(address(upper, block)).content.decode()
    assert reverse("on-behalf", kwargs={"code": home.code, "week": upper.week.key}) in page
    assert "周兰英" in page
    other = f.building(upper.community, 1)
    assert reverse("on-behalf", kwargs={"code": other.code, "week": upper.week.key}) not in page


def test_who_was_not_heard_of_is_a_dash_and_no_zero(upper):
    block = f.block(upper.community)
    upper.told(1)
    figures = pages.writing(worker(upper), upper.owed(block), at=MONDAY)["figures"]
    heard, silent = figures.rows
    assert (heard.coverage.fraction, silent.coverage.fraction) == ("1/1", "0/1")
    assert [figure and figure.text for figure in heard.figures][:2] == ["0", "0"]
    assert set(silent.figures) == {None}


def test_a_seat_of_the_block_writes_and_files_for_nobody(upper):
    block, home = f.block(upper.community), f.building(upper.community, 2)
    client = client_of(f.seat(block))
    page = client.get(address(upper, block)).content.decode()
    assert home.name in page
    assert reverse("on-behalf", kwargs={"code": home.code, "week": upper.week.key}) not in page


def test_pages_cost_the_same_for_three_buildings_and_for_twenty(now):
    def counts(shape: tuple[int, ...]) -> dict[str, int]:
        upper, found = opened(shape), {}
        block, root = f.block(upper.community), f.root(upper.community)
        upper.told(1, answers={"corridor": "uncleared"})
        upper.submit(block)
        upper.submit(root)
        for number in range(1, sum(shape), 2):
            upper.told(number, at=MONDAY, answers={"corridor": "none"})
        client = client_of(f.staff(upper.community))
        for place in (block, root):
            for door in ("upper-report", "upper-form"):
                with CaptureQueriesContext(connection) as queries:
                    assert client.get(address(upper, place, door)).status_code == 200
                found[f"{door} {place.kind}"] = len(queries)
        return found

    now["now"] = DECEMBER_2
    few = counts((2, 1))
    assert counts((12, 8)) == few
    assert max(few.values()) <= 25


def test_building_pages_do_not_open_for_blocks_and_communities(upper):
    block = f.block(upper.community)
    client = client_of(f.staff(upper.community))
    where = {"code": block.code, "week": upper.week.key}
    for door in ("nil-report", "on-behalf", "withdrawal"):
        assert client.get(reverse(door, kwargs=where)).status_code == 404
    answer = client.get(reverse("report-form", kwargs=where))
    assert answer.headers["Location"] == address(upper, block, "upper-form")


# --- Who sees what ----------------------------------------------------------------------------


def test_the_street_reads_what_was_submitted_and_no_more(upper, now):
    now["now"] = DECEMBER_2
    root, block = f.root(upper.community), f.block(upper.community)
    upper.told(1, answers={"dispute": "committee", "corridor": "uncleared"})
    street = f.post(Duty.STREET_OFFICER, division=upper.community.division).user
    client = client_of(street)
    url = address(upper, root, "upper-report")
    before = client.get(url).content.decode()
    assert "还没有提交" in before
    assert "figure-list" not in before
    upper.submit(root)
    page = client.get(url).content.decode()
    assert "楼道堆物待清1处" in _words(page)
    # Disputes are sensitive: before the month is locked no number, as a tile or in a sentence.
    assert re.search(r"邻里纠纷\d", _words(page)) is None
    assert "邻里纠纷不分列处" in _words(page)
    assert "没有收到的" not in page
    staff = client_of(f.staff(upper.community)).get(url).content.decode()
    assert "邻里纠纷1处" in _words(staff)
    assert client.get(address(upper, block, "upper-report")).status_code == 404
    assert client.post(address(upper, root), {"id": str(uuid4())}).status_code == 403


def test_the_party_secretary_reads_and_does_not_write(upper):
    block = f.block(upper.community)
    client = client_of(f.staff(upper.community, Duty.PARTY_SECRETARY))
    page = client.get(address(upper, block, "upper-report"))
    assert page.status_code == 200
    assert "写报告" not in page.content.decode()
    assert client.get(address(upper, block)).status_code == 403


def test_a_director_writes_blocks_and_the_community(upper):
    client = client_of(f.staff(upper.community, Duty.DIRECTOR))
    for place in (f.block(upper.community), f.root(upper.community)):
        assert client.get(address(upper, place)).status_code == 200


# --- Entrances ----------------------------------------------------------------------------------


def test_an_urgent_block_report_is_on_the_board_at_once(upper):
    block = f.block(upper.community)
    upper.submit(block, answers={"assessment": "urgent", "note": "三楼电线冒烟"})
    upper.submit(f.block(upper.community, 2), answers={"action_taken": "street"})
    board = reverse("community-board", kwargs={"code": upper.community.code})
    found = pages.alarms(f.staff(upper.community), upper.community, at=MONDAY)
    assert [(i.is_urgent, i.needs_the_street) for i in found] == [(True, False), (False, True)]
    own = pages.alarms(worker(upper), upper.community, at=MONDAY)
    assert [item.standing.obligation.place for item in own] == [block]
    street = f.post(Duty.STREET_OFFICER, division=upper.community.division).user
    assert pages.alarms(street, upper.community, at=MONDAY) == []
    upper.submit(block)
    upper.submit(f.block(upper.community, 2), withdraws=True)
    assert pages.alarms(f.staff(upper.community), upper.community, at=MONDAY) == []
    assert client_of(f.staff(upper.community)).get(board).status_code == 200


def test_an_open_board_asks_again_when_a_block_becomes_urgent(upper):
    block = f.block(upper.community)
    token = live_token(upper.week, [f.root(upper.community)], uppers=[upper.owed(block)])
    upper.submit(block)
    before = live_version(token)
    upper.submit(block, answers={"assessment": "urgent"})
    assert live_version(token) > before


def test_who_sits_in_a_blocks_group_finds_its_report_on_the_phone(upper, now):
    home, block = f.building(upper.community), f.block(upper.community)
    person = f.seat(home)
    url = reverse("group-board", kwargs={"code": home.code})
    assert "片区报告" not in client_of(person).get(url).content.decode()
    f.seat(block, user=person)
    assert address(upper, block, "upper-report") in client_of(person).get(url).content.decode()


def test_the_board_leads_to_the_newest_upper_reports(upper):
    staff = f.staff(upper.community)
    found = pages.newest(staff, upper.community, at=MONDAY)
    assert [(i.standing.obligation.place.name, i.standing.state) for i in found] == [
        ("第1片区", "due"),
        ("第2片区", "due"),
    ]
    found = pages.newest(staff, upper.community, at=DECEMBER_2)
    assert found[-1].standing.obligation.place == f.root(upper.community)
    own = pages.newest(worker(upper), upper.community, at=DECEMBER_2)
    assert [item.standing.obligation.place for item in own] == [f.block(upper.community)]


def test_the_list_is_searched_by_block_week_and_month(upper, now):
    now["now"] = DECEMBER_2
    upper.submit(f.block(upper.community), answers={"assessment": "urgent"})
    client = client_of(f.staff(upper.community))
    url = reverse("upper-list", kwargs={"code": upper.community.code})

    def listed(query: str) -> list[str]:
        page = client.get(url, {"q": query}).content.decode()
        return re.findall(r">([^<>]+ · (?:片区报告|社区月报))</a></td>", page)

    name = upper.community.name
    everything = [f"{name} · 社区月报", "第1片区 · 片区报告", "第2片区 · 片区报告"]
    assert listed("") == everything
    assert listed("第1片区") == everything[1:2]
    assert listed("第46周") == everything[1:]
    assert listed("45周") == []
    assert listed("11月 社区月报") == everything[:1]
    assert listed("2025年11月") == []
    page = client.get(url).content.decode()
    assert "紧急" in page
    street = f.post(Duty.STREET_VIEWER, division=upper.community.division).user
    page = client_of(street).get(url).content.decode()
    assert "社区月报</a>" in page
    assert "片区报告</a>" not in page
    assert client_of(f.seat(f.building(upper.community))).get(url).status_code == 404


# --- By API -----------------------------------------------------------------------------------


def test_a_block_report_by_api_takes_its_figures_too(upper):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    client = client_of(worker(upper))
    id_ = uuid4()
    body = {"place": block.code, "period": upper.week.key, "answers": JUDGED}
    url = reverse("api-filing", kwargs={"id": id_})
    assert client.put(url, body, content_type="application/json").status_code == 201
    assert client.put(url, body, content_type="application/json").status_code == 200
    assert Filing.objects.get(pk=id_).sheet == Sheet.objects.get()


def _compared(page: str) -> dict[str, list[str]]:
    """Measure → last month, this month, the difference; in words."""
    table = page[page.index("和上个月比") :]
    rows = re.findall(r"<tr[^>]*>(.*?)</tr>", table[: table.index("</table>")], re.DOTALL)
    cells = [[_words(cell) for cell in re.findall(r"<t[hd].*?</t[hd]>", row)] for row in rows]
    return {name: told for name, *told in cells[1:]}


def test_the_month_stands_beside_the_one_before_while_it_is_written(upper, now):
    october = f.WEDNESDAY - timedelta(days=21)
    before = f.open_week(october)
    file(f.building(upper.community, 1), before, at=october, answers={"corridor": "uncleared"})
    f.drain(upper.community, october)
    for number in (1, 2):
        upper.told(number, answers={"corridor": "uncleared"})
    now["now"] = DECEMBER_2
    staff = client_of(f.staff(upper.community, Duty.DIRECTOR))
    root = f.root(upper.community)
    for door in ("upper-form", "upper-report"):
        page = staff.get(address(upper, root, door)).content.decode()
        assert _compared(page)["楼道堆物待清"] == ["1", "2", "多1处"]
    block = client_of(worker(upper)).get(address(upper, f.block(upper.community)))
    assert "和上个月比" not in block.content.decode()


def test_a_first_month_says_that_there_is_none_before(upper, now):
    now["now"] = DECEMBER_2
    staff = client_of(f.staff(upper.community, Duty.DIRECTOR))
    page = staff.get(address(upper, f.root(upper.community))).content.decode()
    assert "上个月没有月报可比" in page


def test_the_list_leads_straight_to_the_draft_that_waits(upper, now):
    now["now"] = DECEMBER_2
    root = f.root(upper.community)
    url = reverse("upper-list", kwargs={"code": upper.community.code})
    staff = client_of(f.staff(upper.community, Duty.DIRECTOR))
    assert f'"{address(upper, root)}"' in staff.get(url).content.decode()
    street = f.post(Duty.STREET_VIEWER, division=upper.community.division).user
    assert f'"{address(upper, root)}"' not in client_of(street).get(url).content.decode()
    upper.submit(root, at=DECEMBER_2)
    page = staff.get(url).content.decode()
    assert f'"{address(upper, root)}"' not in page
    assert address(upper, root, "upper-report") in page
