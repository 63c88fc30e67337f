"""The report forms as data, and publishing them into the database."""

from datetime import datetime
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction

from reports.models import FormVersion, ReportForm
from units.kinds import Kind

BUILDING_REPORT = "building_report"
HOUSEHOLD_REPORT = "household_report"
BLOCK_REPORT = "block_report"
COMMUNITY_REPORT = "community_report"
FORMS = (BUILDING_REPORT, HOUSEHOLD_REPORT, BLOCK_REPORT, COMMUNITY_REPORT)


def read(code: str) -> dict[str, Any]:
    """The definition in `<code>.yaml`."""
    text = Path(__file__).with_name(f"{code}.yaml").read_text(encoding="utf-8")
    definition: dict[str, Any] = yaml.safe_load(text)
    return definition


def publish_all(*, at: datetime) -> None:
    """Every form of the catalogue, in the wording it has now. Safe to repeat."""
    for code in FORMS:
        publish(code, at=at)


@transaction.atomic
def publish(code: str, *, at: datetime) -> FormVersion:
    """Bring the database to the wording in the catalogue: a changed wording is the next version."""
    definition = read(code)
    form, _made = ReportForm.objects.update_or_create(
        code=code,
        defaults={
            "name": definition["name"],
            "place_kind": Kind[definition["place_kind"].upper()],
            "is_event": definition["is_event"],
        },
    )
    latest = form.versions.order_by("-number").first()
    if latest and latest.definition == definition:
        return latest
    return FormVersion.objects.create(
        form=form,
        number=latest.number + 1 if latest else 1,
        definition=definition,
        published_at=at,
    )
