"""The administration: what it shows, what it refuses to change, and that it speaks Chinese."""

import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.admin import site
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from reports import calendar, filing
from reports.models import Filing, FormVersion, Holiday, Mark, Obligation, Report, Summary
from tests import factories as f
from tests.governance import profiles
from units import tree
from units.admin.journal import KEYS, VERBS
from units.kinds import Duty, Kind, PlaceState
from units.models import (
    Branch,
    Community,
    Device,
    Division,
    JournalEntry,
    Place,
    PlaceChange,
    Post,
    User,
)

pytestmark = pytest.mark.django_db
LONG_AGO = calendar.moment(date(2024, 1, 8), 9)


@pytest.fixture
def admin() -> Client:
    client = Client()
    client.force_login(f.person("谢志安", is_staff=True, is_superuser=True))
    return client


@pytest.fixture
def community() -> Community:
    """Three buildings, one of which has told what it saw; the figures are up to date."""
    community = f.compound((2, 1))
    period = f.open_week()
    home = f.building(community, 1)
    user = f.seat(home)
    answers = {"corridor": "uncleared", "corridor_floors": [3]}
    filing.file(f.owed(home, period), f.sending(user, answers=answers), at=f.WEDNESDAY)
    f.drain(community)
    return community


def page(name: str, *args: object) -> str:
    return reverse(f"admin:{name}", args=args)


def text_of(client: Client, url: str, **query: object) -> str:
    response = client.get(url, query, follow=True)
    assert response.status_code == 200, url
    return response.content.decode()


# --- The front page ---------------------------------------------------------------------


def test_the_front_page_shows_each_community_and_the_roll_up(admin, community):
    Mark.objects.create(
        community=community,
        place=f.building(community, 1),
        period=Summary.objects.first().period,
    )
    text = text_of(admin, page("index"))
    for words in (community.name, "33.3%", "1/3", "第46周", "11月11日 12:00", "汇总运行情况"):
        assert words in text
    assert re.search(r"未收到 <b><a[^>]*>2</a></b> · 待汇总 <b>1</b>", text)


def test_a_tile_leads_to_the_board(admin, community):
    board = reverse("community-board", kwargs={"code": community.code})
    assert f'href="{board}"' in text_of(admin, page("index"))


def test_a_community_nothing_is_summed_up_for_says_so(admin):
    f.compound((1,))
    assert "本周还没有汇总" in text_of(admin, page("index"))


def test_who_is_not_staff_is_asked_to_log_in_and_not_sent_in_circles(community):
    client = Client()
    client.force_login(f.staff(community))
    response = client.get(page("index"), follow=True)
    assert [code for _url, code in response.redirect_chain] == [302]
    assert "没有这个页面的访问权限" in response.content.decode()


def test_staff_without_permissions_see_no_figures(community):
    client = Client()
    client.force_login(f.person("何建国", is_staff=True))
    text = text_of(client, page("index"))
    assert community.name not in text
    assert "您还没有查看或修改任何内容的权限" in text


# --- The tree ---------------------------------------------------------------------------


def test_the_tree_is_indented_with_the_words_of_its_division(admin):
    community = f.compound((1,))
    Division.objects.filter(pk=community.division_id).update(labels={"block": "块区"})
    text = text_of(admin, page("units_place_changelist"))
    for kind in Kind:
        assert f"level-{kind.value}" in text
    assert "块区" in text
    assert page("units_place_add") not in text


def test_places_are_neither_added_nor_deleted(admin, community):
    home = f.building(community)
    assert admin.get(page("units_place_add")).status_code == 403
    assert admin.post(page("units_place_delete", home.pk), {"post": "yes"}).status_code == 403
    assert "tree_id" not in text_of(admin, page("units_place_change", home.pk))


