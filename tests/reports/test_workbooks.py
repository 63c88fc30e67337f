"""The upper office's workbook: mapped once, filled each month, and otherwise left as it came."""

import io
import zipfile
from datetime import date
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook
from openpyxl.cell import Cell

from reports import filing, sheets
from reports.models import Export, Period, Sheet, Workbook
from reports.workbooks import filling, grid, mapping, storing
from reports.workbooks.aliases import Wanted
from tests import factories as f
from tests.reports import office_workbooks as office
from units.kinds import Duty
from units.models import Community, Place, User

pytestmark = pytest.mark.django_db

FILES = {"by block": office.by_block, "as list": office.as_list, "by column": office.by_column}


@pytest.fixture
def community() -> Community:
    """Three blocks of two, two and one building; four of five have reported, one with trouble."""
    community = f.compound((2, 2, 1))
    community.name = "江南新村居民区"
    community.save(update_fields=["name"])
    Place.objects.filter(community=community, kind=0).update(name=community.name)
    week = f.open_week()
    for number in (1, 2, 3, 5):
        place = f.building(community, number)
        answers = {"corridor": "uncleared", "facility": "broken"} if number == 3 else None
        answers = answers if number != 2 else {}
        filing.file(f.owed(place, week), f.sending(f.seat(place), answers=answers), at=f.WEDNESDAY)
    for number in range(1, 6):
        home = f.household(community, number)
        f.census_of(home, 4, on=date(2026, 10, 1), aged_60_to_79=2)
    f.drain(community)
    return community


@pytest.fixture
def staff(community) -> User:
    return f.staff(community)


def _months() -> list[Period]:
    """The month of the report, and two that nobody said anything in."""
    return [
        Period.objects.get_or_create(
            key=f"2026-{n:02d}",
            defaults={
                "kind": "month",
                "starts_on": date(2026, n, 1),
                "ends_on": date(2026, n, 30),
            },
        )[0]
        for n in (11, 9, 10)
    ]


def _taken_in(community: Community, content: bytes, staff: User, name: str = "月报表") -> Workbook:
    return storing.upload(
        community, name=name, file_name="月报.xlsx", content=content, by=staff, at=f.WEDNESDAY
    )


def _accept_all(workbook: Workbook) -> list[str]:
    grids = grid.read(bytes(workbook.content))
    found = storing.suggestions(workbook, grids, storing.places_of(workbook))
    storing.add(workbook, found)
    workbook.refresh_from_db()
    return [each.cell for each in found]


@pytest.mark.parametrize("made", FILES.values(), ids=FILES)
def test_suggestions_find_the_cells_that_can_be_filled_and_no_others(community, staff, made):
    content, wanted = made()
    assert sorted(_accept_all(_taken_in(community, content, staff))) == sorted(wanted)


@pytest.mark.parametrize("made", FILES.values(), ids=FILES)
def test_three_months_are_filled_and_all_that_is_foreign_survives(community, staff, made):
    content, wanted = made()
    workbook = _taken_in(community, content, staff)
    _accept_all(workbook)
    for n, month in enumerate(_months()):
        export = filling.fill(workbook, month, by=staff, at=f.WEDNESDAY)
        filled = bytes(export.content)
        assert _differences(content, filled) <= set(wanted)
        if n == 0:
            assert export.about["told"]["filled"] >= 0.9 * len(wanted)
            assert export.about["told"]["empty"] == []
    workbook.refresh_from_db()
    assert bytes(workbook.content) == content


def _differences(before: bytes, after: bytes) -> set[str]:
    """Cells whose value differs; everything else about the two files must be the same."""
    old, new = load_workbook(io.BytesIO(before)), load_workbook(io.BytesIO(after))
    assert new.sheetnames == [*old.sheetnames, "填表说明"]
    found = set()
    for sheet in old.worksheets:
        other = new[sheet.title]
        assert sheet.merged_cells.ranges == other.merged_cells.ranges
        assert sheet.freeze_panes == other.freeze_panes
        assert sheet.sheet_state == other.sheet_state
        assert sheet.protection.sheet == other.protection.sheet
        assert repr(sheet.data_validations.dataValidation) == repr(
            other.data_validations.dataValidation
        )
        assert [str(each.sqref) for each in sheet.conditional_formatting] == [
            str(each.sqref) for each in other.conditional_formatting
        ]
        for letter, column in sheet.column_dimensions.items():
            twin = other.column_dimensions[letter]
            assert (column.width, column.hidden) == (twin.width, twin.hidden)
        for number, row in sheet.row_dimensions.items():
            twin = other.row_dimensions[number]
            assert (row.height, row.hidden) == (twin.height, twin.hidden)
        for line in sheet.iter_rows():
            for cell in line:
                twin = other[cell.coordinate]
                assert _look(cell) == _look(twin), cell.coordinate
                assert (cell.comment is None) == (twin.comment is None)
                if cell.data_type == "f":
                    assert twin.value == cell.value, cell.coordinate
                if cell.value != twin.value:
                    found.add(cell.coordinate)
    return found


