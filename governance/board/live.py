"""What an open page asks every second: a number that changes when what it shows has changed.

`watch.py` asks for all open pages at once, and `door.py` answers before Django is asked.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from zlib import crc32

from django.core import signing
from django.db import connection

from governance.supervision import matters
from reports import disclosure
from reports.models import Obligation, Period, Report
from reports.rollup.leaf import COLUMNS
from units.models import Place

_SALT = "board.live"
AGE = 24 * 3600
# What everybody sees who sees a row at all.
_OPEN = tuple(c for c in COLUMNS if c not in disclosure.PROTECTED | disclosure.CLOSED)


@dataclass(frozen=True)
class Told:
    """What a token names; gives nothing but a version."""

    period: int
    places: tuple[int, ...]
    is_above: bool
    uppers: tuple[int, ...] = ()
    street: str = ""


def live_token(
    period: Period | None,
    places: Sequence[Place],
    uppers: Sequence[Obligation] = (),
    *,
    is_above: bool = False,
    street: str = "",
) -> str:
    """Names places, a period, upper reports, and the street whose own work is counted beside it.

    What a block calls urgent changes no figure, so the sendings of its report are counted too. Seen
    from above the community the version must not move with what is hidden there.
    """
    told = [
        period.pk if period else 0,
        [place.pk for place in places],
        int(is_above),
        [each.pk for each in uppers],
        street,
    ]
    return signing.dumps(told, salt=_SALT, compress=True)


def read(token: str) -> Told:
    """Raises signing.BadSignature for a token that is not ours or older than a day."""
    period, places, is_above, uppers, *street = signing.loads(token, salt=_SALT, max_age=AGE)
    return Told(period, tuple(places), bool(is_above), tuple(uppers), "".join(street))


def live_version(token: str) -> int:
    """Raises signing.BadSignature as `read` does."""
    told = read(token)
    return versions([told])[told]


# These are asked several times a second in every process, so they are written out: through the ORM
# they cost five times as much.
_ROWS = f"""
SELECT period_id, place_id, version, {", ".join(_OPEN)}
  FROM reports_summary WHERE period_id = ANY(%s) AND place_id = ANY(%s)
"""  # noqa: S608 (column names are ours)
_TOTAL = """
SELECT (SELECT coalesce(sum(version), 0) FROM reports_summary
         WHERE period_id = ANY(%(periods)s) AND place_id = ANY(%(places)s)),
       (SELECT coalesce(sum(rev), 0) FROM reports_report WHERE obligation_id = ANY(%(uppers)s))
"""


def versions(asked: Iterable[Told]) -> dict[Told, int]:
    """Of all that is asked, by as many queries as for one."""
    asked = list(asked)
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, [_periods(asked), _places(asked)])
        rows = {(period, place): (version, shown) for period, place, version, *shown in cursor}
    sent = _sent(_uppers(asked))
    streets = matters.stamps({told.street for told in asked if told.street})
    return {told: _version(told, rows, sent, streets) for told in asked}


def _periods(asked: list[Told]) -> list[int]:
    return list({told.period for told in asked})


def _places(asked: list[Told]) -> list[int]:
    return list({place for told in asked for place in told.places})


def _uppers(asked: list[Told]) -> list[int]:
    return list({each for told in asked for each in told.uppers})


def _version(
    told: Told,
    rows: dict[tuple[int, int], tuple[int, list[int]]],
    sent: dict[int, int],
    streets: dict[str, int],
) -> int:
    found = [(p, row) for p in told.places if (row := rows.get((told.period, p)))]
    count = sum(sent.get(each, 0) for each in told.uppers) + streets.get(told.street, 0)
    if told.is_above:
        shown = [(place, *columns) for place, (_version, columns) in sorted(found)]
        return crc32(repr(shown).encode()) + count
    return sum(version for _place, (version, _columns) in found) + count


def _sent(uppers: list[int]) -> dict[int, int]:
    if not uppers:
        return {}
    reports = Report.objects.filter(obligation__in=uppers)
    found: dict[int, int] = dict(reports.values_list("obligation", "rev"))
    return found


def stamp(asked: Iterable[Told]) -> tuple[int, ...]:
    """Cheap, and another one whenever any version of `asked` may be another."""
    asked = list(asked)
    of = {"periods": _periods(asked), "places": _places(asked), "uppers": _uppers(asked)}
    with connection.cursor() as cursor:
        cursor.execute(_TOTAL, of)
        total, sent = cursor.fetchone()
    streets = matters.stamps({told.street for told in asked if told.street})
    return (int(total), int(sent), *streets.values())


# In one query, for it is asked several times a second: for how long the oldest report waits to be
# added up, which posts are in force, and which branch answers for which block.
_SURROUNDINGS = """
SELECT (SELECT coalesce(extract(epoch FROM clock_timestamp() - min(made_at)), 0)
          FROM reports_mark), count(*), coalesce(sum(id), 0),
       (SELECT coalesce(sum(branch_id * place_id), 0) FROM units_branchblock)
  FROM units_post WHERE during @> clock_timestamp()
"""


def surroundings() -> tuple[int, tuple[int, ...]]:
    """(seconds that the oldest report has been waiting, what is another when posts are)."""
    with connection.cursor() as cursor:
        cursor.execute(_SURROUNDINGS)
        behind, *posts = cursor.fetchone()
    return max(int(behind), 0), tuple(map(int, posts))