def test_structure_cannot_be_written_but_a_name_can(admin, community):
    home, other = f.building(community, 1), f.block(community, 2)
    facts = ("parent_id", "kind", "community_id", "code", "state", "tree_id", "lft", "rght")
    before = Place.objects.values(*facts).get(pk=home.pk)
    sent = {
        "name": "和平里1号楼",
        "parent": other.pk,
        "kind": 1,
        "code": "x",
        "state": "closed",
        "lft": 1,
        "rght": 2,
        "tree_id": 9,
    }
    response = admin.post(page("units_place_change", home.pk), sent | _no_rows("posts"))
    assert response.status_code == 302
    assert Place.objects.values(*facts).get(pk=home.pk) == before
    entry = JournalEntry.objects.get(verb="place.renamed")
    assert entry.data == {"place": home.pk, "was": "1号楼组", "now": "和平里1号楼"}
    assert PlaceChange.objects.filter(place=home, what="renamed").count() == 1
    assert tree.verify() == []


def test_a_communitys_name_is_changed_together_with_its_root(admin, community):
    sent = {"name": "和平里新居民区", "telephone": "021-55500000"}
    admin.post(page("units_community_change", community.pk), sent)
    assert f.root(community).name == Community.objects.get().name == "和平里新居民区"


def test_a_new_community_comes_with_its_root(admin):
    sent = {"code": "310104009001", "name": "春光里居民区", "division": f.street().pk}
    assert admin.post(page("units_community_add"), sent).status_code == 302
    assert f.root(Community.objects.get()).code == "310104009001"


def test_a_building_is_moved_through_the_tree(admin, community):
    home, target = f.building(community, 1), f.block(community, 2)
    url = page("units_place_move", home.pk)
    choices = re.findall(r'<option value="(\d+)">', text_of(admin, url))
    assert choices == [str(target.pk)]
    response = admin.post(url, {"to_parent": target.pk}, follow=True)
    assert "已移到“第2片区”" in response.content.decode()
    change = PlaceChange.objects.get(place=home, what="moved")
    assert (change.from_parent, change.to_parent) == (f.block(community, 1), target)
    assert tree.verify() == []


def test_a_building_is_not_moved_to_another_community(admin, community):
    home, elsewhere = f.building(community, 1), f.block(f.compound((1,)))
    admin.post(page("units_place_move", home.pk), {"to_parent": elsewhere.pk})
    assert not PlaceChange.objects.filter(what="moved").exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_a_household_is_not_moved(admin, community, method):
    door, floor = (Place.objects.filter(kind=kind).last() for kind in (4, 3))
    url = page("units_place_move", door.pk)
    response = getattr(admin, method)(url, {"to_parent": floor.pk}, follow=True)
    assert "住户不能直接移动，请注销后在新楼组新建" in response.content.decode()
    assert not PlaceChange.objects.filter(what="moved").exists()


def test_closing_goes_through_the_tree_and_says_why_not(admin, community):
    door = Place.objects.filter(kind=Kind.HOUSEHOLD).first()
    new = tree.add(door.parent_id, name="102室", at=f.WEDNESDAY)
    closing = {"state": "merged", "successor": new.code}
    admin.post(page("units_place_closure", door.pk), closing)
    door.refresh_from_db()
    assert (door.state, door.succeeded_by) == (PlaceState.MERGED, new)
    text = admin.post(
        page("units_place_closure", door.parent_id), {"state": "closed"}, follow=True
    ).content.decode()
    assert "下面还有在用的单元，请先处理" in text


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_owes_reports_is_closed_where_they_are_excused_with_it(admin, community, method):
    """By the director, who sees first what follows; the page says so and leads there."""
    home = f.building(community)
    url = page("units_place_closure", home.pk)
    text = getattr(admin, method)(url, {"state": "closed"}, follow=True).content.decode()
    assert "请由居委会主任在“治理单元”里注销" in text
    assert reverse("shape-step", kwargs={"code": home.code, "what": "closure"}) in text
    home.refresh_from_db()
    assert home.state == PlaceState.ACTIVE
    text = admin.get(page("units_place_closure", f.root(community).pk), follow=True)
    assert "是整个居民区，不能注销" in text.content.decode()


