"""The rooms that the street opens beside its board: places, profile, monthly reports, fragments.

`open_what_is_owed` and `submit_the_months` put something into them; `read` takes every number out.
"""

import re
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from uuid import uuid4

from django.urls import reverse
from django.utils import timezone

from governance.profiles import inspecting
from governance.profiles.models import Condition, FacilityKind
from reports import calendar, filing, measures, obligations
from reports.catalogue import publish_all
from reports.measures import Audience
from reports.models import Filing, Mark, Sheet
from tests import factories as f
from tests.governance.solver import at_most
from tests.reports.uppers import WRITTEN

if TYPE_CHECKING:
    from tests.governance.street_reader import Reader, Rows

# Every name that the street may read stands in the report, and some that it may not.
_SENTENCES = "，".join(f"{{{measure.name}}}" for measure in measures.CATALOGUE)
_NAMED = {str(measure.name): measure for measure in measures.CATALOGUE}
_COMPARED = re.compile(
    r'<tr[^>]*><th scope="row">([^<]*)</th><td class="number">([^<]*)</td>'
    r'<td class="number">([^<]*)</td><td>[^<]*</td></tr>'
)
_REPORT = re.compile(r'href="/report/[\w-]+/([\w-]+)/"')
_PERCENTAGE = re.compile(r"(\d+)(?:\.(\d+))?%")
_DIVIDED = re.compile(r"÷ ([\d,]+)人")
_AGES = (
    ("60岁以下", {"residents": 1, "aged_60_plus": -1}),
    ("60至79岁", {"aged_60_plus": 1, "aged_80_plus": -1}),
    ("80岁及以上", {"aged_80_plus": 1}),
)
_AGE = r'<th scope="row">{}</th>.*?<td class="number">([\d,]+)人</td>'
_TABLE = re.compile(r"<table.*?</table>", re.DOTALL)
_CELL = re.compile(
    r'<t[hd][^>]*>([^<]*)(?:<div class="figure-more">([^<]*)</div>)?</t[hd]>', re.DOTALL
)


def open_what_is_owed(rows: "Rows") -> None:
    """The week and both months are owed, and there is a garden to divide by who lives here."""
    now = timezone.now()
    week = calendar.moment(rows.periods["week"].starts_on, 12)
    publish_all(at=week - timedelta(days=60))
    obligations.open_week(at=week)
    for name in ("before", "last"):
        obligations.open_month(at=calendar.moment(rows.periods[name].starts_on, 12))
    garden = {"kind": FacilityKind.GROUND, "name": "中心花园", "activity_space_m2": 60}
    by = f.staff(rows.community)
    on = timezone.localdate(now)
    inspecting.add(rows.root, garden, condition=Condition.FAIR, on=on, by=by, at=now)
    # What is written down here is what the summaries say; nothing is counted again.
    Mark.objects.all().delete()


def submit_the_months(rows: "Rows") -> None:
    """The committee's reports of both months, each when it was over, with a figure in each name."""
    for name in ("before", "last"):
        owed = f.owed(rows.root, rows.periods[name])
        at = min(calendar.moment(owed.period.ends_on + timedelta(days=1), 1), timezone.now())
        sending = filing.Sending(
            id=uuid4(),
            by=f.person(),
            channel=Filing.Channel.PAGE,
            answers=WRITTEN | {"overview": _SENTENCES},
        )
        filing.file(owed, sending, at=at)
        Mark.objects.all().delete()


