"""The words of a place follow every write of a name; a difference is found and mended."""

import pytest
from django.core.management import call_command

from governance.celery import app
from tests import factories as f
from units import search_keys, tasks, tree
from units.models import Place, PlaceKey

pytestmark = pytest.mark.django_db


def words(place: Place) -> str:
    return PlaceKey.objects.get(place=place).words


def is_right() -> bool:
    return all(
        not search_keys.differing(community)
        for community in {place.community for place in Place.objects.filter(kind=0)}
    )


@pytest.fixture
def community():
    return f.compound((2, 1), floors=2, doors=2)


def test_a_planted_tree_is_found_by_its_names(community):
    home = f.household(community, 2, floor=1, door=2)
    assert " 2102 " in words(home)
    assert " b2 " in words(home)
    assert " r102 " in words(home)
    assert " 2hlz " in words(f.building(community, 2))
    assert PlaceKey.objects.count() == Place.objects.count()
    assert is_right()


def test_a_new_place_is_found(community):
    floor = f.household(community, 1).parent
    home = tree.add(floor.pk, name="105室", at=f.WEDNESDAY)
    assert " 1105 " in words(home)
    assert is_right()


def test_a_renamed_building_is_found_with_its_homes_by_the_new_name_only(community):
    building, home = f.building(community, 1), f.household(community, 1)
    tree.rename(building.pk, name="88号楼组", at=f.WEDNESDAY)
    assert " 88101 " in words(home)
    assert " b1 " not in words(home)
    assert " b88 " in words(building)
    assert is_right()


def test_a_renamed_home_is_found_by_its_new_name(community):
    home = f.household(community, 1)
    tree.rename(home.pk, name="109室", at=f.WEDNESDAY)
    assert " r109 " in words(home)
    assert is_right()


def test_the_homes_of_a_moved_floor_are_found_where_they_are_now(community):
    home = f.household(community, 1, floor=2)
    tree.move(home.parent_id, to_parent_id=f.building(community, 3).pk, at=f.WEDNESDAY)
    assert " b3 " in words(home)
    assert " b1 " not in words(home)
    assert is_right()


def test_a_moved_building_and_a_closed_home_keep_their_words(community):
    home = f.household(community, 1)
    before = words(home)
    tree.move(f.building(community, 1).pk, to_parent_id=f.block(community, 2).pk, at=f.WEDNESDAY)
    tree.close(home.pk, at=f.WEDNESDAY)
    assert words(home) == before
    assert is_right()


def test_a_number_with_zeros_in_front_is_typed_without():
    community = f.compound((1,))
    place = f.building(community)
    tree.rename(place.pk, name="047号楼组", at=f.WEDNESDAY)
    assert " b47 " in words(place)


def test_the_check_names_a_difference_and_mends_it(community, capsys):
    home = f.household(community, 1)
    Place.objects.filter(pk=home.pk).update(name="999室")
    PlaceKey.objects.filter(place=f.building(community, 2)).delete()
    with pytest.raises(SystemExit):
        call_command("check_search_keys")
    call_command("check_search_keys", mend=True)
    call_command("check_search_keys")
    assert " r999 " in words(home)
    assert "0 处" in capsys.readouterr().out


def test_by_night_a_difference_is_reported_and_mended(community, caplog):
    beside = f.compound((1,))
    home, building = f.household(community, 1), f.building(community, 2)
    before = words(building)
    Place.objects.filter(pk=home.pk).update(name="999室")
    PlaceKey.objects.filter(place=building).delete()
    PlaceKey.objects.filter(place=f.household(beside, 1)).update(words=" b2 r999 ")
    tasks.check_search_keys()
    reported = {int(record.getMessage().rpartition(" ")[2]) for record in caplog.records}
    assert reported == {home.pk, building.pk, f.household(beside, 1).pk}
    assert " r999 " in words(home)
    assert words(building) == before
    assert " r999 " not in words(f.household(beside, 1))
    assert is_right()
    caplog.clear()
    tasks.check_search_keys()
    assert not caplog.records


def test_the_check_runs_every_night():
    entry = app.conf.beat_schedule["check-search-keys"]
    assert entry["task"] == tasks.check_search_keys.name
    assert entry["schedule"].hour == {3}
