"""What the street can work out about few people: never fewer than three candidates."""

from random import Random

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.board.live import live_token
from reports import disclosure, sheets
from reports.disclosure import rule
from reports.disclosure.rule import PEOPLE, Month, Sign, Stock
from reports.measures import Audience
from reports.models import Period, Summary
from tests import factories as f
from tests.governance import street_reader, street_rooms
from tests.governance.street_reader import Rows, officer
from tests.governance.test_sweep import TABLE
from units.kinds import Kind

pytestmark = pytest.mark.django_db

WELL = {
    "households": 40,
    "households_counted": 40,
    "residents": 100,
    "aged_60_plus": 40,
    "aged_80_plus": 12,
    "nonlocal_residents": 20,
    "living_alone": 9,
    "actual": 110,
    "floating": 30,
}
QUIET = Month(turnover=20, is_spread=True)


def hidden(values, kind=Kind.COMMUNITY, *, blocks=(WELL, WELL), month=None):
    whole = {column: sum(block[column] for block in blocks) for column in WELL}
    return rule.signs(values, kind, Stock.of(whole, blocks), month)


# --- The attack -----------------------------------------------------------------------------


# Doors that open to the street and hold no figure: the phone, the login, descriptions of the API,
# what is invented or asked, versions, and files and workbooks, which are made of the tables read.
NO_FIGURES = {
    *("shell", "shell-part", "service-worker", "api-pack", "group-home", "diagnosis", "parts"),
    *("bound", "enter", "second-step-setup", "api-whoami", "api-devices"),
    *("api-schema", "api-page", "api-places", "api-obligations"),
    *("admission", "stairwell", "voice-receipt"),
    *("live", "workbench-live", "downloads-live", "census-live"),
    *("download", "download-file", "workbook"),
}


@pytest.mark.parametrize("seed", range(6))
def test_a_hidden_number_keeps_three_candidates(seed):
    rows, reader = street_reader.attack(Random(seed))
    opens = {door for door, (*_about, street) in TABLE.items() if street.startswith("200")}
    assert opens - reader.doors == NO_FIGURES
    assert street_reader.against_the_rule(rows, reader) == set()
    assert street_reader.leaks(rows, reader) == {}


def test_the_attack_finds_what_cell_by_cell_hiding_gives_away(monkeypatch):
    """The rule broken: each small cell hidden by itself, of communities and blocks alike."""

    def cell_by_cell(values, kind, stock, month):
        few = {c: Sign.FEW for c in street_reader.SECRET if values.get(c, 0) < rule.FEWEST}
        return dict.fromkeys(rule.CLOSED, Sign.APART) | few

    monkeypatch.setattr(rule, "signs", cell_by_cell)
    rows, reader = street_reader.attack(Random(1))
    assert street_reader.leaks(rows, reader, knows_the_rule=False)


class Unscreened(disclosure.Lens):
    """Sees everything as the committee does."""

    def audience(self, place):
        return Audience.COMMITTEE


@pytest.mark.parametrize(
    ("room", "broken"),
    [
        ("governance.board.places.Lens", Unscreened),
        ("governance.board.pages.Lens", Unscreened),
        ("reports.last_month.disclosure.screen", lambda parts, *_when, **_at: list(parts)),
        ("reports.disclosure.sheets.screen", lambda parts, *_when, **_at: list(parts)),
    ],
)
def test_one_room_without_the_filter_is_found(monkeypatch, room, broken):
    rows = Rows(Random(1))
    street_rooms.open_what_is_owed(rows)
    rows.write(1)
    street_rooms.submit_the_months(rows)
    reader = street_reader.Reader(officer(rows.community), rows)
    _look_into_the_rooms(rows, reader)
    monkeypatch.setattr(room, broken)
    # Either a number that the rule hides, or a measure that the street does not have at all.
    with pytest.raises(AssertionError):
        _look_into_the_rooms(rows, reader)


def _look_into_the_rooms(rows: Rows, reader: street_reader.Reader) -> None:
    street_rooms.read(reader, 1)
    assert street_reader.against_the_rule(rows, reader) == set()


# --- The rule, part by part -----------------------------------------------------------------


def test_a_small_count_of_people_reads_the_same_from_nought_to_four():
    for number in range(5):
        assert hidden(WELL | {"living_alone": number})["living_alone"] is Sign.FEW
    assert "living_alone" not in hidden(WELL | {"living_alone": 5})


def test_blocks_are_shown_whole_or_not_at_all():
    assert not set(PEOPLE) & set(hidden(WELL, Kind.BLOCK))
    for column in PEOPLE:
        small = hidden(WELL, Kind.BLOCK, blocks=(WELL, WELL | {column: 4}))
        assert {small[each] for each in PEOPLE} == {Sign.APART}


def test_what_a_whole_has_more_than_its_part_is_people_too():
    few_under_80 = WELL | {"aged_80_plus": 37}
    assert hidden(WELL, Kind.BLOCK, blocks=(WELL, few_under_80))["residents"] is Sign.APART


def test_floating_and_actual_travel_together():
    for few in ({"floating": 3}, {"actual": 103}):
        assert {"floating", "actual"} <= hidden(WELL | few).keys()
        assert "residents" not in hidden(WELL | few)


def test_movement_and_disputes_are_of_a_community_and_a_month_that_is_over():
    flows = {"arrived": 9, "departed": 8, "disputes": 20, "mediated": 10, "building_looked": 90}
    shown = WELL | flows
    assert not flows.keys() & hidden(shown, month=QUIET).keys()
    assert {"arrived", "departed", "disputes", "mediated"} <= hidden(shown).keys()
    assert {"arrived", "disputes"} <= hidden(shown, Kind.BLOCK, month=QUIET).keys()


