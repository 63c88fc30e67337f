"""The API asked with whatever its own schema allows and forbids, as the seats of two buildings.

Schemathesis draws requests for every operation of `/api/schema/`, right ones and wrong ones; real
places, periods, filings and devices of all buildings are put among them. Whatever was asked: no
fault of ours, an answer as the schema says, a refusal in the house shape, and nothing of another
building read or changed. Each request is undone before the next. `SCHEMA_EXAMPLES=2000` asks more,
and other things each time.
"""

import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import unquote_plus

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, transaction
from django.utils import timezone
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.core import NOT_SET
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from governance.wsgi import application
from reports import filing
from reports.catalogue import publish_all
from reports.models import Filing, Mark, Obligation, Period, Report, Summary
from tests import factories as f
from tests.reports import pictures
from units.models import Device, HouseholdCount, JournalEntry, Place, Post, User

pytestmark = pytest.mark.django_db

EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "60"))
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
# What each operation must have answered at least once, or the requests met nothing real.
MET = {
    "GET /api/devices/": {200},
    # A device makes no devices.
    "POST /api/devices/": {403},
    "POST /api/devices/{id}/revocation/": {204, 404},
    "POST /api/filings/": {200},
    "PUT /api/filings/{id}/": {201, 404, 409},
    "PUT /api/filings/{id}/photos/{number}/": {201, 404, 415, 422},
    "GET /api/obligations/": {200},
    "GET /api/pack/": {200},
    "GET /api/places/": {200},
    "GET /api/summaries/": {200},
    "GET /api/whoami/": {200},
}
# What batch items must have been answered.
MET_BY_ITEMS = {201, 404, 409}
IN_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Kinds of values that no schema speaks of.
HOSTILE = ["\x00", "\ud800", "9" * 5000, 10**40, -1, 1e308, True, None, "", [], [[]], {"\ud800": 1}]
# No client can put these into an address.
UNSPEAKABLE = ["\ud800", {"\ud800": 1}]


@dataclass
class Home:
    """A building that has spoken: its seat, and what only its own people may read."""

    place: Place
    user: User
    token: str
    # Words, codes and numbers by which an answer betrays that it holds something of this building.
    secrets: set[str]
    figures: set[int]
    # Bodies that this seat could send: new ones, corrections, what is out of date.
    sendings: list[dict[str, Any]]

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Device {self.token}"}


@dataclass
class World:
    homes: dict[str, Home]
    values: dict[str, list[Any]]
    devices: list[int]


