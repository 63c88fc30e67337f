"""A census sheet comes in: what is understood, what is wrong and where, and the way back."""

import io
import json
import zipfile
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.db import IntegrityError, transaction
from openpyxl import Workbook, load_workbook

from reports import filing
from reports.models import DrainCursor, Mark, Summary
from reports.rollup import recount
from tests import factories as f
from tests.governance import profiles
from tests.units import census_workbooks
from units import census, groups, search_keys, tree
from units.census_import import drafting, errors, importing, intake, undoing
from units.census_import.checking import Outcome
from units.census_import.survey import NUMBERS
from units.kinds import Duty
from units.models import (
    CensusImport,
    ColumnMemory,
    Community,
    HouseholdCount,
    JournalEntry,
    Place,
    PlaceChange,
    User,
)
from units.refusals import Refusal

pytestmark = pytest.mark.django_db

NOW = f.WEDNESDAY
TODAY = date(2026, 11, 11)


@pytest.fixture
def community() -> Community:
    """Three buildings of two floors and two doors: 12 households."""
    return f.compound((2, 1), floors=2, doors=2)


@pytest.fixture
def director(community) -> User:
    return f.post(Duty.DIRECTOR, place=f.root(community)).user


def paste(community: Community, by: User, rows: Sequence[Sequence[Any]], **facts: Any) -> Any:
    """A sheet handed in by paste, its columns as suggested."""
    text = "\n".join("\t".join(str(cell) for cell in row) for row in rows)
    made = drafting.take_in(community, file_name="", content=b"", pasted=text, by=by, at=NOW)
    return said(made, by, **facts)


def said(made: CensusImport, by: User, **facts: Any) -> CensusImport:
    table = drafting.tables_of(made)[0]
    opens = facts.pop("opens_buildings", False)
    return drafting.say_columns(
        made,
        0,
        drafting.suggested(table, by) | facts,
        as_of=TODAY,
        opens_buildings=opens,
        by=by,
        at=NOW,
    )


def file(community: Community, by: User, content: bytes, name: str = "底册.xlsx") -> CensusImport:
    return drafting.take_in(community, file_name=name, content=content, pasted="", by=by, at=NOW)


def bring_in(made: CensusImport, by: User, *, only_good: bool = False) -> CensusImport:
    importing.start(made, only_good=only_good, by=by, at=NOW)
    importing.run(made.pk, at=NOW)
    return CensusImport.objects.get(pk=made.pk)


# What tells of an import and stays, and how far the drain has read of that.
TOLD = {CensusImport, ColumnMemory, DrainCursor, JournalEntry, Mark, PlaceChange, Session}


def everything() -> dict[str, list[dict[str, Any]]]:
    """Every row of every table of the house but TOLD: all that an undo must put back.

    Of figures those that say something: one that was never reckoned and one of nothing are alike.
    """
    found = {
        model._meta.label: list(model._base_manager.order_by("pk").values())
        for model in apps.get_models()
        if model not in {*TOLD, Summary}
    }
    hidden = ("id", "version", "computed_at")
    keys = ("period_id", "place_id", "community_id", "kind", "parent_id")
    figures = Summary.objects.order_by("period", "place").values()
    rows = [{k: v for k, v in row.items() if k not in hidden} for row in figures]
    found["figures"] = [row for row in rows if any(v for k, v in row.items() if k not in keys)]
    return found


def by_cell(outcome: Outcome) -> dict[str, str]:
    return {fault.reference: fault.code for fault in outcome.faults}


HEAD = ["楼组", "室号", "常住人数", "60岁以上", "80岁以上", "独居", "外来"]


