"""A resident at the stairwell, a photo from a phone, paper, and the phone's own test."""

import re

import pytest
from django.urls import reverse

from governance.voices.models import Doorplate, Voice
from reports.models import Filing, Photo
from tests import factories as f
from tests.governance import worlds
from tests.reports import pictures

WIDTH = "document.documentElement.scrollWidth"
# Texts under 20 px, and what is tapped under 44 px, in senior mode.
TOO_SMALL = """
[...document.querySelectorAll("main *")].filter((e) => e.offsetParent && !e.closest(".unseen") &&
  [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim()) &&
  parseFloat(getComputedStyle(e).fontSize) < 20).map((e) => e.outerHTML)
"""


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


@pytest.fixture
def door(street, house) -> str:
    plate = Doorplate.objects.get(place=f.building(street.communities[0], 3))
    return house.url + reverse("stairwell", kwargs={"token": plate.token})


def login_of(street: worlds.Street, role: str) -> str:
    return street.people[role].login


def test_a_resident_speaks_without_scripts_or_cookies_and_reads_the_answer(street, door, open_page):
    page = open_page(phone=True, java_script_enabled=False)
    page.context.clear_cookies()
    page.goto(door)
    page.check("input[name=about][value=broken]")
    page.fill("textarea[name=words]", "302室张阿姨把灯弄坏了")
    page.click("text=提交给居委")
    page.wait_for_selector("text=请不要写别人的姓名和门牌")
    assert page.input_value("textarea[name=words]") == "302室张阿姨把灯弄坏了"
    page.fill("textarea[name=words]", "三楼的楼道灯不亮")
    page.check("input[name=shown_to][value=group]")
    page.click("text=提交给居委")
    page.wait_for_selector("text=居委会已收到")
    assert page.context.cookies() == []
    receipt = page.inner_text(".receipt-number")

    desk = open_page(login_of(street, "staff"))
    desk.click("text=居民反映")
    desk.click("text=三楼的楼道灯不亮")
    desk.fill("#answer", "物业换好了灯")
    desk.click("button:has-text('办结')")
    desk.wait_for_selector("text=已办结")

    page.goto(door)
    page.click("text=说过了")
    page.fill("#number", receipt)
    page.click("text=查看")
    page.wait_for_selector("text=物业换好了灯")
    group = open_page(login_of(street, "unfiled seat"), phone=True)
    group.click("text=邻居说的")
    group.wait_for_selector("text=物业换好了灯")
    assert Voice.objects.get(words="三楼的楼道灯不亮").shown_to_group


def test_the_residents_pages_fit_a_hand(door, house, open_page):
    page = open_page(phone=True)
    page.goto(door)
    receipt = Voice.objects.first().receipt
    for url in (
        door,
        f"{house.url}{reverse('voice-receipt')}?number={receipt}",
        house.url + reverse("diagnosis"),
    ):
        page.goto(url)
        assert page.evaluate(WIDTH) <= 390
        assert page.evaluate(TOO_SMALL) == []


def test_pressed_twice_in_a_hurry_it_is_said_once(door, open_page):
    page = open_page(phone=True)
    page.goto(door)
    page.check("input[name=about][value=other]")
    page.fill("textarea[name=words]", "只说一次")
    page.dblclick("text=提交给居委")
    page.wait_for_selector("text=居委会已收到")
    assert Voice.objects.filter(words="只说一次").count() == 1


def test_a_photo_chosen_in_the_form_is_made_small_on_the_phone_and_sent_along(street, open_page):
    phone = open_page(login_of(street, "unfiled seat"), phone=True)
    phone.click("text=有情况，填周报")
    for name, value in f.CALM.items():
        phone.check(f"input[name={name}][value={value}]")
    sent = pictures.noise(3000, 2000)
    photo = {"name": "大.jpg", "mimeType": "image/jpeg", "buffer": sent}
    phone.set_input_files("#photo", photo)
    assert _when(phone, "document.querySelector('#photo').files[0].name === 'photo.jpg'")
    small = phone.evaluate("document.querySelector('#photo').files[0].size")
    assert small < len(sent) / 4
    phone.click("text=提交本周报告")
    phone.wait_for_selector("text=提交成功，居委会已收到")
    kept = Photo.objects.get(filing=Filing.objects.latest("received_at"))
    assert kept.number == 1
    assert _when(phone, "document.querySelector('.photos img').naturalWidth > 0")
    desk = open_page(login_of(street, "staff"))
    desk.goto(phone.url)
    with desk.expect_navigation():
        desk.click(".photos a")
    assert "/photos/1/" in desk.url


def test_without_scripts_the_photo_goes_as_it_is_and_nothing_of_the_place_is_kept(
    street, open_page
):
    phone = open_page(login_of(street, "unfiled seat"), phone=True, java_script_enabled=False)
    phone.click("text=有情况，填周报")
    for name, value in f.CALM.items():
        phone.check(f"input[name={name}][value={value}]")
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": pictures.with_a_place(6)}
    phone.set_input_files("#photo", photo)
    phone.click("text=提交本周报告")
    phone.wait_for_selector("text=提交成功，居委会已收到")
    kept = bytes(Photo.objects.get(filing=Filing.objects.latest("received_at")).content)
    assert not [mark for mark in pictures.MARKS if mark in kept]


@pytest.mark.parametrize("form", ["building_report", "household_report"])
def test_a_printed_form_is_one_page_a_building(street, house, open_page, form):
    code = street.communities[0].code
    desk = open_page(login_of(street, "staff"))
    desk.goto(house.url + reverse("paper", args=[code, form]))
    assert _pages(desk) == desk.locator("article.paper").count() == 3


def test_the_sheets_for_the_stairwells_are_one_page_each(street, house, open_page):
    community = street.communities[0]
    desk = open_page(login_of(street, "staff"))
    desk.goto(house.url + reverse("doorplates", args=[community.code]))
    desk.click("text=打印第1片区的码")
    desk.wait_for_selector("article.card")
    assert _pages(desk) == 2


def _when(page, holds: str) -> bool:
    """Playwright's own waiting evaluates strings in the page, which the policy forbids there."""
    for _try in range(100):
        if page.evaluate(holds):
            return True
        page.wait_for_timeout(100)
    return False


def _pages(page) -> int:
    return len(re.findall(rb"/Type\s*/Page\b", page.pdf(prefer_css_page_size=True)))


def test_the_phones_own_test_says_each_thing_in_words_and_sends_nothing(house, open_page):
    page = open_page(phone=True)
    asked = []
    page.on("request", lambda request: asked.append(request.method))
    page.goto(house.url + reverse("diagnosis"))
    page.wait_for_selector("[data-told]:not([hidden])", timeout=10_000)
    assert re.fullmatch(r"[012]( [012]){6}", page.inner_text("[data-digits]"))
    assert page.locator("text=正在试").count() == 0
    assert set(asked) == {"GET"}
    photo = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": pictures.drawn()}
    page.set_input_files("[data-trial]", photo)
    page.wait_for_selector("text=拿到照片了，没有发出去")