@pytest.fixture(autouse=True)
def _within_the_test() -> Iterator[None]:
    """The real WSGI door, which would drop the connection that the test's transaction is on."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def world() -> World:
    """Two buildings of one block and one far away, each with words and counts of its own."""
    near, far = f.compound((2,), floors=2, doors=2), f.compound((1,), floors=2, doors=2)
    now = timezone.now()
    period = f.open_week(now)
    publish_all(at=now)
    homes = {
        "one": _furnish(f.building(near, 1), "临江仙", 7411, period),
        "two": _furnish(f.building(near, 2), "满庭芳", 8523, period),
        "far": _furnish(f.building(far), "水龙吟", 9637, period),
    }
    for community in (near, far):
        f.drain(community, now)
    filings = [str(pk) for pk in Filing.objects.values_list("pk", flat=True)]
    places = list(Place.objects.filter(kind__gte=2).order_by("code"))
    values = {
        "place": [place.code for place in places],
        "after": [place.code for place in places],
        "period": list(Period.objects.order_by("key").values_list("key", flat=True)),
        "kind": [0, 2, 4],
        "id": filings,
        "amends": filings,
        "base_rev": [0, 1, 2],
        "form_version": [1, 2],
        "nil": [True, False],
        "withdraws": [True, False],
        "happened_on": [str(timezone.localdate() - timedelta(days=n)) for n in (-1, 0, 1, 90)],
        "made_at": [now.isoformat()],
        "answers": [f.CALM, {"situation": "same"}, _told("楼道有水声", 3), {}],
        "reason": ["记错了"],
        "label": ["手机"],
    }
    return World(homes, values, list(Device.objects.values_list("pk", flat=True)))


def _told(note: str, count: int) -> dict[str, Any]:
    return {"situation": "changed", "changes": ["people"], "head_count": count, "note": note}


def _furnish(place: Place, name: str, figure: int, period: Period) -> Home:
    own, now = Place.objects.under(place).order_by("code"), timezone.now()
    for each in own:
        Place.objects.filter(pk=each.pk).update(name=f"{name}{each.name}")
    user = f.seat(place, user=f.person(f"{name}组长"))
    for n in range(2):
        Device.objects.create(
            user=user,
            token_hash=Device.hash_of(f"token-{figure}-{n}"),
            label=f"{name}手机",
            made_at=now,
        )
    doors = list(own.filter(kind=4))
    f.census_of(doors[0], figure, on=timezone.localdate(), at=now)
    calm = f.sending(user, answers={"note": f"{name}一切都好"})
    filing.file(f.owed(place, period), calm, at=now)
    for door in doors[:2]:
        told = f.household_sending(user, answers=_told(f"{name}来了新邻居", 4))
        filing.file_event(door, f.household_form(), told, at=now)
    sent = Filing.objects.filter(by=user)
    secrets = {name, place.code} | {str(each.pk) for each in sent} | {e.receipt for e in sent}
    return Home(place, user, f"token-{figure}-1", secrets, {figure}, list(_sendings(place, period)))


def _sendings(place: Place, period: Period) -> Iterator[dict[str, Any]]:
    weekly = {"place": place.code, "period": period.key}
    for base_rev in (0, 1):
        yield weekly | {"base_rev": base_rev, "answers": f.CALM}
        yield weekly | {"base_rev": base_rev, "nil": True}
    yield weekly | {"base_rev": 1, "withdraws": True}
    for door in Place.objects.under(place).filter(kind=4):
        yield {"place": door.code, "answers": {"situation": "same"}}
        yield {"place": door.code, "answers": _told("楼道有水声", 3)}
        yield {"place": door.code, "answers": {"situation": "changed"}}
        yield {"place": door.code, "answers": _told("记错了", 2), "amends": "", "base_rev": 1}
        yield {"place": door.code, "answers": {}, "amends": "", "base_rev": 1, "withdraws": True}


def operations() -> list[str]:
    paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
    return sorted(f"{verb.upper()} {path}" for path, verbs in paths.items() for verb in verbs)


# --- Requests -----------------------------------------------------------------------------


@st.composite
def requests(draw: st.DrawFn, operation: Any, world: World, home: Home) -> schemathesis.Case:
    """One of schemathesis's own, or one of ours: of real things, with monsters among them."""
    if draw(st.sampled_from([False, False, True])):
        return draw(drawn_from(operation))
    where, query, body = {}, {}, NOT_SET
    if "/devices/{id}/" in operation.path:
        where = {"id": draw(st.sampled_from(world.devices))}
    elif "{id}" in operation.path:
        known = draw(st.sampled_from([False, False, False, True]))
        where = {"id": draw(st.sampled_from(world.values["id"]) if known else st.uuids().map(str))}
    media_type = "application/json" if operation.body else None
    if operation.path.endswith("/photos/{number}/"):
        own = Filing.objects.filter(by=home.user).order_by("received_at")[0].pk
        id_ = draw(st.sampled_from([where["id"], str(own), *world.values["id"]]))
        where = {"id": id_, "number": draw(st.sampled_from([1, 2, 3, 4, 0]))}
        good = pictures.drawn()
        body = draw(st.sampled_from([good, good[:200] + good[210:], good[:99], pictures.SVG]))
        media_type = "image/jpeg"
    elif operation.label == "POST /api/filings/":
        items = draw(st.lists(_bodies(world, home), min_size=1, max_size=4))
        body = {"items": [{"id": str(draw(st.uuids()))} | item for item in items]}
    elif operation.label == "PUT /api/filings/{id}/":
        more = draw(st.sampled_from([False, False, True]))
        beside = _as_object(draw(drawn_from(operation)).body) if more else {}
        body = beside | draw(_bodies(world, home))
    elif operation.body:
        body = draw(_facts(world, "label"))
    else:
        asked = {"period": draw(st.sampled_from(world.values["period"]))}
        asked |= draw(_facts(world, "period", "after", "kind"))
        query = {name: value for name, value in asked.items() if value not in UNSPEAKABLE}
    return operation.Case(
        path_parameters=where,
        query=query,
        body=body,
        media_type=media_type,
    )


def drawn_from(operation: Any) -> st.SearchStrategy[schemathesis.Case]:
    """What fits the schema and what does not."""
    return st.one_of([operation.as_strategy(generation_mode=mode) for mode in GenerationMode])


def _as_object(body: Any) -> dict[str, Any]:
    return deepcopy(body) if isinstance(body, dict) else {}


@st.composite
def _facts(draw: st.DrawFn, world: World, *likely: str) -> dict[str, Any]:
    """A few of the names that the API knows, with a real value of theirs or with a monster."""
    known = [*likely * 10, *sorted(world.values)]
    names = set(draw(st.lists(st.sampled_from(known), min_size=bool(likely), max_size=2)))
    is_hostile = st.sampled_from([False, draw(st.booleans())])
    return {
        name: deepcopy(draw(st.sampled_from(HOSTILE if draw(is_hostile) else world.values[name])))
        for name in sorted(names)
    }


@st.composite
def _bodies(draw: st.DrawFn, world: World, home: Home) -> dict[str, Any]:
    """A filing that could be, of this home or now and then of another, and a few facts amiss.

    What amends, amends anybody's.
    """
    whose = draw(st.sampled_from([home, home, home, *world.homes.values()]))
    body = draw(st.sampled_from(whose.sendings))
    if "amends" in body:
        body = body | {"amends": draw(st.sampled_from(world.values["amends"]))}
    return body | draw(_facts(world))


