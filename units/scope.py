"""Who may do what where. The only answer, read from one table.

A post gives its holder *capacities*; the policy says for each capacity and action how deep it goes.
Outside one's reach an object does not exist (404); inside it, a wrong duty is refused (403).
This file imports no models, so that every queryset can ask it.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.db import connection
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from units.kinds import SEATS, Duty, Kind
from units.refusals import forbidden

if TYPE_CHECKING:
    from units.models import Place, User


class Action(StrEnum):
    SEE_FIGURES = "see_figures"
    SEE_REPORTS = "see_reports"
    SEE_SENSITIVE = "see_sensitive"
    FILE = "file"
    FILE_FOR = "file_for"
    AMEND_LOCKED = "amend_locked"
    SEE_GROUPS = "see_groups"
    APPOINT = "appoint"
    SHAPE_TREE = "shape_tree"
    EXCUSE = "excuse"
    REVIEW = "review"
    PROPOSE_FORM = "propose_form"
    ADMIT_FORM = "admit_form"
    SET_CALENDAR = "set_calendar"
    FILL_WORKBOOK = "fill_workbook"
    HEAR = "hear"
    ANSWER = "answer"
    INVITE = "invite"
    RESET_LOGIN = "reset_login"
    IMPORT_CENSUS = "import_census"
    SEE_PROFILE = "see_profile"
    KEEP_PROFILE = "keep_profile"
    SUPERVISE = "supervise"
    ANSWER_STREET = "answer_street"


SEE_FIGURES = Action.SEE_FIGURES

ACTION_LABELS = {
    Action.SEE_FIGURES: _("看数字"),
    Action.SEE_REPORTS: _("看报告原文"),
    Action.SEE_SENSITIVE: _("看敏感数字"),
    Action.FILE: _("填本组报告"),
    Action.FILE_FOR: _("代报"),
    Action.AMEND_LOCKED: _("归档后更正"),
    Action.SEE_GROUPS: _("看三人组"),
    Action.APPOINT: _("任命席位"),
    Action.SHAPE_TREE: _("调整治理单元"),
    Action.EXCUSE: _("免报"),
    # Of the places directly below the one it is held for.
    Action.REVIEW: _("审阅下级报告"),
    Action.PROPOSE_FORM: _("提出增加表项"),
    Action.ADMIT_FORM: _("同意增加表项"),
    Action.SET_CALENDAR: _("设节假日和报告周期"),
    Action.FILL_WORKBOOK: _("填上级表格"),
    # What a building's residents said at the stairwell, also what is only for the committee.
    Action.HEAR: _("看居民反映"),
    Action.ANSWER: _("给回音"),
    Action.INVITE: _("打印登录卡"),
    Action.RESET_LOGIN: _("重设两步验证"),
    # Counts, and floors and doors that were missing; a new building needs SHAPE_TREE as well.
    Action.IMPORT_CENSUS: _("导入底册"),
    # Of flats and public facilities; from above the community only what they come to.
    Action.SEE_PROFILE: _("看小区画像"),
    Action.KEEP_PROFILE: _("登记房屋和设施"),
    # Between offices: the street asks committees and answers them, never anybody below.
    Action.SUPERVISE: _("请居委会说明情况"),
    Action.ANSWER_STREET: _("答复街道和转请街道"),
}


class Capacity(StrEnum):
    """A duty, where a seat is told apart by the kind of place it sits in."""

    BLOCK_SEAT = "block_seat"
    BUILDING_SEAT = "building_seat"
    FLOOR_SEAT = "floor_seat"
    BRANCH_SECRETARY = Duty.BRANCH_SECRETARY.value
    BLOCK_WORKER = Duty.BLOCK_WORKER.value
    STAFF = Duty.STAFF.value
    DIRECTOR = Duty.DIRECTOR.value
    PARTY_SECRETARY = Duty.PARTY_SECRETARY.value
    STREET_VIEWER = Duty.STREET_VIEWER.value
    STREET_OFFICER = Duty.STREET_OFFICER.value
    ADMINISTRATOR = Duty.ADMINISTRATOR.value


_COMMITTEE = {
    Action.SEE_FIGURES: Kind.HOUSEHOLD,
    Action.SEE_REPORTS: Kind.HOUSEHOLD,
    Action.SEE_SENSITIVE: Kind.HOUSEHOLD,
    Action.FILE_FOR: Kind.HOUSEHOLD,
    Action.AMEND_LOCKED: Kind.HOUSEHOLD,
    Action.SEE_GROUPS: Kind.FLOOR,
    Action.EXCUSE: Kind.BUILDING,
    Action.REVIEW: Kind.BLOCK,
    Action.HEAR: Kind.BUILDING,
    Action.ANSWER: Kind.HOUSEHOLD,
    Action.INVITE: Kind.FLOOR,
    Action.SEE_PROFILE: Kind.BUILDING,
    Action.KEEP_PROFILE: Kind.BUILDING,
}

# capacity → action → the deepest kind of place it reaches. What is not here is refused.
POLICY: dict[Capacity, dict[Action, Kind]] = {
    Capacity.BUILDING_SEAT: {
        Action.SEE_FIGURES: Kind.HOUSEHOLD,
        Action.SEE_REPORTS: Kind.HOUSEHOLD,
        Action.SEE_SENSITIVE: Kind.HOUSEHOLD,
        Action.FILE: Kind.HOUSEHOLD,
        Action.SEE_GROUPS: Kind.FLOOR,
        Action.SEE_PROFILE: Kind.BUILDING,
    },
    Capacity.FLOOR_SEAT: {
        Action.SEE_FIGURES: Kind.HOUSEHOLD,
        Action.SEE_REPORTS: Kind.HOUSEHOLD,
        Action.SEE_SENSITIVE: Kind.HOUSEHOLD,
        Action.FILE: Kind.HOUSEHOLD,
        Action.SEE_GROUPS: Kind.FLOOR,
    },
    # A block's group sees its buildings' figures; what a building files is the building's.
    Capacity.BLOCK_SEAT: {
        Action.SEE_FIGURES: Kind.BUILDING,
        Action.SEE_REPORTS: Kind.BLOCK,
        Action.SEE_SENSITIVE: Kind.BLOCK,
        Action.FILE: Kind.BLOCK,
        Action.SEE_GROUPS: Kind.BUILDING,
    },
    Capacity.BRANCH_SECRETARY: {
        Action.SEE_FIGURES: Kind.BUILDING,
        Action.SEE_GROUPS: Kind.BUILDING,
    },
    Capacity.BLOCK_WORKER: {**_COMMITTEE, Action.FILE: Kind.BLOCK},
    Capacity.STAFF: {
        **_COMMITTEE,
        Action.FILE: Kind.BLOCK,
        Action.PROPOSE_FORM: Kind.COMMUNITY,
        Action.FILL_WORKBOOK: Kind.COMMUNITY,
        Action.IMPORT_CENSUS: Kind.HOUSEHOLD,
        Action.ANSWER_STREET: Kind.COMMUNITY,
    },
    Capacity.DIRECTOR: {
        **_COMMITTEE,
        Action.FILE: Kind.COMMUNITY,
        Action.PROPOSE_FORM: Kind.COMMUNITY,
        Action.FILL_WORKBOOK: Kind.COMMUNITY,
        Action.APPOINT: Kind.FLOOR,
        Action.SHAPE_TREE: Kind.HOUSEHOLD,
        Action.IMPORT_CENSUS: Kind.HOUSEHOLD,
        Action.RESET_LOGIN: Kind.COMMUNITY,
        Action.ANSWER_STREET: Kind.COMMUNITY,
    },
    Capacity.PARTY_SECRETARY: {
        Action.SEE_FIGURES: Kind.HOUSEHOLD,
        Action.SEE_REPORTS: Kind.HOUSEHOLD,
        Action.SEE_SENSITIVE: Kind.HOUSEHOLD,
        Action.SEE_GROUPS: Kind.FLOOR,
        Action.APPOINT: Kind.FLOOR,
        Action.HEAR: Kind.BUILDING,
        Action.INVITE: Kind.FLOOR,
        Action.RESET_LOGIN: Kind.COMMUNITY,
        Action.SEE_PROFILE: Kind.BUILDING,
        Action.ANSWER_STREET: Kind.COMMUNITY,
    },
    # The street: figures down to blocks and what a committee submits to it, never a building's
    # words, a floor or a household; sensitive figures through the disclosure filter only.
    Capacity.STREET_VIEWER: {
        Action.SEE_FIGURES: Kind.BLOCK,
        Action.SEE_REPORTS: Kind.COMMUNITY,
        Action.SEE_PROFILE: Kind.COMMUNITY,
    },
    Capacity.STREET_OFFICER: {
        Action.SEE_FIGURES: Kind.BLOCK,
        Action.SEE_REPORTS: Kind.COMMUNITY,
        Action.SEE_PROFILE: Kind.COMMUNITY,
        Action.REVIEW: Kind.COMMUNITY,
        Action.ADMIT_FORM: Kind.COMMUNITY,
        Action.SET_CALENDAR: Kind.COMMUNITY,
        Action.FILL_WORKBOOK: Kind.COMMUNITY,
        Action.SUPERVISE: Kind.COMMUNITY,
    },
    Capacity.ADMINISTRATOR: {
        Action.SEE_FIGURES: Kind.BUILDING,
        Action.RESET_LOGIN: Kind.COMMUNITY,
    },
}


@dataclass(frozen=True)
class Span:
    """A subtree down to a depth: mptt interval and deepest kind."""

    tree_id: int
    lft: int
    rght: int
    deepest: Kind

    def holds(self, place: "Place") -> bool:
        return (
            place.tree_id == self.tree_id
            and self.lft <= place.lft
            and place.rght <= self.rght
            and place.kind <= self.deepest
        )


@dataclass
class Reach:
    """The union of what one person's posts give for one action."""

    spans: list[Span] = field(default_factory=list)
    # division code → deepest kind; covers every community of that division.
    divisions: dict[str, Kind] = field(default_factory=dict)

    def as_q(self, place: str = "") -> Q:
        """A filter on a model whose path to Place is `place` ("" for Place itself)."""
        p = f"{place}__" if place else ""
        q = Q(pk__in=[])
        for span in self.spans:
            q |= Q(
                **{
                    f"{p}tree_id": span.tree_id,
                    f"{p}lft__gte": span.lft,
                    f"{p}rght__lte": span.rght,
                    f"{p}kind__lte": span.deepest,
                }
            )
        for deepest in set(self.divisions.values()):
            codes = [code for code, depth in self.divisions.items() if depth == deepest]
            q |= Q(**{f"{p}community__division__in": codes, f"{p}kind__lte": deepest})
        return q

    def holds(self, place: "Place") -> bool:
        """Whether `place` is inside; reads `place.community.division_id` for division posts."""
        return any(span.holds(place) for span in self.spans) or (
            bool(self.divisions)
            and place.kind <= self.divisions.get(place.community.division_id, -1)
        )

    def as_q_below(self, place: str = "") -> Q:
        """The places one level or more below what is inside: those of whom it is the place above.

        Above a block or building stand only posts of its community, above a community only its
        divisions.
        """
        p = f"{place}__" if place else ""
        q = Q(
            **{
                f"{p}kind": Kind.COMMUNITY,
                f"{p}community__division__in": list(self.divisions),
            }
        )
        for span in self.spans:
            q |= Q(
                **{
                    f"{p}tree_id": span.tree_id,
                    f"{p}lft__gt": span.lft,
                    f"{p}rght__lt": span.rght,
                    f"{p}kind__lte": span.deepest + 1,
                }
            )
        return q

    def holds_above(self, place: "Place") -> bool:
        """Whether this reaches the place above `place`; as `as_q_below` filters."""
        if place.kind == Kind.COMMUNITY:
            return bool(self.divisions) and place.community.division_id in self.divisions
        return any(
            span.tree_id == place.tree_id
            and span.lft < place.lft
            and place.rght < span.rght
            and place.kind <= span.deepest + 1
            for span in self.spans
        )

    def __bool__(self) -> bool:
        return bool(self.spans or self.divisions)


