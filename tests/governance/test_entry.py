"""The gate as a browser meets it: cards, PINs, passwords, revoking, and somebody who guesses."""

import os
import re
import subprocess
import sys
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
import segno
from django.conf import settings
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from tests import factories as f
from tests.governance.test_words import ALLOWED, LATIN, Visible
from units import invitations
from units.brakes import guessing
from units.kinds import Duty
from units.models import Device, Invitation, Post, User

pytestmark = pytest.mark.django_db
PIN = "4826"


@pytest.fixture
def world():
    community = f.compound((2, 1))
    return community, f.seat(f.building(community, 1)), f.staff(community)


def printed(world, **more) -> str:
    """The code on a card that staff have printed for the seat."""
    community, user, staff = world
    desk = Client()
    desk.force_login(staff)
    body = {"whom": "ticked", "person": user.pk} | more
    page = desk.post(reverse("cards", kwargs={"code": community.code}), body).content.decode()
    number = re.search(r'login-card-number">(.*?)</p>', page, re.S).group(1)
    return re.sub(r"<.*?>|\s", "", number)


def bind(client: Client, code: str, pin: str = PIN, again: str = "", **headers: str):
    return client.post(
        reverse("enter"), {"code": code, "pin": pin, "again": again or pin}, headers=headers
    )


def a_bound_phone(world) -> Client:
    phone = Client()
    assert bind(phone, printed(world)).status_code == 302
    return phone


def type_pin(phone: Client, pin: str):
    return phone.post(reverse("pin"), {"pin": pin})


def is_in(client: Client) -> bool:
    return client.get(reverse("devices")).status_code == 200


def words(answer) -> str:
    return answer.content.decode()


# --- Binding --------------------------------------------------------------------------------


def test_a_card_is_opened_a_pin_chosen_and_later_the_pin_is_enough(world):
    phone, code = Client(), printed(world)
    shown = phone.post(reverse("enter"), {"code": code})
    assert world[1].full_name in words(shown)
    answer = bind(phone, code, **{"user-agent": "Mozilla/5.0 (Linux; Android 12)"})
    assert answer.headers["Location"] == reverse("bound")
    assert is_in(phone)
    phone.post(reverse("logout"))
    assert not is_in(phone)
    assert phone.get(reverse("login")).headers["Location"].startswith(reverse("pin"))
    answer = type_pin(phone, PIN)
    assert answer.headers["Location"] == reverse("home")
    assert is_in(phone)
    assert "安卓手机" in words(phone.get(reverse("devices")))


def test_looking_uses_nothing_up(world):
    """A messenger fetches what is shared, and it has no code: that part is never sent."""
    code = printed(world)
    for _each in range(3):
        assert Client().get(reverse("enter"), headers={"user-agent": "WeChat"}).status_code == 200
        assert Client().post(reverse("enter"), {"code": code}).status_code == 200
    assert bind(Client(), code).status_code == 302


def test_the_square_code_holds_the_code_behind_the_part_that_is_sent(world):
    community, user, staff = world
    desk = Client()
    desk.force_login(staff)
    page = desk.post(
        reverse("cards", kwargs={"code": community.code}),
        {"whom": "ticked", "person": user.pk},
    )
    card = page.context["printed"][0]
    address = f"http://testserver{reverse('enter')}#{card['card'].code}"
    assert card["code_svg"] == segno.make(address, error="q").svg_inline(
        svgclass=None, lineclass=None, omitsize=True
    )
    assert page.headers["Cache-Control"].startswith("max-age=0")
    assert card["card"].code not in urlsplit(address).path


@pytest.mark.parametrize(
    ("pin", "again", "sentence"),
    [
        ("1234", "1234", "太容易猜"),
        ("48", "48", "4到6位数字"),
        ("4826", "4827", "两遍不一样"),
        ("", "", "请填写"),
    ],
)
def test_a_pin_that_will_not_do_is_refused_and_the_card_still_good(world, pin, again, sentence):
    phone, code = Client(), printed(world)
    answer = phone.post(reverse("enter"), {"code": code, "pin": pin, "again": again})
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert bind(phone, code).status_code == 302


