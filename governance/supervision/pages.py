"""What the two pages of this room have in common: what came back, and what was just done."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from governance.supervision.asking import UNDO_WITHIN
from governance.supervision.models import Answer, Query, SupportAnswer, SupportAsk
from reports import disclosure
from reports.drafting import SUGGESTED_BY
from reports.upper import issue_labels
from units.models import User
from units.refusals import Refusal


@dataclass(frozen=True)
class Back:
    """A refused sending: which form it came from, what was typed, and why it was refused."""

    key: str = ""
    typed: str = ""
    refusal: Refusal | None = None

    @property
    def status(self) -> int:
        return self.refusal.status if self.refusal else 200

    @property
    def error(self) -> str:
        fields = self.refusal.fields if self.refusal else {}
        return str(fields.get("words", ""))

    @property
    def errors(self) -> dict[str, str]:
        """What is wrong, by the form it came from: the page has many of them."""
        return {self.key: self.error} if self.error else {}

    @property
    def typed_elsewhere(self) -> str:
        """Refused as a whole, the form may be gone from the page: its words are shown on top."""
        return self.typed if self.refusal and not self.error else ""


def form_id(request: HttpRequest) -> UUID:
    """Raises Refusal `bad_envelope` (400) for a form that is not ours."""
    try:
        return UUID(request.POST.get("form", ""))
    except ValueError:
        message = _("这页打开太久了，请刷新后再试一次")
        raise Refusal("bad_envelope", message, 400) from None


def new_form_id() -> UUID:
    return uuid4()


def done(request: HttpRequest, user: User, *, at: datetime) -> dict[str, Any]:
    """What the press before this page did (`?done=query-12`), while it can be undone."""
    kind, _dash, pk = request.GET.get("done", "").partition("-")
    if kind not in _DONE or not pk.isdecimal() or len(pk) > 17:
        return {}
    model, by, when, words, undoing = _DONE[kind]
    found = model.objects.filter(pk=int(pk), **{by: user}).first()
    since = getattr(found, when, None) if found else None
    if since is None or getattr(found, "withdrawn_at", None):
        return {}
    left = int((since + UNDO_WITHIN - at).total_seconds())
    if left < 0:
        return {}
    return {
        "done": {
            "words": words(),
            "url": reverse(undoing, kwargs={"pk": found.pk}),
            "seconds": left,
        }
    }


_DONE: dict[str, Any] = {
    "query": (Query, "asked_by", "asked_at", lambda: _("已发给居委会"), "query-withdrawal"),
    "answer": (Answer, "by", "at", lambda: _("已发给街道"), "query-answer-undoing"),
    "forward": (SupportAsk, "forwarded_by", "forwarded_at", lambda: _("已转街道"), "ask-recall"),
    "reply": (SupportAnswer, "by", "at", lambda: _("已答复，提出的人看得到"), "ask-undoing"),
}


def with_issues(asks: list[SupportAsk], *, from_above: bool = False) -> list[SupportAsk]:
    """Each with `issue_words`: 楼道堆物、设施损坏.

    The street reads of a block only what its figures tell as well.
    """
    labels = issue_labels() if asks else {}
    for ask in asks:
        shown = [each for each in ask.issues if not from_above or _is_told_above(each)]
        ask.issue_words = "、".join(labels[each] for each in shown if each in labels)  # type: ignore[attr-defined]
    return asks


def _is_told_above(issue: str) -> bool:
    """Not disputes, help or what else of a block the street has no figure of."""
    measure = SUGGESTED_BY.get(issue)
    return disclosure.adds_up_above(measure) if measure else issue in _PLAIN


_PLAIN = frozenset(("coverage", "waste", "other"))
