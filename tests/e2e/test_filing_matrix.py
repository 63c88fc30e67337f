"""报告情况 in a browser: whose report is not in, and filing it for the group in two clicks."""

import pytest
from django.utils import timezone

from reports import filing
from reports.models import Filing
from tests import factories as f
from tests.e2e.test_journeys import COUNT_CLICKS, login_of
from tests.governance import worlds


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


@pytest.fixture
def desk(street, open_page):
    page = open_page(login_of(street, "staff"))
    page.click(".desk-nav >> text=报告情况")
    page.wait_for_selector(".matrix")
    page.context.add_init_script(COUNT_CLICKS)
    page.reload()
    return page


def cell_of(street: worlds.Street, number: int) -> str:
    place = f.building(street.communities[0], number)
    return f"tr:has-text('{place.name}') td:has-text('未') a[data-door]"


def test_a_report_is_filed_for_a_group_in_two_clicks(street, desk):
    desk.click(f"{cell_of(street, 3)} >> nth=0")
    desk.wait_for_selector("#caller")
    desk.keyboard.type("周兰英")  # The page is opened for this: the field has the focus.
    desk.click("text=代为提交")
    desk.wait_for_selector("text=已报平安")
    assert desk.evaluate("Number(sessionStorage.clicks)") == 2
    filed = Filing.objects.latest("received_at")
    assert (filed.channel, filed.caller, filed.nil) == ("telephone", "周兰英", True)
    assert filed.report.place == f.building(street.communities[0], 3)


def test_by_keyboard_alone_from_cell_to_receipt(street, desk):
    desk.focus(".matrix [data-door] >> nth=0")
    focused = "document.activeElement.closest('tr').querySelector('th').innerText"
    desk.keyboard.press("ArrowDown")
    assert desk.evaluate(focused) == "2号楼组"
    desk.keyboard.press("ArrowDown")
    assert desk.evaluate(focused) == "3号楼组"
    desk.keyboard.press("Enter")
    desk.wait_for_selector("#caller")
    desk.keyboard.type("周兰英")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=已报平安")
    assert Filing.objects.latest("received_at").caller == "周兰英"


def test_arrows_move_between_the_weeks_of_a_row(street, desk):
    desk.focus(".matrix [data-door] >> nth=0")
    row = "document.activeElement.closest('td').cellIndex"
    assert desk.evaluate(row) == 1
    desk.keyboard.press("ArrowRight")
    assert desk.evaluate(row) == 2
    desk.keyboard.press("Tab")
    assert desk.evaluate("document.activeElement.closest('[data-door]')") is None


def test_whom_to_ring_is_one_click_away(desk):
    row = desk.locator("tr", has_text="1号楼组")
    assert not row.locator("text=周兰英").first.is_visible()
    row.locator("text=联系谁").click()
    assert row.locator("text=周兰英").first.is_visible()
    assert row.locator("text=空缺").is_visible()
    assert desk.evaluate("Number(sessionStorage.clicks)") == 1


def test_a_report_that_comes_in_shows_on_the_open_page(street, desk):
    place = f.building(street.communities[0], 3)
    week = f.open_week(timezone.now())
    cell = f"#c{place.pk}-{week.pk}"
    desk.wait_for_selector(f"{cell}:has-text('未')")
    row = desk.locator("tr", has_text="3号楼组")
    row.locator("text=联系谁").click()
    filing.file(f.owed(place, week), f.sending(street.people["unfiled seat"]), at=timezone.now())
    desk.wait_for_selector(f"{cell}.is-changed:has-text('平安')", timeout=8000)
    # What was opened stays open, and the table can still be copied.
    assert row.locator("text=周兰英").first.is_visible()
    assert desk.locator("button:has-text('复制表格')").count() == 1


def test_the_table_and_the_words_for_the_group_are_copied(desk):
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    read = "navigator.clipboard.readText()"
    desk.click("text=复制表格")
    desk.wait_for_selector("text=已复制")
    lines = desk.evaluate(read).splitlines()
    assert lines[0].startswith("楼组\t第")
    first = next(line for line in lines if line.startswith("1号楼组"))
    assert first.split("\t")[1] == "平安"
    assert "联系谁" not in "".join(lines)
    desk.click("button:has-text('复制到群')")
    desk.wait_for_selector(".matrix-round >> text=已复制")
    assert "片区：3号" in desk.evaluate(read)


def test_the_matrix_works_without_scripts_and_on_a_narrow_screen(street, open_page):
    desk = open_page(login_of(street, "staff"), java_script_enabled=False)
    desk.set_viewport_size({"width": 390, "height": 844})
    desk.click(".desk-nav >> text=报告情况")
    desk.click("text=本周未收到")
    assert desk.locator("tbody th[scope=row]").all_inner_texts() == ["3号楼组"]
    desk.click("td >> text=代报 >> nth=0")
    assert desk.is_visible("#caller")
