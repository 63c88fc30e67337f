"""Posts: one person a seat, the right duty in the right place, and an end that is an end."""

from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.utils import timezone
from psycopg2.extras import DateTimeTZRange

from governance.demo import people
from governance.demo.shapes import JIANGNAN
from tests import factories as f
from units import tree
from units.kinds import SEATS, Duty, Kind
from units.models import Community, Place, Post, User
from units.refusals import from_integrity_error

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)
PARTY, RESIDENT, OWNER = SEATS

# What each duty hangs on; on nothing else, and on nothing besides.
HANGS_ON = {
    Duty.PARTY_LEADER: {"block", "building", "floor"},
    Duty.RESIDENT_LEADER: {"block", "building", "floor"},
    Duty.OWNER_REPRESENTATIVE: {"block", "building", "floor"},
    Duty.BRANCH_SECRETARY: {"branch"},
    Duty.BLOCK_WORKER: {"block"},
    Duty.STAFF: {"community"},
    Duty.DIRECTOR: {"community"},
    Duty.PARTY_SECRETARY: {"community"},
    Duty.STREET_VIEWER: {"division"},
    Duty.STREET_OFFICER: {"division"},
    Duty.ADMINISTRATOR: {"division"},
}
HOOKS = ["community", "block", "building", "floor", "household", "branch", "division", "nothing"]


@pytest.fixture
def community() -> Community:
    return f.compound((2, 1))


def refused_by(constraint: str) -> pytest.RaisesExc[IntegrityError]:
    return pytest.raises(IntegrityError, match=f'"{constraint}"')


@transaction.atomic
def appoint(duty: Duty, place: Place | None = None, **facts: object) -> Post:
    """A post since long ago, written to the end of its transaction, where foreign keys speak."""
    facts = {"place_kind": place.kind if place else None, "user": f.person(), **facts}
    during = DateTimeTZRange(facts.pop("since", LONG_AGO), None)
    post = Post.objects.create(duty=duty, place=place, during=during, **facts)
    connection.check_constraints()
    return post


def end(post: Post, at: datetime) -> None:
    post.during = DateTimeTZRange(post.during.lower, at)
    post.save(update_fields=["during"])


def hooks(community: Community) -> dict[str, dict[str, object]]:
    """The facts of a post for each thing it may hang on."""
    places = Place.objects.filter(community=community)
    facts = {Kind(place.kind).name.lower(): {"place": place} for place in places}
    branch = f.branch_of(f.block(community))
    return facts | {
        "branch": {"branch": branch},
        "division": {"division": community.division},
        "nothing": {},
    }


def reached(user: User) -> set[Place]:
    """What the person sees at their next request: a new object, as every request has."""
    return set(Place.objects.visible_to(User.objects.get(pk=user.pk)))


def test_m02_125_groups_have_375_seats_held_by_290_people():
    community = Community.objects.create(code=JIANGNAN.code, division=f.street(), name="江南新村")
    tree.plant(community, JIANGNAN.sapling(), at=LONG_AGO)
    places = {place.code: place for place in Place.objects.filter(community=community)}
    maker = people.People(Random(47), "xincun2026")
    people.seat_groups(maker, JIANGNAN, places, "l", LONG_AGO)
    seats = Post.objects.seats().in_force(f.WEDNESDAY).filter(place_kind=Kind.BUILDING)
    groups: dict[int, set[str]] = {}
    for place, duty in seats.values_list("place", "duty"):
        groups.setdefault(place, set()).add(duty)
    assert (len(groups), seats.count()) == (125, 375)
    assert all(duties == set(SEATS) for duties in groups.values())
    assert seats.values("user").distinct().count() == 290


def test_m02_a_seat_has_one_person_at_a_time(community):
    building = f.building(community)
    first = appoint(RESIDENT, building)
    with refused_by("one_person_per_seat"):
        appoint(RESIDENT, building, since=NEW_YEAR)
    end(first, NEW_YEAR)
    appoint(RESIDENT, building, since=NEW_YEAR)
    appoint(RESIDENT, f.building(community, 2))
    appoint(OWNER, building)


