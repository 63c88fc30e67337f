"""A desk that was left logs itself out, and what was typed meanwhile is not lost."""

import re
from datetime import timedelta
from html import unescape

import pyotp
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports.models import Filing
from tests import factories as f
from tests.governance.test_entry import is_in, log_in
from tests.governance.test_second_step import code_of, enrolled, step

pytestmark = pytest.mark.django_db


@pytest.fixture
def world():
    community = f.compound((1,))
    return community, f.staff(community), f.open_week(timezone.now())


def wound_back(client: Client, **parts: timedelta) -> None:
    """As if the desk had been used, or the login begun, so much earlier."""
    session = client.session
    desk = session["desk"]
    session["desk"] = desk | {name: desk[name] - by.total_seconds() for name, by in parts.items()}
    session.save()


def test_a_desk_that_was_left_for_an_hour_is_logged_out(world):
    desk = Client()
    log_in(desk, world[1])
    wound_back(desk, used=timedelta(minutes=59))
    assert is_in(desk)
    wound_back(desk, used=timedelta(minutes=61))
    assert not is_in(desk)


def test_a_desk_in_use_is_logged_out_after_twelve_hours(world):
    desk = Client()
    log_in(desk, world[1])
    wound_back(desk, begun=timedelta(hours=13))
    assert not is_in(desk)


def test_a_group_member_is_not_asked_so_often(world):
    phone = Client()
    log_in(phone, f.seat(f.building(world[0])))
    assert "desk" not in phone.session


def hidden(html: str) -> dict[str, str]:
    pairs = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', html)
    return {name: unescape(value) for name, value in pairs}


def lapsed(world, desk: Client, code: str = ""):
    """A form filled in and sent two hours later; returns its address and the login page."""
    community, staff, week = world
    log_in(desk, staff)
    if code:
        step(desk, code)
    url = reverse("on-behalf", kwargs={"code": f.building(community).code, "week": week.key})
    body = hidden(desk.get(url).content.decode())
    body |= {"caller": '周"兰英', "nil": "yes", "channel": "telephone"}
    wound_back(desk, used=timedelta(hours=2))
    return url, desk.post(url, body)


def next_page(desk: Client, staff, asked, url: str = "", **typed: str):
    """Sends the form of a page of the gate, as a browser does: a 307 with its body."""
    body = hidden(asked.content.decode()) | {"username": staff.login} | typed
    return desk.post(url or reverse("login"), body, follow=True)


def test_what_was_typed_meanwhile_is_sent_after_the_login(world):
    staff, desk = world[1], Client(enforce_csrf_checks=False)
    url, asked = lapsed(world, desk)
    assert asked.status_code == 401
    assert "刚才填的还在" in asked.content.decode()
    refused = next_page(desk, staff, asked, password="wrong")
    once_more = next_page(desk, staff, refused, password="xincun2026")
    assert "再提交一次" in once_more.content.decode()
    assert not Filing.objects.exists()
    desk.post(url, hidden(once_more.content.decode()))
    assert Filing.objects.get().caller == '周"兰英'


def test_what_was_typed_meanwhile_is_sent_after_the_second_step_too(world):
    staff, desk = world[1], Client()
    url, asked = lapsed(world, desk, enrolled(staff)[0])
    second = next_page(desk, staff, asked, password="xincun2026")
    assert second.status_code == 200
    assert "刚才填的还在" in second.content.decode()
    assert not is_in(desk)
    wrong = next_page(desk, staff, second, reverse("second-step"), code="000000")
    assert "验证码不对" in wrong.content.decode()
    once_more = next_page(desk, staff, wrong, reverse("second-step"), code=code_of(staff))
    assert "再提交一次" in once_more.content.decode()
    desk.post(url, hidden(once_more.content.decode()))
    assert Filing.objects.get().caller == '周"兰英'


def test_when_the_second_step_took_too_long_the_login_asks_anew_and_still_has_it(world):
    staff, desk = world[1], Client()
    _url, asked = lapsed(world, desk, enrolled(staff)[0])
    second = next_page(desk, staff, asked, password="xincun2026")
    session = desk.session
    session["half_in"] = session["half_in"] | {"until": 0}
    session.save()
    again = next_page(desk, staff, second, reverse("second-step"), code=code_of(staff))
    assert again.status_code == 401
    second = next_page(desk, staff, again, password="xincun2026")
    once_more = next_page(desk, staff, second, reverse("second-step"), code=code_of(staff))
    assert "周&quot;兰英" in once_more.content.decode()


def test_who_must_first_set_the_second_step_up_keeps_it_as_well(world, settings):
    staff, desk = world[1], Client()
    url, asked = lapsed(world, desk)
    settings.STAFF_TOTP = "required"
    setup = next_page(desk, staff, asked, password="xincun2026")
    secret = re.search(r"<p><code>([A-Z2-7 ]+)</code>", setup.content.decode())[1]
    code = pyotp.TOTP(secret.replace(" ", "")).now()
    codes = next_page(desk, staff, setup, reverse("second-step-setup"), code=code)
    assert f'action="{url}"' in codes.content.decode()
    desk.post(url, hidden(codes.content.decode()))
    assert Filing.objects.get().caller == '周"兰英'


def test_who_is_made_to_have_a_second_step_while_filling_in_loses_nothing(world, settings):
    community, staff, week = world
    desk = Client()
    log_in(desk, staff)
    settings.STAFF_TOTP = "required"
    url = reverse("on-behalf", kwargs={"code": f.building(community).code, "week": week.key})
    asked = desk.post(url, {"caller": "周兰英"})
    assert asked.status_code == 401
    assert hidden(asked.content.decode())["again.caller"] == "周兰英"


def test_it_is_sent_nowhere_else(world):
    desk = Client()
    body = {"again.x": "1", "next": "https://example.org/", "username": world[1].login}
    answer = desk.post(reverse("login"), body | {"password": "xincun2026"})
    assert answer.status_code == 302
