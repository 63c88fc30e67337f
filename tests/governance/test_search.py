"""Search: found by however it is typed, and nothing outside one's reach in any answer or count."""

from urllib.parse import urlencode
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.keys import WAYS, keys
from bench.world import plant_the_real_size
from governance.board import search
from governance.board.asking import read
from governance.voices import doorplates
from governance.voices.models import Doorplate
from governance.voices.saying import Saying, say
from reports import filing
from tests import factories as f
from units import tree
from units.kinds import Duty
from units.models import Place, User

pytestmark = pytest.mark.django_db


@pytest.fixture
def community():
    return f.compound((2, 1), floors=5, doors=4)


@pytest.fixture
def beside():
    """Another community of the same street, with the same numbers."""
    return f.compound((2, 1), floors=5, doors=4)


@pytest.fixture
def staff(community):
    return f.staff(community)


def found(user: User, typed: str) -> dict[str, list]:
    user = User.objects.get(pk=user.pk)
    parts = search.find(user, typed, at=timezone.now()).parts
    return {part.code: list(part.rows) for part in parts}


def suggested(user: User, typed: str) -> search.Suggestions:
    return search.suggest(User.objects.get(pk=user.pk), typed, at=timezone.now())


def page_of(user: User, typed: str, name: str = "search"):
    client = Client()
    client.force_login(user)
    return client.get(f"{reverse(name)}?{urlencode({'q': typed})}")


@pytest.mark.parametrize(
    "typed",
    [
        "2-503",
        "2号503",
        "2号503室",
        "2号楼503室",
        "2号楼组 503",
        "2503",
        "２－５０３",
        "２号５０３室",
        "2-1-503",
        "2栋1单元503",
        "和平里2号503",
        "2号楼组503室",
    ],
)
def test_a_home_is_found_however_it_is_written(staff, community, beside, typed):
    assert found(staff, typed)["places"] == [f.household(community, 2, floor=5, door=3)]


@pytest.mark.parametrize("typed", ["2-203", "2号203", "2-1-203", "1-101", "1号101室"])
def test_a_room_that_begins_like_its_building_is_that_room_only(staff, community, typed):
    room = typed.removesuffix("室")[-3:]
    home = f.household(community, int(typed[0]), floor=int(room[0]), door=int(room[2]))
    assert found(staff, typed)["places"] == [home]


def test_a_building_of_two_numbers_is_found(staff, community):
    place = f.building(community, 3)
    tree.rename(place.pk, name="9-4号楼组", at=timezone.now())
    assert found(staff, "9-4")["places"][0] == place


def test_a_bare_number_gives_the_building_first_and_then_its_homes(staff, community):
    rows = found(staff, "2")["places"]
    assert rows[0] == f.building(community, 2)
    assert rows[1] == f.block(community, 2)
    assert {row for row in rows if row.kind == 4} >= {
        f.household(community, 2, floor=floor, door=door)
        for floor in range(1, 6)
        for door in range(1, 5)
    }


def test_a_room_number_alone_gives_that_room_of_every_building(staff, community):
    rows = found(staff, "503")["places"]
    assert rows == [f.household(community, n, floor=5, door=3) for n in (1, 2, 3)]


@pytest.mark.parametrize("typed", ["和平里", "hpl", "heping", "HPL", "平里"])
def test_a_community_is_found_by_characters_pinyin_and_initials(community, typed):
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    assert f.root(community) in found(officer, typed)["places"]


def test_three_keys_bring_every_home_of_a_compound_of_the_real_size_on_the_screen():
    """The number of its building, one to three digits, shows all its doors at once, to be pressed
    or chosen by arrows."""
    community = plant_the_real_size("310104007009")
    user = f.staff(community)
    shown = set()
    for building in Place.objects.filter(community=community, kind=2):
        typed = building.name.removesuffix("号楼组")
        assert len(typed) <= 3
        shown |= set(suggested(user, typed).doors)
    assert len(shown) == 2500
    assert shown == set(Place.objects.filter(community=community, kind=4))


def test_a_home_of_the_real_size_opens_three_keys_after_its_number_at_the_latest():
    """Numbers that begin or end like each other; `bench.finding` counts all 2,500."""
    community = plant_the_real_size("310104007009")
    user, at = f.staff(community), timezone.now()
    homes = Place.objects.filter(kind=4, parent__kind=3).select_related("parent__parent")
    for number in (1, 11, 12, 111):
        for home in homes.under(f.building(community, number)):
            for written in WAYS.values():
                assert keys(user, written(home), home, at=at) <= 3, written(home)


def test_a_home_named_outright_opens_at_once(staff, community):
    answer = page_of(staff, "2-503")
    code = f.household(community, 2, floor=5, door=3).code
    assert answer.headers["Location"] == reverse("place", kwargs={"code": code})


