"""Exports: screen, paper, spreadsheet and text of one sheet say the same, to the right eyes."""

import csv
import io
import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from uuid import uuid4

import pytest
import redis
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook
from pypdf import PdfReader

from reports import filing, measures, obligations, sentences, sheets
from reports.catalogue import COMMUNITY_REPORT, publish
from reports.exports import comma, making, order, paper, spreadsheet, table, words
from reports.exports.order import FileKind, Order, Purpose
from reports.models import Export, Filing, Period, Sheet
from reports.tasks import make_export
from tests import factories as f
from units.kinds import Duty
from units.models import Community, JournalEntry, User
from units.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def community() -> Community:
    """Two blocks, three buildings, two of which have reported, one with trouble."""
    community = f.compound((2, 1))
    week = f.open_week()
    for number, answers in ((1, None), (2, {"corridor": "uncleared", "dispute": "committee"})):
        place = f.building(community, number)
        filing.file(f.owed(place, week), f.sending(f.seat(place), answers=answers), at=f.WEDNESDAY)
    f.census_of(f.household(community), 1234, on=date(2026, 10, 1), aged_60_to_79=500)
    f.drain(community)
    return community


@pytest.fixture
def staff(community) -> User:
    return f.staff(community)


@pytest.fixture
def sheet(community, staff) -> Sheet:
    return sheets.take(f.root(community), _week(), by=staff, at=f.WEDNESDAY)


def _week() -> Period:
    return Period.objects.get(key="2026-W46")


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _lines(content: bytes) -> list[list[str]]:
    assert content.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def _text_of(pdf: bytes) -> str:
    """All text of a PDF without white space, which is where lines happen to break."""
    pages = PdfReader(io.BytesIO(pdf)).pages
    return re.sub(r"\s+", "", "".join(page.extract_text() for page in pages))


# --- The same figures everywhere ------------------------------------------------------------


def test_screen_paper_spreadsheet_and_text_of_one_sheet_say_the_same(community, staff, sheet):
    drawn = table.of_place(staff, [sheet])
    assert [row.name for row in drawn.rows] == ["第1片区", "第2片区", "合计"]
    told = len(sheets.parts_of(sheet)[0].figures)
    assert len(drawn.measures) == told > 20
    page = _client(staff).get(reverse("sheet-table", kwargs={"id": sheet.pk})).content.decode()
    screen = re.sub(r"\s+", "", unescape(re.sub(r"<[^>]+>", "", page)))
    printed = _text_of(paper.write(drawn, None, maker="周兰英"))
    cells = load_workbook(io.BytesIO(spreadsheet.write(drawn)))["数据表"]
    lines = _lines(comma.write(drawn))
    seen = 0
    for n, row in enumerate(drawn.rows):
        for group in drawn.groups:
            said = row.name + "".join(
                figure.text + words.fraction(figure)
                for measure in group.measures
                for figure in (row.figure(measure),)
            )
            assert said in printed
            assert said in screen
        in_text = iter(lines[3 + n][2:])
        for column, measure in enumerate(drawn.measures, 3):
            figure = row.figure(measure)
            cell = cells.cell(5 + n, column)
            assert _as_shown(cell) == figure.text
            shown = next(in_text)
            assert (
                f"{shown}%" if words.is_percentage(measure) and shown != "—" else shown
            ) == figure.text.replace(",", "")
            if figure.is_rate:
                counts = [next(in_text), next(in_text)]
                exact = [str(figure.numerator), str(figure.denominator)]
                assert counts == (exact if words.is_exact(figure) else ["", ""])
            seen += 1
    assert seen == 3 * told
    for each in (printed, screen, str(lines), str(cells["A2"].value)):
        assert sheet.number in each


def _as_shown(cell) -> str:
    """What the spreadsheet shows for a cell, by its own format."""
    if isinstance(cell.value, str):
        return cell.value
    return f"{cell.value * 100:.1f}%" if cell.number_format == "0.0%" else f"{cell.value:,}"


