"""Passing a chain on: what stands behind each line, and filing what somebody has looked at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.utils.translation import gettext as _

from reports import answers, coverage, filing
from reports.catalogue import BUILDING_REPORT
from reports.chain.reading import Draft, read
from reports.models import Filing, Obligation
from reports.sending import Sending
from units.models import Place, User
from units.refusals import Refusal

LONGEST = 20_000


@dataclass
class Row:
    """One building of a chain: what was said of it, and what would be filed.

    `problem` says why nothing can be filed; `receipt` is there once something is.
    """

    id: UUID
    place: Place
    obligation: Obligation | None
    said: str
    lines: list[int]
    nil: bool
    answers: dict[str, Any]
    problem: str = ""
    receipt: str = ""

    @property
    def words(self) -> list[tuple[str, str]]:
        if self.obligation is None:
            return []
        return answers.in_words(self.obligation.form.latest().definition, self.answers)


@dataclass
class Chain:
    rows: list[Row] = field(default_factory=list)
    unmatched: list[tuple[int, str]] = field(default_factory=list)


def look_at(
    text: str, places: Mapping[int, Place], *, period: int, ids: Mapping[int, UUID], at: datetime
) -> Chain:
    """The rows of a pasted chain for the week `period`; `ids` keeps what a page showed before.

    `places` are the buildings in reach by their number. Raises Refusal `chain_too_long`.
    """
    if len(text) > LONGEST:
        raise Refusal("chain_too_long", _("一次最多贴两万字，请分两次"), 413)
    found = read(text, places)
    owed = {
        each.place_id: each
        for each in Obligation.objects.filter(
            period=period, form__code=BUILDING_REPORT, place__in=places.values()
        ).with_report()
    }
    rows = [
        _row(places[number], drafts, owed, ids.get(places[number].pk, uuid4()), at)
        for number, drafts in _by_building(found.drafts).items()
    ]
    return Chain(rows, found.unmatched)


def _by_building(drafts: list[Draft]) -> dict[int, list[Draft]]:
    grouped: dict[int, list[Draft]] = {}
    for draft in drafts:
        grouped.setdefault(draft.number, []).append(draft)
    return grouped


def _row(
    place: Place, drafts: list[Draft], owed: Mapping[int, Obligation], id_: UUID, at: datetime
) -> Row:
    """Several lines about one building are one report: trouble outweighs calm."""
    said: dict[str, Any] = {}
    for draft in drafts:
        note = "；".join(filter(None, (said.get("note"), draft.answers.get("note"))))
        said |= draft.answers | ({"note": note[:200]} if note else {})
    obligation = owed.get(place.pk)
    row = Row(
        id=id_,
        place=place,
        obligation=obligation,
        said=" / ".join(draft.said for draft in drafts),
        lines=[draft.line for draft in drafts],
        nil=not said and any(draft.nil for draft in drafts),
        answers=said,
    )
    row.problem = _problem(row, at)
    return row


def _problem(row: Row, at: datetime) -> str:
    if row.obligation is None:
        return _("这一周不用报")
    standing = coverage.standing(row.obligation, at=at)
    if standing.report:
        return _("已经报过，不再报")
    if standing.is_locked:
        return _("本期已归档，请到这个楼组的页面补报并写明理由")
    if not row.nil and not row.answers:
        return _("没写情况，请问一下")
    return ""


def pass_on(rows: list[Row], *, by: User, at: datetime) -> None:
    """File each row that has no problem, as 群接龙代报. Each on its own; safe to repeat."""
    for row in rows:
        if row.problem or row.obligation is None:
            continue
        sending = Sending(
            id=row.id,
            by=by,
            channel=Filing.Channel.CHAIN,
            caller=_("群接龙"),
            nil=row.nil,
            answers=row.answers,
            is_partial=True,
        )
        try:
            row.receipt = filing.file(row.obligation, sending, at=at).filing.receipt
        except Refusal as refusal:
            row.problem = str(refusal.message)
