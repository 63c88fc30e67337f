"""The second step: enrolling, being asked, codes on paper, trusted computers, and no way round."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pyotp
import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories as f
from tests.governance.test_entry import is_in, log_in, words
from tests.governance.test_words import ALLOWED, LATIN, Visible
from units import second_steps
from units.kinds import Duty
from units.models import JournalEntry, SecondStep
from units.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return f.compound((1,))


@pytest.fixture
def staff(community):
    return f.staff(community)


def enrolled(user) -> list[str]:
    """Enrols with the code of five minutes ago, so that today's are still to come."""
    salt, then = second_steps.new_salt(), timezone.now() - timedelta(minutes=5)
    code = pyotp.TOTP(second_steps.secret_of(salt)).at(int(then.timestamp()))
    return second_steps.enrol(user, salt, code, at=then)


def code_of(user) -> str:
    return pyotp.TOTP(second_steps.secret_of(user.second_step.salt)).now()


def step(client: Client, code: str, **more: str):
    return client.post(reverse("second-step"), {"code": code} | more)


# --- Enrolling ------------------------------------------------------------------------------


def test_staff_enrol_and_are_asked_ever_after(staff):
    desk, elsewhere = Client(), Client()
    for each in (desk, elsewhere):
        log_in(each, staff)
    page = desk.get(reverse("second-step-setup"))
    secret = re.search(r"<p><code>([A-Z2-7 ]+)</code>", words(page)).group(1).replace(" ", "")
    body = {"code": pyotp.TOTP(secret).now(), "password": "xincun2026"}
    answer = desk.post(reverse("second-step-setup"), body)
    assert len(re.findall(r"<li><code>\d{5} \d{5}</code>", words(answer))) == 10
    assert is_in(desk)
    assert not is_in(elsewhere)
    assert secret not in str(list(SecondStep.objects.values_list()))
    again = Client()
    assert log_in(again, staff).headers["Location"] == reverse("second-step")
    assert not is_in(again)
    assert JournalEntry.objects.filter(verb="second_step.made").count() == 1


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"code": "000000", "password": "xincun2026"}, "验证码不对"),
        ({"password": "guess"}, "登录密码不对"),
        ({"code": "12"}, "验证码是6位数字"),
        ({"password": ""}, "请填写"),
    ],
)
def test_a_computer_left_open_enrols_nobody(staff, facts, sentence):
    desk = Client()
    log_in(desk, staff)
    desk.get(reverse("second-step-setup"))
    salt = desk.session["second_step_salt"]
    right = {"code": pyotp.TOTP(second_steps.secret_of(salt)).now(), "password": "xincun2026"}
    answer = desk.post(reverse("second-step-setup"), right | facts)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert not SecondStep.objects.exists()


def test_a_group_member_has_no_second_step_to_set(community):
    phone = Client()
    phone.force_login(f.seat(f.building(community)))
    assert phone.get(reverse("second-step-setup")).status_code == 404


# --- Being asked ----------------------------------------------------------------------------


def test_a_right_code_lets_in_and_is_taken_once(staff):
    enrolled(staff)
    desk, spy, code = Client(), Client(), code_of(staff)
    for each in (desk, spy):
        log_in(each, staff)
    assert step(desk, code).status_code == 302
    assert is_in(desk)
    assert step(spy, code).status_code == 422
    assert not is_in(spy)


def test_where_one_was_going_is_not_forgotten(staff):
    enrolled(staff)
    desk, there = Client(), reverse("devices")
    desk.post(reverse("login"), {"username": staff.login, "password": "xincun2026", "next": there})
    assert step(desk, code_of(staff)).headers["Location"] == there


def test_a_recovery_code_is_taken_once(staff):
    paper = enrolled(staff)
    desk, spy = Client(), Client()
    for each in (desk, spy):
        log_in(each, staff)
    assert step(desk, paper[3]).status_code == 302
    assert is_in(desk)
    assert step(spy, paper[3]).status_code == 422
    assert step(spy, paper[4].replace(" ", "")).status_code == 302
    assert "备用码还剩8个" in words(desk.get(reverse("devices")))