def test_who_may_only_look_does_not_move(community):
    client = Client()
    client.force_login(f.person(is_staff=True))
    assert client.get(page("units_place_move", f.building(community).pk)).status_code == 403


# --- Groups and posts -------------------------------------------------------------------


def test_a_group_shows_its_seats_and_who_is_still_needed(admin):
    community = f.compound((1,))
    home = f.building(community)
    for name, duty in (("周兰英", Duty.PARTY_LEADER), ("沈德海", Duty.RESIDENT_LEADER)):
        f.seat(home, duty, f.person(name))
    text = text_of(admin, page("units_place_change", home.pk))
    for words in ("周兰英", "沈德海", "还差1人", "安排业主代表"):
        assert words in text
    assert "还差1人" in text_of(admin, page("units_place_changelist"), q=home.code)
    f.seat(home, Duty.OWNER_REPRESENTATIVE, f.person("蒋淑珍"))
    text = text_of(admin, page("units_place_change", home.pk))
    assert "蒋淑珍" in text
    assert "三席都有人" in text


def test_groups_that_want_people_can_be_listed(admin):
    community = f.compound((2,))
    whole, wanting = f.building(community, 1), f.building(community, 2)
    for duty in (Duty.PARTY_LEADER, Duty.RESIDENT_LEADER, Duty.OWNER_REPRESENTATIVE):
        f.seat(whole, duty)
    text = text_of(admin, page("units_place_changelist"), group="wanting")
    assert page("units_place_change", wanting.pk) in text
    assert page("units_place_change", whole.pk) not in text
    # Floors have no group of their own until somebody is seated there.
    assert "level-3" not in text


def _appointment(**facts: object) -> dict[str, object]:
    now = timezone.localtime()
    sent = {
        "duty": Duty.RESIDENT_LEADER,
        "since_0": f"{now:%Y-%m-%d}",
        "since_1": "00:00",
        "basis": "proposed",
    }
    return sent | facts


def test_a_post_is_appointed_and_ended(admin, community):
    home, user = f.building(community, 2), f.person("顾美玲")
    sent = _appointment(user=user.pk, place=home.pk)
    assert admin.post(page("units_post_add"), sent).status_code == 302
    post = Post.objects.get(user=user)
    assert (post.place, post.place_kind, post.granted_by.full_name) == (home, 2, "谢志安")
    admin.post(page("units_post_changelist"), {"action": "end_now", "_selected_action": [post.pk]})
    post.refresh_from_db()
    assert post.during.upper
    verbs = JournalEntry.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == ["post.appointed", "post.ended"]


def test_a_taken_seat_and_a_wrong_place_are_refused_in_words(admin, community):
    home = f.building(community, 1)
    sent = _appointment(user=f.person().pk, place=home.pk)
    text = admin.post(page("units_post_add"), sent).content.decode()
    assert "这个席位已经有人，请先结束原来的任期" in text
    sent = _appointment(user=f.person().pk, place=home.pk, duty=Duty.DIRECTOR)
    text = admin.post(page("units_post_add"), sent).content.decode()
    assert "职责与所在的地方不相符" in text


def test_nobody_appoints_themselves(admin, community):
    me = User.objects.get(is_superuser=True)
    sent = _appointment(user=me.pk, place=f.building(community, 2).pk)
    assert "不能自己任命自己" in admin.post(page("units_post_add"), sent).content.decode()


def test_an_account_is_made_with_a_name_and_a_password(admin):
    sent = {
        "login": "block9",
        "full_name": "陶永福",
        "password1": "xincun2026",
        "password2": "xincun2026",
    }
    assert admin.post(page("units_user_add"), sent).status_code == 302
    assert User.objects.get(login="block9").check_password("xincun2026")