def test_a_stored_sheet_is_never_counted_again(community, staff, sheet):
    before = comma.write(table.of_place(staff, [sheet]))
    third = f.building(community, 3)
    filing.file(f.owed(third, _week()), f.sending(f.seat(third)), at=f.WEDNESDAY)
    f.drain(community)
    assert comma.write(table.of_place(staff, [Sheet.objects.get(pk=sheet.pk)])) == before


def test_the_sum_is_the_places_own_figure(community, staff, sheet):
    drawn = table.of_place(staff, [sheet])
    whole = drawn.rows[-1]
    assert whole.is_sum
    assert whole.part.code == community.code
    assert whole.figure(measures.COVERAGE).fraction == "2/3"


# --- The spreadsheet ------------------------------------------------------------------------


def test_the_spreadsheet_is_laid_out_for_an_office(community, staff, sheet):
    book = load_workbook(io.BytesIO(spreadsheet.write(table.of_place(staff, [sheet]))))
    assert book.sheetnames == ["数据表", "分子分母", "填表说明"]
    page = book["数据表"]
    merged = {str(each) for each in page.merged_cells.ranges}
    assert {"A3:A4", "B3:B4", "C3:H3"} <= merged
    assert page.freeze_panes == "C5"
    assert (page.page_setup.orientation, page.page_setup.paperSize) == ("landscape", 9)
    assert page.print_title_rows == "$1:$4"
    assert page.print_area.startswith("'数据表'!$A$1")
    assert page["B5"].number_format == "@"
    formulas = [c for s in book for line in s.iter_rows() for c in line if c.data_type == "f"]
    assert formulas == []
    notes = [[cell.value for cell in line] for line in book["填表说明"].iter_rows(min_row=2)]
    assert len(notes) == len(sheets.parts_of(sheet)[0].figures)
    assert notes[0][0] == "报告覆盖率"
    assert "免报的不算在应报里" in notes[0][1]
    assert notes[0][2:4] == ["%", "第1版"]
    assert notes[0][5] == sheet.number


@pytest.mark.parametrize("name", ["=1+1", "+86", "-2", "@SUM(A1)", "\t=1"])
def test_a_name_is_never_a_formula(community, staff, sheet, name):
    sheet.content["parts"][1]["name"] = name
    drawn = table.of_place(staff, [sheet])
    cell = load_workbook(io.BytesIO(spreadsheet.write(drawn)))["数据表"]["A5"]
    assert (cell.data_type, cell.value.strip()) == ("s", name.strip())
    assert _lines(comma.write(drawn))[3][0] == f"'{name}"


# --- Paper ----------------------------------------------------------------------------------


def test_paper_is_a4_with_its_fonts_inside_and_what_an_office_signs(community, staff, sheet):
    pdf = paper.write(table.of_place(staff, [sheet]), None, maker="何建国")
    reader = PdfReader(io.BytesIO(pdf))
    assert [round(float(each)) for each in reader.pages[0].mediabox] == [0, 0, 595, 842]
    fonts = {
        font.get_object()["/BaseFont"]
        for page in reader.pages
        for font in page["/Resources"]["/Font"].values()
    }
    assert {font.partition("+")[2].partition("-")[0] for font in fonts} == {
        "NotoSerifSC",
        "NotoSansSC",
    }
    text = _text_of(pdf)
    for said in (
        "制表人：何建国",
        "审核人：",
        f"单位：{community.name}",
        "日期：2026年11月11日",
        "数据截至2026-11-11",
        "—1—",
        "附件2指标口径",
        "第2片区（1个）",
    ):
        assert said in text


def test_text_is_never_read_as_markup(community, staff, sheet):
    nasty = '#panic("x") $a$ *粗* `c` \\ [链接](x) <b> {报告覆盖率}'
    sheet.content["parts"][1]["name"] = nasty
    text = _text_of(paper.write(table.of_place(staff, [sheet]), None, maker="#eval"))
    assert re.sub(r"\s+", "", nasty) in text


