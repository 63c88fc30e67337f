"""What must not be typed into free text: identity numbers and other people's telephones."""

from django.utils.translation import gettext_lazy as _

from units.private_numbers import (
    check_character,
    holds_identity_number,
    holds_mobile_number,
    normalise,
    one_line,
)
from units.refusals import Refusal

__all__ = [
    "check_character",
    "holds_identity_number",
    "holds_mobile_number",
    "normalise",
    "one_line",
    "refuse_private_numbers",
]


def refuse_private_numbers(text: str, *, field: str) -> None:
    """Raises Refusal `identity_number` or `mobile_number`, said beside `field`."""
    if holds_identity_number(text):
        message = _("请不要填写身份证号")
        raise Refusal("identity_number", message, fields={field: message})
    if holds_mobile_number(text):
        message = _("请不要把手机号写在说明里，需要联系请打电话给居委会")
        raise Refusal("mobile_number", message, fields={field: message})
