"""今日工作台: what waits, for whom; one press on many; saved filters; the chat."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.board.workbench.chat import words_for_chat
from governance.board.workbench.choice import Choice
from governance.board.workbench.items import Tab
from governance.board.workbench.sources import items_of
from governance.voices import answering, doorplates
from governance.voices.models import Doorplate, Voice
from governance.voices.saying import Saying, say
from reports import filing, replies, review
from reports.models import Decision, Filing, Report
from tests import factories as f
from tests.governance.test_words import Visible
from units.kinds import Duty
from units.models import Community, SavedLink, User

pytestmark = pytest.mark.django_db

ASKS = {"corridor": "uncleared", "corridor_floors": ["1"]}
SUNDAY = f.WEDNESDAY + timedelta(days=4)


@pytest.fixture
def community() -> Community:
    return f.compound((2, 1))


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def desk_url(community: Community, query: str = "") -> str:
    return reverse("workbench", kwargs={"code": community.code}) + query


def speak(community: Community, number: int = 1, words: str = "灯坏了", at=None) -> Voice:
    place, at = f.building(community, number), at or timezone.now()
    if not Doorplate.objects.in_force().filter(place=place).exists():
        doorplates.issue([place], by=f.person(), at=at)
    plate = Doorplate.objects.in_force().get(place=place)
    return say(plate, Saying(uuid4(), "broken", words), address=str(uuid4()), at=at)


def voices(community: Community, count: int) -> None:
    """Many at once, past the brake of the stairwell's door."""
    first = speak(community)
    facts = {
        name: getattr(first, name)
        for name in ("community", "place", "doorplate", "about", "words", "said_at")
    }
    Voice.objects.bulk_create(
        Voice(form_id=uuid4(), receipt=f"{n:016d}", **facts) for n in range(1, count)
    )


def reported(community: Community, number: int, at=None, **answers: object) -> Report:
    at = at or timezone.now()
    place = f.building(community, number)
    owed = f.owed(place, f.open_week(at))
    return filing.file(owed, f.sending(f.seat(place), answers=ASKS | answers), at=at).report


def rows_of(user: User, community: Community, at=None) -> dict[str, list[str]]:
    """Tab → places of its rows."""
    found: dict[str, list[str]] = {}
    for item in items_of(user, community, at=at or timezone.now()):
        if not item.is_later:
            found.setdefault(item.tab, []).append(f"{item.sort} {item.place_words}")
    return found


def press(client: Client, community: Community, query: str = "", **body: object):
    url = reverse("workbench-decisions", kwargs={"code": community.code}) + query
    body = {"batch": str(uuid4()), "until": timezone.now().isoformat()} | body
    return client.post(url, body)


def undo(client: Client, community: Community, batch: str):
    of = {"code": community.code, "batch": batch}
    return client.post(reverse("workbench-undoing", kwargs=of))


# --- What waits, and for whom -----------------------------------------------------------


def test_the_committee_begins_its_day_at_the_workbench(community):
    for duty in (Duty.STAFF, Duty.DIRECTOR, Duty.PARTY_SECRETARY):
        answer = client_of(f.staff(community, duty)).get(reverse("home"))
        assert answer.headers["Location"] == desk_url(community)
    branch = f.branch_of(f.block(community))
    secretary = f.post(Duty.BRANCH_SECRETARY, branch=branch).user
    board = reverse("community-board", kwargs={"code": community.code})
    assert client_of(secretary).get(reverse("home")).headers["Location"] == board


def test_seats_branch_secretaries_the_street_and_other_communities_find_no_workbench(community):
    outsiders = [
        f.seat(f.building(community)),
        f.seat(f.block(community)),
        f.post(Duty.BRANCH_SECRETARY, branch=f.branch_of(f.block(community))).user,
        f.post(Duty.STREET_OFFICER, division=community.division).user,
        f.staff(f.compound((1,))),
    ]
    for user in outsiders:
        assert client_of(user).get(desk_url(community)).status_code == 404


