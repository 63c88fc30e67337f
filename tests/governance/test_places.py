"""The page of a place: what lies below, who answers for it, and its story, each within reach."""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.board import timeline
from governance.voices import answering, doorplates
from governance.voices.models import Doorplate
from governance.voices.saying import Saying, say
from reports import filing, replies
from tests import factories as f
from units import groups, tree
from units.kinds import Duty
from units.models import Place, Post, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return f.compound((2, 1), floors=2, doors=2)


@pytest.fixture
def home(community):
    return f.household(community, 1)


@pytest.fixture
def staff(community):
    return f.staff(community)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(user: User, place: Place, **query: object) -> str:
    return (
        client_of(user).get(reverse("place", kwargs={"code": place.code}), query).content.decode()
    )


def story(user: User, place: Place, page: str = "") -> list[timeline.Happening]:
    user, place = User.objects.get(pk=user.pk), Place.objects.get(pk=place.pk)
    path = [*place.get_ancestors(include_self=True).values_list("pk", flat=True)]
    return list(timeline.of(user, place, path, page=page, at=timezone.now()).happenings)


def visit(home: Place, by: User, *, at, report=None, **facts) -> filing.Filing:
    told = f.household_sending(by, **facts)
    return filing.file_event(home, f.household_form(), told, at=at, report=report).filing


def whats(happenings) -> list[str]:
    return [each.what for each in happenings]


# --- What lies where --------------------------------------------------------------------


def test_a_place_says_where_it_is_and_what_lies_below(staff, community, home):
    text = read(staff, f.root(community))
    assert "第1片区" in text
    assert re.search(
        r">第1片区</a></td>\s*<td class=\"number\">2</td><td class=\"number\">8</td>", text
    )
    text = read(staff, home.parent)
    assert "101室" in text
    assert "1号楼组" in text
    text = read(staff, home)
    for above in (home.parent, home.parent.parent, f.root(community)):
        assert reverse("place", kwargs={"code": above.code}) in text


def test_a_building_has_one_page_under_both_its_addresses(staff, community):
    building = f.building(community)
    old = client_of(staff).get(reverse("building-board", kwargs={"code": building.code}))
    assert "最近几周" in old.content.decode()
    assert "这里发生过的" in old.content.decode()
    assert "最近几周" in read(staff, building)
    assert "102室" in read(staff, building)
    live = client_of(staff).get(
        reverse("place", kwargs={"code": building.code}), headers={"X-Part": "figures"}
    )
    assert "<html" not in live.content.decode()
    assert "最近几周" in live.content.decode()


def test_what_is_above_ones_reach_is_a_word_and_no_link(community, home):
    seat = f.seat(f.building(community))
    text = read(seat, home)
    assert reverse("place", kwargs={"code": home.parent.code}) in text
    assert f.block(community).name in text
    assert reverse("place", kwargs={"code": f.block(community).code}) not in text


def test_the_street_sees_no_homes_and_is_told_so(community):
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    assert "片区" in read(officer, f.root(community))
    text = read(officer, f.block(community))
    assert "更细的数据在居委会权限内" in text
    assert "号楼组" not in text
    assert "三人组" not in text


def test_a_home_has_a_page_before_any_form_is_published(staff, home):
    assert "走访登记" not in read(staff, home)


def test_a_closed_place_says_since_when_and_what_took_its_place(staff, community, home):
    f.household_form()
    after = f.household(community, 1, door=2)
    tree.close(home.pk, at=timezone.now(), succeeded_by_id=after.pk)
    text = read(staff, home)
    assert "已注销" in text
    assert reverse("place", kwargs={"code": after.code}) in text
    assert "走访登记" not in text


def test_vacant_seats_are_shown_and_a_floor_without_a_group_shows_none(staff, community, home):
    f.seat(f.block(community))
    assert read(staff, f.block(community)).count("空缺") == 2
    assert "空缺" not in read(staff, home.parent)
    f.seat(home.parent)
    assert read(staff, home.parent).count("空缺") == 2


def test_below_a_block_is_searched_and_paged(staff):
    community = f.compound((60,))
    user = f.staff(community)
    block = f.block(community)
    assert "60号楼组" not in read(user, block)
    assert "60号楼组" in read(user, block, page=2)
    found = read(user, block, q="60")
    assert "60号楼组" in found
    assert "59号楼组" not in found
    assert "没有找到" in read(user, block, q="%")


