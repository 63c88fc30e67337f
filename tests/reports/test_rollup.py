"""What is filed reaches every level, and moves with the building until the period freezes."""

from datetime import timedelta

import pytest
from django.db import transaction

from reports import filing
from reports.models import Period, Summary
from tests import factories as f
from tests.reports.counting import assert_proven, at_block, everything, figures, file, longer
from units import tree

pytestmark = pytest.mark.django_db


def test_a_filed_report_reaches_block_and_community():
    community = f.compound((2, 1))
    period = f.open_week()
    file(f.building(community, 1), period, answers={"corridor": "uncleared"})
    f.drain(community)
    for place, owed in (
        (f.building(community, 1), 1),
        (f.block(community, 1), 2),
        (f.root(community), 3),
    ):
        for each in longer(period):
            row = Summary.objects.get(place=place, period=each)
            assert (row.building_owed, row.building_filed, row.corridor_uncleared) == (owed, 1, 1)
    assert_proven()


def test_communities_do_not_mix():
    here, there = f.compound((1,)), f.compound((1,))
    period = f.open_week()
    file(f.building(here), period)
    f.drain(here)
    f.drain(there)
    assert at_block(here, 1, period)[:2] == (1, 1)
    assert at_block(there, 1, period)[:2] == (1, 0)


def test_a_building_that_moves_takes_its_figures_of_an_open_period_along():
    community = f.compound((2, 1))
    period = f.open_week()
    moving = f.building(community, 1)
    file(moving, period, answers={"corridor": "uncleared"})
    f.drain(community)
    assert at_block(community, 1, period) == (2, 1, 1)
    tree.move(moving.pk, to_parent_id=f.block(community, 2).pk, at=f.WEDNESDAY)
    f.drain(community)
    for each in longer(period):
        assert at_block(community, 1, each) == (1, 0, 0)
        assert at_block(community, 2, each) == (2, 1, 1)
    assert_proven()


@pytest.mark.parametrize("filed_first", [True, False])
def test_a_move_and_a_filing_drained_together_leave_nothing_behind(filed_first):
    community = f.compound((2, 1))
    period = f.open_week()
    f.drain(community)
    moving = f.building(community, 1)
    if filed_first:
        file(moving, period, answers={"corridor": "uncleared"})
    tree.move(moving.pk, to_parent_id=f.block(community, 2).pk, at=f.WEDNESDAY)
    if not filed_first:
        file(moving, period, answers={"corridor": "uncleared"})
    f.drain(community)
    assert at_block(community, 1, period) == (1, 0, 0)
    assert at_block(community, 2, period) == (2, 1, 1)
    assert_proven()


def test_a_building_that_moves_there_and_back_is_where_it_was():
    community = f.compound((2, 1))
    f.open_week()
    f.drain(community)
    before = everything()
    for number in (2, 1, 2, 1):
        tree.move(
            f.building(community, 1).pk, to_parent_id=f.block(community, number).pk, at=f.WEDNESDAY
        )
    f.drain(community)
    assert everything() == before


def test_a_move_after_the_period_froze_leaves_history_as_it_was():
    community = f.compound((2, 1))
    old = f.open_week()
    moving = f.building(community, 1)
    file(moving, old, answers={"corridor": "uncleared"})
    f.drain(community)
    history = figures(old)
    later = Period.objects.get(pk=old.pk).freezes_at + timedelta(minutes=1)
    new = f.open_week(later)
    tree.move(moving.pk, to_parent_id=f.block(community, 2).pk, at=later)
    f.drain(community, later)
    assert figures(old) == history
    assert at_block(community, 2, new)[0] == 2
    # Month and quarter are not over: the building, and what it said last, stands here now.
    for each in longer(old)[1:]:
        assert at_block(community, 1, each) == (2, 0, 0)
        assert at_block(community, 2, each) == (4, 1, 1)
    assert_proven(later)


def test_a_correction_after_the_freeze_is_added_where_the_building_stood_then():
    community = f.compound((2, 1))
    old = f.open_week()
    moving = f.building(community, 1)
    f.drain(community)
    later = Period.objects.get(pk=old.pk).freezes_at + timedelta(minutes=1)
    tree.move(moving.pk, to_parent_id=f.block(community, 2).pk, at=later)
    filing.file(
        f.owed(moving, old),
        f.sending(f.staff(community), answers={"corridor": "uncleared"}, reason="补报"),
        at=later,
        may_amend_locked=True,
    )
    f.drain(community, later)
    assert at_block(community, 1, old) == (2, 1, 1)
    assert at_block(community, 2, old) == (1, 0, 0)
    for each in longer(old)[1:]:
        assert at_block(community, 1, each) == (1, 0, 0)
        assert at_block(community, 2, each) == (2, 1, 1)
    assert_proven(later)


def test_two_drains_in_one_transaction_count_like_one():
    community = f.compound((2, 1))
    period = f.open_week()
    with transaction.atomic():
        file(f.building(community, 1), period, answers={"corridor": "uncleared"})
        f.drain(community)
        file(f.building(community, 3), period)
        tree.move(
            f.building(community, 2).pk, to_parent_id=f.block(community, 2).pk, at=f.WEDNESDAY
        )
        f.drain(community)
    assert (at_block(community, 1, period), at_block(community, 2, period)) == (
        (1, 1, 1),
        (2, 1, 0),
    )
    assert_proven()


def test_a_drain_with_nothing_to_do_does_nothing():
    community = f.compound((1,))
    f.open_week()
    assert f.drain(community) > 0
    assert f.drain(community) == 0
