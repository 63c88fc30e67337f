"""Many new events in one transaction: a floor or a building in one request.

A phone that comes back after hours sends what it has at once. Each item is accepted or refused on
its own. New events go in by one statement however many they are; whatever is not simply new (an
amendment, a repeat of a UUID, a race) takes the single path of `filing.py`.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from reports import filing
from reports.models import Obligation, Report, ReportForm
from reports.sending import (
    Prepared,
    Receipt,
    Sending,
    event,
    prepare,
    refuse_a_day_that_cannot_be,
    refuse_an_old_wording,
)
from reports.storing import store_new
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
    fresh: dict[int, Prepared] = {}
    for number, item in enumerate(items):
        if item.is_new_event:
            with suppress(Refusal):  # the single path says what is wrong
                fresh[number] = _prepare(item, at)
    stored = dict(zip(fresh, store_new(list(fresh.values()), at=at), strict=True))
    return [stored.get(number) or _one(item, at) for number, item in enumerate(items)]


def _prepare(item: Item, at: datetime) -> Prepared:
    subject = event(item.place, item.form, item.sending, at)
    refuse_a_day_that_cannot_be(subject, at)
    prepared = prepare(subject, item.sending, at=at)
    refuse_an_old_wording(prepared.version, item.sending, at)
    return prepared


def _one(item: Item, at: datetime) -> Outcome:
    try:
        if item.obligation:
            return filing.file(item.obligation, item.sending, at=at)
        return filing.file_event(item.place, item.form, item.sending, at=at, report=item.report)
    except Refusal as refusal:
        return refusal
