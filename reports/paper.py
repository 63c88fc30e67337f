"""The paper twin of a form: what stands on each sheet, put together for many places at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.utils.translation import gettext as _

from reports import answers
from reports.models import Filing, Obligation, Period, Report, ReportForm
from reports.so_far import so_far
from units.kinds import Kind, PlaceState
from units.models import Place


@dataclass(frozen=True)
class Question:
    """A field as it is printed. `when` says in words which answer makes it count; "" if always."""

    label: str
    hint: str
    type: str
    options: Sequence[str]
    when: str


@dataclass(frozen=True)
class Sheet:
    """One page. No `obligation`: an event, or a place that owes nothing in this period."""

    place: Place
    obligation: Obligation | None
    questions: Sequence[Question]
    last_time: Sequence[tuple[str, str]]
    # Of the doors, when the form asks about it.
    so_far: str


def places_for(form: ReportForm, place: Place) -> list[Place]:
    """The places below `place` that this form is about; doors share their building's sheet."""
    if place.kind == form.place_kind:
        return [place]
    kind = min(form.place_kind, Kind.BUILDING)
    below = Place.objects.under(place).filter(kind=kind, state=PlaceState.ACTIVE)
    return list(below.select_related("parent").order_by("parent__code", "code"))


def sheets(
    form: ReportForm, places: Sequence[Place], *, week: str, at: datetime
) -> tuple[Period | None, list[Sheet]]:
    """The period (that of `week`, or the newest) and a sheet a place, in six queries."""
    owed = Obligation.objects.filter(form=form, place__in=places, opens_at__lte=at)
    owed = owed.select_related("period").order_by("-period__starts_on")
    newest = (owed.filter(period__key=week) if week else owed).first()
    period = newest.period if newest else None
    by_place = {each.place_id: each for each in owed.filter(period=period)} if period else {}
    last = _last_times(form, places, period)
    asks = any(field["name"] == "derived_ok" for field in form.latest().definition["fields"])
    told = so_far(by_place.values()) if asks and form.place_kind == Kind.BUILDING else {}
    floors = _floors(places)
    definition = form.latest().definition
    return period, [
        Sheet(
            place,
            by_place.get(place.pk),
            questions(definition, floors.get(place.pk, [])),
            last.get(place.pk, []),
            told.get(by_place[place.pk].pk, "") if place.pk in by_place else "",
        )
        for place in places
    ]


def questions(definition: Mapping[str, Any], floors: Sequence[int]) -> list[Question]:
    fields = {field["name"]: field for field in definition["fields"]}
    return [
        Question(
            field["label"],
            field.get("hint", ""),
            field["type"],
            [_("%s楼") % n for n in floors]
            if field["type"] == "floors"
            else [choice["label"] for choice in field.get("choices", ())],
            _when(field, fields),
        )
        for field in fields.values()
    ]


def _when(field: Mapping[str, Any], fields: Mapping[str, Any]) -> str:
    """「选了“有，待清”再填」, or nothing."""
    chosen = [
        choice["label"]
        for other, values in field.get("relevant", {}).items()
        for choice in fields[other]["choices"]
        if choice["value"] in values
    ]
    return _("选了“%s”再填") % _("”或“").join(chosen) if chosen else ""


def _last_times(
    form: ReportForm, places: Sequence[Place], period: Period | None
) -> dict[int, list[tuple[str, str]]]:
    """What each place said the time before, as the page on the phone reminds of it."""
    if period is None:
        return {}
    before = (
        Report.objects.standing()
        .filter(form=form, place__in=places, as_of__lt=period.starts_on)
        .order_by("place_id", "-as_of")
        .distinct("place_id")
    )
    filings = Filing.objects.filter(report__in=[each.pk for each in before], rev=F("report__rev"))
    return {
        each.report.place_id: [("", _("报平安"))]
        if each.nil
        else answers.in_words(each.form_version.definition, each.answers, only_reminders=True)
        for each in filings.select_related("report", "form_version")
    }


def _floors(places: Sequence[Place]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    rows = Place.objects.active().filter(parent__in=places, kind=Kind.FLOOR).order_by("code")
    for building, code in rows.values_list("parent_id", "code"):
        found.setdefault(building, []).append(int(code.rpartition("F")[2]))
    return found
