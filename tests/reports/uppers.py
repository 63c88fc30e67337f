"""Block and community reports in one line, a day after their week."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from reports import filing, obligations
from reports.catalogue import publish_all
from reports.models import Filing, Obligation, Period, Report, Summary
from tests import factories as f
from tests.reports.counting import file
from units.models import Community, Place, User

# The Monday after the week of `factories.WEDNESDAY`: block reports are open, nothing is locked.
MONDAY = f.WEDNESDAY + timedelta(days=5)
DECEMBER_2 = f.WEDNESDAY + timedelta(days=21)
JUDGED = {
    "derived_ok": "right",
    "top_issues": ["corridor"],
    "action_taken": "doing",
    "assessment": "calm",
    "support_needed": "none",
}
WRITTEN = {
    "overview": "常住人口{常住人口}人。",
    "coverage": "收到{报告覆盖率}。",
    "hazards": "楼道堆物待清{楼道堆物待清}处。",
    "households": "走访{走访户次}户次。",
    "neighbours": "邻里纠纷{邻里纠纷}处。",
}


@dataclass
class Upper:
    """One community with its week and month opened; buildings are numbered through it."""

    community: Community
    week: Period
    month: Period
    by: User = field(default_factory=f.person)

    def owed(self, place: Place) -> Obligation:
        return f.owed(place, self.week if place.kind else self.month)

    def told(self, number: int, at: datetime = f.WEDNESDAY, **facts: Any) -> filing.Receipt:
        """A building's next sending, drained."""
        receipt = file(f.building(self.community, number), self.week, at=at, **facts)
        f.drain(self.community, at)
        return receipt

    def submit(
        self, place: Place, at: datetime | None = None, may_amend_locked: bool = False, **facts: Any
    ) -> filing.Receipt:
        """The next sending of a block or the community, on top of whatever stands."""
        owed = self.owed(place)
        rev = getattr(Report.objects.filter(obligation=owed).first(), "rev", 0)
        answers = JUDGED if place.kind else WRITTEN
        withdraws = facts.get("withdraws", False)
        sending = filing.Sending(
            id=facts.pop("id", None) or uuid4(),
            by=facts.pop("by", self.by),
            channel=Filing.Channel.PAGE,
            base_rev=facts.pop("base_rev", rev),
            answers={} if withdraws else answers | facts.pop("answers", {}),
            **facts,
        )
        at = at or (MONDAY if place.kind else DECEMBER_2)
        receipt = filing.file(owed, sending, at=at, may_amend_locked=may_amend_locked)
        f.drain(self.community, at)
        return receipt

    def row(self, place: Place, period: Period | None = None) -> Summary:
        return Summary.objects.get(place=place, period=period or self.week)


def opened(shape=(2, 1), **rhythm: str) -> Upper:
    """Forms published, the week of `factories.WEDNESDAY` and its month opened."""
    community = f.compound(shape)
    if rhythm:
        community.rhythm |= rhythm
        community.save(update_fields=["rhythm"])
    publish_all(at=f.WEDNESDAY)
    week = f.open_week()
    month = obligations.open_month(at=f.WEDNESDAY)
    f.drain(community)
    return Upper(community, week, month)
