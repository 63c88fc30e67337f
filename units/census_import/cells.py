"""One line of a sheet, cell by cell: what is understood, how it was read, and what is wrong."""

import re
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from units.census_import import fields, spelling
from units.census_import.intake import Cell, Table
from units.census_import.spelling import Door
from units.census_import.survey import Building, Household, Numbers

# More people behind one door than this is a slip of the hand.
MOST = 50

# code → how the kind is called, and the sentence said at the cell.
KINDS = {
    "merged": gettext_lazy("合并的格子"),
    "twice": gettext_lazy("同一户写了几行"),
    "date": gettext_lazy("变成了日期"),
    "not_a_number": gettext_lazy("不是数字"),
    "fraction": gettext_lazy("不是整数"),
    "identity": gettext_lazy("身份证号"),
    "mobile": gettext_lazy("手机号"),
    "formula": gettext_lazy("公式"),
    "negative": gettext_lazy("负数"),
    "huge": gettext_lazy("人数太多"),
    "no_residents": gettext_lazy("没有写人数"),
    "elders": gettext_lazy("60岁以上多于常住"),
    "oldest": gettext_lazy("80岁以上多于60岁以上"),
    "bands": gettext_lazy("各年龄段加起来不对"),
    "nonlocal": gettext_lazy("外来多于常住"),
    "floating": gettext_lazy("外来流动多于实有"),
    "alone": gettext_lazy("独居对不上"),
    "empty": gettext_lazy("空关还有人"),
    "not_an_answer": gettext_lazy("不是“是”或“否”"),
    "no_building": gettext_lazy("没有楼组"),
    "unknown_building": gettext_lazy("没有这个楼组"),
    "two_buildings": gettext_lazy("有几个同名的楼组"),
    "unknown_block": gettext_lazy("没有这个片区"),
    "no_room": gettext_lazy("没有室号"),
    "unclear_room": gettext_lazy("室号看不懂"),
    "no_floor": gettext_lazy("看不出楼层"),
    "other_floor": gettext_lazy("楼层对不上"),
    "counted_that_day": gettext_lazy("这一天已经登记过"),
}
_SENTENCES = {
    "merged": gettext_lazy("这一格和别的格子合并了，看不出是哪一户的。请写清楚"),
    "twice": gettext_lazy("和第%(rows)s行是同一户，数字却不一样。请留下对的一行"),
    "date": gettext_lazy("这一格变成了日期。请按原来的写法填，例如3-501或3"),
    "not_a_number": gettext_lazy("这里要填人数，请写数字"),
    "fraction": gettext_lazy("人数要是整数"),
    "identity": gettext_lazy("这里写的像身份证号，没有保存。请填这一列该填的内容"),
    "mobile": gettext_lazy("这里写的像手机号，没有保存。请填这一列该填的内容"),
    "formula": gettext_lazy("这一格是公式，读不出结果。请写上数字"),
    "negative": gettext_lazy("人数不能小于0"),
    "huge": gettext_lazy("一户不会有这么多人，请核对（最多50人）"),
    "no_residents": gettext_lazy("没有写常住人数。空关的户请写0"),
    "elders": gettext_lazy("60岁以上%(elders)s人，比常住%(residents)s人还多"),
    "oldest": gettext_lazy("80岁以上%(oldest)s人，比60岁以上%(elders)s人还多"),
    "bands": gettext_lazy("各年龄段加起来和常住%(residents)s人不一样"),
    "nonlocal": gettext_lazy("外来常住%(count)s人，比常住%(residents)s人还多"),
    "floating": gettext_lazy("外来流动%(count)s人，比实有%(actual)s人还多"),
    "alone": gettext_lazy("写了独居老人，但这一户不是一位60岁以上的老人"),
    "empty": gettext_lazy("写了空关，常住却有%(residents)s人"),
    "not_an_answer": gettext_lazy("请写“是”或“否”"),
    "no_building": gettext_lazy("没有写楼组"),
    "unknown_building": gettext_lazy(
        "没有“%(building)s”这个楼组。写错了请改；确是新楼组，请先新建"
    ),
    "two_buildings": gettext_lazy("%(block)s都有这个楼组，请加一列片区"),
    "unknown_block": gettext_lazy("要新建“%(building)s”，请在片区一列写上已有的片区"),
    "no_room": gettext_lazy("没有写室号"),
    "unclear_room": gettext_lazy("看不懂这个室号，请写成501或2-501这样"),
    "no_floor": gettext_lazy("从“%(room)s”看不出在几楼，请加一列楼层"),
    "other_floor": gettext_lazy("“%(room)s”在%(floor)s楼，和这里写的楼层不一样"),
    "counted_that_day": gettext_lazy(
        "这一户同一天已有一次登记，数字不同。请撤销那次导入，或换一个截至日期"
    ),
}


