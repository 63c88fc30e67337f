"""Reading a pasted chain: which line speaks of which building, and what it says.

Nothing is guessed silently: a line that names a building and says nothing that is known becomes a
draft with the words as its note, and a line that names none is handed back.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from units import numerals

_FULL_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {0x3000: " ", 0xFF03: "#"}
_NUMBER = r"(?:\d{1,3}|[一二三四五六七八九十百两零]{1,5})"
# 47号, 47号楼, 47幢, #47, 47号楼组; the last of 47、48、49号 carries the word for all.
_BUILDING = re.compile(
    rf"(?:[#＃]\s*)?(?P<numbers>{_NUMBER}(?:\s*[、,，/和与&\-至到~]\s*{_NUMBER})*)"
    r"\s*(?:号楼组|号楼|楼组|号门|号|幢|栋)(?!线)(?P<room>\s*\d{3,4}(?:室)?)?"
)
_BARE = re.compile(r"^[#＃]?\s*(?P<numbers>\d{1,3})(?=\s*[:：,，、\s\-—]*\D)")
_ORDINAL = re.compile(r"^\s*\d{1,3}\s*[.．、)）]\s*")
_RANGE = re.compile(rf"({_NUMBER})\s*[\-至到~]\s*({_NUMBER})")
_FLOOR = re.compile(rf"({_NUMBER})\s*(?:楼|层)(?!组|道|下|上)")
_CALM = re.compile(
    r"平安|无事|没事|没有?(?:什么)?情况|正常|都好|很好|安好|一切好|太平|无异常|无情况|OK|好的|👌|✅|✔",
    re.I,
)
_EMOJI = re.compile(r"[\U0001F000-\U0001FAFF\u2600-\u27BF\uFE0F\u200D]|\[[\u4e00-\u9fff]{1,4}\]")
# What is in front of 没 or 无 is not there; what is behind 已 is done.
_NOT = r"(?:没有?|无|不再|未见)[^，。；、]{0,3}"


@dataclass(frozen=True)
class _Topic:
    field: str
    found: re.Pattern[str]
    open: dict[str, Any]
    settled: dict[str, Any] | None = None


_TOPICS = (
    _Topic(
        "corridor",
        re.compile(r"堆物|杂物|堆放|堆了|旧家具|楼道堆"),
        {"corridor": "uncleared"},
        {"corridor": "cleared"},
    ),
    _Topic(
        "ebike",
        re.compile(r"电瓶车|电动车|助动车|飞线|充电"),
        {"ebike": "unresolved"},
        {"ebike": "persuaded"},
    ),
    _Topic(
        "dispute",
        re.compile(r"吵架|纠纷|矛盾|争吵|打架|扰民|漏水到"),
        {"dispute": "committee"},
        {"dispute": "mediated"},
    ),
    _Topic(
        "facility",
        re.compile(
            r"灯.{0,3}(?:坏|不亮|闪|暗)|门禁|门锁|水管|下水|漏水|堵|扶手|台阶|屋面|墙面|渗水|坏了|损坏"
        ),
        {"facility": "broken"},
    ),
    _Topic("waste", re.compile(r"垃圾"), {"waste": "poor"}),
    _Topic("stock", re.compile(r"缺|不够|紧张|用完"), {"stock": "tight"}),
)
_FACILITIES = (
    ("light", r"灯"), ("door", r"门禁|门锁"), ("pipe", r"水管|下水|漏水|堵"),
    ("rail", r"扶手|台阶"), ("roof", r"屋面|墙面|渗水"),
)  # fmt: skip
_SETTLED = re.compile(r"已|好了|解决|清掉|清了|劝走|修好|清理完")


@dataclass
class Draft:
    """What one line, or one part of it, says of one building. `number` is the building's."""

    number: int
    said: str
    line: int
    nil: bool = False
    answers: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Read:
    drafts: list[Draft]
    # (line number, text) of what names no building that is known.
    unmatched: list[tuple[int, str]]


