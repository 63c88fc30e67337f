"""What the pages of block and community reports show, put together from figures and sendings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db.models import F, Q

from reports import (
    corrections,
    coverage,
    disclosure,
    drafting,
    last_month,
    measures,
    panel,
    sheets,
    written,
)
from reports.catalogue import BLOCK_REPORT, read
from reports.coverage import Standing
from reports.measures import Figure
from reports.models import Decision, Filing, Obligation, Period, Report, Review, Sheet
from reports.models.period import ObligationQuerySet
from reports.sentences import Piece
from reports.sheets import Part
from units import scope
from units.kinds import Kind
from units.models import Community, Place, User
from units.scope import Action

# An upper report is looked for this long after it opened; the newest of each form is shown.
_RECENT = timedelta(days=70)
# Of the places below, side by side.
OF_PARTS = (*measures.CONCERNS, measures.WASTE, measures.VISITS)


@dataclass(frozen=True)
class Row:
    """One place below: coverage, then figures that are None where nothing was heard or shown."""

    part: Part
    coverage: Figure | None
    figures: Sequence[Figure | None]


@dataclass(frozen=True)
class Figures:
    """A sheet as a page shows it."""

    sheet: Sheet
    own: Sequence[Figure]
    heads: Sequence[measures.Measure]
    rows: Sequence[Row]
    by_code: dict[str, Figure]


@dataclass(frozen=True)
class Told:
    """A sending, with its answers as they are read: the figures of its own sheet in them."""

    filing: Filing
    sections: Sequence[tuple[str, Sequence[Piece]]]


@dataclass(frozen=True)
class Item:
    """An upper report in a list."""

    standing: Standing
    last: Filing | None
    # Waits for this person to write it.
    is_to_write: bool = False

    @property
    def is_urgent(self) -> bool:
        return bool(self.last and self.last.answers.get("assessment") == "urgent")

    @property
    def needs_the_street(self) -> bool:
        return bool(self.last and self.last.answers.get("action_taken") == "street")

    @property
    def is_returned(self) -> bool:
        report = self.standing.report
        return report is not None and report.review == Review.RETURNED


@cache
def issue_labels() -> dict[str, str]:
    """What a block report may call a problem, by code: 「楼道堆物」."""
    fields = {field["name"]: field for field in read(BLOCK_REPORT)["fields"]}
    return {each["value"]: each["label"] for each in fields["top_issues"]["choices"]}


def owed(user: User) -> ObligationQuerySet:
    """Block and community reports in reach."""
    found: ObligationQuerySet = Obligation.objects.visible_to(user).filter(
        form__place_kind__lt=Kind.BUILDING, form__is_event=False
    )
    return found


def may_write(user: User, place: Place) -> bool:
    return any(scope.reach(user, action).holds(place) for action in (Action.FILE, Action.FILE_FOR))


def figures_of(sheet: Sheet, *, above: User | None = None, at: datetime) -> Figures:
    """With `above`, as somebody sees it who looks from above the community."""
    parts = disclosure.parts_of(sheet, above, at=at) if above else sheets.parts_of(sheet)
    own, below = parts[0], parts[1:]
    heads = [m for m in OF_PARTS if not below or any(m.code in p.figures for p in below)]
    return Figures(
        sheet,
        [figure for figure in own.figures.values() if _is_told(figure.measure, own.kind)],
        heads,
        [_row(part, heads) for part in below],
        own.figures,
    )


def _is_told(measure: measures.Measure, kind: int) -> bool:
    """Who lives here is told of a community; what is of a quarter, of neither."""
    if measure.code == measures.CONFIRMED.code or sheets.is_of_itself(measure, kind):
        return False
    return kind == Kind.COMMUNITY or not measure.is_stock


def _row(part: Part, heads: Sequence[measures.Measure]) -> Row:
    told = part.figures.get(measures.COVERAGE.code)
    is_heard = told is not None and told.numerator > 0
    return Row(part, told, [part.figures.get(m.code) if is_heard else None for m in heads])


def told(filing: Filing, *, above: User | None, at: datetime) -> Told:
    """Labels and pieces of text of what was sent, in the order of its form."""
    figures = figures_of(filing.sheet, above=above, at=at).by_code if filing.sheet else {}
    return Told(
        filing, written.sections_of(filing.form_version.definition, filing.answers, figures)
    )


def reading(user: User, obligation: Obligation, *, at: datetime) -> dict[str, Any]:
    """One report: as submitted, or as it would be drafted now."""
    place, period = obligation.place, obligation.period
    is_above = disclosure.is_above(user, place)
    above = user if is_above else None
    standing = coverage.standing(obligation, at=at)
    report = getattr(obligation, "report", None)
    filings = _filings(report) if report else []
    last = filings[0] if standing.report else None
    sheet = last.sheet if last else None
    if sheet is None and not is_above:
        sheet = sheets.draw_up(place, period, at=at)
    figures = figures_of(sheet, above=above, at=at) if sheet else None
    return {
        **_about(user, obligation, standing),
        **panel.of(user, standing, filings),
        "last": last,
        "told": told(last, above=above, at=at) if last else None,
        # Above the community only what stands, not how it came about.
        "history": [told(e, above=above, at=at) for e in filings if not is_above or e == last],
        "figures": figures,
        "compared": _compared(obligation, figures, is_above=is_above),
        "corrections": corrections.since(last) if last else [],
        "gaps": [] if is_above else drafting.gaps(place, period, at=at),
        "returned": _returned(standing.report),
        "is_above": is_above,
        "may_write": may_write(user, place) and standing.state != coverage.State.NOT_DUE,
        "may_amend_locked": scope.reach(user, Action.AMEND_LOCKED).holds(place),
    }


def _about(user: User, obligation: Obligation, standing: Standing) -> dict[str, Any]:
    return {
        "obligation": obligation,
        "place": obligation.place,
        "community": obligation.place.community,
        "period": obligation.period,
        "standing": standing,
        "is_block": obligation.form.code == BLOCK_REPORT,
        "may_file_for": scope.reach(user, Action.FILE_FOR).holds(obligation.place),
        "below_word": obligation.place.community.division.label_of(obligation.place.kind + 1),
    }


def _filings(report: Report) -> list[Filing]:
    return list(
        report.filings.select_related(
            "by", "form_version", "sheet__place", "sheet__period"
        ).order_by("-rev")
    )


def _returned(report: Report | None) -> Decision | None:
    """Why the level above sent it back, while nothing was filed since."""
    if report is None or report.review != Review.RETURNED:
        return None
    return report.decisions.filter(what=Decision.What.RETURNED).select_related("by").last()


def writing(user: User, obligation: Obligation, *, at: datetime) -> dict[str, Any]:
    """The draft around a form that is being filled in."""
    standing = coverage.standing(obligation, at=at)
    draft = drafting.draft(obligation, at=at)
    figures = figures_of(draft.sheet, at=at)
    return {
        **_about(user, obligation, standing),
        "draft": draft,
        "figures": figures,
        "compared": _compared(obligation, figures, is_above=False),
        "gaps": drafting.gaps(obligation.place, obligation.period, at=at),
        "returned": _returned(standing.report),
    }


def _compared(
    obligation: Obligation, figures: Figures | None, *, is_above: bool
) -> last_month.Compared | None:
    """The month beside the one before, those that differ first; None for a block's week."""
    if figures is None or obligation.place.kind != Kind.COMMUNITY:
        return None
    now = {figure.measure.code: figure for figure in figures.own}
    return last_month.beside(obligation, now, is_above=is_above)


