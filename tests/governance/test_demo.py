"""The demo is the data set of mechanisms.md 1.2, filed through the product's own processes."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from governance.demo.shapes import JIANGNAN, LINJIANG
from reports.models import Filing, Report, Summary
from reports.rollup import climb, recount
from units import groups, tree
from units.kinds import Kind
from units.models import Branch, Community, Place, Post, User

pytestmark = pytest.mark.django_db


def test_the_demo_is_the_data_set_adds_up_and_is_safe_to_repeat():
    call_command("seed_demo", weeks=2, stdout=StringIO())
    demo = Community.objects.get(code=JIANGNAN.code)
    for bucket in climb.waiting_buckets():
        climb.drain(bucket, at=timezone.now())
    before = Filing.objects.count(), User.objects.count()
    call_command("seed_demo", weeks=2, stdout=StringIO())
    assert (Filing.objects.count(), User.objects.count()) == before
    _the_tree_and_its_people_are_those_of_the_data_set(demo)
    _its_people_add_up_to_the_published_numbers(demo)
    _its_trees_and_summaries_are_true()


def _the_tree_and_its_people_are_those_of_the_data_set(demo):
    levels = dict(
        Place.objects.filter(community=demo).order_by().values_list("kind").annotate(n=Count("pk"))
    )
    assert levels == {0: 1, 1: 8, 2: 125, 3: 625, 4: 2500}
    assert sum(levels.values()) == 3259
    branches = Branch.objects.filter(community=demo).order_by("number")
    assert [b.members for b in branches] == [48, 46, 47, 45, 46, 44, 47, 45]
    seats = Post.objects.seats().filter(place__community=demo, place__kind=Kind.BUILDING)
    assert seats.count() == 375
    assert seats.values("user").distinct().count() == 290
    found = groups.groups_of(
        Place.objects.filter(community=demo, kind__in=(1, 2)), at=timezone.now()
    )
    assert len(found) == 125 + 8
    assert not any(group.vacant for group in found)


def _its_people_add_up_to_the_published_numbers(demo):
    now = Summary.objects.get(place__community=demo, kind=0, period__kind="now")
    assert (now.households, now.households_counted, now.residents) == (2500, 2500, 11_000)
    assert now.aged_60_plus == 4103
    assert round(100 * now.aged_60_plus / now.residents, 1) == 37.3
    assert round(100 * now.nonlocal_residents / now.residents, 1) == 19.8
    assert (now.actual, now.floating, now.living_alone) == (11_200, 2378, 262)
    assert round(100 * now.floating / now.actual, 1) == 21.2
    assert Report.objects.filter(place__community=demo, arrived__gt=0).exists()


def _its_trees_and_summaries_are_true():
    assert tree.verify() == []
    assert recount.communities_waiting() == 0
    assert recount.differences(at=timezone.now()) == []
    other = Community.objects.get(code=LINJIANG.code)
    incomplete = groups.groups_of(
        Place.objects.filter(community=other, kind=Kind.BUILDING), at=timezone.now()
    )
    assert sum(bool(group.vacant) for group in incomplete) == len(LINJIANG.vacancies)


def test_it_is_never_planted_outside_a_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="密码是公开的"):
        call_command("seed_demo", stdout=StringIO())
