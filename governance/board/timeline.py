"""What happened at one place, newest first, as far as the reader may see each source.

One query a source, each cut at the page asked for; who did it is told by duty, never by name: this
is the story of a place.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.board import timeline_rest
from governance.board.timeline_rest import Happening
from reports import answers, disclosure, sentences, upper
from reports.measures import Figure
from reports.models import Filing, Reply, ReportForm
from units.kinds import Kind
from units.models import Place, Post, User
from units.scope import Action

A_PAGE, MOST_PAGES = 30, 40


@dataclass(frozen=True)
class Timeline:
    happenings: Sequence[Happening] = field(default_factory=list)
    number: int = 1
    has_more: bool = False

    @property
    def earlier(self) -> int:
        return self.number + 1

    @property
    def later(self) -> int:
        return self.number - 1


def of(user: User, place: Place, path: Sequence[int], *, page: str, at: datetime) -> Timeline:
    """`path` are the ids from the community down to the place."""
    number = min(int(page), MOST_PAGES) if page.isascii() and page.isdigit() else 1
    number = max(number, 1)
    most = number * A_PAGE + 1
    sources = (_filings, _replies, *timeline_rest.SOURCES)
    found: list[Happening] = []
    for source in sources:
        found += source(user, place, at, most)
    found.sort(key=lambda each: each.at, reverse=True)
    shown = found[(number - 1) * A_PAGE : number * A_PAGE]
    has_more = len(found) > number * A_PAGE and number < MOST_PAGES
    return Timeline(_by_duty(shown, path), number, has_more)


def _of(place: Place, path: str) -> dict[str, Any]:
    """The place itself; of a floor, its doors."""
    if place.kind == Kind.FLOOR:
        return {f"{path}__parent": place}
    return {path: place}


def _filings(user: User, place: Place, at: datetime, most: int) -> list[Happening]:
    sent = (
        Filing.objects.visible_to(user, Action.SEE_REPORTS)
        .filter(**_of(place, "report__place"), received_at__lte=at)
        .select_related("report__place", "report__obligation__period", "report__form")
        .select_related("form_version", "sheet")
        .defer("form_version__definition")
    )
    rows = list(sent.order_by("-received_at", "-rev")[:most])
    forms = {code: ReportForm.published(code) for code in {row.report.form.code for row in rows}}
    above = user if disclosure.is_above(user, place) else None
    return [_filed(each, place, forms, _figures(each, above, at)) for each in rows]


def _figures(sent: Filing, above: User | None, at: datetime) -> Mapping[str, Figure]:
    """What the names in its sentences stand for, as far as it is shown to this person."""
    is_told = sent.sheet and sent.report.place.kind == Kind.COMMUNITY
    return upper.figures_of(sent.sheet, above=above, at=at).by_code if is_told else {}


def _filed(
    sent: Filing, place: Place, forms: Mapping[str, ReportForm], figures: Mapping[str, Figure]
) -> Happening:
    report, period = sent.report, sent.report.obligation and sent.report.obligation.period
    stands = sent.rev == report.rev and not sent.withdraws
    words: Sequence[tuple[str, str]] = ()
    if stands and not sent.nil:
        version = forms[report.form.code].wordings.get(sent.form_version.number)
        told = answers.in_words(version.definition, sent.answers) if version else ()
        words = [(label, _with_figures(text, figures)) for label, text in told]
    what = sent.what
    if report.is_event and sent.rev == 1:
        what = _("走访") if sent.answers.get("source") == "visit" else report.form.name
    when = period.label if period else ""
    if not period and report.as_of != timezone.localdate(sent.received_at):
        when = _("%(month)d月%(day)d日的事") % {
            "month": report.as_of.month,
            "day": report.as_of.day,
        }
    return Happening(
        at=sent.received_at,
        what=what,
        where="" if report.place_id == place.pk else report.place.name,
        when=when,
        words=words,
        href=reverse("receipt", kwargs={"id": sent.pk}),
        is_past=not stands and not sent.withdraws,
        by=sent.by_id,
        path=tuple(report.path_as_filed),
    )


def _with_figures(text: str, figures: Mapping[str, Figure]) -> str:
    """「还有30份」 of 「还有{未报楼组}份」; a figure that is not shown has one sign."""
    if "{" not in text:
        return text
    pieces = sentences.rendered(text, figures)
    return "".join(each.figure.text if each.figure else each.text or "＊" for each in pieces)


def _replies(user: User, place: Place, at: datetime, most: int) -> list[Happening]:
    told = Reply.objects.visible_to(user).filter(**_of(place, "report__place"), at__lte=at)
    return [
        Happening(
            at=each.at,
            what=_("回音"),
            where="" if each.report.place_id == place.pk else each.report.place.name,
            words=(("", each.words),),
            by=each.by_id,
            path=tuple(each.report.path_as_filed),
        )
        for each in told.select_related("report__place").order_by("-at", "id")[:most]
    ]


def _by_duty(shown: Iterable[Happening], path: Sequence[int]) -> list[Happening]:
    """Each with the duty that its doer held then, at the place or above it."""
    shown = list(shown)
    doers = {each.by for each in shown if each.by}
    held: dict[int, list[Post]] = {}
    if doers:
        posts = Post.objects.filter(user__in=doers).exclude(place=None).order_by("-place_kind")
        for post in posts.only("user_id", "duty", "place_id", "during"):
            held.setdefault(post.user_id, []).append(post)
    return [replace(each, duty=_duty(each, held.get(each.by or 0, ()), path)) for each in shown]


def _duty(each: Happening, posts: Iterable[Post], path: Sequence[int]) -> str:
    path = each.path or path
    for post in posts:
        began, ended = post.during.lower, post.during.upper
        if post.place_id in path and (
            (began is None or began <= each.at) and (ended is None or each.at <= ended)
        ):
            return str(post.get_duty_display())
    return ""
