"""The API: batches, devices, places, summaries — the same rules and refusals as the pages."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.utils import timezone

from reports.catalogue import publish_all
from reports.models import Filing, Report, Summary
from tests import factories as f
from units.kinds import Duty
from units.models import Device, Place

pytestmark = pytest.mark.django_db

SAME = {"situation": "same"}


class Phone:
    """A client that calls with a device token of its own."""

    def __init__(self, user):
        browser = Client()
        browser.force_login(user)
        answer = browser.post("/api/devices/", {"label": "手机"}, content_type="application/json")
        self.device = answer.json()
        self.client = Client(headers={"Authorization": f"Device {self.device['token']}"})

    def batch(self, *items):
        return self.client.post(
            "/api/filings/", json.dumps({"items": items}), content_type="application/json"
        )


@pytest.fixture
def world():
    community = f.compound((2,), floors=2, doors=2)
    f.open_week(timezone.now())
    publish_all(at=timezone.now())
    user = f.seat(f.building(community, 1))
    return community, user, Phone(user)


def doors(community, number=1):
    return list(Place.objects.filter(parent__parent=f.building(community, number)).order_by("code"))


def item(place, **facts):
    return {"id": str(uuid4()), "place": place.code, "answers": SAME, **facts}


def test_a_buildings_doors_are_filed_in_one_request(world):
    community, _user, phone = world
    answer = phone.batch(*[item(door) for door in doors(community)])
    assert [each["status"] for each in answer.json()["items"]] == [201] * 4
    f.drain(community, timezone.now())
    row = Summary.objects.get(place=f.building(community, 1), period__kind="quarter")
    assert (row.confirmed, row.visited_households) == (4, 4)


def test_each_item_is_accepted_or_refused_on_its_own(world):
    community, _user, phone = world
    good, *_others = doors(community)
    late = str(timezone.localdate() + timedelta(days=1))
    answer = phone.batch(
        item(good),
        item(doors(community, 2)[0]),
        item(good, answers={"situation": "changed"}),
        item(good, happened_on=late),
        {"id": "x", "place": good.code},
        "平安",
    )
    statuses = [(each["status"], each.get("code")) for each in answer.json()["items"]]
    assert statuses == [
        (201, None),
        (404, "not_found"),
        (422, "required"),
        (422, "day_to_come"),
        (400, "bad_envelope"),
        (404, "not_found"),
    ]
    assert Filing.objects.count() == 1


def test_a_batch_sent_again_stores_nothing_twice(world):
    community, _user, phone = world
    items = [item(door) for door in doors(community)]
    phone.batch(*items)
    again = phone.batch(*items, items[0])
    assert [each["status"] for each in again.json()["items"]] == [200] * 5
    assert Report.objects.count() == Filing.objects.count() == 4


def test_building_reports_and_amendments_travel_in_the_same_batch(world):
    community, _user, phone = world
    home = f.building(community, 1)
    week = f.open_week(timezone.now()).key
    told = item(doors(community)[0])
    answer = phone.batch(
        {"id": str(uuid4()), "place": home.code, "period": week, "nil": True},
        told,
        item(doors(community)[0], amends=told["id"], base_rev=1, withdraws=True),
        item(doors(community)[0], amends=str(uuid4()), base_rev=1),
    )
    assert [each["status"] for each in answer.json()["items"]] == [201, 201, 201, 404]
    assert Report.objects.standing().filter(is_event=True).count() == 0


@pytest.mark.parametrize("items", [[], [{}] * 201, "平安", None])
def test_a_batch_of_a_wrong_size_is_refused_with_a_sentence(world, items):
    _community, _user, phone = world
    body = json.dumps({"items": items})
    answer = phone.client.post("/api/filings/", body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["code"] == "batch_size"


def test_a_revoked_device_is_refused_at_its_next_request(world):
    _community, user, phone = world
    assert phone.client.get("/api/places/").status_code == 200
    assert phone.client.post(f"/api/devices/{phone.device['id']}/revocation/").status_code == 204
    answer = phone.client.get("/api/places/")
    assert answer.status_code == 401
    assert answer.json()["code"] == "unknown_device"
    assert phone.device["token"] not in str(Device.objects.get(user=user).__dict__)


def test_places_and_summaries_stop_where_the_reach_stops(world):
    community, _user, phone = world
    f.drain(community, timezone.now())
    own = f.building(community, 1).code
    places = phone.client.get("/api/places/").json()
    assert {place["code"][: len(own)] for place in places} == {own}
    rows = phone.client.get("/api/summaries/", {"period": "now"}).json()
    assert {row["place"][: len(own)] for row in rows} == {own}
    assert len(rows) == 7


def test_what_only_the_committee_may_read_does_not_leave(world):
    community, _user, phone = world
    f.drain(community, timezone.now())
    street = Phone(f.post(Duty.STREET_OFFICER, division=community.division).user)
    staff = Phone(f.staff(community))
    for asking, sees in ((phone, False), (street, False), (staff, True)):
        row = asking.client.get("/api/summaries/", {"period": "now"}).json()[0]
        assert ("living_alone" in row["columns"]) is sees


def test_a_missing_question_is_told_in_the_house_shape(world):
    _community, _user, phone = world
    answer = phone.client.get("/api/summaries/")
    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "message", "fields"}
    assert "period" in answer.json()["fields"]


def test_the_schema_and_its_page_are_served_from_here(world):
    _community, user, _phone = world
    client = Client()
    client.force_login(user)
    assert "/api/filings/{id}/" in client.get("/api/schema/").content.decode()
    page = client.get("/api/").content.decode()
    assert "https://" not in page
    assert "/static/drf_spectacular_sidecar/" in page
