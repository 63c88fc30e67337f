"""What one phone needs to work without a signal: own buildings, weeks, doors, forms, receipts.

No names of people and nothing about a household but its room and whether this quarter is confirmed.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from django.db.models import F, Q
from django.utils import timezone

from reports import calendar, coverage
from reports.catalogue import BUILDING_REPORT, HOUSEHOLD_REPORT, MATTER_REPORT
from reports.models import Decision, Filing, Obligation, ReportForm, Review, Summary
from reports.so_far import so_far
from units.kinds import Kind
from units.models import Place, User
from units.scope import Action

RECEIPTS_SHOWN = 30


def pack(user: User, *, at: datetime) -> dict[str, Any]:
    """JSON for `/api/pack/`; a constant number of queries however many buildings and doors."""
    buildings = list(
        Place.objects.visible_to(user, Action.FILE)
        .active()
        .filter(kind=Kind.BUILDING)
        .select_related("community")
        .order_by("code")
    )
    weeks = _weeks(buildings, at)
    doors = _doors(buildings, at)
    return {
        "uid": str(user.pk),
        "at": at.isoformat(),
        "today": timezone.localdate(at).isoformat(),
        "telephone": buildings[0].community.telephone if buildings else "",
        "buildings": [
            {
                "code": each.code,
                "name": each.name,
                "weeks": weeks.get(each.pk, []),
                "doors": doors.get(each.code, []),
            }
            for each in buildings
        ],
        "forms": {
            code: {"number": form.latest().number, "definition": form.latest().definition}
            for code, form in ReportForm.all_published().items()
            if code in (BUILDING_REPORT, HOUSEHOLD_REPORT, MATTER_REPORT)
        },
        "receipts": _receipts(user),
    }


def _weeks(buildings: list[Place], at: datetime) -> Mapping[int, list[dict[str, Any]]]:
    """Weeks that can still be filed or amended, newest first, with what was said last."""
    owed = list(
        Obligation.objects.open(at)
        .filter(place__in=buildings, form__code=BUILDING_REPORT)
        .with_report()
        .order_by("-period__starts_on")
    )
    reports = [each.report for each in owed if getattr(each, "report", None)]
    said = {
        filing.report_id: filing.answers
        for filing in Filing.objects.filter(report__in=reports, rev=F("report__rev"))
    }
    reasons = _reasons([report.pk for report in reports if report.review == Review.RETURNED])
    told = so_far(owed)
    weeks: dict[int, list[dict[str, Any]]] = {}
    for each in owed:
        standing = coverage.standing(each, at=at)
        report = getattr(each, "report", None)
        weeks.setdefault(each.place_id, []).append(
            {
                "key": each.period.key,
                "label": each.period.label,
                "is_present": each.period.ends_on >= timezone.localdate(at),
                "is_filed": standing.report is not None,
                "word": standing.label,
                "glyph": standing.glyph,
                "rev": report.rev if report else 0,
                "so_far": told[each.pk],
                "answers": said.get(report.pk, {}) if report else {},
                "returned": reasons.get(report.pk, "") if report else "",
            }
        )
    return weeks


def _reasons(reports: list[int]) -> dict[int, str]:
    returned = Decision.objects.filter(report__in=reports, what=Decision.What.RETURNED)
    return dict(returned.order_by("pk").values_list("report", "reason"))


def _doors(buildings: list[Place], at: datetime) -> Mapping[str, list[dict[str, Any]]]:
    """Rooms by the code of their building, floor by floor; whether this quarter is confirmed."""
    if not buildings:
        return {}
    below = Q(pk__in=[])
    for each in buildings:
        below |= Q(tree_id=each.tree_id, lft__gt=each.lft, rght__lt=each.rght)
    homes = list(
        Place.objects.active()
        .filter(below, kind=Kind.HOUSEHOLD)
        .select_related("parent__parent")
        .order_by("code")
    )
    quarter = calendar.quarter_of(timezone.localdate(at))
    confirmed = set(
        Summary.objects.filter(period=quarter, place__in=homes, confirmed__gt=0).values_list(
            "place", flat=True
        )
    )
    doors: dict[str, list[dict[str, Any]]] = {}
    for home in homes:
        if home.parent and home.parent.parent:
            doors.setdefault(home.parent.parent.code, []).append(
                {
                    "code": home.code,
                    "name": home.name,
                    "floor": home.parent.name,
                    "is_confirmed": home.pk in confirmed,
                }
            )
    return doors


def _receipts(user: User) -> list[dict[str, Any]]:
    """What this person sent last, so that a receipt on the phone can be checked."""
    sent: Iterable[Filing] = (
        Filing.objects.filter(by=user)
        .select_related("report__place__parent__parent", "report__obligation__period")
        .order_by("-received_at")[:RECEIPTS_SHOWN]
    )
    return [
        {
            "id": str(each.pk),
            "receipt": each.receipt,
            "what": each.what,
            "where": _where(each.report.place),
            "period": each.report.obligation.period.label if each.report.obligation else "",
            "at": timezone.localtime(each.received_at).strftime("%m-%d %H:%M"),
            "state": each.report.review if each.rev == each.report.rev else "",
        }
        for each in sent
    ]


def _where(place: Place) -> str:
    if place.kind == Kind.HOUSEHOLD and place.parent and place.parent.parent:
        return f"{place.parent.parent.name} {place.name}"
    return place.name
