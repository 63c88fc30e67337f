"""The phone without a signal: what is filled in is kept, delivered once, and green only then."""

import json
import os
import signal
import subprocess
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route

from reports.models import Filing, Photo, Report
from tests import factories as f
from tests.e2e.conftest import FLAGS, House, chromium
from tests.governance import worlds
from tests.reports import pictures

QUEUED = "text=已保存在手机，有网自动发送"
DELIVERED = "text=已送达 · 回执"
# A tap on a label is one tap and two clicks.
COUNT_CLICKS = """
sessionStorage.clicks = sessionStorage.clicks || 0;
addEventListener("pointerup", (e) => { if (e.isTrusted) sessionStorage.clicks++; }, true);
"""


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


@pytest.fixture
def seat(street) -> str:
    return street.people["unfiled seat"].login


@pytest.fixture
def web(house: House) -> Iterator[House]:
    """The house, whose web server a test may take away."""
    yield house
    if house.parts["web"].poll() is not None:
        house.start("web")
        house.wait_until(200, 30)


@pytest.fixture
def phone(open_page, house, seat) -> Page:
    """Logged in, with the shell open and its pack kept."""
    page = open_page(seat, phone=True)
    return with_shell(page, house)


def with_shell(page: Page, house: House) -> Page:
    page.goto(f"{house.url}/f/")
    page.wait_for_selector(".tile >> text=我的填报")
    page.evaluate("navigator.serviceWorker && navigator.serviceWorker.ready")
    return page


def log_in(page: Page, house: House, login: str) -> None:
    page.goto(f"{house.url}/login/")
    page.fill("[name=username]", login)
    page.fill("[name=password]", "xincun2026")
    page.click("button:has-text('登录')")
    page.wait_for_url("**/group/**")


def say_all_is_well(page: Page) -> None:
    page.click("text=本周平安无事")
    page.click("text=确认，没有情况")


def sent_by(login: str) -> list[Filing]:
    return list(Filing.objects.filter(by__login=login))


def stored(page: Page) -> list[dict]:
    """What lies in the outbox."""
    return page.evaluate(
        """() => new Promise((resolve) => {
          indexedDB.open("tonggou").onsuccess = (e) => {
            const asked = e.target.result.transaction("items").objectStore("items").getAll();
            asked.onsuccess = () => resolve(asked.result.map(
              (item) => ({ ...item, content: item.content ? "yes" : "no",
                photo: item.photo ? "yes" : "no" })));
          };
        })"""
    )


def test_all_is_well_is_two_taps_and_delivered(phone, seat):
    phone.context.add_init_script(COUNT_CLICKS)
    phone.reload()
    say_all_is_well(phone)
    phone.wait_for_selector(DELIVERED)
    assert phone.evaluate("Number(sessionStorage.clicks)") == 2
    (sent,) = sent_by(seat)
    assert sent.nil
    (item,) = stored(phone)
    assert item["receipt"] == sent.receipt
    assert item["content"] == "no"


def test_without_a_server_the_page_opens_and_what_is_filled_in_goes_later(phone, web, seat):
    web.kill("web")
    phone.goto(f"{web.url}/group/")
    say_all_is_well(phone)
    phone.wait_for_selector(QUEUED)
    assert not phone.is_visible(DELIVERED)
    assert sent_by(seat) == []
    web.start("web")
    web.wait_until(200, 30)
    phone.click("text=立即发送")
    phone.wait_for_selector(DELIVERED)
    (sent,) = sent_by(seat)
    assert sent.nil


def test_what_was_kept_survives_a_reload_and_goes_by_itself(phone, web):
    web.kill("web")
    say_all_is_well(phone)
    phone.wait_for_selector(QUEUED)
    phone.reload()
    phone.wait_for_selector(QUEUED)
    web.start("web")
    web.wait_until(200, 30)
    phone.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for_selector(DELIVERED, timeout=40000)


def test_where_service_workers_are_blocked_the_kept_page_still_opens(
    browser: Browser, web: House, seat: str
):
    context = browser.new_context(service_workers="block", viewport={"width": 390, "height": 844})
    page = context.new_page()
    log_in(page, web, seat)
    page.goto(f"{web.url}/f/")
    page.wait_for_selector(".tile >> text=我的填报")
    web.kill("web")
    again = context.new_page()
    again.goto(f"{web.url}/f/")
    say_all_is_well(again)
    again.wait_for_selector(QUEUED)
    web.start("web")
    web.wait_until(200, 30)
    again.click("text=立即发送")
    again.wait_for_selector(DELIVERED)
    context.close()


def test_an_answer_that_is_lost_on_its_way_stores_one_report(phone, seat):
    lost = []

    def lose(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch())
        route.abort("connectionreset")

    phone.route("**/api/filings/**", lose)
    say_all_is_well(phone)
    while not lost:
        phone.wait_for_timeout(50)
    phone.wait_for_selector(QUEUED)
    assert len(sent_by(seat)) == 1
    phone.click("text=立即发送")
    phone.wait_for_selector(DELIVERED)
    assert len(sent_by(seat)) == 1


