"""Valid answers to any form of the catalogue, drawn by chance, mostly calm."""

from collections.abc import Mapping
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any

from reports import catalogue
from reports.free_text import check_character

CALM = 0.75
NOTES = ("楼道灯闪，已报物业", "三楼旧家具约好周六搬走", "新装的扶手好用", "垃圾桶周末容易满")
_read = cache(catalogue.read)


def answered(form: str, random: Random, given: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Answers to every field that has to be answered, those `given` as they are."""
    answers: dict[str, Any] = {}
    for field in _read(form)["fields"]:
        name = field["name"]
        if not _is_asked(field, answers):
            continue
        if given and name in given:
            answers[name] = given[name]
        elif (value := _drawn(field, random)) is not None:
            answers[name] = value
    return answers


def identity_number(random: Random) -> str:
    """An invented one with the right check character, which free text must not hold."""
    born = date(1935, 1, 1) + timedelta(days=random.randrange(25_000))
    first = f"310104{born:%Y%m%d}{random.randrange(1000):03d}"
    return first + check_character(first)


def _is_asked(field: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    return all(
        set(values) & set(chosen if isinstance(chosen := answers.get(other), list) else [chosen])
        for other, values in field.get("relevant", {}).items()
    )


def _drawn(field: Mapping[str, Any], random: Random) -> Any:
    values = [choice["value"] for choice in field.get("choices", ())]
    match field["type"]:
        case "choice":
            return values[0] if random.random() < CALM else random.choice(values)
        case "choices":
            return [random.choice(values)]
        case "floors":
            return [random.randint(1, 6)]
        case "text" if random.random() < 1 - CALM:
            return random.choice(NOTES)
    return None