def test_a_sentence_takes_figures_by_their_names(community, staff, sheet):
    figures = sheets.parts_of(sheet)[0].figures
    text = "覆盖率{报告覆盖率}，{ 未报楼组 }个未报，{没有这项}"
    for language in ("zh-hans", "en"):
        with translation.override(language):
            told = sentences.as_text(sentences.rendered(text, figures))
        assert told == "覆盖率66.7%，1个未报，{没有这项}"
    del figures[measures.MISSING.code]
    assert "，（不列）个未报" in sentences.as_text(sentences.rendered(text, figures))


def _monthly_report(community: Community, director: User) -> Sheet:
    """The community's report of the month, sent up with a sheet."""
    publish(COMMUNITY_REPORT, at=f.WEDNESDAY)
    month = obligations.open_month(at=f.WEDNESDAY)
    sheet = sheets.take(f.root(community), month, by=director, at=f.WEDNESDAY)
    owed = f.owed(f.root(community), month)
    said = f.sending(director, nil=False, answers=None)
    words = dict.fromkeys(("coverage", "hazards", "households", "neighbours"), "见数字。")
    words["overview"] = "本月覆盖率{报告覆盖率}，纠纷{邻里纠纷}处。\n第二段。"
    receipt = filing.file(owed, replace(said, answers=words), at=owed.opens_at)
    first = receipt.filing
    Filing.objects.create(
        id=uuid4(),
        report=first.report,
        rev=2,
        base_rev=1,
        form_version=first.form_version,
        answers=first.answers,
        body_hash="x",
        by=director,
        channel="page",
        made_at=f.WEDNESDAY,
        received_at=f.WEDNESDAY,
        sheet=sheet,
    )
    return sheet


def test_a_report_that_was_sent_up_is_printed_with_its_sentences(community):
    director = f.staff(community, Duty.DIRECTOR)
    sheet = _monthly_report(community, director)
    export = _ordered(community, director, kind=FileKind.PAPER, sheet=sheet)
    making.make(export.pk, at=f.WEDNESDAY)
    export.refresh_from_db()
    text = _text_of(bytes(export.content))
    assert f"{f.root(community).name}月报2026年11月" in text
    assert "一、基本情况本月覆盖率66.7%，纠纷1处。第二段。二、报告覆盖见数字。" in text
    assert text.index("基本情况") < text.index("主要数字") < text.index("制表人")


def test_a_monthly_report_does_not_tell_of_itself_that_it_is_missing(community):
    sheet = _monthly_report(community, f.staff(community, Duty.DIRECTOR))
    drawn = table.of_place(f.staff(community, Duty.PARTY_SECRETARY), [sheet])
    told = {measure.code for measure in drawn.measures}
    assert "COV_K" in told
    assert "COV_C" not in told


def test_above_the_community_a_sentence_does_not_say_what_is_screened(community):
    sheet = _monthly_report(community, f.staff(community, Duty.DIRECTOR))
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    export = _ordered(community, officer, kind=FileKind.PAPER, sheet=sheet)
    making.make(export.pk, at=f.WEDNESDAY)
    export.refresh_from_db()
    text = _text_of(bytes(export.content))
    assert "本月覆盖率66.7%，纠纷（不分列）处" in text


# --- Who sees what --------------------------------------------------------------------------


def test_above_the_community_sensitive_figures_are_screened(community, sheet):
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    drawn = table.of_place(officer, [sheet])
    (disputes,) = [measure for measure in drawn.measures if measure.code == "DISP_N"]
    assert [row.name for row in drawn.rows] == ["第1片区", "第2片区", "合计"]
    assert {row.figure(disputes).numerator for row in drawn.rows} == {None}


