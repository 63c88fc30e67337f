"""Buildings, flats and facilities: who writes them, what waits, and what is refused."""

from datetime import timedelta
from html import unescape
from uuid import uuid4

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.profiles import charts, confirming, counting_cars, describing, inspecting, intake
from governance.profiles.models import (
    AreaBand,
    BuildingProfile,
    Condition,
    DefectDecision,
    DwellingCount,
    Facility,
    FacilityKind,
    ParkingNeed,
    Tenure,
)
from reports import filing
from tests import factories as f
from tests.governance import profiles
from tests.governance.profiles import batch, broken, items, light, seen
from tests.governance.test_words import latin_words
from units.admin.journal import VERBS
from units.kinds import Duty
from units.models import Community, JournalEntry, Place, User
from units.refusals import Refusal

pytestmark = pytest.mark.django_db

AT = f.WEDNESDAY


@pytest.fixture
def community() -> Community:
    return f.compound((2, 1))


@pytest.fixture
def staff(community) -> User:
    return f.staff(community)


@pytest.fixture
def seat(community) -> User:
    return f.seat(f.building(community))


@pytest.fixture
def place(community) -> Place:
    return f.building(community)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def read(client: Client, name: str, **where: object) -> str:
    answer = client.get(reverse(name, kwargs=where))
    assert answer.status_code == 200
    return unescape(answer.content.decode())


def again(report, by, at=AT, **facts):
    """The next sending of a report."""
    owed = report.obligation
    told = f.sending(by, base_rev=report.rev, **facts)
    return filing.file(owed, told, at=at).report


# --- What waits for confirmation ---------------------------------------------------------------


def test_a_reported_defect_waits_and_changes_nothing(community, place, staff, seat):
    lamp = light(place, staff)
    broken(place, "light", "door", by=seat, note="三楼灯不亮")
    found = items(staff, community)
    assert {(each.place, each.kind, each.label) for each in found} == {
        (place, "light", "楼道灯"),
        (place, "door", "门禁"),
    }
    assert {each.note for each in found} == {"三楼灯不亮"}
    assert items(staff, community) == found
    lamp.refresh_from_db()
    assert (lamp.condition, lamp.conditions.count()) == (Condition.GOOD, 1)
    assert not DefectDecision.objects.exists()


def test_confirming_changes_the_facility_once_with_a_row_of_its_history(
    community, place, staff, seat
):
    lamp = light(place, staff)
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    press = batch()
    for _twice in range(2):
        confirming.confirm(
            seen(item), "light", facility=lamp, condition="poor", by=staff, at=AT, **press
        )
    lamp.refresh_from_db()
    assert lamp.condition == Condition.POOR
    rows = [(row.condition, row.because) for row in lamp.conditions.all()]
    assert rows == [("poor", "reported"), ("good", "added")]
    assert lamp.conditions.first().filing == item.newest
    assert items(staff, community) == []
    assert JournalEntry.objects.filter(verb="defect.confirmed").count() == 1


def test_what_is_on_no_list_is_put_on_it(community, place, staff, seat):
    broken(place, "pipe", by=seat)
    [item] = items(staff, community)
    made = confirming.confirm(
        seen(item), "pipe", facility=None, condition="stopped", by=staff, at=AT, **batch()
    )
    assert (made.kind, made.place, made.condition) == (FacilityKind.PIPE, place, "stopped")
    assert made.conditions.get().because == "reported"


def test_a_second_one_of_its_kind_gets_a_name_of_its_own(community, place, staff, seat):
    light(place, staff)
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    made = confirming.confirm(
        seen(item), "light", facility=None, condition="poor", by=staff, at=AT, **batch()
    )
    assert made.name == "楼道照明2"


def test_an_amended_report_takes_its_item_along(community, place, staff, seat):
    report = broken(place, "light", by=seat)
    report = again(report, seat, answers={"facility": "broken", "facility_kind": ["door"]})
    [item] = items(staff, community)
    assert (item.kind, item.is_amended) == ("door", True)
    again(report, seat, answers={"facility": "none"})
    assert items(staff, community) == []


