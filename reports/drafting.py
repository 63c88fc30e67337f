"""The draft of a block's or community's report: figures, gaps and first words, all from below.

Nothing of it is stored: it is drawn up again whenever it is looked at, so a late correction is in
it until the report is submitted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils.translation import gettext as _

from reports import coverage, measures, sheets, sources
from reports.catalogue import BLOCK_REPORT
from reports.coverage import Standing
from reports.measures import Figure
from reports.models import Filing, Obligation, Period, Sheet
from reports.sheets import Part
from units import groups
from units.groups import Seat
from units.models import Place

MOST_ISSUES = 3
# Issues of the block report and the measure that suggests each.
SUGGESTED_BY = {
    "corridor": measures.CORRIDOR,
    "ebike": measures.EBIKE,
    "dispute": measures.DISPUTES,
    "facility": measures.FACILITY,
    "stock": measures.STOCK,
    "coverage": measures.MISSING,
}


@dataclass(frozen=True)
class Gap:
    """A place below with reports that have not come in; none of them holds up what is above."""

    place: Place
    standings: Sequence[Standing]
    seats: Sequence[Seat]

    @property
    def newest(self) -> Standing:
        """The one that can be helped with first."""
        return self.standings[-1]


@dataclass(frozen=True)
class Draft:
    """`parts` are the place itself, then the places below it."""

    obligation: Obligation
    sheet: Sheet
    parts: Sequence[Part]
    told: Sequence[Filing]

    @property
    def seen(self) -> str:
        return sheets.version(self.sheet)

    @property
    def suggested(self) -> list[str]:
        return suggested(self.parts[0].figures)

    def first_answers(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """What a form that nobody has filled in yet says."""
        if self.obligation.form.code == BLOCK_REPORT:
            return {"top_issues": self.suggested[:MOST_ISSUES]}
        drafted = {f["name"]: f["draft"] for f in definition["fields"] if "draft" in f}
        return drafted | _from_blocks(self.told)

    def with_counts(self, definition: Mapping[str, Any]) -> dict[str, Any]:
        """The definition with suggested issues first, each with its figure: 「楼道堆物（7处）」."""
        order = self.suggested
        figures = self.parts[0].figures

        def shown(choice: Mapping[str, Any]) -> Mapping[str, Any]:
            if choice["value"] not in order:
                return choice
            figure = figures[SUGGESTED_BY[choice["value"]].code]
            return {**choice, "label": f"{choice['label']}（{figure.text}{figure.measure.unit}）"}

        fields = []
        for field in definition["fields"]:
            if field["name"] == "top_issues":
                choices = sorted(
                    field["choices"],
                    key=lambda c: order.index(c["value"]) if c["value"] in order else len(order),
                )
                field = {**field, "choices": [shown(choice) for choice in choices]}
            fields.append(field)
        return {**definition, "fields": fields}


def suggested(figures: Mapping[str, Figure]) -> list[str]:
    """Issues that a place's figures point to, the most frequent first."""
    counts = {
        issue: figure.numerator
        for issue, measure in SUGGESTED_BY.items()
        if (figure := figures.get(measure.code))
    }
    return sorted((i for i in counts if counts[i] > 0), key=lambda issue: -counts[issue])


def draft(obligation: Obligation, *, at: datetime) -> Draft:
    """The figures of this moment, and what the reports directly below say in words."""
    place, period = obligation.place, obligation.period
    sheet = sheets.draw_up(place, period, at=at)
    return Draft(obligation, sheet, sheets.parts_of(sheet), _told_below(place, period))


def gaps(place: Place, period: Period, *, at: datetime) -> list[Gap]:
    """Places below whose reports for `period` or a part of it are missing, by code."""
    owed = (
        Obligation.objects.filter(
            place__in=sources.places_behind(place, period),
            period__ends_on__range=(period.starts_on, period.ends_on),
            opens_at__lte=at,
        )
        .exclude(place=place)
        .filter(Q(report=None) | Q(report__rev=0) | Q(report__withdrawn=True))
        .with_report()
        .select_related("place")
        .order_by("place__kind", "place__code", "period__starts_on")
    )
    by_place: dict[Place, list[Standing]] = {}
    for each in owed:
        by_place.setdefault(each.place, []).append(coverage.standing(each, at=at))
    seats = {group.place: group.seats for group in groups.groups_of(by_place, at=at)}
    return [Gap(below, standings, seats[below]) for below, standings in by_place.items()]


def _told_below(place: Place, period: Period) -> list[Filing]:
    """The last sendings of the reports of blocks in it, with their wording."""
    return list(
        Filing.objects.filter(
            report__form__code=BLOCK_REPORT,
            report__place__in=[row.place_id for row in sources.parts_of(place, period)],
            report__as_of__range=(period.starts_on, period.ends_on),
            report__withdrawn=False,
            rev=F("report__rev"),
        ).select_related("form_version")
    )


def _from_blocks(told: Sequence[Filing]) -> dict[str, str]:
    """What most blocks name, in words: how many do is no figure of the catalogue."""
    if not told:
        return {}
    problems = _named(told, "top_issues")
    support = _named(told, "support_needed")
    return {
        "problems": _("各片区提得多的问题：%s。") % "、".join(problems)
        if problems
        else _("各片区没有提出突出问题。"),
        "support": _("各片区需要的支持：%s。") % "、".join(support)
        if support
        else _("暂不需要支持。"),
    }


def _named(told: Sequence[Filing], name: str) -> list[str]:
    counts: Counter[str] = Counter()
    for filing in told:
        chosen = filing.answers.get(name, [])
        values = chosen if isinstance(chosen, list) else [chosen]
        for field in filing.form_version.definition["fields"]:
            if field["name"] == name:
                labels = {c["value"]: c["label"] for c in field["choices"]}
                counts.update(labels[v] for v in values if v != "none" and v in labels)
    return [label for label, _count in counts.most_common(MOST_ISSUES)]
