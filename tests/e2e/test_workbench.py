"""5.3 job 1, clear today's queue: one or two clicks an item by mouse, and by keyboard alone."""

import pytest
from django.utils import timezone

from governance.voices.models import Voice
from reports import filing
from reports.models import Report
from tests import factories as f
from tests.e2e.test_journeys import COUNT_CLICKS, login_of
from tests.governance import worlds


@pytest.fixture
def street(house):
    made = worlds.street(2)
    house.wait_until(200, 30)
    return made


def clicks_of(desk) -> int:
    return desk.evaluate("Number(sessionStorage.clicks || 0)")


def test_the_queue_is_cleared_with_one_click_an_item_and_one_for_all(street, open_page):
    desk = open_page(login_of(street, "staff"))
    desk.context.add_init_script(COUNT_CLICKS)
    desk.reload()
    row = desk.locator("[data-row]", has_text="楼道堆物：有，待清")
    row.locator("button:has-text('通过')").click()
    desk.wait_for_selector("text=已通过1份")
    assert clicks_of(desk) == 1
    # Two voices from each of three buildings; the third of each is closed.
    desk.click("button:has-text('全部受理（6）')")
    desk.wait_for_selector("text=已受理6条")
    assert clicks_of(desk) == 2
    assert Voice.objects.in_state("new").filter(community=street.communities[0]).count() == 0
    desk.click("button:has-text('撤销')")
    desk.wait_for_selector("text=已撤销6份")
    assert Voice.objects.in_state("new").filter(community=street.communities[0]).count() == 6
    desk.click("button:has-text('全部受理（6）')")
    desk.wait_for_selector("text=已受理6条")
    before = clicks_of(desk)
    desk.click("text=待回音")
    desk.locator("[data-row]", has_text="想有人帮忙买菜").first.locator("text=写回音").click()
    desk.fill("#answer", "志愿者明天去")
    desk.click("button:has-text('办结')")
    desk.wait_for_selector("text=已办结1条")
    # The tab, and two for the item; and one is back at the tab.
    assert clicks_of(desk) - before == 3
    assert desk.locator(".work-tabs [aria-current=page]").inner_text().startswith("待回音")
    desk.click("button:has-text('撤销')")
    desk.wait_for_selector("[data-row]:has-text('想有人帮忙买菜')")


def test_the_queue_is_cleared_by_keyboard_alone(street, open_page):
    desk = open_page(login_of(street, "staff"))
    desk.wait_for_selector("[data-keys]:not([hidden])")
    keys = desk.keyboard
    # `/` goes to the box that finds anything; the list's own filter is further on.
    keys.press("/")
    assert desk.evaluate("document.activeElement.id") == "search"
    while not desk.evaluate("document.activeElement.matches('[data-filter]')"):
        keys.press("Tab")
    keys.type("三楼旧沙发")
    keys.press("Enter")
    desk.wait_for_selector("text=看全部")
    desk.wait_for_selector("[data-keys]:not([hidden])")
    keys.press("j")
    keys.press("a")
    desk.wait_for_selector("text=已通过1份")
    assert Report.objects.filter(review="accepted", place__kind=2).count() == 1
    desk.wait_for_selector("[data-keys]:not([hidden])")
    keys.press("z")
    desk.wait_for_selector("text=已撤销1份")
    assert not Report.objects.filter(review="accepted", place__kind=2).exists()
    desk.wait_for_selector("[data-keys]:not([hidden])")
    keys.press("?")
    assert desk.is_visible("text=办这一条，或选上的")
    keys.press("?")
    keys.press("j")
    keys.press("Enter")
    desk.wait_for_selector("h1:has-text('2号楼组')")


def test_rows_that_are_ticked_go_together_and_keys_can_be_switched_off(street, open_page):
    desk = open_page(login_of(street, "staff"))
    desk.wait_for_selector("[data-keys]:not([hidden])")
    desk.locator("[data-row]", has_text="楼道灯坏了").first.focus()
    desk.keyboard.press("x")
    desk.locator("[data-row]", has_text="楼道灯坏了").nth(1).focus()
    desk.keyboard.press("x")
    desk.keyboard.press("a")
    desk.wait_for_selector("text=已受理2条")
    desk.click("summary:has-text('键盘怎么用')")
    desk.uncheck("[data-keys-on]")
    desk.reload()
    desk.keyboard.press("j")
    assert desk.locator("[data-row]:focus").count() == 0
    # One switch for every page that has keys.
    desk.click("text=报告审阅")
    desk.keyboard.press("j")
    assert desk.locator("[data-review]:focus").count() == 0


