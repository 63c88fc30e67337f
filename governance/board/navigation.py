"""The doors in the head of every desk page: what this person works at, most used first.

A room that gets a page for the desk adds one line here. Read lazily, so that pages of the phone,
and answers that draw no head, cost nothing.
"""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from units import scope
from units.kinds import Kind
from units.models import Community, Division, User
from units.scope import Action


@dataclass(frozen=True)
class Door:
    """A link: the URL's name, its label, the action one must hold, and whether it is seen first.

    `of` says whose code the URL takes: "community", "street", or "" for a URL without one.
    """

    url: str
    label: Any
    action: Action
    of: str = "community"
    is_first: bool = True
    # Held down to this kind of place.
    down_to: Kind | None = None


DOORS = (
    Door("workbench", _("今日工作台"), Action.HEAR),
    # HEAR is held by those alone who read every building's report.
    Door("filing-matrix", _("报告情况"), Action.HEAR),
    Door("review-queue", _("报告审阅"), Action.REVIEW),
    Door("upper-list", _("报表"), Action.HEAR),
    Door("community-board", _("数字"), Action.SEE_FIGURES),
    Door("voices", _("居民反映"), Action.HEAR),
    Door("chain", _("群接龙代报"), Action.FILE_FOR),
    Door("places", _("楼栋与住户"), Action.SEE_FIGURES),
    Door("group-list", _("三人组"), Action.SEE_GROUPS),
    Door("community-profile", _("小区画像"), Action.HEAR),
    Door("matters", _("楼组报的事"), Action.ANSWER, is_first=False),
    Door("committee-queries", _("街道来问"), Action.ANSWER_STREET, is_first=False),
    Door(
        *("community-wall", _("楼栋墙"), Action.SEE_FIGURES),
        is_first=False,
        down_to=Kind.HOUSEHOLD,
    ),
    Door("census-imports", _("底册导入"), Action.IMPORT_CENSUS, is_first=False),
    Door("shape", _("治理单元"), Action.SHAPE_TREE, is_first=False),
    Door("branches", _("党支部"), Action.APPOINT, is_first=False),
    Door("workbooks", _("填上级表格"), Action.FILL_WORKBOOK, of="", is_first=False),
    Door("measures", _("指标目录"), Action.SEE_FIGURES, of="", is_first=False),
    Door("calendar", _("节假日和报告周期"), Action.REVIEW, of="", is_first=False),
    Door("street-board", _("总览"), Action.SEE_FIGURES, of="street"),
    Door("street-trends", _("趋势"), Action.SEE_FIGURES, of="street"),
    Door("supervision", _("督办"), Action.SEE_REPORTS, of="street"),
    Door("street-review", _("报告审阅"), Action.REVIEW, of="street"),
    # In sight of who decides, behind 「更多」 for who reads.
    Door("admissions", _("表单准入"), Action.ADMIT_FORM, of=""),
    Door("admissions", _("表单准入"), Action.SEE_FIGURES, of="", is_first=False),
)

# So many doors fit in one row of a narrow screen; of more, the others are behind 「更多」 there.
FIT, FIT_OF_MANY = 4, 3


@dataclass(frozen=True)
class Link:
    """A door as drawn: where to, what it says, and whether the page shown is behind it."""

    href: str
    label: Any
    is_here: bool


class Desk:
    """What the head of a desk page shows to one person.

    `first` are the links in sight and `more` those behind 「更多」. Someone with posts in several
    communities sees the doors of the first, in the order of codes.
    """

    def __init__(self, user: User, path: str) -> None:
        self.first: list[Link] = []
        self.more: list[Link] = []
        if not user.is_authenticated:
            return
        codes = {"": "", "community": _community_of(user), "street": _street_of(user)}
        for door in DOORS:
            reach = scope.reach(user, door.action)
            spans = [s for s in reach.spans if door.down_to in (None, s.deepest)]
            held = {"": bool(reach), "community": spans, "street": reach.divisions}[door.of]
            if held and codes[door.of] is not None:
                href = reverse(door.url, kwargs={"code": codes[door.of]} if door.of else None)
                links = self.first if door.is_first else self.more
                if all(link.href != href for link in self.first):
                    links.append(Link(href, door.label, href == path))

    @property
    def is_long(self) -> bool:
        return len(self.first) > FIT

    @property
    def row(self) -> list[tuple[Link, bool]]:
        """The doors in sight, each with whether a narrow screen shows it: the most used, and the
        one that is open."""
        here = next((n for n, link in enumerate(self.first) if link.is_here), 0)
        last = max(here, FIT_OF_MANY - 1)
        return [
            (link, not self.is_long or n < FIT_OF_MANY - 1 or n == last)
            for n, link in enumerate(self.first)
        ]


def _community_of(user: User) -> str | None:
    trees = {span.tree_id for span in scope.reach(user, Action.SEE_FIGURES).spans}
    if not trees:
        return None
    roots = Community.objects.filter(places__kind=Kind.COMMUNITY, places__tree_id__in=trees)
    return roots.order_by("code").values_list("code", flat=True).first()


def _street_of(user: User) -> str | None:
    held = scope.reach(user, Action.SEE_FIGURES).divisions
    if not held:
        return None
    streets = Division.objects.filter(code__in=held, kind="street")
    return streets.order_by("code").values_list("code", flat=True).first()


def desk(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `navigation` in every template, worked out when it is first asked for.

    Not `desk`: pages of the review call the reviewer's desk so, and a page's own names come first.
    """
    return {"navigation": SimpleLazyObject(lambda: Desk(request.user, request.path))}