def test_a_block_worker_sees_and_touches_the_own_block_only(community):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user
    for number in (1, 3):
        speak(community, number)
        reported(community, number)
    assert rows_of(worker, community)[Tab.NEW] == ["voice 1号楼组", "building 1号楼组"]
    page = client_of(worker).get(desk_url(community, "?tab=all&later=1")).content.decode()
    assert "3号楼组" not in page
    answer = press(client_of(worker), community, "?tab=new", verb="take", all="1")
    assert answer.status_code == 302
    assert [v.place.name for v in Voice.objects.in_state("accepted")] == ["1号楼组"]
    beyond = Voice.objects.in_state("new").get()
    answer = press(client_of(worker), community, verb="take", item=f"voice-{beyond.pk}.new")
    assert answer.status_code == 409
    assert Voice.objects.in_state("new").count() == 1


def test_a_party_secretary_reads_what_residents_say_and_decides_nothing(community):
    secretary = client_of(f.staff(community, Duty.PARTY_SECRETARY))
    voice = speak(community)
    page = secretary.get(desk_url(community)).content.decode()
    assert "灯坏了" in page
    assert "全部受理" not in page
    assert 'value="take"' not in page
    answer = press(secretary, community, verb="take", item=f"voice-{voice.pk}.new")
    assert (answer.status_code, Voice.objects.in_state("new").count()) == (409, 1)


def test_a_report_goes_from_new_to_waiting_for_a_reply_and_away(community):
    staff = f.staff(community)
    report = reported(community, 2, stock="tight", stock_item=["bag"])
    assert rows_of(staff, community)[Tab.NEW] == ["building 2号楼组"]
    answer = press(client_of(staff), community, verb="pass", item=f"report-{report.pk}.1.waiting")
    assert answer.status_code == 302
    assert Tab.NEW not in rows_of(staff, community)
    assert rows_of(staff, community)[Tab.REPLY] == ["building 2号楼组"]
    replies.reply(report, "垃圾袋周五送到", id_=uuid4(), by=staff, at=timezone.now())
    assert Tab.REPLY not in rows_of(staff, community)


def test_what_reports_nothing_asks_for_nobody(community):
    place = f.building(community)
    at = timezone.now()
    filing.file(f.owed(place, f.open_week(at)), f.sending(f.seat(place)), at=at)
    assert Tab.NEW not in rows_of(f.staff(community), community)


def test_what_is_due_today_or_late_and_not_in_is_asked_for(community):
    staff = f.staff(community)
    week = f.open_week(f.WEDNESDAY)
    place = f.building(community, 2)
    filing.file(f.owed(place, week), f.sending(f.seat(place)), at=f.WEDNESDAY)
    assert Tab.DUE not in rows_of(staff, community, f.WEDNESDAY)
    later = [i for i in items_of(staff, community, at=f.WEDNESDAY) if i.is_later]
    assert [(i.place_words, i.age(f.WEDNESDAY)) for i in later] == [
        ("1号楼组", "周日20:00"),
        ("3号楼组", "周日20:00"),
    ]
    assert rows_of(staff, community, SUNDAY)[Tab.DUE] == ["building 1号楼组", "building 3号楼组"]
    monday = SUNDAY + timedelta(days=1)
    late = [i for i in items_of(staff, community, at=monday) if i.is_owed and not i.is_later]
    assert [i.age(monday) for i in late] == ["过了1天", "过了1天"]
    owed = f.owed(f.building(community, 1), week)
    type(owed).objects.filter(pk=owed.pk).update(waived_reason="整幢空着", waived_by=staff)
    assert rows_of(staff, community, SUNDAY)[Tab.DUE] == ["building 3号楼组"]


