"""The building wall shows what households' reports say this quarter, and to whom it is open."""

import gzip
import random
import re
from collections import Counter
from datetime import timedelta
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from django.template.loader import render_to_string
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.board import wall
from governance.board.wall import DoorState, PlaceRow, SaidRow
from reports import filing
from reports.models import Report
from tests import factories as f
from units.kinds import Duty, Kind
from units.models import Community, Place, User

pytestmark = pytest.mark.django_db

LONG_AGO = timezone.now() - timedelta(days=400)
SAME = {"situation": "same"}
NOBODY = {"situation": "nobody"}
ARRIVED = {"situation": "changed", "changes": ["people"], "arrived": 1}
HELP = {"situation": "changed", "changes": ["help"], "help_kind": "repair", "consent": "agreed"}
HAZARD = {"situation": "changed", "changes": ["hazard"]}


class Read(HTMLParser):
    """What a page holds: doors and houses as links, the table twin, and every attribute."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.marks: list[str] = []
        self.cells: list[str] = []
        self.attributes: set[str] = set()
        self._in_cell = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.attributes |= set(found)
        if tag == "a" and "data-door" in found:
            self.links.append(found["href"])
            self.marks += re.findall(r"door-(\w+)", found.get("class", ""))
        self._in_cell = tag == "td" or (self._in_cell and tag not in ("tr", "table"))

    def handle_data(self, data):
        if self._in_cell and data.strip():
            self.cells.append(data)

    def handle_endtag(self, tag):
        self._in_cell = self._in_cell and tag != "td"


@pytest.fixture
def community() -> Community:
    """Two blocks of two buildings and one, each of two floors with three doors."""
    f.household_form()
    return f.compound((2, 1), floors=2, doors=3, at=LONG_AGO)


def _file(home: Place, answers: dict, **facts) -> Report:
    """One report about a household today, counted."""
    now, sender = timezone.now(), f.person()
    said = f.household_sending(sender, answers={"source": "visit", **answers}, **facts)
    report = filing.file_event(home, f.household_form(), said, at=now).report
    f.drain(home.community, now)
    return report


def _withdraw(home: Place, report: Report) -> None:
    now = timezone.now()
    said = f.household_sending(f.person(), withdraws=True, base_rev=report.rev)
    filing.file_event(home, report.form, said, at=now, report=report)
    f.drain(home.community, now)


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _group_wall(building: Place, user: User | None = None) -> Read:
    seat = building.posts.first()
    user = user or (seat.user if seat else f.seat(building))
    url = reverse("group-wall", kwargs={"code": building.code})
    return Read(_client(user).get(url).content.decode())


def _community_wall(community: Community, user: User):
    return _client(user).get(reverse("community-wall", kwargs={"code": community.code}))


def _state(home: Place) -> str:
    """As the group sees it on its wall."""
    page = _group_wall(home.parent.parent)
    return page.marks[page.links.index(reverse("household", kwargs={"code": home.code}))]


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        (SAME, DoorState.CONFIRMED),
        (ARRIVED, DoorState.CHANGED),
        (HELP, DoorState.TO_DO),
        (HAZARD, DoorState.TO_DO),
        (ARRIVED | {"urgency": "now"}, DoorState.TO_DO),
        (NOBODY, DoorState.UNCONTACTED),
    ],
)
def test_a_door_has_the_state_of_its_report(community, answers, state):
    home = f.household(community)
    assert _state(home) == DoorState.UNCONTACTED
    _file(home, answers)
    assert _state(home) == state
    assert _state(f.household(community, floor=2, door=3)) == DoorState.UNCONTACTED


def test_of_several_reports_the_one_that_asks_most_is_shown(community):
    home = f.household(community)
    for answers, state in ((ARRIVED, "changed"), (HELP, "to_do"), (SAME, "to_do")):
        _file(home, answers)
        assert _state(home) == state


def test_a_withdrawn_report_returns_the_door_to_its_former_state(community):
    home = f.household(community)
    _file(home, SAME)
    changed = _file(home, ARRIVED)
    assert _state(home) == DoorState.CHANGED
    _withdraw(home, changed)
    assert _state(home) == DoorState.CONFIRMED


def test_a_report_of_last_quarter_does_not_count_in_this_one(community):
    home = f.household(community)
    today = timezone.localdate()
    first = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    _file(home, HELP, happened_on=first - timedelta(days=1))
    assert _state(home) == DoorState.UNCONTACTED
    _file(home, SAME, happened_on=first)
    assert _state(home) == DoorState.CONFIRMED


def test_a_group_sees_its_own_doors_from_the_top_down_and_each_opens(community):
    building = f.building(community, 1)
    user = f.seat(building)
    page = _group_wall(building, user)
    doors = Place.objects.under(building).filter(kind=Kind.HOUSEHOLD).order_by("-parent", "lft")
    assert page.links == [reverse("household", kwargs={"code": door.code}) for door in doors]
    assert {_client(user).get(link).status_code for link in page.links} == {200}
    beside = reverse("group-wall", kwargs={"code": f.building(community, 2).code})
    assert _client(user).get(beside).status_code == 404


def test_the_groups_page_leads_to_its_wall(community):
    building = f.building(community)
    page = _client(f.seat(building)).get(reverse("group-board", kwargs={"code": building.code}))
    assert reverse("group-wall", kwargs={"code": building.code}) in page.content.decode()


def test_houses_are_links_to_the_buildings_in_reach(community):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 2)).user
    for user, numbers in ((f.staff(community), (1, 2, 3)), (worker, (3,))):
        page = Read(_community_wall(community, user).content.decode())
        codes = [f.building(community, number).code for number in numbers]
        assert page.links == [reverse("building-board", kwargs={"code": code}) for code in codes]
        assert {_client(user).get(link).status_code for link in page.links} == {200}
        assert len(page.cells) == 6 * len(numbers)


def test_the_wall_is_closed_and_unmentioned_where_a_duty_ends_above_doors(community):
    branch = f.branch_of(f.block(community))
    url = reverse("community-wall", kwargs={"code": community.code})
    board = reverse("community-board", kwargs={"code": community.code})
    for user, status in (
        (f.staff(community), 200),
        (f.seat(f.building(community)), 200),
        (f.seat(f.block(community)), 404),
        (f.post(Duty.BRANCH_SECRETARY, branch=branch).user, 404),
        (f.post(Duty.STREET_OFFICER, division=community.division).user, 404),
    ):
        assert _client(user).get(url).status_code == status
        assert (url in _client(user).get(board).content.decode()) == (status == 200)


def test_the_table_and_the_picture_say_the_same(community):
    for door, answers in enumerate((SAME, ARRIVED, HELP), 1):
        _file(f.household(community, door=door), answers)
    building = f.building(community)
    page = _group_wall(building)
    drawn = [DoorState(mark).word for mark in page.marks]
    assert [cell.split()[1] for cell in page.cells] == drawn
    assert drawn == ["未联系"] * 3 + ["本季已确认", "有变化", "待办"]

    html = _community_wall(community, f.staff(community)).content.decode()
    house = ElementTree.fromstring(re.search(r"<svg class=\"wall-house\".*?</svg>", html).group())
    in_svg = {
        DoorState(each.get("class").rpartition("door-")[2]).word: each.get("d").count("M")
        for each in house.findall("path[@d]")[1:]
    }
    assert in_svg == Counter(cell.split()[1] for cell in Read(html).cells[:6])
    assert house.find("title").text == "本季已确认1 · 有变化1 · 待办1 · 未联系3"


def test_the_legend_counts_every_door_in_reach_and_tells_when(community):
    report = _file(f.household(community), ARRIVED)
    html = _community_wall(community, f.staff(community)).content.decode()
    counts = dict(re.findall(r'data-key="wall-(\w+)">(\d+)<', html))
    assert counts == {"confirmed": "0", "changed": "1", "to_do": "0", "uncontacted": "17"}
    told = timezone.localtime(report.last_at)
    assert f"数据截至 {told.month}月{told.day}日" in html
    assert f"{told.year}年第{(told.month - 1) // 3 + 1}季度" in html


def test_a_wall_without_reports_or_doors_says_what_to_do_next(community):
    assert (
        "本季还没有收到家庭报告" in _community_wall(community, f.staff(community)).content.decode()
    )
    bare = f.compound((1,), floors=0)
    building = f.building(bare)
    url = reverse("group-wall", kwargs={"code": building.code})
    assert "还没有登记住户" in _client(f.seat(building)).get(url).content.decode()
    assert "还没有登记住户" in _community_wall(bare, f.staff(bare)).content.decode()
    empty = f.compound(())
    assert "还没有登记楼组" in _community_wall(empty, f.staff(empty)).content.decode()


def test_no_colour_is_written_into_the_page(community):
    _file(f.household(community), HELP)
    answers = [_community_wall(community, f.staff(community)).content.decode()]
    url = reverse("group-wall", kwargs={"code": f.building(community).code})
    answers.append(_client(f.seat(f.building(community))).get(url).content.decode())
    for html in answers:
        assert not {"style", "fill", "stroke", "onclick"} & Read(html).attributes
        assert "<style" not in html


def test_a_live_page_gets_its_figures_alone(community):
    user = f.staff(community)
    url = reverse("community-wall", kwargs={"code": community.code})
    part = _client(user).get(url, headers={"X-Part": "figures"}).content.decode()
    assert "wall-house" in part
    assert "<html" not in part


def test_a_live_page_hears_of_every_block_in_reach(community):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user
    f.post(Duty.BLOCK_WORKER, place=f.block(community, 2), user=worker)
    for building in (1, 3):
        _file(f.household(community, building), SAME)
    html = _community_wall(community, worker).content.decode()
    live = re.search(r'data-live-version="([^"]+)"', html).group(1)
    for building in (1, 3):
        before = int(Client().get(live).content)
        _file(f.household(community, building, door=2), SAME)
        assert int(Client().get(live).content) > before


def _town() -> wall.Wall:
    """2,500 doors: 8 blocks, 125 buildings of 5 floors × 4 doors, states by a fixed die."""
    die, now, rows, said = random.Random(4), timezone.now(), [], []
    pks = iter(range(1, 10_000))
    blocks = [next(pks) for _each in range(8)]
    rows += [
        PlaceRow(b, 0, Kind.BLOCK, f"310104007009-B{n:02d}", f"第{n}片区")
        for n, b in enumerate(blocks, 1)
    ]
    for n in range(1, 126):
        house, code = next(pks), f"310104007009-B{n % 8 + 1:02d}-L{n:03d}"
        rows.append(PlaceRow(house, blocks[n % 8], Kind.BUILDING, code, f"{n}号楼组"))
        for storey in range(1, 6):
            floor = next(pks)
            rows.append(PlaceRow(floor, house, Kind.FLOOR, f"{code}-F{storey:02d}", f"{storey}楼"))
            for d in range(1, 5):
                door, name = next(pks), f"{storey}{d:02d}室"
                of = f"{code}-F{storey:02d}-H{d:02d}"
                rows.append(PlaceRow(door, floor, Kind.HOUSEHOLD, of, name))
                if die.random() < 0.7:
                    bits = [int(die.random() < 0.3) for _each in range(4)]
                    said.append(SaidRow(door, now, 1, *bits))
    return wall.build(rows, said)


def test_a_wall_of_2500_doors_is_small():
    town = _town()
    houses = [house for block in town.blocks for house in block.houses]
    drawn = [house.svg for house in houses]
    assert (len(houses), town.total, len(town.counts)) == (125, 2500, 4)
    assert len(gzip.compress("".join(drawn).encode())) <= 30_000
    for house, svg in zip(houses, drawn, strict=True):
        paths = ElementTree.fromstring(svg).findall("path")[1:]
        assert len(paths) == len(house.counts)
        assert sum(path.get("d").count("M") for path in paths) == house.total
    page = {"wall": town, "quarter": "2026年第4季度", "community": Community(name="江南新村居民区")}
    whole = render_to_string("board/_community_wall.html", page)
    assert len(gzip.compress(whole.encode())) <= 30_000
