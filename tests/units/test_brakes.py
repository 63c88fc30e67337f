"""Brakes: guesses grow and are forgiven, hours begin anew, and nobody else is locked out."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.test import RequestFactory, override_settings

from tests import factories as f
from units.brakes import guessing, hourly
from units.brakes.keys import Key, address_of
from units.models import Brake
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
NOON = f.WEDNESDAY


def guess(login, address, *, at, known=""):
    guessing.take(guessing.of_password(login, address, known), at=at)


def wait_of(login, address, *, at, known=""):
    """Guesses; 0 when that was let through, else the seconds to wait."""
    try:
        guess(login, address, at=at, known=known)
    except Refusal as refusal:
        return refusal.more["retry_after"]
    return 0


def test_a_guess_too_many_is_told_how_long_to_wait():
    for _each in range(5):
        guess("l047-1", "10.0.0.1", at=NOON)
    with pytest.raises(Refusal) as refused:
        guess("l047-1", "10.0.0.1", at=NOON)
    assert (refused.value.code, refused.value.status) == ("too_many_guesses", 429)
    assert "请等6秒再试" in refused.value.message


def test_a_few_wrong_guesses_cost_nothing_and_then_each_doubles_the_wait():
    for _each in range(5):
        guess("l047-1", "10.0.0.1", at=NOON)
    waits, at = [], NOON
    for _each in range(4):
        waits.append(wait_of("l047-1", "10.0.0.1", at=at))
        at += timedelta(seconds=waits[-1])
        guess("l047-1", "10.0.0.1", at=at)
    assert waits[0] in range(5, 8)
    assert all(1.6 < b / a < 2.2 for a, b in itertools.pairwise(waits))


def test_the_wait_ends_at_a_quarter_of_an_hour_and_knocking_does_not_lengthen_it():
    at = NOON
    for _each in range(60):
        at += timedelta(seconds=wait_of("l047-1", "10.0.0.1", at=at))
    wait = wait_of("l047-1", "10.0.0.1", at=at) or wait_of("l047-1", "10.0.0.1", at=at)
    assert 5 * 60 < wait <= 15 * 60 + 1
    for _each in range(50):
        assert wait_of("l047-1", "10.0.0.1", at=at) == wait


def test_wrong_guesses_are_forgotten_with_time():
    for _each in range(5):
        guess("l047-1", "10.0.0.1", at=NOON)
    assert wait_of("l047-1", "10.0.0.1", at=NOON) > 0
    assert wait_of("l047-1", "10.0.0.1", at=NOON + timedelta(days=1)) == 0
    assert guessing.forget(at=NOON + timedelta(days=3)) == 2


def test_who_is_guessed_at_is_not_locked_out_elsewhere():
    for n in range(40):
        for _each in range(4):
            guess("director", f"10.9.{n}.1", at=NOON)
    assert wait_of("director", "10.0.0.1", at=NOON) == 0


def test_one_address_is_slowed_whatever_logins_it_tries():
    """Spraying: one password, many logins."""
    for n in range(guessing.OF_AN_ADDRESS):
        guess(f"l{n:03d}-1", "10.0.0.1", at=NOON)
    assert wait_of("l999-1", "10.0.0.1", at=NOON) > 0
    assert wait_of("l999-1", "10.0.0.2", at=NOON) == 0


def test_a_browser_that_is_known_is_slowed_by_its_own_guesses_only():
    for n in range(guessing.OF_AN_ADDRESS):
        guess(f"l{n:03d}-1", "10.0.0.1", at=NOON)
    assert wait_of("director", "10.0.0.1", at=NOON) > 0
    for _each in range(5):
        assert wait_of("director", "10.0.0.1", at=NOON, known="a") == 0
    assert wait_of("director", "10.0.0.1", at=NOON, known="a") > 0
    assert wait_of("director", "10.0.0.1", at=NOON, known="b") == 0


def test_a_right_password_frees_the_login_there_but_does_not_wash_the_address():
    for n in range(guessing.OF_AN_ADDRESS - 1):
        guess(f"l{n:03d}-1", "10.0.0.1", at=NOON)
    for _each in range(20):
        keys = guessing.of_password("mine", "10.0.0.1", "")
        guessing.take(keys, at=NOON)
        guessing.give_back(keys, at=NOON)
    guess("l900-1", "10.0.0.1", at=NOON)
    assert wait_of("l901-1", "10.0.0.1", at=NOON) > 0


def test_what_is_kept_names_neither_login_nor_address():
    guess("director", "10.0.0.1", at=NOON)
    kept = " ".join(str(row) for row in Brake.objects.values_list())
    assert "director" not in kept
    assert "10.0.0.1" not in kept


@pytest.mark.django_db(transaction=True)
def test_many_guesses_at_once_count_as_many():
    def one(_n):
        try:
            return wait_of("l047-1", "10.0.0.1", at=NOON) == 0
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        let_through = sum(pool.map(one, range(30)))
    assert let_through == 5
    assert Brake.objects.order_by("-weight").first().weight == 5


@pytest.mark.parametrize(
    ("hops", "told", "address"),
    [
        (0, "6.6.6.6", "192.0.2.7"),
        (1, "6.6.6.6, 203.0.113.5", "203.0.113.5"),
        (2, "6.6.6.6, 203.0.113.5, 10.0.0.2", "203.0.113.5"),
        (2, "6.6.6.6", "192.0.2.7"),
        (1, "", "192.0.2.7"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        (1, "::ffff:203.0.113.5", "203.0.113.5"),
        (1, "not an address", "not an address"),
    ],
)
def test_an_address_is_what_our_own_proxies_wrote(hops, told, address):
    headers = {"X-Forwarded-For": told} if told else {}
    request = RequestFactory().get("/", headers=headers, REMOTE_ADDR="192.0.2.7")
    with override_settings(PROXY_HOPS=hops):
        assert address_of(request) == address


# --- So many an hour --------------------------------------------------------------------

ADDRESS, SHARED = Key(("said", "address", "10.0.0.1"), 2), Key(("said", "building", "1"), 3)


def press(*keys, at=NOON):
    """True when let through, else the seconds to wait."""
    try:
        hourly.press(keys, message="请过一小时再来", at=at)
    except Refusal as refusal:
        return refusal.more["retry_after"]
    return True


def test_so_many_an_hour_and_the_next_begins_anew():
    for hours in (0, 1):
        at = NOON + timedelta(hours=hours)
        assert [press(ADDRESS, at=at) is True for _each in range(3)] == [True, True, False]
    with pytest.raises(Refusal) as refused:
        hourly.press([ADDRESS], message="请过一小时再来", at=at)
    assert (refused.value.code, refused.value.status) == ("too_many", 429)
    assert refused.value.message == "请过一小时再来"


def test_knocking_on_does_not_lengthen_the_wait_beyond_the_full_hour():
    late = NOON.replace(minute=50)
    waits = [press(ADDRESS, at=late) for _each in range(20)][2:]
    assert set(waits) == {600}


def test_who_is_refused_uses_up_nothing_that_others_share():
    own = Key(("said", "address", "10.1.0.1"), 1)
    assert press(own) is True
    # Several, so that some are counted before and some after what is refused.
    for n in range(12):
        shared = Key(("said", "building", str(n)), 1)
        assert press(own, shared) is not True
        assert press(shared) is True
        assert press(shared) is not True


def test_of_an_address_only_a_hash_of_the_hour_is_kept_and_that_for_a_day():
    for hours in (0, 1):
        press(ADDRESS, at=NOON + timedelta(hours=hours))
    kept = " ".join(Brake.objects.values_list("key", flat=True))
    assert len(set(kept.split())) == 2
    assert "10.0.0.1" not in kept
    assert guessing.forget(at=NOON + timedelta(hours=2)) == 0
    assert guessing.forget(at=NOON + timedelta(days=2)) == 2


@pytest.mark.django_db(transaction=True)
def test_many_at_once_are_not_more_than_the_hour_allows():
    def one(n):
        try:
            return press(Key(("said", "address", f"10.0.0.{n}"), 2), SHARED) is True
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(one, range(30))) == 3
