"""Whether something like it is asked already: the same material is reported at most once.

Labels and choices are compared as *normal* words: full-width made plain, lower case, only letters,
digits and Chinese characters, and without the words that only make a question of it (有没有,
够不够, 本周, 的, 吗, …). Two labels are

- **the same** when nothing else differs: 「楼道堆物」 and 「本周楼道有没有堆物？」;
- **alike** when Dice's measure, 2·|A∩B| ÷ (|A|+|B|), of their pairs of neighbouring characters is
  at least ½, or of their single characters at least ¾: 「电动车停放」 and 「电动车、充电」.

A label that is the same as one choice of a field repeats that choice. Two fields with other labels
have **the same choices** when, leaving everyday answers (有, 无, 好, 其他, …) aside, at least two
are left on either side and Dice's measure of them is at least 0.8.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

ALIKE_BY_PAIRS, ALIKE_BY_CHARACTERS, SAME_CHOICES = 0.5, 0.75, 0.8
_FILLERS = re.compile(
    r"(.)不\1|有没有|是否|多少|几个|几处|几次|几人|几户|哪些|哪里|什么|怎么样|怎么|如何|"
    "本周|本月|本期|最近|目前|现在|情况|问题|请问|请填|[的了吗呢吧在有请]"
)
_EVERYDAY = {
    *("有", "无", "没有", "是", "不是", "否", "对", "不对", "好", "一般", "差", "其他", "其它"),
    *("需要", "不需要", "够", "不够", "够用", "正常", "不正常", "不清楚", "不知道", "和睦无事"),
}


class Likeness(StrEnum):
    SAME = "same"
    ALIKE = "alike"
    CHOICE = "choice"
    SAME_CHOICES = "same_choices"


@dataclass(frozen=True)
class Asked:
    """A field that is asked already, or that somebody has proposed."""

    form: str
    form_name: str
    name: str
    label: str
    choices: Sequence[str]
    is_proposed: bool = False

    @property
    def anchor(self) -> str:
        """Where the page of what is asked shows it."""
        return f"{self.form}-{self.name}"


@dataclass(frozen=True)
class Duplicate:
    asked: Asked
    likeness: Likeness
    # The choice that says the same, when it is one.
    choice: str = ""

    @property
    def words(self) -> str:
        """「问的是同一件事」, …"""
        return {
            Likeness.SAME: _("问的是同一件事"),
            Likeness.ALIKE: _("问法很像"),
            Likeness.CHOICE: _("选项“%s”已经问到") % self.choice,
            Likeness.SAME_CHOICES: _("选项相同"),
        }[self.likeness]


def find(
    label: str,
    choices: Sequence[str],
    among: Iterable[Asked],
    *,
    besides: tuple[str, str] | None = None,
    follows: Collection[tuple[str, str]] = (),
) -> list[Duplicate]:
    """What `label` with `choices` would repeat, nearest first; never the field `besides`.

    Fields are named by form and name; one that it `follows` is asked in more detail by it.
    """
    found = []
    for asked in among:
        named = (asked.form, asked.name)
        each = None if named == besides else _compare(label, choices, asked)
        if each and not (each.likeness == Likeness.CHOICE and named in follows):
            found.append(each)
    order = list(Likeness)
    return sorted(found, key=lambda each: order.index(each.likeness))


def _compare(label: str, choices: Sequence[str], asked: Asked) -> Duplicate | None:
    mine, theirs = normal(label), normal(asked.label)
    if mine and mine == theirs:
        return Duplicate(asked, Likeness.SAME)
    if _dice(_pairs(mine), _pairs(theirs)) >= ALIKE_BY_PAIRS or (
        min(len(mine), len(theirs)) > 1 and _dice(set(mine), set(theirs)) >= ALIKE_BY_CHARACTERS
    ):
        return Duplicate(asked, Likeness.ALIKE)
    for choice in asked.choices:
        if len(mine) > 1 and mine == normal(choice):
            return Duplicate(asked, Likeness.CHOICE, choice)
    ours, others = _telling(choices), _telling(asked.choices)
    if min(len(ours), len(others)) > 1 and _dice(ours, others) >= SAME_CHOICES:
        return Duplicate(asked, Likeness.SAME_CHOICES)
    return None


def normal(text: str) -> str:
    plain = unicodedata.normalize("NFKC", text).casefold()
    letters = "".join(each for each in plain if each.isalnum())
    # A label made of nothing but such words is compared as it is.
    return _FILLERS.sub("", letters) or letters


def _telling(choices: Iterable[str]) -> set[str]:
    return {normal(choice) for choice in choices} - {normal(each) for each in _EVERYDAY}


def _pairs(text: str) -> set[str]:
    return {text[n : n + 2] for n in range(len(text) - 1)}


def _dice(one: Collection[str], other: Collection[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(set(one) & set(other)) / (len(one) + len(other))
