"""The director's pages of shape, branches and hand-over, and seats filled from pasted lines."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.voices import doorplates
from governance.voices.models import Doorplate
from governance.voices.saying import Saying, say
from reports import filing, review
from tests import factories as f
from units.kinds import Duty, Kind, PlaceState
from units.models import Branch, BranchBlock, Community, JournalEntry, Place, Post, User

pytestmark = pytest.mark.django_db
# As of every page (test_query_counts).
LIMIT = 24


@pytest.fixture
def community() -> Community:
    made = f.compound((2, 2), floors=2, doors=2)
    f.seat(f.building(made, 1))
    f.open_week(timezone.now())
    return made


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def director(community) -> Client:
    return client_of(f.staff(community, Duty.DIRECTOR))


def step_url(place: Place, what: str) -> str:
    return reverse("shape-step", kwargs={"code": place.code, "what": what})


def hidden(answer) -> dict[str, str]:
    """What the preview's own form would send."""
    page = answer.content.decode()
    form = page[page.index('method="post" class="actions"') :]
    pairs = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', form)
    return dict(pairs)


def test_a_building_is_moved_by_looking_and_pressing_and_taken_back(community, director):
    home, target = f.building(community, 1), f.block(community, 2)
    url = step_url(home, "move")
    assert "先看会怎样" in director.get(url).content.decode()
    shown = director.get(url, {"to": target.pk})
    assert "“1号楼组”从“第1片区”移到“第2片区”" in shown.content.decode()
    assert Place.objects.get(pk=home.pk).parent_id == home.parent_id
    answer = director.post(url, hidden(shown), follow=True)
    assert "“1号楼组”从“第1片区”移到“第2片区”" in answer.content.decode()
    assert Place.objects.get(pk=home.pk).parent == target
    entry = JournalEntry.objects.get(verb="shape.moved")
    undo = reverse("shape-undoing", kwargs={"code": community.code, "entry": entry.pk})
    assert "撤销了对“1号楼组”的调整" in director.post(undo, follow=True).content.decode()
    assert Place.objects.get(pk=home.pk).parent_id == home.parent_id


def test_a_page_pressed_twice_does_one_thing(community, director):
    url = step_url(f.block(community, 1), "addition")
    shown = director.get(url, {"names": "9号楼组", "doors": "101-202"})
    body = hidden(shown) | {"names": "9号楼组", "doors": "101-202"}
    assert [director.post(url, body).status_code for _twice in range(2)] == [302, 302]
    made = Place.objects.filter(name="9号楼组")
    assert made.count() == 1
    assert Place.objects.filter(parent__parent=made.get()).count() == 4


def test_what_changed_meanwhile_is_a_409_with_the_new_preview(community, director):
    home = f.building(community, 1)
    url = step_url(home, "move")
    shown = director.get(url, {"to": f.block(community, 2).pk})
    post = Post.objects.get(place=home)
    Post.objects.filter(pk=post.pk).update(user=f.person("何珍贵"))
    answer = director.post(url, hidden(shown))
    said = answer.content.decode()
    assert answer.status_code == 409
    assert "您看的时候这里有了变化，什么都没有改" in said
    assert "何珍贵" in said
    assert director.post(url, hidden(answer)).status_code == 302


@pytest.mark.parametrize(
    ("kind", "what", "typed", "sentence"),
    [
        (2, "rename", {"name": ""}, "请写名称"),
        (2, "rename", {"name": "1号楼组"}, "名称和现在的一样"),
        (2, "rename", {"name": "楼" * 41}, "名称最多40个字"),
        (2, "move", {"to": ""}, "请选到哪里"),
        (2, "move", {"to": "99999999"}, "请从列表里选一个在用的单元"),
        (2, "move", {"to": "x'"}, "请从列表里选一个在用的单元"),
        (2, "addition", {"names": " "}, "请写要新建的名称"),
        (2, "addition", {"names": "604-101"}, "前面的号要比后面的小"),
        (2, "addition", {"names": "101-9999"}, "一次最多新建150个"),
        (2, "addition", {"names": "101-102"}, "这些名称在那里都有了"),
        (1, "addition", {"names": "8号楼组", "doors": "9999-101"}, "前面的号要比后面的小"),
    ],
)
def test_bad_input_is_told_in_a_sentence_and_kept(community, director, kind, what, typed, sentence):
    place = f.building(community, 1) if kind == 2 else f.block(community, 1)
    before = Place.objects.count()
    shown = director.get(step_url(place, what), typed).content.decode()
    assert sentence in shown
    sent = director.post(step_url(place, what), typed | {"id": "not a number", "seen": "x"})
    assert sent.status_code in (422, 409)
    assert sentence in sent.content.decode()
    assert Place.objects.count() == before


