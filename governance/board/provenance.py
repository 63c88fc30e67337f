"""The page of one figure: how it is worked out, what it is made of, and its own past.

The way down is the recorded one, as far as this person's posts reach. Of a stored sheet the page
says what the sheet has, made from the sendings that were counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.board import trends
from reports import disclosure, measures, provenance, sources
from reports.disclosure import Lens
from reports.measures import Figure, Measure, Source, formula
from reports.models import Period, Sheet, Summary
from reports.provenance import Record
from units import scope
from units.kinds import Kind
from units.models import Division, Place, User
from units.refusals import forbidden
from units.scope import Action

NEXT_LEVEL = gettext_lazy("下一级需居委会权限")


@dataclass(frozen=True)
class Part:
    """A place directly below, with what it adds; `url` is one step down, empty out of reach."""

    place: Place
    figure: Figure
    coverage: Figure | None
    url: str
    # Where it stands now, when that is elsewhere.
    moved_to: str = ""


def of_place(
    user: User,
    measure: Measure,
    place: Place,
    period: Period,
    *,
    at: datetime,
    sheet: Sheet | None = None,
) -> dict[str, Any]:
    """Raises the 403 refusal when this person does not see the measure here."""
    lens = Lens(user, communities=[place.community_id], at=at)
    if not lens.shows(measure, place):
        raise forbidden(_("这个数字在居委会权限内"))
    page = _Page(user, lens, measure, place, period, sheet)
    shown, columns = page.figure()
    return {
        "measure": measure,
        "versions": measures.versions_of(measure.code),
        "place": place,
        "period": period,
        "sheet": sheet,
        "figure": shown,
        "formula": formula.in_words(measure),
        "numbers": formula.in_numbers(shown, columns) if shown else "",
        "coverage": page.coverage(page.row, page.stock, place),
        "computed_at": page.computed_at,
        "counted_at": page.recorded_parent,
        "above": page.above(),
        "below": page.below() if page.goes_down else [],
        "ends_here": page.ends_here,
        "records": page.records() if page.is_end else [],
        "is_end": page.is_end,
        **(_past(page) if sheet is None else {}),
    }


class _Page:
    """What is read once for one place and period."""

    def __init__(
        self,
        user: User,
        lens: Lens,
        measure: Measure,
        place: Place,
        period: Period,
        sheet: Sheet | None,
    ) -> None:
        self.user, self.lens, self.measure = user, lens, measure
        self.place, self.period, self.sheet = place, period, sheet
        self.counted = dict(sheet.sources) if sheet else None
        self.on_sheet = (
            {part.place_id: part for part in disclosure.parts_of(sheet, user, at=lens.at)}
            if sheet
            else {}
        )
        self.row = Summary.objects.filter(place=place, period=period).first()
        self.children = sources.parts_of(place, period)
        self.stocks = self._stocks()
        self.stock = self.stocks.get(place.pk)

    def _stocks(self) -> dict[int, Summary]:
        """What a rate over who lives here is divided by, and how much of that is known."""
        if not (self.measure.needs_stock or self.measure.is_stock):
            return {}
        ids = [self.place.pk, *(row.place_id for row in self.children)]
        now = Summary.objects.filter(period__kind=Period.PeriodKind.NOW, place__in=ids)
        return {row.place_id: row for row in now}

    # The figure itself

    def figure(self) -> tuple[Figure | None, dict[str, int] | None]:
        """With the columns that it is made of; None when nothing was said of it."""
        if self.sheet:
            return self._on_sheet(self.place), None
        if self.row is None:
            return None, None
        rows = self._rows(self.row, self.stock)
        shown = self.lens.figure(self.measure, rows, place=self.place, period=self.period)
        return shown, {c: sum(getattr(r, c) for r in rows) for c in self.measure.columns}

    def _rows(self, row: Summary, stock: Summary | None) -> list[Summary]:
        return [row, stock] if self.measure.needs_stock and stock else [row]

    def _on_sheet(self, place: Place) -> Figure | None:
        """What the sheet has of it, or what the sendings that it counted come to."""
        part = self.on_sheet.get(place.pk)
        if part:
            found = part.figures.get(self.measure.code)
            return replace(found, place=place.code, period=self.period.key) if found else None
        if place.kind < Kind.BUILDING or self.measure.source is Source.STOCK:
            return None
        return _sum(self.measure, self._records_of([place]), place, self.period)

    def coverage(self, row: Summary | None, stock: Summary | None, place: Place) -> Figure | None:
        """How much of what should have come in has come in."""
        chosen = measures.COUNTED if self.measure.is_stock else measures.COVERAGE
        if self.sheet:
            part = self.on_sheet.get(place.pk)
            return part.figures.get(chosen.code) if part else None
        row = stock if self.measure.is_stock else row
        period = self.period
        if row is None or chosen.code == self.measure.code:
            return None
        return self.lens.figure(chosen, [row], place=place, period=period)

    @property
    def computed_at(self) -> datetime | None:
        if self.sheet:
            return self.sheet.as_of
        if self.row is None:
            return None
        return self.lens.at if self.lens.is_above(self.place) else self.row.computed_at

    # Up

    @property
    def recorded_parent(self) -> Place | None:
        """The place it counted into in this period, when it has been moved since."""
        if self.row is None or self.row.parent_id in (None, self.place.parent_id):
            return None
        return Place.objects.get(pk=self.row.parent_id)

    def above(self) -> list[tuple[str, str]]:
        """(name, url) of the places that this one counts into, from the top; as far as in reach."""
        parent = self.row.parent_id if self.row else self.place.parent_id
        reach = scope.reach(self.user, Action.SEE_FIGURES)
        up = Place.objects.filter(
            Q(pk=parent) | Q(community=self.place.community_id, parent=None)
        ).exclude(pk=self.place.pk)
        steps = []
        for place in up.order_by("kind"):
            place.community = self.place.community
            if reach.holds(place):
                steps.append((place.name, self._url(place)))
        division = self.place.community.division
        if division.code in reach.divisions and disclosure.adds_up_above(self.measure):
            steps.insert(0, (str(division), self._url(division)))
        return steps

    # Down

    @property
    def goes_down(self) -> bool:
        return self.place.kind < provenance.deepest(self.measure) and self._reaches(
            Kind(self.place.kind + 1)
        )

    @property
    def is_end(self) -> bool:
        """Whether what is behind the figure is listed here."""
        if self.place.kind != provenance.deepest(self.measure):
            return False
        if self.measure.source is Source.STOCK:
            return self.measure.level == Kind.BUILDING and self._reaches(Kind.HOUSEHOLD)
        reach = scope.reach(self.user, Action.SEE_REPORTS)
        deepest = Kind.HOUSEHOLD if self.measure.source is Source.HOUSEHOLDS else self.place.kind
        return _reaches(reach, self.place, deepest)

    @property
    def ends_here(self) -> str:
        """The sentence that stands where the way down ends for this person."""
        if self.goes_down or self.is_end:
            return ""
        if self.lens.is_above(self.place) or self.place.kind < provenance.deepest(self.measure):
            return str(NEXT_LEVEL)
        return _("这个数字只统计到这一级，不再往下分")

    def _reaches(self, kind: int) -> bool:
        return _reaches(scope.reach(self.user, Action.SEE_FIGURES), self.place, kind)

    def below(self) -> list[Part]:
        """The places directly below, in the order of their codes; recorded, so that they add up."""
        reach = scope.reach(self.user, Action.SEE_FIGURES)
        elsewhere = {
            row.place.parent_id for row in self.children if row.place.parent_id != self.place.pk
        }
        names = dict(Place.objects.filter(pk__in=elsewhere).values_list("pk", "name"))
        told = self._told_by_records() if self.sheet and not self._is_whole_sheet else {}
        parts = []
        for row in self.children:
            row.place.community = self.place.community
            stock = self.stocks.get(row.place_id)
            if self.sheet:
                shown = told.get(row.place_id) or self._on_sheet(row.place)
            else:
                rows = self._rows(row, stock)
                shown = self.lens.figure(self.measure, rows, place=row.place, period=self.period)
            if shown is None:
                continue
            url = self._url(row.place) if reach.holds(row.place) else ""
            coverage = self.coverage(row, stock, row.place)
            parts.append(Part(row.place, shown, coverage, url, names.get(row.place.parent_id, "")))
        return parts

    @property
    def _is_whole_sheet(self) -> bool:
        return bool(self.sheet) and self.sheet.place_id == self.place.pk

    def _told_by_records(self) -> dict[int, Figure]:
        """Of the places below a part of a sheet: what the sendings that it counted come to."""
        if self.place.kind != Kind.BLOCK or self.measure.source is Source.STOCK:
            return {}
        places = [row.place for row in self.children]
        by_place: dict[int, list[Record]] = {place.pk: [] for place in places}
        for record in self._records_of(places):
            by_place.setdefault(_building_of(record, by_place), []).append(record)
        return {
            place.pk: _sum(self.measure, by_place[place.pk], place, self.period) for place in places
        }

    def records(self) -> list[Record]:
        if self.measure.source is Source.STOCK:
            return provenance.of_stock(self.measure, self.place, self.period)
        return self._records_of([self.place])

    def _records_of(self, places: Sequence[Place]) -> list[Record]:
        """Of household reports all under the first common place are asked for at once."""
        if self.measure.source is Source.HOUSEHOLDS:
            top = places[0] if len(places) == 1 else self.place
            return provenance.of_households(self.measure, top, self.period, counted=self.counted)
        return provenance.of_groups(
            self.measure, places, self.period, at=self.lens.at, counted=self.counted
        )

    def _url(self, place: Place | Division) -> str:
        of = {"code": self.measure.code, "place": place.code, "period": self.period.key}
        asked = f"?sheet={self.sheet.pk}" if self.sheet and isinstance(place, Place) else ""
        return reverse("figure", kwargs=of) + asked


def _reaches(reach: scope.Reach, place: Place, kind: int) -> bool:
    """Whether the reach goes as deep as `kind` under `place`."""
    if any(span.holds(place) and span.deepest >= kind for span in reach.spans):
        return True
    return reach.divisions.get(place.community.division_id, -1) >= kind


def _building_of(record: Record, buildings: dict[int, Any]) -> int:
    path = record.report.path_as_filed if record.report else []
    return next((pk for pk in path if pk in buildings), record.place.pk)


def _sum(measure: Measure, records: Sequence[Record], place: Place, period: Period) -> Figure:
    parts = [record.figure for record in records]
    return Figure(
        measure,
        sum(part.numerator or 0 for part in parts),
        sum(part.denominator or 0 for part in parts) if measure.is_rate else None,
        place.code,
        period.key,
    )


def of_division(
    user: User, measure: Measure, division: Division, period: Period, *, at: datetime
) -> dict[str, Any]:
    """The same for a street: its communities. Raises the 403 refusal for what has no total."""
    if not disclosure.adds_up_above(measure):
        raise forbidden(_("这个数字只按居民区看，不合计到街道"))
    roots = list(
        Place.objects.filter(
            kind=Kind.COMMUNITY, community__division__in=division.with_descendants()
        )
        .select_related("community")
        .order_by("code")
    )
    lens = Lens(user, at=at)
    periods = _periods_until(period)
    rows: dict[int, list[Summary]] = {}
    places = {root.pk: root for root in roots}
    for row in Summary.objects.filter(place__in=places, period__in=periods):
        rows.setdefault(row.period_id, []).append(row)
    totals = {
        each.pk: measures.figure(
            measures.in_force(measure.code, each.ends_on),
            rows[each.pk],
            place=division.code,
            period=each.key,
        )
        for each in periods
        if each.pk in rows
    }
    present = rows.get(period.pk, [])
    shown = totals.get(period.pk)
    columns = {c: sum(getattr(row, c) for row in present) for c in measure.columns}
    of = {"code": measure.code, "period": period.key}
    return {
        "measure": measure,
        "versions": measures.versions_of(measure.code),
        "place": division,
        "period": period,
        "figure": shown,
        "formula": formula.in_words(measure),
        "numbers": formula.in_numbers(shown, columns) if shown else "",
        "computed_at": at if present else None,
        "below": [
            Part(
                places[row.place_id],
                lens.figure(measure, [row], place=places[row.place_id], period=period),
                lens.figure(measures.COVERAGE, [row], place=places[row.place_id], period=period)
                if measure.code != measures.COVERAGE.code
                else None,
                reverse("figure", kwargs=of | {"place": places[row.place_id].code}),
            )
            for row in sorted(present, key=lambda row: places[row.place_id].code)
        ],
        "past": trends.past_of(periods, totals, at=at),
        "others": _other_kinds(measure, division.code, period),
    }


def _past(page: _Page) -> dict[str, Any]:
    """The own past, and the same figure of the other kinds of period."""
    if page.measure.is_stock:
        return {}
    periods = _periods_until(page.period)
    rows = Summary.objects.filter(place=page.place, period__in=periods)
    of = {period.pk: period for period in periods}
    figures = {
        row.period_id: page.lens.figure(
            page.measure,
            page._rows(row, page.stock),
            place=page.place,
            period=of[row.period_id],
        )
        for row in rows
    }
    return {
        "past": trends.past_of(periods, figures, at=page.lens.at),
        "others": _other_kinds(page.measure, page.place.code, page.period),
    }


def _periods_until(period: Period) -> list[Period]:
    """Oldest first, `period` the last."""
    until = Period.objects.filter(kind=period.kind, ends_on__lte=period.ends_on)
    return list(until.order_by("-ends_on")[: trends.PERIODS_SHOWN])[::-1]


def _other_kinds(measure: Measure, place: str, period: Period) -> list[tuple[str, str, bool]]:
    """(word, url, is this one) for the last week, month and quarter that begin by its last day."""
    if len(measure.periods) < 2:
        return []
    begun = Period.objects.filter(
        kind__in=measure.periods,
        starts_on__range=(period.ends_on - timedelta(days=100), period.ends_on),
    )
    by_kind = {each.kind: each for each in begun.order_by("starts_on")}
    return [
        (
            str(Period.PeriodKind(kind).label),
            reverse("figure", kwargs={"code": measure.code, "place": place, "period": of.key}),
            kind == period.kind,
        )
        for kind in measure.periods
        if (of := by_kind.get(kind))
    ]
