"""What building reports call broken and nobody has looked into yet: 「待确认的设施情况」.

Pulled whenever it is asked for, and stored nowhere: an item is there while the report that says it
stands and no decision about that sending does. So a report that is amended or withdrawn takes its
item along, and asking twice changes nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.profiles.models import DefectDecision, FacilityKind
from reports.catalogue import BUILDING_REPORT
from reports.models import Filing, Report
from units.models import Community, Place, User
from units.scope import Action

# What nobody looked into for half a year is to be seen in the reports, not done any more.
PULLED_FOR = timedelta(days=183)
LINES = 3
# A value of the report's 「什么坏了」 → what it would be on the list of facilities.
KINDS = {
    "light": FacilityKind.LIGHT,
    "door": FacilityKind.ENTRANCE,
    "pipe": FacilityKind.PIPE,
    "rail": FacilityKind.RAIL,
    "roof": FacilityKind.ROOF,
}


@dataclass(frozen=True)
class Item:
    """One kind of thing broken in one building, in the reports that say so, newest first."""

    place: Place
    kind: str
    label: str
    filings: list[Filing] = field(default_factory=list)
    # A report of a later week that does not say so.
    is_not_repeated: bool = False

    @property
    def newest(self) -> Filing:
        return self.filings[0]

    @property
    def note(self) -> str:
        return next((n for f in self.filings if (n := f.answers.get("note", ""))), "")

    @property
    def weeks(self) -> int:
        return len(self.filings)

    @property
    def is_amended(self) -> bool:
        return self.newest.rev > 1

    @property
    def key(self) -> str:
        """What was seen: the kind, and each report as it was: "light:12.1,9.2"."""
        return f"{self.kind}:" + ",".join(f"{f.report_id}.{f.rev}" for f in self.filings)

    @property
    def facility_kind(self) -> FacilityKind | None:
        return KINDS.get(self.kind)

    @property
    def line(self) -> str:
        """「47号楼组：楼道灯」"""
        return _("%(place)s：%(what)s") % {"place": self.place.name, "what": self.label}


@dataclass(frozen=True)
class Waiting:
    """How many wait, and the newest of them."""

    count: int
    newest: list[Item]


def waiting(user: User, community: Community, at: datetime) -> Waiting:
    """For the desk of the day: what of `community` waits for this person's confirmation."""
    items = pending(user, community, at=at)
    return Waiting(len(items), items[:LINES])


def pending(user: User, community: Community, *, at: datetime) -> list[Item]:
    """Newest first; in three queries however many there are."""
    reports = (
        Report.objects.standing()
        .visible_to(user, Action.KEEP_PROFILE)
        .filter(
            community=community,
            form__code=BUILDING_REPORT,
            facility_reported__gt=0,
            as_of__gte=timezone.localdate(at) - PULLED_FOR,
        )
    )
    filings = list(
        Filing.objects.filter(report__in=reports, rev=F("report__rev"))
        .select_related("report__place__parent", "report__obligation__period", "form_version")
        .order_by("-report__as_of", "-received_at")
    )
    if not filings:
        return []
    open_ = _without_decided(filings)
    silent = _silent_since(open_)
    key = lambda told: (told[0].report.place_id, told[1])  # noqa: E731
    items = [
        _item([filing for filing, _kind in told], kind, silent)
        for (_place, kind), told in groupby(sorted(open_, key=key), key=key)
    ]
    return sorted(items, key=lambda item: item.newest.received_at, reverse=True)


def kinds_of(filing: Filing) -> list[str]:
    """What one sending calls broken; "" when it says only that something is."""
    if filing.withdraws or filing.answers.get("facility") != "broken":
        return []
    return list(filing.answers.get("facility_kind") or [""])


def label_of(filing: Filing, kind: str) -> str:
    """In the words that it was asked in."""
    for each in filing.form_version.definition["fields"]:
        if each["name"] == "facility_kind":
            for choice in each["choices"]:
                if choice["value"] == kind:
                    return str(choice["label"])
    return kind or _("没有说是什么")


def _without_decided(filings: Iterable[Filing]) -> list[tuple[Filing, str]]:
    """Confirmed of a report is confirmed; what was set aside comes back when it is amended."""
    filings = list(filings)
    made = DefectDecision.objects.standing().filter(report__in=[f.report_id for f in filings])
    confirmed, settled = set(), set()
    for report, rev, kind, outcome in made.values_list("report", "rev", "kind", "outcome"):
        settled.add((report, rev, kind))
        if outcome == DefectDecision.Outcome.CONFIRMED:
            confirmed.add((report, kind))
    return [
        (filing, kind)
        for filing in filings
        for kind in kinds_of(filing)
        if (filing.report_id, kind) not in confirmed
        and (filing.report_id, filing.rev, kind) not in settled
    ]


def _silent_since(open_: Iterable[tuple[Filing, str]]) -> dict[int, Report]:
    """By building, its newest report: later ones than what waits have not said it again."""
    places = {filing.report.place_id for filing, _kind in open_}
    newest = (
        Report.objects.standing()
        .filter(place__in=places, form__code=BUILDING_REPORT)
        .order_by("place_id", "-as_of")
        .distinct("place_id")
    )
    return {report.place_id: report for report in newest}


def _item(filings: list[Filing], kind: str, newest: dict[int, Report]) -> Item:
    filings = sorted(filings, key=lambda each: each.report.as_of, reverse=True)
    last = filings[0].report
    later = newest[last.place_id]
    label = label_of(filings[0], kind)
    return Item(last.place, kind, label, filings, later.as_of > last.as_of)