def test_returned_and_disputed_reports_are_a_tab_of_their_own(community):
    staff = f.staff(community)
    returned, _disputed = reported(community, 1), reported(community, 3, derived_ok="wrong")
    review.return_(returned, reason="请写明在几楼", by=staff, at=timezone.now())
    assert sorted(rows_of(staff, community)[Tab.BACK]) == ["building 1号楼组", "building 3号楼组"]
    page = client_of(staff).get(desk_url(community, "?tab=back")).content.decode()
    assert "请写明在几楼" in page
    assert "代为更正" in page
    assert "去核对" in page


def test_a_household_that_refused_contact_is_not_waiting_for_an_answer(community):
    staff, home = f.staff(community), f.household(community)
    asked = {
        "source": "visit",
        "situation": "changed",
        "changes": ["help"],
        "help_kind": "groceries",
        "urgency": "soon",
    }
    by = f.seat(f.building(community))
    for consent in ("declined", "agreed"):
        told = f.household_sending(by, answers=asked | {"consent": consent})
        at = timezone.now()
        filing.file_event(home, f.household_form(), told, at=at)
    assert rows_of(staff, community)[Tab.REPLY] == ["household 1号楼组 101室"]


def test_tabs_tell_how_many_under_the_filters_in_the_address(community):
    staff = client_of(f.staff(community))
    speak(community, 1)
    speak(community, 3, "长椅坏了", at=timezone.now() - timedelta(days=3))
    for query, count in (
        ("?tab=new", 2),
        ("?tab=new&text=长椅", 1),
        (f"?tab=new&block={community.code}-B01", 1),
        ("?tab=new&sort=report", 0),
        ("?tab=all&days=2", 1),
        ("?tab=nonsense&sort=nonsense&days=x", 2),
    ):
        page = staff.get(desk_url(community, query))
        here = next(tab for tab in page.context["tabs"] if tab["is_here"])
        assert here["count"] == len(page.context["rows"]) == count, query


# --- One press on many -------------------------------------------------------------------


def test_all_that_match_are_taken_at_once_and_released_at_once(community):
    staff = client_of(f.staff(community))
    voices(community, 230)
    page = staff.get(desk_url(community, "?tab=new"))
    assert "全部受理（230）" in page.content.decode()
    assert len(page.context["rows"]) == 50
    late = speak(community, 2)
    body = {"batch": page.context["batch"], "until": page.context["until"], "all": "1"}
    for _press in range(2):
        told = press(staff, community, "?tab=new", verb="take", **body)
        assert "已受理230条" in staff.get(told.headers["Location"]).content.decode()
    assert list(Voice.objects.in_state("new")) == [late]
    undo(staff, community, body["batch"])
    assert Voice.objects.in_state("new").count() == 231
    # The same press once more, from a page that was left open, takes nothing again.
    press(staff, community, "?tab=new", verb="take", **body)
    assert Voice.objects.in_state("new").count() == 231


def test_reports_are_passed_together_but_never_ones_own(community):
    me = f.staff(community)
    staff = client_of(me)
    for number in (1, 2):
        reported(community, number)
    owed = f.owed(f.building(community, 3), f.open_week(timezone.now()))
    mine = f.sending(me, answers=ASKS, channel=Filing.Channel.TELEPHONE, caller="周兰英")
    filing.file(owed, mine, at=timezone.now())
    page = staff.get(desk_url(community))
    assert "全部通过（2）" in page.content.decode()
    assert "您报的，请同事审阅" in page.content.decode()
    batch = page.context["batch"]
    press(staff, community, verb="pass", all="1", batch=batch)
    assert Report.objects.filter(review="accepted").count() == 2
    assert client_of(f.staff(community)).get(desk_url(community)).context["rows"][0].act.label
    undo(staff, community, batch)
    assert not Report.objects.filter(review="accepted").exists()
    assert Decision.objects.filter(what="undone").count() == 2


