"""Gates for every page a seat can reach on the phone: for old eyes, thumbs and readers."""

import json
from collections.abc import Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from django.utils import timezone
from playwright.sync_api import Page

from bench.pages import PAGES, World
from tests import factories as f
from tests.e2e.conftest import House
from tests.governance import worlds

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
STANDARD = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SHELL = ("home", "nil", "weekly", "doors", "stairs", "mine")

# Text that is shown and its size; what is only for readers is not shown.
SMALL_TEXT = """(least) => [...document.querySelectorAll("body *")]
  .filter((e) => [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()))
  .filter((e) => e.checkVisibility() && e.getBoundingClientRect().width > 1
    && !["OPTION", "SCRIPT", "STYLE"].includes(e.tagName) && !e.closest(".skip"))
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < least)
  .map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 20)}`)"""
SMALL_TARGETS = """([main, least]) =>
  [...document.querySelectorAll("a, button, label.choice, summary")]
  .filter((e) => e.checkVisibility() && !e.closest(".skip"))
  .filter((e) => {
    const box = e.getBoundingClientRect();
    // A link inside a sentence is as tall as the sentence.
    if (e.tagName === "A" && getComputedStyle(e).display === "inline") return false;
    return box.height < (e.matches(".button, .tile, .choice, .call, .stairs-door") ? main : least);
  })
  .map((e) => `${e.tagName}.${e.className}: ${e.textContent.trim().slice(0, 20)}`)"""
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


@pytest.fixture(params=["unfiled seat", "seat"])
def seat(open_page, street, request) -> Page:
    return open_page(street.people[request.param].login, phone=True)


def phone_pages(page: Page, house: House, street: worlds.Street) -> Iterator[str]:
    """Follow every link from the group's page; then the screens of the shell."""
    page.goto(f"{house.url}/group/")
    waiting, met = [page.url], set()
    while waiting:
        url = waiting.pop()
        # Doors of one building are alike, and so are its weeks.
        kind = url.rstrip("/").rpartition("-H")[0] or url
        if kind in met:
            continue
        met.add(kind)
        page.goto(url)
        if page.locator("body.phone").count() == 0:
            continue
        yield url
        links = page.eval_on_selector_all("a[href^='/']", "all => all.map((a) => a.href)")
        waiting += [link.partition("#")[0] for link in links if "/f/" not in link]
    for screen in SHELL:
        page.goto(f"{house.url}/f/#{screen}")
        page.wait_for_selector("#foot:not([hidden])")
        yield f"/f/#{screen}"


def test_every_phone_page_passes_the_gates(seat, house, street):
    faults: dict[str, list[str]] = {}
    met = []
    for url in phone_pages(seat, house, street):
        met.append(url)
        found = []
        seat.set_viewport_size({"width": 360, "height": 740})
        seat.evaluate(AXE)
        seen = seat.evaluate(
            "(tags) => axe.run({ runOnly: tags, resultTypes: ['violations'] })", STANDARD
        )
        found += [
            f"{each['id']}: {each['nodes'][0]['target']} {each['help']}"
            for each in seen["violations"]
        ]
        found += [f"小字 {text}" for text in seat.evaluate(SMALL_TEXT, 20)]
        found += [f"小键 {text}" for text in seat.evaluate(SMALL_TARGETS, [64, 44])]
        seat.set_viewport_size({"width": 320, "height": 640})
        if seat.evaluate(OVERFLOW) > 0:
            found.append("320px 横向滚动")
        seat.set_viewport_size({"width": 360, "height": 740})
        for zoom in ("1.5", "1"):
            seat.evaluate("(z) => document.documentElement.style.setProperty('zoom', z)", zoom)
            if zoom == "1":
                seat.evaluate("document.documentElement.dataset.text = 'large'")
            if seat.evaluate(OVERFLOW) > 0:
                found.append(f"{zoom} 横向滚动")
        if found:
            faults[url] = found
    assert json.dumps(faults, ensure_ascii=False, indent=1) == "{}"
    assert len(met) >= 12