def test_the_same_card_on_a_second_phone_and_on_the_same_one_again(world):
    phone, code = Client(), printed(world)
    bind(phone, code)
    other = bind(Client(), code)
    assert (other.status_code, "已经用过了" in words(other)) == (409, True)
    again = phone.post(reverse("enter"), {"code": code})
    assert "这台手机已经绑好了" in words(again)
    assert world[1].devices.count() == 1


def test_expired_void_and_unknown_cards_say_what_to_do(world):
    void, good = printed(world), printed(world)
    assert "请用最新的那一张" in words(bind(Client(), void))
    Invitation.objects.filter(used_at=None, revoked=False).update(
        made_at=timezone.now() - timedelta(hours=73), expires_at=timezone.now()
    )
    assert "过期了" in words(bind(Client(), good))
    unknown = bind(Client(), "0" * 16)
    assert "没有这张卡" in words(unknown)
    typed_wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    assert "有一位数字不对" in words(bind(Client(), typed_wrong))
    assert "这里有3位" in words(bind(Client(), "123"))


def test_a_phone_that_somebody_else_uses_is_told_before_it_changes_hands(world):
    phone, code = Client(), printed(world)
    phone.force_login(world[2])
    assert "现在是别人登录着" in words(phone.post(reverse("enter"), {"code": code}))
    bind(phone, code)
    assert phone.get(reverse("devices")).wsgi_request.user == world[1]


def test_two_phones_of_one_person_each_with_its_pin(world):
    first, second = a_bound_phone(world), Client()
    code = printed(world)
    assert "您已经绑了1台手机" in words(second.post(reverse("enter"), {"code": code}))
    bind(second, code, "70318")
    for phone, pin in ((first, PIN), (second, "70318")):
        phone.post(reverse("logout"))
        assert type_pin(phone, pin).status_code == 302
        assert is_in(phone)
    second.post(reverse("logout"))
    assert type_pin(second, PIN).status_code == 422


# --- The PIN --------------------------------------------------------------------------------


def test_the_pad_works_without_scripts(world):
    phone = a_bound_phone(world)
    phone.post(reverse("logout"))
    typed = ""
    for key in ("4", "8", "9", "back", "2", "6"):
        page = phone.post(reverse("pin"), {"pin": typed, "press": key})
        assert page.status_code == 200
        typed = re.search(r'name="pin" value="(\d*)"', words(page)).group(1)
    assert typed == PIN
    assert type_pin(phone, typed).status_code == 302


def test_five_wrong_pins_end_this_phone_and_lock_nothing_else(world):
    phone, other = a_bound_phone(world), a_bound_phone(world)
    phone.post(reverse("logout"))
    assert "还可以试4次" in words(type_pin(phone, "9999"))
    answers = [type_pin(phone, "9999") for _each in range(4)]
    assert "这台手机要重新绑" in words(answers[-1])
    assert type_pin(phone, PIN).headers["Location"] == reverse("login")
    assert not is_in(phone)
    assert is_in(other)
    other.post(reverse("logout"))
    assert type_pin(other, PIN).status_code == 302
    browser = Client()
    assert log_in(browser, world[1]).status_code == 302
    assert bind(phone, printed(world)).status_code == 302


def test_a_phones_token_opens_neither_the_api_nor_another_kind(world):
    phone = a_bound_phone(world)
    token = phone.cookies["phone"].value
    assert phone.cookies["phone"]["httponly"]
    thief = Client(headers={"Authorization": f"Device {token}"})
    assert thief.get("/api/places/").status_code == 401
    for name in ("desk", "known", "sessionid"):
        thief = Client()
        thief.cookies[name] = token
        assert not is_in(thief)
    api = Device.objects.create(
        user=world[1], token_hash=Device.hash_of("t"), label="接口", made_at=timezone.now()
    )
    thief = Client()
    thief.cookies["phone"] = "t"
    assert "这台手机要重新绑" in words(type_pin(thief, PIN))
    assert api.user == world[1]


def test_a_bound_phone_makes_no_api_token_that_would_outlive_it(world):
    phone = a_bound_phone(world)
    answer = phone.post("/api/devices/", {"label": "程序"}, content_type="application/json")
    assert answer.status_code == 403


def test_who_has_become_staff_does_not_come_in_by_a_pin(world):
    phone = a_bound_phone(world)
    phone.post(reverse("logout"))
    f.post(Duty.STAFF, place=f.root(world[0]), user=world[1])
    answer = type_pin(phone, PIN)
    assert (answer.status_code, "请用登录名和密码" in words(answer)) == (409, True)