@dataclass(frozen=True)
class Fault:
    row: int
    # Which kept column the cell is in; None when the sheet has none to mend it in.
    index: int | None
    reference: str
    head: str
    value: str
    code: str
    sentence: str

    @property
    def key(self) -> str:
        return f"{self.row}.{self.index}"

    @property
    def spot(self) -> str:
        return spot(self.reference)

    @property
    def kind(self) -> Any:
        return KINDS[self.code]


@dataclass(frozen=True)
class Note:
    row: int
    reference: str
    value: str
    read_as: str

    @property
    def spot(self) -> str:
        return spot(self.reference)


def spot(reference: str) -> str:
    """Where a cell is: E17, or 第17行 in what was pasted."""
    return _("第%s行") % reference if reference.isdecimal() else reference


@dataclass
class Line:
    table: Table
    row: int
    cells: list[Cell]
    columns: dict[str, int]
    block: str = ""
    building: str = ""
    door: Door | None = None
    storey: int | None = None
    # What the cells say, by field; what a sheet has no column for is not here.
    said: dict[str, int] = field(default_factory=dict)
    numbers: Numbers = field(default_factory=dict)
    found: Building | None = None
    household: Household | None = None
    block_id: int | None = None
    repeats: int = 0
    faults: list[Fault] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return not self.faults and self.household is None

    @property
    def elders(self) -> int:
        return self.numbers.get("aged_60_to_79", 0) + self.numbers.get("aged_80_plus", 0)

    @property
    def elders_before(self) -> int | None:
        former = self.household.count if self.household else None
        return former["aged_60_to_79"] + former["aged_80_plus"] if former else None

    def where(self, key: str) -> str:
        """The field whose column says this: in an address, all of where it is."""
        if key in self.columns:
            return key
        if key in ("building", "unit", "room", "floor") and "address" in self.columns:
            return "address"
        return "room" if key == "floor" and "room" in self.columns else "residents"

    def fault(self, key: str, code: str, **facts: Any) -> None:
        self._fault(self.columns.get(self.where(key)), code, **facts)

    def _fault(self, index: int | None, code: str, **facts: Any) -> None:
        if any(each.index == index for each in self.faults):
            return
        reference = self.table.reference(self.row, index) if index is not None else str(self.row)
        head = self.table.columns[index][1] if index is not None else ""
        value = shown(self.cells[index]) if index is not None else ""
        sentence = str(_SENTENCES[code]) % facts if facts else str(_SENTENCES[code])
        self.faults.append(Fault(self.row, index, reference, head, value, code, sentence))

    def note(self, key: str, read_as: str) -> None:
        index = self.columns[self.where(key)]
        reference = self.table.reference(self.row, index)
        self.notes.append(Note(self.row, reference, shown(self.cells[index]), read_as))


def shown(cell: Cell) -> str:
    """A cell as people may see it again."""
    if not isinstance(cell, list):
        return "" if cell is None else str(cell)
    words = {"formula": _("公式"), "words": _("文字，没有保存")}
    if cell[0] == "merged":
        return shown(cell[1])
    return words.get(cell[0]) or str(cell[1])


def line(
    table: Table, row: tuple[int, list[Cell]], columns: dict[str, int], fixes: dict[str, str]
) -> Line:
    number, stored = row
    typed = [fixes.get(f"{number}.{index}", cell) for index, cell in enumerate(stored)]
    cells = [None if cell == "" else cell for cell in typed]
    found = Line(table, number, cells, columns)
    _private(found)
    _where(found)
    _counts(found)
    return found


def _private(line: Line) -> None:
    for index, cell in enumerate(line.cells):
        inner = cell[1] if isinstance(cell, list) and cell[0] == "merged" else cell
        is_mapped = index in line.columns.values()
        if isinstance(inner, list) and (
            inner[0] == "identity" or (inner[0] == "mobile" and is_mapped)
        ):
            line._fault(index, inner[0])


