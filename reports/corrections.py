"""What has changed below since a report was submitted, and taking its figures anew.

The submitted figures stay as they were: a refresh is the next filing, with the same answers.
"""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from reports import answers, filing, sheets
from reports.filing import Receipt, Sending
from reports.models import Filing, Obligation
from units.kinds import Kind
from units.models import Place, User
from units.refusals import Refusal


@dataclass(frozen=True)
class Correction:
    """One report below: what was counted then and what is now; None where there was or is none."""

    was: Filing | None
    now: Filing | None

    @property
    def latest(self) -> Filing:
        latest = self.now or self.was
        assert latest  # noqa: S101 (one of the two is there)
        return latest

    @property
    def place(self) -> Place:
        return self.latest.report.place

    @property
    def name(self) -> str:
        """「2号楼组 101室」 for a door."""
        place = self.place
        if place.kind < Kind.FLOOR or place.parent is None or place.parent.parent is None:
            return place.name
        return f"{place.parent.parent.name} {place.name}"

    @property
    def what(self) -> str:
        if self.was is None:
            return _("补报")
        if self.now is None:
            return _("不再计入")
        return _("更正")

    @property
    def words(self) -> list[tuple[str, str, str]]:
        """(label, old, new) where the two differ; "" for what was or is not answered."""
        was, now = _words(self.was), _words(self.now)
        labels = [*was, *(label for label in now if label not in was)]
        return [
            (label, was.get(label, ""), now.get(label, ""))
            for label in labels
            if was.get(label) != now.get(label)
        ]


def _words(sent: Filing | None) -> dict[str, str]:
    if sent is None:
        return {}
    if sent.nil:
        return {_("情况"): _("平安无事")}
    return dict(answers.in_words(sent.form_version.definition, sent.answers))


def since(submitted: Filing) -> list[Correction]:
    """Reports below that count otherwise than in the figures of `submitted`, by place."""
    sheet = submitted.sheet
    if sheet is None:
        return []
    then = dict(sheet.sources)
    now = dict(sheets.sources_of(sheet.place, sheet.period))
    changed = {pk for pk in then | now if then.get(pk) != now.get(pk)}
    if not changed:
        return []
    sent = {
        (each.report_id, each.rev): each
        for each in Filing.objects.filter(report__in=changed).select_related(
            "report__place__parent__parent", "report__form", "form_version", "by"
        )
    }
    found = [
        Correction(sent.get((pk, then.get(pk, 0))), sent.get((pk, now.get(pk, 0))))
        for pk in changed
    ]
    return sorted(found, key=lambda each: (each.place.code, each.latest.report_id))


def refresh(
    obligation: Obligation,
    *,
    id: UUID,
    base_rev: int,
    by: User,
    at: datetime,
    reason: str = "",
    may_amend_locked: bool = False,
) -> Receipt:
    """Submit again what sending `base_rev` said, with the figures of now. Safe to send twice.

    Raises Refusal `nothing_to_refresh` (409), and what `filing.file` raises.
    """
    base = (
        Filing.objects.filter(report__obligation=obligation, rev=base_rev, withdraws=False)
        .select_related("form_version")
        .first()
    )
    if base is None:
        raise Refusal("nothing_to_refresh", _("这份报告现在没有可以更新的内容，请刷新页面"), 409)
    sending = Sending(
        id=id,
        by=by,
        channel=Filing.Channel.PAGE,
        base_rev=base_rev,
        answers=base.answers,
        form_version=base.form_version.number,
        reason=reason,
    )
    return filing.file(obligation, sending, at=at, may_amend_locked=may_amend_locked)