# --- My devices -----------------------------------------------------------------------------


def test_a_revoked_phone_is_out_at_its_next_request(world):
    lost, browser = a_bound_phone(world), Client()
    browser.force_login(world[1])
    device = world[1].devices.get()
    assert is_in(lost)
    browser.post(reverse("device-revocation", kwargs={"pk": device.pk}))
    assert not is_in(lost)
    assert is_in(browser)
    assert "这台手机要重新绑" in words(type_pin(lost, PIN))


def test_revoking_an_api_token_and_a_phone_by_the_api(world):
    phone = a_bound_phone(world)
    browser = Client()
    browser.force_login(world[1])
    token = browser.post("/api/devices/", {"label": "程序"}, content_type="application/json").json()
    caller = Client(headers={"Authorization": f"Device {token['token']}"})
    assert caller.get("/api/places/").status_code == 200
    browser.post(reverse("device-revocation", kwargs={"pk": token["id"]}))
    assert caller.get("/api/places/").status_code == 401
    pk = world[1].devices.get(kind="phone").pk
    browser.post(reverse("api-device-revocation", kwargs={"pk": pk}))
    assert not is_in(phone)


def test_a_new_password_from_the_administrator_shuts_out_phones_and_cards(world):
    phone, code = a_bound_phone(world), printed(world)
    admin = Client()
    admin.force_login(f.person(is_staff=True, is_superuser=True))
    url = reverse("admin:auth_user_password_change", args=[world[1].pk])
    admin.post(url, {"password1": "jiangnan2026", "password2": "jiangnan2026"})
    assert not is_in(phone)
    assert "已经作废" in words(bind(Client(), code))


def test_logging_out_leaves_the_phones_own_storage_alone(world):
    phone = a_bound_phone(world)
    answer = phone.post(reverse("logout"))
    assert "Clear-Site-Data" not in answer.headers
    assert phone.cookies["phone"].value


# --- Printing -------------------------------------------------------------------------------


def test_cards_are_printed_for_all_who_have_neither_phone_nor_card(world):
    community, user, staff = world
    others = [f.seat(f.building(community, n), Duty.PARTY_LEADER) for n in (2, 3)]
    a_bound_phone(world)
    desk = Client()
    desk.force_login(staff)
    url = reverse("cards", kwargs={"code": community.code})
    assert "没有手机也没有卡的2人" in words(desk.get(url))
    page = desk.post(url + f"?block={f.block(community, 2).code}", {"whom": "without"})
    assert [each["member"].user for each in page.context["printed"]] == [others[1]]
    page = desk.post(url, {"whom": "without"})
    assert [each["member"].user for each in page.context["printed"]] == [others[0]]
    assert "还没有选人" in words(desk.post(url, {"whom": "without"}))
    for junk in ("x", "9" * 30, "\0"):
        assert "还没有选人" in words(desk.post(url, {"whom": "ticked", "person": junk}))
    assert desk.get(url, {"q": "\0", "block": "\0", "page": "x"}).status_code == 200
    assert user not in User.objects.filter(invitations__used_at=None, invitations__revoked=False)


def test_a_block_worker_prints_for_the_own_block_only(world):
    community, user, _staff = world
    beyond = f.seat(f.building(community, 3))
    desk = Client()
    desk.force_login(f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user)
    url = reverse("cards", kwargs={"code": community.code})
    page = desk.post(url, {"whom": "ticked", "person": [user.pk, beyond.pk]})
    assert [each["member"].user for each in page.context["printed"]] == [user]
    assert not Invitation.objects.filter(user=beyond).exists()


def test_a_colleague_with_a_seat_is_listed_without_a_box_to_tick(world):
    community, _user, staff = world
    director = f.staff(community, Duty.DIRECTOR)
    f.seat(f.building(community, 2), user=director)
    desk = Client()
    desk.force_login(staff)
    url = reverse("cards", kwargs={"code": community.code})
    assert f'value="{director.pk}"' not in words(desk.get(url))
    assert desk.post(url, {"whom": "ticked", "person": director.pk}).status_code == 409