def _look(cell: Cell) -> list[int]:
    return list(cell._style or [0] * 9)


def test_parts_that_are_not_written_to_stay_byte_for_byte(community, staff):
    content, _wanted = office.by_block()
    workbook = _taken_in(community, content, staff)
    _accept_all(workbook)
    filled = bytes(filling.fill(workbook, _months()[0], by=staff, at=f.WEDNESDAY).content)
    old, new = (zipfile.ZipFile(io.BytesIO(each)) for each in (content, filled))
    changed = [name for name in old.namelist() if old.read(name) != new.read(name)]
    assert sorted(changed) == [
        "[Content_Types].xml",
        "xl/_rels/workbook.xml.rels",
        "xl/workbook.xml",
        "xl/worksheets/sheet1.xml",
    ]
    assert new.testzip() is None
    assert b'fullCalcOnLoad="1"' in new.read("xl/workbook.xml")


def test_numbers_are_numbers_and_as_the_cell_shows_them(community, staff):
    workbook = _taken_in(community, office.by_block()[0], staff)
    _accept_all(workbook)
    export = filling.fill(workbook, _months()[0], by=staff, at=f.WEDNESDAY)
    book = load_workbook(io.BytesIO(bytes(export.content)))
    sheet = book["10月"]
    assert sheet["A1"].value == "2026年11月居民区基层治理情况统计表"
    assert sheet["B2"].value == "江南新村居民区"
    assert sheet["H2"].value.date() == date(2026, 11, 11)
    # 第2片区: one of two has reported. 0.00% wants a fraction of one.
    assert [sheet[f"{letter}7"].value for letter in "BCDE"] == [2, 1, 0.5, 1]
    assert sheet["B9"].value == "=SUM(B6:B8)"
    note = "\n".join(str(cell.value) for line in book["填表说明"] for cell in line if cell.value)
    sheet_taken = Sheet.objects.get()
    assert sheet_taken.number in note
    assert "已报楼组（含报平安）÷ 应报楼组" in note
    assert "改写了原有内容" in note  # the title


def test_every_number_written_is_the_one_of_the_stored_sheet(community, staff):
    workbook = _taken_in(community, office.by_column()[0], staff)
    _accept_all(workbook)
    export = filling.fill(workbook, _months()[0], by=staff, at=f.WEDNESDAY)
    sheet = load_workbook(io.BytesIO(bytes(export.content)))["汇总"]
    parts = {part.code: part for part in sheets.parts_of(Sheet.objects.get())}
    for entry in mapping.read(workbook.mapping):
        if entry.wanted is None:
            continue
        figure = parts[entry.place or community.code].figures[entry.wanted.measure]
        value = sheet[entry.cell].value
        if entry.wanted.part == "numerator":
            assert value == figure.numerator
        elif entry.wanted.part == "denominator":
            assert value == figure.denominator
        elif figure.is_rate:
            assert Decimal(str(value)) * 100 == figure.value
        else:
            assert value == figure.numerator


def test_what_nobody_reported_stays_empty_and_is_told(community, staff):
    workbook = _taken_in(community, office.as_list()[0], staff)
    _accept_all(workbook)
    export = filling.fill(workbook, _months()[1], by=staff, at=f.WEDNESDAY)
    sheet = load_workbook(io.BytesIO(bytes(export.content)))["指标月报"]
    assert sheet["D8"].value is None
    assert any("D8：报告覆盖率" in each for each in export.about["told"]["unknown"])


def test_empty_cells_that_nobody_mapped_are_listed(community, staff):
    workbook = _taken_in(community, office.by_block()[0], staff)
    _accept_all(workbook)
    storing.drop(workbook, "10月", "C7")
    workbook.refresh_from_db()
    export = filling.fill(workbook, _months()[0], by=staff, at=f.WEDNESDAY)
    assert export.about["told"]["empty"] == ["10月 C7"]


def test_a_formula_is_never_written_over(community, staff):
    workbook = _taken_in(community, office.by_block()[0], staff)
    entry = mapping.Entry("10月", "B9", Wanted("COV_B", "denominator"), above=[], beside=["合计"])
    grids = grid.read(bytes(workbook.content))
    above = [grid.same(text) for text in grids[0].heads_above(grids[0].by_reference("B9"))]
    storing.add(workbook, [mapping.Entry(**{**entry.__dict__, "above": above})])
    workbook.refresh_from_db()
    export = filling.fill(workbook, _months()[0], by=staff, at=f.WEDNESDAY)
    assert export.about["told"]["formulas"] == ["10月 B9：应报楼组"]
    sheet = load_workbook(io.BytesIO(bytes(export.content)))["10月"]
    assert sheet["B9"].value == "=SUM(B6:B8)"


def test_a_mapping_follows_its_headers_when_lines_are_put_in_above(community, staff):
    workbook = _taken_in(community, office.by_block()[0], staff)
    before = _accept_all(workbook)
    moved, wanted = office.by_block(lines_above=3)
    lost = storing.replace_file(
        workbook, file_name="12月.xlsx", content=moved, by=staff, at=f.WEDNESDAY
    )
    workbook.refresh_from_db()
    assert lost == []
    assert len(before) == len(wanted)
    assert sorted(each.cell for each in mapping.read(workbook.mapping)) == sorted(wanted)


