"""What an open page asks every second: a number that changes when what it shows has changed."""

from collections.abc import Sequence
from zlib import crc32

from django.core import signing
from django.db.models import Sum

from reports import disclosure
from reports.models import Obligation, Period, Report, Summary
from reports.rollup.leaf import COLUMNS
from units.models import Place

_SALT = "board.live"
_AGE = 24 * 3600
# What everybody sees who sees a row at all.
_OPEN = tuple(c for c in COLUMNS if c not in disclosure.PROTECTED | disclosure.CLOSED)


def live_token(
    period: Period | None,
    places: Sequence[Place],
    uppers: Sequence[Obligation] = (),
    *,
    is_above: bool = False,
) -> str:
    """Names places, a period and upper reports; gives nothing but a version.

    What a block calls urgent changes no figure, so the sendings of its report are counted too. Seen
    from above the community the version must not move with what is hidden there.
    """
    told = [
        period.pk if period else 0,
        [place.pk for place in places],
        int(is_above),
        [each.pk for each in uppers],
    ]
    return signing.dumps(told, salt=_SALT, compress=True)


def live_version(token: str) -> int:
    """Raises signing.BadSignature for a token that is not ours or older than a day."""
    period, places, is_above, uppers = signing.loads(token, salt=_SALT, max_age=_AGE)
    sent = 0
    if uppers:
        reports = Report.objects.filter(obligation__in=uppers)
        sent = reports.aggregate(total=Sum("rev"))["total"] or 0
    rows = Summary.objects.filter(period=period, place__in=places)
    if is_above:
        shown = list(rows.order_by("place").values_list("place", *_OPEN))
        return crc32(repr(shown).encode()) + sent
    return (rows.aggregate(total=Sum("version"))["total"] or 0) + sent
