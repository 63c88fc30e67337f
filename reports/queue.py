"""What waits for a reviewer: what asks for eyes, and the rest that may be accepted together.

On top: what was said asks somebody to look, was sent back and corrected, or changed since it was
accepted. Nothing here waits for a child: an excused, waived or missing place below never keeps its
parent from being accepted.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import changes
from reports.changes import Change
from reports.models import Decision, Filing, Report, Review
from reports.models.report import EYES, ReportQuerySet
from units import groups
from units.kinds import Kind
from units.models import User

# A block report that asks for nobody; any other answer does. Answers of `block_report.yaml`.
CALM_BLOCK = {"derived_ok": "right", "assessment": "calm", "support_needed": "none"}
NO_ISSUES = ["none"]
# What one press of 「其余N份通过」 takes.
REST_AT_ONCE = 500

TAGS: dict[str, str | Promise] = {
    "corrected": gettext_lazy("退回后已改"),
    "changed": gettext_lazy("通过后又改"),
    "disputed": gettext_lazy("数字有出入"),
    "asks": gettext_lazy("有情况"),
}

# On a queryset from `with_reasons`: nothing asks a person to look at it.
IS_CALM = Q(asks=False, was_returned=False, accepted_rev__isnull=True)


@dataclass(frozen=True)
class Item:
    """One report as a reviewer reads it."""

    report: Report
    filing: Filing
    tags: list[str]
    is_own: bool
    age: str
    is_locked: bool = False
    seats: Sequence[groups.Seat] = ()
    sent_back: Decision | None = None
    changes: list[Change] = field(default_factory=list)

    @property
    def words(self) -> list[tuple[str, str, bool]]:
        """(label, answer, whether it is what asks somebody to look), those that ask first."""
        asking = _asking(self.filing)
        words = [(*pair, pair[0] in asking) for pair in changes.words_of(self.filing)]
        return sorted(words, key=lambda each: not each[2])

    @property
    def key(self) -> str:
        """What the reviewer saw: report, sending, review."""
        return f"{self.report.pk}.{self.report.rev}.{self.report.review}"


@dataclass(frozen=True)
class Calm:
    """One of the rest: its place, and the sentence somebody wrote."""

    report: Report
    note: str


@dataclass(frozen=True)
class Rest:
    """What one press accepts, and how many wait for a colleague because they are one's own."""

    calm: list[Calm]
    own: int

    @property
    def keys(self) -> str:
        return ",".join(f"{each.report.pk}.{each.report.rev}" for each in self.calm)


def with_reasons(reports: ReportQuerySet) -> ReportQuerySet:
    """Adds `asks`, `was_returned` and `has_note`, each worked out by the database."""
    last = Filing.objects.filter(report=OuterRef("pk"), rev=OuterRef("rev"))
    has_eyes = Q(disputes__gt=F("mediated"))
    for column in EYES:
        has_eyes |= Q(**{f"{column}__gt": 0})
    is_calm_block = last.filter(answers__contains=CALM_BLOCK, answers__top_issues=NO_ISSUES)
    asks = (
        Q(place__kind=Kind.BUILDING) & has_eyes
        | Q(place__kind=Kind.BLOCK) & ~Exists(is_calm_block)
        # What goes up to the street is always read.
        | Q(place__kind=Kind.COMMUNITY)
    )
    returned = Decision.objects.standing().filter(
        report=OuterRef("pk"), what=Decision.What.RETURNED, rev__lt=OuterRef("rev")
    )
    return reports.annotate(
        asks=ExpressionWrapper(asks, BooleanField()),
        was_returned=Exists(returned),
        has_note=Exists(last.filter(answers__has_key="note")),
    )


def waiting(reports: ReportQuerySet, user: User) -> ReportQuerySet:
    """Of these, what stands and waits; with what `with_reasons` adds, and `is_own`."""
    own = Filing.objects.filter(report=OuterRef("pk"), by=user)
    return (
        with_reasons(reports.standing().filter(review=Review.WAITING))
        .annotate(is_own=Exists(own))
        .select_related("place__parent", "place__community", "obligation__period", "form")
    )


def on_top(reports: ReportQuerySet) -> ReportQuerySet:
    """What asks for eyes, the longest waiting first."""
    return reports.exclude(IS_CALM).order_by("last_at", "pk")


