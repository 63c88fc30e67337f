"""What search gives is what scope gives: for each duty, over a street of communities that resemble
each other, every row, every link, every count and every group of what is shown."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.board import search
from governance.voices import doorplates
from governance.voices.models import Doorplate, Voice
from governance.voices.saying import Saying, say
from reports import filing
from reports.models import Filing, Report
from tests import factories as f
from units import scope
from units.kinds import Duty
from units.models import Community, Place, Post, User
from units.scope import Action

pytestmark = pytest.mark.django_db

ROLES = (
    "seat",
    "floor seat",
    "block seat",
    "secretary",
    "worker",
    "staff",
    "director",
    "party secretary",
    "viewer",
    "officer",
    "administrator",
    "staff here and seat beside",
    "nobody",
)
# Every sort of thing that is typed, and what looks like a resident's telephone.
TYPED = (
    "1", "2-101", "二号一零一", "号楼组", "hlz", "室", "片区", "hpl", "单", "shan", "sgy", "水管",
    "本周", "2号 本周", "021-55500000", "13812345678",
)  # fmt: skip


@dataclass
class Street:
    """Three communities of it, the first one's people, and a community of another street."""

    communities: list[Community]
    sent: list[Filing] = field(default_factory=list)
    said: list[Voice] = field(default_factory=list)

    @property
    def typed(self) -> Iterator[str]:
        yield from TYPED
        for number in (0, 2):
            yield self.sent[number].receipt
            yield self.said[number].receipt
            yield f"{self.communities[number // 2].name}1号"
        yield self.communities[-1].name

    @property
    def director_of_all(self) -> User:
        user = f.person("全看见")
        for community in self.communities:
            f.post(Duty.DIRECTOR, place=f.root(community), user=user)
        return user


@pytest.fixture
def street():
    far = f.street("310104008", "另一街道")
    made = Street([f.compound((2, 1), floors=1, doors=2) for _each in range(3)])
    made.communities.append(f.compound((1, 1), floors=1, doors=1, division=far))
    now = timezone.now()
    period = f.open_week(now)
    for sign, community in zip("甲乙丙丁", made.communities, strict=True):
        f.post(
            Duty.BRANCH_SECRETARY,
            branch=f.branch_of(f.block(community, 2)),
            user=f.person(f"单书{sign}"),
        )
        for number in (1, 2):
            place = f.building(community, number)
            holder = f.seat(place, user=f.person(f"单国{sign}"))
            owed = f.owed(place, period)
            made.sent.append(filing.file(owed, f.sending(holder), at=now).filing)
            doorplates.issue([place], by=f.staff(community), at=now)
            plate = Doorplate.objects.in_force().get(place=place)
            what = Saying(uuid4(), "broken", f"水管{sign}{number}", number == 1, False)
            made.said.append(say(plate, what, address=f"{sign}{number}", at=now))
    return made


def holder(street: Street, role: str) -> User:
    own, beside = street.communities[:2]
    place, block = f.building(own), f.block(own, 1)
    match role:
        case "seat":
            return f.seat(place, Duty.PARTY_LEADER)
        case "floor seat":
            return f.seat(place.get_children()[0])
        case "block seat":
            return f.seat(block)
        case "secretary":
            return f.post(Duty.BRANCH_SECRETARY, branch=f.branch_of(block, 2)).user
        case "worker":
            return f.post(Duty.BLOCK_WORKER, place=block).user
        case "staff here and seat beside":
            return f.seat(f.building(beside, 2), Duty.PARTY_LEADER, f.staff(own))
        case "nobody":
            return f.person()
    duty = {
        "staff": Duty.STAFF,
        "director": Duty.DIRECTOR,
        "party secretary": Duty.PARTY_SECRETARY,
        "viewer": Duty.STREET_VIEWER,
        "officer": Duty.STREET_OFFICER,
        "administrator": Duty.ADMINISTRATOR,
    }[role]
    if role in ("viewer", "officer", "administrator"):
        return f.post(duty, division=own.division).user
    return f.staff(own, duty)


def found(user: User, typed: str) -> dict[str, list]:
    parts = search.find(User.objects.get(pk=user.pk), typed, at=timezone.now()).parts
    return {part.code: list(part.rows) for part in parts}


