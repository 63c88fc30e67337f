"""Writes on the tree at the real size: a household more, a building moved, a community planted."""

from itertools import count, cycle

from django.utils import timezone

from bench.stopwatch import Times, repeated
from bench.world import World, plant_the_real_size
from tests import factories as f
from units import tree


def add_households(world: World, *, times: int) -> Times:
    floor = world.at("-L047-F03")
    return repeated(lambda: tree.add(floor.pk, name="新室", at=timezone.now()), times)


def move_buildings(world: World, *, times: int) -> Times:
    """Building 47 of block 3 to block 5 and back."""
    place = f.building(world.big, 47).pk
    blocks = cycle([f.block(world.big, number).pk for number in (5, 3)])
    return repeated(lambda: tree.move(place, to_parent_id=next(blocks), at=timezone.now()), times)


def plant(*, times: int) -> Times:
    """Communities of 3,259 places."""
    codes = map("3101040079{:02d}".format, count())
    return repeated(lambda: plant_the_real_size(next(codes)), times)
