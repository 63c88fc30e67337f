"""The table that page, spreadsheet, text file and paper of one sheet are made from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import disclosure, measures, sheets
from reports.exports import words
from reports.measures import Figure, Measure
from reports.models import Period, Sheet
from reports.sheets import Part
from units.kinds import Kind
from units.models import Community, Division, Place, User

# Measures in the order they are read, under the heads of the two-line table header.
_GROUPS = (
    (
        gettext_lazy("报告"),
        ("COV_B", "MISS_N", "NIL_RATE", "ONTIME_B", "COV_K", "COV_C", "DATA_DISPUTE"),
    ),
    (
        gettext_lazy("隐患和设施"),
        ("HAZ_CORR", "HAZ_EBIKE", "FAC_REPORTED", "STOCK_LOW", "WASTE_GOOD"),
    ),
    (
        gettext_lazy("邻里和走访"),
        (
            *("DISP_N", "DISP_MEDIATED", "URG_N", "SUGG_N", "VISIT_N", "VISIT_HH", "VISIT_COV"),
            *("HH_ABSENT", "POP_IN", "POP_OUT", "HH_CONFIRMED"),
        ),
    ),
    (
        gettext_lazy("住户"),
        (
            *("POP_RES", "HH_N", "HH_COUNTED", "POP_60_RATE", "POP_80_N", "ALONE_N"),
            *("POP_NONLOCAL_RATE", "POP_FLOATING_RATE"),
        ),
    ),
)
_OTHERS = gettext_lazy("其他")


@dataclass(frozen=True)
class Group:
    name: str
    measures: list[Measure]


@dataclass(frozen=True)
class Row:
    """One place. `is_sum` is the place above the others, as the sheet has it: never added up."""

    part: Part
    name: str
    is_sum: bool = False

    def figure(self, measure: Measure) -> Figure | None:
        return self.part.figures.get(measure.code)


@dataclass(frozen=True)
class Table:
    title: str
    place: str
    office: str
    period: str
    as_of: datetime
    sheets: list[Sheet]
    # The figures of the whole, first of all; a street has none of its own.
    head: Part | None
    rows: list[Row]
    row_word: str
    groups: list[Group] = field(default_factory=list)

    @property
    def numbers(self) -> str:
        return "、".join(sheet.number for sheet in self.sheets)

    @property
    def short_numbers(self) -> str:
        """For the top and foot of a page, where nine do not fit."""
        first, *others = (sheet.number for sheet in self.sheets)
        if not others:
            return first
        return _("%(first)s等%(count)d张") % {"first": first, "count": len(self.sheets)}

    @property
    def measures(self) -> list[Measure]:
        return [measure for group in self.groups for measure in group.measures]

    @property
    def missing(self) -> list[tuple[str, str]]:
        """(place, how many of its buildings have not come in) of the rows that are not sums."""
        found = []
        for row in self.rows:
            figure = row.figure(measures.MISSING)
            if figure and not row.is_sum and (not words.is_exact(figure) or figure.numerator):
                found.append((row.name, figure.text))
        return found


def of_place(user: User, taken: Sequence[Sheet]) -> Table:
    """The first sheet is of the place; more are of the places below it, whose parts are listed.

    Cut to what `user` may see: deeper places go, and above the community figures are screened.
    """
    first = taken[0]
    top, *below = _seen(user, first)
    rows = []
    if len(taken) == 1:
        rows = [Row(part, part.name) for part in below]
    for sheet in taken[1:]:
        middle, *parts = _seen(user, sheet)
        rows += [Row(part, part.name) for part in parts]
        rows.append(Row(middle, _("%s小计") % middle.name, is_sum=True))
    of = first.place.community
    # A place without parts is listed itself.
    rows.append(Row(top, _("合计") if rows else top.name, is_sum=bool(rows)))
    deepest = max(row.part.kind for row in rows if not row.is_sum or len(rows) == 1)
    return _table(
        title=_title(first),
        place=top.name if top.kind == Kind.COMMUNITY else f"{of.name} {top.name}",
        office=of.name,
        taken=taken,
        head=top,
        rows=rows,
        row_word=of.division.label_of(deepest),
    )


def of_division(user: User, division: Division, taken: Sequence[Sheet]) -> Table:
    """A row a community, without a sum: what one of them hides could be told from it."""
    return _table(
        title=_("%s数据表") % division,
        place=str(division),
        office=str(division),
        taken=taken,
        head=None,
        rows=[Row(part, part.name) for sheet in taken for part in _seen(user, sheet)[:1]],
        row_word=division.label_of(Kind.COMMUNITY),
    )


def parts_by_code(user: User, taken: Sequence[Sheet]) -> dict[str, Part]:
    """Every place on these sheets as `user` may see it."""
    return {part.code: part for sheet in taken for part in _seen(user, sheet)}


def _seen(user: User, sheet: Sheet) -> list[Part]:
    """The parts of a sheet that are in reach, as this person may see them.

    Judged at the sheet's own moment, so that the same sheet gives the same file later.
    """
    return disclosure.parts_of(sheet, user, at=sheet.as_of)


def _table(
    *,
    title: str,
    place: str,
    office: str,
    taken: Sequence[Sheet],
    head: Part | None,
    rows: list[Row],
    row_word: str,
) -> Table:
    return Table(
        title=title,
        place=place,
        office=office,
        period=taken[0].period.label,
        as_of=min(sheet.as_of for sheet in taken),
        sheets=list(taken),
        head=head,
        rows=rows,
        row_word=row_word,
        groups=_groups(rows, of_itself=head.kind if head else None),
    )


def _groups(rows: Iterable[Row], *, of_itself: int | None) -> list[Group]:
    """The measures that some row has, in groups; those that no group names come last.

    Whether the place has sent in this very report is not told in it.
    """
    present = {
        code: figure.measure
        for row in rows
        for code, figure in row.part.figures.items()
        if of_itself is None or not sheets.is_of_itself(figure.measure, of_itself)
    }
    groups = [
        Group(str(name), [present.pop(code) for code in codes if code in present])
        for name, codes in _GROUPS
    ]
    groups.append(Group(str(_OTHERS), list(present.values())))
    return [group for group in groups if group.measures]


def _title(sheet: Sheet) -> str:
    kind = (sheet.place.kind, sheet.period.kind)
    if kind == (Kind.BLOCK, Period.PeriodKind.WEEK):
        return _("%s周报") % sheet.place.name
    if kind == (Kind.COMMUNITY, Period.PeriodKind.MONTH):
        return _("%s月报") % sheet.place.name
    return _("%s数据表") % sheet.place.name


def communities_of(division: Division) -> list[Place]:
    """The roots of the communities that a street answers for."""
    return list(
        Place.objects.filter(
            kind=Kind.COMMUNITY,
            community__in=Community.objects.filter(division__in=division.with_descendants()),
        )
        .select_related("community__division")
        .order_by("code")
    )