def test_a_password_is_set_anew_and_nothing_of_the_old_one_is_shown(admin):
    user = f.person()
    assert "md5" not in text_of(admin, page("units_user_change", user.pk))
    url = page("auth_user_password_change", user.pk)
    assert admin.post(url, {"password1": "", "password2": ""}).status_code == 200
    admin.post(url, {"password1": "jiangnan2026", "password2": "jiangnan2026"})
    user.refresh_from_db()
    assert user.check_password("jiangnan2026")


def test_a_device_can_only_be_revoked(admin):
    device = Device.objects.create(
        user=f.person(),
        token_hash="x",
        label="旧手机",
        made_at=LONG_AGO,
    )
    chosen = {"action": "revoke", "_selected_action": [device.pk]}
    admin.post(page("units_device_changelist"), chosen)
    device.refresh_from_db()
    assert device.revoked_at
    assert admin.post(page("units_device_change", device.pk), {"label": "x"}).status_code == 403


# --- Reports ----------------------------------------------------------------------------


def test_a_report_is_read_in_the_words_it_was_asked_in(admin, community):
    report, sent = Report.objects.get(), Filing.objects.get()
    for url in (
        page("reports_report_change", report.pk),
        page("reports_filing_change", sent.pk),
    ):
        text = text_of(admin, url)
        for words in (sent.receipt, "楼道堆物", "有，待清", "在几楼", "3楼", "周兰英", "网页"):
            assert words in text


@pytest.mark.parametrize("model", ["reports_report", "reports_filing"])
def test_what_was_filed_is_found_by_receipt_and_by_place(admin, community, model):
    sent = Filing.objects.get()
    row = sent.pk if model == "reports_filing" else sent.report_id
    for term, is_found in ((sent.receipt, True), ("1号楼组", True), ("00000000", False)):
        text = text_of(admin, page(f"{model}_changelist"), q=term)
        assert (page(f"{model}_change", row) in text) is is_found


READ_ONLY = (Report, Filing, Obligation, FormVersion, Summary, JournalEntry)


@pytest.mark.parametrize("model", READ_ONLY)
def test_what_processes_wrote_is_not_changed_here(admin, community, model):
    JournalEntry.objects.create(at=f.WEDNESDAY, verb="place.renamed", data={"was": "旧"})
    row = model.objects.first()
    before = model.objects.values().get(pk=row.pk)
    name = f"{model._meta.app_label}_{model._meta.model_name}"
    sent = {"nil": "on", "rev": 9, "answers": "{}", "building_filed": 9, "verb": "x"}
    assert admin.post(page(f"{name}_change", row.pk), sent).status_code == 403
    assert admin.post(page(f"{name}_delete", row.pk), {"post": "yes"}).status_code == 403
    assert admin.get(page(f"{name}_add")).status_code == 403
    assert model.objects.values().get(pk=row.pk) == before


# --- Query counts -----------------------------------------------------------------------

LISTS = [
    "index",
    *(f"{model._meta.app_label}_{model._meta.model_name}_changelist" for model in site._registry),
]


def test_pages_ask_no_more_of_twenty_communities_than_of_one(admin, community):
    f.branch_of(f.block(community))
    for name in LISTS:  # Content types and the like are asked for once a process.
        admin.get(page(name))
    one = {name: _queries(admin, name) for name in LISTS}
    for _each in range(19):
        another = f.compound((2, 1))
        f.branch_of(f.block(another))
        home = f.building(another, 1)
        period = f.open_week()
        filing.file(f.owed(home, period), f.sending(f.seat(home)), at=f.WEDNESDAY)
        f.drain(another)
    assert {name: _queries(admin, name) for name in LISTS} == one


