"""M12 小区画像 (domain/mechanisms.md): its acceptance lines on the pages."""

from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.demo import people
from governance.demo.housing import Housing
from governance.demo.shapes import JIANGNAN
from governance.profiles import intake
from governance.profiles.models import Condition
from reports import filing
from reports.rollup import climb
from tests import factories as f
from tests.governance import profiles
from units import tree
from units.kinds import Duty
from units.locks import bucket_of
from units.models import Community, Place, User

pytestmark = pytest.mark.django_db


def page_of(user: User, community: Community, name: str = "community-profile") -> str:
    client = Client()
    client.force_login(user)
    answer = client.get(reverse(name, kwargs={"code": community.code}))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


@pytest.fixture
def jiangnan() -> Community:
    """The compound of the article, counted and described as the demo does it."""
    at = timezone.now() - timedelta(days=30)
    community = Community.objects.create(
        code=JIANGNAN.code, division=f.street(), name=JIANGNAN.name, rhythm={}
    )
    tree.plant(community, JIANGNAN.sapling(), at=at)
    places = {place.code: place for place in Place.objects.filter(community=community)}
    people.count_households(people.Random(47), JIANGNAN, community, places, at)
    # Who lives there now is a period of its own, which opens with the first week.
    f.open_week(timezone.now())
    climb.drain(bucket_of(community.pk), at=timezone.now())
    Housing(JIANGNAN, community, f.staff(community)).describe(at=timezone.now())
    return community


def test_m12_the_profile_reproduces_the_published_numbers_with_their_definitions(jiangnan):
    page = page_of(f.staff(jiangnan), jiangnan)
    for number in ("2,500", "11,000", "37.3%", "19.8%", "21.2%"):
        assert f">{number}</a>" in page, number
    for definition in (
        "在用的住户数",
        "最近一次登记时60岁及以上的人 ÷ 常住人口",
        "户籍不在本市的常住人口 ÷ 常住人口",
        "外来流动人口 ÷ 实有人口",
    ):
        assert definition in page
    assert "11,000人住在2,500户" in page
    assert "60岁及以上占37.3%" in page
    assert "2,500/2,500 户" in page
    assert "数据截至" in page
    # The workers' housing of the fifties: no lift, small flats.
    assert "登记过的楼组都建于1950年代" in page
    assert "登记过的125个楼组都没有电梯" in page
    assert "登记过的楼组都是工人新村" in page
    assert "登记过的楼组都是6层" in page
    assert "业主投票按产权名册，不按住户名单" in page
    # (240 + 160 + 2,600 + 900 + 320) ÷ 11,000; the sandpit is out of use.
    assert "4,220㎡ ÷ 11,000人" in page
    assert "每人0.38㎡活动空间，停车还差344个车位" in page
    assert "要停612辆 − 车位268个" in page
    assert "最近一次统计的要停的车 − 在用的停车位" in page


def test_m12_the_street_reads_the_same_aggregates_and_no_row(jiangnan):
    street = f.post(Duty.STREET_OFFICER, division=jiangnan.division).user
    page = page_of(street, jiangnan)
    for number in ("2,500", "11,000", "37.3%", "19.8%"):
        assert f">{number}</a>" in page, number
    assert "每人0.38㎡活动空间" in page
    assert "号楼组" not in page
    assert "中心花园" not in page
    assert "/building/" not in page


@pytest.fixture
def community() -> Community:
    """Two buildings, people counted, described."""
    community = f.compound((2,), doors=2)
    f.open_week()
    for number in (1, 2):
        f.census_of(f.household(community, number), 30, on=(f.WEDNESDAY - timedelta(days=9)).date())
    f.drain(community)
    return community


def test_m12_space_per_person_and_the_parking_deficit_are_worked_out(community):
    staff = f.staff(community)
    before = page_of(staff, community)
    assert "还没有登记活动空间" in before
    assert "还没有登记车位" in before
    profiles.describe(community, staff, buildings=2)
    page = page_of(staff, community)
    assert "60㎡ ÷ 60人" in page
    assert "每人1.00㎡活动空间，停车还差25个车位" in page
    # What is out of use gives nobody room.
    garden = f.root(community).facilities.get(name="中心花园")
    client = Client()
    client.force_login(staff)
    where = reverse("facility-inspection", kwargs={"pk": garden.pk})
    told = {"condition": "stopped", "on": str(timezone.localdate())}
    assert client.post(where, told).status_code == 302
    assert "每人0.00㎡活动空间" in page_of(staff, community)


def test_m12_a_reported_defect_changes_the_facility_only_after_confirmation(community):
    staff, seat = f.staff(community), f.seat(f.building(community))
    lamp = profiles.light(f.building(community), staff)
    now = timezone.now()
    answers = {"facility": "broken", "facility_kind": ["light"], "note": "三楼灯不亮"}
    owed = f.owed(f.building(community), f.open_week(now))
    filing.file(owed, f.sending(seat, answers=answers), at=now)
    lamp.refresh_from_db()
    assert lamp.condition == Condition.GOOD
    page = page_of(staff, community, "defects")
    assert "1号楼组 · 楼道灯" in page
    assert "三楼灯不亮" in page
    client = Client()
    client.force_login(staff)
    [item] = intake.pending(staff, community, at=now)
    sent = {
        "item": item.key,
        "facility": lamp.pk,
        "condition": "poor",
        **profiles.batch(),
    }
    where = reverse("defect-confirmation", kwargs={"code": community.code})
    assert client.post(where, sent).status_code == 302
    lamp.refresh_from_db()
    assert lamp.condition == Condition.POOR
    row = lamp.conditions.first()
    assert (row.because, row.by, row.filing.report.place) == (
        "reported",
        staff,
        f.building(community),
    )
    assert intake.waiting(staff, community, now).count == 0
    history = client.get(reverse("facility", kwargs={"pk": lamp.pk})).content.decode()
    assert "楼组报告，已确认" in history
    assert row.filing.receipt in history


def test_m12_a_group_reads_its_own_buildings_facilities_on_the_phone(community):
    staff = f.staff(community)
    profiles.describe(community, staff, buildings=2)
    client = Client()
    client.force_login(f.seat(f.building(community)))
    own = client.get(reverse("building-profile", kwargs={"code": f.building(community).code}))
    page = own.content.decode()
    assert "楼道照明" in page
    assert "<form" not in page.partition("phone-foot")[0]
    other = reverse("building-profile", kwargs={"code": f.building(community, 2).code})
    assert client.get(other).status_code == 404


def test_m12_nothing_known_is_said_to_be_unknown(community):
    page = page_of(f.staff(f.compound((1,))), Community.objects.latest("pk"))
    assert "还没有登记过各户人数" in page
    assert "还没有登记房屋情况" in page
    assert "设施还没有登记" in page
