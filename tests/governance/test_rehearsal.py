"""The rehearsal: a script that repeats, an outbox that does not give up, a strict verdict."""

import io
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from governance.rehearsal import script, verdict, world
from governance.rehearsal.freshness import Freshness
from governance.rehearsal.kills import Killer, marked
from governance.rehearsal.outbox import Entry, Ledger, deliver, wait_before
from governance.rehearsal.phones import Answer, Line, OutOfReachError, Phone
from governance.rehearsal.stage import Actor, Pace, play
from governance.rehearsal.steps import Group, Item, Manner, Step
from reports import answers, bell
from reports.catalogue import HOUSEHOLD_REPORT, publish, read
from reports.models import Filing, Summary
from reports.rollup import climb
from tests import factories as f
from units.kinds import SEATS

DAYS = [date(2026, 11, 9) + timedelta(days=n) for n in range(7)]
GROUP = Group(
    "B01-L001",
    tuple(f"B01-L001-F01-H{n:02d}" for n in range(1, 21)),
    ("l001-1", "l001-2"),
    ("2026-W46",),
    "B01-L002-F01-H01",
)


# --- The script -----------------------------------------------------------------------------


def test_the_same_seed_gives_the_same_week_and_another_seed_another():
    assert script.week_of(GROUP, seed=1, days=DAYS) == script.week_of(GROUP, seed=1, days=DAYS)
    assert script.week_of(GROUP, seed=1, days=DAYS) != script.week_of(GROUP, seed=2, days=DAYS)


def test_weeks_hold_everything_that_people_do():
    steps = [step for seed in range(30) for step in script.week_of(GROUP, seed=seed, days=DAYS)]
    items = [item for step in steps for item in step.items]
    assert {step.manner for step in steps} == set(Manner)
    assert any(len(step.items) == 17 for step in steps)
    assert any(step.kept and len(step.items) > 1 for step in steps)
    assert any(step.kept and step.items[-1].follows == step.items[0].number for step in steps)
    assert {item.nil for item in items if item.period} == {True, False}
    assert any(item.withdraws for item in items)
    assert any(item.is_stale and item.follows is not None for item in items)
    assert {item.expects for item in items} == {
        *("", "stale already_filed", "identity_number", "needs_one_of", "not_found"),
        "same_id_other_body",
    }


def test_what_follows_comes_after_and_a_watched_door_is_touched_once():
    for seed in range(30):
        items = [i for step in script.week_of(GROUP, seed=seed, days=DAYS) for i in step.items]
        seen: set[int] = set()
        for item in items:
            assert {item.follows, item.borrows} - {None} <= seen
            seen.add(item.number)
        touched = [item.place for item in items]
        watched = [item.place for item in items if item.is_watched]
        assert len(watched) == 3
        assert all(touched.count(place) == 1 for place in watched)


def test_every_drawn_answer_is_one_the_form_takes():
    forms = [read("household_report"), read("building_report")]
    for seed in range(20):
        for step in script.week_of(GROUP, seed=seed, days=DAYS):
            for item in step.items:
                is_right = item.expects in ("", "stale already_filed") and not item.withdraws
                if is_right and not item.nil:
                    answers.validate(forms[bool(item.period)], item.answers)


# --- The outbox -----------------------------------------------------------------------------

HTML, JSON = "text/html", "application/json"


def receipt(id_: str, rev: int = 1) -> str:
    facts = {"receipt": id_.replace("-", "")[:8], "rev": rev, "received_at": "2026-11-11T12:00"}
    return json.dumps({"id": id_, **facts})


@contextmanager
def far_end(*answers: tuple[int, str, str]) -> Iterator[tuple[Line, list[str]]]:
    """A server that gives these answers in turn (0 hangs up), and what it was sent."""
    waiting, got, lock = list(answers), [], threading.Lock()

    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            with lock:
                got.append(f"{self.path} {body}")
                status, kind, text = waiting.pop(0) if len(waiting) > 1 else waiting[0]
            if not status:
                self.connection.close()
                return
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(text.encode())))
            if status == 302:
                self.send_header("Location", "/login/")
            self.end_headers()
            self.wfile.write(text.encode())

        do_POST = do_PUT

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Line(f"http://127.0.0.1:{server.server_port}", patience=5), got
    finally:
        server.shutdown()
        server.server_close()


