"""The director changes the shape of the community: by mouse, clicks counted, and by keyboard."""

import pytest

from governance.voices.models import Voice
from tests import factories as f
from tests.e2e.test_journeys import COUNT_CLICKS
from tests.governance import worlds
from units.kinds import PlaceState
from units.models import Place


@pytest.fixture
def street(house):
    made = worlds.street(2)
    house.wait_until(200, 30)
    return made


@pytest.fixture
def desk(street, open_page):
    page = open_page(street.people["director"].login)
    page.wait_for_selector(".desk-nav")
    page.context.add_init_script(COUNT_CLICKS)
    page.reload()
    return page


def quiet(number: int, street: worlds.Street) -> Place:
    """A building whose residents' words are all answered, so that it may be closed."""
    home = f.building(street.communities[0], number)
    Voice.objects.filter(place=home).delete()
    return home


def test_a_building_is_moved_with_a_look_first_and_taken_back(street, desk):
    home, target = f.building(street.communities[0], 1), f.block(street.communities[0], 2)
    desk.click(".desk-more summary")
    desk.click(".desk-more a:has-text('治理单元')")
    desk.click("a[aria-label='1号楼组 移到…']")
    desk.select_option("select[name=to]", label="第2片区")
    desk.click("text=先看会怎样")
    desk.wait_for_selector("text=“1号楼组”从“第1片区”移到“第2片区”")
    assert Place.objects.get(pk=home.pk).parent_id == home.parent_id
    desk.click("text=就这样移")
    desk.wait_for_selector(".banner.is-done")
    # Two to get there, one to choose the step, one to look, one to do it.
    assert desk.evaluate("Number(sessionStorage.clicks)") == 5
    assert Place.objects.get(pk=home.pk).parent == target
    desk.click(".banner.is-done button")
    desk.wait_for_selector("text=撤销了对“1号楼组”的调整")
    assert Place.objects.get(pk=home.pk).parent_id == home.parent_id


def test_two_buildings_are_merged(street, desk):
    home, into = quiet(1, street), f.building(street.communities[0], 3)
    desk.click(".desk-more summary")
    desk.click(".desk-more a:has-text('治理单元')")
    desk.click("a[aria-label='1号楼组 合并到…']")
    desk.select_option("select[name=to]", label="第2片区 · 3号楼组")
    desk.click("text=先看会怎样")
    desk.click("text=就这样合并")
    desk.wait_for_selector("text=“1号楼组”并入“3号楼组”")
    assert desk.evaluate("Number(sessionStorage.clicks)") == 5
    closed = Place.objects.get(pk=home.pk)
    assert (closed.state, closed.succeeded_by) == (PlaceState.MERGED, into)
    assert Place.objects.active().filter(parent=into).count() == 4


def test_a_household_is_closed_by_keyboard_alone(street, desk):
    door = f.household(street.communities[0], 1)

    def enter(selector: str) -> None:
        desk.focus(selector)
        desk.keyboard.press("Enter")

    enter(".desk-more summary")
    enter(".desk-more a:has-text('治理单元')")
    desk.wait_for_selector("h1:has-text('治理单元')")
    enter("th a:has-text('1号楼组')")
    desk.wait_for_selector("h1:has-text('1号楼组')")
    enter("a[aria-label='101室 注销']")
    desk.wait_for_selector("text=会怎样（还没有改）")
    enter("button:has-text('就这样注销')")
    desk.wait_for_selector(".banner.is-done:has-text('注销')")
    assert Place.objects.get(pk=door.pk).state == PlaceState.CLOSED


def test_seats_are_pasted_and_appointed(street, desk):
    desk.click("text=三人组")
    desk.click("text=补齐席位")
    desk.click("text=一次贴一批")
    desk.fill("#lines", "1号 业主代表 王秀英")
    desk.click("text=填进下面，先不任命")
    desk.wait_for_selector("text=填好了1席，还没有任命")
    desk.click("button.is-main:has-text('确认任命')")
    desk.wait_for_selector("text=已任命1人")
    assert f.building(street.communities[0], 1).posts.filter(user__full_name="王秀英").exists()
