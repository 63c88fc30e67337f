"""How names are spelt on a keyboard: 汉字 as they are, pinyin, and initials.

pypinyin reads words right (重庆 is chongqing) and about a third of the surnames that have two
readings wrong, so surnames have a table of their own. Under its common reading a name is found too.
"""

import re
import unicodedata
from functools import lru_cache
from itertools import groupby

from pypinyin import Style, lazy_pinyin, pinyin

# A surname's reading where the dictionary gives another one first.
_SURNAMES = {
    "单": "shan", "仇": "qiu", "区": "ou", "朴": "piao", "查": "zha", "解": "xie", "覃": "qin",
    "翟": "zhai", "缪": "miao", "曾": "zeng", "盖": "ge", "尉": "wei", "员": "yun", "乐": "yue",
    "薄": "bo", "卜": "bu", "召": "shao", "种": "chong", "洗": "xian", "繁": "po", "折": "she",
    "秘": "bi", "牟": "mu", "祭": "zhai", "句": "gou", "隗": "wei", "那": "na", "哈": "ha",
    "黑": "he", "能": "nai", "藏": "zang", "柏": "bai", "贾": "jia", "瞿": "qu", "褚": "chu",
    "冼": "xian", "逄": "pang", "訾": "zi", "佴": "nai", "呙": "guo", "眭": "sui", "郇": "xun",
    "乜": "nie", "宓": "mi", "都": "du", "车": "che", "万": "wan", "任": "ren", "华": "hua",
    "宁": "ning", "葛": "ge", "晁": "chao", "谌": "chen", "逯": "lu", "郗": "chi", "重": "chong",
    "长": "chang", "行": "xing", "盛": "sheng", "阚": "kan", "相": "xiang", "幺": "yao",
    "么": "yao", "不": "fou", "粘": "nian", "璩": "qu", "昝": "zan", "燕": "yan",
}  # fmt: skip
_DOUBLE = {
    "尉迟": "yu chi", "万俟": "mo qi", "单于": "chan yu", "长孙": "zhang sun", "澹台": "tan tai",
    "令狐": "ling hu", "诸葛": "zhu ge", "皇甫": "huang fu", "夏侯": "xia hou",
    "上官": "shang guan", "宇文": "yu wen", "呼延": "hu yan", "百里": "bai li",
    "东方": "dong fang", "欧阳": "ou yang",
}  # fmt: skip
_LONGEST = 60
_TOKENS = re.compile(r"[0-9]+|[a-z]+|[\u3400-\u9fff]+")


def normalised(typed: str) -> str:
    """Half-width, small letters, no more than is ever looked for."""
    return unicodedata.normalize("NFKC", typed[:_LONGEST]).casefold().strip()


def tokens(typed: str) -> list[str]:
    """Runs of digits, of letters and of 汉字. Everything else parts them, so no sign gets through
    that a search would understand."""
    return _TOKENS.findall(normalised(typed))


@lru_cache(maxsize=100_000)
def spellings(name: str) -> tuple[str, ...]:
    """Full pinyin and initials of a place's name, digits as they are: 47haolouzu, 47hlz."""
    return tuple(_written(lazy_pinyin(normalised(name))))


@lru_cache(maxsize=100_000)
def spellings_of_person(name: str) -> frozenset[str]:
    """As for a place, with every reading of the surname: shanjianhua, sjh, and danjianhua, djh."""
    name = normalised(name)
    for double, read in _DOUBLE.items():
        if name.startswith(double):
            return frozenset(_written([*read.split(), *lazy_pinyin(name[2:])]))
    if not name:
        return frozenset()
    rest = lazy_pinyin(name)[1:] if len(name) > 1 else []
    readings = [*pinyin(name[0], style=Style.NORMAL, heteronym=True)[0]]
    readings.append(_SURNAMES.get(name[0], readings[0]))
    return frozenset(word for read in readings for word in _written([read, *rest]))


def _written(words: list[str]) -> list[str]:
    full = "".join(words)
    initials = "".join(word if word.isdigit() else word[:1] for word in words)
    return [re.sub(r"[^0-9a-z\u3400-\u9fff]", "", each) for each in (full, initials)]


def matches_person(typed: str, name: str) -> bool:
    """Whether `typed` is a part of the name, or the beginning of its pinyin or initials."""
    wanted = _signs(typed)
    if not wanted:
        return False
    if wanted in _signs(name):
        return True
    return wanted.isascii() and any(word.startswith(wanted) for word in spellings_of_person(name))


@lru_cache(maxsize=100_000)
def _signs(text: str) -> str:
    return "".join(tokens(text))


def runs(name: str) -> list[tuple[bool, str]]:
    """The name in runs of digits and of other signs: [(True, "47"), (False, "号楼组")]."""
    parted = groupby(normalised(name), key=lambda sign: sign.isascii() and sign.isdigit())
    return [(is_number, "".join(signs)) for is_number, signs in parted]