def written(**facts: object) -> Entry:
    return Entry(str(uuid4()), "l001-1", {"place": "H1", "nil": False} | facts)


def test_only_a_receipt_that_names_the_sending_delivers_it():
    entry, ledger = written(), Ledger()
    ok = receipt(entry.id)
    nothing = [
        *((302, HTML, ""), (302, JSON, ok), (200, HTML, "<h1>请登录</h1>"), (200, HTML, ok)),
        *((200, JSON, "[]"), (200, JSON, receipt(str(uuid4()))), (503, JSON, '{"code": "x"}')),
        *((500, JSON, ok), (429, JSON, '{"code": "x"}'), (401, JSON, '{"code": "login"}')),
        *((200, JSON, '{"id": '), (404, HTML, "<h1>没有找到</h1>"), (0, "", "")),
    ]
    with far_end(*nothing, (201, JSON, ok)) as (line, got):
        for _answer in nothing:
            with pytest.raises(OutOfReachError):
                deliver(Phone(line, "l001-1", "", "token"), ledger, [entry])
            assert not entry.is_settled
        deliver(Phone(line, "l001-1", "", "token"), ledger, [entry])
    assert entry.receipt["rev"] == 1
    assert entry.tries == len(got) == len(nothing) + 1
    assert len(set(got)) == 1, "neither the UUID nor the body changed"


def test_a_step_waits_until_it_is_acknowledged_and_the_next_one_is_made_on_it():
    steps = [
        Step((Item(0, "H1", {"situation": "same"}, happened_on=DAYS[0]),)),
        Step((Item(1, "H1", {"situation": "nobody"}, follows=0),)),
    ]
    ledger = Ledger()

    class Answering(Phone):
        def put(self, id_, body):
            tries = sum(entry.tries for entry in ledger.entries)
            if tries % 3:
                raise OutOfReachError("network")
            return super().put(id_, body)

    with far_end((201, JSON, "")) as (line, got):
        phone = Answering(line, "l001-1", "", "token")
        phone.line.ask = lambda method, path, *rest: _acknowledged(path, len(got), got, *rest)
        actor = _actor(steps, [phone], ledger)
        play([actor], threads=2, deadline=lambda: float("inf"), each=lambda: None)
    first, second = ledger.entries
    assert [first.tries, second.tries] == [3, 3]
    assert ledger.kept == {"network": 4}
    assert second.body["amends"] == first.id
    assert (first.body["base_rev"], second.body["base_rev"]) == (0, 1)


def _acknowledged(path, count, got, body, headers):
    got.append(body)
    id_ = path.split("/")[3]
    return Answer(201, "", json.loads(receipt(id_, count + 1)), 0.01)


def _actor(steps, phones, ledger) -> Actor:
    return Actor(
        steps,
        phones,
        ledger=ledger,
        pace=Pace(0),
        freshness=Freshness(phones[0].line, lambda place, day: ""),
        random=Random(1),
        clock=timezone.localtime,
    )


def test_a_second_answer_that_says_something_else_is_noticed():
    entry, ledger = written(), Ledger()
    answers = [(201, JSON, receipt(entry.id, 1)), (200, JSON, receipt(entry.id, 2))]
    with far_end(*answers) as (line, _got):
        deliver(Phone(line, "l001-1", "", "token"), ledger, [entry], Manner.TWICE)
    assert entry.repeats == 1
    assert entry.contradicted


def test_waiting_grows_has_an_end_and_heeds_the_server():
    waits = [wait_before(tries, Random(1)) for tries in (1, 4, 9, 400)]
    assert waits == sorted(waits)
    assert waits[-1] <= 12
    assert wait_before(1, Random(1), retry_after=30) == 30


# --- The verdict ----------------------------------------------------------------------------


@pytest.fixture
def week(transactional_db):
    """Three groups with households, everything opened now."""
    at = timezone.now()
    community = f.compound((2, 1), floors=2, doors=4, at=at - timedelta(days=60))
    publish(HOUSEHOLD_REPORT, at=at)
    f.open_week(at)
    for number in (1, 2, 3):
        for duty in SEATS[:2]:
            f.post(duty, place=f.building(community, number), since=at - timedelta(days=50))
    home = f.household(community, 1, floor=1, door=1)
    f.census_of(home, 3, on=timezone.localdate(at) - timedelta(days=30), at=at)
    f.drain(community, at)
    return community


