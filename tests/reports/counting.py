"""Filing in one line, and looking at what it adds up to."""

from datetime import datetime
from typing import Any

from django.db.models import Sum
from hypothesis import strategies as st

from reports import filing
from reports.models import Period, Report, Summary
from reports.rollup import recount
from reports.rollup.leaf import COLUMNS
from tests import factories as f
from units.models import Community, Place, User

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


def figures(period: Period) -> dict[int, list[int]]:
    """Place → recorded parent and every count, of all summaries of the period."""
    rows = Summary.objects.filter(period=period).values_list("place", "parent", *COLUMNS)
    return {place: counts for place, *counts in rows}


def at_block(community: Community, number: int, period: Period) -> tuple[int, int, int]:
    """Owed, filed, and corridors to clear."""
    row = Summary.objects.get(place=f.block(community, number), period=period)
    return row.building_owed, row.building_filed, row.corridor_uncleared


def assert_proven(at: datetime = f.WEDNESDAY) -> None:
    """No difference from the recount, and every row is the sum of the rows recorded below it."""
    assert recount.differences(at=at) == []
    sums = {c: Sum(c) for c in COLUMNS}
    for parent in Summary.objects.filter(kind__lt=2):
        below = Summary.objects.filter(period=parent.period_id, parent=parent.place_id)
        counted = below.aggregate(**sums)
        assert {c: counted[c] or 0 for c in COLUMNS} == {c: getattr(parent, c) for c in COLUMNS}
