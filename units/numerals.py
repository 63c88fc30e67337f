"""Numbers written in 汉字, read: 「四十七」 is 47, 「五零一」 is 501."""

import re

_DIGITS = {"零": 0, "〇": 0, "幺": 1, "两": 2} | {
    sign: value for value, sign in enumerate("一二三四五六七八九", 1)
}
SIGNS = "".join((*_DIGITS, "十百廿"))
_ONE = f"[{''.join(_DIGITS)}]"
_COUNTED = re.compile(rf"(?:({_ONE})百)?(?:[零〇]?({_ONE})?(十))?([零〇])?({_ONE})?")


def number(text: str) -> int | None:
    """A number counted up to 999, or digits one after another; None when it is neither."""
    if text and set(text) <= set(_DIGITS):
        return int("".join(str(_DIGITS[sign]) for sign in text))
    return counted(text)


def counted(text: str) -> int | None:
    """As `number`, but 「三五」 is None: among people it means three to five."""
    found = _COUNTED.fullmatch(text.replace("廿", "二十"))
    if not text or not found:
        return None
    hundreds, tens, ten, nought, ones = found.groups()
    # 「一百二」 is a hundred and twenty, 「一百零二」 is not.
    scale = 10 if hundreds and not ten and not nought else 1
    return (
        100 * _DIGITS.get(hundreds, 0)
        + (10 * _DIGITS.get(tens, 1) if ten else 0)
        + scale * _DIGITS.get(ones, 0)
    )


# What a number stands before, longest first: 「47号楼」 is a building, 「4楼」 a floor. The letters
# are those of `units/search_keys.py`.
PLACE_UNITS = {
    "号楼组": "b", "号楼": "b", "楼组": "b", "号": "b", "栋": "b", "幢": "b", "座": "b",
    "片区": "k", "室": "r", "房": "r", "楼": "f", "层": "f", "单元": "", "弄": "",
}  # fmt: skip
_UNIT = "|".join(PLACE_UNITS)
_HAN = "\u3400-\u9fff"
_NUMBERED = re.compile(rf"[{SIGNS}]+(?=\s*(?:{_UNIT}|年|月|周))")
_ALONE = re.compile(rf"(^|[^{_HAN}]|[0-9]\s*(?:{_UNIT}))([{SIGNS}]+)(?![{_HAN}])")


def in_digits(text: str) -> str:
    """「三号楼五零一」 becomes 「3号楼501」; what is part of a name stays: 「曹杨三村」."""
    text = _NUMBERED.sub(lambda found: _digits(found[0]), text)
    return _ALONE.sub(lambda found: found[1] + _digits(found[2]), text)


def _digits(text: str) -> str:
    value = number(text)
    return text if value is None else str(value)