def _queries(client: Client, name: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert client.get(page(name)).status_code == 200
    return len(asked)


# --- Language ---------------------------------------------------------------------------

# Codes and login names are data, not words.
# Chinese letters stand beside them without a blank, so `\b` would not end them.
DATA = re.compile(
    r"(?<![0-9A-Za-z])(?:\d{12}(?:-\w+)*|person\d+|[0-9a-f]{8}(?:-[0-9a-f]{4,12})*)(?![0-9A-Za-z])"
)
SPOKEN = ("placeholder", "title", "aria-label", "alt")


class Spoken(HTMLParser):
    """Collects what a page says: its text, and attributes that are shown or read out."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style")
        told = dict(attrs)
        self.words += [told[name] or "" for name in SPOKEN if name in told]
        if tag == "input" and told.get("type") in ("submit", "button", "text"):
            self.words.append(told.get("value") or "")

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def latin_words(html: str) -> list[str]:
    parser = Spoken()
    parser.feed(html)
    return re.findall(r"[A-Za-z]{3,}", DATA.sub("", "\n".join(parser.words)))


def urls_to_crawl(community: Community) -> list[str]:
    """Every page of every model, and the pages that belong to none."""
    urls = [page("index"), page("password_change"), page("password_change_done")]
    urls += [page("app_list", label) for label in ("units", "reports")]
    for model, model_admin in site._registry.items():
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        urls.append(page(f"{name}_changelist"))
        urls += [
            page(f"{name}_{what}", row.pk)
            for row in model.objects.all()[:30]
            for what in ("change", "history")
        ]
        if model_admin.has_add_permission(_as_superuser()):
            urls.append(page(f"{name}_add"))
    home = f.building(community)
    urls += [
        page("units_place_move", home.pk),
        page("units_place_closure", f.household(community).pk),
    ]
    urls.append(page("reports_holiday_delete", Holiday.objects.first().pk))
    urls.append(page("auth_user_password_change", User.objects.first().pk))
    return urls


def _as_superuser() -> object:
    """What a permission check needs of a request."""
    return type("Request", (), {"user": User.objects.get(is_superuser=True), "GET": {}})()


def test_every_page_speaks_chinese(admin, community):
    f.branch_of(f.block(community))
    user = f.person()
    f.post(Duty.BRANCH_SECRETARY, branch=Branch.objects.get(), user=user)
    Device.objects.create(user=user, token_hash="x", label="手机", made_at=f.WEDNESDAY)
    tree.rename(f.building(community, 2).pk, name="改名楼组", at=f.WEDNESDAY, by=user)
    home = f.building(community, 1)
    admin.post(page("units_place_change", home.pk), {"name": "一号楼组"} | _no_rows("posts"))
    f.admitted(relevant={"corridor": ["uncleared"]})
    profiles.describe(community, user)
    profiles.decide(community, f.staff(community))
    said = {url: latin_words(text_of(admin, url)) for url in urls_to_crawl(community)}
    assert {url: words for url, words in said.items() if words} == {}


def test_what_is_said_to_a_mistake_is_chinese_too(admin, community):
    for name in ("units_post", "units_user", "units_community", "units_division", "units_branch"):
        assert latin_words(admin.post(page(f"{name}_add"), {}).content.decode()) == []
    for url in (page("password_change"), page("auth_user_password_change", f.person().pk)):
        assert latin_words(admin.post(url, {}).content.decode()) == []
    wrong = {"username": "nobody", "password": "x"}
    text = Client().post(page("login"), wrong).content.decode().replace("nobody", "")
    assert latin_words(text) == []


def test_every_verb_of_the_journal_has_its_words():
    written = set()
    for package in ("units", "reports", "governance"):
        for path in (settings.BASE_DIR / package).rglob("*.py"):
            written |= set(re.findall(r'journal\.note\(\s*"([a-z_.]+)"', Path(path).read_text()))
    assert written
    assert written <= set(VERBS)
    assert set(KEYS) >= {"place", "was", "now", "reason"}


def test_a_policy_without_inline_code_holds(admin, community):
    """The pages bring no inline script or style, which our policy would refuse."""
    for name in ("index", "units_place_changelist", "units_post_add", "reports_report_changelist"):
        text = text_of(admin, page(name))
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text)


def _no_rows(prefix: str) -> dict[str, int]:
    return {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
