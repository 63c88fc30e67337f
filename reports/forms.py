"""Pages' side of the form engine: reading a POST, showing fields with values and errors."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from reports import free_text
from reports.answers import Definition, in_words
from reports.models import Filing, FormVersion, ReportForm
from units.refusals import Refusal

# Fields of the envelope, beside the answers.
MAX_CALLER = 50
MAX_REASON = 200


@dataclass(frozen=True)
class ShownField:
    """A field as a template shows it."""

    field: Mapping[str, Any]
    value: Any
    error: str
    floors: list[int]

    @property
    def name(self) -> str:
        return str(self.field["name"])

    @property
    def options(self) -> list[dict[str, Any]]:
        """Choices with their state; floors offer the building's own."""
        chosen = self.value if isinstance(self.value, list) else [self.value]
        if self.field["type"] == "floors":
            offered = [{"value": n, "label": _("%s楼") % n} for n in self.floors]
        else:
            offered = list(self.field.get("choices", ()))
        texts = {str(item) for item in chosen}
        return [{**option, "is_chosen": str(option["value"]) in texts} for option in offered]

    @property
    def shown_when(self) -> tuple[str, str]:
        """(other field, space-separated values) that make this one relevant; ("", "") if always."""
        for other, values in self.field.get("relevant", {}).items():
            return other, " ".join(values)
        return "", ""


@dataclass(frozen=True)
class Envelope:
    """What travels with the answers: which sending this is, and what it was made on."""

    id: UUID
    base_rev: int
    form_version: int | None
    made_at: datetime | None
    caller: str = ""
    reason: str = ""
    happened_on: date | None = None


def new_envelope(*, base_rev: int, form_version: int, happened_on: date | None = None) -> Envelope:
    return Envelope(uuid4(), base_rev, form_version, None, happened_on=happened_on)


def read_envelope(post: Mapping[str, Any], *, id_: UUID | None = None) -> Envelope:
    """Raises Refusal `bad_envelope` when the hidden fields are missing or not what we wrote."""
    try:
        made_at = post.get("made_at") or None
        moment = parse_datetime(str(made_at)) if made_at else None
        if made_at and (moment is None or moment.tzinfo is None):
            raise ValueError(made_at)
        version = post.get("form_version")
        return Envelope(
            id=id_ or UUID(str(post["id"])),
            base_rev=_whole(post.get("base_rev", 0)),
            form_version=_whole(version) if version not in (None, "") else None,
            # A moment outside the calendar is written with an offset that PostgreSQL refuses to
            # read, or cannot be read back; in UTC it overflows here.
            made_at=moment.astimezone(UTC) if moment else None,
            caller=_text(post.get("caller"), MAX_CALLER),
            reason=_text(post.get("reason"), MAX_REASON),
            happened_on=_day(post.get("happened_on")),
        )
    except (KeyError, ValueError, TypeError, OverflowError) as error:
        raise Refusal("bad_envelope", _("这页的内容不完整，请返回首页重新打开再填"), 400) from error


def _whole(value: Any) -> int:
    """Counts within the database's integers."""
    number = int(value)
    if isinstance(value, bool | float) or not 0 <= number < 2**31 - 1:
        raise ValueError(value)
    return number


def _day(value: Any) -> date | None:
    if value in (None, ""):
        return None
    return date.fromisoformat(free_text.normalise(str(value)))


def _text(value: Any, longest: int) -> str:
    return free_text.one_line(str(value or ""))[:longest]


def wording_of(form: ReportForm, number: str) -> FormVersion:
    """The wording that a page was opened with, or the latest."""
    opened_with = int(number) if number.isdecimal() and len(number) < 6 else 0
    return form.wordings.get(opened_with) or form.latest()


def no_longer_asked(
    before: Definition, now: Definition, said: Mapping[str, Any]
) -> list[tuple[str, str]]:
    """What was filled in of fields that the present wording has no place for, in words."""
    asked = {field["name"] for field in now["fields"]}
    gone = {**before, "fields": [each for each in before["fields"] if each["name"] not in asked]}
    return in_words(gone, said)


def read_answers(definition: Definition, post: QueryDict) -> dict[str, Any]:
    """Answers of a page's POST in the shape that the engine takes."""
    answers: dict[str, Any] = {}
    for field in definition["fields"]:
        name = field["name"]
        if field["type"] in ("choices", "floors"):
            answers[name] = post.getlist(name)
        else:
            answers[name] = post.get(name, "")
    return answers


def shown_fields(
    definition: Definition,
    values: Mapping[str, Any],
    errors: Mapping[str, Any],
    *,
    floors: list[int],
) -> list[ShownField]:
    return [
        ShownField(
            field,
            field.get("default", "")
            if values.get(field["name"]) in (None, "")
            else values[field["name"]],
            str(errors.get(field["name"], "")),
            floors,
        )
        for field in definition["fields"]
    ]


def inputs(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """(name, value) pairs that post the same answers again; a list is one pair an item."""
    return [
        (name, item)
        for name, value in values.items()
        for item in (value if isinstance(value, list) else [value])
    ]


CHANNELS_FOR_STAFF = (Filing.Channel.TELEPHONE, Filing.Channel.PAPER)
