"""A group member binds a phone with what is printed on the card, and comes back by the PIN."""

import re

import pytest
from django.utils import timezone

from tests import factories as f
from units.models import Device

PHONE = {"user_agent": "Mozilla/5.0 (Linux; Android 12) Mobile"}


@pytest.fixture
def world(house):
    community = f.compound((1,))
    f.open_week(timezone.now())
    f.household_form()
    house.wait_until(200, 30)
    return community, f.seat(f.building(community)), f.staff(community)


def print_card(open_page, world) -> str:
    """The number on the card, as staff see it before it goes to the printer."""
    desk = open_page(world[2].login)
    desk.click("summary:has-text('更多')")
    desk.click("text=三人组")
    desk.click("text=打印登录卡")
    desk.check("[name=person]")
    desk.click("text=给勾选的人打印")
    number = desk.inner_text(".login-card-number")
    assert desk.locator(".login-card-code svg").count() == 1
    assert len(desk.pdf(format="A4")) > 0
    return re.sub(r"\s", "", number)


def press(phone, pin: str) -> None:
    for digit in pin:
        phone.click(f".pad-key:text-is('{digit}')")
    phone.click("text=进入")


def large_enough(phone) -> bool:
    """Every button and link of the page is 60 px high at least, or a line of text."""
    return phone.evaluate(
        """[...document.querySelectorAll(".button, .pad-key, input:not([type=hidden])")]
        .every((each) => each.getBoundingClientRect().height >= 64)"""
    )


def test_a_phone_is_bound_by_the_typed_code_and_opened_by_the_pin(world, house, open_page):
    code = print_card(open_page, world)
    phone = open_page(phone=True, **PHONE)
    phone.click("text=我有登录卡")
    phone.fill("[name=code]", " ".join(re.findall("....", code)))
    assert large_enough(phone)
    phone.click("text=是我的手机，继续")
    phone.fill("[name=pin]", "1234")
    phone.fill("[name=again]", "1234")
    phone.click("text=绑定这台手机")
    phone.wait_for_selector("text=太容易猜")
    phone.fill("[name=pin]", "4826")
    phone.fill("[name=again]", "4826")
    phone.click("text=绑定这台手机")
    phone.click("text=开始用")
    phone.wait_for_selector("text=本周平安无事")
    phone.click("text=退出登录")
    phone.goto(f"{house.url}/login/")
    assert large_enough(phone)
    press(phone, "9999")
    phone.wait_for_selector("text=还可以试4次")
    press(phone, "4826")
    phone.wait_for_selector("text=本周平安无事")
    assert Device.objects.get(user=world[1]).label == "安卓手机"


def test_a_scanned_code_is_filled_in_and_leaves_the_address(world, house, open_page):
    code = print_card(open_page, world)
    phone = open_page(phone=True, **PHONE)
    asked = []
    phone.on("request", lambda request: asked.append(request.url))
    phone.goto(f"{house.url}/enter/#{code}")
    phone.wait_for_selector("text=已经扫进来了")
    assert phone.url == f"{house.url}/enter/"
    assert not any(code in url.partition("#")[0] for url in asked)
    phone.click("text=是我的手机，继续")
    phone.wait_for_selector(f"text={world[1].full_name}")


def test_without_scripts_the_pad_works_key_by_key(world, house, open_page):
    code = print_card(open_page, world)
    phone = open_page(phone=True, java_script_enabled=False, **PHONE)
    phone.goto(f"{house.url}/enter/")
    phone.fill("[name=code]", code)
    phone.click("text=是我的手机，继续")
    phone.fill("[name=pin]", "4826")
    phone.fill("[name=again]", "4826")
    phone.click("text=绑定这台手机")
    phone.click("text=退出登录")
    phone.goto(f"{house.url}/login/")
    press(phone, "4826")
    phone.wait_for_selector("text=本周平安无事")
