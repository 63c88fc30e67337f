"""What somebody with a neighbour's account tried, and what the house says to it."""

import json
from datetime import timedelta
from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import filing, free_text
from reports.models import Filing, Report
from tests import factories as f
from tests.governance.test_api import Phone, item
from tests.governance.test_error_forms import all_doors, methods_of
from units import census, saved_links
from units.census_import import drafting
from units.kinds import Duty
from units.models import Division, HouseholdCount, JournalEntry, Place, Post

pytestmark = pytest.mark.django_db

PRIVATE = "请打13800138000"
# Read as the name of a page, an address without its first slash would be looked up, and fail.
NOWHERE = [
    *("nothing", "community-board", "?x", "#x", "javascript:alert(1)", "https:evil.example"),
    *(
        "//evil.example",
        "/\\evil.example",
        "\\evil.example",
        "https://evil.example/",
        "/\t/evil.example",
    ),
]


@pytest.fixture
def world():
    community = f.compound((1, 1), floors=1, doors=1)
    f.open_week(timezone.now())
    f.household_form()
    door = Place.objects.get(parent__parent=f.building(community, 1))
    user = f.seat(f.building(community, 1))
    return community, door, user


def test_a_string_that_is_slow_to_normalise_is_not_normalised():
    marks = "\u0300\u0316" * 40_000
    assert free_text.normalise(marks) == marks.strip()


@pytest.mark.parametrize("clock", ["0001-01-01T00:00:00+14:00", "1970-01-01T00:00:00+08:00"])
def test_a_phone_with_a_dead_clock_files_a_row_that_can_be_read(world, clock):
    _community, door, user = world
    phone = Phone(user)
    answer = phone.batch(item(door, made_at=clock)).json()["items"][0]
    assert answer["status"] in (201, 400)
    for sent in Filing.objects.all():
        assert sent.made_at > timezone.now() - timedelta(days=400)
    browser = Client()
    browser.force_login(user)
    assert browser.get(reverse("household", kwargs={"code": door.code})).status_code == 200


def test_a_device_makes_no_devices(world):
    _community, _door, user = world
    phone = Phone(user)
    body = json.dumps({"label": "另一台"})
    answer = phone.client.post("/api/devices/", body, content_type="application/json")
    assert answer.status_code == 403
    assert user.devices.count() == 1


@pytest.mark.parametrize(
    "text",
    [PRIVATE, "138\u200b0013\u200b8000", "+86(138)0013-8000"],
)
def test_private_numbers_do_not_hide_in_reasons_or_behind_invisible_marks(world, text):
    _community, door, user = world
    answer = Phone(user).batch(item(door, reason=text)).json()["items"][0]
    assert (answer["status"], answer["code"]) == (422, "mobile_number")
    assert answer["fields"].keys() == {"reason"}


def test_staff_keep_what_they_typed_when_a_caller_holds_a_number(world):
    community, _door, _user = world
    client = Client()
    client.force_login(f.staff(community))
    week = f.open_week(timezone.now()).key
    where = {"code": f.building(community, 1).code, "week": week}
    caller = "王秀英13800138000"
    page = client.post(
        reverse("on-behalf", kwargs=where),
        {"id": str(uuid4()), "base_rev": "0", "caller": caller, "nil": "yes"},
    )
    assert page.status_code == 422
    assert caller in page.content.decode()
    refused = client.post(reverse("excuse", kwargs=where), {"reason": PRIVATE * 9000})
    assert refused.status_code == 422
    assert PRIVATE not in str(list(JournalEntry.objects.values_list("data", flat=True)))


def test_a_door_does_not_tell_a_neighbour_who_lives_alone(world):
    community, door, user = world
    census.record(
        community,
        [
            HouseholdCount(
                place=door,
                as_of=timezone.localdate(),
                residents=1,
                aged_80_plus=1,
                actual=1,
                living_alone=True,
                source="登记",
            )
        ],
        at=timezone.now(),
    )
    f.drain(community, timezone.now())
    asked = {"period": "now", "kind": 4}
    columns = Phone(user).client.get("/api/summaries/", asked).json()[0]["columns"]
    assert columns["residents"] == 1
    assert not columns.keys() & {"aged_60_plus", "aged_80_plus", "living_alone", "floating"}