def test_a_pasted_sheet_counts_its_households(community, director):
    made = paste(
        community,
        director,
        [HEAD, ["1号", "101", 3, 2, 1, "否", 1], ["2号楼组", "202室", 1, 1, 0, "是", 0]],
    )
    outcome = drafting.outcome_of(made)
    assert [line.household.name for line in outcome.changed] == ["101室", "202室"]
    assert not outcome.faults
    assert len(outcome.absent) == 10
    done = bring_in(made, director)
    assert (done.state, done.done, done.total) == ("done", 2, 2)
    count = HouseholdCount.objects.get(place__name="101室", place__parent__parent__name="1号楼组")
    found = [getattr(count, name) for name in NUMBERS]
    assert found == [3, 0, 1, 1, 1, 1, 3, 0, False]
    assert (count.as_of, count.source) == (TODAY, "底册导入")
    f.drain(community, NOW)
    now = Summary.objects.get(place=f.root(community), period__kind="now")
    assert (now.households_counted, now.residents, now.living_alone) == (2, 4, 1)


def test_the_same_sheet_again_changes_nothing(community, director):
    rows = [HEAD, ["1号", "101", 3, 2, 1, "否", 1]]
    bring_in(paste(community, director, rows), director)
    again = paste(community, director, rows)
    assert len(drafting.outcome_of(again).same) == 1
    with pytest.raises(Refusal, match="nothing_to_import"):
        importing.start(again, only_good=True, by=director, at=NOW)


def test_floors_and_doors_that_were_missing_are_planted(community, director):
    rows = [HEAD[:3], ["1号", "301", 2], ["1号", "302", 4], ["2号", "103", 1], ["3号", "2-101", 5]]
    done = bring_in(paste(community, director, rows), director)
    assert (done.tally["new"], done.tally["changed"]) == (3, 1)
    planted = Place.objects.filter(pk__in=done.planted).order_by("code")
    assert [(each.name, each.code[len(community.code) :]) for each in planted] == [
        ("3楼", "-B01-L001-F03"),
        ("301室", "-B01-L001-F03-H01"),
        ("302室", "-B01-L001-F03-H02"),
        ("103室", "-B01-L002-F01-H03"),
    ]
    assert tree.verify(community) == []
    assert HouseholdCount.objects.filter(brought_by=done).count() == 4
    assert search_keys.differing(community) == []


def test_a_new_building_needs_its_block_and_who_shapes_the_tree(community, director):
    rows = [["片区", "楼组", "室号", "常住"], ["2", "9号", "101", 2], ["", "8号", "101", 1]]
    shut = drafting.outcome_of(paste(community, director, rows))
    assert by_cell(shut) == {"2": "unknown_building", "3": "unknown_building"}
    staff = f.staff(community)
    by_staff = drafting.outcome_of(paste(community, staff, rows, opens_buildings=True))
    assert len(by_staff.faulty) == 2
    made = paste(community, director, rows, opens_buildings=True)
    outcome = drafting.outcome_of(made)
    assert (outcome.new_buildings, by_cell(outcome)) == (["9"], {"3": "unknown_block"})
    bring_in(made, director, only_good=True)
    building = Place.objects.get(community=community, name="9号楼组")
    assert building.parent == f.block(community, 2)
    assert building.code.endswith("-L009")
    assert tree.verify(community) == []


def test_addresses_written_in_one_cell(community, director):
    rows = [["地址", "常住人数"], ["1-101", 2], ["和平里2号202室", 3], ["三号楼102室", 1]]
    outcome = drafting.outcome_of(paste(community, director, rows))
    assert [(line.found.name, line.household.name) for line in outcome.changed] == [
        ("1号楼组", "101室"),
        ("2号楼组", "202室"),
        ("3号楼组", "102室"),
    ]


def test_what_the_sheet_has_no_column_for_stays_as_it_was(community, director):
    door = Place.objects.get(name="101室", parent__parent=f.building(community, 1))
    _count(door, community)
    outcome = drafting.outcome_of(
        paste(community, director, [["楼号", "室号", "常住"], ["1", "101", 5]])
    )
    (line,) = outcome.changed
    assert line.numbers == {
        "residents": 5,
        "under_14": 1,
        "aged_14_to_59": 3,
        "aged_60_to_79": 0,
        "aged_80_plus": 1,
        "nonlocal_residents": 2,
        "actual": 6,
        "floating": 1,
        "living_alone": 0,
    }


