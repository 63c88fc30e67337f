"""A reader at the street who fetches everything, twice, knows the rule, and adds and subtracts.

`Rows` makes a small community with figures of chance; `Reader` collects what the pages, the API and
the sheets say; `puzzle_of` writes down what follows from it.
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from random import Random
from typing import Any

from django.http import HttpResponse
from django.test import Client
from django.urls import resolve, reverse
from django.utils import timezone

from reports import calendar, measures, sheets
from reports.disclosure import rule
from reports.disclosure.rule import AT_DOORS, DISPUTES, FLOATING, MOVEMENT, PEOPLE, PROTECTED
from reports.exports import words
from reports.models import Period, Sheet, Summary
from tests import factories as f
from tests.governance import street_rooms
from tests.governance.solver import Between, Puzzle, at_most, between, equals
from units.kinds import Duty, Kind
from units.models import Community, Place, User

Cell = tuple[int, str, str, str]  # date, place, period, column
OPEN = (
    *("building_owed", "building_filed", "building_nil", "building_looked", "building_on_time"),
    *("corridor_uncleared", "waste_good", "waste_answered"),
)
FLOWS = (*AT_DOORS, *MOVEMENT, *DISPUTES)
# What a figure of a part of people must not say; work done at doors is not that.
SECRET = (*PEOPLE, *FLOATING, *MOVEMENT, *DISPUTES)
ADDS_UP = ("visits", "suggestions", "urgent", *MOVEMENT, *DISPUTES)
BOUNDS = (
    *(("aged_80_plus", "aged_60_plus"), ("aged_60_plus", "residents")),
    *(("nonlocal_residents", "residents"), ("residents", "actual"), ("floating", "actual")),
    *(("living_alone", "aged_60_plus"), ("living_alone", "households_counted")),
    ("households_counted", "households"),
)


@dataclass
class Rows:
    """Summaries of a community and its blocks, adding up: two months, a week of the last, now."""

    chance: Random
    community: Community = field(init=False)
    periods: dict[str, Period] = field(init=False)
    values: dict[Cell, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        blocks, long_ago = [1] * self.chance.choice((1, 2, 2, 3)), timezone.now() - timedelta(400)
        self.community = f.compound(blocks, floors=0, at=long_ago)
        last = timezone.localdate().replace(day=1) - timedelta(days=1)
        before = last.replace(day=1) - timedelta(days=1)
        self.periods = {
            "before": calendar.month_of(before),
            "last": calendar.month_of(last),
            "week": calendar.week_of(last.replace(day=15)),
            "quarter": calendar.quarter_of(last),
            "now": calendar.now_period(),
        }
        # Locked weeks, so that both months are over whatever day it is.
        Period.objects.filter(kind="month").update(freezes_at=timezone.now() - timedelta(hours=1))
        for block in self.blocks:
            self._draw(block)
        for date in (1, 2):
            for name, period in self.periods.items():
                of = PEOPLE + FLOATING if name == "now" else (*OPEN, *FLOWS)
                for column in of:
                    total = sum(self.values[date, b.code, period.key, column] for b in self.blocks)
                    self.values[date, self.root.code, period.key, column] = total

    @property
    def root(self) -> Place:
        return f.root(self.community)

    @property
    def blocks(self) -> list[Place]:
        return list(Place.objects.filter(community=self.community, kind=1).order_by("code"))

    def _draw(self, block: Place) -> None:
        some = self.chance.randint
        big = self.chance.random() < 0.7
        first = self._people(big, None)
        flows = {"before": self._flows(some(0, 14), big), "last": self._flows(some(0, 14), big)}
        # Everybody who left was there.
        flows["last"]["departed"] = min(flows["last"]["departed"], first["residents"])
        net = flows["last"]["arrived"] - flows["last"]["departed"]
        second = self._people(big, first["residents"] + net, first["households"])
        for date, people in ((1, first), (2, second)):
            for column, value in people.items():
                self.values[date, block.code, "now", column] = value
            quarter = self.periods["quarter"]
            of_quarter: dict[str, int] = dict.fromkeys((*OPEN, *FLOWS), 0)
            for name in ("before", "last"):
                period = self.periods[name]
                if quarter.starts_on <= period.starts_on:
                    of_quarter = {c: of_quarter[c] + flows[name][c] for c in of_quarter}
                for column, value in flows[name].items():
                    self.values[date, block.code, period.key, column] = value
            of_quarter["confirmed"] = min(of_quarter["confirmed"], first["households"])
            visited = max(flows["last"]["visited_households"], 0)
            of_quarter["visited_households"] = min(visited, first["households"])
            for column, value in of_quarter.items():
                self.values[date, block.code, quarter.key, column] = value
        self._draw_week(block, flows["last"])

    def _draw_week(self, block: Place, month: dict[str, int]) -> None:
        week = {c: self.chance.randint(0, v) for c, v in month.items()}
        week["building_filed"] = week["building_nil"] + week["building_looked"]
        week["disputes"] = min(week["disputes"], week["building_looked"])
        week["mediated"] = min(week["mediated"], week["disputes"])
        week["visited_households"] = min(week["visited_households"], week["visits"])
        for column, value in week.items():
            for date in (1, 2):
                self.values[date, block.code, self.periods["week"].key, column] = value

    def _people(self, big: bool, residents: int | None, households: int = 0) -> dict[str, int]:
        some = self.chance.randint
        households = households or some(0, 9) + 5 * big
        counted = some(5 if big else 0, max(households, 5 * big)) if households else 0
        residents = some(16 if big else 0, 24 if big else 8) if residents is None else residents
        aged = min(some(10, 12) if big else some(0, 8), residents)
        nonlocal_ = min(some(5, 9) if big else some(0, 8), residents)
        actual = residents + (some(5, 8) if self.chance.random() < 0.6 else some(0, 4))
        return {
            "households": max(households, counted),
            "households_counted": counted,
            "residents": residents,
            "aged_60_plus": aged,
            "aged_80_plus": min(some(5, 7) if big else some(0, 4), aged),
            "living_alone": min(some(5, 6) if big else some(0, 4), aged, counted),
            "nonlocal_residents": nonlocal_,
            "actual": actual,
            "floating": min(some(5, 12), actual),
        }

    def _flows(self, looked: int, big: bool) -> dict[str, int]:
        some = self.chance.randint
        disputes = some(0, looked)
        visits = some(0, 6)
        return {
            "building_owed": looked + 3,
            "building_filed": looked + 1,
            "building_nil": 1,
            "building_looked": looked,
            "building_on_time": some(0, looked),
            "corridor_uncleared": some(0, 1),
            "waste_good": some(0, looked),
            "waste_answered": looked,
            "visits": visits,
            "visited_households": min(visits, 4),
            "confirmed": some(0, 4),
            "suggestions": some(0, 2),
            "urgent": some(0, 2),
            "arrived": some(0, 6 if big else 3),
            "departed": some(0, 6 if big else 3),
            "disputes": disputes,
            "mediated": some(0, disputes),
        }

    def write(self, date: int) -> None:
        """The summaries of one of the two dates."""
        Summary.objects.filter(community=self.community).delete()
        keys = {period.key: period for period in self.periods.values()}
        rows: dict[tuple[str, str], dict[str, int]] = {}
        for (at, place, period, column), value in self.values.items():
            if at == date:
                rows.setdefault((place, period), {})[column] = value
        places = {place.code: place for place in (self.root, *self.blocks)}
        Summary.objects.bulk_create(
            Summary(
                place=places[place],
                period=keys[period],
                community=self.community,
                kind=places[place].kind,
                parent=places[place].parent,
                computed_at=timezone.now(),
                **columns,
            )
            for (place, period), columns in rows.items()
        )


HEADINGS = {str(words.heading(each)): each for each in measures.CATALOGUE}
_LINK = re.compile(
    r'class="figure-link" href="/figure/(\w+)/([\w-]+)/([\w-]+)/(?:\?sheet=[\w-]+)?">([^<]*)</a>'
)
_FRACTION = re.compile(r"(-?[\d,]+)/(-?[\d,]+)")
_PART = re.compile(r'data-part="([\w-]+)">([^<]*)</td>\s*(?:<td class="number">([^<]*)</td>)?')
_VALUE = re.compile(r'class="figure-value is-large">([^<]*)<')
_NUMBERS = re.compile(r"<dt>代入</dt><dd>([^<]*)</dd>")


class Reader:
    """Everything over HTTP, as facts about cells."""

    def __init__(self, user: User, rows: Rows) -> None:
        self.client = Client()
        self.client.force_login(user)
        self.rows = rows
        self.exact: dict[Cell, int] = {}
        self.sums: list[Between] = []
        self.signs: dict[Cell, str] = {}
        self.pages = 0
        # By name, those that were opened.
        self.doors: set[str] = set()

    def read(self, date: int, stored: list[Sheet]) -> None:
        community = self.rows.community
        for period in self.rows.periods.values():
            self._api(date, period)
        pages = [
            reverse("community-board", kwargs={"code": community.code}),
            reverse("street-board", kwargs={"code": community.division_id}) + "?compare=1",
            reverse("measures") + f"?place={community.code}",
            reverse("street-screen", kwargs={"code": community.division_id}),
            *self._trend_pages(),
        ]
        for url in [*pages, *self._figure_pages()]:
            self.page(date, url)
        street_rooms.read(self, date)
        for each in stored:
            self.page(1, reverse("sheet", kwargs={"id": each.pk}))
            street_rooms.read_table(self, 1, each)
            self._export(1, {"sheet": str(each.pk)}, each.period)
        for period in self.rows.periods.values():
            if period.kind != "now":
                for place in (self.rows.root, *self.rows.blocks):
                    self._export(date, {"place": place.code}, period)
                self._export(date, {"division": community.division_id}, period)

    def _export(self, date: int, of: dict[str, str], period: Period) -> None:
        """A file of these places: every figure with its two counts."""
        body = of | {"period": period.key, "kind": "csv", "purpose": "checking"}
        answer = self.client.post(reverse("exports"), body)
        assert answer.status_code == 200, answer.content.decode()
        self._opened(answer)
        content = answer.getvalue().decode("utf-8-sig")
        _title, _moment, head, *lines = csv.reader(io.StringIO(content))
        for line in lines:
            for column, title in enumerate(head):
                measure = HEADINGS.get(title)
                if measure and line[column]:
                    told = f"{line[column + 1]}/{line[column + 2]}" if measure.is_rate else ""
                    self.figure(date, measure.code, line[1], period.key, line[column], told)

    def _figure_pages(self) -> Iterator[str]:
        places = [place.code for place in (self.rows.root, *self.rows.blocks)]
        for measure in measures.CATALOGUE:
            if measure.columns.isdisjoint(PROTECTED):
                continue
            for period in self.rows.periods.values():
                if period.kind in measure.periods:
                    for place in [*places, self.rows.community.division_id]:
                        of = {"code": measure.code, "place": place, "period": period.key}
                        yield reverse("figure", kwargs=of)

    def _trend_pages(self) -> Iterator[str]:
        """Each measure about people over time, of every kind of period, side by side too."""
        where = reverse("street-trends", kwargs={"code": self.rows.community.division_id})
        for measure in measures.CATALOGUE:
            if not measure.columns.isdisjoint(PROTECTED):
                for kind in measure.periods:
                    yield f"{where}?measure={measure.code}&kind={kind}&compare=1"

    def _api(self, date: int, period: Period) -> None:
        answer = self.client.get("/api/summaries/", {"period": period.key})
        self._opened(answer)
        for row in answer.json():
            for column, value in row["columns"].items():
                # Every row has every column; those of another kind of period hold nothing.
                if (period.kind == "now") is (column in PEOPLE + FLOATING):
                    self.know(date, row["place"], period.key, {column: 1}, value)

    def _opened(self, answer: HttpResponse) -> None:
        self.pages += 1
        self.doors.add(answer.resolver_match.url_name)

    def page(self, date: int, url: str, *, part: bool = False) -> str:
        """All its figures; `part` is the fragment that an open page swaps. Returns what it says."""
        # A search for one thing leads to it.
        headers = {"X-Part": "figures"} if part else {}
        answer = self.client.get(url, headers=headers, follow=True)
        if answer.status_code == 403:
            return ""
        assert answer.status_code == 200, url
        self._opened(answer)
        self.doors.add(resolve(url.partition("?")[0]).url_name)
        text = unescape(answer.content.decode())
        for found in _LINK.finditer(text):
            code, place, period, shown = found.groups()
            after = text[found.end() : found.end() + 160]
            # The next figure's fraction is not this one's.
            after = after.partition("figure-link")[0].partition("figure-name")[0]
            self.figure(date, code, place, period, shown, after)
        at = re.match(r"/figure/(\w+)/([\w-]+)/([\w-]+)/", url)
        if at:
            self._figure_page(date, *at.groups(), text)
        return text

    def _figure_page(self, date: int, code: str, place: str, period: str, text: str) -> None:
        shown = _VALUE.search(text)
        numbers = _NUMBERS.search(text)
        if shown:
            told = re.findall(r"-?[\d,]+", numbers[1]) if numbers else []
            fraction = f"{told[0]}/{told[1]}" if len(told) > 1 and "÷" in numbers[1] else ""
            self.figure(date, code, place, period, shown[1], fraction)
        for part, value, fraction in _PART.findall(text):
            self.figure(date, code, part, period, value, fraction)

    def figure(self, date: int, code: str, place: str, period: str, text: str, after: str) -> None:
        measure = measures.in_force(code, timezone.localdate())
        fraction = _FRACTION.search(after)
        if measure.is_rate and fraction:
            for terms, number in zip(
                (measure.numerator, measure.denominator), fraction.groups(), strict=True
            ):
                self.know(date, place, period, terms, int(number.replace(",", "")))
        elif not measure.is_rate and re.fullmatch(r"-?[\d,]+", text):
            self.know(date, place, period, measure.numerator, int(text.replace(",", "")))
        else:
            # 「少于5」 of a rate is said of its numerator.
            for column in measure.numerator:
                if text.startswith("少于5") or (date, place, period, column) not in self.signs:
                    self.signs[date, place, period, column] = text

    def cells(self, date: int, place: str, period: str, terms: Any) -> dict[Cell, int]:
        return {
            (date, place, "now" if c in PEOPLE + FLOATING else period, c): n
            for c, n in terms.items()
        }

    def know(self, date: int, place: str, period: str, terms: Any, value: int) -> None:
        cells = self.cells(date, place, period, terms)
        if PROTECTED.isdisjoint(terms) and terms.keys() != {"building_looked"}:
            return
        if equals(cells, value) not in self.sums:
            self.sums.append(equals(cells, value))
        if len(cells) == 1:
            (cell,) = cells
            if terms[cell[3]] == 1:
                self.exact[cell] = value


def structure(rows: Rows) -> Puzzle:
    """What everybody knows: blocks add up to their community, parts are no larger than wholes."""
    puzzle, keys = Puzzle(), {name: period.key for name, period in rows.periods.items()}
    codes = [rows.root.code, *(block.code for block in rows.blocks)]
    blocks = codes[1:]
    known = {*PROTECTED, "building_looked"}
    for date, place, period, column in list(rows.values):
        if place != codes[0] or column not in known:
            continue
        cells = {(date, block, period, column): 1 for block in blocks}
        puzzle.add(equals(cells | {(date, codes[0], period, column): -1}))
    for date in (1, 2):
        for place in codes:
            for part, whole in BOUNDS:
                cell = (date, place, "now")
                puzzle.add(at_most({(*cell, part): 1, (*cell, whole): -1}))
            for name, key in keys.items():
                if name == "now":
                    continue
                cell = (date, place, key)
                puzzle.add(at_most({(*cell, "mediated"): 1, (*cell, "disputes"): -1}))
                puzzle.add(at_most({(*cell, "disputes"): 1, (*cell, "building_looked"): -1}))
                puzzle.add(at_most({(*cell, "visited_households"): 1, (*cell, "visits"): -1}))
                if name == "quarter" and date == 1:
                    for column in ("visited_households", "confirmed"):
                        now = (date, place, "now", "households")
                        puzzle.add(at_most({(*cell, column): 1, now: -1}))
            for column in ADDS_UP:
                week, month = (
                    (date, place, keys["week"], column),
                    (date, place, keys["last"], column),
                )
                puzzle.add(at_most({week: 1, month: -1}))
                inside = [
                    (date, place, keys[name], column)
                    for name in ("before", "last")
                    if rows.periods["quarter"].starts_on <= rows.periods[name].starts_on
                ]
                whole = (date, place, keys["quarter"], column)
                puzzle.add(equals(dict.fromkeys(inside, 1) | {whole: -1}))
    for place in codes:
        # Who lives here at the end of the month is who did before, and came, less who left.
        month = keys["last"]
        puzzle.add(
            equals(
                {
                    (1, place, "now", "residents"): 1,
                    (2, place, month, "arrived"): 1,
                    (2, place, month, "departed"): -1,
                    (2, place, "now", "residents"): -1,
                }
            )
        )
        # What is over does not change between the two dates; nor, here, does the number of doors.
        for name in ("before", "last", "week", "quarter"):
            for column in (*FLOWS, "building_looked"):
                first, second = (1, place, keys[name], column), (2, place, keys[name], column)
                puzzle.add(equals({first: 1, second: -1}))
    return puzzle


def puzzle_of(rows: Rows, reader: Reader, *, knows_the_rule: bool = True) -> Puzzle:
    """The structure, what was read, and what the rule says about what was not shown."""
    puzzle = structure(rows)
    puzzle.add(*reader.sums)
    for cell, sign in reader.signs.items():
        if sign.startswith("少于5"):
            puzzle.add(between({cell: 1}, 0, rule.FEWEST - 1))
    if knows_the_rule:
        _add_the_rule(puzzle, rows, reader)
    return puzzle


def _few(*cells: dict[Cell, int]) -> list[Between]:
    return [at_most(terms, rule.FEWEST - 1) for terms in cells]


def _add_the_rule(puzzle: Puzzle, rows: Rows, reader: Reader) -> None:
    """Why it is not shown: one of the reasons that the rule has."""
    root, blocks = rows.root.code, [block.code for block in rows.blocks]
    for date in (1, 2):
        if len(blocks) > 1 and (date, blocks[0], "now", "residents") not in reader.exact:
            reasons = [
                each
                for block in blocks
                for each in _few(
                    *({(date, block, "now", column): 1} for column in PEOPLE),
                    *(
                        {(date, block, "now", whole): 1, (date, block, "now", part): -1}
                        for whole, part in rule._DIFFERENCES
                    ),
                )
            ]
            puzzle.choose(reasons)
        if (date, root, "now", "floating") not in reader.exact:
            puzzle.choose(_few(*_floating(date, root)))
    for name in ("before", "last"):
        key = rows.periods[name].key
        cell = (2, root, key)
        if (*cell, "arrived") not in reader.exact:
            _add_turnover(puzzle, rows, name, blocks)
        looked, disputes, mediated = (
            (*cell, column) for column in ("building_looked", "disputes", "mediated")
        )
        told = [reader.exact[2, block, key, "building_looked"] for block in blocks]
        is_spread = rule.Month.of([{"building_looked": n} for n in told]).is_spread
        if disputes not in reader.exact and is_spread and reader.exact[looked] >= 2 * rule.FEWEST:
            sign = reader.signs[disputes]
            puzzle.add(
                *(_few({disputes: 1}) if sign == "少于5" else _few({looked: 1, disputes: -1}))
            )
        elif disputes in reader.exact and mediated not in reader.exact:
            puzzle.choose(_few({mediated: 1}, {disputes: 1, mediated: -1}))


def _floating(date: int, place: str) -> tuple[dict[Cell, int], ...]:
    actual, floating, residents = (
        (date, place, "now", column) for column in ("actual", "floating", "residents")
    )
    return {floating: 1}, {actual: 1, floating: -1}, {actual: 1, residents: -1}


def _add_turnover(puzzle: Puzzle, rows: Rows, name: str, blocks: list[str]) -> None:
    """The smaller of arrived and departed, block by block, comes to less than FEWEST."""
    key = rows.periods[name].key
    smaller = {}
    for block in blocks:
        least = (2, block, key, "smaller")
        smaller[least] = 1
        puzzle.choose([at_most({(2, block, key, c): 1, least: -1}) for c in MOVEMENT])
    puzzle.add(at_most(smaller, rule.FEWEST - 1))


def hidden_cells(rows: Rows, reader: Reader) -> list[Cell]:
    """Cells about people that were never shown, and are no sum of what was."""
    months = {rows.periods[name].key for name in ("before", "last")}
    single = len(rows.blocks) == 1
    return [
        cell
        for cell in rows.values
        if cell[3] in SECRET
        and cell not in reader.exact
        and (cell[2] == "now" or (cell[0] == 2 and cell[2] in months))
        and not (single and cell[1] != rows.root.code)
    ]


def against_the_rule(rows: Rows, reader: Reader) -> set[Cell]:
    """Cells that some page told of, in a number or a difference, though the rule hides them."""
    told = {cell for each in reader.sums for cell, _factor in each.terms if cell[3] in PROTECTED}
    codes = [rows.root.code, *(block.code for block in rows.blocks)]

    def of(date: int, place: str, period: str, columns: Iterable[str]) -> dict[str, int]:
        return {c: rows.values.get((date, place, period, c), 0) for c in columns}

    months = {rows.periods[name].key for name in ("before", "last")}
    wrong = set()
    for date, place, period, column in told:
        people = [of(date, code, "now", PEOPLE + FLOATING) for code in codes]
        flows = [of(date, code, period, (*OPEN, *FLOWS)) for code in codes]
        which = codes.index(place)
        month = rule.Month.of(flows[1:]) if period in months else None
        signs = rule.signs(
            people[which] | flows[which],
            Kind.BLOCK if which else Kind.COMMUNITY,
            rule.Stock.of(people[0], people[1:]),
            month,
        )
        if column in signs:
            wrong.add((date, place, period, column))
    return wrong


def officer(community: Community) -> User:
    return f.post(Duty.STREET_OFFICER, division=community.division).user


def attack(chance: Random) -> tuple[Rows, Reader]:
    """A community, and all that the street can read of it on two dates."""
    rows = Rows(chance)
    street_rooms.open_what_is_owed(rows)
    reader = Reader(officer(rows.community), rows)
    rows.write(1)
    street_rooms.submit_the_months(rows)
    taken = [
        sheets.take(place, rows.periods[name], by=None, at=timezone.now())
        for place in (rows.root, rows.blocks[0])
        for name in ("last", "week", "quarter")
    ]
    reader.read(1, taken)
    rows.write(2)
    reader.read(2, [])
    return rows, reader


def leaks(rows: Rows, reader: Reader, **knowing: bool) -> dict[Cell, set[int]]:
    """Hidden cells with fewer than three candidates, unless what is open leaves no more either."""
    hidden = hidden_cells(rows, reader)
    found = puzzle_of(rows, reader, **knowing).candidates(hidden)
    narrow = {cell: values for cell, values in found.items() if len(values) < 3}
    if not narrow:
        return {}
    plain = structure(rows)
    for cell, value in reader.exact.items():
        if cell[3] == "building_looked":
            plain.add(equals({cell: 1}, value))
    without = plain.candidates(narrow)
    return {cell: values for cell, values in narrow.items() if len(values) < len(without[cell])}


__all__ = ["Kind", "Reader", "Rows", "against_the_rule", "attack", "leaks", "officer"]
