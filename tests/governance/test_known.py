"""Who has a page open: no longer than the session, and no longer than the post."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests import factories as f
from tests.governance.open_pages import World
from units import devices
from units.models import Device, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return World()


def revoke(user: User, client: Client) -> None:
    device = Device.objects.get(user=user)
    devices.revoke(device, by=user, at=timezone.now())


def log_out(_user: User, client: Client) -> None:
    client.session.flush()


def end_everywhere(user: User, _client: Client) -> None:
    user.end_sessions()


def choose_another_password(user: User, _client: Client) -> None:
    user.set_password("another2026")
    user.save()


def leave(user: User, _client: Client) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


def let_the_computer_lapse(user: User, _client: Client) -> None:
    Device.objects.filter(user=user).update(lapses_at=timezone.now())


ENDS = [revoke, log_out, end_everywhere, choose_another_password, leave, let_the_computer_lapse]


@pytest.mark.parametrize("end", ENDS)
def test_whose_session_was_ended_gets_nothing_after_fifteen_seconds(world, end):
    user, colleague = f.staff(world.community), f.staff(world.community)
    page, beside = world.page(world.one, user), world.page(world.one, colleague)
    now = timezone.now()
    device = Device.objects.create(
        user=user, kind=Device.Kind.DESK, token_hash=Device.hash_of("x"), label="电脑",
        made_at=now, lapses_at=now + timedelta(days=30),
    )  # fmt: skip
    session = page.client.session
    session["device"] = device.pk
    session.save()
    world.change()
    known = page.ask()
    assert known.status == 200
    page.shown = known.version
    end(user, page.client)
    world.change()
    assert beside.ask().status == 200  # so that there is something to take
    world.clock.go_on(15)
    answer = page.ask()
    assert (answer.status, answer.headers["Location"].partition("?")[0]) == (302, reverse("login"))
    assert beside.ask().status == 200


def test_who_is_still_there_is_not_looked_up_again(world):
    page, _other = world.warmed()
    asked = world.one.asked
    world.clock.go_on(20)
    world.change()
    assert page.ask().status == 200
    assert world.one.asked == asked + 1  # to draw


def test_whose_post_ended_gets_nothing_at_the_next_question(world):
    user = f.staff(world.community)
    page, beside = world.page(world.one, user), world.page(world.one, f.staff(world.community))
    world.change()
    for each in (page, beside):
        each.shown = each.ask().version
    world.change()
    user.posts.update(during=(user.posts.get().during.lower, timezone.now()))
    world.clock.go_on()
    assert beside.ask().status == 200
    assert page.ask().status == 404
