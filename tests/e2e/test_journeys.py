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
    desk.focus("main a:text-is('代报')")
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


def test_a_returned_report_is_corrected_on_the_phone_and_accepted_on_the_desk(street, open_page):
    phone = open_page(login_of(street, "unfiled seat"), phone=True)
    phone.click("text=有情况，填周报")
    for name, value in (f.CALM | {"corridor": "uncleared"}).items():
        phone.check(f"input[name={name}][value={value}]")
    phone.click("text=提交本周报告")
    phone.wait_for_selector("text=提交成功，居委会已收到")

    desk = open_page(login_of(street, "staff"))
    desk.click("text=报告审阅")
    item = desk.locator("[data-review]", has_text="3号楼组")
    while not item.evaluate("item => item === document.activeElement"):
        desk.keyboard.press("j")
    desk.keyboard.press("t")
    desk.keyboard.type("请写明在几楼")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=已退回1份")

    phone.click("text=返回首页")
    first = phone.locator("main .banner").first
    assert "请写明在几楼" in first.inner_text()
    first.locator("text=去改").click()
    phone.check("input[name=corridor_floors][value='2']")
    phone.click("text=提交更正")
    phone.wait_for_selector("text=提交成功，居委会已收到")
    phone.click("text=返回首页")
    assert phone.locator("text=去改").count() == 0

    desk.reload()
    item = desk.locator("[data-review]", has_text="3号楼组")
    assert "退回后已改" in item.inner_text()
    assert item.locator("ins").all_inner_texts() == ["2楼"]
    item.locator("button:has-text('通过')").click()
    desk.wait_for_selector("text=已通过1份")
    desk.click("button:has-text('撤销')")
    desk.wait_for_selector("text=已撤销1份")
    desk.locator("[data-review]", has_text="3号楼组").locator("button:has-text('通过')").click()
    desk.wait_for_selector("text=已通过1份")
    report = Report.objects.get(place=f.building(street.communities[0], 3))
    assert (report.review, report.rev, report.accepted_rev) == ("accepted", 2, 2)
    told = report.decisions.values_list("what", "rev")
    assert list(told) == [("returned", 1), ("accepted", 2), ("undone", 2), ("accepted", 2)]


def test_the_desk_of_reviews_works_without_scripts_and_on_a_narrow_screen(street, open_page):
    desk = open_page(login_of(street, "staff"), java_script_enabled=False)
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.click("text=报告审阅")
    assert not desk.is_visible("text=用键盘")
    desk.click("button:has-text('其余1份通过')")
    desk.click("button:has-text('撤销')")
    assert desk.is_visible("text=已撤销1份")
    item = desk.locator("[data-review]", has_text="2号楼组")
    item.locator("summary:has-text('退回')").click()
    item.locator("button:has-text('退回修改')").click()
    assert desk.is_visible("text=请写明退回的理由，对方好知道改哪里")
    assert not Report.objects.filter(review="accepted").exists()


def test_keys_on_the_desk_of_reviews_can_be_switched_off(street, open_page):
    desk = open_page(login_of(street, "staff"))
    desk.click("text=报告审阅")
    desk.uncheck("[data-keys-on]")
    desk.reload()
    desk.keyboard.press("j")
    assert desk.locator("[data-review]:focus").count() == 0
    desk.check("[data-keys-on]")
    desk.keyboard.press("j")
    desk.keyboard.press("x")
    assert desk.locator("[data-review] input:checked").count() == 1
    desk.keyboard.press("a")
    desk.wait_for_selector("text=已通过1份")
