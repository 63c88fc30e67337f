"""Small, believable, invented worlds for tests. Made with the product's own processes."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from uuid import uuid4
from zoneinfo import ZoneInfo

from psycopg2.extras import DateTimeTZRange

from reports import admission, filing, obligations
from reports.catalogue import BUILDING_REPORT, HOUSEHOLD_REPORT, MATTER_REPORT, publish
from reports.models import Admission, Filing, Obligation, Period, ReportForm
from reports.proposals import Proposal
from reports.rollup import climb
from units import census, tree
from units.census_import import drafting
from units.kinds import Duty
from units.locks import bucket_of
from units.models import (
    Branch,
    BranchBlock,
    CensusImport,
    Community,
    Division,
    HouseholdCount,
    Place,
    Post,
    User,
)

# A Wednesday noon in a week without holidays: the week is 2026-W46, Monday is 9 November.
WEDNESDAY = datetime(2026, 11, 11, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
CALM = {
    "corridor": "none",
    "ebike": "none",
    "waste": "good",
    "dispute": "none",
    "facility": "none",
    "stock": "enough",
    "derived_ok": "right",
}
_numbers = count(1)


def street(code: str = "310104007", name: str = "斜土路街道") -> Division:
    return Division.objects.get_or_create(
        code=code, defaults={"kind": "street", "official_name": name}
    )[0]


def compound(
    buildings_in_block: Sequence[int] = (2, 1),
    *,
    floors: int = 1,
    doors: int = 1,
    division: Division | None = None,
    at: datetime = WEDNESDAY - timedelta(days=60),
) -> Community:
    """A community with its tree planted; buildings are numbered through it from 1."""
    number = next(_numbers)
    code = f"310104{number:06d}"
    community = Community.objects.create(
        code=code,
        division=division or street(),
        name=f"和平里{number}居民区",
        telephone="021-55500000",
        rhythm={BUILDING_REPORT: "week"},
    )
    building_numbers = count(1)
    root = tree.Sapling(code, community.name)
    for b, buildings in enumerate(buildings_in_block, 1):
        block = tree.Sapling(f"{code}-B{b:02d}", f"第{b}片区")
        for _each in range(buildings):
            n = next(building_numbers)
            building = tree.Sapling(f"{block.code}-L{n:03d}", f"{n}号楼组")
            for f in range(1, floors + 1):
                floor = tree.Sapling(f"{building.code}-F{f:02d}", f"{f}楼")
                floor.below = [
                    tree.Sapling(f"{floor.code}-H{d:02d}", f"{f}{d:02d}室")
                    for d in range(1, doors + 1)
                ]
                building.below.append(floor)
            block.below.append(building)
        root.below.append(block)
    tree.plant(community, root, at=at)
    return community


def root(community: Community) -> Place:
    return Place.objects.get(community=community, kind=0)


def block(community: Community, number: int = 1) -> Place:
    return Place.objects.get(code=f"{community.code}-B{number:02d}")


def building(community: Community, number: int = 1) -> Place:
    return Place.objects.get(community=community, kind=2, code__endswith=f"-L{number:03d}")


def person(name: str = "周兰英", **facts: object) -> User:
    return User.objects.create_user(
        f"person{next(_numbers)}", "xincun2026", full_name=name, **facts
    )


def post(
    duty: Duty,
    *,
    place: Place | None = None,
    user: User | None = None,
    since: datetime = WEDNESDAY - timedelta(days=60),
    until: datetime | None = None,
    **facts: object,
) -> Post:
    return Post.objects.create(
        user=user or person(),
        duty=duty,
        place=place,
        place_kind=place.kind if place else None,
        during=DateTimeTZRange(since, until),
        **facts,
    )


def seat(place: Place, duty: Duty = Duty.RESIDENT_LEADER, user: User | None = None) -> User:
    return post(duty, place=place, user=user).user


def staff(community: Community, duty: Duty = Duty.STAFF) -> User:
    return post(duty, place=root(community)).user


def branch_of(place: Place, number: int = 1) -> Branch:
    branch = Branch.objects.create(
        community=place.community, number=number, name=f"第{number}党支部", members=40
    )
    BranchBlock.objects.create(branch=branch, place=place)
    return branch


def open_week(at: datetime = WEDNESDAY) -> Period:
    """The building report published and the week of `at` opened for every community there is."""
    publish(BUILDING_REPORT, at=at)
    return obligations.open_week(at=at)


def owed(place: Place, period: Period) -> Obligation:
    return Obligation.objects.select_related("place", "period", "form").get(
        place=place, period=period
    )


def sending(by: User, **facts: object) -> filing.Sending:
    """A nil sending unless `answers` are given; they are completed with calm ones."""
    answers = facts.pop("answers", None)
    facts.setdefault("nil", answers is None and not facts.get("withdraws"))
    return filing.Sending(
        id=facts.pop("id", None) or uuid4(),
        by=by,
        channel=facts.pop("channel", Filing.Channel.PAGE),
        answers=CALM | answers if answers is not None else {},
        **facts,
    )


def drain(community: Community, at: datetime = WEDNESDAY) -> int:
    return climb.drain(bucket_of(community.pk), at=at)


def household(community: Community, building: int = 1, *, floor: int = 1, door: int = 1) -> Place:
    of = f"-L{building:03d}-F{floor:02d}-H{door:02d}"
    return Place.objects.get(community=community, kind=4, code__endswith=of)


def household_form(at: datetime = WEDNESDAY) -> ReportForm:
    form = ReportForm.objects.filter(code=HOUSEHOLD_REPORT).first()
    return form or publish(HOUSEHOLD_REPORT, at=at).form


def household_sending(by: User, **facts: object) -> filing.Sending:
    """「无变化」 unless answers are given."""
    answers = {} if facts.get("withdraws") else {"situation": "same"}
    return filing.Sending(
        id=facts.pop("id", None) or uuid4(),
        by=by,
        channel=facts.pop("channel", Filing.Channel.PAGE),
        answers=facts.pop("answers", answers),
        **facts,
    )


def matter(place: Place, by: User, *, at: datetime = WEDNESDAY, **answers: str) -> Filing:
    """A fact that a group told at once: a broken thing unless answers say otherwise."""
    form = publish(MATTER_REPORT, at=at).form
    sent = filing.Sending(
        id=uuid4(),
        by=by,
        channel=Filing.Channel.PAGE,
        answers={"kind": "facility"} | answers,
    )
    return filing.file_event(place, form, sent, at=at).filing


def proposal(**facts: object) -> Proposal:
    """Where water stands, asked in the building report until three months after WEDNESDAY."""
    usual = {
        "form": BUILDING_REPORT,
        "label": "积水的地方",
        "type": "choices",
        "choices": ["地下车库", "门前路面", "天井"],
        "purpose": "梅雨季前排好抽水泵",
        "owner": "居委会环境条线",
        "ends_on": (WEDNESDAY + timedelta(days=90)).date(),
    }
    return Proposal(**usual | facts)


def admitted(*, at: datetime = WEDNESDAY, by: User | None = None, **facts: object) -> Admission:
    """Proposed by one person and agreed to by another, at once."""
    wanted = proposal(**facts)
    made = admission.propose(wanted, by=by or person(), at=at)
    admission.agree(made, ends_on=wanted.ends_on, by=person("潘德霞"), at=at)
    made.refresh_from_db()
    return made


def census_of(
    home: Place, residents: int, *, on: date, at: datetime = WEDNESDAY, **more: int
) -> None:
    """A dated head count; those not told otherwise are of 14 to 59, and 实有 is 常住."""
    bands = {each: more.pop(each, 0) for each in ("under_14", "aged_60_to_79", "aged_80_plus")}
    facts = {"actual": residents, "aged_14_to_59": residents - sum(bands.values())} | more
    row = HouseholdCount(
        place=home, as_of=on, residents=residents, source="入户登记", **bands | facts
    )
    census.record(home.community, [row], at=at)


def census_sheet(
    community: Community, *, by: User, faulty: int = 0, at: datetime = WEDNESDAY
) -> CensusImport:
    """One door counted in a sheet that was pasted, its columns said; and lines of no building."""
    rows = ["楼组\t室号\t常住人数\t60岁以上", "1号\t101\t2\t1"]
    rows += [f"{900 + n}号\t101\t2\t1" for n in range(faulty)]
    made = drafting.take_in(
        community, file_name="", content=b"", pasted="\n".join(rows), by=by, at=at
    )
    (table,) = drafting.tables_of(made)
    return drafting.say_columns(
        made,
        0,
        drafting.suggested(table, by),
        as_of=at.date(),
        opens_buildings=False,
        by=by,
        at=at,
    )
