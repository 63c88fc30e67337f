"""The building wall: each building a small house, each door the state of its reports this quarter.

Only from what household reports add up to: never care, absence, age or vacancy. Rows come in
(`wall_pages.py` reads them), a `Wall` of dataclasses comes out, and `draw` makes the house of one
building as SVG. Colours and patterns are classes in `static/css/wall.css`.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from typing import NamedTuple

from django.db import models
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.kinds import Kind

# A door is a square of 16 units, which are 16 px where the font is 16 px: houses scale with it.
DOOR, GAP, PAD, ROOF, BASE = 16, 3, 6, 13, 4


class DoorState(models.TextChoices):
    """What the reports of one household come to in the quarter."""

    CONFIRMED = "confirmed", gettext_lazy("本季已确认")
    CHANGED = "changed", gettext_lazy("有变化")
    TO_DO = "to_do", gettext_lazy("待办")
    UNCONTACTED = "uncontacted", gettext_lazy("未联系")

    @property
    def word(self) -> str:
        return str(self.label)

    @property
    def short_word(self) -> str:
        """For a door on the phone, where the page already says which quarter."""
        return _("已确认") if self is DoorState.CONFIRMED else self.word

    @property
    def shape(self) -> str:
        return _SHAPES[self]

    @property
    def mark(self) -> SafeString:
        """One door by itself, for legends and the phone. The word is always beside it."""
        return format_html(
            '<svg class="wall-mark" viewBox="-1 -1 18 18" aria-hidden="true">'
            '<path class="wall-door door-{}" d="M0 0{}"/></svg>',
            self.value,
            self.shape,
        )


# Drawn from the upper left corner of a door: its square, then ✓, ✎, ! or nothing. Glyphs turn the
# same way as the square, so that filling it leaves no hole where they are. The light outline of a
# door to see to eats a unit on each side.
_SHAPES = {
    DoorState.CONFIRMED: "h16v16h-16zm12.5 4.5l-5.5 7.5-3.5-3.5",
    DoorState.CHANGED: "h16v16h-16zm11 2.8l2.2 2.2-7.2 7.2-3 .8.8-3z",
    DoorState.TO_DO: "m-1-1h18v18h-18zm9 4v6.5m0 2.6v.8",
    DoorState.UNCONTACTED: "h16v16h-16z",
}


class PlaceRow(NamedTuple):
    """What the wall reads of a place."""

    pk: int
    parent_id: int | None
    kind: int
    code: str
    name: str


class SaidRow(NamedTuple):
    """What the wall reads of a household's summary."""

    place_id: int
    computed_at: datetime
    confirmed: int
    changed: int
    help_asked: int
    hazards_reported: int
    urgent: int

    @property
    def state(self) -> DoorState:
        if self.help_asked or self.hazards_reported or self.urgent:
            return DoorState.TO_DO
        if self.changed:
            return DoorState.CHANGED
        return DoorState.CONFIRMED if self.confirmed else DoorState.UNCONTACTED


@dataclass(frozen=True)
class Door:
    code: str
    name: str
    state: DoorState

    @property
    def words(self) -> str:
        return f"{self.name} {self.state.word}"


@dataclass
class Floor:
    name: str
    doors: list[Door] = field(default_factory=list)


class Counted:
    """How many doors are in which state."""

    def doors(self) -> Iterator[Door]:
        raise NotImplementedError

    @cached_property
    def counts(self) -> Counter[DoorState]:
        return Counter(door.state for door in self.doors())

    @property
    def legend(self) -> list[tuple[DoorState, int]]:
        return [(state, self.counts[state]) for state in DoorState]

    @property
    def told(self) -> str:
        """「本季已确认12 · 有变化2 · 待办1 · 未联系5」"""
        if not self.total:
            return _("还没有登记住户")
        return " · ".join(f"{state.word}{number}" for state, number in self.legend)

    @property
    def total(self) -> int:
        return self.counts.total()

    @property
    def is_untouched(self) -> bool:
        return 0 < self.total == self.counts[DoorState.UNCONTACTED]


