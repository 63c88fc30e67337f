"""The columns of a census sheet: what each is for, what sheets call it, and which we never keep."""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.utils.translation import gettext_lazy as _

WHERE, COUNT, ANSWER = "where", "count", "answer"


@dataclass(frozen=True)
class Field:
    """`kind` says how its cells are read: a part of the address, persons, or yes and no."""

    key: str
    label: Any
    kind: str
    names: tuple[str, ...]


FIELDS = (
    Field("block", _("片区"), WHERE, ("片区", "块区", "区块", "片")),
    Field(
        "building",
        _("楼组"),
        WHERE,
        (
            "楼组",
            "楼号",
            "楼栋",
            "楼幢",
            "幢号",
            "栋号",
            "门牌",
            "门牌号",
            "号楼",
            "栋",
            "幢",
            "楼",
        ),
    ),
    Field("unit", _("单元"), WHERE, ("单元", "单元号", "门洞")),
    Field("floor", _("楼层"), WHERE, ("楼层", "层", "所在楼层", "层号")),
    Field("room", _("室号"), WHERE, ("室号", "室", "房号", "房间号", "房间", "房屋号")),
    Field(
        "address",
        _("合写的地址，如3-2-501"),
        WHERE,
        ("地址", "详细地址", "房屋地址", "楼室号", "门牌室号", "住址", "居住地址", "房屋"),
    ),
    Field("residents", _("常住人数"), COUNT, ("常住", "常住居民", "人口", "人数", "居住", "总")),
    Field("under_14", _("14岁以下"), COUNT, ("14岁以下", "0至14岁", "0至13岁", "儿童")),
    Field("aged_14_to_59", _("14至59岁"), COUNT, ("14至59岁", "15至59岁", "劳动年龄")),
    Field("aged_60", _("60岁及以上"), COUNT, ("60岁以上", "60岁", "老年", "老人", "老年人")),
    Field("aged_60_to_79", _("60至79岁"), COUNT, ("60至79岁",)),
    Field("aged_80_plus", _("80岁及以上"), COUNT, ("80岁以上", "80岁", "高龄")),
    Field(
        "nonlocal_residents", _("外来常住"), COUNT, ("外来常住", "外来", "外地", "非沪籍", "来沪")
    ),
    Field("actual", _("实有人数"), COUNT, ("实有", "实住", "实际居住")),
    Field("floating", _("外来流动"), COUNT, ("外来流动", "流动", "短住")),
    Field("living_alone", _("独居老人"), ANSWER, ("独居", "独居老年", "孤老独居")),
    Field("empty", _("空关"), ANSWER, ("空关", "空置", "空户", "空房", "空关户", "空关房")),
)
BY_KEY = {field.key: field for field in FIELDS}
ERROR_HEAD = "错误"

_PRIVATE = re.compile(
    "姓名|户主|名字|联系人|身份|证件|证号|电话|手机|联系方式|籍贯|户籍|民族|出生|生日|性别|年龄"
    "|车牌|微信|职业|工作单位|政治面貌|党员|健康|疾病|残疾|低保|婚姻|宗教|学历|文化程度|重点|信访"
    "|矫正|精神|银行|账号|照片"
)
_ENDS = ("人口", "人数", "人员", "老人", "老年人", "居民", "数", "情况")
_STARTS = ("是否", "有无", "其中", "户内", "家庭", "本户")
_BRACKETS = re.compile(r"\((?:人|户|口|个|位|名|是否|是/否|周岁|含|必填|选填|其中)*\)")


@lru_cache(maxsize=2048)
def plain(head: str) -> str:
    """「其中：60周岁及以上老人数（人）」 → 60岁以上."""
    text = re.sub(r"[\s:、*]+", "", unicodedata.normalize("NFKC", head))
    text = _BRACKETS.sub("", re.sub(r"^\d+[.]", "", text))
    text = re.sub(r"[-~—–]", "至", text.replace("周岁", "岁").replace("及以上", "以上"))
    for start in _STARTS:
        text = text.removeprefix(start) or text
    changed = True
    while changed:
        before = text
        for end in _ENDS:
            text = text.removesuffix(end) or text
        changed = text != before
    return text


_INDEX = {plain(name): field.key for field in FIELDS for name in (str(field.label), *field.names)}


def recognise(head: str) -> str | None:
    """The key of the field that a header names."""
    return _INDEX.get(plain(head))


def is_private(head: str) -> bool:
    """Whether a header names something about a person that we do not hold."""
    return recognise(head) is None and bool(_PRIVATE.search(head))
