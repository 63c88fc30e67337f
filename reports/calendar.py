"""Weeks, working days and deadlines. Asia/Shanghai; holidays from our own table.

Rules (domain/glossary 3.3, design §6 and open points 17): a due or closing day inside a statutory
holiday of three days or more moves to the second working day after it; "locks three working days
after" is 24:00 of the third working day after closing.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils import timezone

from reports.models import Holiday, Period

DAY = timedelta(days=1)


class Calendar:
    """Working days over a stretch, read from the holiday table in one query."""

    def __init__(self, around: date) -> None:
        span = timedelta(days=45)
        self._worked = dict(
            Holiday.objects.filter(day__range=(around - span, around + span)).values_list(
                "day", "is_workday"
            )
        )

    def is_workday(self, day: date) -> bool:
        return self._worked.get(day, day.weekday() < 5)

    def workday_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`."""
        while count:
            day += DAY
            count -= self.is_workday(day)
        return day

    def out_of_long_holiday(self, day: date) -> date:
        """`day`, or the second working day after the statutory holiday of ≥ 3 days it lies in."""
        if self.is_workday(day):
            return day
        first = last = day
        while not self.is_workday(first - DAY):
            first -= DAY
        while not self.is_workday(last + DAY):
            last += DAY
        run = [first + DAY * n for n in range((last - first).days + 1)]
        is_statutory = any(self._worked.get(each) is False for each in run)
        return self.workday_after(last, 2) if is_statutory and len(run) >= 3 else day


@dataclass(frozen=True)
class Times:
    """The four moments written on each obligation."""

    opens_at: datetime
    due_at: datetime
    closes_at: datetime
    locks_at: datetime


def moment(day: date, hour: int = 0) -> datetime:
    """`hour` o'clock of `day` in Shanghai; 24 is the midnight that ends it."""
    days, hour = divmod(hour, 24)
    return timezone.make_aware(datetime.combine(day + DAY * days, time(hour)))


def building_report_times(period: Period) -> Times:
    """Opens Monday 00:00, due Sunday 20:00, late until Monday 24:00 or the end of the due day."""
    calendar = Calendar(period.ends_on)
    due_day = calendar.out_of_long_holiday(period.ends_on)
    closing_day = max(due_day, calendar.out_of_long_holiday(period.ends_on + DAY))
    return Times(
        opens_at=moment(period.starts_on),
        due_at=moment(due_day, 20),
        closes_at=moment(closing_day, 24),
        locks_at=moment(calendar.workday_after(closing_day, 3), 24),
    )


def block_report_times(period: Period) -> Times:
    """Opens on the last day at 20:00; due on Tuesday 18:00, a month's on the second working day."""
    calendar = Calendar(period.ends_on)
    is_week = period.kind == Period.PeriodKind.WEEK
    due_day = period.ends_on + 2 * DAY if is_week else calendar.workday_after(period.ends_on, 2)
    return _upper_times(period, calendar, calendar.out_of_long_holiday(due_day))


def community_report_times(period: Period) -> Times:
    """Opens on the last day at 20:00; due on the third working day after it, 18:00."""
    calendar = Calendar(period.ends_on)
    return _upper_times(period, calendar, calendar.workday_after(period.ends_on, 3))


def upper_opens_at(period: Period) -> datetime:
    """When the reports drawn up from those below can first be written."""
    return moment(period.ends_on, 20)


def _upper_times(period: Period, calendar: Calendar, due_day: date) -> Times:
    """Late until the due day is over; then as every report."""
    return Times(
        opens_at=upper_opens_at(period),
        due_at=moment(due_day, 18),
        closes_at=moment(due_day, 24),
        locks_at=moment(calendar.workday_after(due_day, 3), 24),
    )


def week_of(day: date) -> Period:
    """The ISO week that holds `day`, made when it is not there yet. 2027-01-01 is in 2026-W53."""
    starts_on = day - DAY * day.weekday()
    year, week, _weekday = day.isocalendar()
    period, _made = Period.objects.get_or_create(
        key=f"{year}-W{week:02d}",
        defaults={
            "kind": Period.PeriodKind.WEEK,
            "starts_on": starts_on,
            "ends_on": starts_on + DAY * 6,
        },
    )
    return period


def periods_holding(day: date) -> list[Period]:
    """The week, month and quarter that hold `day`, made when they are not there yet."""
    kinds = (Period.PeriodKind.WEEK, Period.PeriodKind.MONTH, Period.PeriodKind.QUARTER)
    found = list(Period.objects.filter(kind__in=kinds, starts_on__lte=day, ends_on__gte=day))
    return found if len(found) == len(kinds) else [week_of(day), month_of(day), quarter_of(day)]


def periods_touched(days: Iterable[date], *, is_event: bool) -> list[Period]:
    """What must be recomputed when a report of these days changes; events change `now` too."""
    periods = {period for day in days for period in periods_holding(day)}
    if is_event:
        periods.add(now_period())
    return sorted(periods, key=lambda period: period.pk)


def month_of(day: date) -> Period:
    return _months(Period.PeriodKind.MONTH, day.replace(day=1), 1, f"{day.year}-{day.month:02d}")


def quarter_of(day: date) -> Period:
    number = (day.month - 1) // 3 + 1
    first = day.replace(month=3 * number - 2, day=1)
    return _months(Period.PeriodKind.QUARTER, first, 3, f"{day.year}-Q{number}")


def now_period() -> Period:
    """The one period that never ends: what is so today."""
    period, _made = Period.objects.get_or_create(
        key="now",
        defaults={
            "kind": Period.PeriodKind.NOW,
            "starts_on": date(2000, 1, 1),
            "ends_on": date.max,
        },
    )
    return period


def _months(kind: Period.PeriodKind, first: date, count: int, key: str) -> Period:
    beyond = (first + DAY * 31 * count).replace(day=1)
    period, _made = Period.objects.get_or_create(
        key=key, defaults={"kind": kind, "starts_on": first, "ends_on": beyond - DAY}
    )
    return period


def years_without_holidays(day: date) -> list[int]:
    """Years in reach whose schedule is not in the table: then plain weekends are assumed.

    From 1 December the coming year is in reach.
    """
    years = [day.year, day.year + 1] if day.month == 12 else [day.year]
    known = set(Holiday.objects.filter(day__year__in=years).values_list("day__year", flat=True))
    return [year for year in years if year not in known]