def test_a_figure_that_is_hidden_is_printed_in_its_words_and_never_as_a_number(community, staff):
    home = f.household(community, 1, floor=1, door=1)
    f.census_of(home, 3, on=f.WEDNESDAY.date(), at=f.WEDNESDAY)
    f.drain(community, f.WEDNESDAY)
    few = sheets.take(f.root(community), _week(), by=staff, at=f.WEDNESDAY)
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    drawn = table.of_place(officer, [few])
    page = load_workbook(io.BytesIO(spreadsheet.write(drawn)))["数据表"]
    column = 3 + [measure.code for measure in drawn.measures].index("POP_RES")
    said = [page.cell(row, column).value for row in range(5, page.max_row + 1)]
    assert "少于5" in said
    assert 3 not in said
    assert "少于5" in str(_lines(comma.write(drawn)))
    assert "少于5" in _text_of(paper.write(drawn, None, maker="x"))


def test_the_street_never_sees_a_building_of_a_block(community, staff):
    block = sheets.take(f.block(community), _week(), by=staff, at=f.WEDNESDAY)
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    assert [row.name for row in table.of_place(officer, [block]).rows] == ["第1片区"]
    assert [row.name for row in table.of_place(staff, [block]).rows] == [
        "1号楼组",
        "2号楼组",
        "合计",
    ]


# --- Ordering and fetching ------------------------------------------------------------------


def _ordered(community: Community, user: User, *, at=f.WEDNESDAY, **facts) -> Export:
    facts = {"kind": FileKind.SPREADSHEET, "purpose": Purpose.MEETING, "period": _week()} | facts
    facts.setdefault("place", f.root(community))
    return order.place(Order(**facts), by=user, at=at)


def test_a_short_one_comes_at_once_and_is_journalled_with_its_purpose(community, staff):
    answer = _client(staff).post(
        reverse("exports"),
        {"place": community.code, "period": "2026-W46", "kind": "csv", "purpose": "meeting"},
    )
    assert answer.status_code == 200
    assert "attachment" in answer.headers["Content-Disposition"]
    assert _lines(answer.content)[3][0] == "第1片区"
    entry = JournalEntry.objects.get(verb="export.downloaded")
    assert entry.data["purpose"] == "上会"


def test_a_long_one_is_made_step_by_step_and_may_run_twice(
    community, staff, django_capture_on_commit_callbacks
):
    export = _ordered(community, staff, is_deep=True)
    assert (export.state, export.done, export.total) == ("waiting", 0, 4)
    assert making._step(export.pk, at=f.WEDNESDAY)
    export.refresh_from_db()
    assert (export.state, export.done) == ("making", 1)
    # A worker died here; the next goes on, and a second run changes nothing.
    make_export(str(export.pk))
    export.refresh_from_db()
    first = bytes(export.content)
    Export.objects.filter(pk=export.pk).update(content=b"as it was made")
    make_export(str(export.pk))
    export.refresh_from_db()
    assert (export.state, export.done) == ("done", 4)
    assert bytes(export.content) == b"as it was made"
    assert Sheet.objects.count() == 3
    page = load_workbook(io.BytesIO(first))["数据表"]
    names = [page.cell(row, 1).value for row in range(5, 11)]
    assert names == ["1号楼组", "2号楼组", "第1片区小计", "3号楼组", "第2片区小计", "合计"]


def test_what_fails_says_so_and_is_tried_again(community, staff, monkeypatch):
    export = _ordered(community, staff, kind=FileKind.PAPER)
    broken = lambda *args, **kwargs: 1 / 0  # noqa: E731
    monkeypatch.setattr(paper, "write", broken)
    making.make(export.pk, at=f.WEDNESDAY)
    client = _client(staff)
    url = reverse("download", kwargs={"id": export.pk})
    assert "再试一次" in client.get(url).content.decode()
    monkeypatch.undo()
    client.post(reverse("download-attempt", kwargs={"id": export.pk}))
    making.make(export.pk, at=f.WEDNESDAY)
    export.refresh_from_db()
    assert export.state == "done"


def test_it_is_gone_after_a_day(community, staff):
    export = _ordered(community, staff)
    late = f.WEDNESDAY + timedelta(hours=24)
    with pytest.raises(Refusal) as refused:
        order.fetch(export, by=staff, at=late)
    assert (refused.value.code, refused.value.status) == ("export_expired", 410)
    making.tidy(at=late)
    export.refresh_from_db()
    assert (export.state, export.content) == ("expired", None)


