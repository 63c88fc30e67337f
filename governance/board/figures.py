"""Reading summaries for pages: figures with coverage, definition and time, and their own past."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.db.models import Q, Sum
from django.utils.translation import gettext as _

from reports import measures
from reports.catalogue import BUILDING_REPORT
from reports.measures import CONCERNS, Figure, Measure, figure
from reports.models import Obligation, Period, Report, Summary
from units.models import Place

WEEKS_SHOWN = 12
_LIVE_SALT = "board.live"
_LIVE_AGE = 24 * 3600


@dataclass(frozen=True)
class Sheet:
    """The figures of one place in one period, ready to be shown."""

    place: Place
    row: Summary | None
    # Sensitive figures are for those who may read the reports behind them.
    hides_sensitive: bool = False

    @property
    def coverage(self) -> Figure:
        return self._of(measures.COVERAGE)

    @property
    def missing(self) -> Figure:
        return self._of(measures.MISSING)

    @property
    def nil(self) -> Figure:
        return self._of(measures.NIL)

    @property
    def on_time(self) -> Figure:
        return self._of(measures.ON_TIME)

    @property
    def waste(self) -> Figure:
        return self._of(measures.WASTE)

    @property
    def concerns(self) -> list[Figure]:
        return [
            self._of(measure)
            for measure in CONCERNS
            if not (measure.is_sensitive and self.hides_sensitive)
        ]

    @property
    def told(self) -> str:
        """「看过61 · 报平安58 · 未收到6」: looked at, said to be calm, unknown."""
        row = self.row
        if row is None:
            return _("还没有应报的楼组")
        words = _("看过%(looked)d · 报平安%(nil)d · 未收到%(missing)d") % {
            "looked": row.building_looked,
            "nil": row.building_nil,
            "missing": self.missing.numerator,
        }
        if row.building_excused:
            words += _(" · 免报%d") % row.building_excused
        return words

    @property
    def computed_at(self) -> datetime | None:
        return self.row.computed_at if self.row else None

    def _of(self, measure: Measure) -> Figure:
        return figure(measure, [self.row] if self.row else [])


def households_of(place: Place, week: Period, row: Summary | None) -> list[Figure]:
    """Who lives under `place` now, the movements of `week`, and what its quarter has confirmed."""
    others = Summary.objects.filter(
        Q(period__kind=Period.PeriodKind.NOW)
        | Q(
            period__kind=Period.PeriodKind.QUARTER,
            period__starts_on__lte=week.ends_on,
            period__ends_on__gte=week.ends_on,
        ),
        place=place,
    ).select_related("period")
    by_kind = {each.period.kind: [each] for each in others}
    now, quarter = by_kind.get(Period.PeriodKind.NOW, []), by_kind.get("quarter", [])
    return [
        *(figure(measure, now) for measure in measures.POPULATION),
        *(figure(measure, [row] if row else []) for measure in measures.MOVEMENT),
        figure(measures.CONFIRMED, quarter),
    ]


def rows_of(period: Period | None, places: Sequence[Place]) -> dict[int, Summary]:
    """Summary rows of `places` in `period`, by place id."""
    if period is None:
        return {}
    found = Summary.objects.filter(period=period, place__in=[place.pk for place in places])
    return {row.place_id: row for row in found}


def weeks_with_obligations(
    communities: Sequence[int], count: int = WEEKS_SHOWN + 1
) -> list[Period]:
    """The newest `count` weeks that these communities' buildings report for, newest first."""
    owed = Obligation.objects.filter(community__in=communities, form__code=BUILDING_REPORT).values(
        "period"
    )
    return list(Period.objects.filter(pk__in=owed).order_by("-starts_on")[:count])


def past_of(places: Sequence[Place], periods: Sequence[Period]) -> dict[int, list[Summary | None]]:
    """For each place its rows over `periods`, oldest first; None where it has none."""
    by_key = {
        (row.place_id, row.period_id): row
        for row in Summary.objects.filter(
            place__in=[place.pk for place in places], period__in=[p.pk for p in periods]
        )
    }
    return {
        place.pk: [by_key.get((place.pk, period.pk)) for period in reversed(periods)]
        for place in places
    }


def latest_time(rows: Sequence[Summary]) -> datetime | None:
    return max((row.computed_at for row in rows), default=None)


def live_token(
    period: Period | None, places: Sequence[Place], *, uppers: Sequence[Obligation] = ()
) -> str:
    """What an open page asks with: names places, a period and upper reports; gives only a version.

    What a block calls urgent changes no figure, so the sendings of its report are counted too.
    """
    told = [period.pk if period else 0, [place.pk for place in places]]
    if uppers:
        told.append([each.pk for each in uppers])
    return signing.dumps(told, salt=_LIVE_SALT, compress=True)


def live_version(token: str) -> int:
    """Raises signing.BadSignature for a token that is not ours or older than a day."""
    period_id, place_ids, *uppers = signing.loads(token, salt=_LIVE_SALT, max_age=_LIVE_AGE)
    rows = Summary.objects.filter(period=period_id, place__in=place_ids)
    version = rows.aggregate(total=Sum("version"))["total"] or 0
    if uppers:
        sent = Report.objects.filter(obligation__in=uppers[0])
        version += sent.aggregate(total=Sum("rev"))["total"] or 0
    return int(version)


def change_in_words(now: Figure, before: Figure) -> str:
    """「比上周高1.2个百分点」 or 「比上周多2个」; nothing when either is unknown."""
    if now.value is None or before.value is None:
        return ""
    difference = now.value - before.value
    if difference == 0:
        return _("与上周相同")
    if now.is_rate:
        template = _("比上周高%s个百分点") if difference > 0 else _("比上周低%s个百分点")
        return template % abs(difference)
    template = (
        _("比上周多%(number)d%(unit)s") if difference > 0 else _("比上周少%(number)d%(unit)s")
    )
    return template % {"number": abs(difference), "unit": now.measure.unit}
