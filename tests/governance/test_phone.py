"""The shell knows nobody and is small; the pack knows one person's buildings and no names."""

import gzip
import json
import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reports.models import Decision, Report, Review
from tests import factories as f
from tests.governance import worlds

pytestmark = pytest.mark.django_db


@pytest.fixture
def street():
    return worlds.street(1)


def get_pack(street, role: str) -> dict:
    return street.client(role).get(reverse("api-pack")).json()


def test_the_shell_is_the_same_for_everybody_and_may_be_kept(street):
    anonymous = Client().get(reverse("shell"))
    somebody = street.client("unfiled seat").get(reverse("shell"))
    assert anonymous.content == somebody.content
    for answer in (anonymous, somebody):
        assert "Vary" not in answer.headers
        assert not answer.cookies
        assert "max-age=86400" in answer.headers["Cache-Control"]


def test_the_shell_is_three_requests_and_well_under_sixty_kilobytes():
    page = Client().get(reverse("shell"))
    parts = re.findall(r'(?:href|src)="(/f/[0-9a-f]{12}\.(?:css|js))"', page.content.decode())
    assert len(parts) == 2
    whole = [page, *(Client().get(part) for part in parts)]
    assert all(part.status_code == 200 for part in whole)
    assert sum(len(gzip.compress(part.content)) for part in whole) < 60_000


def test_its_script_is_one_piece():
    page = Client().get(reverse("shell")).content.decode()
    script = Client().get(re.search(r"/f/[0-9a-f]{12}\.js", page)[0]).content.decode()
    assert not re.search(r"^(import|export)\b", script, flags=re.M)
    # Names of all modules share one scope now.
    names = re.findall(r"^(?:async )?(?:const|let|function) (\w+)", script, flags=re.M)
    assert len(names) == len(set(names))


def test_the_worker_keeps_what_the_shell_asks_for():
    page = Client().get(reverse("shell")).content.decode()
    worker = Client().get(reverse("service-worker")).content.decode()
    for part in re.findall(r"/f/[0-9a-f]{12}\.\w+", page):
        assert f'"{part}"' in worker
    assert 'request.method !== "GET"' in worker


def test_a_pack_holds_own_buildings_and_no_names(street):
    pack = get_pack(street, "unfiled seat")
    (building,) = pack["buildings"]
    assert building["name"] == "3号楼组"
    assert [door["name"] for door in building["doors"]] == ["101室", "102室", "201室", "202室"]
    assert building["weeks"][0]["is_filed"] is False
    text = json.dumps(pack, ensure_ascii=False)
    assert all(person.full_name not in text for person in street.people.values())


def test_a_pack_says_why_a_report_came_back(street):
    place = f.building(street.communities[0], 2)
    report = Report.objects.get(place=place)
    Report.objects.filter(pk=report.pk).update(review=Review.RETURNED)
    Decision.objects.create(
        report=report,
        rev=report.rev,
        what=Decision.What.RETURNED,
        by=street.people["staff"],
        reason="几楼没写",
        at=timezone.now(),
    )
    owner = place.posts.first().user
    client = Client()
    client.force_login(owner)
    (building,) = client.get(reverse("api-pack")).json()["buildings"]
    assert building["weeks"][0]["returned"] == "几楼没写"
    assert building["weeks"][0]["answers"]["corridor"] == "uncleared"


def test_staff_without_a_building_get_an_empty_pack(street):
    assert get_pack(street, "staff")["buildings"] == []


def test_a_stranger_gets_neither_pack_nor_token():
    assert Client().get(reverse("api-pack")).status_code == 401
    assert Client().get(reverse("api-whoami")).status_code == 401


def test_a_pack_costs_the_same_for_many_doors():
    counts = []
    for doors in (2, 12):
        community = f.compound((1,), floors=2, doors=doors)
        f.open_week(timezone.now())
        f.household_form()
        client = Client()
        client.force_login(f.seat(f.building(community)))
        client.get(reverse("api-pack"))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(reverse("api-pack")).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