def rest_of(reports: ReportQuerySet) -> Rest:
    """The calm ones; those with a written sentence first, so that it is read."""
    found = list(
        reports.filter(IS_CALM).order_by("-has_note", "place__code", "as_of")[:REST_AT_ONCE]
    )
    mine = [each for each in found if not each.is_own]
    notes = {
        filing.report_id: filing.answers["note"]
        for filing in Filing.objects.filter(
            report__in=[each.pk for each in mine if each.has_note], rev=F("report__rev")
        )
    }
    return Rest([Calm(each, notes.get(each.pk, "")) for each in mine], own=len(found) - len(mine))


def sent_back(reports: ReportQuerySet) -> ReportQuerySet:
    """Returned and not corrected yet; after the lock somebody has to accept it or open it again."""
    found: ReportQuerySet = (
        reports.standing()
        .filter(review=Review.RETURNED)
        .select_related("place__parent", "place__community", "obligation__period", "form")
        .order_by("last_at", "pk")
    )
    return found


def items(reports: Iterable[Report], *, at: datetime, with_seats: bool = True) -> list[Item]:
    """Each with its words, what changed, why it was sent back, and whom to ring."""
    reports = list(reports)
    returns = _returns(reports)
    filings = _filings(reports, returns)
    seats = (
        {
            group.place.pk: group.seats
            for group in groups.groups_of([r.place for r in reports], at=at)
        }
        if with_seats and reports
        else {}
    )
    found = []
    for report in reports:
        sent = returns.get(report.pk)
        before = max(report.accepted_rev or 0, sent.rev if sent and sent.rev < report.rev else 0)
        filing = filings[report.pk, report.rev]
        known = filings.get((report.pk, before)) if before < report.rev else None
        found.append(
            Item(
                report,
                filing,
                tags(report),
                bool(getattr(report, "is_own", False)),
                age_in_words(report.last_at, at),
                report.obligation is not None and at >= report.obligation.locked_from,
                seats.get(report.place_id, ()),
                sent,
                changes.between(known, filing) if known else [],
            )
        )
    return found


def count(reports: ReportQuerySet) -> int:
    return reports.standing().filter(review=Review.WAITING).count()


def age_in_words(then: datetime | None, now: datetime) -> str:
    """「今天」, 「昨天」, 「3天前」: whole days of the calendar."""
    days = (timezone.localdate(now) - timezone.localdate(then)).days if then else 0
    if days < 2:
        return _("昨天") if days == 1 else _("今天")
    return _("%d天前") % days


def _asking(filing: Filing) -> set[str]:
    """Labels of the fields whose chosen answer counts as something to look at."""
    labels = set()
    for field_ in filing.form_version.definition["fields"]:
        chosen = filing.answers.get(field_["name"])
        for choice in field_.get("choices", ()):
            feeds = set(choice.get("feeds", ()))
            is_open = feeds & {*EYES, "disputes"} and "mediated" not in feeds
            if is_open and choice["value"] == chosen:
                labels.add(field_["label"])
    return labels


def tags(report: Report) -> list[str]:
    has = {
        "corrected": getattr(report, "was_returned", False),
        "changed": report.accepted_rev is not None and report.accepted_rev < report.rev,
        "disputed": bool(report.figures_disputed),
        "asks": getattr(report, "asks", False) and report.place.kind != Kind.COMMUNITY,
    }
    return [str(label) for name, label in TAGS.items() if has[name]]


def _returns(reports: Sequence[Report]) -> dict[int, Decision]:
    """The last return of each report that was ever sent back."""
    found = Decision.objects.standing().filter(
        report__in=[each.pk for each in reports], what=Decision.What.RETURNED
    )
    return {each.report_id: each for each in found.select_related("by").order_by("id")}


def _filings(
    reports: Sequence[Report], returns: dict[int, Decision]
) -> dict[tuple[int, int], Filing]:
    """The sendings that are read: the last, the accepted and the one sent back."""
    wanted = {(each.pk, each.rev) for each in reports}
    wanted |= {(each.pk, each.accepted_rev) for each in reports if each.accepted_rev}
    wanted |= {(pk, decision.rev) for pk, decision in returns.items()}
    asked = Q(pk__in=[])
    for pk, rev in wanted:
        asked |= Q(report=pk, rev=rev)
    found = Filing.objects.filter(asked).select_related("form_version", "by", "sheet")
    return {(each.report_id, each.rev): each for each in found}
