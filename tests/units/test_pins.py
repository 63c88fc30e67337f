"""PINs: which are refused, and what wrong ones do to a phone."""

import pytest

from units import pins
from units.refusals import Refusal

EASY = ["0000", "1234", "4321", "8901", "123456", "111111", "1212", "123123", "1122", "112233"]
EASY += ["1221", "1956", "2008", "2580"]


@pytest.mark.parametrize("pin", EASY)
def test_what_everybody_tries_first_is_no_pin(pin):
    with pytest.raises(Refusal) as refused:
        pins.require_good(pin)
    assert refused.value.code == "pin_too_easy"


@pytest.mark.parametrize("pin", ["", "123", "1234567", "12a4", "４８２６", "48 26"])
def test_a_pin_is_four_to_six_digits(pin):
    with pytest.raises(Refusal) as refused:
        pins.require_good(pin)
    assert refused.value.code == "pin_malformed"


@pytest.mark.parametrize("pin", ["4826", "70318", "194705", "9031"])
def test_other_digits_are_taken(pin):
    pins.require_good(pin)


def test_most_pins_can_be_chosen():
    def is_good(pin):
        try:
            pins.require_good(pin)
        except Refusal:
            return False
        return True

    assert sum(is_good(f"{n:04d}") for n in range(10_000)) > 9_500
