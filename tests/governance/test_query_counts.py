"""A page costs the same number of queries whether one community uses the house or twenty."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reports import calendar
from tests import factories as f
from tests.governance import worlds

pytestmark = pytest.mark.django_db


def _pages(street: worlds.Street) -> dict[tuple[str, str], str]:
    community = street.communities[0]
    building = f.building(community, 2)
    week = calendar.week_of(timezone.localdate()).key
    of = {"code": community.code}
    report = {"code": building.code, "week": week}
    own = f.building(community, 3)
    pages = {
        ("staff", "community-board"): reverse("community-board", kwargs=of),
        ("street", "community-board"): reverse("community-board", kwargs=of),
        ("secretary", "community-board"): reverse("community-board", kwargs=of),
        ("staff", "community-wall"): reverse("community-wall", kwargs=of),
        ("street", "street-board"): reverse("street-board", kwargs={"code": street.division.code}),
        ("street", "compare"): reverse("street-board", kwargs={"code": street.division.code})
        + "?compare=1",
        ("staff", "group-list"): reverse("group-list", kwargs=of),
        ("staff", "group-card"): reverse("group-card", kwargs=of),
        ("staff", "cards"): reverse("cards", kwargs=of),
        ("director", "second-steps"): reverse("second-steps", kwargs=of),
        ("seat", "devices"): reverse("devices"),
        ("staff", "devices"): reverse("devices"),
        ("director", "appointments"): reverse("appointments", kwargs=of),
        ("worker", "building-board"): reverse("building-board", kwargs={"code": building.code}),
        ("staff", "report-detail"): reverse("report-detail", kwargs=report),
        ("staff", "on-behalf"): reverse("on-behalf", kwargs=report),
        ("staff", "withdrawal"): reverse("withdrawal", kwargs=report),
        ("unfiled seat", "group-home"): reverse("group-home"),
        ("unfiled seat", "api-obligations"): reverse("api-obligations"),
        ("unfiled seat", "group-board"): reverse("group-board", kwargs={"code": own.code}),
        ("unfiled seat", "group-wall"): reverse("group-wall", kwargs={"code": own.code}),
    }
    for name in ("nil-report", "report-form", "report-detail"):
        pages["unfiled seat", name] = reverse(name, kwargs={"code": own.code, "week": week})
    return pages


def _counts(street: worlds.Street) -> dict[tuple[str, str], int]:
    counts = {}
    for (role, name), url in _pages(street).items():
        client = street.client(role)
        with CaptureQueriesContext(
            connection,
        ) as queries:
            answer = client.get(url)
        assert answer.status_code in (200, 302), (role, name)
        counts[role, name] = len(queries)
    return counts


def test_query_counts_are_the_same_for_one_and_for_twenty_communities():
    one = _counts(worlds.street(1))
    many = _counts(worlds.street(19))
    assert many == one
    assert max(one.values()) <= 20
