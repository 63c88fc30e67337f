"""「我要上报」 on the phone, with and without a signal, its photo, and what waits too long."""

import pytest
from playwright.sync_api import Page

from reports.models import Filing, Photo, Report
from tests import factories as f
from tests.e2e.test_without_a_signal import (
    COUNT_CLICKS,
    DELIVERED,
    QUEUED,
    assert_both_are_stubs,
    stored,
    with_shell,
)
from tests.governance import worlds
from tests.reports import pictures

TAPS = "Number(sessionStorage.clicks)"
A_DAY_OLDER = """() => new Promise((resolve) => {
  indexedDB.open("tonggou").onsuccess = (e) => {
    const store = e.target.result.transaction("items", "readwrite").objectStore("items");
    store.getAll().onsuccess = (all) => {
      all.target.result.forEach((item) => store.put({ ...item, at: item.at - 25 * 3600e3 }));
      store.transaction.oncomplete = resolve;
    };
  };
})"""


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


@pytest.fixture
def phone(open_page, street) -> Page:
    page = open_page(street.people["unfiled seat"].login, phone=True)
    page.context.add_init_script(COUNT_CLICKS)
    page.reload()
    return page


def picture() -> dict:
    return {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": pictures.with_a_place(6)}


def photographed(page: Page) -> None:
    """One tap opens the camera; the shutter is the phone's own."""
    with page.expect_file_chooser() as chooser:
        page.click("#photo")
    chooser.value.set_files(picture())


def nothing_of_the_place_is_kept() -> None:
    kept = bytes(Photo.objects.latest("at").content)
    assert not [mark for mark in pictures.MARKS if mark in kept]


def test_a_problem_is_three_taps_and_one_more_with_a_photo(phone, open_page, street):
    phone.click("text=我要上报")
    phone.click("text=设施坏了")
    photographed(phone)
    phone.fill("#note", "三楼楼道灯不亮")
    phone.click("button:has-text('提交')")
    phone.wait_for_selector("text=提交成功，居委会已收到")
    assert phone.evaluate(TAPS) == 4
    told = Report.objects.get(form__code="matter_report")
    assert Filing.objects.get(report=told).answers["note"] == "三楼楼道灯不亮"
    nothing_of_the_place_is_kept()
    desk = open_page(street.people["staff"].login)
    desk.click("summary:has-text('更多')")
    desk.click("nav >> text=楼组报的事")
    desk.wait_for_selector("text=三楼楼道灯不亮")
    desk.click("text=给回音")
    desk.fill("textarea", "物业下午来换")
    desk.click("button:has-text('回音')")
    desk.wait_for_selector("text=没有等回音的")
    phone.click("text=返回首页")
    phone.click("text=有回音")
    phone.wait_for_selector("text=物业下午来换")


def test_without_a_signal_it_waits_with_its_photo_and_goes_by_itself(phone, house):
    with_shell(phone, house)
    before = phone.evaluate(TAPS)
    phone.context.set_offline(True)
    phone.click("text=我要上报")
    phone.click("text=安全隐患")
    photographed(phone)
    phone.click("button:has-text('提交')")
    phone.wait_for_selector(f"{QUEUED} >> nth=1")
    assert phone.evaluate(TAPS) - before == 4
    phone.context.set_offline(False)
    phone.wait_for_selector(f"{DELIVERED} >> nth=1", timeout=20000)
    assert Filing.objects.get(report__form__code="matter_report").answers["kind"] == "hazard"
    nothing_of_the_place_is_kept()
    assert_both_are_stubs(phone)


def test_the_weekly_report_of_the_shell_takes_a_photo(phone, house):
    with_shell(phone, house)
    phone.click("text=有情况，填周报")
    for name, value in (f.CALM | {"corridor": "cleared"}).items():
        phone.check(f"input[name={name}][value={value}]")
    photographed(phone)
    phone.context.set_offline(True)
    phone.click("button:has-text('提交')")
    phone.wait_for_selector(f"{QUEUED} >> nth=1")
    phone.context.set_offline(False)
    phone.wait_for_selector(f"{DELIVERED} >> nth=1", timeout=20000)
    nothing_of_the_place_is_kept()


def test_a_photo_lost_on_the_way_holds_nothing_up_and_is_sent_again(phone, house):
    lost = []

    def lose_once(route):
        lost.append(route.request.url)
        route.abort() if len(lost) == 1 else route.continue_()

    with_shell(phone, house)
    phone.context.route("**/photos/**", lose_once)
    phone.click("text=我要上报")
    phone.click("text=楼道堆物")
    photographed(phone)
    phone.click("button:has-text('提交')")
    phone.wait_for_selector(DELIVERED)
    phone.wait_for_selector(QUEUED)
    # The store keeps them by their random names, in no order.
    assert {(item["what"], item["state"]) for item in stored(phone)} == {
        ("matter", "sent"),
        ("photo", "queued"),
    }
    phone.click("text=立即发送")
    phone.wait_for_selector(f"{DELIVERED} >> nth=1", timeout=20000)
    assert Photo.objects.filter(filing__report__form__code="matter_report").count() == 1
    assert Filing.objects.filter(report__form__code="matter_report").count() == 1


def test_somebody_needs_help_leads_to_the_door_and_its_form(phone, house):
    with_shell(phone, house)
    before = phone.evaluate(TAPS)
    phone.context.set_offline(True)
    phone.click("text=我要上报")
    phone.click("text=有人需要帮助")
    phone.click("text=201室")
    phone.check("input[name=help_kind][value=medicine]")
    phone.check("input[name=consent][value=agreed]")
    phone.click("button:has-text('提交')")
    phone.wait_for_selector(QUEUED)
    assert phone.evaluate(TAPS) - before == 6
    phone.context.set_offline(False)
    phone.wait_for_selector(DELIVERED, timeout=20000)
    assert Report.objects.get(is_event=True).help_asked == 1


def test_other_without_a_sentence_is_asked_for_one_at_once(phone, house):
    with_shell(phone, house)
    phone.click("text=我要上报")
    phone.click("text=其他")
    phone.click("button:has-text('提交')")
    phone.wait_for_selector("[data-problem] >> text=说一句话")
    assert phone.title().startswith("错误：")


def test_what_waits_for_a_day_shows_whom_to_ring(phone, house):
    with_shell(phone, house)
    phone.context.set_offline(True)
    phone.click("text=本周平安无事")
    phone.click("text=确认，没有情况")
    phone.wait_for_selector(QUEUED)
    assert phone.is_hidden("#late")
    phone.evaluate(A_DAY_OLDER)
    phone.reload()
    phone.wait_for_selector("#late >> text=021-55500000")
    # Back on the pages of the server, while the API does not answer.
    phone.context.route("**/api/**", lambda route: route.abort())
    phone.context.set_offline(False)
    phone.goto(f"{house.url}/group/")
    phone.wait_for_selector("[data-unsent-late] >> text=021-55500000")


def test_the_standard_mode_is_chosen_on_the_home_page_and_stays(phone, house):
    size = "getComputedStyle(document.querySelector('.tile')).fontSize"
    assert phone.evaluate(size) == "24px"
    phone.click(".home-head .mode-switch")
    assert phone.evaluate(size) == "18px"
    phone.click("text=我的楼组")
    phone.click("text=返回楼组首页")
    assert phone.evaluate(size) == "18px"
    with_shell(phone, house)
    assert phone.evaluate(size) == "18px"
    phone.click(".home-head .mode-switch")
    assert phone.evaluate(size) == "24px"