def test_what_a_new_file_lacks_is_told_and_kept(community, staff):
    workbook = _taken_in(community, office.by_block()[0], staff)
    _accept_all(workbook)
    fewer, _wanted = office.by_block(2)
    storing.replace_file(workbook, file_name="x", content=fewer, by=staff, at=f.WEDNESDAY)
    workbook.refresh_from_db()
    export = filling.fill(workbook, _months()[0], by=staff, at=f.WEDNESDAY)
    assert len(export.about["told"]["lost"]) == 8
    assert all("8：" in each for each in export.about["told"]["lost"])
    assert len(workbook.mapping) == 27


def test_a_street_fills_by_community_through_the_filter(community, staff):
    other = f.compound((1,), division=community.division)
    f.drain(other)
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    book = load_workbook(io.BytesIO(office.by_block(2)[0]))
    sheet = book.active
    sheet["A6"], sheet["A7"] = "江南新村", other.name
    sheet["E5"] = "邻里纠纷"
    out = io.BytesIO()
    book.save(out)
    workbook = storing.upload(
        community.division,
        name="街道汇总",
        file_name="x.xlsx",
        content=out.getvalue(),
        by=officer,
        at=f.WEDNESDAY,
    )
    _accept_all(workbook)
    assert "E6" in {each.cell for each in mapping.read(workbook.mapping)}
    export = filling.fill(workbook, _months()[0], by=officer, at=f.WEDNESDAY)
    filled = load_workbook(io.BytesIO(bytes(export.content)))["10月"]
    assert [filled[f"{letter}6"].value for letter in "BC"] == [5, 4]
    # Neighbours' disputes do not leave the community.
    assert not isinstance(filled["E6"].value, int | float)


# --- The pages ----------------------------------------------------------------------------


def _client(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def _upload(client: Client, content: bytes, **typed: str):
    file = SimpleUploadedFile("报表.xlsx", content)
    return client.post(reverse("workbooks"), {"name": "月报表", **typed, "file": file})


def test_upload_accept_fill_and_download(community, staff):
    client = _client(staff)
    owner = {"owner": f"community:{community.code}"}
    opened = _upload(client, office.by_block()[0], **owner)
    url = opened.headers["Location"]
    text = client.get(url).content.decode()
    assert 'colspan="10"' in text
    assert 'rowspan="2"' in text
    assert "隐藏" in text
    assert "按表头认出了27格" in text
    workbook = Workbook.objects.get()
    client.post(reverse("workbook-suggestions", kwargs={"pk": workbook.pk}), {"all": "1"})
    _months()
    filled = client.post(
        reverse("workbook-filling", kwargs={"pk": workbook.pk}), {"period": "2026-11"}, follow=True
    )
    assert "填入" in filled.content.decode()
    export = Export.objects.get()
    file = client.get(reverse("download-file", kwargs={"id": export.pk}))
    assert load_workbook(io.BytesIO(file.content))["10月"]["C7"].value == 1


def test_a_cell_is_pointed_at_and_taken_back(community, staff):
    client = _client(staff)
    workbook = _taken_in(community, office.as_list()[0], staff)
    where = {"sheet": "0", "cell": "D22"}
    url = reverse("workbook-cell", kwargs={"pk": workbook.pk})
    assert client.post(url, {**where, "figure": "VISIT_N:value"}).status_code == 302
    workbook.refresh_from_db()
    assert [(each["cell"], each["wanted"]["measure"]) for each in workbook.mapping] == [
        ("D22", "VISIT_N")
    ]
    client.post(url, {**where, "clear": "1"})
    workbook.refresh_from_db()
    assert workbook.mapping == []


def test_a_text_is_written_over_only_on_purpose(community, staff):
    client = _client(staff)
    workbook = _taken_in(community, office.as_list()[0], staff)
    url = reverse("workbook-cell", kwargs={"pk": workbook.pk})
    sent = {"sheet": "0", "cell": "B22", "figure": "VISIT_N:value"}
    refused = client.post(url, sent)
    assert refused.status_code == 422
    assert "改写原有文字" in refused.content.decode()
    assert client.post(url, sent | {"over_text": "1"}).status_code == 302


def test_what_was_typed_stays_when_a_file_is_refused(community, staff):
    answer = _upload(
        _client(staff), b"not a workbook", name="十月报表", owner=f"community:{community.code}"
    )
    assert answer.status_code == 422
    text = answer.content.decode()
    assert 'value="十月报表"' in text
    assert "不是电子表格" in text


def test_a_name_is_used_once(community, staff):
    _taken_in(community, office.as_list()[0], staff)
    answer = _upload(_client(staff), office.as_list()[0], owner=f"community:{community.code}")
    assert answer.status_code == 409
    assert "同名" in answer.content.decode()
