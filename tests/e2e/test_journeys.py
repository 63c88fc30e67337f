"""A report travels from a phone to the street's open page; and what the browser alone can show."""

import re

import pytest
from django.utils import timezone

from reports import filing
from reports.models import Filing, Report
from tests import factories as f
from tests.governance import worlds

COUNT_CLICKS = """
sessionStorage.clicks = sessionStorage.clicks || 0;
addEventListener("click", (e) => { if (e.isTrusted) sessionStorage.clicks++; }, true);
"""


@pytest.fixture
def street(house):
    made = worlds.street(2)
    house.wait_until(200, 30)
    return made


def login_of(street: worlds.Street, role: str) -> str:
    return street.people[role].login


def test_two_taps_on_the_phone_change_the_open_street_page(street, open_page):
    board = open_page(login_of(street, "street"))
    board.wait_for_selector("text=4/6 楼组")
    phone = open_page(login_of(street, "unfiled seat"), phone=True)
    phone.context.add_init_script(COUNT_CLICKS)
    phone.reload()
    phone.click("text=本周平安无事")
    phone.click("text=确认，没有情况")
    phone.wait_for_selector("text=已报平安")
    assert phone.evaluate("Number(sessionStorage.clicks)") == 2
    board.wait_for_selector("text=5/6 楼组", timeout=5000)
    receipt = phone.inner_text(".receipt-number")
    assert Filing.objects.latest("received_at").receipt == receipt


def test_three_taps_say_that_nothing_changed_at_a_door(street, open_page):
    phone = open_page(login_of(street, "unfiled seat"), phone=True)
    phone.context.add_init_script(COUNT_CLICKS)
    phone.reload()
    phone.click("text=我的楼组")
    phone.click("text=201室")
    phone.click("text=去过，无变化")
    phone.wait_for_selector("text=提交成功，居委会已收到")
    assert phone.evaluate("Number(sessionStorage.clicks)") == 3
    told = Report.objects.get(is_event=True)
    assert (told.confirmed, told.visits) == (1, 1)
    phone.click("text=返回各户")
    phone.wait_for_selector("text=已确认", timeout=5000)


def test_the_form_of_a_door_asks_only_what_the_change_needs(street, open_page):
    phone = open_page(login_of(street, "unfiled seat"), phone=True)
    phone.click("text=我的楼组")
    phone.click("text=102室")
    phone.click("text=有变化，去填")
    assert not phone.is_visible("text=新来几人")
    phone.check("input[name=changes][value=people]")
    phone.fill("input[name=arrived]", "２")
    assert not phone.is_visible("text=需要什么帮助")
    phone.click("button:has-text('提交')")
    phone.wait_for_selector("text=提交成功，居委会已收到")
    assert Report.objects.get(is_event=True).arrived == 2


def test_the_changed_figure_is_marked_and_the_opened_definition_stays_open(street, open_page):
    board = open_page(login_of(street, "street"))
    board.click("#street-COV_B-definition summary")
    place = f.building(street.communities[0], 3)
    owed = f.owed(place, f.open_week(timezone.now()))
    filing.file(owed, f.sending(street.people["unfiled seat"]), at=timezone.now())
    board.wait_for_selector("[data-key=street-COV_B].is-changed", timeout=5000)
    assert board.locator("#street-COV_B-definition").get_attribute("open") is not None


def test_the_weekly_report_can_be_sent_with_scripts_and_styles_missing(street, open_page):
    phone = open_page(login_of(street, "unfiled seat"), phone=True, java_script_enabled=False)
    phone.context.route(re.compile(r"\.css$"), lambda route: route.abort())
    phone.reload()
    phone.click("text=有情况，填周报")
    for name, value in (f.CALM | {"corridor": "uncleared"}).items():
        phone.check(f"input[name={name}][value={value}]")
    phone.check("input[name=corridor_floors][value='2']")
    phone.click("text=提交本周报告")
    phone.wait_for_selector("text=提交成功，居委会已收到")
    assert Report.objects.get(place=f.building(street.communities[0], 3)).corridor_uncleared == 1


def test_an_empty_report_is_told_what_is_missing_and_keeps_the_rest(street, open_page):
    phone = open_page(login_of(street, "unfiled seat"), phone=True)
    phone.click("text=有情况，填周报")
    phone.fill("textarea[name=note]", "三楼装修")
    phone.click("text=提交本周报告")
    phone.wait_for_selector("[data-error-summary]")
    assert phone.title().startswith("错误：")
    assert phone.evaluate("document.activeElement.dataset.errorSummary") == ""
    links = phone.locator("[data-error-summary] a")
    assert links.count() == phone.locator(".error").count() == len(f.CALM)
    assert phone.input_value("textarea[name=note]") == "三楼装修"


def test_staff_file_for_a_group_by_keyboard_alone(street, open_page):
    desk = open_page(login_of(street, "staff"))
    desk.focus(f"a[href*='{f.building(street.communities[0], 3).code}']")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("h1:has-text('3号楼组')")
    desk.focus("text=代报")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#caller")
    desk.focus("#caller")
    desk.keyboard.type("周兰英")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=已报平安")
    filed = Filing.objects.latest("received_at")
    assert (filed.channel, filed.caller) == ("telephone", "周兰英")


def test_the_street_goes_down_to_blocks_and_no_further(street, open_page):
    desk = open_page(login_of(street, "street"))
    desk.click(f"text={street.communities[0].name}")
    desk.wait_for_selector("text=更细的数据在居委会权限内")
    assert desk.locator("text=第1片区").count() > 0
    assert desk.locator("a[href*='/building/']").count() == 0


def test_a_killed_worker_is_named_and_a_new_one_heals(street, house):
    house.kill("worker")
    assert "worker" in house.wait_until(503, 10)
    house.start("worker")
    house.wait_until(200, 30)


def test_an_open_page_says_when_it_has_lost_the_server(street, house, open_page):
    board = open_page(login_of(street, "street"))
    board.wait_for_selector("text=4/6 楼组")
    house.kill("web")
    board.wait_for_selector("text=连接中断", timeout=20_000)
    house.start("web")
    house.wait_until(200, 30)
    board.wait_for_selector("text=连接中断", state="hidden", timeout=20_000)


@pytest.mark.parametrize("width", [320, 390])
def test_phone_pages_do_not_scroll_sideways_and_are_large_enough(street, open_page, width):
    phone = open_page(login_of(street, "unfiled seat"), phone=True)
    phone.set_viewport_size({"width": width, "height": 844})
    addresses = phone.eval_on_selector_all("main a", "links => links.map(a => a.href)")
    for address in [phone.url, *addresses]:
        phone.goto(address)
        assert phone.evaluate("document.documentElement.scrollWidth") <= width
        small = phone.evaluate(
            """() => [...document.querySelectorAll("main *")].filter((e) =>
                 [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) &&
                 e.checkVisibility() && parseFloat(getComputedStyle(e).fontSize) < 20)
               .map((e) => e.outerHTML)"""
        )
        assert small == []
