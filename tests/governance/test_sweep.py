"""Every door × every duty × own, sibling and foreign object, against the table below.

A door without a row fails. The table is written by hand from the house rules (design §5): outside
one's reach is 404, a wrong duty inside it 403, a stranger is sent to the login.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.utils import timezone

from governance.board.figures import live_token
from reports import filing
from reports.catalogue import HOUSEHOLD_REPORT, publish_all
from reports.models import Filing, Period, ReportForm
from tests import factories as f
from units import groups
from units.kinds import Duty
from units.models import Community, Device, Place, Post, User

pytestmark = pytest.mark.django_db

ROLES = ("anonymous", "seat", "worker", "staff", "street")
OBJECTS = ("own", "sibling", "foreign")

# door → method, what it is about, and for each role the answers for own, sibling, foreign.
LOGIN = "302 302 302"
TABLE = {
    "home": ("GET", "nothing", "200", "302", "302", "302", "302"),
    "healthz": ("GET", "nothing", "503", "503", "503", "503", "503"),
    "login": ("GET", "nothing", "200", "302", "302", "302", "302"),
    "logout": ("POST", "nothing", "302", "302", "302", "302", "302"),
    "enter": ("GET", "nothing", "200", "200", "200", "200", "200"),
    "pin": ("GET", "nothing", "302", "302", "302", "302", "302"),
    "bound": ("GET", "nothing", "302", "200", "200", "200", "200"),
    "devices": ("GET", "nothing", "302", "200", "200", "200", "200"),
    # Nobody has just shown a password, so everybody is sent to the login.
    "second-step": ("GET", "nothing", "302", "302", "302", "302", "302"),
    "second-step-setup": ("GET", "nothing", "302", "404", "200", "200", "200"),
    "device-revocation": (
        *("POST", "device", LOGIN, "302 404 404", "302 404 404", "302 404 404", "302 404 404"),
    ),
    "cards": (
        *("GET", "community", LOGIN, "403 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "second-steps": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "403 404 404", "403 403 404"),
    ),
    "second-step-reset": (
        *("POST", "colleague", LOGIN, "403 404 404", "403 404 404", "403 404 404", "403 403 404"),
    ),
    "live": ("GET", "token", "200", "200", "200", "200", "200"),
    "group-home": ("GET", "nothing", "302", "302", "200", "200", "200"),
    "api-obligations": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-places": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-summaries": ("GET", "nothing", "401", "400", "400", "400", "400"),
    "api-devices": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-schema": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-page": ("GET", "nothing", "401", "200", "200", "200", "200"),
    "api-filing-batch": ("POST", "nothing", "401", "415", "415", "415", "415"),
    # Everybody has their own devices: the sibling's is never theirs.
    "api-device-revocation": (
        *("POST", "device", "401 401 401", "204 404 404", "204 404 404", "204 404 404"),
        "204 404 404",
    ),
    "household": (
        *("GET", "door", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "household-form": (
        *("POST", "door", LOGIN, "422 404 404", "422 404 404", "422 422 404", "404 404 404"),
    ),
    "event-amendment": (
        *("GET", "event", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "event-withdrawal": (
        *("POST", "event", LOGIN, "302 404 404", "302 404 404", "302 302 404", "404 404 404"),
    ),
    "group-board": (
        *("GET", "building", LOGIN, "200 404 404", "404 404 404", "404 404 404", "404 404 404"),
    ),
    "group-wall": (
        *("GET", "building", LOGIN, "200 404 404", "404 404 404", "404 404 404", "404 404 404"),
    ),
    "building-board": (
        *("GET", "building", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "community-board": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "200 200 404"),
    ),
    "community-wall": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "street-board": (
        "GET",
        "street",
        LOGIN,
        "404 404 404",
        "404 404 404",
        "404 404 404",
        "200 200 404",
    ),
    "group-list": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "group-card": (
        *("GET", "community", LOGIN, "200 404 404", "200 404 404", "200 404 404", "404 404 404"),
    ),
    "appointments": (
        *("GET", "community", LOGIN, "403 404 404", "403 404 404", "403 404 404", "404 404 404"),
    ),
    "appointments-undo": (
        *("POST", "batch", LOGIN, "403 404 404", "403 404 404", "403 404 404", "404 404 404"),
    ),
    "seat-end": ("POST", "post", LOGIN, "403 404 404", "403 404 404", "403 403 404", "404 404 404"),
    "report-detail": (
        *("GET", "report", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    ),
    "nil-report": (
        "POST",
        "report",
        LOGIN,
        "302 404 404",
        "403 404 404",
        "403 403 404",
        "404 404 404",
    ),
    "report-form": (
        "POST",
        "report",
        LOGIN,
        "422 404 404",
        "403 404 404",
        "403 403 404",
        "404 404 404",
    ),
    "withdrawal": (
        "POST",
        "report",
        LOGIN,
        "409 404 404",
        "409 404 404",
        "409 409 404",
        "404 404 404",
    ),
    "on-behalf": (
        "POST",
        "report",
        LOGIN,
        "403 404 404",
        "302 404 404",
        "302 302 404",
        "404 404 404",
    ),
    "excuse": ("POST", "report", LOGIN, "403 404 404", "302 404 404", "302 302 404", "404 404 404"),
    "receipt": ("GET", "filing", LOGIN, "200 404 404", "200 404 404", "200 200 404", "404 404 404"),
    "api-filing": (
        *("PUT", "api", "401 401 401", "201 404 404", "403 404 404", "403 403 404", "404 404 404"),
    ),
}


@dataclass
class World:
    period: Period
    users: dict[str, User | None]
    buildings: dict[str, dict[str, Place]]
    communities: dict[str, Community]


@pytest.fixture
def world() -> World:
    here, there = f.street("310104007"), f.street("310104008", "另一街道")
    home, beside = f.compound((2, 1), division=here), f.compound((1,), division=here)
    far = f.compound((1,), division=there)
    period = f.open_week(timezone.now())
    publish_all(at=timezone.now())
    one, two, three = (f.building(home, n) for n in (1, 2, 3))
    next_door, far_away = f.building(beside), f.building(far)
    for place in (one, two, three, next_door, far_away):
        f.seat(place, Duty.OWNER_REPRESENTATIVE)
    return World(
        period=period,
        users={
            "anonymous": None,
            "seat": f.seat(one),
            "worker": f.post(Duty.BLOCK_WORKER, place=f.block(home, 1)).user,
            "staff": f.staff(home),
            "street": f.post(Duty.STREET_OFFICER, division=here).user,
        },
        buildings={
            "anonymous": {"own": one, "sibling": two, "foreign": far_away},
            "seat": {"own": one, "sibling": two, "foreign": next_door},
            "worker": {"own": one, "sibling": three, "foreign": next_door},
            "staff": {"own": one, "sibling": three, "foreign": next_door},
            "street": {"own": one, "sibling": next_door, "foreign": far_away},
        },
        communities={"own": home, "sibling": beside, "foreign": far},
    )


def _doors() -> Iterator[str]:
    """Names of all our URLs; the admin's own are swept in test_admin."""
    for pattern in get_resolver().url_patterns:
        if getattr(pattern, "namespace", None) == "admin":
            continue
        for each in getattr(pattern, "url_patterns", [pattern]):
            yield each.name


