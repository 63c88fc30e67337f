"""The profile through a real browser: a defect is confirmed in three clicks, also by keyboard."""

import pytest
from django.utils import timezone

from governance.profiles.models import Facility
from tests import factories as f
from tests.e2e.test_journeys import COUNT_CLICKS, login_of
from tests.governance import profiles, worlds


@pytest.fixture
def street(house):
    made = worlds.street(1)
    place = f.building(made.communities[0], 3)
    profiles.broken(
        place, "light", by=made.people["unfiled seat"], at=timezone.now(), note="三楼灯不亮"
    )
    house.wait_until(200, 30)
    return made


def lamp_of(street) -> Facility:
    return f.building(street.communities[0], 3).facilities.get(name="楼道照明")


def test_three_clicks_confirm_a_defect_and_one_takes_it_back(street, open_page):
    desk = open_page(login_of(street, "staff"))
    desk.context.add_init_script(COUNT_CLICKS)
    desk.reload()
    desk.click("nav >> text=小区画像")
    desk.click("text=1条设施情况等您确认")
    assert lamp_of(street).condition == "good"
    desk.click("button:has-text('确认')")
    desk.wait_for_selector("text=3号楼组的“楼道照明”已改为：差")
    assert desk.evaluate("Number(sessionStorage.clicks)") == 3
    assert lamp_of(street).condition == "poor"
    desk.click("button:has-text('撤销')")
    desk.wait_for_selector("text=已撤销，回到原来的样子")
    assert lamp_of(street).condition == "good"
    assert desk.is_visible("text=“三楼灯不亮”")


def test_a_defect_is_set_aside_by_keyboard_alone_and_without_scripts(street, open_page):
    desk = open_page(login_of(street, "staff"), java_script_enabled=False)
    for text in ("小区画像", "1条设施情况等您确认"):
        desk.focus(f"a:has-text('{text}')")
        desk.keyboard.press("Enter")
        desk.wait_for_load_state()
    desk.focus("summary:has-text('不作处理')")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("已经修好")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=3号楼组的这一条不作处理")
    assert desk.is_visible("text=没有等着确认的")
    assert lamp_of(street).condition == "good"


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_of_the_profile_scrolls_sideways(street, open_page, width):
    desk = open_page(login_of(street, "staff"))
    desk.click("nav >> text=小区画像")
    desk.wait_for_selector("h1:has-text('小区画像')")
    desk.set_viewport_size({"width": width, "height": 844})
    addresses = desk.eval_on_selector_all("main a", "links => links.map(a => a.href)")
    for address in {desk.url, *(each for each in addresses if "/figure/" not in each)}:
        desk.goto(address)
        assert desk.evaluate("document.documentElement.scrollWidth") <= width, address


def test_a_whole_block_is_chosen_and_filled_in_at_once(street, open_page):
    desk = open_page(login_of(street, "staff"))
    desk.click("nav >> text=小区画像")
    desk.click("text=登记楼组房屋")
    desk.locator("text=全选").first.click()
    assert desk.locator("input[name=places]:checked").count() == 2
    desk.fill("[name=storeys]", "５")
    desk.check("[name=over]")
    desk.click("button:has-text('写进选上的楼组')")
    desk.wait_for_selector("text=已写进2个楼组")
    told = [f.building(street.communities[0], n).profile.storeys for n in (1, 2, 3)]
    assert told == [5, 5, 6]
