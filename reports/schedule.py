"""Setting the calendar: holidays, make-up workdays, and how often a community reports.

What is owed already keeps the times it was written with; a change speaks from the next opening.
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import free_text, obligations
from reports.catalogue import BLOCK_REPORT
from reports.models import Holiday
from units import journal
from units.models import Community, User
from units.refusals import Refusal

Rhythm = obligations.Rhythm
# What may be chosen, by form; the rhythm of the others is fixed.
CHOICES = {BLOCK_REPORT: (Rhythm.WEEK, Rhythm.MONTH)}
LONGEST_NAME = 20
# How far ahead a schedule can be known.
_YEARS_AHEAD = 2


@transaction.atomic
def declare_day(day: date, *, works: bool, name: str, by: User, at: datetime) -> Holiday:
    """A weekday off, or a weekend day worked; the same day again is corrected.

    Raises Refusal `name_required`, `day_is_over`, `too_far_ahead`, `already_so` (422).
    """
    name = name.encode(errors="ignore").decode().replace("\x00", "").strip()
    if not 0 < len(name) <= LONGEST_NAME:
        message = _("请写名称，最多%d个字，例如春节") % LONGEST_NAME
        raise Refusal("name_required", message, fields={"name": message})
    free_text.refuse_private_numbers(name, field="name")
    _refuse_the_past(day, at)
    if day.year > timezone.localdate(at).year + _YEARS_AHEAD:
        message = _("这一天太远了，请再看一下年份")
        raise Refusal("too_far_ahead", message, fields={"day": message})
    if works is (day.weekday() < 5):
        message = _("这天本来就上班，不用设调休") if works else _("这天本来就是周末，不用设放假")
        raise Refusal("already_so", message, fields={"day": message})
    holiday, _made = Holiday.objects.update_or_create(
        day=day, defaults={"is_workday": works, "name": name}
    )
    journal.note(
        "calendar.day_declared", user=by, at=at, day=day.isoformat(), name=name, works=works
    )
    return holiday


@transaction.atomic
def remove_day(day: date, *, by: User, at: datetime) -> None:
    """Back to the plain weekly rule; twice is once. Raises Refusal `day_is_over`."""
    _refuse_the_past(day, at)
    removed, _rows = Holiday.objects.filter(day=day).delete()
    if removed:
        journal.note("calendar.day_removed", user=by, at=at, day=day.isoformat())


@transaction.atomic
def set_rhythm(
    community: Community, code: str, rhythm: str, *, by: User, at: datetime
) -> Community:
    """From the first day of next month on; a week belongs to the month of its last day.

    Until then the old rhythm goes on, so that no day is reported twice and none is left out.
    Raises Refusal `unknown_rhythm` (422).
    """
    if rhythm not in CHOICES.get(code, ()):
        message = _("这张表的周期不能这样设")
        raise Refusal("unknown_rhythm", message, fields={"rhythm": message})
    locked = Community.objects.select_for_update().get(pk=community.pk)
    since = starts_on(at)
    before = obligations.rhythm_of(locked, code, since - timedelta(days=1))
    if rhythm == obligations.rhythm_of(locked, code, since):
        return locked
    told = locked.rhythm.get(code)
    past = [each for each in told if each[0] < since.isoformat()] if isinstance(told, list) else []
    # A change taken back before it began leaves no trace.
    new = [] if rhythm == before else [[since.isoformat(), rhythm]]
    locked.rhythm = locked.rhythm | {code: [*(past or [["", before]]), *new]}
    locked.save(update_fields=["rhythm"])
    journal.note(
        "calendar.rhythm",
        user=by,
        at=at,
        community=locked.pk,
        form=code,
        rhythm=rhythm,
        **{"from": since.isoformat()},
    )
    return locked


def starts_on(at: datetime) -> date:
    """The day from which a rhythm set at `at` is in force: the first of the next month."""
    return (timezone.localdate(at).replace(day=1) + timedelta(days=32)).replace(day=1)


def _refuse_the_past(day: date, at: datetime) -> None:
    if day < timezone.localdate(at):
        message = _("已经过去的日子不能再改：那时的报告时间已经定下")
        raise Refusal("day_is_over", message, fields={"day": message})