def _text(line: Line, key: str) -> str:
    """What a cell about the place says; a merged one says it for all the lines it reaches down."""
    index = line.columns.get(key)
    if index is None:
        return ""
    cell = line.cells[index]
    if isinstance(cell, list) and cell[0] == "merged":
        if cell[2] == "down" and key not in ("room", "address"):
            if cell[1] is not None and not isinstance(cell[1], list):
                line.note(key, str(cell[1]))
            cell = cell[1]
        else:
            line.fault(key, "merged")
            return ""
    if isinstance(cell, list):
        line.fault(key, cell[0])
        return ""
    text = "" if cell is None else str(cell)
    if spelling.is_date(text):
        line.fault(key, "date")
        return ""
    return text


def _where(line: Line) -> None:
    line.block = spelling.block(_text(line, "block"))
    building, room = _text(line, "building"), _text(line, "room")
    unit, floor, address = _text(line, "unit"), _text(line, "floor"), _text(line, "address")
    line.building = spelling.building(building) if building else ""
    if address:
        _address(line, "address", address)
    elif room:
        _room(line, room, unit)
    elif not _is_faulty(line, "room"):
        line.fault("room", "no_room")
    if not line.building and not _is_faulty(line, "building"):
        line.fault("building", "no_building")
    elif building and _is_odd(building) and line.building:
        line.note("building", line.building)
    if floor:
        line.storey = spelling.floor(floor)
        if line.storey is None:
            line.fault("floor", "no_floor", room=floor)


def _is_faulty(line: Line, key: str) -> bool:
    index = line.columns.get(line.where(key))
    return any(fault.index == index for fault in line.faults)


def _room(line: Line, room: str, unit: str) -> None:
    parts = spelling.plain(room).split("-")
    if len(parts) == 3 or (len(parts) == 2 and spelling.building(parts[0]) == line.building):
        return _address(line, "room", room)
    line.door = spelling.door(room)
    if line.door is None:
        return line.fault("room", "unclear_room")
    number = spelling.floor(unit.removesuffix("单元").removesuffix("号")) if unit else None
    if number is not None and not line.door.unit:
        line.door = Door(str(number), line.door.room)
    unit, short = line.door.unit, line.door.room
    written = re.sub(r"[室房号]+$", "", spelling.plain(room))
    if _is_odd(room) or written not in (short, f"{unit}-{short}", f"{unit}单元{short}"):
        line.note("room", line.door.name)
    return None


def _address(line: Line, key: str, text: str) -> None:
    found = spelling.address(text)
    if found is None:
        return line.fault(key, "unclear_room")
    building, door = found
    if line.building and line.building != building:
        return line.fault(key, "unclear_room")
    line.building, line.door = building, door
    if key == "room" or _is_odd(text):
        line.note(key, _("%(building)s号%(door)s") % {"building": building, "door": door.name})
    return None


def _is_odd(text: str) -> bool:
    """Written with full-width signs, white space inside, or figures spelt out."""
    return spelling.plain(text) != text.strip().upper() or any(
        c in "一二三四五六七八九十" for c in text
    )


def _counts(line: Line) -> None:
    for each in fields.FIELDS:
        index = line.columns.get(each.key)
        if each.kind == fields.WHERE or index is None:
            continue
        value = _number(line, each) if each.kind == fields.COUNT else _answer(line, each)
        if value is not None:
            line.said[each.key] = value


def _number(line: Line, of: fields.Field) -> int | None:
    cell = line.cells[line.columns[of.key]]
    value: float | None
    if isinstance(cell, list):
        return line.fault(of.key, "not_a_number" if cell[0] == "words" else cell[0])
    if cell is None:
        return None if of.key == "residents" else 0
    value = cell if isinstance(cell, int | float) else spelling.people(cell)
    if value is None:
        return line.fault(of.key, "not_a_number")
    if value != value or value in (float("inf"), float("-inf")):
        return line.fault(of.key, "not_a_number")
    if value < 0:
        return line.fault(of.key, "negative")
    if value != int(value):
        return line.fault(of.key, "fraction")
    if value > MOST:
        return line.fault(of.key, "huge")
    if isinstance(cell, str) and cell.strip() != str(int(value)):
        line.note(of.key, str(int(value)))
    return int(value)


def _answer(line: Line, of: fields.Field) -> int | None:
    cell = line.cells[line.columns[of.key]]
    if isinstance(cell, list):
        return line.fault(of.key, "not_an_answer" if cell[0] == "words" else cell[0])
    if cell is None:
        return 0
    value = spelling.answer(str(cell))
    return line.fault(of.key, "not_an_answer") if value is None else int(value)