def test_a_withdrawn_report_takes_its_item_along(community, place, staff, seat):
    report = broken(place, "light", by=seat)
    again(report, seat, withdraws=True)
    assert items(staff, community) == []


LIGHT_AGAIN = {"facility": "broken", "facility_kind": ["light"], "note": "换过了，又闪"}


@pytest.mark.parametrize(
    "facts",
    [{"answers": {"facility": "none"}}, {"answers": LIGHT_AGAIN}, {"withdraws": True}],
    ids=["amended", "other words", "withdrawn"],
)
def test_what_changed_meanwhile_is_not_confirmed(community, place, staff, seat, facts):
    lamp = light(place, staff)
    report = broken(place, "light", by=seat)
    [item] = items(staff, community)
    again(report, seat, **facts)
    with pytest.raises(Refusal) as refused:
        confirming.confirm(
            seen(item), "light", facility=lamp, condition="poor", by=staff, at=AT, **batch()
        )
    assert refused.value.code == "changed_since"
    lamp.refresh_from_db()
    assert lamp.condition == Condition.GOOD


def test_what_is_confirmed_stays_so_and_says_that_its_report_changed(community, place, staff, seat):
    lamp = light(place, staff)
    report = broken(place, "light", by=seat)
    [item] = items(staff, community)
    confirming.confirm(
        seen(item), "light", facility=lamp, condition="poor", by=staff, at=AT, **batch()
    )
    report.refresh_from_db()
    report = again(report, seat, answers={"facility": "broken", "facility_kind": ["light"]})
    assert items(staff, community) == []
    again(report, seat, withdraws=True)
    lamp.refresh_from_db()
    assert lamp.condition == Condition.POOR
    assert "这份报告后来撤回了" in read(client_of(staff), "facility", pk=lamp.pk)


def test_what_was_set_aside_comes_back_only_when_it_is_reported_anew(community, place, staff, seat):
    report = broken(place, "light", by=seat)
    [item] = items(staff, community)
    confirming.set_aside(seen(item), "light", reason="已经修好", by=staff, at=AT, **batch())
    assert items(staff, community) == []
    report.refresh_from_db()
    again(report, seat, answers={"facility": "broken", "facility_kind": ["light"], "note": "又坏"})
    [item] = items(staff, community)
    assert (item.note, item.is_amended) == ("又坏", True)


def test_setting_aside_asks_for_a_reason(community, place, staff, seat):
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    with pytest.raises(Refusal) as refused:
        confirming.set_aside(seen(item), "light", reason=" ", by=staff, at=AT, **batch())
    assert refused.value.code == "reason_required"


def test_two_weeks_of_one_thing_are_one_item(community, place, staff, seat):
    broken(place, "light", by=seat, at=AT - timedelta(days=7))
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    assert (item.weeks, item.is_not_repeated) == (2, False)
    confirming.set_aside(seen(item), "light", reason="已经修好", by=staff, at=AT, **batch())
    assert items(staff, community) == []


def test_a_later_week_that_says_nothing_of_it_is_shown(community, place, staff, seat):
    broken(place, "light", by=seat, at=AT - timedelta(days=7))
    filing.file(f.owed(place, f.open_week()), f.sending(seat), at=AT)
    [item] = items(staff, community)
    assert item.is_not_repeated


def test_two_people_decide_once(community, place, staff, seat):
    lamp = light(place, staff)
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    confirming.set_aside(seen(item), "light", reason="已经修好", by=staff, at=AT, **batch())
    with pytest.raises(Refusal) as refused:
        confirming.confirm(
            seen(item),
            "light",
            facility=lamp,
            condition="poor",
            by=f.staff(community),
            at=AT,
            **batch(),
        )
    assert refused.value.code == "already_decided"


def test_the_database_keeps_one_decision_of_a_defect(community, place, staff, seat):
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    confirming.set_aside(seen(item), "light", reason="已经修好", by=staff, at=AT, **batch())
    row = DefectDecision.objects.get()
    row.pk, row.batch = None, uuid4()
    with pytest.raises(IntegrityError, match="one_decision_per_defect"), transaction.atomic():
        row.save(force_insert=True)


# --- Undo --------------------------------------------------------------------------------------


