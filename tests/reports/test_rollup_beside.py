"""Marks under concurrent transactions: none is lost, whoever commits first."""

import pytest

from reports.models import Mark
from reports.rollup import climb
from tests import factories as f
from tests.beside import Beside
from tests.reports.counting import assert_proven, at_block, file
from units import tree
from units.locks import bucket_of

pytestmark = [
    pytest.mark.django_db(transaction=True),
    # The bell really sends, also where tasks run eagerly.
    pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored"),
]


def test_a_mark_whose_filing_is_not_committed_waits_for_it():
    community = f.compound((1,))
    period, place = f.open_week(), f.building(community)
    f.drain(community)
    with Beside() as other:
        other.begin()
        other.do(file, place, period)
        assert f.drain(community) == 0
        other.commit()
    assert climb.waiting_buckets() == [bucket_of(community.pk)]
    f.drain(community)
    assert at_block(community, 1, period)[:2] == (1, 1)


def test_a_filing_during_a_drain_of_its_building_is_not_lost():
    community = f.compound((1,))
    period, place = f.open_week(), f.building(community)
    with Beside() as other:
        other.begin()
        other.do(f.drain, community)  # has taken the mark of the opening, and holds it
        file(place, period)
        other.commit()
    f.drain(community)
    assert at_block(community, 1, period)[:2] == (1, 1)


def test_a_drain_that_dies_leaves_its_marks_and_its_place_changes():
    community = f.compound((2, 1))
    period, place = f.open_week(), f.building(community, 1)
    f.drain(community)
    tree.move(place.pk, to_parent_id=f.block(community, 2).pk, at=f.WEDNESDAY)
    file(place, period)
    with Beside() as other:
        other.begin()
        assert other.do(f.drain, community) > 0
        other.rollback()
    assert Mark.objects.count() == 1
    f.drain(community)
    assert at_block(community, 2, period)[:2] == (2, 1)
    assert_proven()
