"""One drain for all that waits: it waits for nobody, and one bucket's fault stays its own."""

import pytest
from django.db import connection

from reports.models import Mark, Summary
from reports.rollup import climb
from tests import factories as f
from tests.beside import Beside
from tests.reports.counting import assert_proven
from units import tree
from units.locks import bucket_of


@pytest.fixture
def communities():
    made = [f.compound((1,)) for _each in range(3)]
    f.open_week()
    return made


def filled(community) -> bool:
    return Summary.objects.filter(place=f.root(community), building_owed=1).exists()


@pytest.mark.django_db
def test_what_waits_in_several_buckets_is_drained_together(communities):
    moved = f.compound((1, 1))
    f.open_week()
    climb.drain_waiting(at=f.WEDNESDAY)
    tree.move(f.building(moved).pk, to_parent_id=f.block(moved, 2).pk, at=f.WEDNESDAY)
    climb.drain_waiting(at=f.WEDNESDAY)
    assert climb.waiting_buckets() == []
    assert all(filled(community) for community in communities)
    assert_proven()


@pytest.mark.django_db(transaction=True)
@pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored")
def test_a_bucket_that_somebody_holds_is_left_and_the_others_are_drained(communities):
    held, *others = communities
    with Beside() as other:
        other.begin()
        other.do(tree.rename, f.root(held).pk, name="新名字", at=f.WEDNESDAY)
        climb.drain_waiting(at=f.WEDNESDAY)
        assert climb.waiting_buckets() == [bucket_of(held.pk)]
        assert [filled(each) for each in others] == [True, True]
        other.rollback()
    climb.drain_waiting(at=f.WEDNESDAY)
    assert filled(held)


@pytest.mark.django_db
def test_a_bucket_that_cannot_be_drained_does_not_keep_the_others_waiting(communities, caplog):
    broken, *others = communities
    with connection.cursor() as cursor:
        cursor.execute(
            "ALTER TABLE reports_summary ADD CONSTRAINT broken CHECK (community_id <> %s)",
            [broken.pk],
        )
    climb.drain_waiting(at=f.WEDNESDAY)
    assert f"bucket {bucket_of(broken.pk)} is not drained" in caplog.text
    assert set(Mark.objects.values_list("community", flat=True)) == {broken.pk}
    assert [filled(each) for each in others] == [True, True]