def items(
    obligations: Sequence[Obligation], *, at: datetime, writer: User | None = None
) -> list[Item]:
    """With what stands, and what waits for `writer`; one query for the sendings of all."""
    standings = [coverage.standing(each, at=at) for each in obligations]
    reports = [each.report.pk for each in standings if each.report]
    last = {
        each.report_id: each
        for each in Filing.objects.filter(report__in=reports, rev=F("report__rev"))
    }
    return [
        Item(s, last.get(s.report.pk) if s.report else None, _is_to_write(writer, s))
        for s in standings
    ]


def _is_to_write(writer: User | None, standing: Standing) -> bool:
    if writer is None or not standing.can_be_filed:
        return False
    is_open = standing.state != coverage.State.NOT_DUE
    return is_open and may_write(writer, standing.obligation.place)


def newest(
    user: User, community: Community, *, at: datetime, block: Place | None = None
) -> list[Item]:
    """The reports in reach of the newest opened period of each form: blocks, then community.

    With `block` only that one's.
    """
    found = (
        owed(user)
        .filter(community=community, opens_at__lte=at, opens_at__gt=at - _RECENT)
        .with_report()
        .select_related("place")
        .order_by("-form__place_kind", "-period__starts_on", "place__code")
    )
    if block:
        found = found.filter(place=block)
    newest_of: dict[int, Period] = {}
    chosen = [
        each for each in found if newest_of.setdefault(each.form_id, each.period) == each.period
    ]
    return items(chosen, at=at)


def alarms(user: User, community: Community, *, at: datetime) -> list[Item]:
    """Block reports not yet locked that say 「紧急」 or 「需街道」: a pull, no signal."""
    if not scope.reach(user, Action.FILE_FOR):
        return []
    sent = (
        Filing.objects.visible_to(user)
        .filter(
            Q(answers__assessment="urgent") | Q(answers__action_taken="street"),
            report__community=community,
            report__form__code=BLOCK_REPORT,
            report__obligation__locks_at__gt=at,
            report__withdrawn=False,
            rev=F("report__rev"),
        )
        .select_related(
            "by", "report__obligation__period", "report__obligation__form", "report__place"
        )
        .order_by("report__place__code")
    )
    found = []
    for each in sent:
        obligation = each.report.obligation
        obligation.place, obligation.report = each.report.place, each.report
        found.append(Item(coverage.standing(obligation, at=at), each))
    return found
