"""Figures of a table in a template: the same words as in its files."""

from typing import Any

from django import template

from reports.exports import words
from reports.exports.table import Group, Row
from reports.measures import Figure

register = template.Library()
register.filter("heading", words.heading)
register.filter("fraction", words.fraction)


@register.filter
def figures_of(row: Row, group: Group) -> list[Figure | None]:
    return [row.figure(measure) for measure in group.measures]


@register.filter
def of_key(found: dict[str, Any], key: str) -> Any:
    return found.get(key)
