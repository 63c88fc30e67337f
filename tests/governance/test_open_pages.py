"""Open pages: what the door before Django answers by itself, to whom, and who draws for whom."""

import gzip

import pytest
from django.urls import reverse

from tests import factories as f
from tests.governance.open_pages import World, drawn_for, on_the_shelf, untimed
from units.kinds import Duty

pytestmark = pytest.mark.django_db

SECRETS = ("csrfmiddlewaretoken", "<html")


@pytest.fixture
def world() -> World:
    return World()


def test_a_page_that_shows_what_is_so_is_told_so_without_asking_django(world):
    page = world.page(world.one, f.staff(world.community))
    asked = world.one.asked
    for _second in range(3):
        world.clock.go_on()
        answer = page.ask()
        assert (answer.status, answer.body, answer.version) == (204, b"", page.shown)
        assert answer.headers["X-Behind"] == "0"
    assert world.one.asked == asked


def test_a_changed_page_gets_its_fragment_with_the_same_answer(world):
    page = world.page(world.one, f.staff(world.community))
    world.change()
    answer = page.ask()
    assert answer.status == 200
    assert answer.body == drawn_for(page)
    assert "看过0 · 报平安1 · 未收到2" in answer.body.decode()
    assert answer.version != page.shown
    page.shown = answer.version
    assert page.ask().status == 204


def test_what_is_shared_comes_packed_to_who_unpacks_it(world):
    page = world.page(world.one, f.staff(world.community), accept_encoding="gzip, br")
    world.change()
    answer = page.ask()
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.body)
    assert gzip.decompress(answer.body) == drawn_for(page)


def test_a_page_that_heard_of_something_newer_elsewhere_is_not_set_back(world):
    here = world.page(world.one, f.staff(world.community))
    there = world.page(world.other, f.staff(world.community))
    world.change()
    here.shown = there.ask().version
    world.clock.go_on(-0.9)  # this process looked so lately that it does not look for itself
    answer = here.ask()
    assert (answer.status, answer.version) == (204, here.shown)


@pytest.mark.parametrize("token", ["", "x", "WzAsW10sMF0:1abc:def"])
def test_a_token_that_is_not_ours_is_not_there(world, token):
    page = world.page(world.one, f.staff(world.community))
    page.token, page.shown = token, "1"
    assert page.ask().status == 404


# --- Who draws ----------------------------------------------------------------------------------


def test_a_fragment_is_drawn_once_for_all_who_see_the_same(world):
    pages = [world.page(world.one, f.staff(world.community)) for _each in range(4)]
    world.change()
    bodies = {page.ask().body for page in pages}
    assert len(bodies) == 1
    assert world.one.drawn == [world.board]


def test_what_one_process_drew_the_other_takes(world):
    here, there = world.warmed()
    world.change()
    drawn = here.ask()
    taken = there.ask()
    assert (taken.status, taken.body, taken.version) == (200, drawn.body, drawn.version)
    assert {k: v for k, v in taken.headers.items() if k != "X-Behind"} == {
        k: v for k, v in drawn.headers.items() if k != "X-Behind"
    }
    assert (world.one.drawn, world.other.drawn) == ([world.board], [])
    assert not any(secret in taken.body.decode() for secret in SECRETS)


def test_nobody_gets_what_was_drawn_for_who_sees_more(world):
    street = f.post(Duty.STREET_VIEWER, division=world.community.division).user
    block = f.post(Duty.BLOCK_WORKER, place=f.block(world.community)).user
    staff, other = world.warmed()
    pages = [staff, other]
    for process in (world.one, world.other):
        pages += [world.page(process, user) for user in (street, block)]
    for _report in range(2):
        world.change()
        told = [page.ask() for page in pages]
        for page, answer in zip(pages, told, strict=True):
            page.shown = answer.version
            if answer.status == 200:
                assert untimed(answer.body) == untimed(drawn_for(page))
        assert len({untimed(answer.body) for answer in told}) == 3


def test_the_page_of_a_group_is_never_shared(world):
    place = f.building(world.community, 3)
    url = reverse("group-board", kwargs={"code": place.code})
    leader, beside = world.leaders[2], f.seat(place, Duty.PARTY_LEADER)
    owner = f.seat(place, Duty.OWNER_REPRESENTATIVE)
    pages = [
        world.page(process, user, url)
        for process, user in ((world.one, leader), (world.one, beside), (world.other, owner))
    ]
    world.change()
    world.change()
    world.change()
    for page in pages:
        assert page.ask().body == drawn_for(page)
    assert (world.one.drawn, world.other.drawn) == ([url, url], [url])
    assert on_the_shelf() == set()


def test_another_language_is_drawn_for_whoever_asked_for_it(world):
    here, there = world.warmed()
    there.client.cookies["language"] = "en"
    world.change()
    assert here.ask().body == drawn_for(here)
    assert there.ask().body == drawn_for(there)
    assert world.other.drawn == [world.board]


def test_the_first_change_of_a_page_that_was_opened_is_drawn_once(world):
    """Opening it has said that it may be shared."""
    pages = [world.page(each, f.staff(world.community)) for each in (world.one, world.other)]
    for page in pages:
        page.process.get(page.url, page.client)
        page.process.drawn.clear()
    world.change()
    assert pages[0].ask().body == pages[1].ask().body
    assert (world.one.drawn, world.other.drawn) == ([world.board], [])