def test_an_open_page_says_quietly_that_something_is_new(street, open_page):
    desk = open_page(login_of(street, "staff"))
    with desk.expect_response(lambda answer: "/live/desk/" in answer.url):
        pass
    place = f.building(street.communities[0], 3)
    owed = f.owed(place, f.open_week(timezone.now()))
    told = f.sending(street.people["unfiled seat"], answers={"corridor": "uncleared"})
    filing.file(owed, told, at=timezone.now())
    desk.wait_for_selector("text=有1条新的 · 刷新", timeout=8000)
    assert desk.locator("[data-row]", has_text="3号楼组").locator("text=楼道堆物").count() == 0
    desk.click("text=有1条新的 · 刷新")
    desk.wait_for_selector("[data-row]:has-text('3号楼组'):has-text('楼道堆物')")


def test_the_queue_works_without_scripts_and_fits_a_narrow_screen(street, open_page):
    desk = open_page(login_of(street, "staff"), java_script_enabled=False)
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.locator("[data-row]", has_text="三楼旧沙发").locator("button:has-text('通过')").click()
    desk.click("button:has-text('撤销')")
    assert desk.is_visible("text=已撤销1份")
    desk.locator("[data-row]", has_text="楼道灯坏了").first.locator("[type=checkbox]").check()
    desk.click("button:has-text('受理选上的')")
    assert desk.is_visible("text=已受理1条")


def test_twelve_rows_are_seen_without_scrolling_and_nothing_scrolls_sideways(street, open_page):
    for number in range(1, 4):
        place = f.building(street.communities[0], number)
        plate = place.doorplates.get()
        for n in range(4):
            Voice.objects.create(
                form_id=f"00000000-0000-4000-8000-{number:06d}{n:06d}",
                receipt=f"{number:08d}{n:08d}",
                community=place.community,
                place=place,
                doorplate=plate,
                about="other",
                words="想多一张长椅",
                said_at=timezone.now(),
            )
    desk = open_page(login_of(street, "staff"))
    seen = """[...document.querySelectorAll("[data-row]")]
      .filter((row) => row.getBoundingClientRect().bottom <= innerHeight).length"""
    desk.wait_for_load_state("load")
    assert desk.evaluate(seen) >= 12
    desk.set_viewport_size({"width": 390, "height": 844})
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("role", ["staff", "street", "director"])
def test_the_head_takes_two_rows_on_a_phone_and_hides_no_door(street, open_page, role):
    """Without scripts: the mark and the search box, then the doors that fit and 更多."""
    desk = open_page(login_of(street, role), java_script_enabled=False)
    desk.set_viewport_size({"width": 1280, "height": 800})
    shown = "a:visible, button:visible"
    wide = desk.locator(".desk-nav > a:visible").count()
    desk.click(".desk-more > summary") if desk.is_visible(".desk-more > summary") else None
    doors = {each.strip() for each in desk.locator(f".desk-nav >> {shown}").all_inner_texts()}
    desk.reload()
    desk.set_viewport_size({"width": 390, "height": 844})
    main = desk.locator("main").bounding_box()
    assert main["y"] <= 2 * 56
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390
    assert desk.locator(".desk-nav > a:visible").count() <= wide
    assert desk.locator(".desk-nav > a[aria-current=page]:visible").count() == 1
    desk.focus(".desk-more > summary")
    desk.keyboard.press("Enter")
    behind = {each.strip() for each in desk.locator(f".desk-nav >> {shown}").all_inner_texts()}
    assert behind >= doors | {"下载", "我的设备", "退出"}
    # English is longer: words are cut rather than the head made higher or the page wider.
    desk.click("button:has-text('English')")
    assert desk.locator("main").bounding_box()["y"] <= 2 * 56
    assert desk.evaluate("document.documentElement.scrollWidth") <= 390
    desk.click("button:has-text('中文')")
    desk.click(".desk-more > summary")
    desk.click(".desk-more button:has-text('退出')")
    # Out: nobody is left whose doors could be shown.
    desk.wait_for_selector(".desk-nav", state="detached")