@pytest.mark.parametrize(
    ("typed", "in_digits"),
    [
        ("二号楼", "2号楼"),
        ("三号", "3号"),
        ("二号楼组五零三", "2号楼组503"),
        ("二号五〇三室", "2号503室"),
        ("2号五零三", "2-503"),
        ("二-五零三", "2-503"),
        ("五零三", "503"),
        ("二号五楼", "2号5楼"),
        ("2号五楼", "2号5楼"),
        ("五楼", "5楼"),
        ("第二片区", "第2片区"),
        ("二", "2"),
        ("和平里二号五零三", "和平里2号503"),
        ("二栋一单元五零三", "2-1-503"),
    ],
)
def test_numbers_in_characters_find_the_same_as_digits(staff, community, beside, typed, in_digits):
    rows = found(staff, in_digits)["places"]
    assert rows
    assert found(staff, typed)["places"] == rows
    shown, wanted = suggested(staff, typed), suggested(staff, in_digits)
    assert (shown.places, shown.doors) == (wanted.places, wanted.doors)


def test_a_building_of_two_digits_is_found_in_characters():
    community = f.compound((47,))
    rows = found(f.staff(community), "四十七号")["places"]
    assert rows == found(f.staff(community), "47号")["places"]
    assert rows[0] == f.building(community, 47)


def test_a_building_named_in_characters_is_found_by_digits(staff, community):
    place = f.building(community, 3)
    tree.rename(place.pk, name="十二号楼", at=timezone.now())
    for typed in ("12", "12号楼", "十二号楼", "12haolou", "shierhaolou"):
        assert found(staff, typed)["places"][0] == place, typed
    assert found(staff, "12-503")["places"] == [f.household(community, 3, floor=5, door=3)]
    assert place not in found(staff, "二号楼")["places"]


@pytest.mark.parametrize("typed", ["曹杨三村", "三村", "八一", "八一曹杨"])
def test_a_community_with_a_numeral_in_its_name_is_found_by_it(community, typed):
    tree.rename(f.root(community).pk, name="八一曹杨三村居民区", at=timezone.now())
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    assert f.root(community) in found(officer, typed)["places"]


def test_a_month_and_a_week_are_read_in_characters_too(staff):
    for typed, in_digits in (
        ("十一月", "11月"),
        ("第四十六周", "第46周"),
        ("二〇二六年三月", "2026年3月"),
    ):
        today = f.WEDNESDAY.date()
        period = read(typed, today=today).period
        assert period == read(in_digits, today=today).period != ""


# --- Reach -------------------------------------------------------------------------------


@pytest.fixture
def people(community, beside):
    """One person a duty, with how many buildings and homes each may find."""
    far = f.compound((1,), division=f.street("310104008", "另一街道"))
    block = f.block(community, 1)
    return {
        "seat": (f.seat(f.building(community, 1)), 1, 20),
        "block seat": (f.seat(block), 2, 0),
        "secretary": (f.post(Duty.BRANCH_SECRETARY, branch=f.branch_of(block)).user, 2, 0),
        "worker": (f.post(Duty.BLOCK_WORKER, place=block).user, 2, 40),
        "staff": (f.staff(community), 3, 60),
        "director": (f.staff(community, Duty.DIRECTOR), 3, 60),
        "street": (f.post(Duty.STREET_OFFICER, division=community.division).user, 0, 0),
        "foreign": (f.staff(far), 1, 1),
        "nobody": (f.person(), 0, 0),
    }


ROLES = (
    "seat",
    "block seat",
    "secretary",
    "worker",
    "staff",
    "director",
    "street",
    "foreign",
    "nobody",
)


@pytest.mark.parametrize("role", ROLES)
def test_only_places_in_reach_are_found_and_counted(people, role):
    user, buildings, homes = people[role]
    reach = set(Place.objects.visible_to(User.objects.get(pk=user.pk)))
    for typed in ("号楼组", "hlz", "haolouzu", "1", "2", "室"):
        assert set(found(user, typed)["places"]) <= reach
    assert sum(row.kind == 2 for row in found(user, "号楼组")["places"]) == buildings
    assert len(found(user, "室")["places"]) == homes
    shown = suggested(user, "1")
    assert {*shown.places, *shown.doors} <= reach


@pytest.mark.parametrize("role", ROLES)
def test_only_holders_of_posts_in_reach_are_found(people, community, beside, role):
    user, _buildings, _homes = people[role]
    here, there = f.person("单国华"), f.person("单国英")
    f.seat(f.building(community, 1), Duty.OWNER_REPRESENTATIVE, here)
    f.seat(f.building(beside, 1), Duty.OWNER_REPRESENTATIVE, there)
    names = [each.name for each in found(user, "shan")["people"]]
    sees = role in ("seat", "block seat", "secretary", "worker", "staff", "director")
    assert names == (["单国华"] if sees else [])
    assert found(user, "dgy")["people"] == []