def test_doors_in_bulk_are_listed_before_they_are_made(community, director):
    home = f.building(community, 1)
    url = step_url(home, "addition")
    shown = director.get(url, {"names": "101－303\n四楼平台"})
    said = shown.content.decode()
    assert "3楼：301室、302室、303室" in said
    assert "四楼平台" in said
    director.post(url, hidden(shown) | {"names": "101－303\n四楼平台"})
    doors = Place.objects.active().filter(parent__parent=home)
    assert doors.count() == 9
    assert doors.filter(parent__name="3楼").count() == 3


def test_m01_a_household_page_says_that_it_never_moves(community, director):
    door = f.household(community, 1)
    assert director.get(step_url(door, "move")).status_code == 404
    page = director.get(step_url(door, "replacement")).content.decode()
    assert "住户不能直接移动" in page


def test_closing_with_open_requests_offers_no_button(community, director):
    home = f.building(community, 1)
    doorplates.issue([home], by=f.person(), at=timezone.now())
    plate = Doorplate.objects.get(place=home)
    say(plate, Saying(f.uuid4(), "broken", "楼道灯坏了"), address="x", at=timezone.now())
    said = director.get(step_url(home, "closure")).content.decode()
    assert "还有1条居民反映没有办结" in said
    assert reverse("voices", kwargs={"code": community.code}) in said
    assert "就这样注销" not in said


def test_voices_of_a_building_closed_since_are_still_on_the_list(community):
    home = f.building(community, 1)
    doorplates.issue([home], by=f.person(), at=timezone.now())
    plate = Doorplate.objects.get(place=home)
    say(plate, Saying(f.uuid4(), "broken", "楼道灯坏了"), address="x", at=timezone.now())
    Place.objects.filter(pk=home.pk).update(state=PlaceState.CLOSED, closed_on="2026-11-11")
    staff = client_of(f.staff(community))
    page = staff.get(reverse("voices", kwargs={"code": community.code}))
    assert "楼道灯坏了" in page.content.decode()


def test_the_tree_is_searched_and_what_was_closed_names_its_successor(community, director):
    url = reverse("shape", kwargs={"code": community.code})
    whole = director.get(url).content.decode()
    assert all(f"{number}号楼组" in whole for number in range(1, 5))
    found = director.get(url, {"q": "202室"}).content.decode()
    assert found.count('<tr class="is-kind-4">') == 4
    one, two = f.household(community, 1), f.household(community, 1, door=2)
    step = step_url(one, "merger")
    director.post(step, hidden(director.get(step, {"to": two.pk})))
    gone = director.get(url, {"closed": "1"}).content.decode()
    assert "已并入，由“1号楼组 1楼 102室”接替" in gone
    assert "没有找到" in director.get(url, {"q": "不存在的"}).content.decode()


def test_only_the_director_of_this_community_shapes_it(community):
    home = f.building(community, 1)
    elsewhere = client_of(f.staff(f.compound((1,)), Duty.DIRECTOR))
    officer = client_of(f.post(Duty.STREET_OFFICER, division=community.division).user)
    roles = {
        404: [elsewhere, officer],
        403: [client_of(f.staff(community)), client_of(f.staff(community, Duty.PARTY_SECRETARY))],
    }
    for status, clients in roles.items():
        for client in clients:
            for url in (
                reverse("shape", kwargs={"code": community.code}),
                reverse("shape-changes", kwargs={"code": community.code}),
                step_url(home, "move"),
                step_url(home, "closure"),
            ):
                assert client.get(url).status_code == status, url
            assert client.post(step_url(home, "closure"), {}).status_code == status


def test_a_target_of_another_community_is_not_offered_nor_taken(community, director):
    foreign = f.block(f.compound((1,)))
    answer = director.post(step_url(f.building(community, 1), "move"), {"to": foreign.pk})
    assert answer.status_code == 422
    assert "请从列表里选一个在用的单元" in answer.content.decode()


