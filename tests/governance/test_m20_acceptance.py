"""M20 provenance (domain/mechanisms.md): every number opens to its inputs as far as rights go."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import calendar, filing, measures, sheets
from reports.measures import Source
from reports.models import Period, Summary
from reports.provenance import deepest
from tests import factories as f
from tests.reports.counting import file, moved, tell
from units import tree
from units.kinds import Duty
from units.models import Community, Place, User

pytestmark = pytest.mark.django_db

_VALUE = re.compile(r'class="figure-value is-large">([^<]*)<')
_PART = re.compile(r'data-part="([\w-]+)">([^<]*)</td>(?:\s*<td class="number">([^<]*)</td>)?')
_ADDS = re.compile(r"计入 <b>(-?\d+)(?:/(-?\d+))?</b>")
_DOWN = re.compile(r'<tr>\s*<td><a href="(/figure/[^"]+)">')


@pytest.fixture
def community() -> Community:
    """Two blocks of two buildings and one: a week half filed, visits, people counted."""
    community = f.compound((2, 1), floors=1, doors=2)
    week = f.open_week(timezone.now())
    by = f.person()
    today = timezone.localdate()
    at = timezone.now()
    file(f.building(community, 1), week, by, at, answers={"corridor": "uncleared"})
    file(f.building(community, 3), week, by, at, answers={"dispute": "mediated", "waste": "fair"})
    home = f.household(community, 1)
    f.census_of(home, 4, on=today - timedelta(days=30), aged_60_to_79=1, aged_80_plus=1, at=at)
    tell(home, at=at, happened_on=today)
    tell(home, at=at, happened_on=today)
    moved(f.household(community, 3), today, arrived=2, at=at)
    f.drain(community, at)
    return community


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page_of(client: Client, code: str, place: str, period: str, asked: str = "") -> str:
    url = reverse("figure", kwargs={"code": code, "place": place, "period": period})
    answer = client.get(url + asked)
    assert answer.status_code == 200, url
    return unescape(answer.content.decode())


def week() -> Period:
    return calendar.week_of(timezone.localdate())


def follow(client: Client, page: str, number: int = 0) -> str:
    answer = client.get(_DOWN.findall(page)[number])
    assert answer.status_code == 200
    return unescape(answer.content.decode())


# --- Acceptance -----------------------------------------------------------------------------


def test_m20_from_a_total_three_taps_lead_staff_to_the_records(community):
    client = client_of(f.staff(community))
    board = client.get(reverse("community-board", kwargs={"code": community.code}))
    link = re.search(r'href="(/figure/HAZ_CORR/[^"]+)">1</a>', board.content.decode())
    page = client.get(link[1]).content.decode()  # one tap
    page = follow(client, page)  # two
    page = follow(client, page)  # three
    assert "来自哪些报告" in page
    assert "有，待清" in page
    assert re.search(r'href="/report/[^"]+"', page)
    assert "回执" in page


def test_m20_the_street_comes_to_block_totals_and_the_sentence(community):
    client = client_of(f.post(Duty.STREET_OFFICER, division=community.division).user)
    street = client.get(reverse("street-board", kwargs={"code": community.division_id}))
    link = re.search(r'href="(/figure/HAZ_CORR/[^"]+)">1</a>', street.content.decode())
    page = client.get(link[1]).content.decode()
    page = follow(client, page)
    assert [code[-3:] for code, _value, _fraction in _PART.findall(page)] == ["B01", "B02"]
    page = follow(client, page)
    assert "下一级需居委会权限" in page
    assert _PART.findall(page) == _DOWN.findall(page) == []
    below = {"code": "HAZ_CORR", "place": f.building(community).code, "period": week().key}
    assert client.get(reverse("figure", kwargs=below)).status_code == 404


def test_m20_a_stored_sheet_shows_what_it_had_though_the_reports_changed(community):
    root, first = f.root(community), f.building(community)
    taken = sheets.take(root, week(), by=None, at=timezone.now())
    file(first, week(), at=timezone.now(), answers={"corridor": "none"})
    f.drain(community, timezone.now())
    client = client_of(f.staff(community))
    now, then = (
        page_of(client, "HAZ_CORR", root.code, week().key, a) for a in ("", f"?sheet={taken.pk}")
    )
    assert (_VALUE.search(now)[1], _VALUE.search(then)[1]) == ("0", "1")
    shown = client.get(reverse("sheet", kwargs={"id": taken.pk})).content.decode()
    assert f'?sheet={taken.pk}">1</a>' in shown
    # Down to the sending that was counted.
    at_block = page_of(
        client, "HAZ_CORR", f.block(community).code, week().key, f"?sheet={taken.pk}"
    )
    assert [value for _code, value, _f in _PART.findall(at_block)] == ["1", "0"]
    at_door = page_of(client, "HAZ_CORR", first.code, week().key, f"?sheet={taken.pk}")
    assert "有，待清" in at_door
    assert _VALUE.search(at_door)[1] == "1"


def test_m20_the_printed_sheet_equals_the_screen_of_the_same_moment(community):
    root = f.root(community)
    taken = sheets.take(root, week(), by=None, at=timezone.now())
    client = client_of(f.staff(community))
    for measure in measures.of_periods(week().ends_on):
        if week().kind not in measure.periods:
            continue
        if root.kind > deepest(measure):
            continue
        screen, sheet = (
            page_of(client, measure.code, root.code, week().key, asked)
            for asked in ("", f"?sheet={taken.pk}")
        )
        assert _VALUE.search(screen)[1] == _VALUE.search(sheet)[1], measure.code
        assert _PART.findall(screen) == _PART.findall(sheet), measure.code


def test_m20_a_sheet_outside_ones_reach_does_not_exist(community):
    other = f.compound((1,))
    taken = sheets.take(f.root(other), week(), by=None, at=timezone.now())
    client = client_of(f.staff(community))
    assert client.get(reverse("sheet", kwargs={"id": taken.pk})).status_code == 404
    url = reverse("figure", kwargs={"code": "COV_B", "place": community.code, "period": week().key})
    assert client.get(f"{url}?sheet={taken.pk}").status_code == 404


# --- It adds up -----------------------------------------------------------------------------


def number(text: str) -> int:
    return int(text.replace(",", ""))


def test_every_figure_is_the_sum_of_what_is_listed_below_it(community):
    """Children sum to the value; at a building the reports listed do."""
    client = client_of(f.staff(community))
    kinds = {"week": week(), "month": calendar.month_of(timezone.localdate())}
    kinds |= {"quarter": calendar.quarter_of(timezone.localdate()), "now": calendar.now_period()}
    places = Place.objects.filter(community=community, kind__lte=2)
    checked = 0
    for measure in measures.CATALOGUE:
        for kind in measure.periods:
            for place in places:
                if place.kind > deepest(measure):
                    continue
                if not Summary.objects.filter(place=place, period=kinds[kind]).exists():
                    continue
                page = page_of(client, measure.code, place.code, kinds[kind].key)
                if place.kind == deepest(measure) and measure.source is not Source.STOCK:
                    parts = [(a, b) for a, b in _ADDS.findall(page)]
                elif _PART.search(page):
                    parts = [
                        tuple(f.split("/")) if measure.is_rate else (v, "")
                        for _code, v, f in _PART.findall(page)
                    ]
                else:
                    continue
                rows = Summary.objects.filter(place=place, period=kinds[kind])
                if measure.needs_stock:
                    rows = [*rows, *Summary.objects.filter(place=place, period__kind="now")]
                    if place.kind == 2:
                        continue
                told = measures.figure(measure, rows)
                assert sum(number(a) for a, _b in parts) == told.numerator, (measure.code, page)
                if measure.is_rate:
                    assert sum(number(b) for _a, b in parts) == told.denominator, measure.code
                checked += 1
    assert checked > 80


def test_residents_of_a_building_are_those_of_its_households(community):
    client = client_of(f.staff(community))
    page = page_of(client, "POP_RES", f.building(community).code, "now")
    assert sum(int(a) for a, _b in _ADDS.findall(page)) == 4 == int(_VALUE.search(page)[1])


def test_a_frozen_period_keeps_its_shape_and_says_where_the_place_is_now(community):
    mover = f.building(community, 1)
    period = week()
    Period.objects.filter(pk=period.pk).update(freezes_at=timezone.now() - timedelta(hours=1))
    tree.move(mover.pk, to_parent_id=f.block(community, 2).pk, at=timezone.now())
    f.drain(community, timezone.now())
    client = client_of(f.staff(community))
    then = page_of(client, "HAZ_CORR", f.block(community, 1).code, period.key)
    assert (
        _PART.findall(then)[0][1],
        re.search("按当时的归属，现属第2片区", then)[0],
    ) == ("1", "按当时的归属，现属第2片区")
    own = page_of(client, "HAZ_CORR", mover.code, period.key)
    assert "按当时的归属：这一期计入第1片区，现在属于第2片区" in own


# --- Who sees what --------------------------------------------------------------------------


def test_a_measure_that_is_not_for_the_street_is_refused_with_a_sentence(community):
    client = client_of(f.post(Duty.STREET_OFFICER, division=community.division).user)
    of = {"code": "STOCK_LOW", "place": community.code, "period": week().key}
    answer = client.get(reverse("figure", kwargs=of))
    assert answer.status_code == 403
    assert "居委会权限" in answer.content.decode()


@pytest.mark.parametrize(
    ("code", "period"),
    [("NOTHING", "week"), ("HH_CONFIRMED", "week"), ("POP_RES", "week"), ("COV_B", "now")],
)
def test_a_measure_that_is_none_of_this_period_does_not_exist(community, code, period):
    key = week().key if period == "week" else "now"
    url = reverse("figure", kwargs={"code": code, "place": community.code, "period": key})
    assert client_of(f.staff(community)).get(url).status_code == 404


def test_events_open_to_household_reports(community):
    page = page_of(client_of(f.staff(community)), "VISIT_N", f.building(community).code, week().key)
    assert page.count("data-record") == 2
    assert "怎么知道的" in page
    assert re.search(r'href="/receipt/[^"]+"', page)


def test_every_figure_of_the_boards_is_a_link_that_opens(community):
    roles = {
        "community-board": (f.staff(community), {"code": community.code}),
        "street-board": (
            f.post(Duty.STREET_OFFICER, division=community.division).user,
            {"code": community.division_id},
        ),
    }
    for name, (user, of) in roles.items():
        client = client_of(user)
        page = client.get(reverse(name, kwargs=of)).content.decode()
        links = set(re.findall(r'href="(/figure/[^"]+)"', page))
        assert len(links) > 8
        assert {client.get(link).status_code for link in links} == {200}


def test_filing_again_is_listed_with_who_when_and_how(community):
    building = f.building(community)
    owed = f.owed(building, week())
    by = f.staff(community)
    filing.file(
        owed,
        f.sending(
            by, base_rev=1, answers={"corridor": "none"}, channel="telephone", caller="周兰英"
        ),
        at=timezone.now(),
    )
    f.drain(community, timezone.now())
    page = page_of(client_of(by), "HAZ_CORR", building.code, week().key)
    assert page.count("· 回执 ") == 2
    assert "电话代报" in page


def test_every_figure_of_a_stored_sheet_is_a_link_that_opens(community):
    taken = sheets.take(f.root(community), week(), by=None, at=timezone.now())
    street = f.post(Duty.STREET_OFFICER, division=community.division).user
    for client in (client_of(f.staff(community)), client_of(street)):
        page = client.get(reverse("sheet", kwargs={"id": taken.pk})).content.decode()
        links = set(re.findall(r'href="(/figure/[^"]+)"', page))
        assert len(links) > 40
        assert {client.get(link).status_code for link in links} == {200}


@pytest.mark.parametrize("asked", ["week", "place", "words"])
def test_a_sheet_of_another_place_or_period_says_nothing_here(community, asked):
    of_block = sheets.take(f.block(community, 2), week(), by=None, at=timezone.now())
    place = f.block(community, 1 if asked == "place" else 2)
    period = calendar.month_of(timezone.localdate()) if asked == "week" else week()
    number = "no-sheet" if asked == "words" else of_block.pk
    url = reverse("figure", kwargs={"code": "COV_B", "place": place.code, "period": period.key})
    assert client_of(f.staff(community)).get(f"{url}?sheet={number}").status_code == 404