def test_within_ten_seconds_a_confirmation_is_taken_back(community, place, staff, seat):
    lamp = light(place, staff, Condition.FAIR)
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    press = batch()
    confirming.confirm(
        seen(item), "light", facility=lamp, condition="poor", by=staff, at=AT, **press
    )
    soon = AT + timedelta(seconds=9)
    assert confirming.undo(press["batch"], by=staff, at=soon) == 1
    assert confirming.undo(press["batch"], by=staff, at=soon) == 0
    lamp.refresh_from_db()
    assert lamp.condition == Condition.FAIR
    assert [row.because for row in lamp.conditions.all()] == ["undone", "reported", "added"]
    assert [each.key for each in items(staff, community)] == [item.key]


def test_a_facility_made_by_mistake_goes_with_the_undo_and_can_be_made_again(
    community, place, staff, seat
):
    broken(place, "pipe", by=seat)
    [item] = items(staff, community)
    press = batch()
    facts = {"facility": None, "condition": "poor", "by": staff, "at": AT}
    confirming.confirm(seen(item), "pipe", **facts, **press)
    confirming.undo(press["batch"], by=staff, at=AT)
    assert not Facility.objects.there().exists()
    confirming.confirm(seen(item), "pipe", **facts, **batch())
    assert Facility.objects.there().count() == 1


@pytest.mark.parametrize(
    ("whose", "later", "code"),
    [
        ("own", 11, "undo_too_late"),
        ("other", 5, "undo_not_found"),
        ("moved on", 5, "undo_overtaken"),
    ],
)
def test_what_is_not_undone(community, place, staff, seat, whose, later, code):
    lamp = light(place, staff)
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    press = batch()
    confirming.confirm(
        seen(item), "light", facility=lamp, condition="poor", by=staff, at=AT, **press
    )
    if whose == "moved on":
        inspecting.inspect(lamp, "stopped", on=AT.date(), by=staff, at=AT)
    by = f.staff(community) if whose == "other" else staff
    with pytest.raises(Refusal) as refused:
        confirming.undo(press["batch"], by=by, at=AT + timedelta(seconds=later))
    assert refused.value.code == code
    lamp.refresh_from_db()
    assert lamp.condition == ("stopped" if whose == "moved on" else "poor")


# --- Who sees it -------------------------------------------------------------------------------


def test_a_worker_confirms_in_the_own_block_only(community, place, seat):
    far = f.building(community, 3)
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community)).user
    broken(place, "light", by=seat)
    broken(far, "door", by=f.seat(far))
    assert [each.place for each in items(worker, community)] == [place]
    [there] = [each for each in items(f.staff(community), community) if each.place == far]
    client = client_of(worker)
    sent = {"item": there.key, "facility": "new", "condition": "poor", **batch()}
    where = reverse("defect-confirmation", kwargs={"code": community.code})
    assert client.post(where, sent).status_code == 404
    assert not Facility.objects.exists()


def test_a_facility_of_another_building_is_not_chosen(community, place, staff, seat):
    lamp = light(f.building(community, 2), staff)
    broken(place, "light", by=seat)
    [item] = items(staff, community)
    sent = {"item": item.key, "facility": lamp.pk, "condition": "poor", **batch()}
    where = reverse("defect-confirmation", kwargs={"code": community.code})
    assert client_of(staff).post(where, sent).status_code == 404
    lamp.refresh_from_db()
    assert lamp.condition == Condition.GOOD


def test_nobody_waits_for_who_does_not_keep_the_profile(community, place, staff, seat):
    broken(place, "light", by=seat)
    street = f.post(Duty.STREET_OFFICER, division=community.division).user
    for user in (seat, street, f.staff(community, Duty.PARTY_SECRETARY)):
        assert intake.waiting(user, community, AT).count == 0
    waiting = intake.waiting(staff, community, AT)
    assert (waiting.count, [each.line for each in waiting.newest]) == (1, ["1号楼组：楼道灯"])


