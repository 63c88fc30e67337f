"""What the people of one group do in a week, drawn from a seed. No clock, network or database."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import count
from random import Random
from typing import Any

from governance.rehearsal.answers import answered, identity_number
from governance.rehearsal.steps import Group, Item, Manner, Step

STALE = "stale already_filed"


Chain = list[Step]


def week_of(group: Group, *, seed: int, days: Sequence[date]) -> list[Step]:
    """The steps of one group on these days; the same seed, group and days give the same steps."""
    random = Random(f"{seed} {group.code}")  # noqa: S311 (reproducible, not secret)
    return _merged(list(_Week(group, random, days).chains()), random)


def _merged(chains: list[Chain], random: Random) -> list[Step]:
    """All chains mixed, each in its own order."""
    turns = [chain for chain in chains for _step in chain]
    random.shuffle(turns)
    at = {id(chain): iter(chain) for chain in chains}
    return [next(at[id(chain)]) for chain in turns]


class _Week:
    def __init__(self, group: Group, random: Random, days: Sequence[date]) -> None:
        self.group, self.random, self.days = group, random, days
        self.numbers = count()
        doors = list(group.doors)
        random.shuffle(doors)
        # These are touched by nothing else, so that a new version is this sending's alone.
        share = len(doors) // 6
        self.watched, self.doors = doors[:share], doors[share:]

    def chains(self) -> Iterator[Chain]:
        yield [self._round()]
        yield from ([self._visit(door)] for door in self.watched)
        for door in self._some(len(self.doors) // 2):
            yield self._event(door)
        for number, period in enumerate(self.group.periods):
            if number == 0 or self._chance(0.3):
                yield self._building(period)
        yield from self._wrong()
        if self._chance(0.6):
            yield [self._comes_back()]

    def _round(self) -> Step:
        """Every door of the building in one request: mostly 无变化, now and then 没人在家."""
        items = tuple(
            self._item(
                door, situation="nobody" if self._chance(0.12) else "same", hours_ago=self._hours(2)
            )
            for door in self.doors
        )
        return Step(items, self._manner())

    def _visit(self, door: str) -> Step:
        return Step((self._item(door, situation="same", source="visit", is_watched=True),))

    def _event(self, door: str) -> Chain:
        """A change at a door; then perhaps corrected, corrected by a second seat, withdrawn."""
        first = self._item(door, **self._change(), hours_ago=self._hours(1))
        chain = [Step((first,), self._manner())]
        if self._chance(0.3):
            moved = self.random.choice(self.days) if self._chance(0.3) else None
            better = self._item(door, **self._change(), on=moved, follows=first.number)
            chain.append(Step((better,), self._manner(), seat=self._seat()))
        if self._chance(0.2):
            late = self._item(
                door, **self._change(), follows=first.number, is_stale=True, expects=STALE
            )
            chain.append(Step((late,), seat=1))
        if self._chance(0.15):
            gone = Item(next(self.numbers), door, withdraws=True, follows=first.number)
            chain.append(Step((gone,), self._manner()))
        return chain

    def _building(self, period: str) -> Chain:
        chain = [Step((self._weekly(period),), self._manner())]
        if self._chance(0.35):
            chain.append(Step((self._weekly(period),), self._manner(), seat=self._seat()))
        if self._chance(0.3):
            late = self._weekly(period, is_stale=True, expects=STALE)
            chain.append(Step((late,), seat=1))
        if self._chance(0.15):
            gone = Item(next(self.numbers), self.group.code, period=period, withdraws=True)
            chain += [Step((gone,)), Step((self._weekly(period),))]
        return chain

    def _weekly(self, period: str, **facts: Any) -> Item:
        nil = self._chance(0.5)
        answers = {} if nil else answered("building_report", self.random)
        return Item(next(self.numbers), self.group.code, answers, period=period, nil=nil, **facts)

    def _wrong(self) -> Iterator[Chain]:
        """What has to be refused, and nothing of it stored."""
        door = self.random.choice(self.doors)
        if self._chance(0.3):
            note = f"身份证{identity_number(self.random)}"
            yield [self._refused(door, "identity_number", situation="same", note=note)]
        if self._chance(0.2):
            nothing: dict[str, Any] = {"situation": "changed", "changes": ["people"]}
            yield [self._refused(door, "needs_one_of", **nothing)]
        if self._chance(0.2) and self.group.stranger:
            yield [self._refused(self.group.stranger, "not_found", situation="same")]
        if self._chance(0.2):
            right = self._item(door, situation="same", source="call")
            other = self._refused(
                door, "same_id_other_body", situation="nobody", borrows=right.number
            )
            yield [Step((right,)), other]

    def _comes_back(self) -> Step:
        """A phone that was out of reach for hours sends all it kept, in one request."""
        hours = self._hours(12) + 3
        items = [
            self._item(
                door,
                **self._change(),
                on=self.random.choice(self.days[:-1] or self.days),
                hours_ago=hours - n / 2,
            )
            for n, door in enumerate(self._some(5))
        ]
        if self._chance(0.4):
            first = items[0]
            items.append(self._item(first.place, **self._change(), follows=first.number))
        return Step(tuple(items), self._manner(), kept=self.random.uniform(2, 8))

    def _refused(self, door: str, code: str, **facts: Any) -> Step:
        return Step((self._item(door, **facts, expects=code),))

    def _item(self, door: str, *, on: date | None = None, **facts: Any) -> Item:
        """An event; facts that are not the envelope's are given answers."""
        envelope = {
            name: facts.pop(name) for name in list(facts) if name in Item.__dataclass_fields__
        }
        if on is None and "follows" not in envelope:
            on = self.random.choice(self.days)
        answers = answered("household_report", self.random, facts)
        return Item(next(self.numbers), door, answers, happened_on=on, **envelope)

    def _change(self) -> dict[str, Any]:
        """What has changed at a door."""
        what = self.random.choices(
            ("people", "help", "hazard", "suggestion", "facility"), (50, 20, 10, 10, 10)
        )[0]
        facts: dict[str, Any] = {"situation": "changed", "changes": [what]}
        if what == "people":
            name, most = self.random.choice((("arrived", 3), ("departed", 2), ("head_count", 6)))
            facts[name] = self.random.randint(0 if name == "head_count" else 1, most)
        return facts

    def _some(self, wanted: int) -> list[str]:
        return self.random.sample(self.doors, min(max(wanted, 1), len(self.doors)))

    def _chance(self, share: float) -> bool:
        return self.random.random() < share

    def _hours(self, most: float) -> float:
        return round(self.random.uniform(0, most), 2)

    def _seat(self) -> int:
        return self.random.randrange(2)

    def _manner(self) -> Manner:
        return self.random.choices(list(Manner), (80, 10, 10))[0]
