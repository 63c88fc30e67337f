"""Invented people: names, accounts, posts, head counts. Nobody here exists."""

from collections.abc import Iterator
from datetime import datetime
from itertools import count
from random import Random

from django.contrib.auth.hashers import make_password
from psycopg2.extras import DateTimeTZRange

from governance.demo.shapes import Shape
from units import census
from units.kinds import SEATS, Duty, Kind
from units.models import Branch, BranchBlock, Community, Division, HouseholdCount, Place, Post, User

SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
FIRST = "建国志明秀英桂芳玉兰丽华春梅德海永福文慧家宝淑珍国强美玲"
SECOND = "华民英芳兰平生根娣珍明康宁安祥荣贵云霞琴"


class People:
    """Makes accounts with believable, invented names; one shared demo password."""

    def __init__(self, random: Random, password: str) -> None:
        self._random = random
        self._password = make_password(password)

    def account(self, login: str, **facts: object) -> User:
        name = (
            self._random.choice(SURNAMES) + self._random.choice(FIRST) + self._random.choice(SECOND)
        )
        return User(login=login, full_name=name, password=self._password, **facts)

    def one(self, login: str, **facts: object) -> User:
        user = self.account(login, **facts)
        user.save()
        return user


def appoint(
    user: User, duty: Duty, since: datetime, *, place: Place | None = None, **scope: object
) -> Post:
    return Post(
        user=user,
        duty=duty,
        place=place,
        place_kind=place.kind if place else None,
        during=DateTimeTZRange(since, None),
        **scope,
    )


def seat_groups(
    people: People, shape: Shape, places: dict[str, Place], prefix: str, since: datetime
) -> None:
    """Fill the three seats of every building and block group."""
    buildings = sorted(
        (place for place in places.values() if place.kind == Kind.BUILDING), key=_number
    )
    shared = {
        Duty.PARTY_LEADER: _runs([2] * shape.shared_party_leaders),
        Duty.RESIDENT_LEADER: _runs([]),
        Duty.OWNER_REPRESENTATIVE: _runs(
            [3] * shape.shared_owner_triples + [2] * shape.shared_owner_pairs
        ),
    }
    users: list[User] = []
    seats: list[tuple[User, Duty, Place]] = []
    for seat_number, duty in enumerate(SEATS, 1):
        holder, remaining = None, 0
        for building in buildings:
            number = _number(building)
            if duty is Duty.OWNER_REPRESENTATIVE and number in shape.vacancies:
                continue
            if not remaining:
                holder, remaining = (
                    people.account(f"{prefix}{number:03d}-{seat_number}"),
                    next(shared[duty]),
                )
                users.append(holder)
            seats.append((holder, duty, building))
            remaining -= 1
    User.objects.bulk_create(users)
    for block in (place for place in places.values() if place.kind == Kind.BLOCK):
        first = next(b for b in buildings if b.parent_id == block.pk)
        seats += [(user, duty, block) for user, duty, place in list(seats) if place == first]
    Post.objects.bulk_create([appoint(u, d, since, place=p) for u, d, p in seats])


def _runs(lengths: list[int]) -> Iterator[int]:
    """How many neighbouring buildings the next person serves: the given runs, then one each."""
    yield from lengths
    for _each in count():
        yield 1


def _number(building: Place) -> int:
    return int(building.code.rpartition("L")[2])


def staff(
    people: People, places: dict[str, Place], community: Community, prefix: str, since: datetime
) -> User:
    """Committee, block workers and branch secretaries; returns the committee's staff account."""
    root = places[community.code]
    committee = people.one(f"{prefix}committee")
    posts = [
        appoint(committee, Duty.STAFF, since, place=root),
        appoint(people.one(f"{prefix}director"), Duty.DIRECTOR, since, place=root),
        appoint(people.one(f"{prefix}secretary"), Duty.PARTY_SECRETARY, since, place=root),
    ]
    blocks = sorted(
        (place for place in places.values() if place.kind == Kind.BLOCK), key=lambda p: p.code
    )
    for number, (block, branch) in enumerate(
        zip(blocks, community.branches.order_by("number"), strict=True), 1
    ):
        worker = people.one(f"{prefix}block{number}")
        secretary = people.one(f"{prefix}branch{number}")
        posts += [
            appoint(worker, Duty.BLOCK_WORKER, since, place=block),
            appoint(secretary, Duty.BRANCH_SECRETARY, since, branch=branch),
        ]
    Post.objects.bulk_create(posts)
    return committee


def branches(shape: Shape, community: Community, places: dict[str, Place]) -> None:
    """Branch n answers for block n."""
    for number, members in enumerate(shape.branch_members, 1):
        branch = Branch.objects.create(
            community=community, number=number, name=f"第{number}党支部", members=members
        )
        BranchBlock.objects.create(branch=branch, place=places[f"{shape.code}-B{number:02d}"])


def street_posts(people: People, street: Division, since: datetime) -> None:
    admin = people.one("admin", is_staff=True, is_superuser=True)
    Post.objects.bulk_create(
        [
            appoint(people.one("street"), Duty.STREET_OFFICER, since, division=street),
            appoint(people.one("street-viewer"), Duty.STREET_VIEWER, since, division=street),
            appoint(admin, Duty.ADMINISTRATOR, since, division=street),
        ]
    )


def count_households(
    random: Random,
    shape: Shape,
    community: Community,
    places: dict[str, Place],
    as_of: datetime,
) -> None:
    """Deal the shape's population out to its doors, so that every sum comes out exactly."""
    doors = [place for place in places.values() if place.kind == Kind.HOUSEHOLD]
    random.shuffle(doors)
    alone, others = doors[: shape.living_alone], doors[shape.living_alone :]
    ages = ["aged_60_to_79"] * shape.aged_60_to_79 + ["aged_80_plus"] * shape.aged_80_plus
    random.shuffle(ages)
    members: list[list[str]] = [[ages.pop()] for _door in alone]
    ages += ["under_14"] * shape.under_14 + ["aged_14_to_59"] * shape.aged_14_to_59
    random.shuffle(ages)
    members += [[age] for age in ages[: len(others)]]
    for age in ages[len(others) :]:
        members[random.randrange(len(alone), len(doors))].append(age)

    order = list(range(len(doors)))
    random.shuffle(order)
    nonlocals, left = [0] * len(doors), shape.nonlocal_residents
    for index in order:
        nonlocals[index] = min(left, len(members[index]))
        left -= nonlocals[index]
    stays = set(random.sample(order, shape.short_stays))
    counts = [
        HouseholdCount(
            place=door,
            as_of=as_of.date(),
            residents=len(ages),
            under_14=ages.count("under_14"),
            aged_14_to_59=ages.count("aged_14_to_59"),
            aged_60_to_79=ages.count("aged_60_to_79"),
            aged_80_plus=ages.count("aged_80_plus"),
            nonlocal_residents=nonlocals[index],
            actual=len(ages) + (index in stays),
            floating=nonlocals[index] + (index in stays),
            living_alone=index < len(alone),
            source="演示数据",
        )
        for index, (door, ages) in enumerate(zip([*alone, *others], members, strict=True))
    ]
    census.record(community, counts, at=as_of)
