"""The census comes in: by mouse from a workbook, by keyboard from pasted cells, and goes again."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.conftest import House
from tests.governance import worlds
from tests.units import census_workbooks
from units.models import HouseholdCount, Place

SLOW = 60_000


@pytest.fixture
def street(house: House) -> worlds.Street:
    """Twelve households: three buildings of two floors and two doors; and their director."""
    made = worlds.street(1)
    house.wait_until(200, 60)
    return made


def imports(page: Page) -> None:
    page.locator(".desk-more summary").click()
    page.get_by_role("link", name="底册导入").click()


def test_a_workbook_is_mended_imported_and_taken_back(open_page, street, tmp_path: Path):
    """Ten presses from the first page to the good lines in, and one to take them back."""
    sheet = census_workbooks.clean(3, 2, 2)
    page_of = sheet.book.active
    page_of["E5"] = "三四个"
    page_of["A7"] = "99号"
    (tmp_path / "底册.xlsx").write_bytes(sheet.content)
    page = open_page(street.people["director"].login)
    imports(page)
    page.set_input_files("[name=file]", tmp_path / "底册.xlsx")
    page.get_by_role("button", name="读这张表").click()
    expect(page.get_by_text("户主姓名、联系电话")).to_be_visible()
    page.get_by_role("button", name="核对").click()
    fault = page.get_by_label("E5改成")
    expect(fault).to_have_value("三四个")
    fault.fill("3")
    page.get_by_role("button", name="改好这一页，再核对").click()
    expect(page.get_by_label("E5改成")).to_have_count(0)
    expect(page.get_by_label("A7改成")).to_have_value("99号")
    with page.expect_download() as download:
        page.get_by_role("link", name="下载错误行").click()
    assert download.value.suggested_filename == "错误行.xlsx"
    page.get_by_role("button", name="导入正确的11行").click()
    expect(page.get_by_text("导入好了：11户")).to_be_visible(timeout=SLOW)
    assert HouseholdCount.objects.filter(place__community__in=street.communities).count() == 11
    page.get_by_role("button", name="撤销这次导入").click()
    expect(page.get_by_text("已撤销，数字和导入以前一样")).to_be_visible()
    assert not HouseholdCount.objects.filter(place__community__in=street.communities).exists()


def test_pasted_cells_come_in_by_keyboard_alone(open_page, street):
    page = open_page(street.people["director"].login)

    def go_to(locator: str) -> None:
        for _press in range(80):
            if page.evaluate("s => document.activeElement.matches(s)", locator):
                return
            page.keyboard.press("Tab")
        raise AssertionError(f"no way by Tab to {locator}")

    go_to(".desk-more summary")
    page.keyboard.press("Enter")
    go_to("a[href$='/census/']")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("底册导入")
    go_to("#pasted")
    page.keyboard.insert_text("楼号\t室号\t常住\n1号\t101\t3\n1号\t401\t2\n")
    go_to("button.is-main")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("哪一列是什么")
    go_to("button.is-main")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("核对底册")
    go_to(".census-go button")
    page.keyboard.press("Enter")
    expect(page.get_by_text("导入好了：2户")).to_be_visible(timeout=SLOW)
    assert Place.objects.filter(community__in=street.communities, name="401室").exists()


def test_a_file_that_is_no_table_loses_nothing_typed(open_page, street, tmp_path: Path):
    (tmp_path / "照片.xlsx").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    page = open_page(street.people["director"].login, phone=True)
    imports(page)
    page.fill("#pasted", "楼号\t室号\t常住")
    page.set_input_files("[name=file]", tmp_path / "照片.xlsx")
    page.get_by_role("button", name="读这张表").click()
    expect(page.get_by_role("alert")).to_contain_text("不是电子表格")
    expect(page.locator("#pasted")).to_have_value("楼号\t室号\t常住")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
