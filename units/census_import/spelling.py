"""How places and numbers are written in census sheets, and what each way means."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from units.numerals import counted

_SPELT = "零〇一二三四五六七八九十"
_BUILDING_END = re.compile(r"(号楼组|号楼|楼组|号|栋|幢|座|楼|#)+$")
_ROOM = re.compile(r"([A-Z]?\d{1,5}[A-Z]?)(?:室|房|号)*")
_UNIT_AND_ROOM = re.compile(r"(\d{1,2})(?:单元|门)-?([A-Z]?\d{1,5}[A-Z]?)(?:室|房)?")
_WHOLE = re.compile(
    rf"(?:.*?[^\d{_SPELT}])?(\d{{1,3}}|[{_SPELT}]{{1,3}})(?:号楼|号|栋|幢|座|楼)-?"
    r"(?:(\d{1,2})(?:单元|门)-?)?([A-Z]?\d{1,5}[A-Z]?)(?:室|房)?"
)
_FLOOR = re.compile(rf"第?(-?\d{{1,2}}|[{_SPELT}]{{1,3}})(?:层|楼|F)?")
_PEOPLE = re.compile(rf"(-?\d+(?:\.\d+)?|[{_SPELT}]{{1,3}})(?:人|口|位|名|个|户)?")
# What Excel makes of 3-5, where it is then saved as text: 「3月5日」, 5-Mar, 2026/3/5.
_MONTH = "(JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC)"
_DATE = re.compile(
    r"(\d{4}年)?\d{1,2}月\d{1,2}日|(19|20)\d\d[-.]\d{1,2}[-.]\d{1,2}(\d{1,2}:\d\d(:\d\d)?)?"
    rf"|\d{{1,2}}-{_MONTH}|{_MONTH}-\d{{1,2}}"
)
_NONE = frozenset(("无", "没有", "/", "-", "—", "零"))
_YES = frozenset(("是", "有", "√", "✓", "对", "1", "Y", "YES", "TRUE", "空关", "独居"))
_NO = frozenset(("否", "无", "没有", "×", "✗", "X", "0", "N", "NO", "FALSE", "不是", "/", "-", "—"))


@lru_cache(maxsize=10_000)
def plain(text: str) -> str:
    """One width, no white space, one kind of dash. A sheet says the same few thousand often."""
    text = re.sub(r"\s+", "", unicodedata.normalize("NFKC", text)).upper()
    return re.sub(r"[—–－_/~]", "-", text)


def is_date(text: str) -> bool:
    return bool(_DATE.fullmatch(plain(text)))


def number(text: str) -> int | None:
    """「12」, 「十二」 → 12."""
    return int(text) if re.fullmatch(r"-?\d+", text) else counted(text)


def building(text: str) -> str:
    """What tells two buildings apart: 「三号楼」, 「03幢」 and 「3号楼组」 are "3"."""
    found = plain(text).removeprefix("第")
    found = _BUILDING_END.sub("", found)
    value = number(found)
    return found if value is None else str(value)


def block(text: str) -> str:
    """「第3片区」, 「3片区」 and 「3」 are one."""
    bare = plain(text).removeprefix("第")
    for end in ("片区", "块区", "区", "片", "块"):
        bare = bare.removesuffix(end) or bare
    value = number(bare)
    return bare if value is None else str(value)


def floor(text: str) -> int | None:
    found = _FLOOR.fullmatch(plain(text))
    return number(found[1]) if found else None


@dataclass(frozen=True)
class Door:
    """A unit ("" when the building has none) and a room, without leading noughts."""

    unit: str
    room: str

    @property
    def name(self) -> str:
        return f"{self.unit}单元{self.room}室" if self.unit else f"{self.room}室"

    @property
    def storey(self) -> int | None:
        """1203 is on the twelfth floor, 301 on the third; 12 does not say."""
        digits = re.sub(r"\D", "", self.room)
        return int(digits[:-2]) if 3 <= len(digits) <= 4 else None


def door(text: str) -> Door | None:
    """「2单元501室」, 「2-501」, 「501」."""
    found = plain(text)
    if whole := _UNIT_AND_ROOM.fullmatch(found):
        return Door(_short(whole[1]), _short(whole[2]))
    if pair := re.fullmatch(r"(\d{1,2})-([A-Z]?\d{1,5}[A-Z]?)(?:室|房)?", found):
        return Door(_short(pair[1]), _short(pair[2]))
    if alone := _ROOM.fullmatch(found):
        return Door("", _short(alone[1]))
    return None


def address(text: str) -> tuple[str, Door] | None:
    """「3-2-501」, 「3-501」, 「和平里三号2单元501室」 → building and door."""
    found = plain(text)
    parts = found.removesuffix("室").split("-")
    if len(parts) in (2, 3) and all(re.fullmatch(r"[A-Z]?\d{1,5}[A-Z]?", part) for part in parts):
        unit = _short(parts[1]) if len(parts) == 3 else ""
        return building(parts[0]), Door(unit, _short(parts[-1]))
    if whole := _WHOLE.fullmatch(found):
        return building(whole[1]), Door(_short(whole[2] or ""), _short(whole[3]))
    return None


def _short(text: str) -> str:
    return text.lstrip("0") or text[-1:]


def people(text: str) -> float | None:
    """「3人」, 「三」 → 3; 「无」 → 0; None when it is no number of persons."""
    found = plain(text)
    if found in _NONE:
        return 0
    whole = _PEOPLE.fullmatch(found)
    if not whole:
        return None
    return float(whole[1]) if "." in whole[1] else number(whole[1])


def answer(text: str) -> bool | None:
    found = plain(text)
    return True if found in _YES else False if found in _NO else None
