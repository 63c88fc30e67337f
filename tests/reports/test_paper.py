"""The paper twin: every form prints for every place, and its code leads to where it is typed in."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reports import catalogue, filing, paper, views_paper
from reports.models import Filing, Report, ReportForm
from tests import factories as f
from units.kinds import Duty
from units.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    community = f.compound((2, 1), floors=2)
    f.open_week(timezone.now())
    catalogue.publish_all(at=timezone.now())
    return community


def as_(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def printed(user: User, code: str, form: str = "building_report", **query: str) -> str:
    answer = as_(user).get(reverse("paper", args=[code, form], query=query or None))
    assert answer.status_code == 200, answer.status_code
    return answer.content.decode()


@pytest.mark.parametrize("form", catalogue.FORMS)
def test_every_form_prints_every_question_with_every_choice(community, form):
    text = printed(f.staff(community), f.root(community).code, form)
    definition = catalogue.read(form)
    for field in definition["fields"]:
        assert field["label"] in text
        for choice in field.get("choices", ()):
            assert f'<span class="box"></span>{choice["label"]}</span>' in text
    assert definition["name"] in text
    assert community.telephone in text


def test_a_sheet_says_its_place_its_week_what_hangs_on_what_and_what_was_said_last(community):
    home = f.building(community, 1)
    text = printed(f.seat(home), home.code)
    for words in (
        community.name,
        "1号楼组",
        "周（",
        "平安无事",
        "选了“有，待清”再填",
        "1楼",
        "2楼",
    ):
        assert words in text
    assert text.count('<article class="paper">') == 1


def test_the_last_answers_are_printed_as_the_phone_reminds_of_them(community):
    home = f.building(community, 1)
    seat = f.seat(home)
    last_week = timezone.now() - timedelta(days=7)
    owed = f.owed(home, f.open_week(last_week))
    filing.file(owed, f.sending(seat, answers={"corridor": "uncleared"}), at=last_week)
    text = printed(seat, home.code)
    assert re.search(r"上次报的：楼道堆物 有，待清；", text)


def test_a_block_and_a_community_print_in_one_go(community):
    staff = f.staff(community)
    assert printed(staff, f.block(community, 1).code).count("<article") == 2
    assert printed(staff, f.root(community).code).count("<article") == 3
    assert printed(staff, f.root(community).code, "household_report").count("<article") == 3
    assert printed(staff, f.root(community).code, "block_report").count("<article") == 2


def test_a_whole_community_costs_the_queries_of_one_building(community):
    def cost(places) -> int:
        form = ReportForm.objects.get(code="building_report")
        with CaptureQueriesContext(
            connection,
        ) as asked:
            paper.sheets(form, places, week="", at=timezone.now())
        return len(asked)

    form = ReportForm.objects.get(code="building_report")
    places = paper.places_for(form, f.root(community))
    assert len(places) == 3
    assert cost(places) == cost(places[:1])


def test_a_group_prints_its_own_and_others_print_nothing(community):
    home, next_door = f.building(community, 1), f.building(community, 2)
    seat = f.seat(home)
    url = reverse("paper", args=[next_door.code, "building_report"])
    assert as_(seat).get(url).status_code == 404
    secretary = f.staff(community, Duty.PARTY_SECRETARY)
    own = reverse("paper", args=[home.code, "building_report"])
    assert as_(secretary).get(own).status_code == 403
    for form in ("nosuchform", "x\x00y"):
        assert as_(seat).get(reverse("paper", args=[home.code, form])).status_code == 404


def test_a_week_that_is_not_there_prints_without_one(community):
    home = f.building(community, 1)
    seat = f.seat(home)
    for week in ("1999-W01", "\x00", "%' --"):
        assert "哪一天" in printed(seat, home.code, week=week) or week == "\x00"


def address(monkeypatch, user: User, code: str, form: str = "building_report") -> str:
    """What the code on the first sheet says."""
    seen = []
    real = views_paper.segno.make
    monkeypatch.setattr(
        views_paper.segno, "make", lambda text, **how: seen.append(text) or real(text, **how)
    )
    printed(user, code, form)
    return seen[0].removeprefix("http://testserver")


def test_the_code_leads_to_typing_it_in_as_paper(community, monkeypatch):
    home, staff = f.building(community, 1), f.staff(community)
    url = address(monkeypatch, staff, home.code)
    page = as_(staff).get(url).content.decode()
    assert re.search(r'name="channel" value="paper" checked', page)
    assert re.search(r'name="nil" value="no" checked', page)
    body = f.CALM | {"id": str(uuid4()), "base_rev": "0", "caller": "周兰英", "nil": "no"}
    as_(staff).post(url, body | {"channel": "paper"})
    assert Filing.objects.get().channel == Filing.Channel.PAPER


def test_a_doors_own_sheet_leads_to_its_form_and_is_kept_as_paper(community, monkeypatch):
    door, staff = f.household(community), f.staff(community)
    url = address(monkeypatch, staff, door.code, "household_report")
    body = {"id": str(uuid4()), "base_rev": "0", "situation": "same", "source": "told"}
    assert as_(staff).post(url, body).status_code == 302
    assert Filing.objects.get().channel == Filing.Channel.PAPER
    seat = f.seat(f.building(community, 1))
    as_(seat).post(url, body | {"id": str(uuid4())})
    assert Filing.objects.latest("received_at").channel == Filing.Channel.PAGE
    assert Report.objects.count() == 2


def test_a_code_with_a_channel_that_is_not_offered_is_refused_as_ever(community):
    staff, home = f.staff(community), f.building(community, 1)
    key = f.owed(home, f.open_week(timezone.now())).period.key
    url = reverse("on-behalf", args=[home.code, key], query={"channel": "api"})
    body = {"id": str(uuid4()), "base_rev": "0", "caller": "周兰英", "nil": "yes"}
    assert as_(staff).post(url, body).status_code == 422


def test_the_numbers_that_are_asked_about_stand_above_the_question(community):
    home = f.building(community, 1)
    seat = f.seat(home)
    week = f.open_week(timezone.now()).key
    page = reverse("report-form", kwargs={"code": home.code, "week": week})

    def told() -> list[str]:
        return [as_(seat).get(page).content.decode(), printed(seat, home.code)]

    for text in told():
        assert "还没有报过走访和进出" in text
    form = f.household_form()
    for door, answers in (
        (1, {"situation": "nobody"}),
        (2, {"situation": "changed", "changes": ["people"], "arrived": "2"}),
    ):
        sending = f.household_sending(seat, answers={"source": "visit"} | answers)
        filing.file_event(f.household(community, floor=door), form, sending, at=timezone.now())
    f.drain(community, timezone.now())
    for text in told():
        assert "走访2次，没人在家1次，新来2人，离开0人" in text
        assert text.index("走访2次") < text.index("上面的数字对吗")
