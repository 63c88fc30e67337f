"""报告情况: the buildings of a community by block, and how each of the last weeks stands.

About buildings' reports. Nothing here is added up over weeks or over people.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from itertools import groupby

from django.db import models
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from reports import coverage
from reports.catalogue import BUILDING_REPORT
from reports.coverage import Standing, State
from reports.models import Obligation, Period
from reports.models.report import EYES
from units.groups import Seat
from units.kinds import SEATS, Duty
from units.models import Community, Place, Post

WEEKS = (4, 8, 13)
USUAL = 8

# What `coverage.standing` reads: a thousand obligations are shown at once.
_OF_OBLIGATION = (
    *("place_id", "period_id", "opens_at", "due_at", "closes_at", "locks_at"),
    *("unlocked_until", "excused_reason", "waived_reason"),
)
_OF_REPORT = (
    *("rev", "withdrawn", "nil", "on_time", "first_at", "last_at", "review"),
    *("disputes", "mediated", *EYES),
)


class Mark(models.TextChoices):
    """What a cell says: whether the report is in, and what kind it is."""

    NOT_DUE = "not_due", gettext_lazy("未到期")
    MISSING = "missing", gettext_lazy("未收到")
    NIL = "nil", gettext_lazy("平安")
    FILED = "submitted", gettext_lazy("已报")
    ASKS = "asks", gettext_lazy("有情况")
    RETURNED = "returned", gettext_lazy("退回")
    AMENDED = "amended", gettext_lazy("更正")
    EXCUSED = "excused", gettext_lazy("免报")


GLYPHS = {
    Mark.NOT_DUE: "○",
    Mark.MISSING: "–",
    Mark.NIL: "✓",
    Mark.FILED: "✓",
    Mark.ASKS: "!",
    Mark.RETURNED: "↩",
    Mark.AMENDED: "✎",
    Mark.EXCUSED: "·",
}

_IN = (Mark.NIL, Mark.FILED, Mark.ASKS, Mark.RETURNED, Mark.AMENDED)


@dataclass(frozen=True, slots=True)
class Cell:
    """One building's week. `href` is its report, or where somebody files it for the group."""

    key: str
    mark: Mark
    href: str
    tip: str
    can_be_filed: bool

    @property
    def is_in(self) -> bool:
        return self.mark in _IN


@dataclass(frozen=True)
class Row:
    """A building: a cell for each week shown, None where it owed nothing."""

    place: Place
    cells: Sequence[Cell | None]
    seats: Sequence[Seat]
    # The newest week that can still be filed for it.
    to_file: str

    @property
    def drawn(self) -> SafeString:
        """Its cells. Written out here, for a template takes three times as long over a thousand."""
        words = _words(get_language())
        drawn = "".join(_drawn(cell, words) for cell in self.cells)
        return mark_safe(drawn)  # noqa: S308 (escaped below)

    @property
    def is_open(self) -> bool:
        """Whether the newest week shown has nothing in yet."""
        newest = self.cells[0] if self.cells else None
        return newest is not None and newest.mark in (Mark.NOT_DUE, Mark.MISSING)

    @property
    def has_missed(self) -> bool:
        return any(cell is not None and cell.mark == Mark.MISSING for cell in self.cells)


@cache
def _words(language: str) -> dict[str, str]:
    """The words of cells, escaped, once a language."""
    marks = {mark.value: escape(str(mark.label)) for mark in Mark}
    return marks | {"none": escape(_("不用报"))}


def _drawn(cell: Cell | None, words: Mapping[str, str]) -> str:
    """One cell: a link with its sign, its word and, as a tooltip, what the word leaves out."""
    if cell is None:
        return f'<td class="quiet">{words["none"]}</td>'
    mark, key = cell.mark.value, cell.key
    tip = f' title="{escape(cell.tip)}"' if cell.tip else ""
    return (
        f'<td class="is-{mark}"><a id="c{key}" data-door data-key="{key}" href="{cell.href}"{tip}'
        f' data-glyph="{GLYPHS[cell.mark]}">{words[mark]}</a></td>'
    )


@dataclass(frozen=True)
class Block:
    name: str
    code: str
    rows: Sequence[Row]


@dataclass(frozen=True)
class Matrix:
    """Blocks of rows over the weeks shown, the newest first."""

    weeks: Sequence[Period]
    blocks: Sequence[Block]

    @cached_property
    def rows(self) -> list[Row]:
        return [row for block in self.blocks for row in block.rows]

    @property
    def told(self) -> str:
        """「收到98，未收到24，免报3」 of the newest week shown."""
        cells = [row.cells[0] for row in self.rows if row.cells and row.cells[0]]
        filed = sum(cell.is_in for cell in cells)
        excused = sum(cell.mark == Mark.EXCUSED for cell in cells)
        words = _("收到%(filed)d · 未收到%(open)d") % {
            "filed": filed,
            "open": len(cells) - filed - excused,
        }
        return words + (_(" · 免报%d") % excused if excused else "")

    def narrowed(self, only: str) -> "Matrix":
        """Rows whose newest week is open (`now`), or that missed one of the weeks (`any`)."""
        keep = {"now": lambda row: row.is_open, "any": lambda row: row.has_missed}.get(only)
        if keep is None:
            return self
        kept = [Block(b.name, b.code, list(filter(keep, b.rows))) for b in self.blocks]
        return Matrix(self.weeks, [block for block in kept if block.rows])

    @property
    def to_pass_round(self) -> str:
        """Plain words for a group chat: the houses of each block not in yet."""
        lines = [
            f"{block.name}：{'、'.join(_short(row.place.name) for row in block.rows)}"
            for block in self.narrowed("now").blocks
        ]
        if not self.weeks or not lines:
            return ""
        head = _("%(week)s的楼组报告，这些楼组还没收到：") % {"week": self.weeks[0].label}
        last = _("平安的点两下就好，也可以打电话告诉居委会，我们代报。")
        return "\n".join([head, *lines, last])


