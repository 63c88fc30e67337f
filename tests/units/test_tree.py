"""The tree is planted, grown, moved, closed and renamed, and its intervals stay right."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from threading import Barrier

import pytest
from django.db import IntegrityError, connection, transaction

from governance.demo.shapes import JIANGNAN
from tests import factories as f
from units import tree
from units.kinds import Kind, PlaceState
from units.models import Community, JournalEntry, Place, PlaceChange
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
What = PlaceChange.What


@pytest.fixture
def community() -> Community:
    """Blocks B01 (buildings L001, L002) and B02 (L003), each two floors of two doors."""
    return f.compound((2, 1), floors=2, doors=2)


def at(community: Community, below: str = "") -> Place:
    return Place.objects.get(code=f"{community.code}-{below}" if below else community.code)


def family(place: Place) -> set[str]:
    return set(Place.objects.under(Place.objects.get(pk=place.pk)).values_list("code", flat=True))


def changes(place: Place) -> list[tuple[str, int | None, int | None]]:
    return list(place.changes.values_list("what", "from_parent", "to_parent"))


def refusal(write: Callable[..., Place], place: Place, **how: object) -> Refusal:
    """What `write` says no with, after a look that it has written nothing."""
    before = list(Place.objects.order_by("pk").values()), PlaceChange.objects.count()
    with pytest.raises(Refusal) as refused:
        write(place.pk, at=f.WEDNESDAY, **how)
    assert (list(Place.objects.order_by("pk").values()), PlaceChange.objects.count()) == before
    return refused.value


def test_m01_the_data_set_gives_3259_places_with_the_right_number_at_each_level():
    community = Community.objects.create(code=JIANGNAN.code, division=f.street(), name="江南新村")
    root = tree.plant(community, JIANGNAN.sapling(), at=f.WEDNESDAY)
    levels = Counter(Place.objects.values_list("level", flat=True))
    assert [levels[kind] for kind in Kind] == [1, 8, 125, 625, 2500]
    assert (root.lft, root.rght) == (1, 2 * 3259)
    assert tree.verify() == []
    assert list(PlaceChange.objects.values_list("place", "what")) == [(root.pk, What.PLANTED)]


def test_a_community_is_planted_once_with_a_tree_of_its_own(community):
    assert at(community).tree_id != at(f.compound()).tree_id
    with pytest.raises(IntegrityError, match="one_root_per_community"), transaction.atomic():
        tree.plant(community, tree.Sapling("310104999999", community.name), at=f.WEDNESDAY)
    assert tree.verify() == []


@pytest.mark.parametrize(
    ("parent", "code"),
    [
        ("", "B03"),
        ("B01", "B01-L004"),  # numbered through the community
        ("B01-L001", "B01-L001-F03"),
        ("B01-L001-F02", "B01-L001-F02-H03"),
    ],
)
def test_a_new_place_takes_the_next_free_code(community, parent, code):
    above, user = at(community, parent), f.person()
    place = tree.add(above.pk, name="新的", at=f.WEDNESDAY, by=user)
    assert place == at(community, code)
    assert (place.parent, place.kind, place.level) == (above, above.kind + 1, above.level + 1)
    assert place.opened_on == date(2026, 11, 11)
    assert changes(place) == [(What.ADDED, None, above.pk)]
    assert place.changes.get().by == user
    assert place.code in family(above)
    assert tree.verify() == []


def test_a_code_is_never_used_again(community):
    def added(place: Place) -> str:
        return tree.add(place.pk, name="新的", at=f.WEDNESDAY).code

    tree.close(at(community, "B01-L001-F01-H02").pk, at=f.WEDNESDAY)
    assert added(at(community, "B01-L001-F01")).endswith("L001-F01-H03")
    moved = at(community, "B01-L001-F02")
    tree.move(moved.pk, to_parent_id=at(community, "B01-L002").pk, at=f.WEDNESDAY)
    assert added(at(community, "B01-L001")).endswith("L001-F03")
    assert added(at(community, "B01-L002")).endswith("L002-F03")
    assert added(moved).endswith("L001-F02-H03")


@pytest.mark.parametrize(
    ("place", "to"), [("B01-L001", "B02"), ("B02-L003", "B01"), ("B01-L001-F01", "B02-L003")]
)
def test_a_building_or_floor_moves_with_all_that_is_below_it(community, place, to):
    moving, target = at(community, place), at(community, to)
    origin, below = moving.parent, family(moving)
    moved = tree.move(moving.pk, to_parent_id=target.pk, at=f.WEDNESDAY)
    assert (moved.parent, moved.code, family(moved)) == (target, moving.code, below)
    assert below <= family(target)
    assert not below & family(origin)
    assert changes(moved) == [(What.MOVED, origin.pk, target.pk)]
    assert tree.verify() == []


def test_m01_moving_a_household_is_refused(community):
    floor = at(community, "B01-L002-F01")
    said = refusal(tree.move, at(community, "B01-L001-F01-H01"), to_parent_id=floor.pk)
    assert str(said.message) == "住户不能直接移动，请注销后在新楼组新建"
    assert (said.code, said.status) == ("households_do_not_move", 409)


@pytest.mark.parametrize(
    ("place", "to", "code"),
    [
        ("B01", "", "this_kind_does_not_move"),
        ("B01-L001", "", "wrong_kind_of_parent"),
        ("B01-L001", "B02-L003", "wrong_kind_of_parent"),
        ("B01-L001-F01", "B02", "wrong_kind_of_parent"),
        ("B01-L001", "B03", "parent_is_closed"),
        ("B01-L001", "elsewhere", "other_community"),
    ],
)
def test_a_move_to_the_wrong_place_is_refused(community, place, to, code):
    empty = tree.add(at(community).pk, name="第3片区", at=f.WEDNESDAY)
    tree.close(empty.pk, at=f.WEDNESDAY)
    target = f.block(f.compound()) if to == "elsewhere" else at(community, to)
    assert refusal(tree.move, at(community, place), to_parent_id=target.pk).code == code


def test_moving_to_where_it_already_is_leaves_no_trace(community):
    building = at(community, "B01-L001")
    assert changes(tree.move(building.pk, to_parent_id=building.parent_id, at=f.WEDNESDAY)) == []


def test_nothing_is_added_below_a_household_or_a_closed_place(community):
    door = at(community, "B01-L001-F01-H02")
    assert refusal(tree.add, door, name="阁楼").code == "nothing_below_a_household"
    empty = tree.add(f.block(community).pk, name="空楼", at=f.WEDNESDAY)
    tree.close(empty.pk, at=f.WEDNESDAY)
    assert refusal(tree.add, empty, name="1楼").code == "parent_is_closed"


def test_a_closed_place_stays_where_it_was_and_names_its_successor(community):
    old, new = at(community, "B01-L001-F01-H01"), at(community, "B01-L001-F01-H02")
    late = datetime(2026, 11, 11, 16, 30, tzinfo=UTC)  # already the 12th in Shanghai
    for _twice in range(2):
        tree.close(old.pk, at=late, state=PlaceState.MERGED, succeeded_by_id=new.pk)
    closed = Place.objects.get(pk=old.pk)
    assert (closed.state, closed.closed_on) == (PlaceState.MERGED, date(2026, 11, 12))
    assert (closed.parent, closed.succeeded_by) == (old.parent, new)
    assert changes(closed) == [(What.CLOSED, old.parent_id, None)]
    assert tree.verify() == []


def test_a_place_with_something_living_on_it_is_not_closed():
    community = f.compound((1, 0))
    assert refusal(tree.close, f.building(community)).code == "has_places_below"
    f.seat(f.block(community, 2))
    assert refusal(tree.close, f.block(community, 2)).code == "has_seats"


def test_a_rename_keeps_the_code_and_both_names_in_the_journal(community):
    building, user = at(community, "B01-L001"), f.person()
    tree.rename(building.pk, name="一号楼组", at=f.WEDNESDAY, by=user)
    assert at(community, "B01-L001").name == "一号楼组"
    assert changes(building) == [(What.RENAMED, building.parent_id, building.parent_id)]
    entry = JournalEntry.objects.get(verb="place.renamed", user=user, at=f.WEDNESDAY)
    assert entry.data == {"place": building.pk, "was": "1号楼组", "now": "一号楼组"}


@pytest.mark.django_db(transaction=True)
def test_m01_twenty_households_created_at_once_leave_the_tree_right():
    community = f.compound((1,), floors=2)
    floors = [at(community, f"B01-L001-F{number:02d}").pk for number in (1, 2)]
    starting = Barrier(20, timeout=30)

    def create(number: int) -> str:
        try:
            connection.ensure_connection()
            starting.wait()
            return tree.add(floors[number % 2], name=f"新{number}室", at=f.WEDNESDAY).code
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as threads:
        created = set(threads.map(create, range(20)))
    doors = {f"{community.code}-B01-L001-F0{n}-H{d:02d}" for n in (1, 2) for d in range(2, 12)}
    assert created == doors
    assert tree.verify() == []
