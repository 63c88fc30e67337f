"""A page costs the same number of queries whether one community uses the house or twenty."""

import re
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse
from django.utils import timezone

from governance.voices.models import Voice
from reports import calendar, filing, sheets
from reports.exports import order
from reports.exports.order import FileKind, Order, Purpose
from reports.models import Admission, Filing, ReportForm, Sheet, Workbook
from reports.workbooks import storing
from tests import factories as f
from tests.governance import worlds
from tests.governance.test_sweep import TABLE
from tests.reports import office_workbooks
from units.models import Community

pytestmark = pytest.mark.django_db


def pages_of(street: worlds.Street) -> dict[tuple[str, str], str]:
    community = street.communities[0]
    above = {"code": street.division.code}
    building = f.building(community, 2)
    week = calendar.week_of(timezone.localdate()).key
    quarter = calendar.quarter_of(timezone.localdate()).key
    of = {"code": community.code}
    report = {"code": building.code, "week": week}
    own = f.building(community, 3)
    pages = {
        ("staff", "workbench"): reverse("workbench", kwargs=of),
        ("worker", "workbench"): reverse("workbench", kwargs=of) + "?tab=all",
        ("staff", "what is due"): reverse("workbench", kwargs=of) + "?tab=due&later=1",
        ("staff", "community-board"): reverse("community-board", kwargs=of),
        ("street", "community-board"): reverse("community-board", kwargs=of),
        ("secretary", "community-board"): reverse("community-board", kwargs=of),
        ("staff", "filing-matrix"): reverse("filing-matrix", kwargs=of),
        ("worker", "filing-matrix"): reverse("filing-matrix", kwargs=of) + "?only=now&weeks=13",
        ("staff", "review-queue"): reverse("review-queue", kwargs=of),
        ("worker", "review-queue"): reverse("review-queue", kwargs=of),
        ("staff", "late-reports"): reverse("late-reports", kwargs=of),
        ("street", "street-review"): reverse("street-review", kwargs=above),
        ("street", "calendar"): reverse("calendar"),
        ("staff", "calendar"): reverse("calendar"),
        ("staff", "community-wall"): reverse("community-wall", kwargs=of),
        ("street", "street-board"): reverse("street-board", kwargs=above),
        ("street", "compare"): reverse("street-board", kwargs=above) + "?compare=1",
        ("street", "street-trends"): reverse("street-trends", kwargs=above) + "?compare=1",
        ("street", "street-screen"): reverse("street-screen", kwargs=above),
        ("street", "supervision"): reverse("supervision", kwargs=above),
        ("staff", "committee-queries"): reverse("committee-queries", kwargs=of),
        ("staff", "group-list"): reverse("group-list", kwargs=of),
        ("staff", "group-card"): reverse("group-card", kwargs=of),
        ("staff", "cards"): reverse("cards", kwargs=of),
        ("director", "second-steps"): reverse("second-steps", kwargs=of),
        ("seat", "devices"): reverse("devices"),
        ("staff", "devices"): reverse("devices"),
        ("director", "appointments"): reverse("appointments", kwargs=of),
        ("director", "shape"): reverse("shape", kwargs=of),
        ("director", "shape of a building"): reverse("shape", kwargs={"code": building.code}),
        ("director", "shape-changes"): reverse("shape-changes", kwargs=of),
        ("director", "branches"): reverse("branches", kwargs=of),
        ("director", "branch-secretary"): reverse("branch-secretary", kwargs=of | {"number": 1})
        + "?name=%E9%99%88%E5%BB%BA%E5%9B%BD",
        ("staff", "handover"): reverse("handover", kwargs={"code": building.code}),
        ("worker", "building-board"): reverse("building-board", kwargs={"code": building.code}),
        ("staff", "report-detail"): reverse("report-detail", kwargs=report),
        ("staff", "on-behalf"): reverse("on-behalf", kwargs=report),
        ("staff", "downloads"): reverse("downloads"),
        ("staff", "workbooks"): reverse("workbooks"),
        ("street", "workbooks"): reverse("workbooks"),
        ("staff", "sheet-table"): reverse("sheet-table", kwargs={"id": _sheet(community).pk}),
        ("staff", "workbook"): reverse("workbook", kwargs={"pk": _workbook(community).pk}),
        ("staff", "workbook-filling"): reverse(
            "workbook-filling", kwargs={"pk": _workbook(community).pk}
        ),
        ("staff", "withdrawal"): reverse("withdrawal", kwargs=report),
        ("staff", "census-imports"): reverse("census-imports", kwargs=of),
        ("staff", "census-columns"): reverse("census-columns", kwargs=_census(street)),
        ("staff", "census-import"): reverse("census-import", kwargs=_census(street)),
        ("staff", "measures"): reverse("measures"),
        ("street", "measures"): reverse("measures") + f"?place={community.code}",
        ("staff", "sheet"): reverse("sheet", kwargs={"id": _sheet(community).pk}),
        ("street", "sheet"): reverse("sheet", kwargs={"id": _sheet(community).pk}),
        ("unfiled seat", "group-home"): reverse("group-home"),
        ("unfiled seat", "api-obligations"): reverse("api-obligations"),
        ("unfiled seat", "api-pack"): reverse("api-pack"),
        ("unfiled seat", "group-board"): reverse("group-board", kwargs={"code": own.code}),
        ("unfiled seat", "group-wall"): reverse("group-wall", kwargs={"code": own.code}),
    }
    home = f.household(community, 2)
    for role, kind, code in (
        ("staff", "community", community.code),
        ("street", "community", community.code),
        ("staff", "block", f.block(community).code),
        ("secretary", "block", f.block(community).code),
        ("street", "block", f.block(community).code),
        ("staff", "building", building.code),
        ("staff", "floor", home.parent.code),
        ("staff", "household", home.code),
        ("worker", "household", home.code),
    ):
        pages[role, f"place {kind}"] = reverse("place", kwargs={"code": code})
    pages["staff", "person"] = reverse("person", kwargs={"pk": building.posts.first().user_id})
    for role in ("staff", "worker", "street", "unfiled seat"):
        pages[role, "places"] = reverse("places", kwargs=of)
        for typed in ("1", "1-101", "片区", "兰英", "灯", "上周", "zhou"):
            if (role, typed) == ("street", "1"):
                # One block of the only community is a page at once, one of twenty a list.
                continue
            found = f"?{urlencode({'q': typed})}"
            pages[role, f"search {typed}"] = reverse("search") + found
            pages[role, f"suggestions {typed}"] = reverse("search-suggestions") + found
    for role in ("staff", "unfiled seat", "street"):
        pages[role, "admissions"] = reverse("admissions")
        pages[role, "burden"] = reverse("burden")
        pages[role, "admission"] = reverse(
            "admission", kwargs={"pk": Admission.objects.filter(state="proposed").first().pk}
        )
    pages["staff", "admission-proposal"] = reverse("admission-proposal")
    block, first = f.block(community).code, building.code
    for role, code, place, period in (
        ("staff", "COV_B", community.code, week),
        ("staff", "HAZ_CORR", block, week),
        ("staff", "HAZ_CORR", first, week),
        ("staff", "HH_CONFIRMED", first, quarter),
        ("staff", "POP_RES", first, "now"),
        ("street", "COV_B", street.division.code, week),
        ("street", "POP_RES", community.code, "now"),
        ("street", "HAZ_CORR", block, week),
    ):
        figure = {"code": code, "place": place, "period": period}
        pages[role, f"{code} {period == week} {len(place)}"] = reverse("figure", kwargs=figure)
    last_week = calendar.week_of(timezone.localdate() - timedelta(days=7)).key
    last_month = calendar.month_of(timezone.localdate().replace(day=1) - timedelta(days=9)).key
    block = {"code": f.block(community).code, "period": last_week}
    month = {"code": community.code, "period": last_month}
    for name in ("upper-report", "upper-form", "upper-withdrawal"):
        pages["worker", name] = reverse(name, kwargs=block)
        pages["staff", name] = reverse(name, kwargs=month)
    pages["street", "upper-report"] = reverse("upper-report", kwargs=month)
    for role in ("worker", "staff", "street"):
        pages[role, "upper-list"] = reverse("upper-list", kwargs=of)
    voice = Voice.objects.filter(place=building).first()
    sent = Filing.objects.get(report__place=building)
    paper = {"form": "building_report"}
    ReportForm.published("building_report").latest()  # Read once a process.
    pages |= {
        ("staff", "voices"): reverse("voices", kwargs=of),
        ("staff", "voice"): reverse("voice", kwargs={"pk": voice.pk}),
        ("staff", "doorplates"): reverse("doorplates", kwargs=of),
        ("staff", "doorplate-sheets"): reverse("doorplate-sheets", kwargs=of),
        ("staff", "replies"): reverse("replies", kwargs={"id": sent.pk}),
        ("staff", "paper"): reverse("paper", kwargs={"code": community.code} | paper),
        ("staff", "receipt"): reverse("receipt", kwargs={"id": sent.pk}),
        ("unfiled seat", "group-voices"): reverse("group-voices", kwargs={"code": own.code}),
        ("unfiled seat", "group-replies"): reverse("group-replies", kwargs={"code": own.code}),
        ("unfiled seat", "voice-receipt"): reverse("voice-receipt") + f"?number={voice.receipt}",
        ("unfiled seat", "stairwell"): reverse(
            "stairwell", kwargs={"token": voice.doorplate.token}
        ),
    }
    seat = street.people["unfiled seat"]
    told = f.matter(own, seat, at=timezone.now(), note="三楼灯坏了")
    pages |= {
        ("staff", "matters"): reverse("matters", kwargs=of) + "?all=1",
        ("staff", "photo-removal"): reverse("photo-removal", args=[sent.pk, 1]),
        ("unfiled seat", "matter"): reverse("matter", kwargs={"code": own.code}),
        ("unfiled seat", "matter help"): reverse(
            "matter-form", kwargs={"code": own.code, "kind": "help"}
        ),
        ("unfiled seat", "matter-form"): reverse(
            "matter-form", kwargs={"code": own.code, "kind": "facility"}
        ),
        ("unfiled seat", "matter-withdrawal"): reverse("matter-withdrawal", args=[told.pk]),
    }
    for name in (
        *("community-profile", "building-profiles", "facility-addition", "parking-need"),
        "defects",
    ):
        pages["staff", name] = reverse(name, kwargs=of)
    lamp = building.facilities.get(name="楼道照明")
    pages |= {
        ("worker", "community-profile"): reverse("community-profile", kwargs=of),
        ("street", "community-profile"): reverse("community-profile", kwargs=of),
        ("staff", "facility"): reverse("facility", kwargs={"pk": lamp.pk}),
        ("staff", "building-profile"): reverse("building-profile", kwargs={"code": building.code}),
        ("unfiled seat", "building-profile"): reverse(
            "building-profile", kwargs={"code": own.code}
        ),
    }
    visit = f.household_sending(seat)
    event = filing.file_event(home, f.household_form(), visit, at=timezone.now()).filing
    ordered = Order(
        FileKind.COMMA,
        Purpose.MEETING,
        place=building,
        period=calendar.week_of(timezone.localdate()),
    )
    file = order.place(ordered, by=street.people["staff"], at=timezone.now())
    pages |= {
        ("staff", "chain"): reverse("chain", kwargs=of),
        ("staff", "photo"): reverse("photo", kwargs={"id": sent.pk, "number": 1}),
        ("staff", "event-amendment"): reverse("event-amendment", kwargs={"id": event.pk}),
        ("staff", "download"): reverse("download", kwargs={"id": file.pk}),
        ("staff", "download-file"): reverse("download-file", kwargs={"id": file.pk}),
        ("staff", "census-template"): reverse("census-template", kwargs=of),
        ("staff", "census-errors"): reverse("census-errors", kwargs=_census(street)),
        ("unfiled seat", "matter-amendment"): reverse("matter-amendment", args=[told.pk]),
        ("unfiled seat", "household"): reverse(
            "household", kwargs={"code": f.household(community, 3).code}
        ),
    }
    for role in ("staff", "worker", "street", "unfiled seat"):
        pages[role, "api-places"] = reverse("api-places")
        pages[role, "api-summaries"] = reverse("api-summaries") + f"?period={week}"
        pages[role, "downloads"] = reverse("downloads")
    for name in ("nil-report", "report-form", "report-detail"):
        pages["unfiled seat", name] = reverse(name, kwargs={"code": own.code, "week": week})
    return pages