def test_only_the_rows_that_match_the_filter_are_done(community):
    staff = client_of(f.staff(community))
    for number in (1, 3):
        speak(community, number)
    query = f"?tab=new&block={community.code}-B02"
    press(staff, community, query, verb="take", all="1")
    assert [v.place.name for v in Voice.objects.in_state("accepted")] == ["3号楼组"]


def test_what_changed_since_it_was_seen_is_left_and_said(community):
    me = f.staff(community)
    staff = client_of(me)
    first, second = speak(community, 1), speak(community, 2)
    answering.accept(first, by=f.staff(community), at=timezone.now())
    keys = [f"voice-{each.pk}.new" for each in (first, second)]
    told = press(staff, community, verb="take", item=keys)
    page = staff.get(told.headers["Location"]).content.decode()
    assert "已受理1条" in page
    assert "有1份刚才改过或已有人办了" in page
    answer = press(staff, community, verb="take", item=keys[:1])
    assert answer.status_code == 409
    assert "已有同事办了" in answer.content.decode()


def test_undo_is_for_ten_seconds_and_for_ones_own_press(community):
    me = f.staff(community)
    voice, batch, at = speak(community), uuid4(), timezone.now()
    answering.accept_many([voice], batch=batch, by=me, at=at)
    answer = undo(client_of(f.staff(community)), community, str(batch))
    assert (answer.status_code, Voice.objects.in_state("accepted").count()) == (409, 1)
    Voice.objects.update(said_at=at - timedelta(minutes=1), accepted_at=at - timedelta(seconds=11))
    answer = undo(client_of(me), community, str(batch))
    assert "已过十秒" in answer.content.decode()
    assert Voice.objects.in_state("accepted").count() == 1


def test_a_voice_answered_in_the_meantime_is_not_released(community):
    me, batch = f.staff(community), uuid4()
    first, second = speak(community, 1), speak(community, 2)
    at = timezone.now()
    answering.accept_many([first, second], batch=batch, by=me, at=at)
    answering.close(first, "灯换好了", batch=uuid4(), by=f.staff(community), at=at)
    assert answering.release(batch, by=me, at=at) == 1
    assert (Voice.objects.get(pk=first.pk).state, Voice.objects.get(pk=second.pk).state) == (
        "closed",
        "new",
    )


@pytest.mark.parametrize(
    "body",
    [
        {"verb": "take"},
        {"verb": "erase", "all": "1"},
        {"verb": "take", "all": "1", "until": "soon"},
        {"verb": "take", "all": "1", "until": "2026-13-45T99:00:00"},
        {"verb": "take", "all": "1", "batch": "x"},
    ],
)
def test_a_press_that_names_nothing_is_refused_with_a_sentence(community, body):
    speak(community)
    answer = press(client_of(f.staff(community)), community, **body)
    assert answer.status_code == 400
    assert "没有选好要办的" in answer.content.decode()
    assert Voice.objects.in_state("new").count() == 1


# --- Saved filters -----------------------------------------------------------------------


def save(client: Client, name: str, path: str):
    return client.post(reverse("saved-links"), {"name": name, "path": path})


def test_a_filter_is_saved_shown_to_its_owner_alone_and_removed(community):
    owner, other = f.staff(community), f.staff(community)
    path = desk_url(community, "?tab=new&days=2")
    assert save(client_of(owner), "我的急事", path).headers["Location"] == path
    assert save(client_of(owner), "我的急事", path).status_code == 302
    assert "我的急事" in client_of(owner).get(desk_url(community)).content.decode()
    assert "我的急事" not in client_of(other).get(desk_url(community)).content.decode()
    removal = reverse("saved-link-removal", kwargs={"pk": SavedLink.objects.get().pk})
    assert client_of(other).post(removal).status_code == 404
    assert client_of(owner).post(removal, {"path": path}).headers["Location"] == path
    assert not SavedLink.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        "https://example.org/",
        "//example.org/desk/",
        "/\\example.org",
        "\\\\example.org",
        "javascript:alert(1)",
        "/nowhere/",
        "/desk/1/\n",
        " //example.org",
        "",
        "/measures/?" + "x" * 600,
    ],
)
def test_a_saved_filter_never_leads_out_of_the_house(community, path):
    answer = save(client_of(f.staff(community)), "别处", path)
    assert answer.status_code == 422
    assert "只能保存本系统里的页面" in answer.content.decode()