def test_a_preview_costs_the_same_for_few_places_and_for_many_and_when_it_is_refused(director):
    costs = []
    for made in (f.compound((2,)), f.compound((9, 9), floors=6, doors=4)):
        client, home = client_of(f.staff(made, Duty.DIRECTOR)), f.building(made, 1)
        for each in Place.objects.filter(community=made, kind=Kind.BUILDING):
            f.seat(each)
        url, to = step_url(home, "merger"), f.building(made, 2).pk
        cost = []
        for is_refused in (False, True):
            if is_refused:
                doorplates.issue([home], by=f.person(), at=timezone.now())
                plate = Doorplate.objects.get(place=home)
                said = Saying(uuid4(), "broken", "灯坏了")
                say(plate, said, address="", at=timezone.now())
            with CaptureQueriesContext(connection) as queries:
                page = client.get(url, {"to": to}).content.decode()
            assert ("请先办结" in page) is is_refused
            cost.append(len(queries))
        costs.append(cost)
    assert costs[0] == costs[1]
    assert max(costs[0]) <= LIMIT


def test_a_merger_into_another_block_costs_no_more_than_any_page(community, director):
    f.branch_of(f.block(community, 1))
    f.branch_of(f.block(community, 2), 2)
    for url, to in (
        (step_url(f.building(community, 1), "merger"), f.building(community, 3)),
        (step_url(f.block(community, 1), "merger"), f.block(community, 2)),
    ):
        with CaptureQueriesContext(connection) as queries:
            shown = director.get(url, {"to": to.pk})
        assert "不再看到" in shown.content.decode()
        assert len(queries) <= LIMIT


# --- Branches ---------------------------------------------------------------------------


def branches_url(community: Community) -> str:
    return reverse("branches", kwargs={"code": community.code})


def branch_form(client: Client, community: Community) -> dict[str, str]:
    page = client.get(branches_url(community)).content.decode()
    return {
        name: re.search(rf'name="{name}" value="([^"]*)"', page)[1].replace("&gt;", ">")
        for name in ("id", "seen")
    }


def test_a_branch_gets_another_block_a_name_and_a_sister(community, director):
    one = f.branch_of(f.block(community, 1))
    secretary = f.post(Duty.BRANCH_SECRETARY, branch=one).user
    body = branch_form(director, community) | {
        f"block-{f.block(community, 1).pk}": one.pk,
        f"block-{f.block(community, 2).pk}": one.pk,
        f"name-{one.pk}": "和平党支部",
        "new": "新楼党支部",
    }
    told = director.post(branches_url(community), body, follow=True).content.decode()
    assert "第2片区归第1党支部" in told or "第2片区归和平党支部" in told
    assert BranchBlock.objects.filter(branch=one).count() == 2
    assert list(Branch.objects.values_list("name", flat=True)) == ["和平党支部", "新楼党支部"]
    assert secretary.full_name in told
    assert "空缺" in told
    assert JournalEntry.objects.filter(verb="branches.changed").count() == 1
    assert Place.objects.visible_to(User.objects.get(pk=secretary.pk)).filter(
        pk=f.building(community, 3).pk
    )


def test_branches_changed_meanwhile_taken_names_and_empty_ones_are_refused(community, director):
    one = f.branch_of(f.block(community, 1))
    stale = branch_form(director, community)
    Branch.objects.create(community=community, number=2, name="第2党支部")
    answer = director.post(branches_url(community), stale | {"new": "第3党支部"})
    assert answer.status_code == 409
    assert 'value="第3党支部"' in answer.content.decode()
    fresh = branch_form(director, community)
    taken = director.post(branches_url(community), fresh | {"new": "第2党支部"})
    assert "已经有叫“第2党支部”的党支部" in taken.content.decode()
    empty = director.post(branches_url(community), fresh | {f"name-{one.pk}": " "})
    assert (empty.status_code, "名称不能空着" in empty.content.decode()) == (422, True)
    assert Branch.objects.count() == 2


def test_staff_look_at_branches_and_do_not_change_them(community):
    staff = client_of(f.staff(community))
    branch = f.branch_of(f.block(community, 1))
    page = staff.get(branches_url(community)).content.decode()
    assert branch.name in page
    assert "保存" not in page
    assert staff.post(branches_url(community), {"new": "第9党支部"}).status_code == 403


# --- Seats from pasted lines ------------------------------------------------------------