def test_the_party_secretary_reads_and_does_not_write(community, place, staff):
    profiles.describe(community, staff)
    client = client_of(f.staff(community, Duty.PARTY_SECRETARY))
    page = read(client, "community-profile", code=community.code)
    assert "中心花园" in page
    assert "登记设施" not in page.partition('id="people"')[0]
    lamp = Facility.objects.filter(place=place).get()
    assert client.get(reverse("facility", kwargs={"pk": lamp.pk})).status_code == 403
    of = reverse("building-profile", kwargs={"code": place.code})
    assert client.post(of, {"rev": "1"}).status_code == 403


def test_a_blocks_worker_reads_the_own_block(community, staff):
    profiles.describe(community, staff)
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community)).user
    page = read(client_of(worker), "community-profile", code=community.code)
    assert "2个楼组的房屋，登记了40套" in page
    assert "3号楼组" not in page
    assert "停车缺口" not in page


def test_above_the_community_few_are_not_told_apart():
    parts = charts.bars([("甲", 40), ("乙", 12), ("丙", 3), ("丁", 1)])
    told = charts.joined(parts, 5)
    assert [(bar.label, bar.count) for bar in told] == [("甲", 40), ("其余合并", 16)]
    assert sum(bar.count for bar in told) == 56
    plain = charts.bars([("甲", 40), ("乙", 12)])
    assert charts.joined(plain, 5) == plain
    assert charts.joined(charts.bars([("甲", 3)]), 5) == []
    two = charts.joined(charts.bars([("甲", 40), ("乙", 3), ("丙", 2)]), 5)
    assert [(bar.label, bar.count) for bar in two] == [("甲", 40), ("其余合并", 5)]


def test_the_street_is_told_no_small_number_of_flats(community, staff):
    profiles.describe(community, staff)
    flats = {(Tenure.SOLD_PUBLIC, AreaBand.TO_50): 18, (Tenure.PRIVATE, AreaBand.TO_50): 2}
    describing.describe(
        f.building(community), {"vacant_dwellings": 0}, flats, seen_rev=1, by=staff, at=AT
    )
    f.open_week()
    f.drain(community)
    street = client_of(f.post(Duty.STREET_OFFICER, division=community.division).user)
    page = read(street, "community-profile", code=community.code)
    assert "私房" not in page
    assert "其余合并" in page
    # Two flats stand empty.
    assert "不分列" in page
    assert "私房" in read(client_of(staff), "community-profile", code=community.code)


# --- Buildings ---------------------------------------------------------------------------------


def _typed(**facts: object) -> dict[str, object]:
    typed = {
        "rev": "0",
        "year_built": "１９５４",
        "storeys": "6",
        "has_lift": "no",
        "structure": "brick",
        "housing_type": "workers",
        "defects": ["leak"],
        "defects_seen_on": "",
        "vacant_dwellings": "1",
        "flats-public-under_30": "6",
        "flats-sold_public-to_50": "14",
    }
    return typed | facts


def test_a_building_is_written_down_and_read(place, staff):
    client = client_of(staff)
    where = reverse("building-profile", kwargs={"code": place.code})
    assert client.post(where, _typed()).status_code == 302
    profile = BuildingProfile.objects.get(place=place)
    assert (profile.year_built, profile.has_lift, profile.defects) == (1954, False, ["leak"])
    assert profile.defects_seen_on == timezone.localdate()
    assert sum(DwellingCount.objects.values_list("dwellings", flat=True)) == 20
    page = read(client, "building-profile", code=place.code)
    for words in ("1954年", "6层", "渗漏", "共20套", "直管公房，30㎡以下", "业主投票按产权名册"):
        assert words in page
    # Another sending of the same page does not add up.
    assert client.post(where, _typed(rev="1")).status_code == 302
    assert sum(DwellingCount.objects.values_list("dwellings", flat=True)) == 20


