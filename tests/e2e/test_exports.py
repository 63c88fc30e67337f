"""Files through a real browser and a real worker: followed while made, mapped by pointing."""

import io

import pytest
from openpyxl import load_workbook

from reports.models import Workbook
from tests.governance import worlds
from tests.reports import office_workbooks


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


def login_of(street: worlds.Street, role: str) -> str:
    return street.people[role].login


def _order_paper(desk) -> None:
    desk.click("text=数字")
    desk.click(".exports > summary")
    desk.check("input[name=kind][value=pdf]")
    desk.click(".exports button[type=submit]")


def test_a_printed_report_is_followed_while_it_is_made_and_then_fetched(street, open_page):
    desk = open_page(login_of(street, "staff"))
    _order_paper(desk)
    desk.wait_for_selector("text=做好了", timeout=60_000)
    with desk.expect_download() as fetched:
        desk.click("a.button:has-text('下载')")
    assert fetched.value.suggested_filename.endswith(".pdf")
    assert fetched.value.path().read_bytes().startswith(b"%PDF")


def test_a_worker_that_is_gone_loses_no_order(street, house, open_page):
    desk = open_page(login_of(street, "staff"))
    house.kill("worker")
    _order_paper(desk)
    desk.wait_for_selector("text=正在做")
    house.start("worker")
    desk.wait_for_selector("text=做好了", timeout=60_000)


def test_a_workbook_is_mapped_and_filled_with_scripts_missing(street, open_page, tmp_path):
    content, _wanted = office_workbooks.as_list()
    file = tmp_path / "月报.xlsx"
    file.write_bytes(content)
    desk = open_page(login_of(street, "staff"), java_script_enabled=False)
    desk.click("summary:has-text('更多')")
    desk.click("text=填上级表格")
    desk.fill("input[name=name]", "指标月报")
    desk.set_input_files("input[name=file]", file)
    desk.click("button:has-text('上传')")
    desk.click("button:has-text('全部采用')")
    # One cell by hand: 培训场次 is not ours, so the staff point at it and choose.
    desk.click("td a[aria-label^='D22']")
    desk.select_option("select[name=figure]", "VISIT_N:value")
    desk.click("button:has-text('填这个')")
    desk.click("a:has-text('填好它')")
    desk.click("button:has-text('填好它')")
    desk.wait_for_selector("text=填得怎样")
    with desk.expect_download() as fetched:
        desk.click("a.button:has-text('下载')")
    sheet = load_workbook(io.BytesIO(fetched.value.path().read_bytes()))["指标月报"]
    assert (sheet["D5"].value, sheet["D6"].value, sheet["D22"].value) == (3, 2, 0)
    assert len(Workbook.objects.get().mapping) == 19