@pytest.mark.parametrize("path", ["//example.org/", "https://example.org", "/\\example.org", "x"])
def test_the_database_keeps_saved_filters_in_the_house(path):
    with pytest.raises(IntegrityError, match="a_saved_link_stays_in_the_house"):
        SavedLink.objects.create(owner=f.person(), name="别处", path=path, made_at=timezone.now())


def test_removing_a_saved_filter_leads_nowhere_else(community):
    owner = f.staff(community)
    save(client_of(owner), "我的", desk_url(community))
    removal = reverse("saved-link-removal", kwargs={"pk": SavedLink.objects.get().pk})
    answer = client_of(owner).post(removal, {"path": "//example.org/"})
    assert answer.headers["Location"] == reverse("home")


def test_a_person_keeps_twenty_filters_each_with_a_name_of_its_own(community):
    owner = client_of(f.staff(community))
    for number in range(20):
        assert save(owner, f"第{number}个", desk_url(community)).status_code == 302
    assert "最多保存20个" in save(owner, "又一个", desk_url(community)).content.decode()
    SavedLink.objects.filter(name="第0个").delete()
    answer = save(owner, "第1个", desk_url(community, "?tab=due"))
    assert answer.status_code == 409
    assert "请换一个名称" in answer.content.decode()
    refused = save(owner, " ", desk_url(community)).content.decode()
    assert "请给这个筛选起个名称" in refused
    # Nothing is lost by not saving: 返回 is the filter itself.
    assert f'<a class="link" href="{desk_url(community)}">返回</a>' in refused
    elsewhere = save(owner, "", "//example.com/").content.decode()
    assert '<a class="link" href="//' not in elsewhere
    assert save(owner, "长" * 21, desk_url(community)).status_code == 422


def test_a_saved_filter_gives_nothing_that_its_owner_may_not_see(community):
    owner = f.staff(community)
    elsewhere = desk_url(f.compound((1,)))
    assert save(client_of(owner), "隔壁", elsewhere).status_code == 302
    assert client_of(owner).get(elsewhere).status_code == 404


# --- For the chat, the page that stays open, and the cost ---------------------------------


def test_words_for_the_chat_name_buildings_and_the_hour_and_nobody(community):
    staff = f.staff(community)
    f.open_week(f.WEDNESDAY)
    for number in (1, 2, 3):
        f.seat(f.building(community, number))
    owed = Choice(tab="due").of(items_of(staff, community, at=SUNDAY), at=SUNDAY)
    assert words_for_chat(owed, at=SUNDAY) == (
        "本周还差3个楼组没有报：1、2、3号楼组。今天20:00前报一下，没事点一下平安就行。"
    )
    late = SUNDAY.replace(hour=21)
    assert "已过应报时间，周一24:00前还可以补报" in words_for_chat(owed, at=late)
    assert "前还可以补报，没事点一下平安就行。" in words_for_chat(owed, at=late)


def test_words_for_the_chat_have_no_door_no_name_and_nothing_that_was_said(community):
    staff, home, at = f.staff(community), f.household(community), timezone.now()
    asked = {
        "source": "visit",
        "situation": "changed",
        "changes": ["help"],
        "help_kind": "groceries",
        "urgency": "now",
        "consent": "agreed",
        "note": "腿脚不便",
    }
    by = f.seat(f.building(community))
    told = f.household_sending(by, answers=asked)
    filing.file_event(home, f.household_form(), told, at=at)
    speak(community, 2, "想请人换灯泡")
    returned = reported(community, 3, note="三楼旧沙发")
    review.return_(returned, reason="请写明在几楼", by=staff, at=at)
    words = words_for_chat(items_of(staff, community, at=at), at=at)
    assert "1条居民反映" in words
    assert "1份报告退回后" in words
    assert "有1件居委会正在办" in words
    for private in ("101室", "买菜", "腿脚", "灯泡", "沙发", "周兰英", "几楼"):
        assert private not in words