def test_all_of_a_building_may_be_left_open(place, staff):
    where = reverse("building-profile", kwargs={"code": place.code})
    assert client_of(staff).post(where, {"rev": "0"}).status_code == 302
    profile = BuildingProfile.objects.get(place=place)
    assert (profile.year_built, profile.has_lift, profile.defects) == (None, None, [])
    assert profile.vacant_dwellings is None


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"year_built": "54"}, "请填四位数的年份"),
        ({"year_built": "五四年"}, "请填数字"),
        ({"storeys": "0"}, "层数请填1至60"),
        ({"flats-public-under_30": "99999"}, "数太大了"),
        ({"vacant_dwellings": "25"}, "空关25套，比总数20套还多"),
        ({"defects_seen_on": "2999-01-01"}, "这一天还没到"),
        ({"defects_seen_on": "昨天"}, "日期请写成"),
        ({"structure": "mud"}, "请在给出的选项里选"),
    ],
)
def test_a_wrong_number_is_told_beside_it_and_nothing_typed_is_lost(place, staff, wrong, sentence):
    where = reverse("building-profile", kwargs={"code": place.code})
    answer = client_of(staff).post(where, _typed(**wrong))
    page = unescape(answer.content.decode())
    assert answer.status_code == 422
    assert sentence in page
    assert "<title>错误：" in page.replace("\n", "")
    for kept in ('value="14"', "工人新村"):
        assert kept in page
    assert not BuildingProfile.objects.filter(rev__gt=0).exists()
    assert not DwellingCount.objects.exists()


def test_who_wrote_first_is_named_and_what_was_typed_can_be_saved_over_it(place, staff):
    describing.describe(place, {"storeys": 5}, seen_rev=0, by=staff, at=AT)
    where = reverse("building-profile", kwargs={"code": place.code})
    client = client_of(f.staff(place.community))
    answer = client.post(where, _typed())
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"刚才{staff.full_name}改过，请看一下再保存" in page
    assert 'name="rev" value="1"' in page
    assert client.post(where, _typed(rev="1")).status_code == 302


def test_several_buildings_are_filled_in_alike_and_what_is_known_stays(community, place, staff):
    describing.describe(place, {"storeys": 5}, seen_rev=0, by=staff, at=AT)
    two = f.building(community, 2)
    client = client_of(staff)
    where = reverse("building-profiles", kwargs={"code": community.code})
    typed = {"places": [place.code, two.code], "storeys": "6", "year_built": "1954"}
    answer = client.post(where, typed, follow=True)
    assert "已写进2个楼组" in answer.content.decode()
    told = BuildingProfile.objects.order_by("place_id").values_list("storeys", "year_built")
    assert list(told) == [(5, 1954), (6, 1954)]
    client.post(where, typed | {"over": "yes"})
    assert set(BuildingProfile.objects.values_list("storeys", flat=True)) == {6}
    assert not BuildingProfile.objects.filter(place=f.building(community, 3)).exists()


def test_filling_alike_says_what_is_missing_and_keeps_the_rest(community, place, staff):
    client = client_of(staff)
    where = reverse("building-profiles", kwargs={"code": community.code})
    nobody = client.post(where, {"storeys": "6"})
    assert (nobody.status_code, "请先选楼组" in nobody.content.decode()) == (422, True)
    assert 'value="6"' in nobody.content.decode()
    nothing = client.post(where, {"places": place.code})
    assert "还没有填要写的内容" in nothing.content.decode()
    assert "checked" in nothing.content.decode().partition(place.code)[2][:40]


def test_a_worker_fills_in_no_building_of_another_block(community, place):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community)).user
    where = reverse("building-profiles", kwargs={"code": community.code})
    far = f.building(community, 3)
    client_of(worker).post(where, {"places": [place.code, far.code], "storeys": "6"})
    assert [each.place for each in BuildingProfile.objects.all()] == [place]


def test_a_profile_is_of_a_building(community):
    BuildingProfile.objects.create(place=f.block(community), updated_at=AT)
    name = "building_profile_names_the_kind_of_its_place"
    with connection.cursor() as cursor, pytest.raises(IntegrityError, match=name):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# --- Facilities --------------------------------------------------------------------------------