def test_a_second_post_elsewhere_lifts_no_filter_here(world):
    community, door, _user = world
    f.drain(community, timezone.now())
    other = f.compound((1,))
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    f.seat(f.building(other), user=officer)
    client = Client()
    client.force_login(officer)
    page = client.get(reverse("community-board", kwargs={"code": community.code}))
    assert "邻里纠纷" not in page.content.decode()
    assert "更细的数据在居委会权限内" in page.content.decode()
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 2)).user
    f.seat(door.parent, user=worker)
    rows = Phone(worker).client.get("/api/summaries/", {"period": "now", "kind": 4}).json()
    shown = {row["place"]: "living_alone" in row["columns"] for row in rows}
    assert shown[door.code] is False
    assert sorted(shown.values()) == [False, True]


def test_who_does_not_see_every_column_sees_no_version(world):
    community, _door, user = world
    f.drain(community, timezone.now())
    row = Phone(user).client.get("/api/summaries/", {"period": "now"}).json()[0]
    assert "version" not in row
    staff = Phone(f.staff(community)).client.get("/api/summaries/", {"period": "now"}).json()[0]
    assert staff["version"] >= 1


@pytest.mark.parametrize("facts", [{"reason": "\ud800"}, {"base_rev": float("inf")}])
def test_one_bad_item_does_not_jam_a_batch(world, facts):
    _community, door, user = world
    answer = Phone(user).batch(item(door, **facts), item(door))
    assert answer.status_code in (200, 400)
    if answer.status_code == 200:
        assert answer.json()["items"][1]["status"] == 201


def test_an_open_event_does_not_move_into_an_archived_week(world):
    _community, door, user = world
    long_ago = timezone.now() - timedelta(days=28)
    f.open_week(long_ago)
    told = f.sending(user, nil=False)
    told = filing.Sending(**{**told.__dict__, "answers": {"situation": "same"}})
    receipt = filing.file_event(door, f.household_form(), told, at=timezone.now())
    moved = {
        "amends": str(told.id),
        "base_rev": 1,
        "happened_on": str(timezone.localdate(long_ago)),
    }
    answer = Phone(user).batch(item(door, **moved)).json()["items"][0]
    assert (answer["status"], answer["code"]) == (409, "locked")
    receipt.report.refresh_from_db()
    assert receipt.report.as_of == timezone.localdate()


def test_nil_is_no_answer_to_an_event(world):
    _community, door, user = world
    answer = Phone(user).batch(item(door, nil=True)).json()["items"][0]
    assert (answer["status"], answer["code"]) == (422, "nil_is_for_periods")
    assert not Report.objects.exists()


def test_divisions_in_a_ring_end(world):
    community, _door, _user = world
    ring = community.division
    Division.objects.filter(pk=ring.pk).update(parent=ring)
    assert Division.objects.get(pk=ring.pk).with_descendants() == [ring.code]


@pytest.mark.parametrize("path", ["/household/%00/", "/community/%00/", "/street/%00/"])
def test_an_address_with_a_nul_is_not_found(world, path):
    _community, _door, user = world
    client = Client()
    client.force_login(user)
    assert client.get(path).status_code == 404


def test_a_seat_without_places_to_appoint_in_is_refused(world):
    community, door, _user = world
    client = Client()
    client.force_login(f.seat(door.parent))
    answer = client.get(reverse("appointments", kwargs={"code": community.code}))
    assert answer.status_code == 403


@pytest.mark.parametrize("asked", NOWHERE)
def test_whoever_sends_somebody_somewhere_sends_them_home(world, asked):
    """A link to the login, the login itself, and what is removed on the workbench."""
    community, _door, user = world
    browser, staff = Client(), f.staff(community)
    typed = {"username": user.login, "password": "xincun2026", "next": asked}
    assert browser.post(reverse("login"), typed).headers["Location"] == "/"
    assert browser.get(reverse("login"), {"next": asked}).headers["Location"] == "/"
    browser.force_login(staff)
    kept = saved_links.save("我的", "/measures/", owner=staff, at=timezone.now())
    gone = browser.post(reverse("saved-link-removal", kwargs={"pk": kept.pk}), {"path": asked})
    assert gone.headers["Location"] == "/"
    spoken = browser.post(reverse("language"), {"language": "en", "next": asked})
    assert not spoken.headers["Location"].startswith(("//", "http", "/\\"))


