"""Names and numbers that people type lie open neither in a phone's storage nor in any log."""

import pytest
from playwright.sync_api import Page

from governance.voices.models import Doorplate
from reports.models import Filing
from tests import factories as f
from tests.governance import worlds
from units.models import User

NAME = "欧阳金丝雀"
TELEPHONE = "13917774321"
IDENTITY = "310104195208143218"
PASSWORD = "mima-jinsique-7"
NOTE = "三楼金丝雀家门口"
CANARIES = (NAME, TELEPHONE, IDENTITY, PASSWORD, NOTE, "金丝雀")
DUMP = """async () => {
  const bytes = (v) => v instanceof ArrayBuffer ? new TextDecoder().decode(v) : v;
  const databases = await Promise.all((await indexedDB.databases()).map(async ({ name }) => {
    const db = await new Promise((r) => {
      indexedDB.open(name).onsuccess = (e) => r(e.target.result); });
    return Promise.all([...db.objectStoreNames].map((store) => new Promise((r) => {
      db.transaction(store).objectStore(store).getAll().onsuccess = (e) => r(e.target.result);
    })));
  }));
  const pages = await Promise.all((await caches.keys()).map(async (name) => {
    const cache = await caches.open(name);
    return Promise.all((await cache.matchAll()).map((answer) => answer.text()));
  }));
  return JSON.stringify([databases, pages, { ...localStorage }, { ...sessionStorage },
    document.cookie], (_, v) => bytes(v));
}"""


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


def type_and_send(page: Page, box: str, words: str, button: str) -> None:
    page.fill(box, words)
    page.click(f"button:has-text('{button}')")


def a_wrong_login_and_a_right_one(page: Page, login: str) -> None:
    page.fill("[name=username]", NAME)
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('登录')")
    page.wait_for_selector("text=登录名或密码不对")
    page.fill("[name=username]", login)
    page.fill("[name=password]", "xincun2026")
    page.click("button:has-text('登录')")
    page.wait_for_url("**/group/**")


def what_is_refused_and_what_is_kept(page: Page, url: str, street: worlds.Street) -> None:
    building = f.building(street.communities[0], 3)
    home = f.household(street.communities[0], 3)
    page.goto(f"{url}/group/{building.code}/")
    page.click("text=有情况，填周报")
    for name, value in f.CALM.items():
        page.check(f"input[name={name}][value={value}]")
    type_and_send(page, "#note", f"{NAME}的电话{TELEPHONE}", "提交")
    page.wait_for_selector("[data-error-summary]")
    type_and_send(page, "#note", f"{NOTE}有旧沙发", "提交")
    page.wait_for_selector("text=提交成功，居委会已收到")
    page.goto(f"{url}/household/{home.code}/form/")
    page.check("input[name=changes][value=environment]")
    type_and_send(page, "#note", f"身份证{IDENTITY}", "提交")
    page.wait_for_selector("[data-error-summary]")
    type_and_send(page, "#note", NOTE, "提交")
    page.wait_for_selector("text=提交成功，居委会已收到")


def what_waits_in_the_shell(page: Page, url: str) -> None:
    page.goto(f"{url}/f/")
    page.wait_for_selector(".tile >> text=我要上报")
    page.evaluate("navigator.serviceWorker.ready")
    page.context.set_offline(True)
    page.click("text=我要上报")
    page.click("text=楼道堆物")
    type_and_send(page, "#note", f"{NOTE}的箱子", "提交")
    page.wait_for_selector("text=已保存在手机，有网自动发送")


def what_a_resident_says(page: Page, url: str, street: worlds.Street) -> None:
    plate = Doorplate.objects.get(place=f.building(street.communities[0], 3))
    page.goto(f"{url}/stairwell/{plate.token}/")
    page.check("input[name=about][value=other]")
    type_and_send(page, "#words", f"请联系{NAME}，电话{TELEPHONE}", "提交给居委")
    page.wait_for_selector("[data-error-summary]")


def test_what_was_typed_lies_open_nowhere(street, house, open_page):
    seat: User = street.people["unfiled seat"]
    phone = open_page(phone=True)
    a_wrong_login_and_a_right_one(phone, seat.login)
    what_is_refused_and_what_is_kept(phone, house.url, street)
    what_waits_in_the_shell(phone, house.url)
    dump = phone.evaluate(DUMP)
    assert "楼组填报" in dump  # the shell is there, so the dump is one
    assert [each for each in CANARIES if each in dump] == []
    phone.context.set_offline(False)
    phone.wait_for_selector("text=已送达 · 回执", timeout=20000)
    what_a_resident_says(phone, house.url, street)
    after = phone.evaluate(DUMP)
    assert [each for each in CANARIES if each in after] == []
    kept = Filing.objects.filter(by=seat, answers__note__icontains="金丝雀").count()
    assert kept == 3  # it was all stored where it belongs
    # The worst that a log could tell: a page that fails, and a body that nobody can read.
    phone.goto(f"{house.url}/nowhere/?q={TELEPHONE}")
    said = house.said()
    assert "/healthz/" in said  # the logs are read
    assert [each for each in CANARIES if each in said] == []
