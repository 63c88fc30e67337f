"""Fifty pasted chains, invented: how different groups write one under another in a chat.

Each line is (text, what it should be read as): a mapping from building number to "nil", to the
fields it answers, or to "note" when it says something that no question asks; {} for chatter.
"""

from random import Random
from typing import Any

Line = tuple[str, dict[int, Any]]

CALM = (
    "平安",
    "平安无事",
    "一切正常",
    "无事",
    "没有情况",
    "正常👍",
    "都好",
    "平安[强]",
    "没事，太平",
    "OK",
    "平安✅",
    "无异常",
)
TROUBLE = (
    ("3楼灯坏", {"facility"}), ("二楼楼道灯不亮", {"facility"}), ("门禁坏了", {"facility"}),
    ("四楼堆物没人清", {"corridor"}), ("一楼有人堆放杂物", {"corridor"}),
    ("杂物已清", {"corridor"}),
    ("电瓶车进楼道充电", {"ebike"}), ("飞线充电，已劝", {"ebike"}), ("202和302吵架", {"dispute"}),
    ("楼上漏水到楼下有矛盾，已调解", {"dispute"}), ("垃圾没分好", {"waste"}),
    ("口罩不够了", {"stock"}),
    ("下水堵了", {"facility"}), ("5楼扶手松，坏了", {"facility"}),
)  # fmt: skip
CHATTER = (
    "收到", "今天天气真好☀️", "谢谢大家🌹🌹", "明天买菜几点", "@所有人 请大家接龙", "哈哈哈",
    "王老师辛苦了",
    "有没有人拼团鸡蛋", "[玫瑰][玫瑰]", "我家猫跑出来了，谁看见", "早上好",
)  # fmt: skip
OTHER = ("三楼王家装修，周三进料", "下周想用一下会议室", "有位老人想配钥匙")


def _lines(draw: Random, numbers: list[int], form: str) -> list[Line]:
    lines: list[Line] = []
    for order, number in enumerate(numbers, 1):
        kind = draw.random()
        if kind < 0.6:
            said, meant = draw.choice(CALM), "nil"
        elif kind < 0.9:
            said, meant = draw.choice(TROUBLE)
        else:
            said, meant = draw.choice(OTHER), "note"
        text = form.format(i=order, n=number, s=said, c=in_chinese(number))
        lines.append((text, {number: meant}))
    return lines


FORMS = (
    "{n}号 {s}", "{n}号楼{s}", "{i}. {n}号 {s}", "{i}、{n}号楼：{s}", "{n}幢：{s}",
    "{n}号楼组，{s}",
    "{i}.{n}号{s}", "#{n}号 {s}", "{n}楼组 {s}", "{c}号楼 {s}", "{n}: {s}", "{n} {s}",
    "{i}）{n}号—{s}", "老李 {n}号 {s}", "{i}. 周阿姨 {n}号楼 {s}", "我们{n}号{s}", "{n}号 {s} 🙏",
    "【{n}号】{s}", "{s} {n}号", "报告：{n}号楼 {s}。", "{n}＃楼 {s}", "　{n}号　{s}", "{n}栋 {s}",
)  # fmt: skip


def in_chinese(number: int) -> str:
    digits = "零一二三四五六七八九"
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = f"{digits[hundreds]}百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else digits[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (digits[ones] if ones else "")


def full_width(text: str) -> str:
    return "".join(
        chr(ord(each) + 0xFEE0) if each.isdecimal() and each.isascii() else each for each in text
    )


def fifty(buildings: int) -> list[list[Line]]:
    """The same fifty each time; buildings are numbered from 1."""
    chains = []
    for seed in range(50):
        draw = Random(seed)
        numbers = draw.sample(range(1, buildings + 1), 12)
        lines = _lines(draw, numbers[:9], FORMS[seed % len(FORMS)])
        if seed % 3 == 0:
            a, b = numbers[9:11]
            lines.append((f"{a}号、{b}号都平安", {a: "nil", b: "nil"}))
        elif seed % 3 == 1:
            a, b = numbers[9:11]
            lines.append((f"{a}号平安，{b}号3楼灯坏", {a: "nil", b: {"facility"}}))
        if seed % 5 == 0:
            lines = [(full_width(text), meant) for text, meant in lines]
        for _each in range(draw.randint(1, 4)):
            lines.insert(draw.randrange(len(lines) + 1), (draw.choice(CHATTER), {}))
        if seed % 2:
            lines.insert(0, ("#接龙\n本周楼组情况，请三人组报一下", {}))
        chains.append(lines)
    return chains
