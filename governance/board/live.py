"""What an open page asks every second: a number that changes when what it shows has changed."""

from collections.abc import Sequence
from zlib import crc32

from django.core import signing
from django.db.models import Sum

from reports import disclosure
from reports.models import Period, Summary
from reports.rollup.leaf import COLUMNS
from units.models import Place

_SALT = "board.live"
_AGE = 24 * 3600
# What everybody sees who sees a row at all.
_OPEN = tuple(c for c in COLUMNS if c not in disclosure.PROTECTED | disclosure.CLOSED)


def live_token(period: Period | None, places: Sequence[Place], *, is_above: bool = False) -> str:
    """Names places and a period, gives nothing but a version.

    Seen from above the community the version must not move with what is hidden there.
    """
    told = [period.pk if period else 0, [place.pk for place in places], int(is_above)]
    return signing.dumps(told, salt=_SALT, compress=True)


def live_version(token: str) -> int:
    """Raises signing.BadSignature for a token that is not ours or older than a day."""
    period, places, is_above = signing.loads(token, salt=_SALT, max_age=_AGE)
    rows = Summary.objects.filter(period=period, place__in=places)
    if is_above:
        return crc32(repr(list(rows.order_by("place").values_list("place", *_OPEN))).encode())
    return rows.aggregate(total=Sum("version"))["total"] or 0