def test_pasted_lines_are_put_into_their_seats_and_appointed_after_a_look(community, director):
    lines = "2号 党小组长 王秀英\n3号楼组\t居民小组长\t李建国\n第1片区，业主代表，陈桂芳"
    url = reverse("appointments", kwargs={"code": community.code})
    page = director.post(url, {"paste": "1", "lines": lines}).content.decode()
    assert "填好了3席，还没有任命" in page
    assert Post.objects.seats().count() == 1
    filled = dict(re.findall(r'name="(seat-[\w-]+)" value="([^"]+)"', page))
    assert sorted(filled.values()) == ["李建国", "王秀英", "陈桂芳"]
    assert director.post(url, filled).status_code == 200
    seat = Post.objects.get(place=f.building(community, 3))
    assert (seat.duty, seat.user.full_name) == (Duty.RESIDENT_LEADER, "李建国")


def test_lines_that_are_not_understood_stay_with_their_reason(community, director):
    holder = Post.objects.get(place=f.building(community, 1)).user
    for number in (3, 4):
        f.seat(f.building(community, number), user=f.person("张伟"))
    lines = {
        "2号 组长 王秀英": "没有看到席位",
        "77号 党小组长 王秀英": "没有找到这个楼组",
        "2号 党小组长": "没有看到姓名",
        "1号 居民小组长 李建国": f"这一席现在是{holder.full_name}",
        "2号 业主代表 张伟": "有2个叫这个姓名的人",
    }
    url = reverse("appointments", kwargs={"code": community.code})
    body = {"paste": "1", "lines": "\n".join([*lines, "2号 居民小组长 何珍贵"])}
    page = director.post(url, body).content.decode()
    for line, problem in lines.items():
        assert f"“{line}”：{problem}" in page
    box = re.search(r'<textarea[^>]*name="lines"[^>]*>([^<]*)<', page)[1]
    assert box.strip().splitlines() == list(lines)
    assert "填好了1席" in page
    assert Post.objects.filter(user__full_name="何珍贵").count() == 0


def test_a_pasted_name_that_is_known_here_keeps_its_account(community, director):
    known = Post.objects.get(place=f.building(community, 1)).user
    body = {"paste": "1", "lines": f"2号 党小组长 {known.full_name}"}
    url = reverse("appointments", kwargs={"code": community.code})
    page = director.post(url, body).content.decode()
    assert f"{known.full_name}（{known.login}）" in page


# --- The hand-over card -----------------------------------------------------------------


def test_the_card_says_what_is_open_and_names_no_resident(community):
    home = f.building(community, 1)
    leader, staff = Post.objects.get(place=home).user, f.staff(community)
    owed = f.owed(home, f.open_week(timezone.now()))
    sent = filing.file(
        owed,
        f.sending(leader, answers={"corridor": "uncleared", "note": "三楼李家的旧沙发"}),
        at=timezone.now(),
    )
    doorplates.issue([home], by=staff, at=timezone.now())
    plate = Doorplate.objects.get(place=home)
    for words, shown in (("楼道灯坏了", True), ("想有人帮忙买菜", False)):
        said = Saying(f.uuid4(), "other", words, shown_to_group=shown)
        say(plate, said, address="x", at=timezone.now())
    url = reverse("handover", kwargs={"code": home.code})
    page = client_of(leader).get(url).content.decode()
    assert "第1片区 · " in page
    assert "2层 4户" in page
    assert "楼道堆物" in page
    assert "楼道灯坏了" in page
    assert community.telephone in page
    assert leader.full_name in page
    assert page.count("空缺") == 2
    assert "买菜" not in page
    assert "李家" not in page
    review.return_(sent.filing.report, reason="请写明在几楼", by=staff, at=timezone.now())
    assert "请写明在几楼" in client_of(staff).get(url).content.decode()


def test_the_card_is_for_the_group_and_for_who_hands_out_cards(community):
    home = f.building(community, 1)
    url = reverse("handover", kwargs={"code": home.code})
    branch = f.branch_of(home.parent)
    answers = {
        200: [
            Post.objects.get(place=home).user,
            f.staff(community),
            f.staff(community, Duty.PARTY_SECRETARY),
            f.post(Duty.BLOCK_WORKER, place=home.parent).user,
        ],
        403: [f.seat(home.parent), f.post(Duty.BRANCH_SECRETARY, branch=branch).user],
        404: [
            f.seat(f.building(community, 2)),
            f.post(Duty.STREET_OFFICER, division=community.division).user,
            f.post(Duty.BLOCK_WORKER, place=f.block(community, 2)).user,
        ],
    }
    for status, users in answers.items():
        for user in users:
            assert client_of(user).get(url).status_code == status
    assert Place.objects.filter(kind=Kind.BUILDING).count() == 4
