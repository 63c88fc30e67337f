"""The steps in which the shape of a community is changed, and which kinds of place each is for."""

from dataclasses import dataclass, replace
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from units.kinds import Kind
from units.models import Place
from units.shaping import Bud


class What(StrEnum):
    """The noun in the URL of a step."""

    RENAME = "rename"
    MOVE = "move"
    MERGER = "merger"
    REPLACEMENT = "replacement"
    CLOSURE = "closure"
    ADDITION = "addition"


# A household never changes floor: it is closed and another opened.
KINDS: dict[What, tuple[Kind, ...]] = {
    What.RENAME: (Kind.BLOCK, Kind.BUILDING, Kind.FLOOR, Kind.HOUSEHOLD),
    What.MOVE: (Kind.BUILDING, Kind.FLOOR),
    What.MERGER: (Kind.BLOCK, Kind.BUILDING, Kind.HOUSEHOLD),
    What.REPLACEMENT: (Kind.HOUSEHOLD,),
    What.CLOSURE: (Kind.BLOCK, Kind.BUILDING, Kind.FLOOR, Kind.HOUSEHOLD),
    What.ADDITION: (Kind.COMMUNITY, Kind.BLOCK, Kind.BUILDING, Kind.FLOOR),
}
LABELS = {
    What.RENAME: _("改名"),
    What.MOVE: _("移到…"),
    What.MERGER: _("合并到…"),
    What.REPLACEMENT: _("换楼层"),
    What.CLOSURE: _("注销"),
    What.ADDITION: _("新增"),
}


@dataclass(frozen=True)
class Step:
    """What somebody wants: `target` is where to, `name` a new name, `buds` what is added."""

    what: What
    place: Place
    target: Place | None = None
    name: str = ""
    buds: tuple[Bud, ...] = ()

    def read_again(self) -> "Step":
        """The same step on rows as they are now: for use under the lock."""
        ids = [each.pk for each in (self.place, self.target) if each]
        rows = Place.objects.select_related("community", "parent__parent").in_bulk(ids)
        target = rows[self.target.pk] if self.target else None
        return replace(self, place=rows[self.place.pk], target=target)


def steps_of(place: Place) -> list[tuple[What, str]]:
    """The steps that a place in use may take, adding apart."""
    return [
        (what, str(LABELS[what]))
        for what, kinds in KINDS.items()
        if place.kind in kinds and what != What.ADDITION
    ]