# --- Answers ------------------------------------------------------------------------------


def refusals_in(status: int, told: Any) -> Iterator[dict[str, Any]]:
    """The answer itself when it is a refusal, and the refused items of a batch."""
    if status >= 300:
        yield told
    yield from (item for item in _items(told) if item["status"] >= 300)


def _items(told: Any) -> list[dict[str, Any]]:
    return told.get("items", []) if isinstance(told, dict) else []


def is_in_house_shape(refusal: dict[str, Any]) -> bool:
    beyond = refusal.keys() - {"code", "message", "fields", "theirs", "yours", "id", "status"}
    words = [refusal["message"], *refusal["fields"].values()]
    return (
        not beyond
        and re.fullmatch(r"[a-z_]+", refusal["code"]) is not None
        and all(IN_CHINESE.search(each) for each in words)
    )


def what_leaks(answer: str, asked: str, others: list[Home]) -> set[str | int]:
    """Others' words and figures in the answer, but for what was in the request and came back."""
    found: set[str | int] = {
        secret for home in others for secret in home.secrets if secret in answer
    }
    numbers = set(_numbers(json.loads(answer or "null")))
    found |= {figure for home in others for figure in home.figures if figure in numbers}
    return {each for each in found if str(each) not in asked}


def _numbers(told: Any, name: str = "") -> Iterator[int]:
    """Whole numbers anywhere in an answer; row ids, which happen to be numbers, are none."""
    if isinstance(told, dict):
        for key, value in told.items():
            yield from _numbers(value, key)
    elif isinstance(told, list):
        for value in told:
            yield from _numbers(value)
    elif isinstance(told, int) and name != "id":
        yield told


def rows_of_others(home: Home) -> list[list[tuple[Any, ...]]]:
    """Every row that does not belong to this building or its seat."""
    own, user = Place.objects.under(home.place), home.user
    tables = [
        Place.objects.exclude(pk__in=own),
        HouseholdCount.objects.exclude(place__in=own),
        Obligation.objects.exclude(place__in=own),
        Report.objects.exclude(place__in=own),
        Filing.objects.exclude(report__place__in=own),
        Summary.objects.exclude(place__in=own),
        Mark.objects.exclude(place__in=own),
        Post.objects.exclude(user=user),
        User.objects.exclude(pk=user.pk),
        Device.objects.exclude(user=user),
        JournalEntry.objects.exclude(user=user),
    ]
    return [list(rows.order_by("pk").values_list()) for rows in tables]


# --- Tests --------------------------------------------------------------------------------


def test_every_operation_has_its_row():
    assert operations() == sorted(MET)


def test_a_leak_would_be_seen(world):
    one, two = world.homes["one"], world.homes["two"]
    receipt = Filing.objects.filter(by=two.user).first().receipt
    for answer in (f'"{two.place.code}-F01"', '"满庭芳1楼"', f'"{receipt}"', '{"residents": 8523}'):
        assert what_leaks(answer, "/api/places/", [two])
        assert not what_leaks(answer, "/api/places/", [one])
    assert not what_leaks(f'"{receipt}"', receipt, [two])


@pytest.mark.parametrize("seat", ["one", "two"])
@pytest.mark.parametrize("label", operations())
def test_nothing_breaks_and_nothing_foreign_is_told_or_touched(world, label, seat):
    home = world.homes[seat]
    others = [each for each in world.homes.values() if each is not home]
    schema = schemathesis.openapi.from_wsgi(
        "/api/schema/", application, config=SchemathesisConfig(), headers=home.headers
    )
    verb, path = label.split()
    operation = schema[path][verb]
    before = rows_of_others(home)
    met: set[int] = set()
    met_by_items: set[int] = set()

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize="SCHEMA_EXAMPLES" not in os.environ,
        database=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(requests(operation, world, home))
    def ask(case: schemathesis.Case) -> None:
        with transaction.atomic():
            response = case.call(headers=home.headers)
            case.validate_response(response, checks=CHECKS, headers=home.headers)
            told = json.loads(response.text or "null")
            refusals = list(refusals_in(response.status_code, told))
            assert all(is_in_house_shape(refusal) for refusal in refusals), response.text
            assert what_leaks(response.text, _asked(response), others) == set(), response.text
            assert rows_of_others(home) == before
            transaction.set_rollback(True)
        met.add(response.status_code)
        met_by_items.update(item["status"] for item in _items(told))

    ask()
    assert met >= MET[label]
    if label == "POST /api/filings/":
        assert met_by_items >= MET_BY_ITEMS


def _asked(response: Any) -> str:
    """The request as one text, to know what merely came back."""
    body = response.request.body or b""
    text = body.decode(errors="replace") if isinstance(body, bytes) else body
    with suppress(ValueError):
        text = json.dumps(json.loads(text), ensure_ascii=False)
    return unquote_plus(response.request.url) + text