def read(text: str, numbers: Mapping[int, Any]) -> Read:
    """Drafts in the order of the text, for buildings whose number is in `numbers`."""
    drafts: list[Draft] = []
    unmatched = []
    for position, raw in enumerate(text.splitlines(), 1):
        line = _plain(raw)
        if not line or line.startswith(("#接龙", "＃接龙")):
            continue
        found = [draft for draft in _drafts(line, position) if draft.number in numbers]
        drafts += found
        if not found:
            unmatched.append((position, raw.strip()))
    return Read(drafts, unmatched)


def _plain(raw: str) -> str:
    """Full-width digits become plain ones; Chinese punctuation stays as it was written."""
    return raw.translate(_FULL_WIDTH).strip()


def _drafts(line: str, position: int) -> list[Draft]:
    without = _ORDINAL.sub("", line)
    parts = list(_BUILDING.finditer(without))
    if not parts:
        # 「47 平安」: a number alone counts only where it opens the line and something follows.
        bare = _BARE.match(without) or (_BARE.match(line) if without != line else None)
        parts = [bare] if bare else []
        without = without if bare and bare.string == without else line
    drafts: list[Draft] = []
    waiting: list[int] = []
    for number, part in enumerate(parts):
        end = parts[number + 1].start() if number + 1 < len(parts) else len(without)
        said = without[part.end() : end]
        if len(parts) == 1 and not _EMOJI.sub("", said).strip(" ：:，,。、-—"):
            # 「平安 47号」: said before it.
            said = without[: part.start()] + said
        if part.groupdict().get("room"):
            said = part["room"] + said
        waiting += _listed(part)
        said = said.strip(" ：:，,。；;、-—")
        # 「47号、48号都平安」: what is said last is said of both.
        if said or number + 1 == len(parts):
            drafts += [_draft(each, said, position) for each in waiting]
            waiting = []
    return drafts


def _listed(part: re.Match[str]) -> list[int]:
    numbers = part["numbers"]
    between = _RANGE.fullmatch(numbers.strip())
    if between:
        first, last = (_value(each) for each in between.groups())
        return list(range(first, last + 1)) if 0 < last - first < 20 else [first, last]
    return [_value(each) for each in re.findall(_NUMBER, numbers)]


def _value(number: str) -> int:
    """0, which is no building, for signs that make no number."""
    return int(number) if number.isdecimal() else numerals.number(number) or 0


def _draft(number: int, said: str, position: int) -> Draft:
    draft = Draft(number, said, position)
    clauses = re.split(r"[，,。；;！!\s]+", said)
    for clause, after in zip(clauses, [*clauses[1:], ""], strict=True):
        # 「飞线充电，已劝」: what was done about it may stand in the next clause.
        is_done = not any(topic.found.search(after) for topic in _TOPICS)
        _take(clause, after if is_done else "", draft.answers)
    if not draft.answers and _CALM.search(said):
        draft.nil = True
    elif said:
        draft.answers["note"] = said[:200]
    return draft


def _take(clause: str, after: str, answers: dict[str, Any]) -> None:
    for topic in _TOPICS:
        found = topic.found.search(clause)
        if not found or re.search(_NOT + re.escape(found[0]), clause):
            continue
        settled = _SETTLED.search(clause + after)
        if settled and topic.settled is None:
            continue
        answers.update(topic.settled if settled and topic.settled else topic.open)
        if answers.get("facility") == "broken" and topic.field == "facility":
            kinds = [kind for kind, word in _FACILITIES if re.search(word, clause)]
            answers["facility_kind"] = kinds or ["other"]
        if answers.get("corridor") == "uncleared" and topic.field == "corridor":
            floors = [_value(each) for each in _FLOOR.findall(clause)]
            if floors:
                answers["corridor_floors"] = floors
        return