def test_recovery_codes_are_kept_as_hashes(staff):
    paper = enrolled(staff)
    kept = str(list(staff.second_step.recovery_codes.values_list()))
    assert not any(code in kept or code.replace(" ", "") in kept for code in paper)


def test_a_password_shown_is_worth_ten_minutes_and_no_longer_than_itself(staff):
    enrolled(staff)
    desk = Client()
    log_in(desk, staff)
    half = desk.session
    half["half_in"] = half["half_in"] | {"until": timezone.now().timestamp() - 1}
    half.save()
    assert step(desk, code_of(staff)).headers["Location"] == reverse("login")
    log_in(desk, staff)
    staff.set_password("jiangnan2026")
    staff.save()
    assert step(desk, code_of(staff)).headers["Location"] == reverse("login")
    assert not is_in(desk)


def test_a_trusted_computer_is_not_asked_until_it_is_revoked(staff):
    enrolled(staff)
    desk = Client()
    log_in(desk, staff)
    step(desk, code_of(staff), trust="yes")
    desk.post(reverse("logout"))
    assert log_in(desk, staff).headers["Location"] == reverse("home")
    assert is_in(desk)
    device = staff.devices.get(kind="desk")
    assert device.lapses_at - device.made_at == timedelta(days=30)
    elsewhere = Client()
    log_in(elsewhere, staff)
    staff.second_step.__class__.objects.update(last_step=0)
    step(elsewhere, code_of(staff))
    elsewhere.post(reverse("device-revocation", kwargs={"pk": device.pk}))
    assert not is_in(desk)
    assert log_in(desk, staff).headers["Location"] == reverse("second-step")


def test_a_trusted_computer_of_one_is_not_trusted_for_a_colleague(community, staff):
    colleague = f.staff(community, Duty.DIRECTOR)
    enrolled(staff)
    enrolled(colleague)
    desk = Client()
    log_in(desk, staff)
    step(desk, code_of(staff), trust="yes")
    desk.post(reverse("logout"))
    assert log_in(desk, colleague).headers["Location"] == reverse("second-step")


def test_guessing_codes_is_slowed_also_from_many_addresses(staff):
    enrolled(staff)
    answers = []
    for n in range(36):
        thief = Client(REMOTE_ADDR=f"10.2.{n}.1")
        log_in(thief, staff, address=f"10.2.{n}.1")
        answers.append(step(thief, "000000").status_code)
    assert answers[:30] == [422] * 30
    assert answers[-1] == 429


def test_the_known_computer_is_let_in_while_somebody_guesses_codes(staff):
    enrolled(staff)
    mine = Client()
    log_in(mine, staff)
    step(mine, code_of(staff))
    mine.post(reverse("logout"))
    SecondStep.objects.update(last_step=0)
    for n in range(36):
        thief = Client(REMOTE_ADDR=f"10.2.{n}.1")
        log_in(thief, staff, address=f"10.2.{n}.1")
        step(thief, "000000")
    log_in(mine, staff)
    assert step(mine, code_of(staff)).status_code == 302


# --- Required -------------------------------------------------------------------------------


def test_where_it_is_required_staff_enrol_before_anything_else(staff, settings):
    settings.STAFF_TOTP = "required"
    desk = Client()
    assert log_in(desk, staff).headers["Location"] == reverse("second-step-setup")
    assert not is_in(desk)
    desk.get(reverse("second-step-setup"))
    salt = desk.session["second_step_salt"]
    code = pyotp.TOTP(second_steps.secret_of(salt)).now()
    answer = desk.post(reverse("second-step-setup"), {"code": code})
    assert "备用码" in words(answer)
    assert is_in(desk)


