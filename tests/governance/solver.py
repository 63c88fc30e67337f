"""What a reader can work out: whole numbers under sums, bounds and "one of these", all tried.

Domains are intervals. Propagation tightens them, the search splits them in random order, so that
solutions differ; it is complete, so that no solution means that there is none.
"""

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

Terms = dict[Hashable, int]
MOST = 120
PATIENCE = 20_000


@dataclass(frozen=True)
class Between:
    """low ≤ Σ factor × variable ≤ high"""

    terms: tuple[tuple[Hashable, int], ...]
    low: int
    high: int


def between(terms: Terms, low: int, high: int) -> Between:
    return Between(tuple(terms.items()), low, high)


def equals(terms: Terms, value: int = 0) -> Between:
    return between(terms, value, value)


def at_most(terms: Terms, value: int = 0) -> Between:
    return between(terms, -(10**6), value)


@dataclass
class Puzzle:
    low: dict[Hashable, int] = field(default_factory=dict)
    high: dict[Hashable, int] = field(default_factory=dict)
    rules: list[Between] = field(default_factory=list)
    one_of: list[list[Between]] = field(default_factory=list)

    def add(self, *rules: Between) -> None:
        self.rules += rules
        for rule in rules:
            self._know(rule)

    def choose(self, options: list[Between]) -> None:
        """At least one of these is so."""
        self.one_of.append(options)
        for rule in options:
            self._know(rule)

    def _know(self, rule: Between) -> None:
        for variable, _factor in rule.terms:
            self.low.setdefault(variable, 0)
            self.high.setdefault(variable, MOST)

    def candidates(
        self, variables: Iterable[Hashable], enough: int = 3
    ) -> dict[Hashable, set[int]]:
        """Up to `enough` values that each variable can still have; fewer means that is all."""
        chance = Random(1)
        found: dict[Hashable, set[int]] = {variable: set() for variable in variables}
        search = _Search(self, chance)
        for _time in range(8):
            self._note(search.solve([]), found)
        for variable, values in found.items():
            while len(values) < enough:
                gaps = self._gaps(variable, values)
                solution = next(
                    filter(None, (search.solve([between({variable: 1}, a, b)]) for a, b in gaps)),
                    None,
                )
                if solution is None:
                    break
                self._note(solution, found)
        return found

    def _gaps(self, variable: Hashable, values: set[int]) -> list[tuple[int, int]]:
        edges = [self.low[variable] - 1, *sorted(values), self.high[variable] + 1]
        return [(a + 1, b - 1) for a, b in pairwise(edges) if b - a > 1]

    @staticmethod
    def _note(solution: dict[Hashable, int] | None, found: dict[Hashable, set[int]]) -> None:
        assert solution is not None, "what is known contradicts itself"
        for variable, values in found.items():
            values.add(solution[variable])


Touching = dict[Hashable, list[Between]]


class _Search:
    def __init__(self, puzzle: Puzzle, chance: Random) -> None:
        self.puzzle, self.chance = puzzle, chance
        self.touching = _with({}, puzzle.rules)
        self.steps = 0

    def solve(self, more: list[Between]) -> dict[Hashable, int] | None:
        self.steps = 0
        low, high = dict(self.puzzle.low), dict(self.puzzle.high)
        fresh = [*self.puzzle.rules, *more]
        return self._next(low, high, self.touching, fresh, list(self.puzzle.one_of))

    def _next(self, low, high, touching, fresh, one_of):
        self.steps += 1
        assert self.steps < PATIENCE, "the search takes too long"
        if not _propagate(low, high, touching, fresh):
            return None
        if one_of:
            options, rest = list(one_of[0]), one_of[1:]
            self.chance.shuffle(options)
            for option in options:
                more = _with(touching, [option])
                found = self._next(dict(low), dict(high), more, [option], rest)
                if found:
                    return found
            return None
        loose = [variable for variable in low if low[variable] < high[variable]]
        if not loose:
            return low
        variable = min(loose, key=lambda v: (high[v] - low[v], self.chance.random()))
        a, b = low[variable], high[variable]
        value = self.chance.randint(a, b)
        for first, last in ((value, value), (a, value - 1), (value + 1, b)):
            if first > last:
                continue
            # A bound of one variable lives on in its domain.
            rule = between({variable: 1}, first, last)
            found = self._next(dict(low), dict(high), touching, [rule], one_of)
            if found:
                return found
        return None


def _with(touching: Touching, rules: list[Between]) -> Touching:
    more = dict(touching)
    for rule in rules:
        for variable, _factor in rule.terms:
            more[variable] = [*more.get(variable, ()), rule]
    return more


def _propagate(low, high, touching, fresh) -> bool:
    waiting, queued = list(fresh), {id(rule) for rule in fresh}
    while waiting:
        rule = waiting.pop()
        queued.discard(id(rule))
        least = sum(f * (low[v] if f > 0 else high[v]) for v, f in rule.terms)
        most = sum(f * (high[v] if f > 0 else low[v]) for v, f in rule.terms)
        if least > rule.high or most < rule.low:
            return False
        for v, f in rule.terms:
            own_least, own_most = (f * low[v], f * high[v]) if f > 0 else (f * high[v], f * low[v])
            top, bottom = rule.high - (least - own_least), rule.low - (most - own_most)
            # bottom ≤ f × v ≤ top
            a, b = (-(-bottom // f), top // f) if f > 0 else (-(-top // f), bottom // f)
            a, b = max(low[v], a), min(high[v], b)
            if a > b:
                return False
            if (a, b) != (low[v], high[v]):
                low[v], high[v] = a, b
                least = sum(g * (low[w] if g > 0 else high[w]) for w, g in rule.terms)
                most = sum(g * (high[w] if g > 0 else low[w]) for w, g in rule.terms)
                for other in touching.get(v, ()):
                    if id(other) not in queued:
                        queued.add(id(other))
                        waiting.append(other)
    return True