def read(reader: "Reader", date: int) -> None:
    rows = reader.rows
    of, street = {"code": rows.community.code}, {"code": rows.community.division_id}
    for place in (rows.root, *rows.blocks):
        reader.page(date, reverse("place", kwargs={"code": place.code}))
    for name, where in (
        ("community-board", of),
        ("street-board", street),
        ("street-screen", street),
    ):
        reader.page(date, reverse(name, kwargs=where), part=True)
    for name in ("supervision", "street-trends"):
        reader.page(date, reverse(name, kwargs=street))
    reader.page(date, reverse("upper-list", kwargs=of))
    for name in ("search", "search-suggestions"):
        for typed in ("1", rows.community.name, "第1片区", "上周"):
            reader.page(date, reverse(name) + f"?q={typed}")
    for name in ("downloads", "calendar", "admissions", "burden", "workbooks", "devices"):
        reader.page(date, reverse(name))
    _profile(reader, date)
    _monthly_reports(reader)


def _profile(reader: "Reader", date: int) -> None:
    """Figures with their links, and beside them numbers that are worked out from them."""
    rows = reader.rows
    text = reader.page(date, reverse("community-profile", kwargs={"code": rows.community.code}))
    divided = _DIVIDED.search(text)
    told = [(_AGE.format(label), terms) for label, terms in _AGES]
    found = [(re.search(pattern, text, re.DOTALL), terms) for pattern, terms in told]
    for match, terms in [(divided, {"residents": 1}), *found]:
        if match:
            reader.know(date, rows.root.code, "now", terms, int(match[1].replace(",", "")))


def _monthly_reports(reader: "Reader") -> None:
    """As they were submitted, on the first date; beside each the month before."""
    root = reader.rows.root.code
    months = [reader.rows.periods[name].key for name in ("before", "last")]
    earlier = dict(zip(months, ["", *months], strict=False))
    queue = reader.page(
        1, reverse("street-review", kwargs={"code": reader.rows.community.division_id})
    )
    told = [(_REPORT.search(part)[1], part) for part in queue.split("data-review ")[1:]]
    assert len(told) == len(months)
    for key in months:
        url = reverse("upper-report", kwargs={"code": root, "period": key})
        told.append((key, reader.page(1, url)))
    for key, text in told:
        lines = _COMPARED.findall(text)
        assert lines, key
        for name, then, now in lines:
            _compared(reader, name, root, key, now)
            if earlier[key]:
                _compared(reader, name, root, earlier[key], then)


def _compared(reader: "Reader", name: str, place: str, period: str, said: str) -> None:
    """A rate stands here without its fraction: so much of so many, rounded."""
    measure = _NAMED[name]
    assert Audience.STREET in measure.viewers, name
    percentage = _PERCENTAGE.fullmatch(said)
    if not measure.is_rate or not percentage:
        reader.figure(1, measure.code, place, period, said, "")
        return
    # |100·n/d − p| ≤ half of the last digit shown, in whole numbers.
    tenths = 10 ** len(percentage[2] or "")
    shown = int(Decimal(f"{percentage[1]}.{percentage[2] or 0}") * tenths)
    terms = reader.cells(1, place, period, measure.numerator)
    whole = reader.cells(1, place, period, measure.denominator)
    for sign in (1, -1):
        above = {cell: sign * factor * 200 * tenths for cell, factor in terms.items()}
        for cell, factor in whole.items():
            above[cell] = above.get(cell, 0) - sign * factor * (2 * shown + sign)
        reader.sums.append(at_most(above))


def read_table(reader: "Reader", date: int, sheet: Sheet) -> None:
    """A stored sheet as the table that its files are made from."""
    from tests.governance.street_reader import HEADINGS

    text = reader.page(date, reverse("sheet-table", kwargs={"id": sheet.pk}))
    names = {place.name: place.code for place in (reader.rows.root, *reader.rows.blocks)}
    for table in _TABLE.findall(text):
        head, *lines = [_CELL.findall(line) for line in table.split("<tr")[1:]]
        for (name, _more), *cells in lines:
            place = names.get(name) or reader.rows.root.code
            for (title, _none), (said, fraction) in zip(head[1:], cells, strict=True):
                measure = HEADINGS.get(title)
                if measure and said:
                    reader.figure(
                        date, measure.code, place, sheet.period.key, said, fraction.strip()
                    )
