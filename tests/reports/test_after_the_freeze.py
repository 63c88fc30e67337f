"""Once weeks are frozen their shape stays, whatever moves and is corrected; open periods follow."""

from datetime import timedelta
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from reports.models import Period, Report, Summary
from tests import factories as f
from tests.beside import undone
from tests.reports.counting import assert_proven, moved, shown, tell
from tests.reports.happenings import DAYS, World, plans
from units import tree
from units.kinds import Kind
from units.models import Place

pytestmark = pytest.mark.django_db

MINUTE = timedelta(minutes=1)


def corrections(world: World, at, chance: Random) -> None:
    """A few moves, forgotten events and corrections with a reason, in any order."""
    homes = list(world.community.places.active().filter(kind=Kind.HOUSEHOLD))
    for _each in range(chance.randint(1, 6)):
        what = chance.choice(["move", "move", "event", "amend"])
        if what == "move":
            kind = chance.choice([Kind.BUILDING, Kind.FLOOR])
            target = chance.choice(world.places(kind - 1))
            tree.move(chance.choice(world.places(kind)).pk, to_parent_id=target.pk, at=at)
        elif what == "event":
            home = Place.objects.get(pk=chance.choice(homes).pk)
            moved(home, chance.choice(DAYS), arrived=1, user=world.user, at=at)
        elif events := list(Report.objects.filter(is_event=True).select_related("place")):
            report = chance.choice(events)
            facts = {"user": world.user, "at": at, "reason": "记错了", "may_amend_locked": True}
            withdraws = report.stands and chance.random() < 0.3
            said = {} if withdraws else {"answers": {"situation": "nobody"}}
            tell(report.place, amends=report, withdraws=withdraws, **facts, **said)
        if chance.random() < 0.3:
            f.drain(world.community, at)
    f.drain(world.community, at)


@given(plans, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=20, suppress_health_check=[HealthCheck.too_slow])
def test_summaries_stay_true_and_frozen_ones_keep_their_shape(plan, chance):
    with undone():
        world = World(plan)
        world.happen(chance)
        frozen = {week.pk for week in world.weeks}
        later = max(Period.objects.filter(pk__in=frozen).values_list("freezes_at", flat=True))

        def shape() -> dict[tuple[int, int], int]:
            rows = Summary.objects.filter(period__in=frozen)
            return {(row.place_id, row.period_id): row.parent_id for row in rows}

        before = shape()
        corrections(world, later + MINUTE, chance)
        assert_proven(later + MINUTE)
        assert before.items() <= shape().items()


def test_an_amendment_after_the_freeze_counts_where_the_household_stood_then():
    community = f.compound((1, 1))
    f.open_week()
    home = f.household(community)
    report = tell(home).report
    f.drain(community)
    later = Period.objects.get(key="2026-W46").freezes_at + MINUTE
    tree.move(home.parent_id, to_parent_id=f.building(community, 2).pk, at=later)
    facts = {"at": later, "reason": "记错了", "may_amend_locked": True}
    tell(home, amends=report, answers={"situation": "nobody"}, **facts)
    f.drain(community, later)
    absences = [
        [shown(f.building(community, n), key).get("absences", 0) for n in (1, 2)]
        for key in ("2026-W46", "2026-11", "2026-Q4")
    ]
    assert absences == [[1, 0], [0, 1], [0, 1]]
    assert_proven(later)