def test_an_open_page_learns_how_many_are_new_and_not_what_they_say(community):
    staff = client_of(f.staff(community))
    speak(community, 1)
    page = staff.get(desk_url(community))
    version = reverse("workbench-live", kwargs={"token": page.context["live_token"]})
    before = Client().get(version).content
    voice = speak(community, 2, "长椅坏了")
    after = Client().get(version).content
    assert before != after
    opened = {"opened": page.context["until"]}
    part = staff.get(desk_url(community), opened, headers={"X-Part": "figures"}).content.decode()
    assert "有1条新的" in part
    assert "长椅" not in part
    answering.accept(voice, by=f.staff(community), at=timezone.now())
    assert Client().get(version).content not in (before, after)
    assert Client().get(reverse("workbench-live", kwargs={"token": "forged"})).status_code == 404
    for opened in ("", "soon", "2026-13-45T10:00:00", "2026-11-25T10:00:00"):
        part = staff.get(desk_url(community), {"opened": opened}, headers={"X-Part": "figures"})
        assert part.status_code == 200


def test_an_open_page_of_one_block_is_not_told_that_something_came_in_elsewhere(community):
    worker = client_of(f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user)
    token = worker.get(desk_url(community)).context["live_token"]
    version = reverse("workbench-live", kwargs={"token": token})
    before = Client().get(version).content
    speak(community, 3)
    reported(community, 3, note="三楼旧沙发")
    assert Client().get(version).content == before
    speak(community, 1)
    assert Client().get(version).content != before


def test_every_number_of_the_strip_is_that_of_the_list_behind_it(community):
    staff = client_of(f.staff(community))
    speak(community, 1)
    answering.accept(speak(community, 2), by=f.staff(community), at=timezone.now())
    reported(community, 1)
    page = staff.get(desk_url(community))
    assert (page.context["not_in"], page.context["waiting"], page.context["voices"]) == (2, 1, 2)
    behind = staff.get(desk_url(community, "?tab=due&later=1&sort=building"))
    assert len(behind.context["rows"]) == 2
    voices_page = staff.get(reverse("voices", kwargs={"code": community.code}))
    assert len(voices_page.context["page"].object_list) == 2


def test_the_page_costs_the_same_for_five_rows_and_for_a_hundred():
    community = f.compound((25, 25))
    staff = client_of(f.staff(community))
    f.open_week(timezone.now())

    def cost(query: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert staff.get(desk_url(community, query)).status_code == 200
        return len(queries)

    tabs = ("?tab=new", "?tab=due&later=1", "?tab=back", "?tab=reply", "?tab=all", "?print=1")
    voices(community, 2)
    answering.accept(speak(community), by=f.staff(community), at=timezone.now())
    for number in (1, 2):
        reported(community, number, stock="tight", derived_ok=("right", "wrong")[number - 1])
    few = [cost(query) for query in tabs]
    for number in range(3, 48):
        report = reported(
            community, number, stock="tight", derived_ok=("right", "wrong")[number % 2]
        )
        if number % 3 == 0:
            review.return_(report, reason="请写明在几楼", by=f.person(), at=timezone.now())
    for number in range(1, 40):
        speak(community, number)
    page = Visible()
    page.feed(staff.get(desk_url(community, "?tab=all")).content.decode())
    assert sum("号楼组" in words for words in page.words) >= 50
    more = [cost(query) for query in tabs]
    assert all(b - a <= 1 for a, b in zip(few, more, strict=True)), (few, more)
    assert max(more) <= 24