def test_a_page_that_is_no_receipt_delivers_nothing(phone, seat):
    phone.route(
        "**/api/filings/**",
        lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>欢迎上网</h1>"),
    )
    say_all_is_well(phone)
    phone.wait_for_selector(QUEUED)
    phone.wait_for_timeout(300)
    assert not phone.is_visible(DELIVERED)
    assert sent_by(seat) == []


def test_an_expired_login_keeps_what_was_filled_in_until_the_same_person_is_back(
    phone, web, seat, street
):
    phone.context.clear_cookies()
    say_all_is_well(phone)
    phone.wait_for_selector("text=请重新登录，填的还在手机里")
    assert sent_by(seat) == []
    # Somebody else on the same phone neither sees nor sends it.
    other = street.people["seat"].login
    log_in(phone, web, other)
    phone.goto(f"{web.url}/f/#mine")
    phone.wait_for_selector("text=还有别人在这台手机上没送达的")
    assert not phone.is_visible("text=请重新登录")
    assert sent_by(seat) == []
    phone.context.clear_cookies()
    log_in(phone, web, seat)
    phone.goto(f"{web.url}/f/#mine")
    phone.wait_for_selector(DELIVERED, timeout=20000)
    assert len(sent_by(seat)) == 1


def test_two_tabs_and_a_triple_tap_store_one_report(phone, web, seat):
    second = phone.context.new_page()
    with_shell(second, web)
    phone.click("text=本周平安无事")
    phone.wait_for_selector("[data-do=nil]")
    phone.evaluate(
        "() => { const tap = () => document.querySelector('[data-do=nil]').click();"
        " tap(); tap(); tap(); }"
    )
    phone.wait_for_selector("text=我的填报")
    second.evaluate("dispatchEvent(new Event('online'))")
    phone.wait_for_selector(DELIVERED)
    assert len(sent_by(seat)) == 1


def test_an_old_form_is_said_and_what_was_filled_in_stays(phone):
    phone.route(
        "**/api/filings/**",
        lambda route: route.continue_(
            post_data=json.dumps(json.loads(route.request.post_data) | {"form_version": 99})
        ),
    )
    phone.click("text=我的楼组")
    phone.click(".weeks a >> nth=0")
    phone.click("text=去过，无变化")
    phone.wait_for_selector("text=表格已更新，请再看一眼")
    phone.unroute("**/api/filings/**")
    phone.click("text=改好再发")
    phone.check("input[name=situation][value=same]")
    phone.click("button:has-text('提交')")
    phone.wait_for_selector(DELIVERED)
    assert Report.objects.get(is_event=True).confirmed == 1


def test_somebody_was_first_and_the_correction_follows_theirs(phone, seat, open_page):
    phone.context.set_offline(True)
    say_all_is_well(phone)
    phone.wait_for_selector(QUEUED)
    colleague = open_page(seat, phone=True)
    colleague.click("text=本周平安无事")
    colleague.click("text=确认，没有情况")
    colleague.wait_for_selector("text=已报平安")
    phone.context.set_offline(False)
    phone.wait_for_selector("text=别人已经报过，请核对", timeout=20000)
    assert len(sent_by(seat)) == 1
    phone.click("text=不要这份了")
    phone.wait_for_selector("text=还没有填过")


def test_a_whole_staircase_is_four_taps_and_shown_apart(phone):
    phone.context.add_init_script(COUNT_CLICKS)
    phone.reload()
    phone.click("text=我的楼组")
    phone.click("text=其余各户无变化")
    phone.click("label:has-text('101室')")
    phone.click("text=确认，这些户无变化")
    phone.wait_for_selector(DELIVERED)
    assert phone.evaluate("Number(sessionStorage.clicks)") == 4
    told = Report.objects.filter(is_event=True)
    assert told.count() > 1
    assert not told.filter(place__name="101室").exists()
    assert set(told.values_list("visits", "confirmed")) == {(0, 1)}
    sources = Filing.objects.filter(report__in=told).values_list("answers__source", flat=True)
    assert set(sources) == {"stairs"}


def test_a_browser_that_is_killed_keeps_what_was_filled_in(
    browser: Browser, web: House, seat: str, tmp_path
):
    """The session cookie may be lost with it: then the login is asked for, and it goes."""

    def open_() -> BrowserContext:
        return browser.browser_type.launch_persistent_context(
            tmp_path,
            executable_path=chromium(),
            args=FLAGS,
            viewport={"width": 390, "height": 844},
        )

    context = open_()
    page = context.pages[0]
    log_in(page, web, seat)
    with_shell(page, web)
    web.kill("web")
    say_all_is_well(page)
    page.wait_for_selector(QUEUED)
    found = subprocess.run(
        ["pgrep", "-f", f"user-data-dir={tmp_path}"], capture_output=True, text=True, check=True
    )
    for pid in found.stdout.split():
        os.kill(int(pid), signal.SIGKILL)
    web.start("web")
    web.wait_until(200, 30)
    context = open_()
    page = context.pages[0]
    log_in(page, web, seat)
    page.goto(f"{web.url}/f/#mine")
    page.wait_for_selector(DELIVERED, timeout=20000)
    assert len(sent_by(seat)) == 1
    context.close()