@dataclass
class House(Counted):
    """A building: its floors from the top down."""

    code: str
    name: str
    floors: list[Floor] = field(default_factory=list)

    def doors(self) -> Iterator[Door]:
        return (door for floor in self.floors for door in floor.doors)

    @property
    def across(self) -> int:
        """Doors on the widest floor."""
        return max((len(floor.doors) for floor in self.floors), default=0)

    @property
    def svg(self) -> SafeString:
        return draw(self)


@dataclass
class Block(Counted):
    """The houses of a block; without a name when the viewer's reach begins below it."""

    code: str = ""
    name: str = ""
    houses: list[House] = field(default_factory=list)

    def doors(self) -> Iterator[Door]:
        return (door for house in self.houses for door in house.doors())


@dataclass
class Wall(Counted):
    blocks: list[Block]
    computed_at: datetime | None = None

    def doors(self) -> Iterator[Door]:
        return (door for block in self.blocks for door in block.doors())


def build(places: Iterable[PlaceRow], said: Iterable[SaidRow]) -> Wall:
    """The wall of `places`, which come parents first; a door without a row is not contacted.

    What stands under a place that is not among them is left out, but for the block of a building.
    """
    states: dict[int, DoorState] = {}
    computed_at: datetime | None = None
    for row in said:
        states[row.place_id] = row.state
        computed_at = max(computed_at or row.computed_at, row.computed_at)
    blocks: dict[int | None, Block] = {None: Block()}
    houses: dict[int | None, House] = {}
    floors: dict[int | None, Floor] = {}
    for pk, parent, kind, code, name in places:
        if kind == Kind.BLOCK:
            blocks[pk] = Block(code, name)
        elif kind == Kind.BUILDING:
            houses[pk] = House(code, name)
            blocks[parent if parent in blocks else None].houses.append(houses[pk])
        elif kind == Kind.FLOOR and parent in houses:
            floors[pk] = Floor(name)
            houses[parent].floors.insert(0, floors[pk])
        elif kind == Kind.HOUSEHOLD and parent in floors:
            state = states.get(pk, DoorState.UNCONTACTED)
            floors[parent].doors.append(Door(code, name, state))
    return Wall([block for block in blocks.values() if block.name or block.houses], computed_at)


def draw(house: House) -> SafeString:
    """A small house of floors × doors: walls and roof, then one path for each state there is."""
    width = 2 * PAD + max(house.across, 1) * (DOOR + GAP) - GAP
    eaves = ROOF + PAD
    height = eaves + max(len(house.floors), 1) * (DOOR + GAP) + BASE
    paths: dict[DoorState, list[str]] = {}
    for f, floor in enumerate(house.floors):
        for d, door in enumerate(floor.doors):
            corner = f"M{PAD + d * (DOOR + GAP)} {eaves + f * (DOOR + GAP)}"
            paths.setdefault(door.state, []).append(corner + door.state.shape)
    return format_html(
        '<svg class="wall-house" viewBox="0 0 {0} {2}" width="{3}em" role="img"><title>{4}</title>'
        '<path class="wall-brick" d="M1 {7}V{1}L{5} 1L{6} {1}V{7}z"/>{8}</svg>',
        width,
        ROOF,
        height,
        f"{width / DOOR:.2f}",
        house.told,
        width / 2,
        width - 1,
        height - 1,
        format_html_join(
            "",
            '<path class="wall-door door-{}" d="{}"/>',
            ((state.value, "".join(corners)) for state, corners in paths.items()),
        ),
    )


def quarter_in_words(day: date) -> str:
    """「2026年第4季度（10月—12月）」"""
    number = (day.month - 1) // 3 + 1
    return _("%(year)d年第%(quarter)d季度（%(first)d月—%(last)d月）") % {
        "year": day.year,
        "quarter": number,
        "first": 3 * number - 2,
        "last": 3 * number,
    }
