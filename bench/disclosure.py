"""How often hiding cells gives them away to a reader who knows the rule, by trying every table.

`python -m bench.disclosure` compares cell suppression with its complement (domain 6.4: 1–4 hidden,
and the next smallest when one is hidden alone) with showing blocks whole or not at all.
"""

from collections.abc import Callable, Iterator, Sequence
from random import Random

FEWEST, ENOUGH = 5, 3
Table = Sequence[int]
# What is hidden of a table whose total is known.
Rule = Callable[[Table], frozenset[int]]


def complement(table: Table) -> frozenset[int]:
    hidden = {at for at, cell in enumerate(table) if 0 < cell < FEWEST}
    if len(hidden) == 1:
        rest = [at for at in range(len(table)) if at not in hidden]
        hidden.add(min(rest, key=lambda at: (table[at], at)))
    return frozenset(hidden)


def whole_or_nothing(table: Table) -> frozenset[int]:
    is_small = any(cell < FEWEST for cell in table)
    return frozenset(range(len(table))) if is_small else frozenset()


def small_cells(table: Table, rule: Rule) -> list[int]:
    return [at for at in rule(table) if table[at] < FEWEST]


def candidates(table: Table, rule: Rule) -> dict[int, set[int]]:
    """For each small hidden cell the values it has in the tables that would be shown the same.

    Stops when each has enough.
    """
    hidden = sorted(rule(table))
    rest = sum(table[at] for at in hidden)
    found: dict[int, set[int]] = {at: set() for at in small_cells(table, rule)}
    for parts in _splits(rest, len(hidden)):
        other = list(table)
        for at, part in zip(hidden, parts, strict=True):
            other[at] = part
        if rule(other) == frozenset(hidden):
            for at, values in found.items():
                values.add(other[at])
            if all(len(values) >= ENOUGH for values in found.values()):
                break
    return found


def _splits(total: int, count: int) -> Iterator[tuple[int, ...]]:
    if count == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for others in _splits(total - first, count - 1):
            yield (first, *others)


def over_time(chance: Random) -> set[int]:
    """Four weeks that make a month, small ones hidden: what the first hidden week can be."""
    weeks = [chance.randint(0, 9) for _week in range(4)]
    hidden = [at for at, week in enumerate(weeks) if 0 < week < FEWEST]
    rest = sum(weeks[at] for at in hidden)
    if not hidden:
        return {0, 1, 2}
    splits = _splits(rest, len(hidden))
    return {parts[0] for parts in splits if all(0 < part < FEWEST for part in parts)}


def share_given_away(rule: Rule, *, blocks: int, highest: int, tables: int) -> tuple[int, int]:
    """(tables with a small cell of fewer than three candidates, tables with a small cell)."""
    chance, given_away, asked = Random(blocks), 0, 0
    while asked < tables:
        table = [chance.randint(0, highest) for _block in range(blocks)]
        # A total below FEWEST is not shown itself.
        if sum(table) < FEWEST or not small_cells(table, rule):
            continue
        asked += 1
        given_away += any(len(values) < ENOUGH for values in candidates(table, rule).values())
    return given_away, asked


def main() -> None:
    example = (12, 9, 3, 25, 8, 14, 11, 18)
    print("The example of domain 6.4:", candidates(example, complement))
    for blocks in (2, 3, 4, 5):
        for rule in (complement, whole_or_nothing):
            given_away, asked = share_given_away(rule, blocks=blocks, highest=12, tables=1000)
            print(f"{blocks} blocks, {rule.__name__}: {given_away} of {asked}")
    chance = Random(4)
    narrow = sum(len(over_time(chance)) < ENOUGH for _month in range(2000))
    print(f"Four weeks and their month, cells hidden by themselves: {narrow} of 2000")


if __name__ == "__main__":
    main()