def _count(door: Place, community: Community, day: date = TODAY - timedelta(days=30)) -> None:
    numbers = {"residents": 4, "under_14": 1, "aged_14_to_59": 2, "aged_80_plus": 1}
    numbers |= {"nonlocal_residents": 2, "actual": 5, "floating": 1}
    census.record(
        community, [HouseholdCount(place=door, as_of=day, source="登记", **numbers)], at=NOW
    )


@pytest.fixture(scope="module")
def faulty_sheet() -> census_workbooks.Sheet:
    """2,500 households, sixty faults."""
    return census_workbooks.with_faults(census_workbooks.clean(125, 5, 4))


def lived_in() -> Community:
    """125 buildings of four floors and four doors: with seats, a week that is owed and filed,
    counts of last month, doors that closed, and described houses. The fifth floors are missing."""
    community = f.compound((16, 16, 16, 16, 16, 15, 15, 15), floors=4, doors=4)
    building = f.building(community, 3)
    week = f.open_week(NOW)
    filing.file(f.owed(building, week), f.sending(f.seat(building), nil=True), at=NOW)
    for number in range(1, 60):
        f.census_of(f.household(community, number), 9, on=TODAY - timedelta(days=30), at=NOW)
    tree.close(f.household(community, 7, floor=2, door=2).pk, at=NOW, by=None)
    profiles.describe(community, f.staff(community), at=NOW)
    f.drain(community, NOW)
    return community


def test_each_planted_fault_is_named_at_its_cell_and_the_rest_imported(faulty_sheet):
    """Sixty faults among 2,500 households; then all of it is as before, to the last row."""
    assert (len(faulty_sheet.rows), faulty_sheet.faults) == (2500, 60)
    assert len(set(faulty_sheet.planted.values())) >= 12
    community = lived_in()
    director = f.post(Duty.DIRECTOR, place=f.root(community)).user
    before = everything()
    made = said(file(community, director, faulty_sheet.content), director)
    assert (made.file_name, made.hidden) == ("底册", ["旧底册"])
    assert drafting.tables_of(made)[0].name == "底册"
    outcome = drafting.outcome_of(made)
    assert by_cell(outcome) == faulty_sheet.planted
    assert {note.reference for note in outcome.read_as} == set(faulty_sheet.odd)
    with pytest.raises(Refusal, match="faults_left"):
        importing.start(made, only_good=False, by=director, at=NOW)
    done = bring_in(made, director, only_good=True)
    good = {row: at for row, at in faulty_sheet.rows.items() if row not in faulty_sheet.faulty}
    assert done.total == done.done == len(good)
    assert counted(done) == {at: census_workbooks.residents_of(*at) for at in good.values()}
    f.drain(community, NOW)
    assert list(recount.differences(at=NOW)) == []
    assert tree.verify(community) == []
    assert search_keys.differing(community) == []
    undone = undoing.undo(done, by=director, at=NOW)
    assert (undone.state, undone.stayed) == ("undone", [])
    f.drain(community, NOW)
    after = everything()
    assert [label for label in before if before[label] != after[label]] == []
    assert list(recount.differences(at=NOW)) == []


