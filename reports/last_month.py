"""Community reports beside those of the month before, for who writes and for who reviews them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.db.models import F
from django.utils.translation import gettext as _

from reports import changes, disclosure, measures, sheets, written
from reports.changes import Change
from reports.measures import Figure
from reports.models import Filing, Obligation, Period, Report, Summary
from reports.queue import Item
from reports.sentences import Piece
from reports.sheets import Part
from units.models import Place


@dataclass(frozen=True)
class FigureChange:
    """One figure of this month beside the one before; None when there was none."""

    now: Figure
    before: Figure | None

    @property
    def is_changed(self) -> bool:
        """Only what can be compared: what is not known, or hidden, is no change."""
        if self.before is None or self.before.value is None or self.now.value is None:
            return False
        return self.before.value != self.now.value

    @property
    def words(self) -> str:
        """「多2处」, 「少1.6个百分点」; that there is nothing to compare when either is unknown."""
        if self.before is None or self.before.value is None or self.now.value is None:
            return _("没有可比")
        difference = self.now.value - self.before.value
        if not difference:
            return _("相同")
        unit = _("个百分点") if self.now.is_rate else str(self.now.measure.unit)
        template = _("多%(number)s%(unit)s") if difference > 0 else _("少%(number)s%(unit)s")
        return template % {"number": abs(difference), "unit": unit}


@dataclass(frozen=True)
class Compared:
    """A report with what differs from last month; both empty when there was no report then."""

    # None for a draft, which nobody has sent yet.
    item: Item | None
    figures: list[FigureChange] = field(default_factory=list)
    words: list[Change] = field(default_factory=list)
    has_before: bool = False
    # What is written, in the order of the form, with the figures that the reader sees.
    sections: list[tuple[str, list[Piece]]] = field(default_factory=list)


def compare(items: Sequence[Item]) -> list[Compared]:
    """In the same order; figures from the sheets submitted with, else from the summaries."""
    days = {
        each.report.pk: each.report.obligation.period.starts_on - timedelta(days=1)
        for each in items
    }
    before = {
        (filing.report.place_id, filing.report.as_of): filing
        for filing in Filing.objects.filter(
            report__in=Report.objects.standing().filter(
                place__in=[each.report.place_id for each in items],
                form__in={each.report.form_id for each in items},
                as_of__in=set(days.values()),
            ),
            rev=F("report__rev"),
        ).select_related("report", "form_version", "sheet")
    }
    ends = set(days.values()) | {each.report.as_of for each in items}
    rows = {
        (row.place_id, row.period.ends_on): row
        for row in Summary.objects.filter(
            place__in=[each.report.place_id for each in items],
            period__kind=Period.PeriodKind.MONTH,
            period__ends_on__in=ends,
        ).select_related("period")
    }
    return [
        _compare(item, before.get((item.report.place_id, days[item.report.pk])), rows, days)
        for item in items
    ]


def beside(obligation: Obligation, now: Mapping[str, Figure], *, is_above: bool) -> Compared:
    """These figures of a community's month beside those of the month before."""
    place, month = obligation.place, obligation.period
    day = month.starts_on - timedelta(days=1)
    before = (
        Filing.objects.filter(
            report__in=Report.objects.standing().filter(
                place=place, form_id=obligation.form_id, as_of=day
            ),
            rev=F("report__rev"),
        )
        .select_related("sheet")
        .first()
    )
    row = Summary.objects.filter(
        place=place, period__kind=Period.PeriodKind.MONTH, period__ends_on=day
    ).first()
    then = _told(place, before, row)
    if is_above and then:
        then = disclosure.screen([_part(place, then)])[0].figures
    figures = [FigureChange(figure, then.get(code)) for code, figure in now.items()]
    figures.sort(key=lambda each: not each.is_changed)
    return Compared(None, figures, has_before=bool(then))


def _compare(item: Item, before: Filing | None, rows: dict, days: dict) -> Compared:
    place, day = item.report.place, days[item.report.pk]
    now = _figures(place, item.filing, rows.get((place.pk, item.report.as_of)))
    then = _figures(place, before, rows.get((place.pk, day)))
    figures = [FigureChange(figure, then.get(code)) for code, figure in now.items()]
    return Compared(
        item,
        sorted(figures, key=lambda each: not each.is_changed),
        changes.between(before, item.filing) if before else [],
        before is not None or bool(then),
        written.sections_of(item.filing.form_version.definition, item.filing.answers, now),
    )


def _figures(place: Place, filing: Filing | None, row: Summary | None) -> Mapping[str, Figure]:
    """What the sheet says, screened for somebody above the community."""
    told = _told(place, filing, row)
    return disclosure.screen([_part(place, told)])[0].figures if told else {}


def _told(place: Place, filing: Filing | None, row: Summary | None) -> Mapping[str, Figure]:
    """Of the sheet it was submitted with, else of the summary; empty where there is neither."""
    if filing and filing.sheet:
        return sheets.parts_of(filing.sheet)[0].figures
    return {m.code: measures.figure(m, [row]) for m in measures.of_periods()} if row else {}


def _part(place: Place, told: Mapping[str, Figure]) -> Part:
    return Part(place.pk, place.code, place.name, place.kind, dict(told))
