"""报告情况: whose report of which week is in, and the way to help where it is not."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from governance.board.live import live_version
from reports import filing, obligations, review
from reports.models import Filing, Obligation
from tests import factories as f
from units.kinds import Duty
from units.models import Community, JournalEntry, Place, User

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


class World:
    """A compound of three buildings in two blocks, with `weeks` weeks, the running one last."""

    def __init__(self, weeks: int = 10, buildings: tuple[int, ...] = (2, 1)) -> None:
        self.now = timezone.now()
        self.home: Community = f.compound(buildings, at=self.now - 100 * DAY)
        since = self.now - 100 * DAY
        self.staff: User = f.post(Duty.STAFF, place=f.root(self.home), since=since).user
        self.leaders = [
            f.post(Duty.RESIDENT_LEADER, place=f.building(self.home, n), since=since).user
            for n in range(1, sum(buildings) + 1)
        ]
        self.periods = [f.open_week(self.now - back * 7 * DAY) for back in reversed(range(weeks))]

    def owed(self, building: int, back: int = 0) -> Obligation:
        return f.owed(f.building(self.home, building), self.periods[-1 - back])

    def file(self, building: int, back: int = 0, **answers: str) -> Filing:
        owed = self.owed(building, back)
        told = f.sending(self.leaders[building - 1], answers=answers or None)
        return filing.file(owed, told, at=owed.opens_at + DAY).filing

    def page(self, query: str = "", user: User | None = None, **headers: str) -> str:
        client = Client(headers=headers)
        client.force_login(user or self.staff)
        url = reverse("filing-matrix", kwargs={"code": self.home.code})
        answer = client.get(f"{url}?{query}")
        assert answer.status_code == 200
        return answer.content.decode()

    def file_of(self, query: str, user: User | None = None, *, kind: str) -> bytes:
        client = Client()
        client.force_login(user or self.staff)
        url = reverse("filing-matrix-file", kwargs={"code": self.home.code})
        answer = client.post(f"{url}?{query}", {"kind": kind, "purpose": "checking"})
        assert answer.status_code == 200
        assert "attachment" in answer.headers["Content-Disposition"]
        return answer.content


@pytest.fixture
def world() -> World:
    return World()


def rows(page: str) -> dict[str, list[str]]:
    """Building → the words of its cells, newest week first."""
    found = {}
    for row in re.findall(r'<tr><th scope="row">(.*?)</tr>', page, re.DOTALL):
        name = re.search(r"<a [^>]*>(.*?)</a>", row)[1]
        found[name] = re.findall(r'data-glyph="[^"]+">(.*?)</a>', row)
    return found


def test_each_cell_says_how_the_report_of_its_week_stands(world):
    world.file(1, 1)
    world.file(2, 1, stock="enough")
    world.file(1, 2, corridor="uncleared")
    returned = world.file(3, 1, corridor="uncleared")
    at = world.owed(3, 1).opens_at + 2 * DAY
    review.return_(returned.report, by=world.staff, reason="请写明在几楼", at=at)
    Obligation.objects.filter(pk=world.owed(2, 2).pk).update(
        excused_reason="整幢修缮", excused_by=world.staff
    )
    Obligation.objects.filter(pk=world.owed(1).pk).update(due_at=world.now + DAY / 2)
    found = rows(world.page())
    assert found["1号楼组"][1:4] == ["平安", "有情况", "未收到"]
    assert found["2号楼组"][1:4] == ["已报", "免报", "未收到"]
    assert found["1号楼组"][0] == "未到期"
    locked = timezone.now() >= world.owed(3, 1).locks_at
    assert found["3号楼组"][1] == ("有情况" if locked else "退回")


def test_a_cell_leads_to_the_report_or_to_filing_it_for_the_group(world):
    world.file(1)
    page = world.page()
    one, two = f.building(world.home, 1).code, f.building(world.home, 2).code
    week = world.periods[-1].key
    assert reverse("report-detail", kwargs={"code": one, "week": week}) in page
    assert reverse("on-behalf", kwargs={"code": one, "week": week}) not in page
    assert reverse("on-behalf", kwargs={"code": two, "week": week}) in page
    # A week that is locked can only be read.
    old = world.periods[-6].key
    assert reverse("on-behalf", kwargs={"code": two, "week": old}) not in page


def test_eight_weeks_are_shown_and_older_ones_a_page_back(world):
    shown = rows(world.page())
    assert {len(cells) for cells in shown.values()} == {8}
    assert {len(c) for c in rows(world.page("weeks=4")).values()} == {4}
    assert {len(c) for c in rows(world.page("weeks=13")).values()} == {10}
    older = re.search(r'href="\?([^"]*)">往前', world.page())[1].replace("&amp;", "&")
    assert world.periods[1].key in older
    page = world.page(older)
    assert {len(c) for c in rows(page).values()} == {2}
    assert "往前" not in page
    assert "往后" in page


def test_a_column_nobody_ever_made_up_shows_the_newest(world):
    for query in ("weeks=999", "weeks=x", "until=2019-W01", "only=all", "block=nowhere", "%00"):
        assert {len(c) for c in rows(world.page(query)).values()} == {8}


def test_rows_are_narrowed_by_block_and_by_what_has_not_come_in(world):
    world.file(1)
    assert list(rows(world.page("only=now"))) == ["2号楼组", "3号楼组"]
    block = f.block(world.home, 2).code
    assert list(rows(world.page(f"block={block}"))) == ["3号楼组"]
    world.file(2)
    world.file(3)
    assert "都收到了" in world.page("only=now")


def test_a_week_that_is_not_due_is_no_week_missed():
    world = World(weeks=1)
    Obligation.objects.update(due_at=world.now + DAY / 2)
    assert "这几周都收到了" in world.page("only=any")
    assert list(rows(world.page("only=now"))) == ["1号楼组", "2号楼组", "3号楼组"]


def test_whom_to_ring_is_beside_each_building_with_its_vacancies(world):
    f.post(Duty.PARTY_LEADER, place=f.building(world.home, 1), user=f.person("潘德霞"))
    page = world.page()
    first = page[page.index(">1号楼组</a>") :]
    first = first[: first.index("</tr>")]
    assert "潘德霞" in first
    assert "周兰英" in first
    assert first.count("空缺") == 1
    assert not re.search(r"tel:|\d{8,}</li>", first)


def test_the_words_for_the_group_chat_name_the_houses_of_each_block(world):
    world.file(1)
    page = world.page()
    words = re.search(r'id="matrix-words">(.*?)</p>', page, re.DOTALL)[1]
    assert "第1片区：2号\n第2片区：3号" in words
    for number in (2, 3):
        world.file(number)
    assert "matrix-words" not in world.page()


def test_nobody_is_ranked_timed_or_added_up(world):
    page = world.page()
    assert not re.search(r"次未报|缺\d+次|排名|按时率|连续", page)


def test_a_block_worker_sees_the_own_block_and_the_street_nothing(world):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(world.home, 2), since=world.now - 90 * DAY)
    assert list(rows(world.page(user=worker.user))) == ["3号楼组"]
    street = f.post(Duty.STREET_OFFICER, division=world.home.division, since=world.now - DAY)
    secretary = f.post(Duty.BRANCH_SECRETARY, branch=f.branch_of(f.block(world.home)))
    for other in (street.user, secretary.user):
        client = Client()
        client.force_login(other)
        url = reverse("filing-matrix", kwargs={"code": world.home.code})
        assert client.get(url).status_code == 404


def lines(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def test_the_file_has_the_rows_of_the_screen_with_its_purpose_on_record(world):
    world.file(1)
    world.file(2, corridor="uncleared")
    obligations.excuse(world.owed(3), reason="=整幢修缮", by=world.staff, at=world.now)
    told = lines(world.file_of("weeks=4", kind="csv"))
    assert told[0] == ["报告情况"]
    assert world.staff.full_name in told[1]
    heads, *found = told[2:]
    assert heads[:3] == ["楼组", "编码", "片区"]
    assert {each[0]: each[3].partition("（")[0] for each in found} == {
        name: cells[0] for name, cells in rows(world.page("weeks=4")).items()
    }
    assert "免报（=整幢修缮）" in found[2]
    entry = JournalEntry.objects.get(verb="export.downloaded")
    assert (entry.user, entry.data["purpose"]) == (world.staff, "核对")
    assert entry.data["name"].endswith(".csv")
    # No name of a seat, and nobody's but that of who made it.
    assert not any(leader.full_name in str(found) for leader in world.leaders)


def test_the_file_is_narrowed_as_the_screen_is_and_a_spreadsheet_says_the_same(world):
    world.file(1)
    query = f"only=now&block={f.block(world.home, 1).code}"
    text = [each[0] for each in lines(world.file_of(query, kind="csv"))[3:]]
    assert text == list(rows(world.page(query)))
    book = load_workbook(io.BytesIO(world.file_of(query, kind="xlsx")))
    sheet = book["报告情况"]
    assert [row[0].value for row in list(sheet.rows)[1:]] == text
    assert "核对" in [cell.value for row in book["说明"].rows for cell in row]


def test_a_name_that_looks_like_a_formula_is_words_in_the_file(world):
    Place.objects.filter(pk=f.building(world.home, 1).pk).update(name="=1+1")
    assert lines(world.file_of("", kind="csv"))[3][0] == "'=1+1"
    cell = load_workbook(io.BytesIO(world.file_of("", kind="xlsx"))).active["A2"]
    assert (cell.data_type, cell.quotePrefix) == ("s", True)


def test_a_file_without_a_purpose_is_refused_and_a_block_worker_gets_the_own_block(world):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(world.home, 2), since=world.now - 90 * DAY)
    assert [each[0] for each in lines(world.file_of("", worker.user, kind="csv"))[3:]] == [
        "3号楼组"
    ]
    client, url = Client(), reverse("filing-matrix-file", kwargs={"code": world.home.code})
    client.force_login(world.staff)
    for wrong in ({"purpose": ""}, {"kind": "pdf"}, {"kind": "workbook"}):
        answer = client.post(url, {"kind": "csv", "purpose": "checking"} | wrong)
        assert answer.status_code == 422
    client.force_login(f.post(Duty.STREET_OFFICER, division=world.home.division).user)
    assert client.post(url, {"kind": "csv", "purpose": "checking"}).status_code == 404


def test_the_party_secretary_reads_and_files_for_nobody(world):
    reader = f.post(Duty.PARTY_SECRETARY, place=f.root(world.home), since=world.now - DAY).user
    page = world.page(user=reader)
    assert len(rows(page)) == 3
    assert "on-behalf" not in page
    assert ">代报<" not in page


def test_the_running_week_moves_the_version_of_an_open_page(world):
    f.drain(world.home, world.now)
    page = world.page()
    token = re.search(r'data-live-version="/live/([^/]+)/"', page)[1]
    before = live_version(token)
    world.file(3)
    f.drain(world.home, timezone.now())
    assert live_version(token) > before
    part = world.page(**{"X-Part": "figures"})
    assert "<html" not in part
    assert rows(part)["3号楼组"][0] == "平安"


def test_the_version_of_one_building_says_nothing_of_its_neighbours(world):
    f.drain(world.home, world.now)
    token = re.search(r'data-live-version="/live/([^/]+)/"', world.page(user=world.leaders[0]))[1]
    before = live_version(token)
    world.file(2)
    f.drain(world.home, timezone.now())
    assert live_version(token) == before
    world.file(1)
    f.drain(world.home, timezone.now())
    assert live_version(token) > before


def test_a_hundred_rows_cost_the_queries_of_one():
    counts = []
    for size in (1, 40):
        world = World(weeks=3, buildings=(size,))
        with CaptureQueriesContext(connection) as queries:
            world.page()
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_closed_compound_of_no_weeks_says_when_it_begins():
    world = World(weeks=0)
    assert "每周一零点自动开始" in world.page()


def test_obligations_of_a_week_not_open_yet_are_not_shown(world):
    obligations.open_week(at=world.now)
    Obligation.objects.filter(period=world.periods[-1]).update(
        opens_at=world.now + DAY,
        due_at=world.now + 2 * DAY,
        closes_at=world.now + 2 * DAY,
        locks_at=world.now + 3 * DAY,
    )
    assert {len(c) for c in rows(world.page()).values()} == {7}