def test_the_door_of_the_navigation_leads_to_where_ones_reach_begins(community, staff):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 2)).user
    door = reverse("places", kwargs={"code": community.code})
    for user, place in ((staff, f.root(community)), (worker, f.block(community, 2))):
        answer = client_of(user).get(door)
        assert answer.headers["Location"] == reverse("place", kwargs={"code": place.code})
    f.post(Duty.BLOCK_WORKER, place=f.block(community, 1), user=worker)
    text = client_of(worker).get(door).content.decode()
    assert "第1片区" in text
    assert "第2片区" in text


# --- The story --------------------------------------------------------------------------


@pytest.fixture
def seat(community):
    return f.seat(f.building(community), Duty.RESIDENT_LEADER, f.person("仇建国"))


def test_the_story_of_a_home_is_told_newest_first_by_duty(home, seat, staff):
    now = timezone.now()
    day = timezone.localdate(now - timedelta(days=20))
    f.census_of(home, 3, on=day, at=now - timedelta(days=19))
    first = visit(home, seat, at=now - timedelta(days=9))
    changed = {"situation": "changed", "changes": ["hazard"], "note": "阳台电线老化"}
    visit(home, seat, at=now - timedelta(days=8), report=first.report, base_rev=1, answers=changed)
    replies.reply(first.report, "电工已来过", id_=uuid4(), by=staff, at=now - timedelta(days=6))
    tree.rename(home.pk, name="101甲室", at=now - timedelta(days=4), by=staff)
    told = story(staff, home)
    assert whats(told) == ["改名", "回音", "更正", "走访", "登记人数"]
    assert [each.duty for each in told[:4]] == ["居委会工作人员"] * 2 + ["居民小组长"] * 2
    assert told[0].words == [("", "“101室”改为“101甲室”")]
    assert ("一句话", "阳台电线老化") in told[2].words
    assert told[3].is_past
    text = read(staff, home)
    assert text.index("改名") < text.index("电工已来过") < text.index("登记人数")
    assert seat.full_name not in text


def test_a_withdrawn_report_is_told_without_its_words(home, seat, staff):
    now = timezone.now()
    said = {"situation": "changed", "changes": ["hazard"], "note": "写错门牌"}
    first = visit(home, seat, at=now - timedelta(days=2), answers=said)
    visit(home, seat, at=now - timedelta(days=1), report=first.report, base_rev=1, withdraws=True)
    assert whats(story(staff, home)) == ["撤回", "走访"]
    assert "写错门牌" not in read(staff, home)


def test_a_home_moved_with_its_floor_and_a_building_tell_of_the_move(community, staff, home):
    at = timezone.now() - timedelta(days=1)
    tree.move(home.parent_id, to_parent_id=f.building(community, 3).pk, at=at, by=staff)
    for place in (home.parent, f.building(community, 1), f.building(community, 3)):
        moved = [each for each in story(staff, place) if each.what == "移动"]
        assert [each.words for each in moved] == [[("", "从“1号楼组”移到“3号楼组”")]]


def test_a_building_tells_of_its_weeks_voices_and_seats(community, staff, seat):
    now, building = timezone.now(), f.building(community)
    period = f.open_week(now)
    filing.file(f.owed(building, period), f.sending(seat), at=now)
    doorplates.issue([building], by=staff, at=now)
    plate = Doorplate.objects.get(place=building)
    for words, shown in (("灯坏了", True), ("楼上吵", False)):
        what = Saying(uuid4(), "other", words, shown_to_group=shown, wants_contact=False)
        voice = say(plate, what, address=words, at=now)
    answering.close(voice, "已去劝过", batch=uuid4(), by=staff, at=timezone.now())
    groups.end(Post.objects.get(user=seat), by=staff, at=timezone.now())
    told = story(staff, building)
    assert sorted(whats(told)) == sorted(
        ["任职", "任期结束", "居民反映", "居民反映", "回音", "报平安"]
    )
    other = f.seat(building, Duty.PARTY_LEADER)
    text = read(other, building)
    assert "灯坏了" in text
    assert "楼上吵" not in text
    assert "已去劝过" not in text


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("seat of the next building", None),
        ("staff of another community", None),
        ("street", None),
        ("branch secretary", None),
        ("block seat", None),
        ("worker", True),
        ("floor seat", True),
    ],
)
def test_the_story_of_a_home_is_for_who_sees_homes(community, home, seat, who, sees):
    said = {"situation": "changed", "changes": ["hazard"], "note": "阳台电线老化"}
    visit(home, seat, at=timezone.now(), answers=said)
    block = f.block(community)
    user = {
        "seat of the next building": lambda: f.seat(f.building(community, 2)),
        "staff of another community": lambda: f.staff(f.compound((1,))),
        "street": lambda: f.post(Duty.STREET_OFFICER, division=community.division).user,
        "branch secretary": lambda: f.post(Duty.BRANCH_SECRETARY, branch=f.branch_of(block)).user,
        "block seat": lambda: f.seat(block),
        "worker": lambda: f.post(Duty.BLOCK_WORKER, place=block).user,
        "floor seat": lambda: f.seat(home.parent),
    }[who]()
    answer = client_of(user).get(reverse("place", kwargs={"code": home.code}))
    assert answer.status_code == (200 if sees else 404)
    assert any("阳台电线老化" in str(each.words) for each in story(user, home)) is bool(sees)


