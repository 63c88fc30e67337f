"""Who may do what where: every capacity and action, over places near and far."""

from datetime import UTC, datetime

import pytest
from django.contrib.auth.models import AnonymousUser

from tests import factories as f
from units import scope
from units.kinds import Duty, Kind
from units.models import Division, Place, Post, User
from units.refusals import Refusal
from units.scope import Action, Capacity

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)

# The letters below. What a place's own people may do with it, by its kind; elsewhere nothing.
LETTERS = {
    "f": Action.SEE_FIGURES,
    "r": Action.SEE_REPORTS,
    "w": Action.FILE,
    "o": Action.FILE_FOR,
    "l": Action.AMEND_LOCKED,
    "g": Action.SEE_GROUPS,
    "a": Action.APPOINT,
    "t": Action.SHAPE_TREE,
    "x": Action.EXCUSE,
    "s": Action.SEE_SENSITIVE,
    "v": Action.REVIEW,
    "p": Action.PROPOSE_FORM,
    "d": Action.ADMIT_FORM,
    "c": Action.SET_CALENDAR,
    "k": Action.FILL_WORKBOOK,
    "h": Action.HEAR,
    "n": Action.ANSWER,
    "i": Action.INVITE,
    "z": Action.RESET_LOGIN,
    "m": Action.IMPORT_CENSUS,
    "b": Action.SEE_PROFILE,
    "e": Action.KEEP_PROFILE,
    "u": Action.SUPERVISE,
    "q": Action.ANSWER_STREET,
}
# Written from the design, section 5, not from POLICY.
RIGHTS = {
    # In the order 居民区, 片区, 楼组, 楼层, 住户.
    Capacity.BLOCK_SEAT: ("", "frswg", "fg", "", ""),
    Capacity.BUILDING_SEAT: ("", "", "frswgb", "frswg", "frsw"),
    Capacity.FLOOR_SEAT: ("", "", "", "frswg", "frsw"),
    Capacity.BRANCH_SECRETARY: ("", "fg", "fg", "", ""),
    Capacity.BLOCK_WORKER: ("", "frswolgxvihnbe", "frsolgxihnbe", "frsolgin", "frsoln"),
    Capacity.STAFF: (
        *("frswolgxvpkihnbemq", "frswolgxvihnbem", "frsolgxihnbem", "frsolginm", "frsolnm"),
    ),
    Capacity.DIRECTOR: (
        *("frswolgatxvpkizhnbemq", "frsolgatxvihnbem", "frsolgatxihnbem", "frsolgatinm"),
        "frsoltnm",
    ),
    Capacity.PARTY_SECRETARY: ("frsgaizhbq", "frsgaihb", "frsgaihb", "frsgai", "frs"),
    Capacity.STREET_VIEWER: ("frb", "f", "", "", ""),
    Capacity.STREET_OFFICER: ("frvdckbu", "f", "", "", ""),
    Capacity.ADMINISTRATOR: ("fz", "f", "f", "", ""),
}


class World:
    """Own and sibling community in one street, a third in another. Each has blocks B01 (L001,
    L002) and B02 (L003); buildings have two floors of two doors."""

    def __init__(self) -> None:
        city = Division.objects.create(code="310104", kind="district", official_name="徐汇区")
        self.street, self.elsewhere = (
            Division.objects.create(code=code, kind="street", official_name=name, parent=city)
            for code, name in (("310104007", "斜土路街道"), ("310104010", "田林街道"))
        )
        self.own, self.sibling, self.foreign = (
            f.compound((2, 1), floors=2, doors=2, division=division)
            for division in (self.street, self.street, self.elsewhere)
        )
        self.places = list(Place.objects.select_related("community"))

    def at(self, below: str) -> Place:
        return Place.objects.get(code=f"{self.own.code}{below}")

    def appoint(self, duty: Duty, below: str = "", **facts: object) -> User:
        if not facts.keys() & {"branch", "division"}:
            facts["place"] = self.at(below)
        return f.post(duty, since=LONG_AGO, **facts).user

    def holder(self, capacity: Capacity) -> tuple[User, tuple[str, ...]]:
        """Who has this capacity and nothing else, and how the codes of their own places begin."""
        own, sibling = self.own.code, self.sibling.code
        seat = Duty.RESIDENT_LEADER
        match capacity:
            case Capacity.BLOCK_SEAT:
                return self.appoint(seat, "-B01"), (f"{own}-B01",)
            case Capacity.BUILDING_SEAT:
                return self.appoint(seat, "-B01-L001"), (f"{own}-B01-L001",)
            case Capacity.FLOOR_SEAT:
                return self.appoint(seat, "-B01-L001-F01"), (f"{own}-B01-L001-F01",)
            case Capacity.BLOCK_WORKER:
                return self.appoint(Duty.BLOCK_WORKER, "-B01"), (f"{own}-B01",)
            case Capacity.BRANCH_SECRETARY:
                branch = f.branch_of(self.at("-B01"))
                return self.appoint(Duty.BRANCH_SECRETARY, branch=branch), (f"{own}-B01",)
            case Capacity.STAFF | Capacity.DIRECTOR | Capacity.PARTY_SECRETARY:
                return self.appoint(Duty(capacity.value)), (own,)
        return self.appoint(Duty(capacity.value), division=self.street), (own, sibling)


