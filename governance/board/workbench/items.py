"""A row of the queue, whichever room it comes from."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.kinds import Kind
from units.models import Place


class Tab(models.TextChoices):
    """Where a row is looked for; one row is in one of them."""

    NEW = "new", gettext_lazy("新上报")
    DUE = "due", gettext_lazy("今天到期")
    BACK = "back", gettext_lazy("退回、疑问")
    REPLY = "reply", gettext_lazy("待回音")


class Sort(models.TextChoices):
    """What a row is about, to filter by."""

    BUILDING = "building", gettext_lazy("楼组周报")
    BLOCK = "block", gettext_lazy("片区报告")
    COMMUNITY = "community", gettext_lazy("社区月报")
    HOUSEHOLD = "household", gettext_lazy("家庭报告")
    VOICE = "voice", gettext_lazy("居民反映")
    MATTER = "matter", gettext_lazy("楼组报的事")
    FACILITY = "facility", gettext_lazy("待确认的设施")
    STREET = "street", gettext_lazy("街道来问、请求支持")

    @classmethod
    def of(cls, kind: int) -> "Sort":
        """Of the report of a place of this kind."""
        return cls(Kind(kind).name.lower())


@dataclass(frozen=True)
class Act:
    """The one thing to do with a row: a link, or a form that posts `fields`."""

    label: Any
    url: str
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Item:
    """One row. `place` comes with its parents up to the building's block.

    `key` names it as it was seen, so that what has changed since is not acted upon. `since` is
    when it began to wait, or when it is due. With `verb` its action is one of `verbs.VERBS` and may
    be done to many at once, each with its `about`; else `act` is a link to where it is done.
    """

    key: str
    tab: Tab
    sort: Sort
    words: str
    place: Place
    since: datetime
    href: str
    act: Act | None = None
    verb: str = ""
    about: Any = None
    tags: tuple[str, ...] = ()
    is_urgent: bool = False
    # Open, but its day has not come: only on request.
    is_later: bool = False
    # Somebody has to be asked for it.
    is_owed: bool = False

    @property
    def block(self) -> Place | None:
        """The block it lies in; None for the community's own."""
        above: Place | None = self.place
        while above is not None and above.kind > Kind.BLOCK:
            above = above.parent
        return above if above is not None and above.kind == Kind.BLOCK else None

    @property
    def place_words(self) -> str:
        """「3号楼组」, of a door 「3号楼组 101室」."""
        if self.place.kind < Kind.HOUSEHOLD:
            return self.place.name
        return f"{self.place.parent.parent.name} {self.place.name}"

    def days(self, at: datetime) -> int:
        """Whole days of the calendar that it has waited; negative before it is due."""
        # What is due at midnight is due on the day that ends then.
        since = self.since - timedelta(minutes=1) if self.is_owed else self.since
        return (timezone.localdate(at) - timezone.localdate(since)).days

    def age(self, at: datetime) -> str:
        """「今天」, 「3天」; of what is due 「今天20:00」, 「周日20:00」, 「过了1天」."""
        days = self.days(at)
        if not self.is_owed:
            return _("%d天") % days if days > 0 else _("今天")
        if days > 0:
            return _("过了%d天") % days
        return due_in_words(self.since, at)


def due_in_words(due_at: datetime, at: datetime) -> str:
    """「今天20:00」, within a week 「周日20:00」, else 「12月5日18:00」; midnight is 24:00."""
    due = timezone.localtime(due_at)
    clock = f"{due:%H:%M}"
    if clock == "00:00":
        due, clock = due - timedelta(minutes=1), "24:00"
    days = (due.date() - timezone.localdate(at)).days
    if days == 0:
        day = _("今天")
    elif 0 < days < 7:
        day = (_("周一"), _("周二"), _("周三"), _("周四"), _("周五"), _("周六"), _("周日"))[
            due.weekday()
        ]
    else:
        day = _("%(month)d月%(day)d日") % {"month": due.month, "day": due.day}
    return f"{day}{clock}"
