"""What groups saw and told at once: events of a building, answered by 回音 and counted nowhere."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from reports import answers, photos
from reports.catalogue import MATTER_REPORT
from reports.models import Filing, Reply, Report
from reports.models.report import ReportQuerySet
from units import scope
from units.models import Community, Place, User
from units.scope import Action

# Tiles that lead to a door: what a household needs is told of that household (its own report).
AT_A_DOOR: dict[str, str | Promise] = {
    "help": _("有人需要帮助"),
    "people": _("欢迎新邻居"),
}


@dataclass(frozen=True)
class Matter:
    """One as it is read: its report, the newest sending, what was answered."""

    report: Report
    filing: Filing
    replies: Sequence[Reply]
    photo_numbers: Sequence[int]

    @property
    def kind(self) -> str:
        return self._word("kind")

    @property
    def note(self) -> str:
        return str(self.filing.answers.get("note", ""))

    @property
    def urgency(self) -> str:
        """「马上」 or 「这几天」; "" for what can wait."""
        chosen = self.filing.answers.get("urgency", "later")
        return "" if chosen == "later" else self._word("urgency")

    @property
    def is_urgent(self) -> bool:
        return self.filing.answers.get("urgency") == "now"

    def _word(self, name: str) -> str:
        words = dict(answers.in_words(self.filing.form_version.definition, self.filing.answers))
        fields: list[dict[str, Any]] = self.filing.form_version.definition["fields"]
        label = next((each["label"] for each in fields if each["name"] == name), "")
        return words.get(label, "")


def tiles(definition: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """(value, label, whether it leads to a door), 「其他」 last."""
    kinds = next(each for each in definition["fields"] if each["name"] == "kind")["choices"]
    own = [(str(each["value"]), str(each["label"]), False) for each in kinds]
    doors = [(value, str(label), True) for value, label in AT_A_DOOR.items()]
    return [*own[:-1], *doors, own[-1]]


def told_in(places: Iterable[Place]) -> ReportQuerySet:
    """What stands of these buildings, newest first; `is_answered` says whether 回音 was given."""
    found: ReportQuerySet = (
        Report.objects.standing()
        .filter(place__in=places, form__code=MATTER_REPORT)
        .annotate(is_answered=Exists(Reply.objects.standing().filter(report=OuterRef("pk"))))
        .select_related("place__parent")
        .order_by("-first_at", "-pk")
    )
    return found


def unanswered(user: User, community: Community) -> ReportQuerySet:
    """Those that this person may answer and that have no 回音 yet."""
    reach = scope.reach(user, Action.ANSWER)
    here: ReportQuerySet = Report.objects.standing().filter(
        reach.as_q("place"), community=community, form__code=MATTER_REPORT
    )
    return here.filter(~Exists(Reply.objects.standing().filter(report=OuterRef("pk"))))


def read(reports: Iterable[Report]) -> list[Matter]:
    """A constant number of queries however many reports."""
    reports = list(reports)
    last = {
        each.report_id: each
        for each in Filing.objects.filter(report__in=reports, rev=F("report__rev")).select_related(
            "form_version", "by"
        )
    }
    replies: dict[int, list[Reply]] = {}
    for reply in Reply.objects.standing().filter(report__in=reports).order_by("at"):
        replies.setdefault(reply.report_id, []).append(reply)
    numbers = photos.numbers_of(list(last.values()))
    return [
        Matter(each, last[each.pk], replies.get(each.pk, []), numbers.get(last[each.pk].pk, []))
        for each in reports
    ]
