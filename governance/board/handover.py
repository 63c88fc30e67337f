"""The hand-over card of a building: what somebody who begins today has to know, on one page.

No names of residents, no words about a person: who sits in the group, what is open, whom to call.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q

from governance.voices.models import Voice
from reports import coverage, decisions, queue, replies
from reports.coverage import Standing
from reports.models import Obligation, Report
from units import groups
from units.kinds import Kind
from units.models import Place

WEEKS, ITEMS = 6, 4
_RECENT = timedelta(days=30)


def card(place: Place, *, at: datetime) -> dict[str, Any]:
    """What the card of a building says at `at`."""
    in_use = (
        Place.objects.active()
        .under(place)
        .aggregate(
            floors=Count("pk", filter=Q(kind=Kind.FLOOR)),
            households=Count("pk", filter=Q(kind=Kind.HOUSEHOLD)),
        )
    )
    weeks = _weeks(place, at)
    voices = Voice.objects.unclosed().filter(place=place, shown_to_group=True)
    told = replies.about(place).filter(report__place=place, at__gte=at - _RECENT).order_by("-at")
    return {
        "place": place,
        "community": place.community,
        "above": place.parent,
        **in_use,
        "seats": groups.seats_of(place, at=at),
        "weeks": weeks,
        "to_file": [each for each in weeks if each.can_be_filed],
        "returned": _returned(weeks),
        "unsolved": _unsolved(place, at),
        "voices": list(voices[:ITEMS]),
        "more_voices": max(voices.count() - ITEMS, 0),
        "replies": list(told[:ITEMS]),
        "made_at": at,
    }


def _weeks(place: Place, at: datetime) -> list[Standing]:
    owed = Obligation.objects.filter(place=place, opens_at__lte=at).with_report()
    newest = owed.order_by("-period__starts_on")[:WEEKS]
    return [coverage.standing(each, at=at) for each in newest]


def _returned(weeks: list[Standing]) -> list[tuple[Standing, str]]:
    """Sent back and not corrected, with the committee's reason."""
    back = [each for each in weeks if each.state == coverage.State.RETURNED]
    reasons = decisions.return_reasons([each.report for each in back if each.report])
    return [
        (each, reasons[each.report.pk].reason)
        for each in back
        if each.report and each.report.pk in reasons
    ]


def _unsolved(place: Place, at: datetime) -> dict[str, Any]:
    """What the last building report says that still asks somebody to do something."""
    last = (
        Report.objects.standing()
        .filter(place=place, is_event=False)
        .select_related("place", "obligation__period", "form")
        .order_by("-as_of")
        .first()
    )
    if last is None:
        return {"period": None, "words": []}
    item = queue.items([last], at=at, with_seats=False)[0]
    words = [(label, answer) for label, answer, asks in item.words if asks]
    return {"period": last.obligation.period, "words": words}
