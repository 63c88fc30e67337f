"""Figures of a table in a template: the same words as in its files."""

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
