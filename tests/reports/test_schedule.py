"""Setting the calendar: what is written stays, a change speaks from the next opening."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import calendar, obligations, schedule
from reports.catalogue import BLOCK_REPORT, publish_all
from reports.models import Holiday, Obligation
from tests import factories as f
from units.kinds import Duty
from units.models import Community, JournalEntry
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
TIMES = ("pk", "opens_at", "due_at", "closes_at", "locks_at")
WEEK = timedelta(days=7)


@pytest.fixture
def community():
    made = f.compound((2, 1))
    publish_all(at=f.WEDNESDAY)
    return made


@pytest.fixture
def officer(community):
    return f.post(Duty.STREET_OFFICER, division=community.division).user


def refusal(call, *args, **options):
    with pytest.raises(Refusal) as caught:
        call(*args, **options)
    return caught.value


def declare(day, *, works=False, name="临时放假", at=f.WEDNESDAY, by=None):
    return schedule.declare_day(day, works=works, name=name, by=by or f.person(), at=at)


# --- Holidays ---------------------------------------------------------------------------


def test_a_day_off_moves_the_next_opening_and_no_written_obligation(community):
    f.open_week()
    written = list(Obligation.objects.order_by("pk").values_list(*TIMES))
    for day in (18, 19, 20, 23):
        declare(date(2026, 11, day))
    obligations.open_week(at=f.WEDNESDAY)
    assert list(Obligation.objects.order_by("pk").values_list(*TIMES)) == written
    following = obligations.open_week(at=f.WEDNESDAY + WEEK)
    due = Obligation.objects.filter(period=following, place__kind=2).first().due_at
    # Sunday the 22nd lies in the days off: the second working day after them.
    assert timezone.localtime(due).date() == date(2026, 11, 25)


def test_a_day_may_be_corrected_and_taken_back(community):
    declare(date(2026, 12, 7))
    declare(date(2026, 12, 7), name="测试日")
    assert Holiday.objects.get(day=date(2026, 12, 7)).name == "测试日"
    for _twice in range(2):
        schedule.remove_day(date(2026, 12, 7), by=f.person(), at=f.WEDNESDAY)
    assert not Holiday.objects.filter(day=date(2026, 12, 7)).exists()
    verbs = JournalEntry.objects.order_by("id").values_list("verb", flat=True)
    assert list(verbs) == [
        *("calendar.day_declared", "calendar.day_declared", "calendar.day_removed"),
    ]


@pytest.mark.parametrize(
    ("day", "facts", "code"),
    [
        (date(2026, 11, 10), {}, "day_is_over"),
        (date(2029, 1, 1), {}, "too_far_ahead"),
        (date(2026, 11, 14), {}, "already_so"),
        (date(2026, 11, 16), {"works": True}, "already_so"),
        (date(2026, 11, 16), {"name": " \x00"}, "name_required"),
        (date(2026, 11, 16), {"name": "节" * 21}, "name_required"),
        (date(2026, 11, 16), {"name": "打13912345678"}, "mobile_number"),
    ],
)
def test_a_day_that_says_nothing_or_is_over_is_refused(community, day, facts, code):
    before = Holiday.objects.count()
    assert refusal(declare, day, **facts).code == code
    assert Holiday.objects.count() == before


def test_a_day_that_is_over_is_not_removed(community):
    over = date(2026, 10, 1)
    by = f.person()
    assert refusal(schedule.remove_day, over, by=by, at=f.WEDNESDAY).code == "day_is_over"


# --- Rhythm -----------------------------------------------------------------------------


def opened_blocks(at, *, until):
    """Keys of the periods that block reports are owed for, opening day by day."""
    while at < until:
        obligations.open_week(at=at)
        obligations.open_month(at=at)
        at += timedelta(days=1)
    owed = Obligation.objects.filter(form__code=BLOCK_REPORT).order_by("period__ends_on")
    return list(owed.values_list("period__key", flat=True).distinct())


def set_rhythm(community, rhythm, at=f.WEDNESDAY):
    community.refresh_from_db()
    return schedule.set_rhythm(community, BLOCK_REPORT, rhythm, by=f.person(), at=at)


def test_a_changed_rhythm_begins_with_the_next_month_and_leaves_no_day_out(community):
    start = f.WEDNESDAY
    obligations.open_week(at=start)
    written = list(Obligation.objects.order_by("pk").values_list(*TIMES))
    set_rhythm(community, "month")
    keys = opened_blocks(start, until=start + timedelta(days=60))
    assert keys == ["2026-W46", "2026-W47", "2026-W48", "2026-12", "2027-01"]
    kept = Obligation.objects.filter(pk__in=[row[0] for row in written])
    assert list(kept.order_by("pk").values_list(*TIMES)) == written


def test_back_to_weeks_the_running_month_is_still_owed_as_a_month(community):
    Community.objects.update(rhythm={BLOCK_REPORT: "month"})
    obligations.open_month(at=f.WEDNESDAY)
    set_rhythm(community, "week")
    keys = opened_blocks(f.WEDNESDAY, until=f.WEDNESDAY + timedelta(days=25))
    assert keys == ["2026-11", "2026-W49"]


def test_a_change_taken_back_before_it_begins_changes_nothing(community):
    set_rhythm(community, "month")
    set_rhythm(community, "week")
    keys = opened_blocks(f.WEDNESDAY, until=f.WEDNESDAY + timedelta(days=25))
    assert keys == ["2026-W46", "2026-W47", "2026-W48", "2026-W49"]


def test_the_same_rhythm_again_is_not_noted(community):
    set_rhythm(community, "month")
    set_rhythm(community, "month")
    assert JournalEntry.objects.filter(verb="calendar.rhythm").count() == 1


@pytest.mark.parametrize(
    ("code", "rhythm"),
    [("block_report", "quarter"), ("block_report", ""), ("building_report", "month")],
)
def test_only_what_is_declared_can_be_chosen(community, code, rhythm):
    by = f.person()
    refused = refusal(schedule.set_rhythm, community, code, rhythm, by=by, at=f.WEDNESDAY)
    assert refused.code == "unknown_rhythm"


# --- The page ---------------------------------------------------------------------------


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_the_officer_adds_and_removes_a_day(officer):
    client = client_of(officer)
    year = timezone.localdate().year + 1
    day = next(d for d in (date(year, 5, n) for n in range(1, 8)) if d.weekday() < 5)
    body = {"day": day.isoformat(), "name": "劳动节", "works": "no"}
    shown = client.post(reverse("calendar-days"), body, follow=True).content.decode()
    assert "劳动节" in shown
    client.post(reverse("calendar-removal", kwargs={"day": day.isoformat()}))
    assert not Holiday.objects.filter(day=day).exists()


def test_a_refused_day_keeps_what_was_typed(officer):
    body = {"day": "2020-05-01", "name": "劳动节", "works": "no"}
    answer = client_of(officer).post(reverse("calendar-days"), body)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="劳动节"' in text
    assert 'value="2020-05-01"' in text
    assert "已经过去的日子" in text
    answer = client_of(officer).post(reverse("calendar-days"), {"day": "明天", "name": "x"})
    assert answer.status_code == 422


def test_the_committee_reads_the_calendar_and_sets_nothing(community, officer):
    for duty in (Duty.STAFF, Duty.DIRECTOR, Duty.PARTY_SECRETARY):
        client = client_of(f.staff(community, duty))
        text = client.get(reverse("calendar")).content.decode()
        assert community.name in text
        assert "加一天" not in text
        assert client.post(reverse("calendar-days"), {}).status_code == 403
    other = f.compound((1,))
    assert other.name not in client_of(f.staff(community)).get(reverse("calendar")).content.decode()
    viewer = f.post(Duty.STREET_VIEWER, division=community.division).user
    where = reverse("calendar-rhythm", kwargs={"code": community.code})
    assert client_of(viewer).post(where, {"rhythm": "month"}).status_code == 403
    assert client_of(f.seat(f.building(community))).get(reverse("calendar")).status_code == 403


def test_the_officer_changes_the_rhythm_and_sees_from_when(community, officer):
    where = reverse("calendar-rhythm", kwargs={"code": community.code})
    shown = client_of(officer).post(where, {"rhythm": "month"}, follow=True).content.decode()
    begins = schedule.starts_on(timezone.now())
    assert f"{begins.month}月{begins.day}日起每月" in shown


def test_missing_holidays_are_told_on_the_boards_and_the_calendar(community, officer):
    year = timezone.localdate().year
    Holiday.objects.all().delete()
    words = f"{year}年的节假日还没有设"
    staff = client_of(f.staff(community))
    board = reverse("community-board", kwargs={"code": community.code})
    street = reverse("street-board", kwargs={"code": community.division_id})
    assert words in staff.get(board).content.decode()
    assert words in client_of(officer).get(street).content.decode()
    assert words in client_of(officer).get(reverse("calendar")).content.decode()
    Holiday.objects.create(day=date(year, 1, 1), is_workday=False, name="元旦")
    assert words not in staff.get(board).content.decode()


def test_the_coming_year_is_in_reach_from_december_on():
    Holiday.objects.filter(day__year=2027).delete()
    assert calendar.years_without_holidays(date(2026, 11, 30)) == []
    assert calendar.years_without_holidays(date(2026, 12, 1)) == [2027]