def test_a_new_shell_takes_over_and_leaves_what_waits(phone, web, seat):
    web.kill("web")
    say_all_is_well(phone)
    phone.wait_for_selector(QUEUED)
    phone.evaluate(
        "navigator.serviceWorker.getRegistration().then((r) => r.unregister())"
        ".then(() => caches.keys()).then((all) => Promise.all(all.map((n) => caches.delete(n))))"
    )
    web.start("web")
    web.wait_until(200, 30)
    phone.reload()
    phone.wait_for_selector(DELIVERED, timeout=40000)
    assert len(sent_by(seat)) == 1


def test_nothing_typed_lies_open_in_the_phone(phone):
    phone.context.set_offline(True)
    phone.click("text=我的楼组")
    phone.click(".weeks a >> nth=0")
    phone.click("text=有变化，去填")
    phone.check("input[name=changes][value=facility]")
    phone.fill("textarea[name=note]", "金丝雀在三楼")
    phone.click("button:has-text('提交')")
    phone.wait_for_selector(QUEUED)
    everything = phone.evaluate(
        """async () => {
          const db = await new Promise((r) => {
            indexedDB.open("tonggou").onsuccess = (e) => r(e.target.result); });
          const read = (name) => new Promise((r) => {
            const store = db.transaction(name).objectStore(name);
            store.getAll().onsuccess = (e) => r(e.target.result); });
          const rows = await Promise.all([...db.objectStoreNames].map(read));
          const bytes = (v) => v instanceof ArrayBuffer ? new TextDecoder().decode(v) : v;
          return JSON.stringify(rows, (_, v) => bytes(v)) + JSON.stringify({ ...localStorage })
            + JSON.stringify({ ...sessionStorage }) + document.cookie;
        }"""
    )
    assert '"data"' in everything  # what is sealed is there, so the dump is one
    assert "整幢一起确认" not in everything  # the pack is sealed too
    assert "金丝雀" not in everything
    phone.context.set_offline(False)
    phone.wait_for_selector(DELIVERED, timeout=20000)
    assert Filing.objects.get(report__is_event=True).answers["note"] == "金丝雀在三楼"


def test_a_photo_waits_with_its_report_and_goes_along(phone, house, seat):
    phone.goto(f"{house.url}/group/")
    phone.click("text=有情况，填周报")
    for name, value in f.CALM.items():
        phone.check(f"input[name={name}][value={value}]")
    picture = {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": pictures.drawn()}
    phone.set_input_files("#photo", picture)
    phone.context.set_offline(True)
    phone.click("button:has-text('提交')")
    phone.wait_for_selector(QUEUED)
    phone.context.set_offline(False)
    phone.wait_for_selector(f"{DELIVERED} >> nth=1", timeout=20000)
    (sent,) = sent_by(seat)
    assert Photo.objects.filter(filing=sent).count() == 1
    assert_both_are_stubs(phone)


def assert_both_are_stubs(phone: Page) -> None:
    phone.wait_for_selector("text=照片 ·")
    items = stored(phone)
    assert [item["state"] for item in items] == ["sent", "sent"]
    assert {(item["content"], item["photo"]) for item in items} == {("no", "no")}


def test_a_photo_may_be_let_go_when_chosen_and_while_it_waits(phone, house, seat):
    picture = {"name": "灯.jpg", "mimeType": "image/jpeg", "buffer": pictures.drawn()}
    phone.goto(f"{house.url}/group/")
    phone.click("text=有情况，填周报")
    for name, value in f.CALM.items():
        phone.check(f"input[name={name}][value={value}]")
    phone.set_input_files("#photo", picture)
    phone.click("text=不要这张")
    assert phone.evaluate("document.querySelector('#photo').files.length") == 0
    assert not phone.is_visible("text=不要这张")
    phone.set_input_files("#photo", picture)
    phone.context.set_offline(True)
    phone.click("button:has-text('提交')")
    phone.click("text=不发这张照片")
    phone.wait_for_selector("text=照片 ·", state="detached")
    phone.context.set_offline(False)
    phone.wait_for_selector(DELIVERED, timeout=20000)
    (sent,) = sent_by(seat)
    assert not Photo.objects.filter(filing=sent).exists()


def test_what_was_withdrawn_on_a_page_can_be_said_again_in_the_shell(phone, house, seat):
    say_all_is_well(phone)
    phone.wait_for_selector(DELIVERED)
    (sent,) = sent_by(seat)
    place, week = sent.report.place.code, sent.report.obligation.period.key
    phone.goto(f"{house.url}/report/{place}/{week}/withdrawal/")
    phone.click("text=撤回这份报告")
    phone.wait_for_selector("text=已撤回")
    phone.goto(f"{house.url}/f/")
    phone.wait_for_selector("text=本周平安无事")