def capacity_of(duty: str, place_kind: int | None) -> Capacity:
    if duty in SEATS:
        return Capacity(f"{Kind(place_kind).name.lower()}_seat")
    return Capacity(duty)


def reach(user: "User", action: Action) -> Reach:
    """How far `user` may do `action` now. Worked out once per user object, that is per request."""
    if not user.is_authenticated:
        return Reach()
    if not user.reaches:
        user.reaches.update(_work_out(user))
    return user.reaches[action]


def audience(user: "User") -> str:
    """The same for two people exactly when everything they may do reaches the same."""
    reach(user, Action.SEE_FIGURES)
    held = [
        (action, sorted(map(repr, reach.spans)), sorted(reach.divisions.items()))
        for action, reach in sorted(user.reaches.items())
    ]
    return sha256(repr(held).encode()).hexdigest()


def require(user: "User", action: Action, place: "Place") -> None:
    """Raises the 403 refusal when `place`, already known to be visible, is not for this action."""
    if not reach(user, action).holds(place):
        raise forbidden()


def require_from_above(user: "User", action: Action, place: "Place") -> None:
    """As `require`, for what is done by the level above `place` and never by itself."""
    if not reach(user, action).holds_above(place):
        raise forbidden()


# Posts in force, a row for each place that a post reaches. Written out, because every request asks
# it, and through the ORM it takes five times as long.
_POSTS = """
SELECT post.duty, post.place_kind, post.division_id, place.tree_id, place.lft, place.rght
  FROM units_post post
  LEFT JOIN units_branchblock block ON block.branch_id = post.branch_id
  LEFT JOIN units_place place ON place.id = coalesce(post.place_id, block.place_id)
 WHERE post.user_id = %s AND post.during @> %s
"""
# Divisions and all below them.
_PARTS = """
WITH RECURSIVE part AS (
    SELECT code, code AS whole FROM units_division WHERE code = ANY(%s)
    UNION ALL
    SELECT d.code, part.whole FROM units_division d JOIN part ON d.parent_id = part.code
)
SELECT whole, code FROM part
"""


def _work_out(user: "User") -> dict[str, Reach]:
    reaches: dict[str, Reach] = {action: Reach() for action in Action}
    posts = _rows(_POSTS, [user.pk, timezone.now()])
    divisions = {division for _duty, _kind, division, *_place in posts if division}
    parts = _rows(_PARTS, [list(divisions)]) if divisions else []
    for duty, place_kind, division, tree_id, lft, rght in posts:
        for action, deepest in POLICY[capacity_of(duty, place_kind)].items():
            reach = reaches[action]
            if tree_id is not None:
                reach.spans.append(Span(tree_id, lft, rght, deepest))
            for whole, code in parts:
                if whole == division:
                    reach.divisions[code] = max(deepest, reach.divisions.get(code, deepest))
    return reaches


def _rows(statement: str, values: list[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
    return rows
