"""Refusals: what the product says when it cannot do what was asked.

A refusal carries a stable English `code`, a Chinese sentence that says what happened and what to do
next, an HTTP status, and the fields it is about. Pages and the API say the same words.
"""

from collections.abc import Mapping
from typing import Any

from django.apps import apps
from django.db import IntegrityError
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Refusal(Exception):
    """Raised by a process. `more` goes into the JSON answer beside code, message and fields."""

    def __init__(
        self,
        code: str,
        message: str | Promise,
        status: int = 422,
        fields: Mapping[str, str | Promise] | None = None,
        **more: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.status = status
        self.fields = dict(fields or {})
        self.more = more

    def as_json(self) -> dict[str, Any]:
        fields = {name: str(text) for name, text in self.fields.items()}
        return {"code": self.code, "message": str(self.message), "fields": fields, **self.more}


def from_integrity_error(error: IntegrityError) -> Refusal:
    """The Chinese sentence of the violated constraint, found by its name on our models.

    Re-raises `error` when the constraint has no sentence: that is a fault of ours, not of the user.
    """
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
    for model in apps.get_models():
        for constraint in model._meta.constraints:
            if name and constraint.name == name and constraint.violation_error_code:
                return Refusal(
                    constraint.violation_error_code, constraint.violation_error_message, 409
                )
    raise error


NOT_YOURS = _("这件事不在您的职责里，请联系居委会")


def forbidden(message: str | Promise = NOT_YOURS) -> Refusal:
    """In scope, but not this person's duty: 403 with a sentence."""
    return Refusal("not_your_duty", message, 403)
