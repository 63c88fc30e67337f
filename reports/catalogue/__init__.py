"""The report forms as data, and publishing them into the database.

A published wording is what the yaml file says plus the admitted fields in force that day.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.utils import timezone

from reports.models import Admission, FormVersion, ReportForm
from units.kinds import Kind

BUILDING_REPORT = "building_report"
HOUSEHOLD_REPORT = "household_report"
BLOCK_REPORT = "block_report"
COMMUNITY_REPORT = "community_report"
MATTER_REPORT = "matter_report"
FORMS = (BUILDING_REPORT, HOUSEHOLD_REPORT, MATTER_REPORT, BLOCK_REPORT, COMMUNITY_REPORT)


def read(code: str) -> dict[str, Any]:
    """The definition in `<code>.yaml`."""
    text = Path(__file__).with_name(f"{code}.yaml").read_text(encoding="utf-8")
    definition: dict[str, Any] = yaml.safe_load(text)
    return definition


def with_added(definition: Mapping[str, Any], added: Iterable[Admission]) -> dict[str, Any]:
    """Added fields stand at the end, before the free sentence when the form closes with one.

    They come after everything they may depend on, and each keeps its place while others end.
    """
    fields = list(definition["fields"])
    end = len(fields) - (fields[-1]["name"] == "note")
    more = [each.asked() for each in sorted(added, key=lambda each: each.number)]
    return {**definition, "fields": [*fields[:end], *more, *fields[end:]]}


def publish_all(*, at: datetime) -> None:
    """Every form of the catalogue, in the wording it has now. Safe to repeat."""
    for code in FORMS:
        publish(code, at=at)


@transaction.atomic
def publish(code: str, *, at: datetime) -> FormVersion:
    """Bring the database to the wording of today: a changed wording is the next version.

    The form's row is locked meanwhile, so that two at once make one version.
    """
    definition = read(code)
    form, _made = ReportForm.objects.update_or_create(
        code=code,
        defaults={
            "name": definition["name"],
            "place_kind": Kind[definition["place_kind"].upper()],
            "is_event": definition["is_event"],
        },
    )
    today = timezone.localdate(at)
    definition = with_added(definition, form.admissions.in_force(today))
    latest = form.versions.order_by("-number").first()
    if latest and latest.definition == definition:
        return latest
    return FormVersion.objects.create(
        form=form,
        number=latest.number + 1 if latest else 1,
        definition=definition,
        published_at=at,
    )
