"""English is for who asks for it at the desk; all others, and the phone's shell, read Chinese."""

import pytest
from django.test import Client
from django.urls import reverse

from tests import factories as f

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk():
    community = f.compound((2,), floors=1, doors=1)
    client = Client()
    client.force_login(f.staff(community))
    client.page = reverse("group-list", kwargs={"code": community.code})
    return client


def test_a_browser_set_to_english_still_reads_chinese(desk):
    page = desk.get(desk.page, headers={"accept-language": "en"}).content.decode()
    assert 'lang="zh-Hans"' in page
    assert "三人组" in page


def test_who_asks_for_english_reads_it_until_they_ask_back(desk):
    back = desk.post(reverse("language"), {"language": "en", "next": desk.page})
    assert back.headers["Location"] == desk.page
    page = desk.get(desk.page).content.decode()
    assert '<html lang="en">' in page
    assert "Three-person groups" in page
    assert "三人组" not in page
    desk.post(reverse("language"), {"language": "zh-hans", "next": desk.page})
    assert "三人组" in desk.get(desk.page).content.decode()


@pytest.mark.parametrize("asked", ["fr", "../../etc", "", "en'"])
def test_a_language_we_do_not_speak_is_answered_in_chinese(desk, asked):
    desk.cookies["language"] = asked
    assert "三人组" in desk.get(desk.page).content.decode()


def test_the_way_to_english_leads_nowhere_else(desk):
    asked = {"language": "en", "next": "https://elsewhere.example/"}
    assert desk.post(reverse("language"), asked).headers["Location"] == "/"


def test_the_phones_shell_is_the_same_for_everybody(desk):
    plain = desk.get(reverse("shell"))
    desk.cookies["language"] = "en"
    asked = desk.get(reverse("shell"))
    assert asked.content == plain.content
    assert "Vary" not in asked.headers or "Cookie" not in asked.headers["Vary"]