@pytest.fixture
def world() -> World:
    return World()


def visible(user: User | AnonymousUser, action: Action = Action.SEE_FIGURES) -> set[str]:
    return set(Place.objects.visible_to(user, action).values_list("code", flat=True))


def test_a_seat_sees_its_own_building_and_nothing_beside_it(world):
    building = f"{world.own.code}-B01-L001"
    below = ["", "-F01", "-F01-H01", "-F01-H02", "-F02", "-F02-H01", "-F02-H02"]
    user = world.appoint(Duty.OWNER_REPRESENTATIVE, "-B01-L001")
    assert visible(user) == {building + end for end in below}


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("capacity", Capacity)
def test_each_capacity_reaches_exactly_its_places(world, capacity, action):
    user, own = world.holder(capacity)
    expected = {
        place.code
        for place in world.places
        if place.code.startswith(own)
        and action in {LETTERS[letter] for letter in RIGHTS[capacity][place.kind]}
    }
    assert visible(user, action) == expected
    # The two ways of asking agree for every place there is.
    reach = scope.reach(user, action)
    assert {place.code for place in world.places if reach.holds(place)} == expected
    assert bool(reach) is bool(expected)


@pytest.mark.parametrize("action", Action)
def test_the_street_never_sees_a_building_a_floor_or_a_household(world, action):
    for duty in (Duty.STREET_VIEWER, Duty.STREET_OFFICER):
        user = world.appoint(duty, division=world.street)
        assert not Place.objects.visible_to(user, action).filter(kind__gt=Kind.BLOCK).exists()


def test_a_district_sees_every_street_below_it(world):
    user = world.appoint(Duty.STREET_VIEWER, division=world.street.parent)
    shallow = {place.code for place in world.places if place.kind <= Kind.BLOCK}
    assert visible(user) == shallow
    assert world.foreign.code in shallow


def test_two_posts_give_what_either_gives(world):
    user = world.appoint(Duty.STREET_VIEWER, division=world.street)
    street = visible(user)
    world.appoint(Duty.RESIDENT_LEADER, "-B02-L003", user=user)
    again = User.objects.get(pk=user.pk)
    building = f"{world.own.code}-B02-L003"
    assert visible(again) == street | {
        place.code for place in world.places if place.code.startswith(building)
    }
    assert visible(again, Action.FILE) == visible(again) - street


def test_two_posts_on_one_division_reach_as_deep_as_the_deeper(world):
    user = world.appoint(Duty.ADMINISTRATOR, division=world.street)
    deep = visible(user)
    world.appoint(Duty.STREET_VIEWER, division=world.street, user=user)
    assert visible(User.objects.get(pk=user.pk)) == deep


@pytest.mark.parametrize("action", Action)
def test_without_a_post_nobody_reaches_anything(world, action):
    superuser = User.objects.create_superuser("root", full_name="平台管理员")
    for user in (f.person(), superuser, AnonymousUser()):
        assert visible(user, action) == set()
        assert not any(scope.reach(user, action).holds(place) for place in world.places)


def test_rows_that_hang_on_a_place_are_cut_by_the_same_reach(world):
    user = world.appoint(Duty.BLOCK_WORKER, "-B01")
    inside = world.appoint(Duty.RESIDENT_LEADER, "-B01-L002").posts.get()
    world.appoint(Duty.RESIDENT_LEADER, "-B02-L003")
    seats = Post.objects.seats().filter(scope.reach(user, Action.SEE_GROUPS).as_q("place"))
    assert list(seats) == [inside]


def test_a_wrong_duty_is_refused_with_a_sentence(world):
    user = world.appoint(Duty.RESIDENT_LEADER, "-B01-L001")
    building = world.at("-B01-L001")
    scope.require(user, Action.FILE, building)
    with pytest.raises(Refusal) as refused:
        scope.require(user, Action.APPOINT, building)
    assert (refused.value.code, refused.value.status) == ("not_your_duty", 403)
    assert str(refused.value.message) == "这件事不在您的职责里，请联系居委会"


@pytest.mark.parametrize("communities", [1, 20])
def test_reach_costs_the_same_queries_however_many_communities(
    communities, django_assert_num_queries
):
    user = f.post(Duty.STREET_VIEWER, division=f.street(), since=LONG_AGO).user
    for community in [f.compound((1,)) for _each in range(communities)]:
        block = f.block(community)
        f.post(Duty.BLOCK_WORKER, place=block, user=user, since=LONG_AGO)
        f.post(Duty.BRANCH_SECRETARY, branch=f.branch_of(block), user=user, since=LONG_AGO)
    # Posts with their places and branches' blocks; divisions below the street.
    with django_assert_num_queries(2):
        scope.reach(user, Action.SEE_FIGURES)
    with django_assert_num_queries(1):
        for action in Action:
            scope.reach(user, action)
        assert len(Place.objects.visible_to(user)) == 5 * communities
