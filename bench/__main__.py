"""`make bench`: one run, ratios inside it, one table. `--quick` for a first look.

Makes a database of its own beside the one that DATABASE_URL names and drops it afterwards.
"""

import os
import sys
import time

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

import django

django.setup()

from django.db import connection  # noqa: E402

from bench import bare, filing, growing, pages, rolling  # noqa: E402
from bench.servers import house  # noqa: E402
from bench.table import Table  # noqa: E402
from bench.world import World  # noqa: E402

SIZES = (1, 20, 100)


def main(*, quick: bool) -> None:
    began = time.monotonic()
    table = Table()
    table.settings(connection)
    world = World()
    bare.create()
    seats = [world.seat(world.big, number) for number in range(1, 126)]
    times = filing.in_process(seats[0], rounds=8 if quick else 25)
    table.filing(times)
    table.weights(filing.weigh(seats[0], reports=150 if quick else 600))

    shown = pages.of(world)
    served, added = {}, {}
    for size in SIZES:
        world.grow(size)
        served[size] = pages.serve(shown, times=8 if quick else 25)
        added[size] = growing.add_households(world, times=6 if quick else 20)
    table.pages(served)
    table.growing(
        added,
        growing.move_buildings(world, times=4 if quick else 12),
        growing.plant(times=1 if quick else 3),
    )
    table.backlog("一个居民区", rolling.backlog(seats))
    table.backlog(f"{len(world.seats)}个居民区", rolling.backlog(world.seats))

    with house() as port:
        table.http(
            filing.over_http(
                port, world.seats, rounds=1 if quick else 4, seconds=1.5 if quick else 3
            )
        )
        for rate in (100,) if quick else (100, 400, 800):
            table.steady(rolling.steady(port, world.seats, rate=rate, seconds=5 if quick else 12))
    table.print(seconds=time.monotonic() - began)


if __name__ == "__main__":
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    name = connection.settings_dict["NAME"]
    try:
        main(quick="--quick" in sys.argv)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
