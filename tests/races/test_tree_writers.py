"""Six processes write to the trees at once, and every interval still says what `parent_id` says."""

import multiprocessing
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor, wait
from random import Random
from threading import Barrier
from urllib.parse import urlsplit

import django
import pytest
from django.db import connection

from tests import factories as f
from units import tree
from units.kinds import Kind
from units.models import Community, Place, PlaceChange

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
PROCESSES = 6
SECONDS = 30
What = PlaceChange.What

# Which places lie above which, said twice: by parent_id and by interval. Where the two differ, or
# where an interval is not as wide as what lies below it, a tree is bent. Nothing of units/tree.py.
DISAGREEMENTS = """
WITH RECURSIVE by_parent AS (
    SELECT id AS place, parent_id AS above FROM units_place WHERE parent_id IS NOT NULL
    UNION ALL
    SELECT b.place, p.parent_id FROM by_parent b JOIN units_place p ON p.id = b.above
     WHERE p.parent_id IS NOT NULL
), by_interval AS (
    SELECT p.id AS place, a.id AS above FROM units_place p JOIN units_place a
        ON a.tree_id = p.tree_id AND a.lft < p.lft AND p.rght < a.rght
), bent AS (
    (SELECT * FROM by_parent EXCEPT SELECT * FROM by_interval)
    UNION ALL
    (SELECT * FROM by_interval EXCEPT SELECT * FROM by_parent)
), below AS (
    SELECT p.id, count(b.place) AS places
      FROM units_place p LEFT JOIN by_parent b ON b.above = p.id GROUP BY p.id
)
SELECT p.code FROM units_place p JOIN below USING (id)
 WHERE p.id IN (SELECT place FROM bent) OR p.rght <> p.lft + 2 * below.places + 1
    OR (p.parent_id IS NULL AND p.lft <> 1)
"""


def bent_places() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(DISAGREEMENTS)
        return [code for (code,) in cursor.fetchall()]


def parent_of_each() -> dict[int, int | None]:
    return dict(Place.objects.values_list("pk", "parent"))


@pytest.fixture(scope="module")
def at_once(django_db_setup) -> Iterator[Callable[..., list]]:
    """Runs a function in six new processes on this test's database, all starting together.

    The function is given a number from 0, what else it is passed, and the barrier to wait at. What
    it raises is raised here.
    """
    url = urlsplit(os.environ["DATABASE_URL"])
    ours = url._replace(path=f"/{connection.settings_dict['NAME']}")
    spawn = multiprocessing.get_context("spawn")
    with (
        pytest.MonkeyPatch.context() as patch,
        spawn.Manager() as manager,
        ProcessPoolExecutor(PROCESSES, mp_context=spawn, initializer=django.setup) as pool,
    ):
        patch.setenv("DATABASE_URL", ours.geturl())
        barrier = manager.Barrier(PROCESSES, timeout=60)

        def run(write: Callable[..., object], *what: object) -> list:
            futures = [pool.submit(write, n, *what, barrier) for n in range(PROCESSES)]
            wait(futures)  # also when one has raised: the next test wants the database to itself
            return [future.result() for future in futures]

        yield run


def write_for_a_while(number: int, community_ids: list[int], barrier: Barrier) -> int:
    """Adds floors and households, moves buildings and floors, everywhere; returns how many."""
    random, written = Random(number), 0

    def any_of(kind: Kind, **where: object) -> dict[str, int]:
        places = Place.objects.filter(community_id=community_id, kind=kind, **where)
        return random.choice(places.values("pk", "parent_id"))

    connection.ensure_connection()
    barrier.wait()
    end = time.monotonic() + SECONDS
    while time.monotonic() < end:
        community_id = random.choice(community_ids)
        kind = random.choices([Kind.HOUSEHOLD, Kind.FLOOR, Kind.BUILDING], [5, 3, 2])[0]
        above = Kind(kind - 1)
        if kind == Kind.HOUSEHOLD or (kind == Kind.FLOOR and random.random() < 0.5):
            tree.add(any_of(above)["pk"], name="新的", at=f.WEDNESDAY)
        else:
            tree.move(any_of(kind)["pk"], to_parent_id=any_of(above)["pk"], at=f.WEDNESDAY)
        written += 1
    return written


def plant_some(number: int, community_ids: list[int], barrier: Barrier) -> int:
    mine = Community.objects.filter(pk__in=community_ids[number::PROCESSES])
    saplings = [(each, tree.Sapling(each.code, each.name)) for each in mine]
    barrier.wait()
    for community, sapling in saplings:
        sapling.below = [tree.Sapling(f"{community.code}-B01", "第1片区")]
        tree.plant(community, sapling, at=f.WEDNESDAY)
    return len(saplings)


def test_six_processes_write_for_half_a_minute_and_no_interval_bends(at_once):
    # 628 and 295 places at first.
    both = [f.compound((8, 8, 8), floors=5, doors=4), f.compound((6, 6), floors=6, doors=3)]
    ids = [community.pk for community in both]
    parents = parent_of_each()
    assert bent_places() == []

    written = at_once(write_for_a_while, ids)

    assert bent_places() == []
    assert tree.verify() == []
    logged = PlaceChange.objects.exclude(what=What.PLANTED)
    # At least ten a second in all. A move to where it is already writes nothing and is not logged.
    assert 300 <= logged.count() <= sum(written)
    assert set(logged.values_list("what", "place__kind").distinct()) == {
        (What.ADDED, Kind.HOUSEHOLD),
        (What.ADDED, Kind.FLOOR),
        (What.MOVED, Kind.FLOOR),
        (What.MOVED, Kind.BUILDING),
    }
    assert set(logged.values_list("community", flat=True)) == set(ids)
    # The log replayed over the first tree gives the last: nobody wrote what they read too soon.
    for place, origin, target in logged.values_list("place", "from_parent", "to_parent"):
        assert parents.get(place) == origin
        parents[place] = target
    assert parents == parent_of_each()


def test_communities_planted_at_once_have_a_tree_each(at_once):
    codes = (f"3101049{number:05d}" for number in range(60))
    rows = [Community(code=code, division=f.street(), name="新居民区") for code in codes]
    ids = [community.pk for community in Community.objects.bulk_create(rows)]
    assert at_once(plant_some, ids) == [10] * PROCESSES
    roots = Place.objects.filter(parent=None)
    assert roots.count() == 60
    assert roots.values("tree_id").distinct().count() == 60
    assert bent_places() == []
    assert tree.verify() == []
