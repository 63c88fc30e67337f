"""What one process drew and another takes: sealed, soon gone, and never waited for in vain."""

import pytest

from governance.board.shelf import Shelf
from tests.governance.open_pages import (
    Clock,
    Process,
    World,
    broker,
    drawn_for,
    on_the_shelf,
    patient_shelf,
)

pytestmark = pytest.mark.django_db


def test_without_the_shelf_every_process_draws_for_itself():
    world = World()
    away = Shelf("redis://127.0.0.1:1/0", clock=world.clock)
    world.one, world.other = (Process(world.clock, away) for _each in range(2))
    here, there = world.warmed()
    world.change()
    for page in (here, there):
        assert page.ask().body == drawn_for(page)
    assert (world.one.drawn, world.other.drawn) == ([world.board], [world.board])


def test_what_was_not_laid_there_by_us_is_not_taken():
    world = World()
    here, there = world.warmed()
    before = on_the_shelf()
    world.change()
    here.ask()
    (name,) = on_the_shelf() - before
    broker().set(name, b'["200 OK",[],"<b>999</b>"]')
    assert there.ask().body == drawn_for(there)


def test_what_lies_under_one_name_is_not_taken_for_another():
    shelf = patient_shelf()
    shelf.put("committee", "for the committee")
    sealed = broker().get("board:part:committee")
    broker().set("board:part:street", sealed)
    assert shelf.take("committee") == "for the committee"
    assert shelf.take("street") is None


def test_who_comes_second_waits_for_who_draws():
    first = patient_shelf()
    second = patient_shelf(wait=lambda _seconds: first.put("part", "drawn"))
    assert first.take("part") is None
    assert second.take("part") == "drawn"


def test_who_comes_second_draws_when_the_first_gave_up():
    first = patient_shelf()
    second = patient_shelf(wait=lambda _seconds: first.leave("part"))
    assert first.take("part") is None
    assert second.take("part") is None


def test_who_comes_second_does_not_wait_forever():
    clock = Clock()
    assert patient_shelf().take("part") is None
    assert (
        patient_shelf(clock=clock, wait=lambda seconds: clock.go_on(seconds)).take("part") is None
    )


def test_what_lies_there_is_gone_soon():
    shelf = patient_shelf()
    shelf.put("part", "drawn")
    assert 0 < broker().pttl("board:part:part") <= 10_000