def test_a_facility_is_added_inspected_corrected_and_taken_away(community, staff):
    client = client_of(staff)
    typed = {
        "place": community.code,
        "kind": "ground",
        "name": "中心花园",
        "condition": "good",
        "on": str(timezone.localdate()),
        "activity_space_m2": "260.5",
        "seats": "１２",
    }
    added = client.post(reverse("facility-addition", kwargs={"code": community.code}), typed)
    garden = Facility.objects.get()
    assert added.headers["Location"] == reverse("facility", kwargs={"pk": garden.pk})
    assert (garden.seats, str(garden.activity_space_m2)) == (12, "260.5")
    of = {"pk": garden.pk}
    today = {"on": str(timezone.localdate())}
    client.post(reverse("facility-inspection", kwargs=of), {"condition": "stopped", **today})
    garden.refresh_from_db()
    assert garden.condition == Condition.STOPPED
    facts = {"kind": "ground", "name": "中心小花园", "rev": str(garden.rev)}
    assert client.post(reverse("facility", kwargs=of), facts).status_code == 302
    stale = client.post(reverse("facility", kwargs=of), facts | {"name": "花园"})
    assert stale.status_code == 409
    assert "刚才有人改过这一处" in stale.content.decode()
    assert 'value="花园"' in stale.content.decode()
    refused = client.post(reverse("facility-removal", kwargs=of), {"reason": ""})
    assert "请写明为什么撤除" in refused.content.decode()
    client.post(reverse("facility-removal", kwargs=of), {"reason": "改建成停车位"})
    garden.refresh_from_db()
    assert (garden.name, bool(garden.removed_at)) == ("中心小花园", True)
    assert "中心小花园" not in read(client, "community-profile", code=community.code)
    verbs = JournalEntry.objects.order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == [f"facility.{v}" for v in ("added", "inspected", "corrected", "removed")]


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"name": ""}, "这一项还没填"),
        ({"place": "elsewhere"}, "请在给出的选项里选"),
        ({"name": "花园，电话13800138000"}, "请不要把手机号写在说明里"),
        ({"activity_space_m2": "-3"}, "面积不能是负数"),
        ({"activity_space_m2": "很大"}, "请填数字"),
        ({"activity_space_m2": "2.75"}, "最多写一位小数"),
        ({"on": "2999-01-01"}, "这一天还没到"),
        ({"condition": ""}, "这一项还没填"),
        ({"seats": "100000"}, "数太大了"),
    ],
)
def test_a_facility_that_cannot_be_so_is_told_beside_the_field(community, staff, wrong, sentence):
    typed = {
        "place": community.code,
        "kind": "ground",
        "name": "中心花园",
        "condition": "good",
        "on": str(timezone.localdate()),
        "note": "东门进去左手",
    }
    where = reverse("facility-addition", kwargs={"code": community.code})
    answer = client_of(staff).post(where, typed | wrong)
    assert answer.status_code == 422
    page = unescape(answer.content.decode())
    assert sentence in page
    assert "东门进去左手" in page
    assert not Facility.objects.exists()


def test_one_lamp_is_not_listed_twice(community, place, staff):
    light(place, staff)
    where = reverse("facility-addition", kwargs={"code": community.code})
    typed = {"place": place.code, "kind": "light", "name": "楼道照明", "condition": "good"}
    answer = client_of(staff).post(where, typed | {"on": str(timezone.localdate())})
    assert answer.status_code == 409
    assert "这里已经有同名的设施" in answer.content.decode()


def test_an_inspection_is_not_before_the_last_one(place, staff):
    lamp = light(place, staff)
    with pytest.raises(Refusal) as refused:
        inspecting.inspect(lamp, "poor", on=AT.date() - timedelta(days=1), by=staff, at=AT)
    assert refused.value.code == "looked_later"


def test_nothing_hangs_on_a_floor_or_at_a_door(community, staff):
    with pytest.raises(IntegrityError, match="a_facility_is_public"), transaction.atomic():
        light(f.household(community), staff)


