"""The committee's job 2 (domain/forms-and-indicators 5.3): who has not filed, and helping them.

Job 1 is in test_workbench too, 5 in test_places, 8 in test_monthly_report.
"""

import pytest

from reports.models import Filing
from tests.e2e.pressing import clicks, counted, follow, press, tab_to
from tests.e2e.test_journeys import login_of
from tests.governance import worlds


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


def _is_told(caller: str) -> None:
    told = Filing.objects.latest("received_at")
    assert (told.channel, told.caller, told.nil) == ("telephone", caller, True)
    assert told.report.place.name == "3号楼组"


def test_job_1_by_tab_and_enter_goes_on_at_the_row_that_came_up(street, open_page):
    desk = open_page(login_of(street, "staff"))
    follow(desk, "通过", "[data-row] button")
    desk.wait_for_selector("text=已通过1份")
    desk.wait_for_selector("[data-row]:focus")
    follow(desk, "受理", "[data-row] button")
    desk.wait_for_selector("text=已受理1条")
    desk.wait_for_selector("[data-row]:focus")


def test_job_2_whom_to_ring_is_two_clicks_away(street, open_page):
    desk = counted(open_page(login_of(street, "staff")))
    desk.click(".desk-nav >> text=报告情况")
    row = desk.locator(".matrix tr", has_text="3号楼组")
    row.locator("text=联系谁").click()
    assert row.locator("text=周兰英").first.is_visible()
    assert clicks(desk) == 2


def test_job_2_a_group_that_rang_is_helped_in_two_clicks(street, open_page):
    desk = counted(open_page(login_of(street, "staff")))
    desk.click(".desk-nav >> text=报告情况")
    desk.click(".matrix tr:has-text('3号楼组') >> text=代报")
    desk.wait_for_selector("#caller:focus")
    # Typing is not a click, and neither is the Enter at its end.
    before = clicks(desk)
    desk.keyboard.type("周兰英")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=已报平安")
    assert before == 2
    _is_told("周兰英")


def test_job_2_by_keyboard_alone(street, open_page):
    desk = open_page(login_of(street, "staff"))
    follow(desk, "报告情况", ".desk-nav a")
    desk.wait_for_selector(".matrix")
    follow(desk, "本周未收到", ".kinds a")
    desk.wait_for_selector(".matrix tbody tr:nth-child(2):last-child")
    tab_to(desk, "联系谁")
    desk.keyboard.press("Space")
    assert desk.locator(".matrix tr >> text=周兰英").first.is_visible()
    follow(desk, "代报", ".matrix-do a", back=True)
    desk.wait_for_selector("#caller:focus")
    desk.keyboard.type("周兰英")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=已报平安")
    _is_told("周兰英")


def test_the_first_stop_of_every_desk_leads_past_its_head(street, open_page):
    desk = open_page(login_of(street, "staff"))
    press(desk, "跳到正文")
    tab_to(desk)
    assert desk.evaluate("document.activeElement.closest('main') !== null")