def test_who_left_a_post_is_not_found_and_who_took_one_is(staff, community):
    old, new = f.person("仇建国"), f.person("仇建平")
    place, now = f.building(community, 1), timezone.now()
    f.post(Duty.PARTY_LEADER, place=place, user=old, since=f.WEDNESDAY, until=now)
    f.post(Duty.PARTY_LEADER, place=place, user=new, since=now)
    assert [each.name for each in found(staff, "qiu")["people"]] == ["仇建平"]


@pytest.fixture
def sent(community, beside):
    """A weekly report of the second building in each of two communities."""
    period = f.open_week(timezone.now())
    told = []
    for each in (community, beside):
        place = f.building(each, 2)
        owed = f.owed(place, period)
        told.append(filing.file(owed, f.sending(f.seat(place)), at=timezone.now()).filing)
    return told


@pytest.mark.parametrize("role", ROLES)
def test_only_reports_in_reach_are_found(people, sent, role):
    user, _buildings, _homes = people[role]
    here, there = sent
    sees = role in ("worker", "staff", "director")
    for typed in (here.receipt, here.receipt.upper(), str(here.pk), "本周", "2号 本周", "2号楼组"):
        reports = found(user, typed)["reports"]
        assert reports == ([here.report] if sees else []), typed
    assert found(user, there.receipt)["reports"] == []
    assert not suggested(user, there.receipt).receipts


@pytest.mark.parametrize("role", ROLES)
def test_only_voices_in_reach_are_found(people, community, beside, role):
    user, _buildings, _homes = people[role]
    staff = people["staff"][0]
    said = {}
    for each, words, shown in (
        (community, "三楼水管漏", False),
        (community, "门口水管冻", True),
        (beside, "车库水管坏", True),
    ):
        place = f.building(each, 1)
        doorplates.issue([place], by=staff, at=timezone.now())
        plate = Doorplate.objects.in_force().get(place=place)
        what = Saying(uuid4(), "broken", words, shown_to_group=shown, wants_contact=False)
        said[words] = say(plate, what, address=words, at=timezone.now())
    hears = {"worker": 2, "staff": 2, "director": 2, "seat": 1}.get(role, 0)
    assert len(found(user, "水管")["voices"]) == hears
    assert found(user, said["车库水管坏"].receipt)["voices"] == []
    assert len(found(user, said["门口水管冻"].receipt)["voices"]) == (1 if hears else 0)
    assert len(found(user, said["三楼水管漏"].receipt_in_groups)["voices"]) == (
        1 if hears > 1 else 0
    )


def test_the_street_is_told_that_homes_are_not_to_be_found_here(community):
    officer = f.post(Duty.STREET_OFFICER, division=community.division).user
    text = page_of(officer, "2-503").content.decode()
    assert "楼组和住户在居委会权限内" in text
    assert "503室" not in text


def test_nothing_found_says_what_can_be_looked_for_and_that_residents_are_not_stored(staff):
    text = page_of(staff, "张三的电话").content.decode()
    assert "没有找到" in text
    assert "不能按居民姓名、电话找" in text


# --- What is typed -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed", ["%", "_", "%%%", "__", "\\", "'", "' OR 1=1 --", "\x00", "．", "  "]
)
def test_signs_of_the_database_find_nothing(staff, typed):
    rows = found(staff, typed.replace("\x00", ""))
    assert not any(rows[code] for code in ("places", "people")) or "1" in typed
    for name in ("search", "search-suggestions"):
        assert page_of(staff, typed, name).status_code in (200, 302)


def test_a_percent_sign_in_what_a_resident_said_is_a_percent_sign(staff, community):
    place = f.building(community, 1)
    doorplates.issue([place], by=staff, at=timezone.now())
    plate = Doorplate.objects.get(place=place)
    say(plate, Saying(uuid4(), "other", "电费涨了", False, False), address="x", at=timezone.now())
    assert found(staff, "涨%")["voices"] == []
    assert found(staff, "电_涨")["voices"] == []


@pytest.mark.parametrize(
    "typed", ["4" * 20_000, "和" * 20_000, "a1" * 10_000, "9" * 30 + "周", "99999年99月", "0"]
)
def test_a_very_long_or_senseless_query_is_harmless(staff, typed):
    for name in ("search", "search-suggestions"):
        assert page_of(staff, typed, name).status_code in (200, 302)


def test_markup_in_a_query_is_text(staff):
    text = page_of(staff, "<script>x</script>").content.decode()
    assert "<script>x" not in text


def test_one_kind_is_paged(staff, community):
    client = Client()
    client.force_login(staff)
    first = client.get(reverse("search"), {"q": "室", "in": "places"}).content.decode()
    second = client.get(reverse("search"), {"q": "室", "in": "places", "page": 2}).content.decode()
    assert first.count("/place/") - second.count("/place/") == 40
    assert "page=2" in first


def test_a_closed_home_is_found_last_and_said_to_be_closed(staff, community):
    home = f.household(community, 1, floor=5, door=3)
    tree.close(home.pk, at=timezone.now())
    assert found(staff, "503")["places"][-1] == home
    assert "已注销" in page_of(staff, "503").content.decode()
