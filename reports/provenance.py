"""What a figure opens to in the end: reports, what each answered for it and how much that adds.

The same rules as the drain (`reports/rollup/leaf.py`), said about single reports, so that what is
listed adds up to what is shown. Of a stored sheet the sendings that it counted are listed instead
of those that stand now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Q

from reports import answers, coverage, sources
from reports.catalogue import BLOCK_REPORT, BUILDING_REPORT, COMMUNITY_REPORT
from reports.coverage import Standing
from reports.measures import Figure, Measure, Source, figure
from reports.models import Filing, Obligation, Period, Report, Summary
from reports.models.report import BUILDING_SAID, SAID
from reports.rollup.leaf import COLUMNS, STATES
from units.kinds import Kind
from units.models import Place

# The places whose own reports a measure is made of: the form, and the prefix of its counts.
_PERIODIC = {
    Source.BUILDINGS: (Kind.BUILDING, BUILDING_REPORT, "building"),
    Source.BLOCKS: (Kind.BLOCK, BLOCK_REPORT, "block"),
    Source.COMMUNITIES: (Kind.COMMUNITY, COMMUNITY_REPORT, "community"),
}
# Of each household only once, however often it was said.
_ONCE = {"confirmed": "confirmed", "visited_households": "visits"}
# report id → which of its sendings was counted.
Counted = Mapping[int, int]


@dataclass(frozen=True)
class Record:
    """One report, or one that did not come: `report` None. `figure` is what it adds."""

    place: Place
    day: date
    figure: Figure
    standing: Standing | None = None
    report: Report | None = None
    answered: Sequence[tuple[str, str]] = ()
    # Newest first; of a sheet beginning with the one that was counted.
    filings: Sequence[Filing] = field(default_factory=list)
    # A later report of the same longer period says what is so at its end.
    is_overtaken: bool = False


def deepest(measure: Measure) -> Kind:
    """The kind of place where the way down ends: at records, or where nothing finer is shown."""
    if measure.source is Source.STOCK:
        return measure.level
    if measure.source in (Source.BLOCKS, Source.COMMUNITIES):
        return _PERIODIC[measure.source][0]
    return Kind.BUILDING


def of_groups(
    measure: Measure,
    places: Sequence[Place],
    period: Period,
    *,
    at: datetime,
    counted: Counted | None = None,
) -> list[Record]:
    """What `places` owed and filed, in the order of their codes and days."""
    _kind, form, level = _PERIODIC[measure.source]
    of = {place.pk: place for place in places}
    same = Q(period=period)
    if period.kind != Period.PeriodKind.WEEK:
        same |= Q(period__ends_on__range=(period.starts_on, period.ends_on))
    owed = Obligation.objects.filter(same, place__in=of, form__code=form).with_report()
    owed = list(owed.order_by("place__code", "period__ends_on"))
    filings = _filings([o.report.pk for o in owed if hasattr(o, "report")], counted)
    last = {o.place_id: o.pk for o in owed if _counts(o, filings, counted)}
    records = []
    for each in owed:
        each.place = of[each.place_id]
        columns = _of_obligation(each, level, filings, counted)
        is_overtaken = columns[f"{level}_filed"] > 0 and last[each.place_id] != each.pk
        if is_overtaken:
            columns |= dict.fromkeys(STATES, 0)
        report = each.report if columns[f"{level}_filed"] else None
        sent = filings.get(report.pk, []) if report else []
        records.append(
            Record(
                each.place,
                each.period.ends_on,
                figure(measure, [columns]),
                coverage.standing(each, at=at) if counted is None else None,
                report,
                _answered(measure, sent),
                sent,
                is_overtaken and not measure.columns.isdisjoint(STATES),
            )
        )
    return records


def of_households(
    measure: Measure, place: Place, period: Period, *, counted: Counted | None = None
) -> list[Record]:
    """The household reports under `place` that say something for this measure, newest first."""
    reports = sources.reports_behind(place, period).filter(is_event=True)
    if counted is not None:
        reports = Report.objects.filter(
            pk__in=list(counted), is_event=True, path_as_filed__contains=[place.pk]
        )
    reports = list(reports.select_related("place").order_by("-as_of", "-pk"))
    filings = _filings([report.pk for report in reports], counted)
    records, seen = [], set()
    for report in reports:
        sent = filings.get(report.pk, [])
        said = _said(report, sent, counted)
        columns: dict[str, Any] = dict.fromkeys(COLUMNS, 0) | said
        for column, of in _ONCE.items():
            columns[column] = min(said[of], 1) if (report.place_id, column) not in seen else 0
            if columns[column]:
                seen.add((report.place_id, column))
        if any(said.get(_ONCE.get(column, column), 0) for column in measure.columns):
            records.append(
                Record(
                    report.place,
                    report.as_of,
                    figure(measure, [columns]),
                    report=report,
                    answered=_answered(measure, sent),
                    filings=sent,
                )
            )
    return records


def of_stock(measure: Measure, place: Place, period: Period) -> list[Record]:
    """The households under `place` as they are counted now."""
    rows = Summary.objects.filter(
        period=period, kind=Kind.HOUSEHOLD, place__in=sources.places_behind(place, period)
    )
    return [
        Record(row.place, row.computed_at.date(), figure(measure, [row]))
        for row in rows.select_related("place").order_by("place__code")
    ]


def _filings(reports: Sequence[int], counted: Counted | None) -> dict[int, list[Filing]]:
    """Sendings of each report, newest first; of a sheet up to the one that it counted."""
    by_report: dict[int, list[Filing]] = {}
    wanted = Filing.objects.filter(report__in=reports).select_related("by", "form_version")
    for sent in wanted.order_by("report", "-rev"):
        if counted is None or sent.rev <= counted.get(sent.report_id, 0):
            by_report.setdefault(sent.report_id, []).append(sent)
    return by_report


def _counts(each: Obligation, filings: Mapping[int, list[Filing]], counted: Counted | None) -> bool:
    if counted is None:
        return coverage.report_of(each) is not None
    return hasattr(each, "report") and bool(filings.get(each.report.pk))


def _of_obligation(
    each: Obligation,
    level: str,
    filings: Mapping[int, list[Filing]],
    counted: Counted | None,
) -> dict[str, int]:
    columns = dict.fromkeys(COLUMNS, 0) | {f"{level}_owed": 1}
    if not _counts(each, filings, counted):
        return columns | {f"{level}_excused": int(each.is_excused)}
    report = each.report
    sent = filings.get(report.pk, [])
    nil = report.nil if counted is None else sent[0].nil
    columns |= {f"{level}_filed": 1, f"{level}_on_time": int(report.on_time)}
    if level == "building":
        columns |= {"building_nil": int(nil), "building_looked": int(not nil)}
        said = _said(report, sent, counted)
        columns |= {column: said[column] for column in BUILDING_SAID}
    return columns


def _said(report: Report, sent: Sequence[Filing], counted: Counted | None) -> dict[str, int]:
    """What the report says, or what the sending said that a sheet counted."""
    if counted is None:
        return {column: getattr(report, column) for column in SAID}
    said = answers.said(sent[0].form_version.definition, sent[0].answers) if sent else {}
    return {column: said.get(column, 0) for column in SAID}


def _answered(measure: Measure, sent: Sequence[Filing]) -> list[tuple[str, str]]:
    """The questions that feed this measure, in the wording they were asked in."""
    if not sent or sent[0].nil or sent[0].withdraws:
        return []
    definition = sent[0].form_version.definition
    wanted = measure.columns | {_ONCE[column] for column in measure.columns if column in _ONCE}
    fields = [each for each in definition["fields"] if not wanted.isdisjoint(_feeds(each))]
    return answers.in_words({"fields": fields}, sent[0].answers)


def _feeds(question: Mapping[str, Any]) -> set[str]:
    fed = set(question.get("feeds", ()))
    for choice in question.get("choices", ()):
        fed |= set(choice.get("feeds", ()))
    return fed
