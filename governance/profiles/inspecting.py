"""Putting facilities on the list, looking at them, and taking them off it."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.profiles.models import Facility, FacilityCondition
from governance.profiles.models.facility import MAX_NOTE
from reports import free_text
from reports.models import Filing
from units import journal
from units.models import Place, User
from units.refusals import Refusal, from_integrity_error

ADDED, CORRECTED = "facility.added", "facility.corrected"
INSPECTED, REMOVED = "facility.inspected", "facility.removed"
Because = FacilityCondition.Because


@transaction.atomic
def add(
    place: Place,
    facts: Mapping[str, Any],
    *,
    condition: str,
    on: date,
    by: User | None,
    at: datetime,
    because: str = Because.ADDED,
    filing: Filing | None = None,
) -> Facility:
    """A facility at `place`, with the condition it has. Raises Refusal `day_to_come` (422) and
    `one_facility_of_a_name` (409)."""
    _refuse_a_day_to_come(on, at)
    facility = Facility(place=place, place_kind=place.kind, condition=condition, **facts)
    if because == Because.ADDED:
        facility.last_inspected_on = on
    try:
        with transaction.atomic():
            facility.save(force_insert=True)
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    _note_condition(facility, condition, on, because, by, at, filing=filing)
    journal.note(ADDED, user=by, at=at, facility=facility.pk, place=place.pk)
    return facility


@transaction.atomic
def correct(
    facility: Facility, facts: Mapping[str, Any], *, seen_rev: int, by: User, at: datetime
) -> None:
    """Change what is written of it, but not its condition. Raises Refusal `stale`,
    `one_facility_of_a_name` (409)."""
    try:
        with transaction.atomic():
            changed = (
                Facility.objects.there()
                .filter(pk=facility.pk, rev=seen_rev)
                .update(**facts, rev=F("rev") + 1)
            )
    except IntegrityError as error:
        raise from_integrity_error(error) from error
    if not changed:
        raise Refusal("stale", _("刚才有人改过这一处，请看一下再保存"), 409)
    journal.note(CORRECTED, user=by, at=at, facility=facility.pk)


@transaction.atomic
def inspect(
    facility: Facility, condition: str, *, on: date, note: str = "", by: User, at: datetime
) -> FacilityCondition:
    """Somebody looked at it on a day and found it so; 停用 is one of the things found.

    Raises Refusal `day_to_come`, `looked_later` (422), `facility_removed` (409).
    """
    _refuse_a_day_to_come(on, at)
    note = written(note, "note")
    now = locked(facility)
    if now.last_inspected_on and on < now.last_inspected_on:
        message = _("%s以后已经检查过，请填那以后的日子") % f"{now.last_inspected_on:%Y-%m-%d}"
        raise Refusal("looked_later", message, fields={"on": message})
    row = become(now, condition, on=on, because=Because.INSPECTED, by=by, at=at, note=note)
    Facility.objects.filter(pk=now.pk).update(last_inspected_on=on)
    journal.note(INSPECTED, user=by, at=at, facility=now.pk)
    return row


@transaction.atomic
def remove(facility: Facility, reason: str, *, by: User, at: datetime) -> None:
    """Take it off the list: torn down, or written down by mistake. Its history stays.

    Raises Refusal `reason_required` (422), `facility_removed` (409).
    """
    reason = written(reason, "reason")
    if not reason:
        message = _("请写明为什么撤除")
        raise Refusal("reason_required", message, fields={"reason": message})
    now = locked(facility)
    take_away(now, reason, at=at)
    journal.note(REMOVED, user=by, at=at, facility=now.pk, reason=reason)


def written(text: str, field: str) -> str:
    """One line, short enough, without private numbers. Raises Refusal `too_long` and those of
    free text."""
    text = free_text.one_line(text)
    if len(text) > MAX_NOTE:
        message = _("写得太长了，最多%d个字") % MAX_NOTE
        raise Refusal("too_long", message, fields={field: message})
    free_text.refuse_private_numbers(text, field=field)
    return text


# --- Inside a transaction ------------------------------------------------------------------


def locked(facility: Facility) -> Facility:
    """Its row locked and read again. Raises Refusal `facility_removed` (409)."""
    now = Facility.objects.select_for_update(of=("self",)).get(pk=facility.pk)
    if now.removed_at:
        raise Refusal("facility_removed", _("这一处设施刚才已经撤除，请刷新后再看"), 409)
    return now


def become(
    facility: Facility,
    condition: str,
    *,
    on: date,
    because: str,
    by: User | None,
    at: datetime,
    filing: Filing | None = None,
    note: str = "",
) -> FacilityCondition:
    """The one way to another condition: the locked facility and a row of its history together."""
    Facility.objects.filter(pk=facility.pk).update(condition=condition, rev=F("rev") + 1)
    return _note_condition(facility, condition, on, because, by, at, filing=filing, note=note)


def take_away(facility: Facility, reason: str, *, at: datetime) -> None:
    Facility.objects.filter(pk=facility.pk).update(
        removed_at=at, removed_because=reason, rev=F("rev") + 1
    )


def _note_condition(
    facility: Facility,
    condition: str,
    on: date,
    because: str,
    by: User | None,
    at: datetime,
    *,
    filing: Filing | None = None,
    note: str = "",
) -> FacilityCondition:
    return FacilityCondition.objects.create(
        facility=facility,
        condition=condition,
        on=on,
        because=because,
        filing=filing,
        note=note,
        by=by,
        at=at,
    )


def _refuse_a_day_to_come(on: date, at: datetime) -> None:
    if on > timezone.localdate(at):
        message = _("这一天还没到，请选今天或以前的日子")
        raise Refusal("day_to_come", message, fields={"on": message})
