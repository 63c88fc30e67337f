"""The dry run: every line of a sheet against the community as it stands. Writes nothing."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Any

from units.census_import import cells, numbers, spelling
from units.census_import.cells import Fault, Line
from units.census_import.intake import Table
from units.census_import.spelling import Door
from units.census_import.survey import Building, Survey

Mapping = dict[str, int]


@dataclass
class Outcome:
    """What an import of this sheet would do, and what stands in its way."""

    new: list[Line] = field(default_factory=list)
    changed: list[Line] = field(default_factory=list)
    same: list[Line] = field(default_factory=list)
    # Lines that say the same as one before them.
    repeated: list[Line] = field(default_factory=list)
    faulty: list[Line] = field(default_factory=list)
    # Households of the community that the sheet does not have: (building, household).
    absent: list[tuple[str, str]] = field(default_factory=list)
    new_buildings: list[str] = field(default_factory=list)

    @property
    def faults(self) -> list[Fault]:
        return [fault for line in self.faulty for fault in line.faults]

    @property
    def kinds(self) -> list[tuple[str, Any, int]]:
        """(code, what it is called, how many), most frequent first."""
        counted = Counter(fault.code for fault in self.faults)
        return [(code, cells.KINDS[code], n) for code, n in counted.most_common()]

    @property
    def read_as(self) -> list[cells.Note]:
        lines = [*self.new, *self.changed, *self.same, *self.repeated, *self.faulty]
        notes = [note for line in lines for note in line.notes]
        return sorted(notes, key=lambda note: note.row)

    @property
    def to_write(self) -> int:
        return len(self.new) + len(self.changed)

    @property
    def is_by_person(self) -> bool:
        """Many lines of one household: a list of persons, not of households."""
        twice = sum(fault.code == "twice" for fault in self.faults) + len(self.repeated)
        lines = self.to_write + len(self.same) + len(self.repeated) + len(self.faulty)
        return lines > 10 and twice * 3 > lines


def check(
    table: Table,
    mapping: Mapping,
    survey: Survey,
    *,
    fixes: dict[str, str],
    opens_buildings: bool,
) -> Outcome:
    """`mapping` is field → index of a column; `fixes` "row.index" → what was typed in its place."""
    lines = [cells.line(table, row, mapping, fixes) for row in table.rows]
    for line in lines:
        _place(line, survey, opens_buildings)
    _find_twice(lines)
    outcome = Outcome()
    for line in lines:
        if not line.faults and not line.repeats:
            numbers.settle(line)
        _sort(line, outcome)
    seen = {line.household.id for line in lines if line.household}
    outcome.absent = [
        (building, each.name)
        for pk, (building, each) in survey.all_households().items()
        if pk not in seen
    ]
    outcome.new_buildings = sorted({line.building for line in outcome.new if not line.found})
    return outcome


def _sort(line: Line, outcome: Outcome) -> None:
    if line.faults:
        outcome.faulty.append(line)
    elif line.repeats:
        outcome.repeated.append(line)
    elif line.household is None:
        outcome.new.append(line)
    elif line.household.count == line.numbers:
        outcome.same.append(line)
    else:
        outcome.changed.append(line)


def _place(line: Line, survey: Survey, opens_buildings: bool) -> None:
    """Find building, floor and household; what is missing is planned, or a fault."""
    if not line.building or line.door is None:
        return None
    found = survey.buildings.get(line.building, [])
    if line.block:
        found = [each for each in found if spelling.block(each.block) == line.block]
    if len(found) > 1:
        return line.fault("building", "two_buildings", block="、".join(b.block for b in found))
    if found:
        line.found = found[0]
        return _door(line, found[0])
    if not opens_buildings:
        return line.fault("building", "unknown_building", building=line.building)
    block = survey.blocks.get(line.block) if line.block else None
    if block is None:
        where = "block" if "block" in line.columns else "building"
        return line.fault(where, "unknown_block", building=line.building)
    line.block_id = block
    _storey(line)
    return None


def _door(line: Line, building: Building) -> None:
    assert line.door is not None  # noqa: S101
    line.household = building.find(line.door)
    if line.household is None:
        return _storey(line)
    storey = line.household.storey
    if line.storey is not None and storey is not None and line.storey != storey:
        line.fault("floor", "other_floor", room=line.household.name, floor=storey)
    if line.household.name not in (line.door.name, line.door.room):
        line.note(line.where("room"), line.household.name)
    return None


def _storey(line: Line) -> None:
    assert line.door is not None  # noqa: S101
    told = line.door.storey
    if line.storey is None:
        line.storey = told
    if line.storey is None:
        return line.fault("floor", "no_floor", room=line.door.name)
    if told is not None and told != line.storey:
        line.fault("floor", "other_floor", room=line.door.name, floor=told)
    return None


def _find_twice(lines: list[Line]) -> None:
    by_door: dict[tuple[str, str, Door], list[Line]] = defaultdict(list)
    by_household: dict[int, list[Line]] = defaultdict(list)
    for line in lines:
        if line.household:
            by_household[line.household.id].append(line)
        elif line.door and (line.found or line.block_id):
            by_door[line.block, line.building, line.door].append(line)
    for alike in [*by_door.values(), *by_household.values()]:
        if len(alike) < 2:
            continue
        first, *rest = alike
        if all(line.said == first.said for line in rest):
            for line in rest:
                line.repeats = first.row
            continue
        for line in alike:
            others = "、".join(str(other.row) for other in alike if other is not line)
            line.fault(line.where("room"), "twice", rows=others)
