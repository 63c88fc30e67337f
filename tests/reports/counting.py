"""Filing in one line, and looking at what it adds up to."""

from collections import Counter, defaultdict
from datetime import date, datetime
from typing import Any

from hypothesis import strategies as st

from reports import calendar, filing
from reports.models import Period, Report, Summary
from reports.models.report import HOUSEHOLD_SAID
from reports.models.summary import STOCK
from reports.rollup import recount
from reports.rollup.leaf import COLUMNS
from tests import factories as f
from units.kinds import Kind
from units.models import Community, Place, User

# What is said below a building, which has facts of its own beside them.
FROM_HOUSEHOLDS = (*HOUSEHOLD_SAID, "visited_households", *STOCK)
ROW = ("place", "community", "kind", "parent", *COLUMNS)

answers = st.fixed_dictionaries(
    {
        "corridor": st.sampled_from(["none", "cleared", "uncleared"]),
        "waste": st.sampled_from(["good", "fair", "poor"]),
        "dispute": st.sampled_from(["none", "mediated", "committee"]),
        "stock": st.sampled_from(["enough", "tight"]),
    }
)


def file(
    place: Place, period: Period, user: User | None = None, at: datetime = f.WEDNESDAY, **facts: Any
) -> filing.Receipt:
    """The next sending of a building, on top of whatever stands."""
    owed = f.owed(place, period)
    facts.setdefault("base_rev", getattr(Report.objects.filter(obligation=owed).first(), "rev", 0))
    return filing.file(owed, f.sending(user or f.person(), **facts), at=at)


def tell(
    home: Place,
    *,
    user: User | None = None,
    at: datetime = f.WEDNESDAY,
    amends: Report | None = None,
    may_amend_locked: bool = False,
    **facts: Any,
) -> filing.Receipt:
    """A household report, or the next sending of the one it `amends`, on top of what stands."""
    report = Report.objects.get(pk=amends.pk) if amends else None
    facts.setdefault("base_rev", report.rev if report else 0)
    return filing.file_event(
        home,
        f.household_form(at),
        f.household_sending(user or f.person(), **facts),
        at=at,
        report=report,
        may_amend_locked=may_amend_locked,
    )


def people(**numbers: int) -> dict[str, object]:
    return {"situation": "changed", "changes": ["people"], **numbers}


def moved(home, on: date, arrived: int = 0, departed: int = 0, **facts):
    answers = people(arrived=arrived, departed=departed)
    return tell(home, happened_on=on, answers=answers, **facts).report


def corrected(home, on: date, head_count: int, **facts):
    return tell(home, happened_on=on, answers=people(head_count=head_count), **facts).report


def residents(place) -> int:
    f.drain(place.community)
    assert_proven()
    return shown(place, "now").get("residents", 0)


def figures(period: Period) -> dict[int, list[int]]:
    """Place → recorded parent and every count, of all summaries of the period."""
    rows = Summary.objects.filter(period=period).values_list("place", "parent", *COLUMNS)
    return {place: counts for place, *counts in rows}


def shown(place: Place, key: str) -> dict[str, int]:
    """The counts of a place in a period that are not zero."""
    row = Summary.objects.filter(place=place, period__key=key).values(*COLUMNS).first() or {}
    return {column: count for column, count in row.items() if count}


def at_block(community: Community, number: int, period: Period) -> tuple[int, int, int]:
    """Owed, filed, and corridors to clear."""
    row = Summary.objects.get(place=f.block(community, number), period=period)
    return row.building_owed, row.building_filed, row.corridor_uncleared


def assert_proven(at: datetime = f.WEDNESDAY) -> None:
    """No difference from the recount, and every row is the sum of the rows recorded below it."""
    assert recount.differences(at=at) == []
    rows = list(Summary.objects.select_related("period"))
    below: dict[tuple[int, int | None], Counter] = defaultdict(Counter)
    for row in rows:
        below[row.period_id, row.parent_id].update({c: getattr(row, c) for c in COLUMNS})
    for row in rows:
        if row.kind < Kind.HOUSEHOLD:
            columns = FROM_HOUSEHOLDS if row.kind == Kind.BUILDING else COLUMNS
            # What a block or a community itself filed is counted in its own row first.
            own = f"{Kind(row.kind).name.lower()}_"
            columns = [c for c in columns if row.kind == Kind.BUILDING or not c.startswith(own)]
            counted = below[row.period_id, row.place_id]
            assert {c: counted[c] for c in columns} == {c: getattr(row, c) for c in columns}


def longer(week: Period) -> list[Period]:
    """The week, and the month and quarter that its reports belong to."""
    return calendar.periods_holding(week.ends_on)


def everything() -> list[dict[str, Any]]:
    """All that summaries say: not when it was computed, and no rows of nothing but zeros."""
    rows = Summary.objects.order_by("period__key", "place").values("period__key", *ROW)
    return [row for row in rows if any(row[column] for column in COLUMNS)]