def test_where_it_is_required_a_session_from_before_is_worth_nothing(community, staff, settings):
    desk, phone = Client(), Client()
    log_in(desk, staff)
    log_in(phone, f.seat(f.building(community)))
    settings.STAFF_TOTP = "required"
    assert not is_in(desk)
    assert desk.get("/api/places/").status_code == 401
    assert is_in(phone)


# --- The administration ---------------------------------------------------------------------


def test_the_administration_has_no_gate_of_its_own():
    admin = f.person(is_staff=True, is_superuser=True)
    enrolled(admin)
    client = Client()
    index = reverse("admin:index")
    body = {"username": admin.login, "password": "xincun2026", "next": index}
    for _method in ("get", "post"):
        answer = getattr(client, _method)(reverse("admin:login"), body)
        assert answer.headers["Location"].startswith(reverse("login"))
    assert client.get(index).status_code == 302
    client.post(reverse("login"), body)
    assert client.get(index).status_code == 302
    assert step(client, code_of(admin)).headers["Location"] == index
    assert client.get(index).status_code == 200


def test_guesses_at_an_administrator_are_slowed_at_the_same_gate():
    admin = f.person(is_staff=True, is_superuser=True)
    answers = [log_in(Client(), admin, "wrong").status_code for _each in range(7)]
    assert answers[-1] == 429


# --- Resetting ------------------------------------------------------------------------------


def test_a_director_resets_a_colleagues_and_the_journal_notes_it(community, staff):
    director = f.staff(community, Duty.DIRECTOR)
    enrolled(staff)
    lost, desk = Client(), Client()
    log_in(lost, staff)
    step(lost, code_of(staff), trust="yes")
    log_in(desk, director)
    where = {"code": community.code}
    assert staff.full_name in words(desk.get(reverse("second-steps", kwargs=where)))
    desk.post(reverse("second-step-reset", kwargs=where | {"pk": staff.pk}))
    assert not SecondStep.objects.filter(user=staff).exists()
    assert not is_in(lost)
    entry = JournalEntry.objects.get(verb="second_step.reset")
    assert (entry.user, entry.data) == (director, {"person": staff.pk})
    assert log_in(Client(), staff).headers["Location"] == reverse("home")


def test_nobody_resets_their_own_or_a_strangers(community, staff):
    director = f.staff(community, Duty.DIRECTOR)
    stranger = f.staff(f.compound((1,)))
    for user in (director, stranger):
        enrolled(user)
    desk = Client()
    log_in(desk, director)
    step(desk, code_of(director))
    for user, status in ((director, 409), (stranger, 404)):
        url = reverse("second-step-reset", kwargs={"code": community.code, "pk": user.pk})
        assert desk.post(url).status_code == status
    assert SecondStep.objects.count() == 2


def test_an_administrator_resets_on_the_page_of_accounts(staff):
    enrolled(staff)
    admin = Client()
    admin.force_login(f.person(is_staff=True, is_superuser=True))
    body = {"action": "reset_second_step", "_selected_action": [staff.pk]}
    page = admin.post(reverse("admin:units_user_changelist"), body, follow=True)
    assert "已重设1个账号" in words(page)
    assert not SecondStep.objects.exists()


def test_the_pages_speak_chinese(staff):
    paper = enrolled(staff)
    desk = Client()
    log_in(desk, staff)
    asked = [desk.get(reverse("second-step")), step(desk, "000000"), step(desk, "1")]
    step(desk, paper[0])
    asked += [desk.get(reverse("second-step-setup")), desk.get(reverse("devices"))]
    for answer in asked:
        page = Visible()
        page.feed(words(answer))
        assert LATIN.findall(ALLOWED.sub(" ", " ".join(page.words))) == []


@pytest.mark.django_db(transaction=True)
def test_a_recovery_code_typed_twice_at_once_is_taken_once():
    staff = f.staff(f.compound((1,)))
    code = enrolled(staff)[0].replace(" ", "")

    def one(_n):
        try:
            second_steps.require_right(staff, code, at=timezone.now())
        except Refusal:
            return 0
        finally:
            connection.close()
        return 1

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(one, range(6))) == 1
