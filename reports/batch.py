"""Many new events in one transaction: a floor or a building in one request.

A phone that comes back after hours sends what it has at once. Each item is accepted or refused on
its own. New events go in by a handful of statements however many they are; whatever is not simply
new (an amendment, a repeat of a UUID, a race) takes the single path of `filing.py`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from reports import bell, calendar, filing
from reports.filing import Receipt, Sending, Subject
from reports.models import Filing, Mark, Obligation, Report, ReportForm
from units.models import Place
from units.refusals import Refusal


@dataclass(frozen=True)
class Item:
    """One sending: about an event at a place, or for an obligation.

    `report` is the event report that it follows.
    """

    place: Place
    form: ReportForm
    sending: Sending
    report: Report | None = None
    obligation: Obligation | None = None

    @property
    def is_new_event(self) -> bool:
        is_first = self.report is None and self.sending.base_rev == 0
        return self.obligation is None and is_first and not self.sending.withdraws


Outcome = Receipt | Refusal


def file_events(items: Sequence[Item], *, at: datetime) -> list[Outcome]:
    """A receipt or a refusal for each item, in order. Safe to repeat as a whole."""
    ids = [item.sending.id for item in items]
    known = set(Filing.objects.filter(pk__in=ids).values_list("pk", flat=True))
    outcomes: dict[int, Outcome] = {}
    fresh: list[tuple[int, filing.Prepared]] = []
    for number, item in enumerate(items):
        is_repeated = item.sending.id in known or ids.index(item.sending.id) != number
        if is_repeated or not item.is_new_event:
            continue
        try:
            fresh.append((number, filing.prepare_event(item.place, item.form, item.sending, at)))
        except Refusal as refusal:
            outcomes[number] = refusal
    try:
        receipts = _store([prepared for _number, prepared in fresh], at)
    except IntegrityError:
        # Somebody sent one of these at the same moment: one by one, each finds its own answer.
        receipts = []
    outcomes |= {number: r for (number, _prepared), r in zip(fresh, receipts, strict=False)}
    return [outcomes.get(number) or _one(item, at) for number, item in enumerate(items)]


def _one(item: Item, at: datetime) -> Outcome:
    try:
        if item.obligation:
            return filing.file(item.obligation, item.sending, at=at)
        return filing.file_event(item.place, item.form, item.sending, at=at, report=item.report)
    except Refusal as refusal:
        return refusal


@transaction.atomic
def _store(prepared: Sequence[filing.Prepared], at: datetime) -> list[Receipt]:
    """Reports, filings and marks of new events, three statements for all of them."""
    reports = Report.objects.bulk_create([each.report(at) for each in prepared])
    filings = Filing.objects.bulk_create(
        each.filing(report, at) for each, report in zip(prepared, reports, strict=True)
    )
    _mark([each.subject for each in prepared])
    return [Receipt(sent, report) for sent, report in zip(filings, reports, strict=True)]


def _mark(subjects: Sequence[Subject]) -> None:
    """One mark a place and period, however many items touch it."""
    now = calendar.now_period().pk
    of_day = {
        day: [period.pk for period in calendar.periods_holding(day)]
        for day in {subject.as_of for subject in subjects}
    }
    touched = {
        (subject.place.community_id, subject.place.pk, period)
        for subject in subjects
        for period in [*of_day[subject.as_of], now]
    }
    Mark.objects.bulk_create(
        Mark(community_id=community, place_id=place, period_id=period)
        for community, place, period in sorted(touched)
    )
    bell.ring_on_commit({subject.place.community_id for subject in subjects})
