"""The wall screen of the street: four tiles, and every community's blocks in turn."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.board import street_pages
from governance.board.live import live_token
from reports import measures
from reports.disclosure import Lens
from reports.measures import Figure
from reports.models import Summary
from units.kinds import Kind
from units.models import Division, Place, User

TILES = (measures.COVERAGE, measures.MISSING, measures.CORRIDOR, measures.EBIKE)
# Cards a view of the wall; the script shows one view after the other.
A_VIEW = 24


@dataclass(frozen=True)
class Card:
    """A block on the wall: how much came in, and how many places ask for something."""

    place: Place
    coverage: Figure
    concerns: list[Figure]
    is_due: bool

    @property
    def state(self) -> str:
        """As glyph and word: everything in, something open, not all in, nothing owed; and what is
        not due yet is waited for, whatever has come in.
        """
        if not self.coverage.denominator:
            return "none"
        if self.coverage.numerator < self.coverage.denominator:  # type: ignore[operator]
            return "missing" if self.is_due else "waiting"
        return "open" if any(each.numerator for each in self.concerns) else "calm"


def page(user: User, division: Division, *, at: datetime) -> dict[str, Any]:
    roots = street_pages.roots_of(division)
    shown = street_pages.the_week(user, division, roots, week="", at=at)
    period = shown["period"]
    blocks = _blocks(roots) if period else []
    lens = Lens(user, communities=[root.community_id for root in roots], at=at)
    rows = {
        row.place_id: row
        for row in Summary.objects.filter(period=period, place__in=[b.pk for b in blocks])
    }
    wanted = {each.code for each in TILES}
    going = shown["pace"]
    is_due = going is None or going.is_due
    cards = [
        _card(block, rows[block.pk], period, lens, is_due=is_due)
        for block in blocks
        if block.pk in rows
    ]
    return shown | {
        "is_due": is_due,
        "tiles": [row for row in shown["rows"] if row.measure.code in wanted],
        "views": [cards[at_ : at_ + A_VIEW] for at_ in range(0, len(cards), A_VIEW)],
        "live_token": live_token(period, [*roots, *blocks], is_above=True, street=division.code),
    }


def _blocks(roots: list[Place]) -> list[Place]:
    communities = {root.community_id: root.community for root in roots}
    found = Place.objects.active().filter(community__in=communities, kind=Kind.BLOCK)
    blocks = list(found.order_by("community__code", "code"))
    for block in blocks:
        block.community = communities[block.community_id]
    return blocks


def _card(block: Place, row: Summary, period: Any, lens: Lens, *, is_due: bool) -> Card:
    def of(measure: measures.Measure) -> Figure:
        return lens.figure(measure, [row], place=block, period=period)

    return Card(block, of(measures.COVERAGE), [of(m) for m in TILES[2:]], is_due)