def test_every_post_wants_the_token_of_its_page():
    """But the stairwell's, which knows nobody; the API asks for it where a session is used."""
    for door in all_doors():
        if getattr(door.callback, "csrf_exempt", False) and not door.name.startswith("api-"):
            assert door.name == "stairwell"


def test_the_api_asks_a_session_for_its_token_and_takes_no_form(world):
    _community, door, user = world
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(user)
    for door_ in all_doors():
        if door_.name.startswith("api-") and "POST" in methods_of(door_.callback):
            url = "/" + str(door_.pattern).replace("<uuid:id>", str(uuid4())).replace(
                "<int:pk>", "1"
            )
            answer = browser.post(url.replace("<int:number>", "1"), {"items": "[]"})
            assert answer.status_code in (403, 405), url
    body = json.dumps({"items": [item(door)]})
    answer = browser.post("/api/filings/", body, content_type="text/plain")
    assert answer.status_code == 403
    assert not Report.objects.exists()


NINES = "9" * 5000


@pytest.mark.parametrize("odd", ["\x00", NINES, "²", "%", "2026-13-45T25:61:61+99:99"])
def test_what_an_address_asks_for_is_looked_up_and_never_believed(world, odd):
    community, door, _user = world
    staff = Client()
    staff.force_login(f.staff(community, Duty.DIRECTOR))
    draft = f.census_sheet(community, by=f.staff(community), at=timezone.now())
    fresh = drafting.take_in(
        community,
        file_name="",
        content=b"",
        pasted="楼组\t室号\t常住人数\n1号\t101\t2",
        by=f.staff(community),
        at=timezone.now(),
    )
    of, place = {"code": community.code}, {"code": door.code}
    for name, where, asked in [
        ("measures", {}, ("place",)),
        ("census-columns", {"id": fresh.pk}, ("sheet",)),
        ("census-import", {"id": draft.pk}, ("list", "kind", "page")),
        ("place", place, ("q", "page", "story")),
        ("filing-matrix", of, ("weeks", "until", "block", "only")),
        ("workbench", of, ("tab", "block", "days", "page", "done", "left", "opened")),
        ("group-list", of, ("q", "page")),
    ]:
        url = reverse(name, kwargs=where)
        assert staff.get(url, dict.fromkeys(asked, odd)).status_code == 200, name
    for query in ("q=%00", "q=%0%000", "place=%0%0%00000"):
        assert staff.get(f"{reverse('measures')}?{query}").status_code == 200
    fixes = reverse("census-fixes", kwargs={"id": draft.pk})
    for cell in (f"fix-{odd}.0", f"fix-2.{odd}", f"fix-{NINES}"):
        body, form = urlencode({cell: "3"}), "application/x-www-form-urlencoded"
        assert staff.post(fixes, body, content_type=form).status_code == 302
    block = f.block(community).pk
    chosen = staff.post(reverse("branches", kwargs=of), {f"block-{block}": odd, "seen": "x"})
    assert chosen.status_code in (302, 409, 422)


def test_nobody_is_called_what_turns_the_line_round_or_cannot_be_seen(world):
    """A name stands on cards, in queues and in journals; a reason beside what it explains."""
    community, door, user = world
    director = f.staff(community, Duty.DIRECTOR)
    browser = Client()
    browser.force_login(director)
    url = reverse("appointments", kwargs={"code": community.code})
    seat = next(name for name in browser.get(url).context["form"].fields)
    assert browser.post(url, {seat: "周\u202e兰\u200b英\u2066"}).status_code == 200
    assert Post.objects.latest("pk").user.full_name == "周兰英"
    browser.post(reverse("saved-links"), {"name": "今\u202e天\u200b", "path": "/measures/"})
    assert director.saved_links.get().name == "今天"
    told = item(door, reason="记\u202e错\u200b了\n再填", answers={"situation": "same"})
    assert Phone(user).batch(told).json()["items"][0]["status"] == 201
    assert Filing.objects.get().reason == "记错了 再填"


def test_a_log_is_written_a_line_at_a_time(world, caplog):
    Client().get("/nowhere%0d%0a2026-11-29 ERROR forged/")
    assert "forged" in caplog.text
    assert all("\n" not in each.getMessage() for each in caplog.records)
