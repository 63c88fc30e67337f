"""Reading pasted lines like 「47号 党小组长 王秀英」 into seats that are vacant."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from units.groups import Group, Seat
from units.kinds import SEATS, Duty
from units.models import User

LONGEST, MOST_LINES = 20_000, 400
_BETWEEN = re.compile(r"[\s,，、;；:：]+")
_NUMBERED = re.compile(r"\d+(号|号楼|号楼组|幢|栋)?")


@dataclass(frozen=True)
class Unread:
    """A line that found no seat, and why."""

    line: str
    problem: str


@dataclass(frozen=True)
class Pasted:
    """`filled` is what to write into the form's fields; what is `unread` stays in the box."""

    filled: Mapping[str, str]
    unread: Sequence[Unread]

    @property
    def rest(self) -> str:
        return "\n".join(each.line for each in self.unread)


def read(text: str, groups: Sequence[Group], known: Mapping[str, User]) -> Pasted:
    """`groups` are all in reach, also complete ones, so that a taken seat can be named."""
    filled: dict[str, str] = {}
    unread: list[Unread] = []
    lines = [each.strip() for each in text[:LONGEST].splitlines() if each.strip()]
    for number, line in enumerate(lines):
        if number >= MOST_LINES:
            unread.append(Unread(line, _("一次最多%d行，这行请下次再贴") % MOST_LINES))
            continue
        try:
            field, name = _read_one(line, groups, known, filled)
        except ValueError as problem:
            unread.append(Unread(line, str(problem)))
        else:
            filled[field] = name
    return Pasted(filled, unread)


def _read_one(
    line: str, groups: Sequence[Group], known: Mapping[str, User], filled: Mapping[str, str]
) -> tuple[str, str]:
    """The seat's field and what to write there. Raises ValueError with a sentence."""
    words = [each for each in _BETWEEN.split(unicodedata.normalize("NFKC", line)) if each]
    duty = next((d for word in words for d in SEATS if word == d.label), None)
    if duty is None:
        raise ValueError(_("没有看到席位，请写党小组长、居民小组长或业主代表"))
    group = next((g for word in words for g in groups if _means(word, g.place.name)), None)
    if group is None:
        raise ValueError(_("没有找到这个楼组，请写成“47号”或“第1片区”"))
    said = (str(duty.label), group.place.name)
    name = "".join(w for w in words if w not in said and not _means(w, group.place.name))
    if not name or any(each.isdigit() for each in name):
        raise ValueError(_("没有看到姓名，或姓名里有数字"))
    seat = _vacant(group, duty)
    if seat.field in filled:
        raise ValueError(_("这一席上面已经写了一个人"))
    return seat.field, _known_as(name, known)


def _means(word: str, name: str) -> bool:
    """「47号」, 「47」 or 「47号楼」 for 47号楼组; any other place by its whole name."""
    if word == name:
        return True
    number = re.match(r"\d+", name)
    is_numbered = bool(number) and bool(_NUMBERED.fullmatch(word))
    return is_numbered and int(re.match(r"\d+", word)[0]) == int(number[0])  # type: ignore[index]


def _vacant(group: Group, duty: Duty) -> Seat:
    seat = next(each for each in group.seats if each.duty == duty)
    if seat.post:
        message = _("这一席现在是%s，请先在三人组页结束任期")
        raise ValueError(message % seat.post.user.full_name)
    return seat


def _known_as(name: str, known: Mapping[str, User]) -> str:
    """With the login when one person of that name has an account here."""
    same = [user for user in known.values() if user.full_name == name]
    if len(same) > 1:
        raise ValueError(_("有%d个叫这个姓名的人，请在下面的席位里从提示选") % len(same))
    return f"{name}（{same[0].login}）" if same else name