def test_printing_many_asks_no_more_than_printing_one(world):
    community, _user, staff = world
    desk = Client()
    desk.force_login(staff)
    url = reverse("cards", kwargs={"code": community.code})

    def asked():
        with CaptureQueriesContext(connection) as queries:
            assert desk.post(url, {"whom": "without"}).status_code == 200
        return len(queries)

    one = asked()
    for number in (1, 2, 3):
        for duty in (Duty.PARTY_LEADER, Duty.OWNER_REPRESENTATIVE):
            f.seat(f.building(community, number), duty)
    assert asked() == one


def test_a_card_says_in_chinese_what_a_group_needs(world):
    community, user, staff = world
    desk = Client()
    desk.force_login(staff)
    url = reverse("cards", kwargs={"code": community.code})
    text = words(desk.post(url, {"whom": "ticked", "person": user.pk}))
    for said in (community.telephone, "不收钱、不要密码", "以前有效", user.full_name, "testserver"):
        assert said in text
    page = Visible()
    page.feed(text)
    assert LATIN.findall(ALLOWED.sub(" ", " ".join(page.words))) == []


def test_every_page_of_the_gate_speaks_chinese(world):
    phone, code = a_bound_phone(world), printed(world)
    phone.post(reverse("logout"))
    stranger = Client()
    pages = [
        stranger.get(reverse("enter")),
        stranger.post(reverse("enter"), {"code": "1"}),
        stranger.post(reverse("enter"), {"code": code}),
        bind(stranger, code, "1111"),
        phone.get(reverse("pin")),
        type_pin(phone, "99"),
        type_pin(phone, "9999"),
        stranger.post(reverse("login"), {"username": "x", "password": "y"}),
    ]
    for answer in pages:
        page = Visible()
        page.feed(words(answer))
        assert LATIN.findall(ALLOWED.sub(" ", " ".join(page.words))) == []
        assert "style=" not in words(answer)


# --- Guessing -------------------------------------------------------------------------------


def log_in(client: Client, user: User, password: str = "xincun2026", address: str = "10.0.0.1"):
    body = {"username": user.login, "password": password}
    return client.post(reverse("login"), body, REMOTE_ADDR=address)


def test_guessing_at_one_login_is_slowed_and_told_when_to_come_back(world):
    for _each in range(7):
        answer = log_in(Client(), world[1], "wrong")
    assert answer.status_code == 429
    assert 1 <= int(answer.headers["Retry-After"]) <= 900
    assert "再试" in words(answer)
    assert world[1].login in words(answer)
    # Shut is shut, also for the right one, or the wait would tell.
    assert log_in(Client(), world[1]).status_code == 429


def test_the_victim_logs_in_from_elsewhere_and_from_a_known_browser_meanwhile(world):
    known = Client()
    assert log_in(known, world[1], address="10.6.6.6").status_code == 302
    known.post(reverse("logout"))
    for _each in range(30):
        log_in(Client(), world[1], "wrong", "10.6.6.6")
    assert log_in(Client(), world[1], address="10.6.6.6").status_code == 429
    assert log_in(Client(), world[1], address="10.0.0.2").status_code == 302
    assert log_in(known, world[1], address="10.6.6.6").status_code == 302


def test_a_bound_phone_is_not_slowed_by_guesses_at_its_owner(world):
    phone = a_bound_phone(world)
    phone.post(reverse("logout"))
    for n in range(25):
        log_in(Client(), world[n % 2 + 1], "wrong", "127.0.0.1")
    assert type_pin(phone, PIN).status_code == 302


def test_a_known_browser_of_one_is_a_stranger_for_others(world):
    """An account of one's own buys no free guesses at a colleague's."""
    _community, user, staff = world
    attacker = Client()
    assert log_in(attacker, user).status_code == 302
    attacker.post(reverse("logout"))
    for _each in range(7):
        answer = log_in(attacker, staff, "wrong")
    assert answer.status_code == 429


def test_spraying_and_stuffing_from_one_address_are_slowed(world):
    free = guessing.OF_AN_ADDRESS
    people = [f.person() for _each in range(free + 4)]
    answers = [log_in(Client(), each, "mima2026").status_code for each in people]
    assert answers[:free] == [422] * free
    assert answers[-1] == 429
    assert log_in(Client(), people[-1], address="10.0.0.2").status_code == 302


def test_a_forged_forwarding_header_buys_no_new_address(world):
    for n in range(8):
        body = {"username": world[1].login, "password": "wrong"}
        answer = Client().post(reverse("login"), body, headers={"X-Forwarded-For": f"10.1.{n}.1"})
    assert answer.status_code == 429


