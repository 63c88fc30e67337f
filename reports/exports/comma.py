"""Comma-separated text, with the mark that lets a Chinese spreadsheet read it as UTF-8."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from reports.exports import words
from reports.exports.table import Row, Table
from reports.measures import Measure


def write(table: Table) -> bytes:
    """A line a place; a rate has its two counts beside it."""
    out = io.StringIO()
    lines = csv.writer(out)
    moment = f"{timezone.localtime(table.as_of):%Y-%m-%d %H:%M}"
    lines.writerow([words.harmless(f"{table.title} {table.period}")])
    lines.writerow([_("数据截至"), moment, _("数据表编号"), words.harmless(table.numbers)])
    heads = [head for measure in table.measures for head in _heads(measure)]
    lines.writerow([table.row_word, _("编码"), *heads])
    for row in table.rows:
        cells = [cell for measure in table.measures for cell in _cells(row, measure)]
        lines.writerow([words.harmless(row.name), words.harmless(row.part.code), *cells])
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def listed(
    title: str,
    heads: Sequence[str],
    lines: Iterable[Sequence[str]],
    *,
    told: Sequence[tuple[str, str]],
) -> bytes:
    """A plain list of words; `told` says about it what a reader has to know."""
    out = io.StringIO()
    rows = csv.writer(out)
    rows.writerow([words.harmless(title)])
    rows.writerow([words.harmless(text) for pair in told for text in pair])
    rows.writerows([words.harmless(text) for text in line] for line in (heads, *lines))
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _heads(measure: Measure) -> list[str]:
    heads = [words.heading(measure)]
    if measure.denominator is not None:
        heads += [_("%s分子") % measure.name, _("%s分母") % measure.name]
    return heads


def _cells(row: Row, measure: Measure) -> Iterator[str]:
    figure = row.figure(measure)
    if figure is None:
        yield from [""] * len(_heads(measure))
        return
    exact = words.is_exact(figure)
    if not figure.is_rate:
        yield str(figure.numerator) if exact else words.harmless(figure.text)
        return
    yield str(figure.value) if exact else words.harmless(figure.text)
    yield str(figure.numerator) if exact else ""
    yield str(figure.denominator) if exact else ""
