"""Working days, weeks and deadlines, against the published schedule of 2026."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from reports import calendar
from reports.models import Holiday, Period

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
# domain/glossary 3.3, copied from the State Council's notice.
WORKED_WEEKENDS = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
WEEKDAYS_OFF = [
    *("01-01", "01-02", "02-16", "02-17", "02-18", "02-19", "02-20", "02-23", "04-06"),
    *("05-01", "05-04", "05-05", "06-19", "09-25"),
    *("10-01", "10-02", "10-05", "10-06", "10-07"),
]


def day(month_and_day: str, year: int = 2026) -> date:
    return date.fromisoformat(f"{year}-{month_and_day}")


def times(day_in_week: date) -> tuple[str, str, str, str]:
    """Opens, due, closes and locks of the week that holds the day, as a clock on the wall says."""
    found = calendar.building_report_times(calendar.week_of(day_in_week))
    return tuple(
        f"{timezone.localtime(each):%Y-%m-%d %H:%M}"
        for each in (found.opens_at, found.due_at, found.closes_at, found.locks_at)
    )


def test_every_day_of_2026_is_worked_or_off_as_published():
    kalendar = {month: calendar.Calendar(date(2026, month, 15)) for month in range(1, 13)}
    each, off = date(2026, 1, 1), set()
    while each.year == 2026:
        if not kalendar[each.month].is_workday(each):
            off.add(each)
        each += DAY
    weekends = {date(2026, 1, 3) + DAY * n for n in range(363) if n % 7 < 2}
    assert off == (weekends - set(map(day, WORKED_WEEKENDS))) | set(map(day, WEEKDAYS_OFF))


@pytest.mark.parametrize("worked", WORKED_WEEKENDS)
def test_a_make_up_day_is_a_weekend_day_that_is_worked(worked):
    assert day(worked).weekday() >= 5
    assert calendar.Calendar(day(worked)).is_workday(day(worked))


@pytest.mark.parametrize("off", WEEKDAYS_OFF)
def test_a_statutory_holiday_on_a_weekday_is_not_worked(off):
    assert day(off).weekday() < 5
    assert not calendar.Calendar(day(off)).is_workday(day(off))


@pytest.mark.parametrize(
    ("today", "key", "first", "last"),
    [
        (date(2026, 1, 1), "2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        (date(2025, 12, 29), "2026-W01", date(2025, 12, 29), date(2026, 1, 4)),
        (date(2026, 10, 4), "2026-W40", date(2026, 9, 28), date(2026, 10, 4)),
        (date(2026, 11, 9), "2026-W46", date(2026, 11, 9), date(2026, 11, 15)),
        (date(2027, 1, 1), "2026-W53", date(2026, 12, 28), date(2027, 1, 3)),
        (date(2027, 1, 4), "2027-W01", date(2027, 1, 4), date(2027, 1, 10)),
    ],
)
def test_a_week_is_the_iso_week_and_belongs_to_the_iso_year(today, key, first, last):
    week = calendar.week_of(today)
    assert (week.key, week.starts_on, week.ends_on) == (key, first, last)


def test_the_days_of_a_week_share_one_period():
    monday = date(2026, 11, 9)
    assert len({calendar.week_of(monday + DAY * n).pk for n in range(7)}) == 1
    assert Period.objects.filter(kind="week").count() == 1


def test_a_plain_week_is_due_on_sunday_evening():
    assert times(date(2026, 11, 11)) == (
        "2026-11-09 00:00",
        "2026-11-15 20:00",
        "2026-11-17 00:00",  # Monday 24:00
        "2026-11-20 00:00",  # Thursday 24:00: the third working day after Monday
    )


def test_a_due_sunday_in_the_national_day_holiday_moves_to_the_second_working_day_after_it():
    """2026-W40 ends on Sunday 4 October; work resumes on Thursday 8 October."""
    assert times(date(2026, 10, 4)) == (
        "2026-09-28 00:00",
        "2026-10-09 20:00",
        "2026-10-10 00:00",  # the due day's end
        "2026-10-14 00:00",  # 10 (a Saturday worked), 12, 13 October
    )


def test_a_week_never_closes_before_it_is_due():
    """Mid-Autumn, 25 to 27 September 2026, ends on the due Sunday; the Monday is worked."""
    assert times(date(2026, 9, 27)) == (
        "2026-09-21 00:00",
        "2026-09-29 20:00",
        "2026-09-30 00:00",
        "2026-10-10 00:00",  # 30 September, 8 and 9 October
    )


def test_both_weeks_of_a_spring_festival_are_due_after_it():
    """15 to 23 February 2026 are off, 28 February is worked."""
    later = ("2026-02-25 20:00", "2026-02-26 00:00", "2026-03-01 00:00")
    assert times(date(2026, 2, 15)) == ("2026-02-09 00:00", *later)
    assert times(date(2026, 2, 22)) == ("2026-02-16 00:00", *later)


def test_a_week_whose_closing_monday_alone_is_in_a_holiday_stays_open_for_longer():
    """Were 16 to 18 November off, Sunday 15 would be too: a worked Sunday keeps the due day."""
    for offset, is_workday in ((15, True), (16, False), (17, False), (18, False)):
        Holiday.objects.create(
            day=date(2026, 11, offset), is_workday=is_workday, name="地方安排的假"
        )
    assert times(date(2026, 11, 11)) == (
        "2026-11-09 00:00",
        "2026-11-15 20:00",
        "2026-11-21 00:00",  # Friday 20 is the second working day after the 18th
        "2026-11-26 00:00",
    )


def test_new_year_is_three_days_and_the_sunday_after_it_is_worked():
    assert times(date(2026, 1, 1)) == (
        "2025-12-29 00:00",
        "2026-01-04 20:00",
        "2026-01-06 00:00",
        "2026-01-09 00:00",
    )


def test_a_year_whose_schedule_is_not_published_has_plain_weekends():
    assert times(date(2027, 1, 1)) == (
        "2026-12-28 00:00",
        "2027-01-03 20:00",
        "2027-01-05 00:00",
        "2027-01-08 00:00",
    )


def test_a_make_up_saturday_counts_among_the_days_before_the_lock():
    """2026-W18 ends inside Labour Day: due on 7 May, then 8, 9 (a Saturday worked), 11 May."""
    assert times(date(2026, 5, 3)) == (
        "2026-04-27 00:00",
        "2026-05-07 20:00",
        "2026-05-08 00:00",
        "2026-05-12 00:00",
    )


def test_a_sunday_beside_a_make_up_saturday_is_an_ordinary_due_day():
    assert times(date(2026, 10, 10))[1] == "2026-10-11 20:00"


def test_an_ordinary_weekend_and_a_holiday_of_two_days_move_nothing():
    Holiday.objects.create(day=date(2026, 11, 14), is_workday=False, name="地方安排的假")
    assert times(date(2026, 11, 11))[1] == "2026-11-15 20:00"


@pytest.mark.parametrize(
    ("today", "missing"),
    [
        (date(2026, 11, 30), []),
        (date(2026, 12, 1), [2027]),
        (date(2026, 12, 31), [2027]),
        (date(2027, 1, 1), [2027]),
        (date(2027, 12, 1), [2027, 2028]),
    ],
)
def test_from_the_first_of_december_the_coming_year_is_asked_for(today, missing):
    assert calendar.years_without_holidays(today) == missing


def test_a_year_in_the_table_is_not_missed():
    Holiday.objects.create(day=date(2027, 1, 1), is_workday=False, name="元旦")
    assert calendar.years_without_holidays(date(2026, 12, 1)) == []