# --- Every page of the URL table, for whoever may open it ----------------------------------------

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# role → the sizes and modes in which every page is looked at. Desks are read on phones, too.
DUTIES = {
    "seat": [(360, "senior"), (360, "standard")],
    "staff": [(1280, "senior"), (390, "senior")],
    "director": [(1280, "senior"), (390, "senior")],
    "street": [(1280, "senior"), (390, "senior")],
}
LEAST_TEXT = {"senior": 20, "standard": 16}
LEAST_TARGET = {"senior": [64, 44], "standard": [44, 44]}


@pytest.fixture
def world(street) -> World:
    people = {"seat": street.people["unfiled seat"]} | {
        role: street.people[role] for role in ("staff", "director", "street")
    }
    return World(people, timezone.now())


@pytest.mark.parametrize("role", DUTIES)
def test_every_page_of_the_url_table_can_be_read_by_everybody(role, open_page, house, world):
    """Asked of each duty; what it may not open is left out, what it may open has no fault.

    Of the director the pages that are the director's alone: the others are the staff's as well.
    """
    page = open_page(world.people[role].login, phone=role == "seat")
    asked = [each for each in PAGES if (each.who == "director") is (role == "director")]
    addresses = dict.fromkeys(world.address(each) for each in asked)
    faults: dict[str, list[str]] = {}
    met = 0
    for address in addresses:
        answer = page.goto(house.url + address)
        if answer.status != 200 or page.locator("main").count() == 0:
            continue
        if address == "/f/" and role == "seat":
            page.wait_for_selector(".tile")
        met += 1
        page.evaluate(AXE)
        is_hand = page.locator("body.phone").count() > 0
        if page.locator(".desk-head").count() and not page.locator(".desk-nav a").count():
            faults[f"{address} head"] = ["没有主要页面的链接"]
        # 1280 px at 200 %.
        page.set_viewport_size({"width": 640, "height": 400})
        if page.evaluate(OVERFLOW) > 0:
            faults[f"{address} 640"] = ["横向滚动"]
        for width, mode in DUTIES[role]:
            page.set_viewport_size({"width": width, "height": 800})
            page.evaluate("(mode) => { document.documentElement.dataset.mode = mode; }", mode)
            seen = page.evaluate(
                "(tags) => axe.run({ runOnly: tags, resultTypes: ['violations'] })", RULES
            )
            found = [
                f"{each['id']}: {each['nodes'][0]['target']} {each['help']}"
                for each in seen["violations"]
            ]
            if page.evaluate(OVERFLOW) > 0:
                found.append("横向滚动")
            if is_hand:
                found += [f"小字 {text}" for text in page.evaluate(SMALL_TEXT, LEAST_TEXT[mode])]
                found += [f"小键 {t}" for t in page.evaluate(SMALL_TARGETS, LEAST_TARGET[mode])]
            if found:
                faults[f"{address} {width} {mode}"] = found
    assert json.dumps(faults, ensure_ascii=False, indent=1) == "{}"
    assert met >= min(15, len(addresses))


def test_a_report_can_be_sent_without_styles_and_scripts(browser, house, street):
    """Plain POST, as from a browser that understands neither."""
    context = browser.new_context(java_script_enabled=False)
    context.route("**/*.css", lambda route: route.abort())
    page = context.new_page()
    page.goto(f"{house.url}/login/")
    page.fill("[name=username]", street.people["unfiled seat"].login)
    page.fill("[name=password]", "xincun2026")
    page.click("button:has-text('登录')")
    page.click("text=有情况，填周报")
    for name, value in f.CALM.items():
        page.check(f"input[name={name}][value={value}]")
    page.click("button:has-text('提交')")
    page.wait_for_selector("text=提交成功，居委会已收到")
    context.close()
