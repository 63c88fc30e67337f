"""What somebody typed into the search box, read: numbers with what they number, names, a week.

Only digits, letters and 汉字 come through (`units/spelling.py`), so that no sign a database would
understand can be sent.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Case, IntegerField, Q, Value, When

from units.kinds import Kind
from units.numerals import PLACE_UNITS, in_digits
from units.spelling import normalised, tokens

MOST_WORDS = 6
# What is not named outright comes after what is.
UNRANKED = 9
# A run shorter than this is only looked for at the beginning of a word.
_INSIDE_FROM = 3
_NUMBERED = re.compile(rf"([0-9]+)\s*({'|'.join(PLACE_UNITS)})?")
_WEEK = re.compile(
    r"(?:([0-9]{4})\s*年?\s*-?\s*)?(?:第\s*([0-9]{1,2})\s*周|w([0-9]{1,2})|([0-9]{1,2})周)"
)
_MONTH = re.compile(r"(?:([0-9]{4})\s*年\s*)?([0-9]{1,2})\s*月")
_RECEIPT = re.compile(r"[0-9a-f]{6,32}")


@dataclass(frozen=True)
class Number:
    """`of` is the letter of `units/search_keys.py`: b, k, f, r; "" for a bare number."""

    digits: str
    of: str


@dataclass(frozen=True)
class Asked:
    typed: str
    numbers: tuple[Number, ...]
    names: tuple[str, ...]
    # The key of a week or month that was named: 2026-W46.
    period: str
    # Its words with the 汉字 that were read as numbers: 「八一」 may be the name of a community.
    as_written: tuple[str, ...] = ()

    @property
    def names_a_place(self) -> bool:
        return bool(self.numbers or self.names)

    @property
    def receipt(self) -> str:
        """The beginning of a report's receipt, when it can be one; a room has fewer digits."""
        whole = self.typed.replace(" ", "").replace("-", "")
        return whole if _RECEIPT.fullmatch(whole) else ""

    @property
    def first(self) -> str:
        return self.numbers[0].digits if self.numbers else ""

    def without(self, names: tuple[str, ...]) -> "Asked":
        kept = tuple(each for each in self.names if each not in names)
        return Asked(self.typed, self.numbers, kept, self.period)

    def as_q(self) -> Q:
        """A filter on PlaceKey."""
        q = self._numbered()
        for name in self.names:
            q &= _names(name)
        if self.as_written:
            whole = Q(kind=Kind.COMMUNITY)
            for name in self.as_written:
                whole &= _names(name)
            q |= whole
        return q

    def _numbered(self) -> Q:
        """「47-501」 and 「3-2-501」 are a building and a room; a bare number begins any word."""
        if 1 < len(self.numbers) < 4 and all(each.of in ("", "b", "r") for each in self.numbers):
            house, room = self.numbers[0].digits, self.numbers[-1].digits
            of_house = Q(words__contains=f" b{house} ")
            q = of_house & Q(words__contains=f" r{room}")
            if house != room:  # A building of two numbers: 「3-2号楼」.
                q |= of_house & Q(words__contains=f" b{room} ")
            return q
        q = Q()
        for each in self.numbers:
            q &= _begins(each)
        return q

    def rank(self) -> Case:
        """The building so numbered first, then the block, then rooms; then by kind."""
        whens = []
        if len(self.numbers) == 1 and not self.names:
            n = self.first
            for place, (letter, kind) in enumerate(
                (("b", Kind.BUILDING), ("k", Kind.BLOCK), ("r", Kind.HOUSEHOLD))
            ):
                whens.append(When(kind=kind, words__contains=f" {letter}{n} ", then=place))
        elif not self.numbers:
            whens += [
                When(words__contains=f" {name}", kind__lte=Kind.BUILDING, then=Value(0))
                for name in self.names
            ]
        return Case(*whens, default=Value(UNRANKED), output_field=IntegerField())


def _names(name: str) -> Q:
    blank = " " if name.isascii() and len(name) < _INSIDE_FROM else ""
    return Q(words__contains=f"{blank}{name}")


def _begins(number: Number) -> Q:
    if number.of:
        return Q(words__contains=f" {number.of}{number.digits} ")
    return Q(words__contains=f" {number.digits}")


def read(typed: str, *, today: date) -> Asked:
    text = normalised(typed)
    in_figures = in_digits(text)
    period, rest = _period(in_figures, today)
    numbers = []
    for digits, unit in _NUMBERED.findall(rest):
        of = PLACE_UNITS.get(unit, "")
        # A unit between building and room names no place of ours.
        if unit != "单元":
            numbers.append(Number(digits.lstrip("0") or "0", of))
    names = [each for each in tokens(_NUMBERED.sub(" ", rest)) if not each.isdigit()]
    written = () if in_figures == text else tuple(tokens(text)[:MOST_WORDS])
    return Asked(text, tuple(numbers[:MOST_WORDS]), tuple(names[:MOST_WORDS]), period, written)


def _period(text: str, today: date) -> tuple[str, str]:
    for word, days in (("本周", 0), ("这周", 0), ("上周", 7)):
        if word in text:
            year, week, _day = (today - timedelta(days=days)).isocalendar()
            return f"{year}-W{week:02d}", text.replace(word, " ")
    if found := _WEEK.search(text):
        week = int(next(each for each in found.groups()[1:] if each))
        this_year, this_week, _day = today.isocalendar()
        year = int(found[1] or (this_year if week <= this_week else this_year - 1))
        return f"{year}-W{week:02d}", _WEEK.sub(" ", text, count=1)
    if found := _MONTH.search(text):
        month = int(found[2])
        year = int(found[1] or (today.year if month <= today.month else today.year - 1))
        return f"{year}-{month:02d}", _MONTH.sub(" ", text, count=1)
    return "", text