def _sheet(community: Community) -> Sheet:
    week = calendar.week_of(timezone.localdate())
    return sheets.take(f.root(community), week, by=None, at=timezone.now())


def _census(street: worlds.Street) -> dict[str, UUID]:
    """A sheet with more faulty lines where there are more communities."""
    lines = 10 * len(street.communities)
    community, staff = street.communities[0], street.people["staff"]
    return {"id": f.census_sheet(community, by=staff, faulty=lines, at=timezone.now()).pk}


def _workbook(community: Community) -> Workbook:
    return Workbook.objects.filter(community=community).first() or storing.upload(
        community,
        name="月报表",
        file_name="x",
        content=office_workbooks.by_block()[0],
        by=f.person(),
        at=timezone.now(),
    )


# Of nobody's community, on the way to a page, or asked while a file is made or a census runs.
UNCOUNTED = {
    *("downloads-live", "census-live"),
    *("home", "healthz", "login", "enter", "pin", "bound", "second-step", "second-step-setup"),
    *("live-who", "parts", "shell", "shell-part", "service-worker", "diagnosis"),
    *("api-whoami", "api-devices", "api-schema", "api-page"),
}
# What an open page asks for by itself: its version, and the part that it swaps.
_ASKS = re.compile(r'data-live-version="([^"]+)"')