def test_guessing_codes_is_slowed_and_mistyping_is_not(world):
    code = printed(world)
    for _each in range(15):
        bind(Client(), code[:-1] + str((int(code[-1]) + 1) % 10))
    assert Client().post(reverse("enter"), {"code": code}).status_code == 200
    guesses = [invitations._new_code() for _each in range(12)]
    assert [bind(Client(), each).status_code for each in guesses][-1] == 429
    answer = bind(Client(), code)
    assert (answer.status_code, "Retry-After" in answer.headers) == (429, True)


def test_another_way_of_writing_a_login_is_the_same_login(world):
    wide = str.maketrans("personPERSON", "ｐｅｒｓｏｎＰＥＲＳＯＮ")
    for login in (world[1].login, world[1].login.translate(wide), f" {world[1].login} ") * 3:
        body = {"username": login, "password": "wrong"}
        answer = Client().post(reverse("login"), body)
    assert answer.status_code == 429


@pytest.mark.parametrize("cookie", ['phone="\\000\\377"', "phone=\xff", "known=a:b:c", "desk=;;"])
def test_a_bent_cookie_is_no_cookie(world, cookie):
    stranger = Client(headers={"Cookie": cookie})
    for name in ("pin", "enter", "login"):
        assert stranger.get(reverse(name)).status_code in (200, 302)
    body = {"username": world[1].login, "password": "xincun2026"}
    assert stranger.post(reverse("login"), body).status_code == 302


def test_an_empty_form_is_no_guess(world):
    for _each in range(10):
        Client().post(reverse("login"), {"username": world[1].login, "password": ""})
    assert log_in(Client(), world[1], address="127.0.0.1").status_code == 302


def test_one_is_sent_on_within_this_house_only(world):
    for away in ("https://evil.example/", "//evil.example", "javascript:alert(1)"):
        body = {"username": world[1].login, "password": "xincun2026", "next": away}
        assert Client().post(reverse("login"), body).headers["Location"] == reverse("home")
    phone = a_bound_phone(world)
    phone.post(reverse("logout"))
    answer = phone.post(reverse("pin"), {"pin": PIN, "next": "https://evil.example/"})
    assert answer.headers["Location"] == reverse("home")


# --- What a browser keeps -------------------------------------------------------------------


def test_pages_of_somebody_are_not_kept_and_pages_of_nobody_may_be(world):
    community, user, _staff = world
    f.open_week(timezone.now())
    client = Client()
    client.force_login(user)
    url = reverse("group-board", kwargs={"code": f.building(community, 1).code})
    page = client.get(url)
    assert page.headers["Cache-Control"] == "no-store, private"
    assert {"X-Part", "Cookie"} <= set(page.headers["Vary"].split(", "))
    assert client.get("/api/places/").headers["Cache-Control"] == "no-store, private"
    token = client.post("/api/devices/", {"label": "程序"}, content_type="application/json").json()
    caller = Client(headers={"Authorization": f"Device {token['token']}"})
    assert caller.get("/api/places/").headers["Cache-Control"] == "no-store, private"
    assert "Cache-Control" not in Client().get(reverse("home")).headers
    assert "no-store" in Client().get(reverse("enter")).headers["Cache-Control"]


def test_a_seat_that_ended_keeps_its_phone_but_sees_nothing(world):
    phone = a_bound_phone(world)
    Post.objects.filter(user=world[1]).update(
        during=(timezone.now() - timedelta(days=9), timezone.now() - timedelta(days=1))
    )
    assert "还没有任职" in words(phone.get(reverse("home")))


def test_behind_tls_cookies_are_bound_to_the_host():
    """Settings are read once a process, so another one is asked."""
    names = "s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.COOKIE_PREFIX + 'phone', s.PROXY_HOPS"
    ask = f"from governance import settings as s; print({names}, s.SESSION_COOKIE_SECURE)"
    said = subprocess.run(
        [sys.executable, "-c", ask],
        env=os.environ | {"BEHIND_TLS": "1"},
        cwd=settings.BASE_DIR,
        capture_output=True,
        check=True,
        text=True,
    ).stdout.split()
    assert said == ["__Host-sessionid", "__Host-csrftoken", "__Host-phone", "1", "True"]