def test_m02_a_person_has_one_seat_in_a_group_unless_there_is_a_reason(community):
    building, user = f.building(community), f.person()
    appoint(RESIDENT, building, user=user)
    with refused_by("one_seat_per_person_and_group"):
        appoint(OWNER, building, user=user)
    appoint(OWNER, building, user=user, reason="小楼，只有四户")
    appoint(OWNER, f.building(community, 2), user=user)
    assert user.posts.count() == 3


def test_nobody_appoints_themselves(community):
    user, director = f.person(), f.staff(community, Duty.DIRECTOR)
    with refused_by("nobody_appoints_themselves"):
        appoint(RESIDENT, f.building(community), user=user, granted_by=user)
    appoint(RESIDENT, f.building(community), user=user, granted_by=director)


@pytest.mark.parametrize("duty", Duty)
def test_a_duty_hangs_on_what_it_is_for_and_on_nothing_else(community, duty):
    on = hooks(community)
    for hook in HOOKS:
        if hook in HANGS_ON[duty]:
            assert appoint(duty, **on[hook]).pk
        else:
            with refused_by("post_scope_fits_its_duty"):
                appoint(duty, **on[hook])
    right = on[min(HANGS_ON[duty])]
    for other in ("block", "branch", "division"):
        if not set(right) & set(on[other]):
            with refused_by("post_scope_fits_its_duty"):
                appoint(duty, **right, **on[other])


@pytest.mark.parametrize("duty", [RESIDENT, Duty.BLOCK_WORKER, Duty.STAFF])
def test_a_post_does_not_lie_about_the_kind_of_its_place(community, duty):
    claimed = {RESIDENT: Kind.BUILDING, Duty.BLOCK_WORKER: Kind.BLOCK, Duty.STAFF: Kind.COMMUNITY}
    household = Place.objects.filter(kind=Kind.HOUSEHOLD).first()
    with refused_by("post_names_the_kind_of_its_place"):
        appoint(duty, household, place_kind=claimed[duty])
    with refused_by("post_knows_the_kind_of_its_place"):
        appoint(duty, household, place_kind=None)


def test_m02_a_seat_reaches_nothing_once_ended_and_nothing_before_it_begins(community):
    post = appoint(RESIDENT, f.building(community))
    assert f.building(community) in reached(post.user)
    end(post, timezone.now())
    assert reached(post.user) == set()
    later = appoint(RESIDENT, f.building(community), since=timezone.now() + timedelta(days=1))
    assert reached(later.user) == set()


def test_m02_a_person_with_seats_in_two_buildings_reaches_exactly_those_two(community):
    user, buildings = f.person(), [f.building(community, 1), f.building(community, 3)]
    for building in buildings:
        appoint(RESIDENT, building, user=user)
    codes = tuple(building.code for building in buildings)
    assert reached(user) == {p for p in Place.objects.all() if p.code.startswith(codes)}
    assert {place for place in reached(user) if place.kind == Kind.BUILDING} == set(buildings)


def test_a_vacancy_is_filled_later_and_the_history_stays(community):
    building, user = f.building(community), f.person()
    first = appoint(RESIDENT, building)
    end(first, NEW_YEAR)
    later = NEW_YEAR + timedelta(days=30)
    appoint(RESIDENT, building, user=user, since=later)
    held = Post.objects.seats().filter(place=building)
    assert held.in_force(NEW_YEAR - timedelta(days=1)).get() == first
    assert not held.in_force(NEW_YEAR).exists()
    assert held.in_force(later).get().user == user


def test_a_form_and_a_lost_race_say_the_same_sentence(community):
    building = f.building(community)
    appoint(RESIDENT, building)
    during = DateTimeTZRange(NEW_YEAR, None)
    second = Post(user=f.person(), duty=RESIDENT, place=building, place_kind=2, during=during)
    with pytest.raises(ValidationError) as form:
        second.full_clean()
    with pytest.raises(IntegrityError) as race, transaction.atomic():
        second.save()
    said = from_integrity_error(race.value)
    assert form.value.messages == [said.message] == ["这个席位已经有人，请先结束原来的任期"]
    assert (said.code, said.status) == ("one_person_per_seat", 409)
