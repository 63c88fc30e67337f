"""The demo is the data set of mechanisms.md 1.2, filed through the product's own processes."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count
from django.utils import timezone

from governance.board.pace import pace
from governance.demo.shapes import JIANGNAN, LINJIANG
from governance.supervision.models import Query, SupportAsk
from reports import calendar, measures
from reports.catalogue import BUILDING_REPORT
from reports.models import Filing, Report, Summary
from reports.rollup import climb, recount
from units import groups, tree
from units.kinds import Kind
from units.models import Branch, Community, Place, Post, User

pytestmark = pytest.mark.django_db


def test_the_demo_is_the_data_set_adds_up_and_is_safe_to_repeat():
    call_command("seed_demo", weeks=4, stdout=StringIO())
    demo = Community.objects.get(code=JIANGNAN.code)
    for bucket in climb.waiting_buckets():
        climb.drain(bucket, at=timezone.now())
    before = Filing.objects.count(), User.objects.count()
    call_command("seed_demo", weeks=4, stdout=StringIO())
    assert (Filing.objects.count(), User.objects.count()) == before
    _the_tree_and_its_people_are_those_of_the_data_set(demo)
    _its_people_add_up_to_the_published_numbers(demo)
    _its_trees_and_summaries_are_true()
    _old_letters_are_settled_and_a_few_are_open(demo)
    _the_running_week_has_come_as_far_as_the_last_had(demo)


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


def _old_letters_are_settled_and_a_few_are_open(demo):
    today = timezone.localdate()
    settled = SupportAsk.objects.with_answer().filter(community=demo, answered_at__isnull=False)
    assert settled.filter(answered_by_street=True).exists()
    assert settled.filter(answered_by_street=False).exists()
    with_street = SupportAsk.objects.of_street([demo.division_id]).unanswered()
    [late] = [ask.days_overdue(today) for ask in with_street if ask.due_on < today]
    assert late <= 4
    assert with_street.filter(due_on__gte=today).count() in (1, 2)
    assert not SupportAsk.objects.with_committee().filter(due_on__lt=today).exists()
    letters = Query.objects.standing().filter(community=demo)
    assert letters.filter(closed_at__isnull=False).exists()
    assert letters.unanswered().count() == 2
    assert letters.unclosed().with_answered().filter(is_answered=True).count() == 1


def _the_running_week_has_come_as_far_as_the_last_had(demo):
    now, week = timezone.now(), calendar.week_of(timezone.localdate())
    told = pace([demo.pk], week, at=now)
    filed = Report.objects.standing().filter(obligation__period=week, place__community=demo)
    ago = told.then[measures.COVERAGE.code].numerator if told.then else 119
    assert abs(filed.filter(form__code=BUILDING_REPORT).count() - ago) <= 25
    assert not filed.filter(last_at__gt=now).exists()


def test_it_is_never_planted_outside_a_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="密码是公开的"):
        call_command("seed_demo", stdout=StringIO())
