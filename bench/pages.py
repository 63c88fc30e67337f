"""Server time of the board's pages as the number of communities grows."""

from dataclasses import dataclass
from functools import partial

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from bench.stopwatch import Times
from bench.world import World, long_ago
from reports import calendar
from tests import factories as f
from units.kinds import Duty
from units.models import User


@dataclass(frozen=True)
class Page:
    name: str
    url: str
    client: Client


@dataclass(frozen=True)
class Served:
    times: Times
    queries: int


def of(world: World) -> list[Page]:
    """Pages of the compound of the real size, and of the street above all."""
    place = f.building(world.big, 47)
    people = {
        "seat": f.post(Duty.PARTY_LEADER, place=place, since=long_ago()).user,
        "staff": f.post(Duty.STAFF, place=f.root(world.big), since=long_ago()).user,
        "street": f.post(Duty.STREET_OFFICER, division=f.street(), since=long_ago()).user,
    }
    clients = {role: _client(user) for role, user in people.items()}
    week = calendar.week_of(timezone.localdate()).key
    community, building = {"code": world.big.code}, {"code": place.code}
    home = f.household(world.big, 47, floor=3, door=2)
    return [
        Page("楼组（手机）", reverse("group-board", kwargs=building), clients["seat"]),
        Page("住户（手机）", reverse("household", kwargs={"code": home.code}), clients["seat"]),
        Page(
            "周报表（手机）",
            reverse("report-form", kwargs=building | {"week": week}),
            clients["seat"],
        ),
        Page("楼组（居委）", reverse("building-board", kwargs=building), clients["staff"]),
        Page("居民区，125个楼组", reverse("community-board", kwargs=community), clients["staff"]),
        Page("居民区（街道看）", reverse("community-board", kwargs=community), clients["street"]),
        Page("楼墙，2500户", reverse("community-wall", kwargs=community), clients["staff"]),
        Page("街道", reverse("street-board", kwargs={"code": f.street().code}), clients["street"]),
    ]


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def serve(pages: list[Page], *, times: int) -> dict[str, Served]:
    """Pages in turn, `times` times; queries are counted apart, for counting takes time."""
    taken = {page.name: Times() for page in pages}
    queries = {}
    for page in pages:
        with CaptureQueriesContext(connection) as captured:
            answer = page.client.get(page.url)
        assert answer.status_code == 200, (page.name, answer.status_code)
        queries[page.name] = len(captured)
    for _time in range(times):
        for page in pages:
            taken[page.name].take(partial(page.client.get, page.url))
    return {name: Served(taken[name], queries[name]) for name in taken}