def counted(done: CensusImport) -> dict[tuple[int, int, int], tuple[int, int, int]]:
    """Building, floor and door → 常住, 60岁以上 and 80岁以上, as this import has counted them."""
    rows = HouseholdCount.objects.filter(brought_by=done).select_related("place__parent__parent")
    found = {}
    for row in rows:
        building = int(row.place.parent.parent.name.removesuffix("号楼组"))
        room = int(row.place.name.removesuffix("室"))
        elders = row.aged_60_to_79 + row.aged_80_plus
        found[building, room // 100, room % 100] = (row.residents, elders, row.aged_80_plus)
    return found


def test_nothing_private_of_a_sheet_is_kept(faulty_sheet, community, director, caplog):
    made = file(community, director, faulty_sheet.content)
    stored = json.dumps(made.tables, ensure_ascii=False)
    for secret in (census_workbooks.IDENTITY, census_workbooks.MOBILE, "周兰英"):
        assert secret not in stored
        assert secret not in caplog.text
    (table,) = drafting.tables_of(made)
    assert table.private == ["户主姓名", "联系电话"]
    assert made.hidden == ["旧底册"]
    assert [why for _row, why in table.skipped] == ["total"]


def test_a_column_is_known_by_what_is_in_it_too(community, director):
    names = ["王秀英", "李建国", "张桂兰", "陈阿毛"]
    rows = [["楼号", "室号", "常住", "谁家", "备注"]]
    rooms = ("101", "102", "201", "202")
    rows += [["1", room, 2, name, "出国探亲两年"] for room, name in zip(rooms, names, strict=True)]
    made = drafting.take_in(
        community,
        file_name="",
        content=b"",
        pasted="\n".join("\t".join(map(str, row)) for row in rows),
        by=director,
        at=NOW,
    )
    (table,) = drafting.tables_of(made)
    assert (table.private, table.wordy) == (["谁家"], ["备注"])
    assert "王秀英" not in json.dumps(made.tables, ensure_ascii=False)


def test_a_fault_is_mended_in_its_place(community, director):
    made = paste(community, director, [HEAD[:3], ["1号", "101", "三四个"], ["1号", "1O2", 2]])
    assert by_cell(drafting.outcome_of(made)) == {"2": "not_a_number", "3": "unclear_room"}
    made = drafting.mend(made, {"2.2": "3", "3.1": "102", "9.9": "x", "2.x": "1"}, at=NOW)
    outcome = drafting.outcome_of(made)
    assert (outcome.faults, len(outcome.changed)) == ([], 2)
    made = drafting.mend(made, {"2.2": census_workbooks.IDENTITY}, at=NOW)
    assert by_cell(drafting.outcome_of(made)) == {"2": "identity"}
    assert census_workbooks.IDENTITY not in json.dumps(made.fixes)


def test_the_faulty_lines_are_a_workbook_that_can_be_handed_in_again(community, director):
    rows = [HEAD[:3], ["=1+1", "101", 3], ["1号", "102", -2], ["1号", "201", 2]]
    made = paste(community, director, rows)
    (table,) = drafting.tables_of(made)
    content = errors.write(table, drafting.outcome_of(made))
    sheet = load_workbook(io.BytesIO(content)).active
    assert [cell.value for cell in sheet[1]] == ["楼组", "室号", "常住人数", "错误"]
    assert {cell.data_type for row in sheet for cell in row} == {"s"}
    sheet["A2"], sheet["C3"] = "1号", "2"
    out = io.BytesIO()
    sheet.parent.save(out)
    again = said(file(community, director, out.getvalue()), director)
    assert len(drafting.outcome_of(again).changed) == 2


def test_columns_are_remembered_for_headers_like_these(community, director):
    rows = [["楼", "户", "几口人"], ["1号", "101", 3]]
    text = "\n".join("\t".join(map(str, row)) for row in rows)
    made = drafting.take_in(community, file_name="", content=b"", pasted=text, by=director, at=NOW)
    with pytest.raises(Refusal, match="columns_missing"):
        said(made, director)
    said(made, director, room=1, residents=2)
    again = drafting.take_in(community, file_name="", content=b"", pasted=text, by=director, at=NOW)
    (table,) = drafting.tables_of(again)
    assert drafting.suggested(table, director) == {"building": 0, "room": 1, "residents": 2}
    assert drafting.suggested(table, f.person()) == {"building": 0}
    assert ColumnMemory.objects.count() == 1


def test_an_import_may_run_twice_and_go_on_after_a_death(community, director, monkeypatch):
    monkeypatch.setattr(importing, "_STEP", 1)
    rows = [HEAD[:3], *(["1号", room, 2] for room in ("101", "102", "201", "301"))]
    made = paste(community, director, rows)
    importing.start(made, only_good=False, by=director, at=NOW)
    importing.start(made, only_good=False, by=director, at=NOW)
    assert importing._step(made.pk, at=NOW)
    assert importing._step(made.pk, at=NOW)
    made.refresh_from_db()
    assert (made.state, made.done) == ("running", 1)
    importing.run(made.pk, at=NOW)
    importing.run(made.pk, at=NOW)
    made.refresh_from_db()
    assert (made.state, made.done) == ("done", 4)
    assert HouseholdCount.objects.filter(brought_by=made).count() == 4
    assert Place.objects.filter(community=community, name="301室").count() == 1


def test_one_import_runs_at_a_time(community, director):
    one = paste(community, director, [HEAD[:3], ["1号", "101", 3]])
    two = paste(community, director, [HEAD[:3], ["1号", "102", 3]])
    importing.start(one, only_good=False, by=director, at=NOW)
    with (
        pytest.raises(IntegrityError, match="one_census_import_runs_at_a_time"),
        transaction.atomic(),
    ):
        importing.start(two, only_good=False, by=director, at=NOW)


def test_what_has_reports_or_counts_since_stays_after_an_undo(community, director):
    rows = [HEAD[:3], ["1号", "301", 2], ["1号", "302", 4], ["1号", "401", 3]]
    done = bring_in(paste(community, director, rows), director)
    f.drain(community, NOW)
    kept = Place.objects.get(community=community, name="301室")
    form = f.household_form()
    told = f.household_sending(f.seat(f.building(community)))
    filing.file_event(kept, form, told, at=NOW)
    assert undoing.would_stay(done) == ["1号楼组3楼", "1号楼组301室"]
    undone = undoing.undo(done, by=director, at=NOW)
    names = set(Place.objects.filter(community=community).values_list("name", flat=True))
    assert {"3楼", "301室"} <= names
    assert not {"302室", "4楼", "401室"} & names
    left = HouseholdCount.objects.filter(brought_by=done)
    assert [count.place for count in left] == [kept]
    assert len(undone.stayed) == 2
    assert tree.verify(community) == []
    f.drain(community, NOW)
    assert list(recount.differences(at=NOW)) == []
    assert undoing.undo(done, by=director, at=NOW).state == "undone"
    verbs = JournalEntry.objects.filter(verb__startswith="census").values_list("verb", flat=True)
    assert sorted(verbs) == ["census.handed_in", "census.imported", "census.undone"]


def test_a_count_goes_only_with_its_undone_import(community, director):
    bring_in(paste(community, director, [HEAD[:3], ["1号", "101", 3]]), director)
    with pytest.raises(IntegrityError, match="insert only"), transaction.atomic():
        HouseholdCount.objects.all()._raw_delete("default")


def test_another_number_on_the_same_day_is_told(community, director):
    bring_in(paste(community, director, [HEAD[:3], ["1号", "101", 3]]), director)
    outcome = drafting.outcome_of(paste(community, director, [HEAD[:3], ["1号", "101", 4]]))
    assert by_cell(outcome) == {"2": "counted_that_day"}


def test_a_day_to_come_is_refused(community, director):
    made = drafting.take_in(
        community,
        file_name="",
        content=b"",
        pasted="楼号\t室号\t常住\n1\t101\t2",
        by=director,
        at=NOW,
    )
    with pytest.raises(Refusal, match="day_to_come"):
        drafting.say_columns(
            made,
            0,
            {"building": 0, "room": 1, "residents": 2},
            as_of=TODAY + timedelta(days=1),
            opens_buildings=False,
            by=director,
            at=NOW,
        )


def _archive(name: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr(name, "<document/>")
    return out.getvalue()


TEXT = "楼号,室号,常住人数\n1号,101,3\n1号,102,2\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
def test_comma_separated_text_as_excel_saves_it(encoding):
    tables, _hidden = intake.of_file(TEXT.encode(encoding), "底册.csv")
    assert tables[0].heads == ["楼号", "室号", "常住人数"]
    assert tables[0].rows == [(2, ["1号", "101", "3"]), (3, ["1号", "102", "2"])]


def test_cells_with_breaks_and_quotes_are_pasted_whole():
    (table,) = intake.of_paste('楼号\t室号\t常住\n1号\t"1\n01"\t2\n')
    assert table.rows == [(2, ["1号", "1\n01", "2"])]


def test_a_building_that_is_pasted_once_is_said_for_its_lines(community, director):
    rows = [HEAD[:3], ["1号", "101", 2], ["", "102", 3], ["", "201", 1], ["2号", "101", 4]]
    rows += [["", "102", 1]]
    outcome = drafting.outcome_of(paste(community, director, rows))
    assert [line.building for line in outcome.changed] == ["1", "1", "1", "2", "2"]
    assert [(note.reference, note.read_as) for note in outcome.read_as] == [
        ("3", "1号"),
        ("4", "1号"),
        ("6", "2号"),
    ]
    # Where nearly all say theirs, one was forgotten.
    rows = [HEAD[:3], *(["1号", room, 2] for room in ("101", "102", "201")), ["", "202", 1]]
    assert by_cell(drafting.outcome_of(paste(community, director, rows))) == {"5": "no_building"}


@pytest.mark.parametrize("room", ["3月5日", "5-Mar", "2026/3/5", "2026-03-05", "2026年3月5日"])
def test_a_room_that_became_a_date_and_is_text_is_told(community, director, room):
    made = paste(community, director, [HEAD[:3], ["1号", room, 2]])
    assert by_cell(drafting.outcome_of(made)) == {"2": "date"}


@pytest.mark.parametrize(
    ("content", "name", "why"),
    [
        (b"", "a.xlsx", "workbook_no_file"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "a.xlsx", "workbook_not_a_workbook"),
        (b"\xff\xfe\x00", "a.csv", "workbook_not_a_workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "a.xlsx", "workbook_old_format"),
        (b"<html><table><tr><td>1</td></tr></table>", "a.xls", "workbook_old_format"),
        (_archive("word/document.xml"), "a.xlsx", "workbook_not_a_workbook"),
        (census_workbooks.empty(), "a.xlsx", "no_rows"),
        ("姓名,电话\n王,138".encode(), "a.csv", "no_rows"),
        (b"a,b\n" * 6000, "a.csv", "workbook_too_many_cells"),
        (b"1," * 61, "a.csv", "workbook_too_many_cells"),
    ],
)
def test_what_is_no_table_is_told_in_a_sentence(content, name, why):
    with pytest.raises(Refusal) as refused:
        intake.of_file(content, name)
    assert refused.value.code == why


def test_two_storeyed_headers_and_cells_merged_down_are_read():
    book = Workbook()
    sheet = book.active
    sheet.append(["楼号", "室号", "人口"])
    sheet.append([None, None, "常住", "60岁以上"])
    sheet.append(["1号", "101", 3, 1])
    sheet.append([None, "102", 2, 0])
    for area in ("A1:A2", "B1:B2", "C1:D1", "A3:A4"):
        sheet.merge_cells(area)
    out = io.BytesIO()
    book.save(out)
    ((table,), _hidden) = intake.of_file(out.getvalue(), "a.xlsx")
    assert table.heads == ["楼号", "室号", "常住", "60岁以上"]
    assert table.rows[1] == (4, [["merged", "1号", "down"], "102", 2, 0])


def test_an_old_draft_is_forgotten_and_old_faulty_lines_too(community, director):
    draft = paste(community, director, [HEAD[:3], ["1号", "101", 3]])
    mixed = paste(community, director, [HEAD[:3], ["1号", "101", 3], ["9号", "101", 1]])
    done = bring_in(mixed, director, only_good=True)
    assert [row[1][0] for row in done.tables[0]["rows"]] == ["9号"]
    importing.forget(at=NOW + timedelta(days=6))
    assert CensusImport.objects.count() == 2
    importing.forget(at=NOW + timedelta(days=8))
    assert not CensusImport.objects.filter(pk=draft.pk).exists()
    done.refresh_from_db()
    assert (done.tables, done.fixes) == ([], {})


def test_seats_of_a_planted_building_hold_it(community, director):
    rows = [["片区", "楼组", "室号", "常住"], ["2", "9号", "101", 2]]
    done = bring_in(paste(community, director, rows, opens_buildings=True), director)
    building = Place.objects.get(community=community, name="9号楼组")
    f.seat(building)
    undone = undoing.undo(done, by=director, at=NOW)
    assert undone.stayed == ["9号楼组"]
    assert groups.seats_of(building, at=NOW)
    assert not Place.objects.filter(parent=building).exists()
