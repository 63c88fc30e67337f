"""Changing the shape of a community: what the preview says then happens, once, or nothing does."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from random import Random
from threading import Barrier
from uuid import UUID, uuid4

import pytest
from django.db import connection

from governance.shaping import listing, reshaping
from governance.shaping.preview import Preview, preview
from governance.shaping.steps import Step, What
from governance.voices import answering, doorplates
from governance.voices.models import Doorplate
from governance.voices.saying import Saying, say
from reports import filing, review
from reports.models import Obligation, Report, Summary
from reports.rollup import recount
from tests import factories as f
from units import shaping, tree
from units.kinds import SEATS, Duty, Kind, PlaceState
from units.models import BranchBlock, Community, JournalEntry, Place, Post, User
from units.refusals import Refusal
from units.shaping import Bud

pytestmark = pytest.mark.django_db
AT = f.WEDNESDAY
LATER = AT + timedelta(minutes=5)


@pytest.fixture
def community() -> Community:
    """Blocks of two and two buildings, two floors of two doors, the week open, all seats filled."""
    made = f.compound((2, 2), floors=2, doors=2)
    for number in range(1, 5):
        for duty in SEATS:
            f.seat(f.building(made, number), duty)
    for number in (1, 2):
        f.branch_of(f.block(made, number), number)
    f.staff(made, Duty.DIRECTOR)
    f.open_week()
    f.drain(made)
    return made


def director(community: Community) -> User:
    post = Post.objects.filter(place__community=community, duty=Duty.DIRECTOR).first()
    return post.user if post else f.staff(community, Duty.DIRECTOR)


def take(step: Step, *, at=LATER, id_: UUID | None = None) -> tuple[JournalEntry, Preview]:
    """As a page does: see, then press."""
    seen = preview(step, at=at)
    by = director(step.place.community)
    entry = reshaping.take(step, id_=id_ or uuid4(), seen=seen.fingerprint, by=by, at=at)
    return entry, seen


def refused(step: Step, seen: str = "", **how: object) -> Refusal:
    """What is said, after a look that nothing was written."""
    before = _everything()
    with pytest.raises(Refusal) as said:
        reshaping.take(
            step,
            id_=uuid4(),
            seen=seen or preview(step, at=LATER).fingerprint,
            by=how.get("by") or director(step.place.community),
            at=LATER,
        )
    assert _everything() == before
    return said.value


def _everything() -> tuple:
    return (
        list(Place.objects.order_by("pk").values()),
        list(Post.objects.order_by("pk").values()),
        list(Obligation.objects.order_by("pk").values()),
        list(BranchBlock.objects.order_by("pk").values()),
        JournalEntry.objects.exclude(verb="post.appointed").count(),
    )


def words(seen: Preview) -> str:
    return "\n".join(line for part in seen.parts for line in part.lines)


def agrees(community: Community) -> None:
    """Figures are what a recount says, in every period, and no interval is bent."""
    f.drain(community, LATER)
    assert list(recount.differences(at=LATER)) == []
    assert tree.verify() == []


def test_a_building_moves_with_its_floors_doors_and_group(community):
    home, target = f.building(community, 1), f.block(community, 2)
    worker = f.post(Duty.BLOCK_WORKER, place=target).user
    entry, seen = take(Step(What.MOVE, home, target))
    assert Place.objects.get(pk=home.pk).parent == target
    assert entry.data | {"step": ""} == {
        "step": "",
        "place": home.pk,
        "name": "1号楼组",
        "community": community.pk,
        "from": f.block(community, 1).pk,
        "was": "第1片区",
        "to": target.pk,
        "now": "第2片区",
    }
    assert seen.counts == {
        "closed": 0,
        "floors": 2,
        "households": 4,
        "opened": 0,
        "posts_ended": 0,
        "excused": 0,
    }
    assert f"从此看到：第2片区（第2党支部）：片区社工 {worker.full_name}" in words(seen)
    assert "不再看到：第1片区（第1党支部）" in words(seen)
    assert Post.objects.seats().in_force(LATER).filter(place=home).count() == 3
    agrees(community)
    week = Summary.objects.get(place=home, period__kind="week")
    assert week.parent == target


def test_two_buildings_merge_and_the_emptied_one_names_its_successor(community):
    one, two = f.building(community, 1), f.building(community, 2)
    _entry, seen = take(Step(What.MERGER, one, two))
    closed = Place.objects.get(pk=one.pk)
    assert (closed.state, closed.succeeded_by) == (PlaceState.MERGED, two)
    floors = Place.objects.active().filter(parent=two).order_by("code")
    assert {each.name for each in floors} == {"1楼", "2楼", "1号楼组1楼", "1号楼组2楼"}
    assert seen.counts["floors"] == 2
    assert seen.counts["households"] == 4
    assert seen.counts["posts_ended"] == 3
    assert "1号楼组党小组长" in words(seen)
    assert not Post.objects.in_force(LATER).filter(place=one).exists()
    assert Obligation.objects.get(place=one).excused_reason == "已并入2号楼组"
    agrees(community)
    root = Summary.objects.get(place=f.root(community), period__kind="week")
    assert (root.building_owed, root.building_excused) == (4, 1)


def test_two_blocks_merge_and_the_branch_loses_the_emptied_one(community):
    one, two = f.block(community, 1), f.block(community, 2)
    f.seat(one)
    _entry, seen = take(Step(What.MERGER, one, two))
    assert Place.objects.active().filter(parent=two).count() == 4
    assert not BranchBlock.objects.filter(place=one).exists()
    assert "第1党支部不再对应这个片区" in words(seen)
    assert seen.counts["posts_ended"] == 1
    agrees(community)


def test_a_closed_building_takes_its_floors_and_doors_along(community):
    home = f.building(community, 1)
    f.census_of(f.household(community, 1), 3, on=AT.date())
    f.drain(community)
    doorplates.issue([home], by=director(community), at=AT)
    _entry, seen = take(Step(What.CLOSURE, home))
    assert seen.counts["closed"] == 7
    assert not Place.objects.active().under(Place.objects.get(pk=home.pk)).exists()
    assert "当前的户数少4户、常住少3人" in words(seen)
    assert "1张楼道码失效" in words(seen)
    agrees(community)
    assert Summary.objects.get(place=f.root(community), period__kind="now").households == 12


def test_a_household_on_another_floor_is_closed_and_opened(community):
    old, floor = f.household(community, 1), f.building(community, 3).children.first()
    take(Step(What.REPLACEMENT, old, floor, name="103室"))
    closed = Place.objects.get(pk=old.pk)
    assert closed.state == PlaceState.CLOSED
    assert (closed.succeeded_by.name, closed.succeeded_by.parent) == ("103室", floor)
    agrees(community)


def test_doors_are_added_in_bulk_below_floors_that_are_there_or_not(community):
    home = f.building(community, 1)
    buds = (Bud("1楼", (Bud("101室"), Bud("103室"))), Bud("3楼", (Bud("301室"),)))
    entry, seen = take(Step(What.ADDITION, home, buds=buds))
    # 1楼 and 101室 are there: three are new.
    assert seen.counts["opened"] == len(entry.data["added"]) == 3
    assert set(Place.objects.filter(pk__in=entry.data["added"]).values_list("name", flat=True)) == {
        "103室",
        "3楼",
        "301室",
    }
    agrees(community)


def test_a_rename_changes_nothing_but_the_name(community):
    home = f.building(community, 1)
    entry, _seen = take(Step(What.RENAME, home, name="和平楼组"))
    assert Place.objects.get(pk=home.pk).name == "和平楼组"
    assert (entry.data["was"], entry.data["now"]) == ("1号楼组", "和平楼组")


def test_the_same_step_again_is_done_once(community):
    home, target = f.building(community, 1), f.block(community, 2)
    id_ = uuid4()
    entry, seen = take(Step(What.MOVE, home, target), id_=id_)
    again = reshaping.take(
        Step(What.MOVE, home, target),
        id_=id_,
        seen=seen.fingerprint,
        by=director(community),
        at=LATER,
    )
    assert again == entry
    assert JournalEntry.objects.filter(verb=shaping.MOVED).count() == 1


@pytest.mark.parametrize(
    "meanwhile", ["a door more", "moved by another", "filed", "seat ended", "renamed"]
)
def test_what_changed_since_the_preview_is_shown_again_and_nothing_is_done(community, meanwhile):
    home, target = f.building(community, 1), f.building(community, 2)
    step = Step(What.MERGER, home, target)
    seen = preview(step, at=LATER).fingerprint
    if meanwhile == "a door more":
        tree.add(home.children.first().pk, name="109室", at=AT)
    elif meanwhile == "moved by another":
        tree.move(home.pk, to_parent_id=f.block(community, 2).pk, at=AT)
    elif meanwhile == "filed":
        owed = Obligation.objects.get(place=home)
        filing.file(owed, f.sending(home.posts.first().user), at=AT)
    elif meanwhile == "seat ended":
        shaping.end_posts([home.pk], at=AT)
    else:
        tree.rename(target.pk, name="二号", at=AT)
    said = refused(step, seen)
    assert (said.code, said.status) == ("changed_meanwhile", 409)


def test_m01_a_place_with_open_requests_or_reports_is_not_closed(community):
    home = f.building(community, 1)
    staff = f.staff(community)
    doorplates.issue([home], by=staff, at=AT)
    plate = Doorplate.objects.get(place=home)
    voice = say(plate, Saying(uuid4(), "broken", "楼道灯坏了"), address="x", at=AT)
    step = Step(What.CLOSURE, home)
    assert refused(step).message == "还有1条居民反映没有办结，请先办结"
    answering.close(voice, "灯换好了", batch=uuid4(), by=staff, at=AT)
    owed = f.owed(home, f.open_week())
    sent = filing.file(
        owed, f.sending(home.posts.first().user, answers={"corridor": "uncleared"}), at=AT
    )
    assert "1份报告要人看" in str(refused(step).message)
    review.accept(sent.filing.report, by=staff, at=AT)
    take(step)
    assert Report.objects.get(place=home).stands
    agrees(community)


def test_a_block_with_buildings_is_not_closed(community):
    assert "还有2个楼组" in str(refused(Step(What.CLOSURE, f.block(community, 1))).message)


def test_m01_a_household_never_moves_and_no_place_leaves_its_community(community):
    floor = f.building(community, 2).children.first()
    said = refused(Step(What.MOVE, f.household(community, 1), floor))
    assert str(said.message) == "住户不能直接移动，请注销后在新楼组新建"
    elsewhere = f.block(f.compound((1,)))
    said = refused(Step(What.MOVE, f.building(community, 1), elsewhere))
    assert str(said.message) == "不能移到另一个居民区，请注销后在那里新建"


def test_a_name_that_is_taken_there_is_refused(community):
    step = Step(What.RENAME, f.building(community, 1), name="2号楼组")
    assert refused(step).message == "“第1片区”下面已经有“2号楼组”，请换个名称"
    floor = f.building(community, 1).children.first()
    assert refused(Step(What.MOVE, floor, f.building(community, 2))).code == "hindered"


def test_history_keeps_its_shape_when_a_building_moves_later(community):
    home = f.building(community, 1)
    filing.file(f.owed(home, f.open_week()), f.sending(home.posts.first().user), at=AT)
    f.drain(community)
    much_later = AT + timedelta(days=30)
    step = Step(What.MOVE, home, f.block(community, 2))
    seen = preview(step, at=much_later)
    assert "已经归档的" in words(seen)
    reshaping.take(step, id_=uuid4(), seen=seen.fingerprint, by=director(community), at=much_later)
    f.drain(community, much_later)
    week = Summary.objects.get(place=home, period__kind="week")
    assert week.parent == f.block(community, 1)
    assert list(recount.differences(at=much_later)) == []


@pytest.mark.parametrize("what", ["rename", "move", "add"])
def test_a_step_is_undone_within_ten_minutes_once(community, what):
    home, user = f.building(community, 1), director(community)
    before = set(Place.objects.active().values_list("name", "parent"))
    step = {
        "rename": Step(What.RENAME, home, name="和平楼组"),
        "move": Step(What.MOVE, home, f.block(community, 2)),
        "add": Step(What.ADDITION, home, buds=(Bud("3楼", (Bud("301室"),)),)),
    }[what]
    entry, _seen = take(step)
    assert set(Place.objects.active().values_list("name", "parent")) != before
    with pytest.raises(Refusal, match="undo_too_late"):
        reshaping.undo(entry.pk, community, by=user, at=LATER + timedelta(minutes=11))
    reshaping.undo(entry.pk, community, by=user, at=LATER + timedelta(minutes=9))
    assert set(Place.objects.active().values_list("name", "parent")) == before
    with pytest.raises(Refusal, match="undo_not_found"):
        reshaping.undo(entry.pk, community, by=user, at=LATER)
    assert [each.is_undone for each in listing.steps(community, at=LATER)[:5]] == [False, True]
    agrees(community)


def test_an_undo_that_was_overtaken_or_never_possible_is_refused(community):
    home, user = f.building(community, 1), director(community)
    entry, _seen = take(Step(What.RENAME, home, name="和平楼组"))
    tree.rename(home.pk, name="和平二号", at=LATER)
    with pytest.raises(Refusal, match="undo_overtaken"):
        reshaping.undo(entry.pk, community, by=user, at=LATER)
    entry, _seen = take(Step(What.CLOSURE, f.household(community, 1)))
    with pytest.raises(Refusal, match="undo_not_found"):
        reshaping.undo(entry.pk, community, by=user, at=LATER)
    with pytest.raises(Refusal, match="undo_not_found"):
        reshaping.undo(entry.pk, f.compound((1,)), by=user, at=LATER)


@pytest.mark.parametrize("seed", range(6))
def test_what_a_preview_counts_is_what_happens(seed):
    """Any step on trees of any form: counts before, facts after, figures and tree right."""
    random = Random(seed)
    made = f.compound(
        [random.randint(1, 3) for _block in range(3)],
        floors=random.randint(1, 3),
        doors=random.randint(1, 3),
    )
    buildings = Place.objects.filter(community=made, kind=Kind.BUILDING)
    for home in buildings:
        for duty in SEATS[: random.randint(0, 3)]:
            f.seat(home, duty)
    f.open_week()
    f.drain(made)
    for _each in range(5):
        step = _any_step(made, random)
        if step is None or preview(step, at=LATER).hindrances:
            continue
        closed = Place.objects.exclude(state=PlaceState.ACTIVE).count()
        places = Place.objects.count()
        running = Post.objects.in_force(LATER).seats().count()
        excused = Obligation.objects.exclude(excused_reason="").count()
        _entry, seen = take(step)
        now_closed = Place.objects.exclude(state=PlaceState.ACTIVE).count()
        assert now_closed - closed == seen.counts["closed"]
        assert Place.objects.count() - places == seen.counts["opened"]
        assert running - Post.objects.in_force(LATER).seats().count() == seen.counts["posts_ended"]
        now_excused = Obligation.objects.exclude(excused_reason="").count()
        assert now_excused - excused == seen.counts["excused"]
        agrees(made)


def _any_step(community: Community, random: Random) -> Step | None:
    in_use = Place.objects.active().filter(community=community).select_related("parent__parent")

    def any_of(kind: Kind) -> Place | None:
        found = list(in_use.filter(kind=kind).select_related("community"))
        return random.choice(found) if found else None

    what = random.choice(list(What))
    kind = random.choice([Kind.BUILDING, Kind.FLOOR])
    if what == What.MERGER:
        kind = random.choice([Kind.BLOCK, Kind.BUILDING])
    if what == What.CLOSURE:
        kind = random.choice([Kind.BUILDING, Kind.FLOOR, Kind.HOUSEHOLD])
    if what == What.REPLACEMENT:
        kind = Kind.HOUSEHOLD
    place = any_of(kind)
    target = any_of({What.MOVE: Kind(kind - 1), What.MERGER: kind}.get(what, Kind.FLOOR))
    if place is None or target is None or target == place:
        return None
    if what in (What.CLOSURE, What.RENAME):
        return Step(what, place, name=f"新{random.random()}")
    if what == What.ADDITION:
        return Step(what, place, buds=(Bud(f"新{random.random()}", ()), Bud("1楼")))
    return Step(what, place, target, name=f"新{random.random()}")


@pytest.mark.django_db(transaction=True)
def test_a_building_moves_while_its_group_and_others_file():
    made = f.compound((4, 4), floors=1, doors=1)
    homes = [f.building(made, number) for number in range(1, 9)]
    users = [f.seat(home) for home in homes]
    period = f.open_week()
    by = f.staff(made, Duty.DIRECTOR)
    starting = Barrier(10, timeout=30)

    def file(number: int) -> str:
        return filing.file(
            f.owed(homes[number], period), f.sending(users[number]), at=AT
        ).filing.receipt

    def shape(number: int) -> str:
        """Tries until nothing has changed between looking and pressing."""
        home = homes[number]
        target = homes[7] if number == 6 else f.block(made, 2)
        step = Step(What.MERGER if number == 6 else What.MOVE, home, target)
        for _try in range(20):
            seen = preview(step.read_again(), at=LATER)
            try:
                reshaping.take(step, id_=uuid4(), seen=seen.fingerprint, by=by, at=LATER)
                return "done"
            except Refusal as refusal:
                assert refusal.code in ("changed_meanwhile", "already_filed")  # noqa: PT017
        return "never"

    def one(number: int) -> str:
        try:
            connection.ensure_connection()
            starting.wait()
            return file(number) if number < 8 else shape({8: 0, 9: 6}[number])
        finally:
            connection.close()

    with ThreadPoolExecutor(10) as threads:
        told = list(threads.map(one, range(10)))
    assert told[8:] == ["done", "done"]
    assert Report.objects.standing().count() == 8
    agrees(made)
    root = Summary.objects.get(place=f.root(made), period__kind="week")
    assert (root.building_owed, root.building_filed) == (8, 8)
