"""Reading a workbook's headers: which cells ask for a figure of ours, and of which place."""

import re
from collections.abc import Iterator, Mapping, Sequence

from reports.workbooks import aliases, mapping
from reports.workbooks.aliases import Wanted
from reports.workbooks.grid import Cell, Grid
from reports.workbooks.mapping import Entry, Words
from units.kinds import Kind
from units.models import Place

_WHOLE = frozenset(
    ("合计", "总计", "全居民区", "本居民区", "社区合计", "居民区合计", "总数", "全区合计", "小计")
)
_ENDINGS = re.compile(r"(居民区|居民委员会|居委会|居委|社区|楼组)$")
_DIGITS = dict(enumerate("零一二三四五六七八九十"))
_MONTH = re.compile(r"(\d{4}|[_\s]*)年(\d{1,2}|[_\s]*)月")
_LABELS = {
    Words.PLACE: ("填报单位", "填表单位", "单位", "单位名称", "居民区", "居委会", "社区名称"),
    Words.DAY: ("填报日期", "填表日期", "制表日期", "日期", "报送日期"),
    Words.PERIOD: ("报告期", "统计时间", "统计月份", "统计周期", "报表期", "填报月份"),
    Words.MAKER: ("制表人", "填表人", "填报人"),
}
_WORDS = {label: words for words, labels in _LABELS.items() for label in labels}


class Names:
    """The names that places go by in a table: 第1片区, 第一片区, 江南新村, 1号楼组."""

    def __init__(self, places: Sequence[Place], *, has_own: bool) -> None:
        self._codes: dict[str, str] = {}
        self.has_own = has_own
        for place in places:
            is_own = has_own and place.kind == Kind.COMMUNITY
            for name in self._forms(place.name):
                # A name that two places share tells nothing.
                known = self._codes.setdefault(name, "" if is_own else place.code)
                if known not in ("", place.code):
                    self._codes[name] = "?"
        if has_own:
            self._codes |= dict.fromkeys(_WHOLE, "")

    def place_in(self, heads: Sequence[str]) -> str | None:
        """The code of the place that one of the headers names; "" for the own one."""
        for head in reversed(heads):
            code = self._codes.get(aliases.plain(head)[0])
            if code is not None and code != "?":
                return code
        return None

    @staticmethod
    def _forms(name: str) -> Iterator[str]:
        plain = aliases.plain(name)[0]
        spelt = re.sub(r"\d+", lambda found: _spelt(int(found[0])), plain)
        for form in (plain, spelt):
            yield form
            yield form.removeprefix("第")
            yield _ENDINGS.sub("", form)


def suggest(
    grids: Sequence[Grid], names: Names, taken: Mapping[tuple[str, str], Entry]
) -> list[Entry]:
    """Entries for cells that are not mapped yet. Never for a formula or a foreign text."""
    return [
        entry
        for grid in grids
        for cell in grid.all_cells()
        if (grid.name, cell.reference) not in taken
        and (entry := _entry(grid, cell, names)) is not None
    ]


def _entry(grid: Grid, cell: Cell, names: Names) -> Entry | None:
    if cell.kind == "text":
        # A title with a month in it; a month inside a column of texts is data.
        if cell.across > 1 and _MONTH.search(cell.text):
            return mapping.pointed_at(grid, cell, words=Words.MONTH.value)
        return None
    if not cell.is_writable:
        return None
    above, beside = grid.heads_above(cell), grid.heads_beside(cell)
    words = _words(grid, cell)
    if words:
        return mapping.pointed_at(grid, cell, words=words)
    found = _figure(above, beside, names) or _figure(beside, above, names)
    if found is None:
        return None
    wanted, place = found
    return mapping.pointed_at(grid, cell, wanted=wanted, place=place)


def _words(grid: Grid, cell: Cell) -> str:
    """Right of 「填报单位：」 goes our name."""
    label = grid.at(cell.row, cell.column - 1) if cell.column > 1 else None
    if label is None or label.kind != "text" or not re.search(r"[:：]\s*$", label.text):
        return ""
    return _WORDS.get(aliases.plain(label.text)[0], "")


def _figure(asking: list[str], telling: list[str], names: Names) -> tuple[Wanted, str] | None:
    """The measure that one side of the cell asks for, when the other tells a place or nothing."""
    if not asking:
        return None
    wanted = aliases.match(_without_places(asking, names))
    if wanted is None:
        return None
    place = names.place_in(telling)
    if place is None:
        place = names.place_in(asking)
    if place is None and names.has_own and aliases.is_generic(telling):
        place = ""
    return None if place is None else (wanted, place)


def _without_places(heads: list[str], names: Names) -> list[str]:
    return [head for head in heads if names.place_in([head]) is None]


def _spelt(number: int) -> str:
    """1 → 一, 12 → 十二; above 99 as it is."""
    if number <= 10:
        return _DIGITS[number]
    if number > 99:
        return str(number)
    tens, ones = divmod(number, 10)
    return f"{_DIGITS[tens] if tens > 1 else ''}十{_DIGITS[ones] if ones else ''}"