@dataclass
class Within:
    """All that scope lets `user` see, read without search."""

    user: User

    def __post_init__(self) -> None:
        user = User.objects.get(pk=self.user.pk)
        self.places = {place.code: place for place in Place.objects.visible_to(user)}
        self.reports = set(Report.objects.visible_to(user))
        self.filings = {
            str(pk) for pk in Filing.objects.visible_to(user).values_list("pk", flat=True)
        }
        groups = scope.reach(user, Action.SEE_GROUPS)
        self.posts = [
            post
            for post in Post.objects.in_force(timezone.now())
            if any(groups.holds(place) for place in _where(post))
        ]
        self.people = {post.user_id for post in self.posts}
        heard, own = scope.reach(user, Action.HEAR), scope.reach(user, Action.FILE)
        self.voices = {
            voice
            for voice in Voice.objects.select_related("place__community")
            if heard.holds(voice.place) or (voice.shown_to_group and own.holds(voice.place))
        }

    def posts_of(self, pk: int) -> int:
        return sum(post.user_id == pk for post in self.posts)

    @property
    def unheard_and_unseen(self) -> set[str]:
        """Names and words that no page may show to this person."""
        people = User.objects.filter(full_name__startswith="单").exclude(pk__in=self.people)
        names = set(people.values_list("full_name", flat=True))
        shown = set(User.objects.filter(pk__in=self.people).values_list("full_name", flat=True))
        return names - shown | {
            each.words for each in Voice.objects.all() if each not in self.voices
        }

    def kept(self, rows: dict[str, list]) -> dict[str, set]:
        return {
            "places": {each for each in rows["places"] if each.code in self.places},
            "people": {each.pk for each in rows["people"] if each.pk in self.people},
            "reports": self.reports & set(rows["reports"]),
            "voices": self.voices & set(rows["voices"]),
        }


def _where(post: Post) -> list[Place]:
    if post.branch_id:
        return [each.place for each in post.branch.branch_blocks.all()]
    return [post.place] if post.place_id else []


@pytest.mark.parametrize("role", ROLES)
def test_what_is_found_is_what_a_director_of_all_finds_cut_to_ones_reach(street, role):
    user, director = holder(street, role), street.director_of_all
    within = Within(user)
    for typed in street.typed:
        rows, kept = found(user, typed), within.kept(found(director, typed))
        assert set(rows["places"]) == kept["places"], typed
        assert {each.pk for each in rows["people"]} == kept["people"], typed
        assert set(rows["reports"]) == kept["reports"], typed
        assert set(rows["voices"]) == kept["voices"], typed
        for person in rows["people"]:
            assert len(person.posts) == within.posts_of(person.pk), typed


LINKS = {
    "places": re.compile(r"/place/([^/\"?]+)/"),
    "people": re.compile(r"/person/(\d+)/"),
    "receipts": re.compile(r"/receipt/([0-9a-f-]{36})/"),
}


@pytest.mark.parametrize("role", ROLES)
def test_what_the_pages_show_link_and_count_is_within_reach(street, role):
    user = holder(street, role)
    within = Within(user)
    outside = within.unheard_and_unseen
    client = Client()
    client.force_login(user)
    for typed in street.typed:
        rows = found(user, typed)
        for name, more in (
            ("search-suggestions", {}),
            ("search", {}),
            ("search", {"in": "places"}),
        ):
            answer = client.get(reverse(name), {"q": typed, **more})
            if answer.status_code == 302:
                assert answer.headers["Location"].split("/")[-2] == rows["places"][0].code
                continue
            text = answer.content.decode()
            assert set(LINKS["places"].findall(text)) <= set(within.places), (name, typed)
            assert set(map(int, LINKS["people"].findall(text))) <= within.people, (name, typed)
            assert set(LINKS["receipts"].findall(text)) <= within.filings, (name, typed)
            assert not [each for each in outside if each in text], (name, typed)
            for part in answer.context.get("parts", ()):
                assert part["total"] == len(rows[part["code"]]) > 0, typed
            if more:
                assert answer.context["page"].paginator.count == len(rows["places"])