def test_a_block_seat_sees_a_building_without_its_words(community, seat):
    now, building = timezone.now(), f.building(community)
    period = f.open_week(now)
    answers = {"corridor": "uncleared", "note": "三楼旧沙发"}
    filing.file(f.owed(building, period), f.sending(seat, answers=answers), at=now)
    text = read(f.seat(f.block(community)), building)
    assert "三楼旧沙发" not in text
    assert "更细的数据在居委会权限内" in text


def test_the_street_reads_in_a_story_what_was_submitted_and_no_seats(community, staff):
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    f.seat(f.block(community))
    assert whats(story(officer, f.root(community))) == ["建树"]
    assert story(officer, f.block(community)) == []


def test_a_long_story_is_paged_and_no_line_is_lost_or_told_twice(home, seat, staff):
    now = timezone.now()
    same = now - timedelta(days=3)
    for number in range(timeline.A_PAGE + 5):
        visit(home, seat, at=same if number % 2 else same - timedelta(hours=number))
    pages = [story(staff, home, page) for page in ("1", "2", "3")]
    assert [len(each) for each in pages] == [timeline.A_PAGE, 5, 0]
    links = [each.href for each in [*pages[0], *pages[1]]]
    assert len(set(links)) == timeline.A_PAGE + 5
    times = [each.at for each in [*pages[0], *pages[1]]]
    assert times == sorted(times, reverse=True)
    for page in ("0", "-1", "x", "9" * 30, "²"):
        assert (
            client_of(staff)
            .get(reverse("place", kwargs={"code": home.code}), {"story": page})
            .status_code
            == 200
        )


# --- Filing a visit, and people -----------------------------------------------------------


def test_a_visit_is_filed_from_the_page_of_a_home(home, staff):
    f.household_form()
    client = client_of(staff)
    page = client.get(reverse("place", kwargs={"code": home.code})).content.decode()
    assert "走访登记" in page
    fields = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    fields.pop("csrfmiddlewaretoken", None)
    answer = client.post(
        reverse("household", kwargs={"code": home.code}), fields | {"situation": "same"}
    )
    assert answer.status_code == 302
    assert whats(story(staff, home)) == ["走访"]


def test_who_only_looks_is_offered_nothing_to_file(community, home):
    secretary = f.staff(community, Duty.PARTY_SECRETARY)
    assert "走访登记" not in read(secretary, home)


def test_a_person_is_their_posts_in_reach_and_with_whom(community, staff):
    building = f.building(community)
    person, other = f.person("仇建国"), f.person("单国华")
    f.seat(building, Duty.PARTY_LEADER, person)
    f.seat(building, Duty.OWNER_REPRESENTATIVE, other)
    old = f.building(community, 2)
    f.post(Duty.PARTY_LEADER, place=old, user=person, until=f.WEDNESDAY - timedelta(days=30))
    elsewhere = f.compound((1,))
    f.seat(f.building(elsewhere), Duty.PARTY_LEADER, person)
    url = reverse("person", kwargs={"pk": person.pk})
    text = client_of(staff).get(url).content.decode()
    assert "单国华" in text
    assert "以前的职责" in text
    assert elsewhere.name not in text
    assert elsewhere.code not in text
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    assert client_of(officer).get(url).status_code == 404
    assert client_of(f.seat(f.building(community, 3))).get(url).status_code == 404


def test_a_branch_secretary_has_a_page_too(community, staff):
    branch = f.branch_of(f.block(community))
    secretary = f.post(Duty.BRANCH_SECRETARY, branch=branch).user
    answer = client_of(staff).get(reverse("person", kwargs={"pk": secretary.pk}))
    assert branch.name in answer.content.decode()
