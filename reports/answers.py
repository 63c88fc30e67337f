"""The form engine: one definition, validated here for pages and API alike.

Field types: `choice` (one of), `choices` (any of), `floors` (whole numbers), `number` (persons, or
what `unit` says), `text`. A text with `figures` may name figures in braces. A field with `relevant:
{other: [values]}` counts only while `other` has one of those values; a choice with `needs_one_of`
asks for one of the named fields, one that stands `alone` for no other; a field with a `default`
takes it when nothing is sent.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from reports import free_text, sentences
from units.refusals import Refusal

Definition = Mapping[str, Any]
Field = Mapping[str, Any]
# Tall enough for any building that exists here; a typing slip like 222 is not a floor.
HIGHEST_FLOOR = 60


@dataclass(frozen=True)
class Answered:
    """Valid answers, and how much each column of `Said` they come to."""

    answers: dict[str, Any]
    said: dict[str, int]


def validate(
    definition: Definition, raw: Mapping[str, Any], *, is_partial: bool = False
) -> Answered:
    """Check `raw` against `definition`; what a partial one leaves open stays open.

    Raises Refusal `invalid_answers` with a sentence for every field that needs one; when only one
    thing is wrong its own code is kept (`required`, `unknown_choice`, `identity_number`, …).
    """
    problems: dict[str, Refusal] = {}
    answers: dict[str, Any] = {}
    names = {field["name"] for field in definition["fields"]}
    for name in raw:
        if name not in names:
            problems[str(name)] = _problem(str(name), "unknown_field", _("表里没有这一项"))
    for field in definition["fields"]:
        name = field["name"]
        if not _is_relevant(field, answers):
            continue
        try:
            sent = raw.get(name)
            value = _clean(field, field.get("default") if sent in (None, "", []) else sent)
        except Refusal as refusal:
            problems[name] = refusal
            continue
        if value not in (None, "", []):
            answers[name] = value
        elif field.get("required") and not is_partial:
            problems[name] = _problem(name, "required", _("这一项还没选：%s") % field["label"])
    problems |= _lacking(definition, answers, problems)
    if problems:
        order = {field["name"]: number for number, field in enumerate(definition["fields"])}
        raise _together([problems[n] for n in sorted(problems, key=lambda n: order.get(n, -1))])
    return Answered(answers, dict(said(definition, answers)))


def said(definition: Definition, answers: Mapping[str, Any]) -> Counter[str]:
    """Columns fed by the chosen values."""
    columns: Counter[str] = Counter()
    for field in definition["fields"]:
        chosen = answers.get(field["name"])
        for choice in field.get("choices", ()):
            if _is_among(choice["value"], chosen):
                columns.update(choice.get("feeds", ()))
        if field["type"] == "number" and chosen:
            columns.update(dict.fromkeys(field.get("feeds", ()), chosen))
    return columns


def in_words(
    definition: Definition, answers: Mapping[str, Any], *, only_reminders: bool = False
) -> list[tuple[str, str]]:
    """(label, answer) pairs for reading, in the order of the form, answered fields only."""
    words = []
    for field in definition["fields"]:
        if only_reminders and not field.get("remind"):
            continue
        value = answers.get(field["name"])
        if value in (None, "", []):
            continue
        labels = {choice["value"]: choice["label"] for choice in field.get("choices", ())}
        values = value if isinstance(value, list) else [value]
        if field["type"] == "floors":
            spoken = [_("%s楼") % item for item in values]
        elif field["type"] == "number":
            spoken = [f"{value}{_unit(field)}"]
        else:
            spoken = [str(labels.get(item, item)) for item in values]
        words.append((field["label"], "、".join(spoken)))
    return words


def _is_relevant(field: Field, answers: Mapping[str, Any]) -> bool:
    return all(
        any(_is_among(value, answers.get(other)) for value in values)
        for other, values in field.get("relevant", {}).items()
    )


def _is_among(value: str, chosen: Any) -> bool:
    return value in chosen if isinstance(chosen, list) else value == chosen


def _lacking(
    definition: Definition, answers: Mapping[str, Any], problems: Mapping[str, Refusal]
) -> dict[str, Refusal]:
    """A choice that needs one of some fields and got none, told at the first of them."""
    labels = {field["name"]: field["label"] for field in definition["fields"]}
    lacking = {}
    for field in definition["fields"]:
        for choice in field.get("choices", ()):
            needed = choice.get("needs_one_of", [])
            if not needed or not _is_among(choice["value"], answers.get(field["name"])):
                continue
            if not any(name in answers or name in problems for name in needed):
                told = "、".join(labels[name] for name in needed)
                message = _("请至少填一项：%s") % told
                lacking[needed[0]] = _problem(needed[0], "needs_one_of", message)
    return lacking


def _clean(field: Field, value: Any) -> Any:
    name = field["name"]
    if value in (None, "", []):
        return None
    if field["type"] == "choice":
        value = free_text.normalise(str(value))
        if value not in _values(field):
            raise _problem(name, "unknown_choice", _("请在给出的选项里选：%s") % field["label"])
        return value
    if field["type"] == "text":
        if not isinstance(value, str):
            raise _problem(name, "not_text", _("这一项要填文字：%s") % field["label"])
        return _clean_text(field, value)
    if field["type"] == "number":
        return _clean_number(field, value)
    items = value if isinstance(value, list) else [value]
    if field["type"] == "choices":
        items = [free_text.normalise(str(item)) for item in items]
        if not set(items) <= _values(field):
            raise _problem(name, "unknown_choice", _("请在给出的选项里选：%s") % field["label"])
        most = field.get("max_choices", len(field["choices"]))
        if len(set(items)) > most:
            raise _problem(name, "too_many_choices", _("最多选%d项") % most)
        alone = [c["label"] for c in field["choices"] if c.get("alone") and c["value"] in items]
        if alone and len(set(items)) > 1:
            message = _("选了“%s”，就不要再选别的") % alone[0]
            raise _problem(name, "contradiction", message)
        return sorted(set(items))
    return _clean_floors(field, items)


def _values(field: Field) -> set[str]:
    return {choice["value"] for choice in field["choices"]}


def _clean_text(field: Field, value: str) -> str:
    # PostgreSQL keeps neither NUL nor half a surrogate pair, which JSON can bring.
    text = value.encode(errors="ignore").decode().replace("\x00", "").strip()
    if field.get("figures"):
        text = sentences.clean(text, field=field["name"])
    if len(text) > field["max_length"]:
        raise _problem(
            field["name"],
            "too_long",
            _("最多%(limit)d个字，现在是%(length)d个字")
            % {"limit": field["max_length"], "length": len(text)},
        )
    free_text.refuse_private_numbers(text, field=field["name"])
    return text


def _clean_floors(field: Field, items: list[Any]) -> list[int]:
    floors = set()
    for item in items:
        digits = free_text.normalise(str(item)).removesuffix("楼").strip()
        if not re.fullmatch(r"\d{1,3}", digits) or not 1 <= int(digits) <= HIGHEST_FLOOR:
            raise _problem(field["name"], "not_a_floor", _("楼层请填数字，例如3"))
        floors.add(int(digits))
    return sorted(floors)


def _clean_number(field: Field, value: Any) -> int | None:
    """A whole number of persons; zero says nothing unless the field keeps it."""
    digits = free_text.normalise(str(value)).removesuffix(_unit(field)).strip()
    if isinstance(value, bool | list | dict) or not digits.isdecimal() or len(digits) > 4:
        raise _problem(field["name"], "not_a_number", _("请填数字，例如2"))
    number = int(digits)
    if number > field["max"]:
        message = _("最多%d，请再看一下") % field["max"]
        raise _problem(field["name"], "too_many", message)
    return number if number or field.get("keeps_zero") else None


def _unit(field: Field) -> str:
    return str(field.get("unit", _("人")))


def _problem(name: str, code: str, message: str) -> Refusal:
    return Refusal(code, message, fields={name: message})


def _together(problems: list[Refusal]) -> Refusal:
    if len(problems) == 1:
        return problems[0]
    fields = {name: text for problem in problems for name, text in problem.fields.items()}
    return Refusal("invalid_answers", _("有%d处要改，请看标出的地方") % len(fields), fields=fields)