def test_who_stands_still_is_handed_over_again_and_at_last_given_up(community, staff):
    export = _ordered(community, staff, kind=FileKind.PAPER)
    making.tidy(at=f.WEDNESDAY + timedelta(minutes=3))
    export.refresh_from_db()
    assert export.state == "waiting"
    making.tidy(at=f.WEDNESDAY + timedelta(minutes=16))
    export.refresh_from_db()
    assert (export.state, export.problem[:4]) == ("failed", "等了很久")


def test_an_order_whose_message_was_lost_is_handed_over_within_seconds(community, staff):
    export = _ordered(community, staff, kind=FileKind.PAPER)
    broker = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    broker.flushdb()
    making.tidy(at=f.WEDNESDAY + timedelta(seconds=5))
    assert broker.llen("celery") == 0
    making.tidy(at=f.WEDNESDAY + timedelta(seconds=9))
    assert str(export.pk) in str(broker.lrange("celery", 0, -1))


def test_a_file_that_is_ready_before_its_page_asks_is_noticed(community, staff):
    export = _ordered(community, staff, kind=FileKind.PAPER, at=timezone.now())
    client = _client(staff)
    for url in (reverse("download", kwargs={"id": export.pk}), reverse("downloads")):
        page = client.get(url)
        told = reverse("downloads-live", kwargs={"token": page.context["live_token"]})
        assert f'data-live-seen="{page.context["live_seen"]}"' in page.content.decode()
        assert client.get(told).content.decode() == page.context["live_seen"]
    making.make(export.pk, at=timezone.now())
    assert client.get(told).content.decode() != page.context["live_seen"]


def test_only_its_owner_and_only_while_the_post_lasts(community, staff):
    export = _ordered(community, staff, at=timezone.now())
    url = reverse("download-file", kwargs={"id": export.pk})
    assert _client(staff).get(url).status_code == 200
    assert _client(f.staff(community)).get(url).status_code == 404
    staff.posts.update(during=(f.WEDNESDAY - timedelta(days=9), f.WEDNESDAY))
    assert _client(staff).get(url).status_code == 404
    assert _client(staff).get(reverse("download", kwargs={"id": export.pk})).status_code == 404


def test_what_was_made_inside_is_not_kept_by_who_went_up_to_the_street(community, staff):
    export = _ordered(community, staff, at=timezone.now())
    staff.posts.update(during=(f.WEDNESDAY - timedelta(days=9), f.WEDNESDAY))
    f.post(Duty.STREET_OFFICER, division=community.division, user=staff)
    url = reverse("download-file", kwargs={"id": export.pk})
    assert _client(staff).get(url).status_code == 404


def test_a_street_exports_its_communities_side_by_side(community, staff):
    other = f.compound((1,), division=community.division)
    f.drain(other)
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    export = _ordered(community, officer, place=None, division=community.division)
    page = load_workbook(io.BytesIO(bytes(export.content)))["数据表"]
    assert {page.cell(row, 1).value for row in (5, 6)} == {community.name, other.name}
    disputes = 1 + [cell.value for cell in page[4]].index("邻里纠纷（处）")
    assert not any(isinstance(page.cell(row, disputes).value, int) for row in (5, 6))


def test_a_place_out_of_reach_is_not_exported(community, staff):
    elsewhere = f.compound((1,))
    ask = {"period": "2026-W46", "kind": "csv", "purpose": "meeting"}
    client = _client(staff)
    for where in (
        {"place": elsewhere.code},
        {"division": community.division_id},
        {"sheet": str(uuid4())},
        {"sheet": "x"},
    ):
        assert client.post(reverse("exports"), ask | where).status_code == 404
    wrong = ask | {"place": community.code, "kind": "exe"}
    assert client.post(reverse("exports"), wrong).status_code == 422
