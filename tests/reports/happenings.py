"""Whatever may happen in a small community, as chains of steps that do not depend on each other.

The steps of a chain keep their order (the sendings of one report, the moves of one building);
between chains any order is possible, and must come to the same.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random
from typing import Any

from hypothesis import strategies as st

from reports.models import Period, Report
from tests import factories as f
from tests.reports.counting import answers, file, tell
from units import tree
from units.models import Community, Place, User

Step = Callable[[], None]

# Days at the edges of weeks, months and quarters, and a day of two weeks in one month.
DAYS = [date(2026, 11, 10), date(2026, 11, 4), date(2026, 11, 1), date(2026, 10, 31)]
DAYS += [date(2026, 10, 1), date(2026, 9, 30)]
_days, _few = st.sampled_from(DAYS), st.integers(0, 3)

_people = st.fixed_dictionaries(
    {"situation": st.just("changed"), "changes": st.just(["people"]), "arrived": st.integers(1, 4)},
    optional={"departed": st.integers(0, 6), "head_count": st.integers(0, 5)},
)
_other = st.sampled_from(
    [
        {"situation": "same"},
        {"situation": "nobody"},
        {"situation": "same", "source": "call"},
        {"situation": "changed", "changes": ["hazard"], "urgency": "now"},
    ]
)
said_of_household = st.one_of(_people, _people, _other)
# None withdraws. An event that is amended may get another day.
_event = st.lists(st.none() | st.tuples(_days, said_of_household), min_size=1, max_size=4)
_weekly = st.lists(st.none() | st.just({}) | answers, min_size=1, max_size=3)

plans = st.fixed_dictionaries(
    {
        "shape": st.sampled_from([(1,), (2, 1), (1, 0, 2)]),
        "weekly": st.dictionaries(st.tuples(_few, st.integers(0, 1)), _weekly, max_size=5),
        "events": st.lists(st.tuples(_few, _event), max_size=6),
        "counts": st.dictionaries(st.tuples(_few, _days), st.integers(0, 5), max_size=4),
        "building_moves": st.dictionaries(_few, st.lists(_few, min_size=1, max_size=3), max_size=2),
        "floor_moves": st.dictionaries(_few, st.lists(_few, min_size=1, max_size=2), max_size=2),
        "closed": st.sets(_few, max_size=1),
    }
)


_family = {"situation": "changed", "changes": ["people"], "arrived": 1, "departed": 3}
# One of everything that is rare by chance: a state that lasts two weeks and one put right in the
# second, two corrections of a day, a day amended from one quarter to the next, less than nobody.
EVENTFUL = {
    "shape": (2, 1),
    "weekly": {
        (0, 0): [{"corridor": "uncleared"}],
        (0, 1): [{"dispute": "mediated"}, {}, {"corridor": "uncleared"}],
        (1, 0): [{"corridor": "uncleared"}, None, {"corridor": "uncleared"}],
        (1, 1): [{"corridor": "none", "dispute": "committee"}],
    },
    "events": [
        (0, [(day, _family) for day in DAYS]),
        (1, [(DAYS[0], _family | {"head_count": 4})]),
        (1, [(DAYS[0], _family | {"head_count": 2})]),
        (2, [(DAYS[0], _family), None, (DAYS[1], _family)]),
    ],
    "counts": {(0, DAYS[-1]): 3, (1, DAYS[0]): 5, (2, DAYS[-1]): 1},
    "building_moves": {0: [1], 1: [1, 0]},
    "floor_moves": {2: [0]},
    "closed": {3},
}


@dataclass
class World:
    """A community with two weeks opened, every building with one floor of two doors."""

    plan: dict[str, Any]
    community: Community = field(init=False)
    weeks: list[Period] = field(init=False)
    user: User = field(init=False)

    def __post_init__(self) -> None:
        self.community = f.compound(self.plan["shape"], doors=2)
        self.weeks = [f.open_week(f.WEDNESDAY - timedelta(weeks=1)), f.open_week()]
        self.user = f.person()
        f.household_form()

    def places(self, kind: int) -> list[Place]:
        return list(Place.objects.filter(community=self.community, kind=kind).order_by("code"))

    def chains(self) -> list[list[Step]]:
        blocks, buildings, floors, homes = (self.places(kind) for kind in (1, 2, 3, 4))

        def one_of(places: list[Place], index: int) -> int:
            return index % len(places)

        plan, chains = self.plan, []
        weekly = {(one_of(buildings, b), w): steps for (b, w), steps in plan["weekly"].items()}
        for (b, w), steps in weekly.items():
            chains.append(self.weekly(buildings[b], self.weeks[w], steps))
        for number, (h, steps) in enumerate(plan["events"]):
            chains.append(self.event(homes[one_of(homes, h)], number, steps))
        counts = {(one_of(homes, h), day): n for (h, day), n in plan["counts"].items()}
        for (h, day), n in counts.items():
            chains.append([lambda h=h, day=day, n=n: f.census_of(homes[h], n, on=day)])
        for moves, what, targets in (
            (plan["building_moves"], buildings, blocks),
            (plan["floor_moves"], floors, buildings),
        ):
            for index, to in {one_of(what, i): to for i, to in moves.items()}.items():
                way = [targets[one_of(targets, t)].pk for t in to]
                chains.append([self.move(what[index].pk, target) for target in way])
        closed = [homes[one_of(homes, h)].pk for h in plan["closed"]]
        return [*chains, *([self.closing(pk)] for pk in closed)]

    def weekly(self, place: Place, week: Period, steps: list) -> list[Step]:
        def send(step: dict | None) -> None:
            if step is not None:
                file(place, week, self.user, **({"answers": step} if step else {}))
            elif Report.objects.standing().filter(obligation=f.owed(place, week)).exists():
                file(place, week, self.user, withdraws=True)

        return [lambda step=step: send(step) for step in steps]

    def event(self, home: Place, number: int, steps: list) -> list[Step]:
        reports: list[Report] = []

        def send(n: int, step: tuple | None) -> None:
            # The phone's clock: another one for each sending, and not the order of arrival.
            made_at = f.WEDNESDAY - timedelta(minutes=10 * number + n + 1)
            facts: dict[str, Any] = {"user": self.user, "made_at": made_at}
            if reports:
                facts["amends"] = Report.objects.get(pk=reports[0].pk)
            if step:
                day, said = step
                reports.append(tell(home, happened_on=day, answers=said, **facts).report)
            elif reports and facts["amends"].stands:
                tell(home, withdraws=True, **facts)

        return [lambda n=n, step=step: send(n, step) for n, step in enumerate(steps)]

    @staticmethod
    def closing(place: int) -> Step:
        return lambda: tree.close(place, at=f.WEDNESDAY)

    @staticmethod
    def move(place: int, target: int) -> Step:
        return lambda: tree.move(place, to_parent_id=target, at=f.WEDNESDAY)

    def happen(self, chance: Random, *, drains: float = 0.2) -> None:
        """All steps in an order of chance, with drains between them and at the end."""
        chains = [chain for chain in self.chains() if chain]
        while chains:
            chain = chance.choice(chains)
            chain.pop(0)()
            chains = [each for each in chains if each]
            if chance.random() < drains:
                f.drain(self.community)
        f.drain(self.community)
