"""Cards: one code, one phone, once."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from tests import factories as f
from units import invitations, pins
from units.kinds import Duty
from units.models import Device, Invitation, JournalEntry
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
NOON = f.WEDNESDAY


@pytest.fixture
def world():
    community = f.compound((1,))
    return f.seat(f.building(community)), f.staff(community)


def card_for(user, by, *, at=NOON):
    return invitations.invite([user], by=by, at=at)[0]


def bind(card, *, pin="4826", at=NOON):
    found = invitations.find(card.code, at=at)
    return invitations.bind(found.pk, pin=pin, label="安卓手机", at=at)


def refused(card, *, at=NOON):
    with pytest.raises(Refusal) as error:
        bind(card, at=at)
    return error.value.code


def test_a_card_binds_one_phone_once(world):
    user, staff = world
    card = card_for(user, staff)
    device, token = bind(card)
    assert Device.objects.bound("phone", token, NOON) == device
    assert device.user == user
    assert pins.check(device.pk, "4826", at=NOON) == (True, 5)
    assert refused(card) == "card_used"
    assert user.devices.count() == 1


def test_neither_code_nor_pin_nor_token_is_kept(world):
    user, staff = world
    card = card_for(user, staff)
    device, token = bind(card)
    rows = [*Invitation.objects.values_list(), *Device.objects.values_list()]
    kept = " ".join(str(row) for row in [*rows, *JournalEntry.objects.values_list()])
    assert card.code not in kept
    assert token not in kept
    assert "4826" not in kept.replace(device.pin_hash, "")


def test_a_card_expires_after_three_days(world):
    user, staff = world
    card = card_for(user, staff)
    assert invitations.find(card.code, at=NOON + timedelta(hours=71)).user == user
    assert refused(card, at=NOON + timedelta(hours=72)) == "card_expired"


def test_a_new_card_voids_the_one_before(world):
    user, staff = world
    first, second = card_for(user, staff), card_for(user, staff)
    assert refused(first) == "card_revoked"
    bind(second)
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.filter(user=user).update(used_at=None, device=None, revoked=False)


def test_a_second_card_binds_a_second_phone_and_the_first_goes_on(world):
    user, staff = world
    bind(card_for(user, staff))
    bind(card_for(user, staff))
    assert user.devices.usable(NOON).count() == 2


def test_staff_get_no_cards_because_a_colleague_could_use_them(world):
    _user, staff = world
    director = f.post(Duty.DIRECTOR, place=staff.posts.get().place).user
    f.seat(f.building(director.posts.get().place.community), Duty.PARTY_LEADER, user=director)
    with pytest.raises(Refusal) as error:
        card_for(director, staff)
    assert error.value.code == "card_is_for_groups"
    with pytest.raises(Refusal):
        card_for(f.person(is_superuser=True), staff)


def test_a_card_printed_before_its_holder_became_staff_opens_nothing(world):
    user, staff = world
    card = card_for(user, staff)
    f.post(Duty.STAFF, place=staff.posts.get().place, user=user)
    assert refused(card) == "card_is_for_groups"


def test_nobody_prints_their_own_card(world):
    user, _staff = world
    with pytest.raises(Refusal) as error:
        card_for(user, user)
    assert error.value.code == "nobody_prints_their_own_card"


def test_a_closed_account_binds_nothing(world):
    user, staff = world
    card = card_for(user, staff)
    user.is_active = False
    user.save(update_fields=["is_active"])
    assert refused(card) == "card_revoked"


def test_a_mistyped_code_is_found_out_before_it_is_asked_for(world):
    user, staff = world
    code = card_for(user, staff).code
    assert invitations.is_complete(code)
    for at in range(len(code)):
        for digit in "0123456789".replace(code[at], ""):
            assert not invitations.is_complete(code[:at] + digit + code[at + 1 :])


@pytest.mark.parametrize(
    "typed", ["4829-1530 7664 1208", "４８２９１５３０７６６４１２０８", "4829　15307664 1208 "]
)
def test_a_code_is_read_however_it_is_typed(typed):
    assert invitations.digits_of(typed) == "4829153076641208"


def test_five_wrong_pins_unbind_the_phone_and_nothing_else(world):
    user, staff = world
    phone, _token = bind(card_for(user, staff))
    other, _token = bind(card_for(user, staff))
    left = [pins.check(phone.pk, "9999", at=NOON)[1] for _each in range(5)]
    assert left == [4, 3, 2, 1, 0]
    assert pins.check(phone.pk, "4826", at=NOON) == (False, 0)
    assert pins.check(other.pk, "4826", at=NOON) == (True, 5)
    assert JournalEntry.objects.filter(verb="device.guessed", user=None).count() == 1


def test_a_right_pin_takes_wrong_ones_back(world):
    phone, _token = bind(card_for(*world))
    for _round in range(3):
        for _each in range(4):
            assert pins.check(phone.pk, "9999", at=NOON)[0] is False
        assert pins.check(phone.pk, "4826", at=NOON) == (True, 5)


def test_a_phone_lapses_unused_after_thirty_days_and_used_after_ninety(world):
    phone, _token = bind(card_for(*world))

    def opens(days):
        return pins.check(phone.pk, "4826", at=NOON + timedelta(days=days))[0]

    assert opens(29)
    assert opens(58)
    assert opens(87)
    assert not opens(90)
    other, _token = bind(card_for(*world))
    assert pins.check(other.pk, "4826", at=NOON + timedelta(days=30)) == (False, 0)


def at_once(what, times=8):
    """Results of `what()` in that many connections; a refusal is its code."""

    def one(_n):
        try:
            return what()
        except Refusal as refusal:
            return refusal.code
        finally:
            connection.close()

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(one, range(times)))


@pytest.mark.django_db(transaction=True)
def test_a_card_used_on_many_phones_at_once_binds_one():
    community = f.compound((1,))
    user, staff = f.seat(f.building(community)), f.staff(community)
    card = card_for(user, staff)
    found = invitations.find(card.code, at=NOON)
    answers = at_once(lambda: invitations.bind(found.pk, pin="4826", label="手机", at=NOON)[0].pk)
    assert answers.count("card_used") == 7
    assert user.devices.count() == 1


@pytest.mark.django_db(transaction=True)
def test_wrong_pins_at_once_are_counted_one_by_one():
    community = f.compound((1,))
    phone, _token = bind(card_for(f.seat(f.building(community)), f.staff(community)))
    answers = at_once(lambda: pins.check(phone.pk, "9999", at=NOON))
    assert sorted(left for _right, left in answers) == [0, 0, 0, 0, 1, 2, 3, 4]
    assert pins.check(phone.pk, "4826", at=NOON) == (False, 0)


@pytest.mark.django_db(transaction=True)
def test_cards_printed_by_two_colleagues_at_once_leave_one_that_is_good():
    community = f.compound((1,))
    user, staff = f.seat(f.building(community)), f.staff(community)
    cards = at_once(lambda: card_for(user, staff))
    assert Invitation.objects.open(NOON).filter(user=user).count() == 1
    assert [invitations.hash_of(card.code) for card in cards].count(
        Invitation.objects.open(NOON).get().code_hash
    ) == 1