@dataclass
class Counted:
    numbers: dict[tuple[str, str], int] = field(default_factory=dict)
    doors: set[str] = field(default_factory=set)

    def ask(self, client: Client, key: tuple[str, str], url: str, **headers: str) -> str:
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url, headers=headers)
        assert answer.status_code in (200, 302), key
        self.numbers[key] = len(queries)
        self.doors.add(resolve(url.partition("?")[0]).url_name)
        is_page = answer.headers.get("Content-Type", "").startswith("text/html")
        return answer.content.decode() if is_page else ""


def _counted(street: worlds.Street) -> Counted:
    counted = Counted()
    # A process keeps the forms once it has read them.
    street.client("unfiled seat").get(reverse("api-pack"))
    for (role, name), url in pages_of(street).items():
        client = street.client(role)
        asks = _ASKS.search(counted.ask(client, (role, name), url))
        if asks:
            counted.ask(client, (role, f"{name}, version"), unescape(asks[1]))
            counted.ask(client, (role, f"{name}, part"), url, **{"X-Part": "figures"})
    return counted


def test_query_counts_are_the_same_for_one_and_for_twenty_communities():
    one = _counted(worlds.street(1))
    many = _counted(worlds.street(19))
    assert many.numbers == one.numbers
    assert max(one.numbers.values()) <= 24
    # Every page of the house is among them.
    shown = {door for door, (method, *_rest) in TABLE.items() if method == "GET"}
    assert shown - one.doors == UNCOUNTED