def _cases() -> Iterator[tuple[str, str, str, str]]:
    for door, (_method, about, *answers) in TABLE.items():
        for role, statuses in zip(ROLES, answers, strict=True):
            objects = OBJECTS if about not in ("nothing", "token") else OBJECTS[:1]
            for which, status in zip(objects, statuses.split(), strict=True):
                yield door, role, which, status


def _ask(world: World, door: str, role: str, which: str) -> int:
    method, about, *_answers = TABLE[door]
    user, building = world.users[role], world.buildings[role][which]
    community = world.communities[which]
    client = Client()
    if user:
        client.force_login(user)
    week, body = world.period.key, {}
    if about == "nothing":
        where = {}
    elif about == "token":
        where = {"token": live_token(world.period, [building])}
    elif about == "building":
        where = {"code": building.code}
    elif about == "community":
        where = {"code": community.code}
    elif about == "street":
        where = {"code": world.communities[which].division_id}
    elif about == "colleague":
        where = {"code": community.code, "pk": world.users["worker"].pk}
    elif about == "batch":
        where = {"code": community.code, "entry": 1}
    elif about == "post":
        where = {"pk": Post.objects.seats().filter(place=building).first().pk}
    elif about == "filing":
        where = {"id": _filed(world, building).pk}
    elif about == "door":
        where, body = {"code": _door(building).code}, {"id": str(uuid4()), "base_rev": "0"}
    elif about == "event":
        where, body = {"id": _told(building).pk}, {"id": str(uuid4()), "base_rev": "1"}
    elif about == "device":
        owner = user if which == "own" else world.users["staff" if role != "staff" else "seat"]
        where = {"pk": _device(owner or world.users["seat"]).pk}
    elif about == "api":
        where = {"id": uuid4()}
        body = {"place": building.code, "period": week, "nil": True}
    else:
        where = {"code": building.code, "week": week}
        body = {"id": str(uuid4()), "caller": "周兰英", "reason": "整幢修缮", "nil": "yes"}
    url = reverse(door, kwargs=where)
    if method == "PUT":
        return client.put(url, body, content_type="application/json").status_code
    return (client.post(url, body) if method == "POST" else client.get(url)).status_code


def _door(building: Place) -> Place:
    return Place.objects.get(parent__parent=building)


def _told(building: Place) -> Filing:
    """A household report that somebody of the building has filed."""
    form = ReportForm.objects.get(code=HOUSEHOLD_REPORT)
    by = groups.seats_of(building, at=timezone.now())[2].post.user
    told = f.sending(by, nil=False, answers=None)
    told = replace(told, answers={"situation": "same"})
    return filing.file_event(_door(building), form, told, at=timezone.now()).filing


def _device(owner: User) -> Device:
    return Device.objects.create(
        user=owner, token_hash=uuid4().hex, label="手机", made_at=timezone.now()
    )


def _filed(world: World, building: Place) -> Filing:
    owed = f.owed(building, world.period)
    by = groups.seats_of(building, at=timezone.now())[2].post.user
    return filing.file(owed, f.sending(by), at=timezone.now()).filing


def test_every_door_has_a_row():
    assert set(_doors()) == set(TABLE)


@pytest.mark.parametrize(("door", "role", "which", "status"), list(_cases()))
def test_the_answer_is_the_tables(world, door, role, which, status):
    assert _ask(world, door, role, which) == int(status)


def test_a_stranger_is_sent_to_the_login_and_back():
    community = f.compound((1,))
    url = reverse("community-board", kwargs={"code": community.code})
    assert Client().get(url).headers["Location"] == f"{reverse('login')}?next={url}"
