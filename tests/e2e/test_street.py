"""The street's jobs 1 to 4 (domain/forms-and-indicators 5.4), clicks counted, and by keyboard."""

import pytest
from django.utils import timezone

from governance.supervision.models import Query
from reports import filing
from reports.models import Obligation
from tests import factories as f
from tests.e2e.pressing import clicks, counted, follow, press, tab_to
from tests.e2e.test_journeys import login_of
from tests.governance import worlds


@pytest.fixture
def street(house):
    made = worlds.street(2)
    # Last week's second blocks are due and not in, whatever day it is.
    Obligation.objects.filter(place__code__endswith="-B02").update(locks_at="2099-01-01T00:00Z")
    house.wait_until(200, 30)
    return made


@pytest.fixture
def desk(street, open_page):
    return counted(open_page(login_of(street, "street")))


def test_the_week_is_on_one_screen_without_a_click(street, desk):
    for words in ("报告覆盖率", "未报楼组", "楼道堆物待清", "等着办的", "居委会请街道办"):
        box = desk.locator(f"text={words}").first.bounding_box()
        assert box["y"] + box["height"] <= 800, words
    assert desk.evaluate("scrollY") == 0
    assert clicks(desk) == 0


def test_three_clicks_go_down_to_blocks_and_no_further(street, desk):
    desk.click("[data-key=street-HAZ_CORR] .figure-link")
    desk.click(f"main table a:has-text('{street.communities[0].name}')")
    desk.click("main table a:has-text('第1片区')")
    desk.wait_for_selector("text=下一级需居委会权限")
    assert clicks(desk) == 3
    assert desk.locator("a[href*='-L0']").count() == 0


def test_the_week_and_the_way_down_by_keyboard_alone(street, desk):
    tab_to(desk, "口径", "summary")
    desk.keyboard.press("Space")
    assert desk.locator("details.definition[open]").count() == 1
    follow(desk, "", "[data-key=street-HAZ_CORR] .figure-link")
    follow(desk, street.communities[0].name, "main table a")
    follow(desk, "第1片区", "main table a")
    desk.wait_for_selector("text=下一级需居委会权限")


def test_three_clicks_ask_the_committee_and_ten_seconds_take_it_back(street, desk):
    before = Query.objects.standing().count()
    desk.click("nav >> text=督办")
    desk.click("summary:has-text('请说明情况') >> nth=0")
    desk.keyboard.type("，请周三前补上")
    desk.click("[data-matters] details[open] button:has-text('发送')")
    desk.wait_for_selector("text=已发给居委会")
    assert clicks(desk) == 3
    assert Query.objects.standing().count() == before + 1
    desk.click("text=撤销")
    desk.wait_for_selector("text=已发给居委会", state="detached")
    assert Query.objects.standing().count() == before


def test_the_committee_is_asked_by_keyboard_alone(street, desk):
    follow(desk, "督办", "nav a")
    desk.wait_for_selector("h1:has-text('督办')")
    press(desk, "请说明情况", "summary")
    desk.wait_for_selector("textarea:focus")
    desk.keyboard.type("，请周三前补上")
    press(desk, "发送", "button")
    desk.wait_for_selector("text=已发给居委会")
    assert Query.objects.latest("id").words.endswith("请周三前补上")
    press(desk, "撤销", "button")
    desk.wait_for_selector("text=已发给居委会", state="detached")


def test_two_clicks_compare_over_time_and_a_third_side_by_side(street, desk):
    desk.click("nav >> text=趋势")
    assert desk.locator("text=仅供参考，各社区人口结构不同").count() == 0
    desk.select_option("#measure", "HAZ_CORR")
    desk.click("main button:has-text('查看')")
    desk.wait_for_selector("h2:has-text('楼道堆物待清')")
    assert clicks(desk) == 2
    desk.click("text=横向比较")
    desk.wait_for_selector("text=仅供参考，各社区人口结构不同")
    assert clicks(desk) == 3


def test_over_time_by_keyboard_alone(street, desk):
    follow(desk, "趋势", "nav a")
    tab_to(desk, "", "#measure")
    while desk.input_value("#measure") != "HAZ_CORR":
        desk.keyboard.press("ArrowDown")
    follow(desk, "查看", "main button")
    desk.wait_for_selector("h2:has-text('楼道堆物待清')")
    follow(desk, "横向比较", "main a")
    desk.wait_for_selector("text=仅供参考，各社区人口结构不同")


def test_a_figure_that_has_the_focus_keeps_it_when_it_changes(street, desk):
    tab_to(desk, "", ".communities-now .figure-link")
    before = desk.evaluate("document.activeElement.href")
    place = f.building(street.communities[0], 3)
    owed = f.owed(place, f.open_week(timezone.now()))
    filing.file(owed, f.sending(street.people["unfiled seat"]), at=timezone.now())
    desk.wait_for_selector(".is-changed .figure-link:focus", timeout=5000)
    assert desk.evaluate("document.activeElement.href") == before


def test_the_wall_screen_says_so_when_it_has_lost_the_server(street, house, open_page):
    wall = open_page(login_of(street, "street"))
    wall.set_viewport_size({"width": 1920, "height": 1080})
    wall.click("text=大屏")
    wall.wait_for_selector(".screen-tiles")
    assert wall.evaluate("document.documentElement.scrollHeight") <= 1080
    house.kill("web")
    wall.wait_for_selector("body.is-old [data-age-lost]:visible", timeout=25_000)
    house.start("web")
    house.wait_until(200, 30)
    wall.wait_for_selector("[data-age-lost]", state="hidden", timeout=25_000)
