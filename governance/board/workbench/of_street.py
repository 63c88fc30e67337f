"""Rows between offices: what the street asks of the committee, and what blocks ask for."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.board.workbench.items import Act, Item, Sort, Tab
from governance.supervision import matters
from reports import calendar
from units.models import Community, User


def between_offices(user: User, community: Community, at: datetime) -> Iterator[Item]:
    href = reverse("committee-queries", kwargs={"code": community.code})
    for each in matters.waiting(user, community):
        yield Item(
            key=f"street-{each.key}",
            tab=Tab.DUE,
            sort=Sort.STREET,
            words=f"{each.what}：{each.words}",
            place=each.place,
            since=calendar.moment(each.due_on, 24),
            href=href,
            act=Act(_("去答复"), href),
            is_owed=True,
        )