@pytest.mark.parametrize("table", ["facilitycondition", "parkingneed"])
def test_history_is_insert_only(community, place, staff, table):
    profiles.describe(community, staff)
    with (
        pytest.raises(DatabaseError, match="insert only"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(f"DELETE FROM profiles_{table}")


def test_the_table_is_filtered_by_condition_and_words(community, place, staff):
    light(place, staff, Condition.POOR)
    light(f.building(community, 2), staff)
    client = client_of(staff)
    where = reverse("community-profile", kwargs={"code": community.code})
    poor = client.get(where, {"condition": "poor"}).content.decode()
    assert ("1号楼组" in poor, "2号楼组" in poor) == (True, False)
    assert "! " not in poor.partition("<tbody>")[0]
    assert 'data-glyph="!">差' in poor
    words = client.get(where, {"q": "2号楼"}).content.decode()
    assert ("1号楼组" in words, "2号楼组" in words) == (False, True)
    assert "没有这样的设施" in client.get(where, {"kind": "lift"}).content.decode()


# --- Cars --------------------------------------------------------------------------------------


def test_cars_are_counted_with_day_and_source(community, staff):
    client = client_of(staff)
    where = reverse("parking-need", kwargs={"code": community.code})
    typed = {"cars": "612", "on": str(timezone.localdate()), "source": "物业夜间清点"}
    assert client.post(where, typed).status_code == 302
    need = ParkingNeed.objects.get()
    assert (need.cars, need.source, need.by) == (612, "物业夜间清点", staff)
    for wrong, sentence in (
        ({"source": ""}, "这一项还没填"),
        ({"cars": "很多"}, "请填数字"),
        ({"on": "2999-01-01"}, "这一天还没到"),
    ):
        answer = client.post(where, typed | wrong)
        assert (answer.status_code, sentence in answer.content.decode()) == (422, True)
    assert ParkingNeed.objects.count() == 1


def test_cars_are_not_for_a_blocks_worker(community):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community)).user
    where = reverse("parking-need", kwargs={"code": community.code})
    assert client_of(worker).get(where).status_code == 403


def test_a_sending_that_names_no_kind_waits_to_be_told_which(community, place, staff, seat):
    owed = f.owed(place, f.open_week())
    filing.file(owed, f.sending(seat, answers={"facility": "broken"}), at=AT)
    [item] = items(staff, community)
    assert (item.kind, item.label) == ("", "没有说是什么")
    client = client_of(staff)
    where = reverse("defect-confirmation", kwargs={"code": community.code})
    sent = {"item": item.key, "facility": "", "condition": "poor", **batch()}
    answer = client.post(where, sent)
    assert answer.status_code == 422
    assert "请选是哪一处设施" in answer.content.decode()


# --- What it costs, and what it says -----------------------------------------------------------


def _queries(client: Client, name: str, **where: object) -> int:
    with CaptureQueriesContext(connection) as asked:
        assert client.get(reverse(name, kwargs=where)).status_code == 200
    return len(asked)


def test_pages_ask_no_more_of_many_buildings_and_defects_than_of_one(staff, community):
    client = client_of(staff)
    many = f.compound((6, 6))
    other = client_of(f.staff(many))
    for of, by, buildings in ((community, staff, 1), (many, f.staff(many), 12)):
        profiles.describe(of, by, buildings=buildings)
        for number in range(1, buildings + 1):
            place = f.building(of, number)
            broken(place, "light", "door", by=f.seat(place), at=timezone.now())
    for name in ("community-profile", "defects", "building-profiles"):
        few = _queries(client, name, code=community.code)
        assert _queries(other, name, code=many.code) == few


def test_the_queue_speaks_chinese_and_so_does_a_refusal(staff, community, place, seat):
    broken(place, "light", "roof", by=seat, at=timezone.now(), note="三楼灯不亮")
    client = client_of(staff)
    profiles.describe(community, staff, at=timezone.now())
    where = reverse("community-profile", kwargs={"code": community.code})
    assert latin_words(client, where, within=f"/community/{community.code}/") == {}
    [item, *_others] = intake.pending(staff, community, at=timezone.now())
    sent = {"item": item.key, "reason": " ", **batch()}
    refused = client.post(
        reverse("defect-setting-aside", kwargs={"code": community.code}), sent
    ).content.decode()
    assert "请写明为什么不作处理" in refused
    assert " open" in refused


def test_every_verb_of_this_room_has_its_words():
    verbs = {
        value
        for module in (describing, inspecting, confirming, counting_cars)
        for value in vars(module).values()
        if isinstance(value, str) and value.count(".") == 1 and value[0].islower()
    }
    assert {each for each in verbs if "governance" not in each} - set(VERBS) == set()
    assert "defect.confirmed" in verbs
