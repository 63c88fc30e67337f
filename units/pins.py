"""PINs (数字口令): four to six digits that count on one phone only."""

import itertools
from datetime import datetime

from django.contrib.auth.hashers import check_password
from django.db import transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from units import journal
from units.models import Device
from units.models.device import WRONG_PINS
from units.refusals import Refusal

SHORTEST, LONGEST = 4, 6


def require_good(pin: str) -> None:
    """Raises Refusal `pin_malformed` or `pin_too_easy`."""
    if not (SHORTEST <= len(pin) <= LONGEST and pin.isascii() and pin.isdigit()):
        raise Refusal("pin_malformed", _("口令要4到6位数字"))
    if _is_easy(pin):
        sentence = _("这个口令太容易猜。不要用1234、0000这样的，也不要用出生年份，请换一个")
        raise Refusal("pin_too_easy", sentence)


def _is_easy(pin: str) -> bool:
    """Runs, repeats, pairs, mirrored fours, years of birth, and the middle column of the pad."""
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    repeats = any(pin == pin[:n] * (len(pin) // n) for n in (1, 2, 3))
    pairs = pin[::2] == pin[1::2]
    four = len(pin) == 4 and (pin == pin[::-1] or 1920 <= int(pin) <= 2039)
    return steps in ({1}, {9}) or repeats or pairs or four or pin in ("2580", "0852")


def peppered(pin: str) -> str:
    """A million PINs are tried in no time by who has the table; not without our key."""
    return salted_hmac("units.pins", pin, algorithm="sha256").hexdigest()


def check(device_id: int, pin: str, *, at: datetime) -> tuple[bool, int]:
    """Whether `pin` opens this phone, and how many tries are left.

    The fifth wrong one revokes the phone: it must be bound again with a new card. Nothing else of
    its holder's changes. The row is locked, so guesses at once are counted one by one.
    """
    with transaction.atomic():
        device = Device.objects.usable(at).select_for_update().filter(pk=device_id).first()
        if device is None:
            return False, 0
        right = check_password(peppered(pin), device.pin_hash)
        device.wrong_pins = 0 if right else device.wrong_pins + 1
        if device.wrong_pins >= WRONG_PINS:
            device.revoked_at = at
            journal.note("device.guessed", user=None, at=at, device=device.pk)
        elif right:
            device.lapses_at = device.lapse_if_unused_from(at)
        device.save(update_fields=["wrong_pins", "revoked_at", "lapses_at"])
    return right, WRONG_PINS - device.wrong_pins
