"""A bent interval shows people what is not theirs: it is found, named by its code, and mended."""

from collections.abc import Callable
from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from tests import factories as f
from units import tree
from units.kinds import Duty
from units.models import Community, JournalEntry, Place, User

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
FLOOR, DOOR = "B01-L001-F02", "B01-L001-F01-H01"


class World:
    """Two alike communities: blocks B01 (L001, L002) and B02 (L003), two floors of two doors."""

    def __init__(self) -> None:
        self.home, self.neighbour = (f.compound((2, 1), floors=2, doors=2) for _both in range(2))
        # One resident leader for each building, the first of home first.
        self.leaders = {
            place: f.post(Duty.RESIDENT_LEADER, place=place, since=LONG_AGO).user
            for place in Place.objects.filter(kind=2)
        }

    def at(self, below: str, community: Community | None = None) -> Place:
        return Place.objects.get(code=f"{(community or self.home).code}-{below}")

    def bend(self, place: Place, **facts: int) -> set[str]:
        """Write past everything that keeps the tree; returns whom to expect among the faults."""
        columns = ", ".join(f"{name} = %s" for name in facts)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE units_place SET {columns} WHERE id = %s", [*facts.values(), place.pk]
            )
        return {place.code}

    def swap(self, one: Place, other: Place, *columns: str) -> set[str]:
        """In one statement, as the deferred constraints would let a faulty program do."""
        pairs = ", ".join(f"{name} = o.{name}" for name in columns)
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE units_place p SET {pairs} FROM units_place o"
                " WHERE (p.id, o.id) IN ((%s, %s), (%s, %s))",
                [one.pk, other.pk, other.pk, one.pk],
            )
        return {one.code, other.code}

    def wrong_views(self) -> set[User]:
        """Leaders who see a place outside their building, or miss one inside it."""
        wrong = set()
        for building, user in self.leaders.items():
            own = {building.pk}
            for place, parent in Place.objects.order_by("kind").values_list("pk", "parent"):
                own |= {place} if parent in own else set()
            seen = Place.objects.visible_to(User.objects.get(pk=user.pk))
            if set(seen.values_list("pk", flat=True)) != own:
                wrong.add(user)
        return wrong


def _into_a_strangers_floor(w: World) -> set[str]:
    """Between the two doors of a neighbour's floor, where one left and one right are free."""
    beside = w.at(DOOR, w.neighbour)
    return w.bend(w.at(DOOR), tree_id=beside.tree_id, lft=beside.rght, rght=beside.rght + 1)


# What no constraint can see, and whether it lets somebody see wrongly.
BENT: dict[str, tuple[Callable[[World], set[str]], bool]] = {
    "a floor's parent is another building": (
        lambda w: w.bend(w.at(FLOOR), parent_id=w.at("B01-L002").pk),
        True,
    ),
    "a building's parent is another block": (
        lambda w: w.bend(w.at("B01-L001"), parent_id=w.at("B02").pk),
        False,
    ),
    "a left is another free number": (
        lambda w: w.bend(w.at(FLOOR), lft=w.at(FLOOR).lft + 2),
        False,
    ),
    "a building's left reaches over its neighbour": (
        lambda w: w.bend(w.at("B01-L002"), lft=w.at("B01-L001-F01-H01").rght),
        True,
    ),
    "a building's right reaches over its neighbour": (
        lambda w: w.bend(w.at("B01-L001"), rght=w.at("B02").rght + 1000),
        True,
    ),
    "a door lies in nobody's tree": (lambda w: w.bend(w.at(DOOR), tree_id=987_654), True),
    "a door lies in a stranger's floor": (_into_a_strangers_floor, True),
    "the root left its tree": (
        lambda w: w.bend(w.at(DOOR).get_root(), tree_id=987_654) and {w.at("B01").code},
        False,
    ),
    "two doors swapped": (
        lambda w: w.swap(w.at(DOOR), w.at("B02-L003-F02-H02"), "lft", "rght"),
        True,
    ),
    "two buildings swapped": (
        lambda w: w.swap(w.at("B01-L001"), w.at("B02-L003"), "lft", "rght"),
        True,
    ),
    "two parents swapped": (
        lambda w: w.swap(w.at(FLOOR), w.at("B02-L003-F01"), "parent_id"),
        True,
    ),
}


def parents() -> dict[int, int | None]:
    return dict(Place.objects.values_list("pk", "parent"))


def check(*options: str) -> tuple[int, str]:
    """The command's exit code and all it says."""
    said = StringIO()
    try:
        call_command("check_places", *options, stdout=said, stderr=said)
    except SystemExit as end:
        return end.code, said.getvalue()
    return 0, said.getvalue()


def test_a_straight_tree_has_no_faults():
    world = World()
    assert tree.verify() == []
    assert check() == (0, "治理单元树：0 处问题\n")
    assert check("--mend") == (0, "治理单元树：0 处问题\n")
    assert world.wrong_views() == set()
    assert not JournalEntry.objects.exists()


@pytest.mark.parametrize(("bend", "shows_too_much_or_too_little"), BENT.values(), ids=BENT)
def test_a_bent_tree_is_found_named_and_mended(bend, shows_too_much_or_too_little):
    world = World()
    bent = bend(world)
    before = parents()
    assert bool(world.wrong_views()) is shows_too_much_or_too_little

    named = {fault.code for fault in tree.verify()}
    assert bent <= named
    assert tree.verify(world.neighbour) == []
    code, said = check()
    assert code == 1
    assert all(f"{place}: " in said for place in named)

    code, said = check("--mend")
    assert code == 0
    assert f"{world.home.name}：已修复 {len(named)} 行" in said
    assert tree.verify() == []
    assert check()[0] == 0
    assert parents() == before
    assert world.wrong_views() == set()
    entry = JournalEntry.objects.get(verb="tree.mended")
    assert entry.data == {"community": world.home.pk, "rows": len(named)}


def test_a_lone_bend_names_nothing_else():
    world = World()
    bent = world.bend(world.at(FLOOR), rght=9999)
    (fault,) = tree.verify()
    assert {fault.code} == bent
    assert fault.stored[2] == 9999
    assert (fault.stored[:2], fault.expected[2]) == (fault.expected[:2], fault.expected[1] + 5)


@pytest.mark.django_db(transaction=True)
def test_two_doors_swapped_between_communities_are_mended():
    world = World()
    doors = world.at(DOOR), world.at(DOOR, world.neighbour)
    bent = world.swap(*doors, "tree_id", "lft", "rght")
    assert len(world.wrong_views()) == 2
    assert {fault.code for fault in tree.verify()} == bent
    assert check()[0] == 1
    assert check("--mend")[0] == 0
    assert tree.verify() == []
    assert world.wrong_views() == set()