@contextmanager
def draining() -> Iterator[None]:
    """The worker's part: marks are drained while the phones are at it."""
    is_over = threading.Event()

    def work() -> None:
        while not is_over.wait(0.05):
            bell.beat()
            for bucket in climb.waiting_buckets():
                climb.drain(bucket, at=timezone.now())
        connection.close()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def rehearse(url: str, **options: object) -> tuple[int, str]:
    out = io.StringIO()
    try:
        call_command("rehearse", url=url, stdout=out, stderr=io.StringIO(), threads=3, **options)
    except SystemExit as end:
        return int(end.code), out.getvalue()
    return 0, out.getvalue()


def test_three_groups_act_their_week_and_all_of_it_is_stored_and_shown(week, live_server):
    with draining():
        code, told = rehearse(live_server.url, groups=3, seed=3)
    assert code == 0, told
    assert "结论：不丢、不重、不假" in told
    assert Filing.objects.count() > 20
    assert f"收下 {Filing.objects.count()} 条" in " ".join(told.split())
    assert set(Filing.objects.values_list("channel", flat=True)) == {"api"}
    assert "没有测到" not in told.split("答复后上看板")[1].splitlines()[0]


def test_a_falsified_summary_is_named_and_the_rehearsal_fails(week, live_server):
    (acting,) = world.groups([], 1, seed=3, at=timezone.now())
    other = Summary.objects.filter(period__kind="now", kind=4).exclude(
        place__code__startswith=acting.code
    )[0]
    Summary.objects.filter(pk=other.pk).update(residents=99, households_counted=1)
    with draining():
        code, told = rehearse(live_server.url, groups=1, seed=3)
    assert code == 1
    assert f"{other.place.code} now residents: 存的是99，重算是" in told
    assert f"{other.place.code}：推算" in told


def test_a_falsified_head_count_of_a_door_is_named_by_the_plain_count_too(week):
    home = f.household(week, 1, floor=1, door=1)
    Summary.objects.filter(period__kind="now", place=home).update(residents=4)
    found = verdict.judge([], began=timezone.now())
    assert found.stock == [f"{home.code}：推算3人，看板4人"]
    assert found.untrue


def test_a_receipt_without_a_filing_is_lost_and_a_filing_nobody_sent_is_doubled(week):
    at = timezone.now()
    home = f.household(week, 1, floor=1, door=1)
    seat = f.building(week, 1).posts.first().user
    form = f.household_form(at)
    unsent = f.filing.file_event(
        home, form, f.household_sending(seat, channel=Filing.Channel.API), at=at
    )
    entry = written(place=home.code)
    entry.login, entry.receipt = seat.login, {"rev": 1}
    f.drain(week, at)
    found = verdict.judge([entry], began=at)
    assert found.lost == [f"{entry.id[:8]} {home.code}：给了回执，没有存下"]
    assert found.doubled == [f"{unsent.filing.receipt} {home.code}：没有送过，却存下了"]


def test_marks_that_nobody_drains_are_a_fault(week):
    home = f.household(week, 1, floor=1, door=1)
    seat = f.building(week, 1).posts.first().user
    at = timezone.now()
    f.filing.file_event(home, f.household_form(at), f.household_sending(seat), at=at)
    found = verdict.judge([], began=at, patience=0)
    assert found.drained_after is None
    assert found.faults


# --- Who may ----------------------------------------------------------------------------------


def test_it_refuses_outside_a_demo(settings):
    settings.DEMO = False
    with pytest.raises(CommandError, match="TONGGOU_DEMO"):
        call_command("rehearse")


def test_it_kills_nothing_that_does_not_carry_the_mark_of_the_folder(tmp_path):
    killer = Killer(1, folder=tmp_path)
    assert marked(tmp_path) == {}
    parts = ("worker", "web", "beat", "backend", "postmaster", "flush")
    assert not any(killer.kill(part) for part in parts)
