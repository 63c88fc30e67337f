"""What is asked of whom, and how much of it: taps and fields of every form, with their purpose.

A tap is one touch, or one thing typed (domain 5.1). `taps` counts what has to be done in any case:
the fields that everybody must answer, and sending. What is asked only after some answer, what has
an answer already and what may be left out is counted among the fields, not among the taps.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from reports import catalogue
from reports.answers import Definition
from reports.duplicates import Asked
from reports.models import Admission, FormVersion, Period, ReportForm
from reports.obligations import OWED
from units.kinds import Kind
from units.models import Community

# A weekly report is made for eight taps (domain 5.6); half as many again is where a minute's work
# becomes a chore, so a required field needs another one to end beyond that.
MOST_TAPS = 12
# What may be left out costs reading, too.
MOST_ADDED = 4

WHO: dict[str, str | Promise] = {
    catalogue.BUILDING_REPORT: gettext_lazy("每个楼组的三人组，一人报就行"),
    catalogue.HOUSEHOLD_REPORT: gettext_lazy("三人组或社工，有事才报"),
    catalogue.MATTER_REPORT: gettext_lazy("三人组，看见事情时才报"),
    catalogue.BLOCK_REPORT: gettext_lazy("片区社工"),
    catalogue.COMMUNITY_REPORT: gettext_lazy("居委会"),
}
# Who shares the filing of one report.
PEOPLE = {catalogue.BUILDING_REPORT: 3}
_WEEKS = {"week": Decimal(1), "month": Decimal(12) / 52, "quarter": Decimal(4) / 52}


@dataclass(frozen=True)
class FieldRow:
    """A field as the page of what is asked tells of it."""

    field: dict[str, Any]
    form: str
    # What it is for and who uses the answers, where the form does not say it for all its fields.
    purpose: str
    owner: str
    since: date | None
    admission: Admission | None

    @property
    def anchor(self) -> str:
        return f"{self.form}-{self.field['name']}"


@dataclass(frozen=True)
class FormPart:
    """A form: what one report of it takes, how often it is owed and by whom."""

    form: ReportForm
    definition: Definition
    rhythms: Sequence[str]
    rows: Sequence[FieldRow]

    @property
    def who(self) -> str:
        return str(WHO[self.form.code])

    @property
    def added(self) -> int:
        return sum(row.admission is not None for row in self.rows)

    @property
    def is_of_groups(self) -> bool:
        return self.form.place_kind >= Kind.BUILDING

    @property
    def taps(self) -> int:
        return taps(self.definition)

    @property
    def how_often(self) -> str:
        labels = {kind.value: kind.label for kind in Period.PeriodKind}
        if not self.rhythms:
            return _("有事才报")
        return "、".join(_("每%s一次") % labels[each] for each in self.rhythms)

    @property
    def taps_a_week(self) -> Decimal | None:
        """For each person, at the shortest rhythm in use; None for what is never owed."""
        if not self.rhythms:
            return None
        most = max(_WEEKS[each] for each in self.rhythms)
        shared = self.taps * most / PEOPLE.get(self.form.code, 1)
        return shared.quantize(Decimal("0.1"), ROUND_HALF_UP)


def taps(definition: Definition) -> int:
    fields = definition["fields"]
    must = [f for f in fields if f.get("required") and not f.get("relevant") and "default" not in f]
    return len(must) + 1


def parts(day: date) -> list[FormPart]:
    """Every form as it is asked on `day`; a handful of queries however many ask."""
    forms = {f.code: f for f in ReportForm.objects.prefetch_related("versions")}
    admissions = _by_form(Admission.objects.in_force(day).with_people())
    rhythms = _rhythms()
    shown = []
    for code in catalogue.FORMS:
        if code not in forms:
            continue
        form, added = forms[code], admissions.get(code, {})
        versions = sorted(form.versions.all(), key=lambda version: version.number)
        definition = catalogue.with_added(catalogue.read(code), added.values())
        rows = [
            _row(code, field, versions, added.get(field["name"])) for field in definition["fields"]
        ]
        shown.append(FormPart(form, definition, rhythms.get(code, ()), rows))
    return shown


def asked(day: date) -> list[Asked]:
    """All fields of all forms, and what is proposed, to be compared with."""
    found = []
    names = {}
    for code in catalogue.FORMS:
        definition = catalogue.read(code)
        names[code] = definition["name"]
        found += [_asked(code, definition["name"], field) for field in definition["fields"]]
    for each in Admission.objects.to_come(day).select_related("form"):
        is_proposed = each.state == Admission.State.PROPOSED
        code = each.form.code
        found.append(_asked(code, names[code], each.asked(), is_proposed=is_proposed))
    return found


def repeating(shown: Iterable[FormPart]) -> int:
    """DUP_FIELD: admitted fields that repeat another and were let in for a reason."""
    admissions = [row.admission for part in shown for row in part.rows if row.admission]
    return sum(bool(each.difference) for each in admissions)


def _asked(code: str, form_name: str, field: dict[str, Any], *, is_proposed: bool = False) -> Asked:
    choices = [choice["label"] for choice in field.get("choices", ())]
    return Asked(code, form_name, field["name"], field["label"], choices, is_proposed)


def _row(
    code: str,
    field: dict[str, Any],
    versions: Sequence[FormVersion],
    admission: Admission | None,
) -> FieldRow:
    purpose = admission.purpose if admission else field.get("purpose", "")
    owner = admission.owner if admission else field.get("owner", "")
    since = admission.starts_on if admission else _since(field["name"], versions)
    return FieldRow(field, code, purpose, owner, since, admission)


def _since(name: str, versions: Sequence[FormVersion]) -> date | None:
    """Since when it has been asked without a break."""
    first = None
    for version in reversed(versions):
        if not any(field["name"] == name for field in version.definition["fields"]):
            break
        first = version.published_at
    return timezone.localdate(first) if first else None


def _by_form(admissions: Iterable[Admission]) -> dict[str, dict[str, Admission]]:
    by_form: dict[str, dict[str, Admission]] = {}
    for each in admissions:
        by_form.setdefault(each.form.code, {})[each.name] = each
    return by_form


def _rhythms() -> dict[str, list[str]]:
    """How often each periodic form is owed, shortest first, over all communities."""
    told = list(Community.objects.values_list("rhythm", flat=True).distinct())
    return {
        owed.code: sorted(
            {str(rhythm.get(owed.code, owed.usual.value)) for rhythm in told or [{}]} & set(_WEEKS),
            key=lambda each: -_WEEKS[each],
        )
        for owed in OWED
    }