def test_movement_is_hidden_when_the_blocks_residents_would_tell_it():
    shown = WELL | {"arrived": 9, "departed": 8}
    assert "arrived" in hidden(shown, month=Month(turnover=4, is_spread=True))
    assert Month.of([{"arrived": 9, "departed": 0}, {"arrived": 0, "departed": 8}]).turnover == 0


def test_disputes_are_hidden_when_where_somebody_looked_would_tell_them():
    shown = WELL | {"disputes": 9, "mediated": 0, "building_looked": 30}
    one_sided = Month.of([{"building_looked": 29}, {"building_looked": 1}])
    assert hidden(shown, month=one_sided)["disputes"] is Sign.APART
    nearly_all = WELL | {"disputes": 27, "mediated": 10, "building_looked": 30}
    assert hidden(nearly_all, month=QUIET)["disputes"] is Sign.APART


def test_what_is_mediated_is_hidden_beside_few_that_are_not():
    shown = WELL | {"disputes": 20, "mediated": 17, "building_looked": 90}
    assert hidden(shown, month=QUIET) | {"mediated": Sign.APART} == hidden(shown, month=QUIET)


def test_a_block_that_is_the_whole_community_reads_as_the_community():
    few = WELL | {"living_alone": 2}
    of_block = hidden(few, Kind.BLOCK, blocks=(few,))
    assert of_block["living_alone"] is Sign.FEW
    assert "residents" not in of_block


# --- Everywhere the same --------------------------------------------------------------------


@pytest.fixture
def rows() -> Rows:
    made = Rows(Random(3))
    made.write(1)
    return made


def test_the_live_version_of_the_street_stands_still_when_only_hidden_columns_change(rows):
    client, staff = Client(), Client()
    client.force_login(officer(rows.community))
    staff.force_login(f.staff(rows.community))
    week, places = rows.periods["week"], [rows.root]

    def versions() -> list[bytes]:
        tokens = (live_token(week, places, is_above=above) for above in (True, False))
        urls = [reverse("live", kwargs={"token": token}) for token in tokens]
        return [client.get(url).content for url in urls]

    street, committee = versions()
    row = Summary.objects.filter(place=rows.root, period=week)
    row.update(disputes=7, arrived=3, visits=9, help_asked=1, stock_tight=1, version=2)
    assert versions()[0] == street
    assert versions()[1] != committee
    row.update(corridor_uncleared=9)
    assert versions()[0] != street


def test_the_streets_pages_carry_that_token(rows):
    f.open_week(timezone.now())
    client = Client()
    client.force_login(officer(rows.community))
    of = {"code": rows.community.code}
    for url in (
        reverse("community-board", kwargs=of),
        reverse("street-board", kwargs={"code": rows.community.division_id}),
    ):
        page = client.get(url)
        asked = (
            f'data-live-version="{reverse("live", kwargs={"token": page.context["live_token"]})}'
        )
        assert asked in page.content.decode().replace("&#x27;", "'")
        before = client.get(reverse("live", kwargs={"token": page.context["live_token"]})).content
        Summary.objects.update(disputes=3, version=9)
        after = client.get(reverse("live", kwargs={"token": page.context["live_token"]})).content
        assert before == after


def test_the_api_leaves_out_what_the_pages_hide(rows):
    client = Client()
    client.force_login(officer(rows.community))
    for period in Period.objects.all():
        lens = disclosure.Lens(officer(rows.community), at=timezone.now())
        for row in client.get("/api/summaries/", {"period": period.key}).json():
            stored = Summary.objects.select_related("place__community").get(
                place__code=row["place"], period=period
            )
            assert row["columns"] == lens.columns(stored, period)
            assert not row["columns"].keys() & {"help_asked", "stock_tight", "absences"}


def test_a_street_has_no_total_of_people_or_disputes(rows):
    client = Client()
    client.force_login(officer(rows.community))
    for code, period, status in (
        ("DISP_N", rows.periods["last"], 403),
        ("ALONE_N", rows.periods["now"], 403),
        ("POP_RES", rows.periods["now"], 403),
        ("HAZ_CORR", rows.periods["last"], 200),
    ):
        of = {"code": code, "place": rows.community.division_id, "period": period.key}
        assert client.get(reverse("figure", kwargs=of)).status_code == status


def test_a_branch_secretary_reads_through_the_filter_too(rows):
    branch = f.branch_of(f.block(rows.community))
    secretary = f.post(street_reader.Duty.BRANCH_SECRETARY, branch=branch).user
    assert disclosure.is_above(secretary, f.block(rows.community))
    assert not disclosure.is_above(f.staff(rows.community), f.block(rows.community))


def test_there_is_no_history_of_part_of_a_month_on_a_sheet(rows):
    month = rows.periods["last"]
    taken = sheets.take(rows.root, month, by=None, at=timezone.now())
    early = sheets.draw_up(rows.root, month, at=timezone.now().replace(year=month.ends_on.year - 1))
    early.save(force_insert=True)
    street = officer(rows.community)
    for sheet, may_tell in ((taken, True), (early, False)):
        head = disclosure.parts_of(sheet, street, at=timezone.now())[0]
        is_apart = head.figures["DISP_N"].sign == Sign.APART.label
        assert may_tell or is_apart
