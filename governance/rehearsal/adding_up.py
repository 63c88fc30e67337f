"""Adding up a sheet by hand: every figure again, in plain Python, from the sendings it names.

Nothing of the roll-up is used: not its SQL, not its summaries, not what stands on reports.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta

from reports import answers, measures, sheets
from reports.models import Filing, Obligation, Period, Sheet
from units.kinds import Kind
from units.models import HouseholdCount, Place

# Where the last word of a longer period counts, not the sum (design §7, open point 1).
LAST_WORD = (
    *("corridor_uncleared", "ebike_unresolved", "facility_reported", "stock_tight"),
    "figures_disputed",
)
GRACE = timedelta(hours=48)


def differences(sheet: Sheet) -> tuple[int, list[str]]:
    """How many figures were added up, and those that come out otherwise, a sentence each."""
    above = dict(Place.objects.filter(community=sheet.place.community).values_list("pk", "parent"))
    counted = _counted(sheet, above)
    found, checked = [], 0
    for part in sheets.parts_of(sheet):
        for code, shown in part.figures.items():
            if sheets.is_of_itself(shown.measure, part.kind):
                continue
            checked += 1
            by_hand = measures.figure(shown.measure, [counted[part.place_id]])
            if (by_hand.numerator, by_hand.denominator) != (shown.numerator, shown.denominator):
                found.append(
                    f"{sheet.number} {part.name} {code}："
                    f"表上{shown.numerator}/{shown.denominator}，"
                    f"由来源加出{by_hand.numerator}/{by_hand.denominator}"
                )
    return checked, found


def _counted(sheet: Sheet, above: dict[int, int | None]) -> dict[int, Counter[str]]:
    """Columns of every place from its own sendings and those of all below it."""
    own = _own(sheet, set(above))
    counted: dict[int, Counter[str]] = defaultdict(Counter)
    for place_id, columns in own.items():
        at: int | None = place_id
        while at:
            counted[at].update(columns)
            at = above[at]
    return counted


def _own(sheet: Sheet, places: Iterable[int]) -> dict[int, Counter[str]]:
    own: dict[int, Counter[str]] = defaultdict(Counter)
    sent = _named(sheet)
    for each in sent:
        if each.report.is_event:
            _say_of_door(own[each.report.place_id], each)
    periodic: dict[int, list[Filing]] = defaultdict(list)
    for each in sent:
        if not each.report.is_event:
            periodic[each.report.place_id].append(each)
    owed: dict[int, list[Obligation]] = defaultdict(list)
    for obligation in Obligation.objects.filter(
        place__in=places,
        period__ends_on__range=(sheet.period.starts_on, sheet.period.ends_on),
    ).select_related("place", "period"):
        if sheet.period.kind != Period.PeriodKind.WEEK or obligation.period == sheet.period:
            owed[obligation.place_id].append(obligation)
    for place_id, obligations in owed.items():
        _say_of_periods(own[place_id], obligations, periodic[place_id])
    for place_id, columns in _stock(sheet).items():
        own[place_id].update(columns)
    return own


def _named(sheet: Sheet) -> list[Filing]:
    """The sendings that the sheet names, and no others."""
    revs = dict(sheet.sources)
    found = Filing.objects.filter(report__in=revs).select_related(
        "report__obligation__period", "report__form", "form_version"
    )
    return [each for each in found if revs[each.report_id] == each.rev]


def _say_of_door(columns: Counter[str], sent: Filing) -> None:
    said = answers.said(sent.form_version.definition, sent.answers)
    for column, number in said.items():
        # A door is confirmed once, however often somebody says so.
        columns[column] = (
            max(columns[column], number) if column == "confirmed" else (columns[column] + number)
        )
    columns["visited_households"] = min(1, columns["visits"])


def _say_of_periods(
    columns: Counter[str], owed: Sequence[Obligation], sent: Sequence[Filing]
) -> None:
    level = Kind(owed[0].place.kind).name.lower()
    heard = {each.report.obligation_id for each in sent}
    columns[f"{level}_owed"] += len(owed)
    columns[f"{level}_filed"] += len(heard)
    columns[f"{level}_excused"] += sum(o.is_excused and o.pk not in heard for o in owed)
    last: Counter[str] = Counter()
    for each in sorted(sent, key=lambda f: f.report.as_of):
        said = {} if each.nil else answers.said(each.form_version.definition, each.answers)
        columns[f"{level}_on_time"] += _is_on_time(each)
        if level == "building":
            columns["building_nil" if each.nil else "building_looked"] += 1
        columns.update({c: n for c, n in said.items() if c not in LAST_WORD})
        last = Counter({c: said.get(c, 0) for c in LAST_WORD})
    columns.update(last)


def _is_on_time(sent: Filing) -> bool:
    """By the first sending of its report; nobody withdraws in this month."""
    first = Filing.objects.get(report=sent.report_id, rev=1)
    owed = sent.report.obligation
    if owed is None or first.received_at > owed.due_at + GRACE:
        return False
    return first.received_at <= owed.due_at or owed.opens_at <= first.made_at <= owed.due_at


def _stock(sheet: Sheet) -> dict[int, Counter[str]]:
    """Who lives behind each door: the count, with who came and went since, as reported by then."""
    doors = Place.objects.active().filter(
        community=sheet.place.community, kind=Kind.HOUSEHOLD
    )  # fmt: skip
    moved: Counter[int] = Counter()
    last: dict[int, Filing] = {}
    for each in (
        Filing.objects.filter(
            report__place__in=doors, report__is_event=True, received_at__lte=sheet.as_of
        )
        .select_related("form_version", "report")
        .order_by("rev")
    ):
        last[each.report_id] = each
    for each in last.values():
        said = answers.said(each.form_version.definition, each.answers)
        moved[each.report.place_id] += said["arrived"] - said["departed"]
    stock = {door.pk: Counter(households=1) for door in doors}
    for count in HouseholdCount.objects.filter(place__in=doors):
        stock[count.place_id] = Counter(
            households=1,
            households_counted=1,
            residents=count.residents + moved[count.place_id],
            aged_60_plus=count.aged_60_to_79 + count.aged_80_plus,
            aged_80_plus=count.aged_80_plus,
            nonlocal_residents=count.nonlocal_residents,
            actual=count.actual + moved[count.place_id],
            floating=count.floating,
            living_alone=int(count.living_alone),
        )
    return stock