def weeks_of(community: Community) -> list[Period]:
    """Every week that buildings of this community report for, newest first."""
    owed = Obligation.objects.filter(
        period=OuterRef("pk"), community=community, form__code=BUILDING_REPORT
    )
    found = Period.objects.filter(Exists(owed), kind=Period.PeriodKind.WEEK)
    return list(found.order_by("-starts_on"))


def build(
    buildings: Sequence[Place],
    weeks: Sequence[Period],
    *,
    may_file_for: bool,
    at: datetime,
) -> Matrix:
    """`buildings` in the order of codes, with their parents. Two queries: reports and seats."""
    cells = _cells(buildings, weeks, may_file_for=may_file_for, at=at)
    seats = _seats(buildings, at)
    blocks = [
        Block(
            parent.name,
            parent.code,
            [_row(place, weeks, cells, seats) for place in places],
        )
        for parent, places in groupby(buildings, key=lambda place: place.parent)
    ]
    return Matrix(weeks, blocks)


def _row(
    place: Place,
    weeks: Sequence[Period],
    cells: dict[tuple[int, int], Cell],
    seats: dict[tuple[int, str], Post],
) -> Row:
    found = [cells.get((place.pk, week.pk)) for week in weeks]
    return Row(
        place,
        found,
        [Seat(place, duty, seats.get((place.pk, duty.value))) for duty in SEATS],
        next((cell.href for cell in found if cell and cell.can_be_filed), ""),
    )


def _cells(
    buildings: Sequence[Place],
    weeks: Sequence[Period],
    *,
    may_file_for: bool,
    at: datetime,
) -> dict[tuple[int, int], Cell]:
    """By place and week."""
    by_pk, periods = {place.pk: place for place in buildings}, {week.pk: week for week in weeks}
    owed = (
        Obligation.objects.filter(
            place__in=by_pk, period__in=periods, form__code=BUILDING_REPORT, opens_at__lte=at
        )
        .order_by()
        .select_related("report")
        .only(*_OF_OBLIGATION, *(f"report__{name}" for name in _OF_REPORT))
    )
    links = _Links()
    cells = {}
    for each in owed:
        place, week = by_pk[each.place_id], periods[each.period_id]
        found = coverage.standing(each, at=at)
        can = found.can_be_filed and may_file_for
        cells[place.pk, week.pk] = Cell(
            f"{place.pk}-{week.pk}",
            mark_of(found, at=at),
            links.to(place, week, on_behalf=can),
            _tip(found, can=can),
            can,
        )
    return cells


class _Links:
    """Addresses of a thousand cells: the two patterns are resolved once."""

    def __init__(self) -> None:
        of = {"code": "CODE", "week": "WEEK"}
        self._patterns = [
            reverse(name, kwargs=of).replace("CODE", "%s").replace("WEEK", "%s")
            for name in ("report-detail", "on-behalf")
        ]

    def to(self, place: Place, week: Period, *, on_behalf: bool) -> str:
        return self._patterns[on_behalf] % (escape(place.code), week.key)


def mark_of(standing: Standing, *, at: datetime) -> Mark:
    """A week that is not due yet is not missing; what was accepted or locked is simply in."""
    report = standing.report
    if report is None:
        if standing.state == State.EXCUSED:
            return Mark.EXCUSED
        return Mark.NOT_DUE if at < standing.obligation.due_at else Mark.MISSING
    if standing.state in (State.RETURNED, State.AMENDED):
        return Mark(standing.state.value)
    if report.nil:
        return Mark.NIL
    return Mark.ASKS if report.needs_eyes else Mark.FILED


def _tip(standing: Standing, *, can: bool) -> str:
    """What the cell's word leaves out."""
    words = []
    if standing.is_late:
        words.append(_("补报"))
    if standing.is_waived:
        words.append(_("不再催"))
    if standing.obligation.is_excused and standing.report is None:
        words.append(standing.obligation.excused_reason)
    if can:
        words.append(_("点开代报"))
    return "，".join(words)


def _seats(buildings: Iterable[Place], at: datetime) -> dict[tuple[int, str], Post]:
    posts = (
        Post.objects.seats()
        .in_force(at)
        .filter(place__in=buildings)
        .select_related("user")
        .only("place_id", "duty", "user__full_name")
    )
    return {(post.place_id, Duty(post.duty).value): post for post in posts}


def _short(name: str) -> str:
    """「12号」 of 「12号楼组」."""
    return name.removesuffix(_("楼组"))
