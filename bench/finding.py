"""`python -m bench.finding`: search and list pages over communities of the real size.

One hundred communities of 3,259 places make 250,000 households. Prints p50 and p95 in milliseconds
of what the server does for one request, over the communities that there are; of search also what
was slowest, and how many keys lead to each home of one community when its number has been typed.
"""

import os
import random
import sys
from functools import partial
from pathlib import Path

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402
from psycopg2.extras import DateTimeTZRange  # noqa: E402

from bench.keys import WAYS, keys  # noqa: E402
from bench.stopwatch import Times, percentile  # noqa: E402
from bench.world import long_ago, plant_the_real_size  # noqa: E402
from reports import obligations  # noqa: E402
from reports.catalogue import publish_all  # noqa: E402
from tests import factories as f  # noqa: E402
from units.kinds import SEATS, Duty, Kind  # noqa: E402
from units.models import Community, Place, Post, User  # noqa: E402

SURNAMES, GIVEN = "王李张刘陈杨单仇曾解翟缪区", "建国志明秀英桂芳玉兰丽华春梅"


def grow(communities: int) -> list[Community]:
    """Twenty a street, each with its seats filled."""
    made = list(Community.objects.order_by("code"))
    chosen = random.Random(47)
    while len(made) < communities:
        number = len(made)
        community = plant_the_real_size(f"3101040{number:05d}")
        community.division = f.street(f"{310104001 + number // 20}")
        community.save(update_fields=["division"])
        _seat(community, chosen)
        made.append(community)
    return made


def _seat(community: Community, chosen: random.Random) -> None:
    buildings = Place.objects.filter(community=community, kind=Kind.BUILDING)
    seats = [(building, duty) for building in buildings for duty in SEATS]
    users = User.objects.bulk_create(
        User(
            login=f"{community.pk}-{building.pk}-{duty[:5]}",
            full_name=chosen.choice(SURNAMES) + "".join(chosen.sample(GIVEN, 2)),
        )
        for building, duty in seats
    )
    Post.objects.bulk_create(
        Post(
            user=user,
            duty=duty,
            place=building,
            place_kind=Kind.BUILDING,
            during=DateTimeTZRange(long_ago(), None),
        )
        for user, (building, duty) in zip(users, seats, strict=True)
    )


def typed(chosen: random.Random) -> list[str]:
    """As people type: a key more at a time, and whole."""
    house, floor, door = chosen.randint(1, 125), chosen.randint(2, 6), chosen.randint(1, 4)
    room = f"{floor}0{door}"
    whole = f"{house}-{room}"
    return [whole[:length] for length in range(1, len(whole) + 1)] + [room, f"{house}号{room}室"]


def main(communities: int) -> None:
    publish_all(at=timezone.now())
    made = grow(communities)
    obligations.open_week(at=timezone.now())
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(
            "SELECT (SELECT count(*) FROM units_placekey WHERE kind = 4),"
            " pg_size_pretty(pg_table_size('units_placekey'))"
        )
        homes, table = cursor.fetchone()
    print(f"{len(made)} communities, {homes} households; words {table}")
    chosen = random.Random(3)
    for role in ("staff", "director of one, staff of another", "street", "administrator"):
        _search(role, made, chosen)
    _keys(made[-1])
    _pages(made, chosen)


def _search(role: str, made: list[Community], chosen: random.Random) -> None:
    asked: list[str] = []
    taken = {"search-suggestions": Times(), "search": Times()}
    for community in chosen.sample(made, min(12, len(made))):
        client = _client(role, community, made)
        for words in [*typed(chosen), "wang", "sjg", "jnxc", "第3片区", "号", "hlz", "三号楼"]:
            asked.append(words)
            for name, times in taken.items():
                before = _busy_database()
                times.take(partial(client.get, reverse(name), {"q": words}))
                times.busy[-1] += _busy_database() - before
    for what, times in zip(("suggestions", "results"), taken.values(), strict=True):
        _print(f"{role}: {what}", times)
        slowest = sorted(zip(times.seconds, times.busy, asked, strict=True), reverse=True)[:3]
        said = (f"{words} {took * 1000:.0f} ({busy * 1000:.0f})" for took, busy, words in slowest)
        print(f"    slowest, with the processor's part: {', '.join(said)}")


def _busy_database() -> float:
    """Seconds that a processor has worked for our queries; 0 where the system does not tell."""
    told = Path(f"/proc/{connection.connection.get_backend_pid()}/schedstat")
    return int(told.read_text().split()[0]) / 1e9 if told.exists() else 0.0


def _keys(community: Community) -> None:
    user = f.post(Duty.STAFF, place=f.root(community), since=long_ago()).user
    places = Place.objects.filter(community=community, kind=Kind.HOUSEHOLD)
    homes = list(places.select_related("parent__parent"))
    for number, (way, written) in enumerate(WAYS.items()):
        some = homes[::10] if number else homes
        counted = [keys(user, written(home), home, at=timezone.now()) for home in some]
        within = sum(number <= 3 for number in counted)
        print(f"{way}: {within} of {len(some)} homes within 3 keys, at most {max(counted)}")


def _pages(made: list[Community], chosen: random.Random) -> None:
    """Pages of places and lists, as staff sees them."""
    times: dict[str, Times] = {}
    for community in chosen.sample(made, min(12, len(made))):
        client = _client("staff", community, made)
        building = f.building(community, chosen.randint(1, 125))
        home = Place.objects.filter(parent__parent=building).first()
        urls = {
            "place: community": ("place", {"code": community.code}),
            "place: block": ("place", {"code": building.parent.code}),
            "place: building": ("place", {"code": building.code}),
            "place: floor": ("place", {"code": home.parent.code}),
            "place: household": ("place", {"code": home.code}),
            "groups": ("group-list", {"code": community.code}),
            "voices": ("voices", {"code": community.code}),
            "review": ("review-queue", {"code": community.code}),
        }
        for name, (door, where) in urls.items():
            url = reverse(door, kwargs=where)
            client.get(url)
            for _time in range(4):
                times.setdefault(name, Times()).take(partial(client.get, url))
            with CaptureQueriesContext(connection) as captured:
                client.get(url)
            times[name].items = len(captured)
    for name, taken in times.items():
        _print(f"{name}, {taken.items} queries", taken)


def _client(role: str, community: Community, made: list[Community]) -> Client:
    user = f.person()
    if role in ("street", "administrator"):
        duty = Duty.STREET_OFFICER if role == "street" else Duty.ADMINISTRATOR
        f.post(duty, division=community.division, user=user, since=long_ago())
    else:
        f.post(Duty.STAFF, place=f.root(community), user=user, since=long_ago())
        if role != "staff":
            f.post(Duty.DIRECTOR, place=f.root(made[0]), user=user, since=long_ago())
    client = Client()
    client.force_login(user)
    return client


def _print(name: str, times: Times) -> None:
    median, p95 = times.median * 1000, times.p95 * 1000
    busy = f"{percentile(times.busy, 50) * 1000:6.1f} {percentile(times.busy, 95) * 1000:6.1f}"
    shown = f"p50 {median:6.1f}  p95 {p95:6.1f}  processor {busy}  n {len(times.seconds)}"
    print(f"{name:48} {shown}")


if __name__ == "__main__":
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    name = connection.settings_dict["NAME"]
    try:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 100)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
