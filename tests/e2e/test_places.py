"""Recording a visit from the search box (5.3, job 5): by mouse, and by the keyboard alone.

Counted: presses of search box, door, 「走访登记」 and 「保存」 are four; the three chips and the
sentence come between them and are what is recorded.
"""

import pytest

from reports.models import Filing
from tests import factories as f
from tests.e2e.pressing import clicks, counted, follow, press, tab_to
from tests.e2e.test_journeys import login_of
from tests.governance import worlds

CHIPS = (("changes", "help"), ("help_kind", "repair"), ("consent", "agreed"))


@pytest.fixture
def street(house):
    made = worlds.street(2)
    house.wait_until(200, 30)
    return made


def _recorded(street: worlds.Street) -> None:
    told = Filing.objects.latest("received_at")
    home = f.household(street.communities[0], 2, floor=2, door=1)
    assert told.report.place == home
    assert told.answers["source"] == "visit"
    assert told.answers["help_kind"] == "repair"
    assert told.answers["note"] == "水龙头滴水"


def test_a_visit_is_recorded_from_the_search_box_in_four_presses(street, open_page):
    page = counted(open_page(login_of(street, "staff")))
    page.click("#search")
    page.keyboard.type("2-2")
    page.click("[role=option]:has-text('201室')")
    page.click("text=走访登记")
    before = clicks(page)
    for name, value in CHIPS:
        page.click(f"label.choice:has(input[name={name}][value={value}])")
    page.fill("[name=note]", "水龙头滴水")
    chips = clicks(page) - before
    page.click("text=保存")
    page.wait_for_selector("text=提交成功")
    # A label pressed presses its field too.
    assert clicks(page) - chips == 4
    _recorded(street)
    page.click("text=看这一户")
    page.wait_for_selector("text=水龙头滴水")


def test_a_visit_is_recorded_by_the_keyboard_alone(street, open_page):
    page = open_page(login_of(street, "staff"))
    page.wait_for_selector("#search")
    keys = page.keyboard
    keys.press("/")
    keys.type("2-201")
    page.wait_for_selector("[role=option]")
    keys.press("ArrowDown")
    assert page.get_attribute("#search", "aria-activedescendant") == "search-option-0"
    assert page.get_attribute("#search", "aria-expanded") == "true"
    keys.press("Enter")
    page.wait_for_selector("text=走访登记")
    follow(page, "走访登记")
    page.wait_for_selector("text=保存")
    for name, value in CHIPS:
        _choose(page, name, value)
    tab_to(page, "", "[name=note]")
    keys.type("水龙头滴水")
    press(page, "保存", "button")
    page.wait_for_selector("text=提交成功")
    _recorded(street)


def test_the_keys_of_the_search_box(street, open_page):
    page = open_page(login_of(street, "staff"))
    page.wait_for_selector("#search")
    page.keyboard.press("/")
    page.keyboard.type("2")
    page.wait_for_selector(".search-doors [role=option]")
    page.keyboard.press("Escape")
    assert page.is_hidden("[data-search-found]")
    page.keyboard.press("ArrowDown")
    assert page.is_visible("[data-search-found]")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    assert page.locator("[role=option][aria-selected=true]").count() == 1
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
    page.wait_for_selector("h1:has-text('找“2”')")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "search"
    page.keyboard.type("/")
    assert page.input_value("#search") == "/"


def test_the_box_works_without_scripts(street, open_page):
    page = open_page(login_of(street, "staff"), java_script_enabled=False)
    page.fill("#search", "2-201")
    page.click(".search-box button")
    page.wait_for_selector("h1:has-text('2号楼组 201室')")


def _choose(page, name: str, value: str) -> None:
    """Tab to the group; a box by Space, a radio by arrows."""
    if name == "changes":
        tab_to(page, "", f"[name={name}][value={value}]")
        page.keyboard.press("Space")
        return
    tab_to(page, "", f"[name={name}]")
    for _time in range(8):
        if page.evaluate(f"document.querySelector('[name={name}]:checked')?.value") == value:
            return
        page.keyboard.press("ArrowDown")
    raise AssertionError((name, value))
