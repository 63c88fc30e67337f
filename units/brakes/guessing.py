"""Brakes on guessing: each wrong guess beyond the free ones doubles the wait.

Nothing is ever keyed on a login alone where anybody may knock, so that nobody can lock somebody
else out; a browser in which this person has logged in before has a count of its own. A guess is
counted before it is checked, so that many at once count as many; a right one is taken back.
"""

import unicodedata
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from units.brakes.keys import Key
from units.models import Brake
from units.refusals import Refusal

LONGEST = 15 * 60
# A carrier's translator is thousands of phones, and a server that dies keeps the guesses that it
# was about to give back: twenty stopped a rehearsal with kills.
OF_AN_ADDRESS = 100
HALF_LIFE = 2 * 3600


def of_password(login: str, address: str, known: str) -> list[Key]:
    """`known` is the mark of a browser in which this login was let in before, else ""."""
    if known:
        return [Key(("password", "known", known), 5)]
    # Many share an address: a committee's office, and everybody behind a carrier's translator.
    return [
        Key(("password", "pair", _same(login), address), 5),
        Key(("password", "address", address), OF_AN_ADDRESS),
    ]


def _same(login: str) -> str:
    """However it is written: the login form takes full-width letters for narrow ones."""
    return unicodedata.normalize("NFKC", login[:200]).strip().casefold()


def of_second_step(login: str, address: str, known: str) -> list[Key]:
    """Only who has the right password comes here, so one count may be of the login alone: a
    million codes can be tried from ten thousand addresses."""
    if known:
        return [Key(("second", "known", known), 5)]
    return [
        Key(("second", "pair", login, address), 5),
        Key(("second", "address", address), OF_AN_ADDRESS),
        Key(("second", "login", login), 30),
    ]


def of_code(address: str) -> list[Key]:
    return [Key(("code", "address", address), 10)]


# One statement, so that two guesses at once cannot both find the gate free.
_TAKE = """
INSERT INTO units_brake AS old (key, weight, last_at, free_at) VALUES (%(key)s, 1, %(at)s, %(at)s)
ON CONFLICT (key) DO UPDATE SET
  weight = {left} + 1,
  last_at = %(at)s,
  free_at = %(at)s + CASE WHEN {left} + 1 < %(free)s THEN interval '0'
    ELSE interval '1 second' * least(%(longest)s, 5 * power(2, least({left} + 1 - %(free)s, 20)))
    END
WHERE old.free_at <= %(at)s
RETURNING free_at
""".format(
    # Fifty half-lives are forever, and power() of more may not be a number.
    left="old.weight * power(0.5, least(50, greatest(0, extract(epoch from %(at)s - old.last_at))"
    " / %(half_life)s))"
)


@transaction.atomic
def take(keys: Sequence[Key], *, at: datetime) -> None:
    """Count one guess before it is checked. Raises Refusal `too_many_guesses`, 429, and then
    nothing is counted: knocking while shut out does not lengthen the wait."""
    values = {"at": at, "half_life": HALF_LIFE, "longest": LONGEST}
    for key in sorted(keys, key=lambda each: each.hash):
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, values | {"key": key.hash, "free": key.free})
            if cursor.fetchone() is None:
                raise _too_many(key, at)


def give_back(keys: Sequence[Key], *, at: datetime) -> None:
    """The guess was right. What is an address's alone keeps its other wrong guesses: somebody with
    one account must not wash an address clean for guessing at others."""
    for key in keys:
        brake = Brake.objects.filter(key=key.hash)
        if key.what[1] == "address":
            _lighten(key, at)
        else:
            brake.delete()


def _lighten(key: Key, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE units_brake SET weight = greatest(0, weight - 1), free_at = %s WHERE key = %s",
            [at, key.hash],
        )


def forget(*, at: datetime) -> int:
    """Drop what weighs next to nothing by now, and hours long past; returns how many."""
    return Brake.objects.filter(last_at__lt=at - timedelta(seconds=12 * HALF_LIFE)).delete()[0]


def _too_many(key: Key, at: datetime) -> Refusal:
    free_at = Brake.objects.values_list("free_at", flat=True).get(key=key.hash)
    seconds = max(1, round((free_at - at).total_seconds() + 0.5))
    wait = _("%d分钟") % -(-seconds // 60) if seconds > 90 else _("%d秒") % seconds
    message = _("试了好几次都不对，请等%s再试。忘了请打电话给居委会") % wait
    return Refusal("too_many_guesses", message, 429, retry_after=seconds)
