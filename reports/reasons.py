"""A reason written by hand: asked for, kept short, and free of private numbers."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import free_text
from units.refusals import Refusal

LONGEST = 200
# What a reviewer may pick instead of typing.
CANNED = (
    gettext_lazy("请写明在几楼、什么位置"),
    gettext_lazy("数字和上次差得多，请核对一下"),
    gettext_lazy("请写明缺什么、缺多少"),
    gettext_lazy("请写明已经联系了谁、怎么说的"),
    gettext_lazy("上次说已经办好，请看一下现在怎样"),
    gettext_lazy("请不要写个人姓名，只写楼层或门牌"),
)


def written(text: str, *, missing: str, longest: int = LONGEST) -> str:
    """The reason as it is kept.

    Raises Refusal `reason_required` (with the sentence `missing`), `reason_too_long`, and those of
    `free_text`, all said beside the field `reason`.
    """
    plain = text.encode(errors="ignore").decode().replace("\x00", "").strip()
    if not plain:
        raise Refusal("reason_required", missing, fields={"reason": missing})
    if len(plain) > longest:
        message = _("最多%(limit)d个字，现在是%(length)d个字") % {
            "limit": longest,
            "length": len(plain),
        }
        raise Refusal("reason_too_long", message, fields={"reason": message})
    free_text.refuse_private_numbers(plain, field="reason")
    return plain
