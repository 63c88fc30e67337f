"""Who lives behind every door, worked out in plain Python from what the filings say.

Count + arrivals − departures = now. Independent of the drain's SQL and of the recount's: only the
answers of each report's last filing are read, never the columns made from them.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from reports.models import Filing, Summary
from units.kinds import Kind
from units.models import HouseholdCount, Place

# (day, whether it corrects, when the phone made it, report id) orders two counts of one door.
Order = tuple[date, int, float, int]


def differences() -> tuple[int, list[str]]:
    """How many doors were worked out, and a sentence for each that the board has otherwise."""
    heads = _heads()
    moves: dict[int, list[tuple[date, int]]] = defaultdict(list)
    for place, day, order, answers in _said_last():
        moves[place].append((day, answers.get("arrived", 0) - answers.get("departed", 0)))
        if answers.get("head_count") is not None:
            heads[place].append((order, answers["head_count"]))

    found = []
    rows = {row.place_id: row for row in Summary.objects.filter(period__kind="now")}
    people: dict[int, int] = defaultdict(int)
    doors = list(Place.objects.active().filter(kind=Kind.HOUSEHOLD).order_by("code"))
    for door in doors:
        expected = _now(heads[door.pk], moves[door.pk])
        people[door.community_id] += expected or 0
        row = rows.get(door.pk)
        shown = row.residents if row and row.households_counted else None
        if shown != expected:
            found.append(f"{door.code}：推算{expected}人，看板{shown}人")
    for root in Place.objects.filter(kind=Kind.COMMUNITY).order_by("code"):
        row = rows.get(root.pk)
        if (row.residents if row else 0) != people[root.community_id]:
            shown = row.residents if row else None
            found.append(f"{root.code}：推算{people[root.community_id]}人，看板{shown}人")
    return len(doors), found


def _heads() -> dict[int, list[tuple[Order, int]]]:
    heads: dict[int, list[tuple[Order, int]]] = defaultdict(list)
    counted = HouseholdCount.objects.values_list("place_id", "as_of", "residents")
    for place, day, residents in counted:
        heads[place].append(((day, 0, 0.0, 0), residents))
    return heads


def _said_last() -> Iterable[tuple[int, date, Order, dict[str, Any]]]:
    """Place, day and answers of each event that stands, from its last filing."""
    last: dict[int, tuple[int, date, Order, dict[str, Any]] | None] = {}
    filings = (
        Filing.objects.filter(report__is_event=True)
        .order_by("report_id", "rev")
        .values_list(
            "report_id", "report__place_id", "report__as_of", "made_at", "withdraws", "answers"
        )
    )
    for report, place, day, made_at, withdraws, answers in filings.iterator(2000):
        order = (day, 1, made_at.timestamp(), report)
        last[report] = None if withdraws else (place, day, order, answers)
    return [each for each in last.values() if each]


def _now(heads: list[tuple[Order, int]], moves: list[tuple[date, int]]) -> int | None:
    """None while nobody has counted."""
    if not heads:
        return None
    (counted_on, *_order), head = max(heads)
    return head + sum(net for day, net in moves if day > counted_on)
