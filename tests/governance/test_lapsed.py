"""A desk that was left logs itself out, and what was typed meanwhile is not lost."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports.models import Filing
from tests import factories as f
from tests.governance.test_entry import is_in, log_in

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


def test_what_was_typed_meanwhile_is_sent_after_the_login(world):
    community, staff, week = world
    desk = Client(enforce_csrf_checks=False)
    log_in(desk, staff)
    url = reverse("on-behalf", kwargs={"code": f.building(community).code, "week": week.key})
    body = hidden(desk.get(url).content.decode())
    body |= {"caller": '周"兰英', "nil": "yes", "channel": "telephone"}
    wound_back(desk, used=timedelta(hours=2))
    asked = desk.post(url, body)
    assert asked.status_code == 401
    assert "刚才填的还在" in asked.content.decode()
    again = hidden(asked.content.decode()) | {"username": staff.login, "password": "wrong"}
    refused = desk.post(reverse("login"), again)
    again = hidden(refused.content.decode()) | {"username": staff.login, "password": "xincun2026"}
    once_more = desk.post(reverse("login"), again)
    assert "再提交一次" in once_more.content.decode()
    assert not Filing.objects.exists()
    desk.post(url, hidden(once_more.content.decode()))
    assert Filing.objects.get().caller == '周"兰英'


def test_it_is_sent_nowhere_else(world):
    desk = Client()
    body = {"again.x": "1", "next": "https://example.org/", "username": world[1].login}
    answer = desk.post(reverse("login"), body | {"password": "xincun2026"})
    assert answer.status_code == 302
