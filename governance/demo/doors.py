"""Household reports of past weeks: visits, confirmations, and people who come and go.

Whoever arrives at one door has left another in the same week, so the compound's stock stays what
its shape says.
"""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from reports import batch, calendar
from reports.catalogue import HOUSEHOLD_REPORT
from reports.filing import Sending
from reports.models import Filing, Period, ReportForm
from units.kinds import Kind
from units.models import Community, HouseholdCount, Place, Post, User

# Of a compound's doors, how many say something in a week: about 150 of 2,500.
SHARE = 0.06
CHANGES = (
    {"changes": ["help"], "help_kind": "groceries", "consent": "agreed", "urgency": "soon"},
    {"changes": ["facility"], "urgency": "later"},
    {"changes": ["hazard"], "urgency": "soon"},
    {"changes": ["suggestion"], "consent": "agreed", "urgency": "later"},
    {"changes": ["environment"], "urgency": "later"},
)


class Doors:
    """Files the household reports of one community, a day at a time."""

    def __init__(self, random: Random, community: Community) -> None:
        self._random = random
        self._form = ReportForm.objects.get(code=HOUSEHOLD_REPORT)
        self._doors = list(
            Place.objects.filter(community=community, kind=Kind.HOUSEHOLD)
            .select_related("community", "parent__parent__parent")
            .order_by("code")
        )
        self._here = dict(
            HouseholdCount.objects.filter(place__community=community).values_list(
                "place", "residents"
            )
        )
        self._seats: dict[int, list[User]] = {}
        posts = Post.objects.seats().filter(place__community=community).order_by("pk")
        for post in posts.select_related("user"):
            self._seats.setdefault(post.place_id, []).append(post.user)

    def past(self, period: Period) -> None:
        self._file(period, self._a_week())

    def present(self, period: Period, *, now: datetime) -> None:
        """Visits until now; nobody moves in a week of which only a part is told."""
        self._file(period, self._a_week(movers_in=0), until=now)

    def _file(
        self,
        period: Period,
        said: list[tuple[Place, dict[str, object]]],
        until: datetime | None = None,
    ) -> None:
        self._random.shuffle(said)
        for number in range(7):
            day = period.starts_on + timedelta(days=number)
            at = calendar.moment(day, 10) + timedelta(minutes=self._random.randrange(50))
            items = [self._item(door, answers) for door, answers in said[number::7]]
            if until is None or at <= until:
                batch.file_events(items, at=at)

    def _a_week(self, movers_in: int = 16) -> list[tuple[Place, dict[str, object]]]:
        """One in so many of those chosen moves out, another one in; with 0 nobody."""
        chosen = self._random.sample(self._doors, round(len(self._doors) * SHARE))
        movers = len(chosen) // movers_in if movers_in else 0
        said = [(door, self._answers()) for door in chosen[2 * movers :]]
        for new, old in zip(chosen[:movers], chosen[movers : 2 * movers], strict=True):
            persons = min(self._random.randint(1, 2), self._here[old.pk] - 1)
            if persons < 1:
                continue
            self._here[new.pk] += persons
            self._here[old.pk] -= persons
            moved = {"situation": "changed", "changes": ["people"], "urgency": "later"}
            said += [(new, moved | {"arrived": persons}), (old, moved | {"departed": persons})]
        return said

    def _answers(self) -> dict[str, object]:
        luck = self._random.random()
        if luck < 0.72:
            return {"situation": "same"}
        if luck < 0.86:
            return {"situation": "nobody"}
        return {"situation": "changed", **self._random.choice(CHANGES)}

    def _item(self, door: Place, answers: dict[str, object]) -> batch.Item:
        sending = Sending(
            id=UUID(int=self._random.getrandbits(128), version=4),
            by=self._random.choice(self._seats[door.parent.parent_id]),
            channel=Filing.Channel.API,
            answers=answers,
        )
        return batch.Item(door, self._form, sending)
