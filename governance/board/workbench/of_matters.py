"""Rows from what groups told at once, and from what their weekly reports call broken."""

from collections.abc import Iterator
from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.board.workbench.items import Act, Item, Sort, Tab
from governance.profiles import intake
from reports import matters
from units.models import Community, User


def told(user: User, community: Community, at: datetime) -> Iterator[Item]:
    """Not answered yet; a 回音 takes it off."""
    reports = matters.unanswered(user, community).select_related("place__parent")
    for matter in matters.read(reports.order_by("first_at", "pk")):
        reply = reverse("replies", kwargs={"id": matter.filing.pk})
        yield Item(
            key=f"matter-{matter.report.pk}.{matter.report.rev}",
            tab=Tab.NEW,
            sort=Sort.MATTER,
            words="：".join(filter(None, (matter.kind, matter.note))),
            place=matter.report.place,
            since=matter.report.first_at,
            href=reverse("receipt", kwargs={"id": matter.filing.pk}),
            act=Act(_("写回音"), reply),
            about=matter.report,
            tags=(_("有照片"),) if matter.photo_numbers else (),
            is_urgent=matter.is_urgent,
        )


def broken(user: User, community: Community, at: datetime) -> Iterator[Item]:
    """A facility keeps its condition until somebody has looked."""
    for each in intake.pending(user, community, at=at):
        href = reverse("defects", kwargs={"code": community.code})
        yield Item(
            key=f"facility-{each.place.pk}.{each.kind}.{each.newest.pk}",
            tab=Tab.NEW,
            sort=Sort.FACILITY,
            words="：".join(filter(None, (_("%s坏了") % each.label, each.note))),
            place=each.place,
            since=each.newest.received_at,
            href=href,
            act=Act(_("去确认"), href),
            about=each,
        )
