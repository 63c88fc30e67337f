"""What the level above sees and may do on the page of one report."""

from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from django.urls import reverse

from reports import changes, reasons
from reports.coverage import Standing
from reports.models import Filing
from units import scope
from units.kinds import Kind
from units.models import Place, User
from units.scope import Action

# For how many days a report may be opened again.
UNLOCK_DAYS = (1, 3, 7)


def of(user: User, standing: Standing, filings: Sequence[Filing]) -> dict[str, Any]:
    """`filings` newest first. Who filed any of them does not accept."""
    obligation, report = standing.obligation, standing.report
    place = obligation.place
    excuse = scope.reach(user, Action.EXCUSE)
    from_above = excuse.holds(place) and excuse.holds_above(place)
    page: dict[str, Any] = {
        # Both may be undone while the period is open, whatever has come in.
        "may_excuse": from_above and not standing.is_locked,
        "may_unlock": standing.is_locked and scope.reach(user, Action.AMEND_LOCKED).holds(place),
        "unlock_days": UNLOCK_DAYS,
    }
    if report is None:
        return page
    accepted = next((each for each in filings if each.rev == report.accepted_rev), None)
    page |= {
        "decisions": list(report.decisions.select_related("by")),
        "changes": changes.between(accepted, filings[0]) if accepted else [],
    }
    if scope.reach(user, Action.REVIEW).holds_above(place):
        page |= {
            "may_review": True,
            "is_own": any(each.by_id == user.pk for each in filings),
            "key": f"{report.pk}.{report.rev}.{report.review}",
            "batch": uuid4(),
            "canned": reasons.CANNED,
            **_doors(place),
        }
    return page


def _doors(place: Place) -> dict[str, str]:
    """Where the buttons lead: the desk of the level above."""
    if place.kind == Kind.COMMUNITY:
        return {
            "acceptance": reverse("street-acceptance", args=[place.community.division_id]),
            "returning": reverse("street-returning", args=[place.community.division_id]),
        }
    return {
        "acceptance": reverse("review-acceptance", args=[place.community.code]),
        "returning": reverse("review-returning", args=[place.community.code]),
    }
