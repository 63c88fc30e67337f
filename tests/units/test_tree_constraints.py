"""What the database itself refuses, whoever writes: raw SQL does not get past it."""

import pytest
from django.db import IntegrityError, connection, transaction

from tests import factories as f
from units import journal, tree
from units.models import Community, HouseholdCount, JournalEntry, Place, PlaceChange

pytestmark = pytest.mark.django_db

# The community that is written to is `own`; `other` is its neighbour.
INSERT_ROOT = """
INSERT INTO units_place
       (community_id, kind, level, tree_id, lft, rght, code, name, state, opened_on)
SELECT {community}, 0, 0, {tree}, 90001, 90002, '310104999999', '又一棵', 'active', '2026-01-01'
  FROM units_place own, units_place other WHERE own.code = %(own)s AND other.code = %(other)s
"""
SET = "UPDATE units_place p SET {what} WHERE p.code = %(own)s || '-{place}'"
OF = "(SELECT {what} FROM units_place WHERE code = {code})"


def to(what: str, place: str = "B01-L001") -> str:
    return SET.format(what=what, place=place)


def of(what: str, place: str, community: str = "own") -> str:
    return OF.format(what=what, code=f"%({community})s || '-{place}'")


REFUSED = {
    "two places with one left": (to(f"lft = {of('lft', 'B01')}", "B02"), "one_place_per_left"),
    "two places with one right": (to(f"rght = {of('rght', 'B02')}"), "one_place_per_right"),
    "a place that borrows a left of another tree": (
        to(f"tree_id = {of('tree_id', 'B01', 'other')}"),
        "one_place_per_left",
    ),
    "a level that is not the kind": (to("level = 3"), "place_level_is_its_kind"),
    "a kind that is not the level": (to("kind = 3"), "place_level_is_its_kind"),
    "a second root in a community": (
        INSERT_ROOT.format(community="own.community_id", tree="99"),
        "one_root_per_community",
    ),
    "a second root in a tree": (
        INSERT_ROOT.format(community="%(bare)s", tree="own.tree_id"),
        "one_root_per_tree",
    ),
    "a root that is not a community": (to("parent_id = NULL"), "only_a_community_has_no_parent"),
    "a parent of another community": (
        to(f"parent_id = {of('id', 'B01', 'other')}"),
        "place_parent_is_the_next_kind_up_here",
    ),
    "a community that is not its parent's": (
        to(f"community_id = {of('community_id', 'B01', 'other')}"),
        "place_parent_is_the_next_kind_up_here",
    ),
    "a level skipped": (
        to(f"parent_id = {of('id', 'B01')}", "B01-L001-F01"),
        "place_parent_is_the_next_kind_up_here",
    ),
    "a level reversed": (
        to(f"parent_id = {of('id', 'B01-L001')}", "B01"),
        "place_parent_is_the_next_kind_up_here",
    ),
    "a place below itself": (to("parent_id = p.id"), "place_parent_is_the_next_kind_up_here"),
    "an interval turned round": (to("lft = rght, rght = lft"), "place_interval_is_open"),
    "an interval of nothing": (to("lft = rght"), "place_interval_is_open"),
    "closed without a day": (to("state = 'closed'"), "a_closed_place_has_its_day"),
    "a day of closing on a place in use": (
        to("closed_on = '2026-01-01'"),
        "a_closed_place_has_its_day",
    ),
    "a code used twice": (to("code = %(other)s"), "units_place_code_key"),
}


@pytest.fixture
def codes() -> dict[str, object]:
    # Unlike trees, so that no refusal is owed to another constraint by chance.
    own, other = f.compound((2, 1), floors=2, doors=2), f.compound((3,))
    bare = Community.objects.create(code="310104999998", division=f.street(), name="还没有树")
    return {"own": own.code, "other": other.code, "bare": bare.pk}


def run(statement: str, **values: object) -> int:
    """Run one statement to the end of its transaction, where deferred constraints speak."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, values)
        count = cursor.rowcount
        connection.check_constraints()
    return count


def test_a_legal_change_by_raw_sql_passes(codes):
    assert run(to("name = '一号楼'"), **codes) == 1
    assert run(INSERT_ROOT.format(community="%(bare)s", tree="99"), **codes) == 1
    assert tree.verify(Community.objects.get(code=codes["own"])) == []


@pytest.mark.parametrize(("statement", "constraint"), REFUSED.values(), ids=REFUSED)
def test_raw_sql_is_refused(codes, statement, constraint):
    before = list(Place.objects.order_by("pk").values())
    with pytest.raises(IntegrityError) as refused:
        run(statement, **codes)
    assert refused.value.__cause__.diag.constraint_name == constraint
    assert list(Place.objects.order_by("pk").values()) == before


@pytest.fixture
def history() -> dict[str, object]:
    """One row in each table that is insert only."""
    community = f.compound((1,))
    door = Place.objects.get(community=community, kind=4)
    HouseholdCount.objects.create(
        place=door, as_of="2026-01-01", residents=2, aged_60_to_79=2, actual=2, source="走访"
    )
    journal.note("place.renamed", user=None, at=f.WEDNESDAY)
    return {
        "placechange": PlaceChange,
        "journalentry": JournalEntry,
        "householdcount": HouseholdCount,
    }


@pytest.mark.parametrize("table", ["placechange", "journalentry", "householdcount"])
@pytest.mark.parametrize("statement", ["UPDATE units_{0} SET id = id", "DELETE FROM units_{0}"])
def test_history_is_insert_only(history, table, statement):
    before = list(history[table].objects.values())
    assert before
    with pytest.raises(IntegrityError, match=f"units_{table} is insert only"):
        run(statement.format(table))
    assert list(history[table].objects.values()) == before
