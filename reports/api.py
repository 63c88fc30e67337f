"""Filing as JSON, one by one and in batch; what is owed; summaries.

The same rules and the same refusals as the pages, as `{code, message, fields}`.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reports import batch, coverage, disclosure, filing, serializers
from reports.catalogue import HOUSEHOLD_REPORT, MATTER_REPORT
from reports.filing import Receipt, Sending
from reports.forms import read_envelope
from reports.measures import Audience
from reports.models import Filing, Obligation, Report, ReportForm, Summary
from units import scope
from units.api import refused
from units.kinds import Kind
from units.models import Place, User
from units.refusals import Refusal
from units.scope import Action

# A building's households, a block's buildings: what one phone can have waiting.
BATCH_LIMIT = 200
PAGE_SIZE = 200


class FilingView(APIView):
    @extend_schema(
        request=serializers.FilingBody,
        responses={200: serializers.ReceiptBody, 201: serializers.ReceiptBody}
        | refused(400, 401, 403, 404, 409, 413, 415, 422),
        summary="报一份：201 这次收下，200 以前收过",
    )
    def put(self, request: Request, id: UUID) -> Response:
        body = _object(request.data)
        place = _places(request.user, [body]).get(_code(body))
        if place is None:
            raise Http404
        scope.require(request.user, Action.FILE, place)
        sending = _sending(body, request.user, id)
        form = _event_form(body, place)
        if form:
            report = _amended(body, place)
            receipt = filing.file_event(place, form, sending, at=timezone.now(), report=report)
        else:
            receipt = filing.file(_obligation(body, place), sending, at=timezone.now())
        return Response(_receipt(receipt), status=200 if receipt.is_repeat else 201)


class FilingBatch(APIView):
    @extend_schema(
        request=serializers.BatchBody,
        responses={200: serializers.BatchAnswer} | refused(400, 401, 403, 413, 415),
        summary="一次报一层楼或一幢楼：每一条自己收下或说明原因",
    )
    def post(self, request: Request) -> Response:
        items = _object(request.data).get("items")
        if not isinstance(items, list) or not 0 < len(items) <= BATCH_LIMIT:
            message = _("一次报1到%d条") % BATCH_LIMIT
            raise Refusal("batch_size", message, 400, {"items": message})
        bodies = [body if isinstance(body, dict) else {} for body in items]
        places = _places(request.user, bodies)
        answers: dict[int, batch.Outcome] = {}
        # What amends comes after what is new: it may follow an item of this very batch.
        for follows in (False, True):
            chosen = [n for n, body in enumerate(bodies) if bool(body.get("amends")) is follows]
            steps = [[n] for n in chosen] if follows else [chosen]
            for step in steps:
                answers |= _file_items({n: bodies[n] for n in step}, places, request.user)
        shown = [_answer(body, answers[number]) for number, body in enumerate(bodies)]
        return Response({"items": shown})


def _file_items(
    bodies: Mapping[int, Mapping[str, Any]],
    places: Mapping[str, Place],
    user: User,
) -> dict[int, batch.Outcome]:
    """Outcomes by the number of the item in its request."""
    outcomes: dict[int, batch.Outcome] = {}
    forms = ReportForm.all_published()
    items: dict[int, batch.Item] = {}
    for number, body in bodies.items():
        try:
            items[number] = _item(body, places, forms, user)
        except Refusal as refusal:
            outcomes[number] = refusal
    filed = batch.file_events(list(items.values()), at=timezone.now())
    return outcomes | dict(zip(items, filed, strict=True))


class ObligationList(APIView):
    @extend_schema(
        responses={200: serializers.ObligationBody(many=True)} | refused(401),
        summary="自己的楼组要报的，和还能更正的",
    )
    def get(self, request: Request) -> Response:
        now = timezone.now()
        owed = (
            Obligation.objects.visible_to(request.user, Action.FILE)
            .open(now)
            .with_report()
            .select_related("place")
            .order_by("place__code", "-period__starts_on")[:PAGE_SIZE]
        )
        standings = [coverage.standing(each, at=now) for each in owed]
        return Response([_shown(each) for each in standings if not each.is_waived])


class SummaryList(APIView):
    @extend_schema(
        parameters=[serializers.SummaryQuery],
        responses={200: serializers.SummaryBody(many=True)} | refused(400, 401),
        summary="一个报告期里看得到的汇总，按单元",
    )
    def get(self, request: Request) -> Response:
        query = serializers.SummaryQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        rows = (
            Summary.objects.visible_to(request.user)
            .filter(period__key=query.validated_data["period"])
            .select_related("place__community", "period")
            .order_by("place__code")
        )
        after = query.validated_data.get("after")
        if after:
            rows = rows.filter(place__code__gt=after)
        if "kind" in query.validated_data:
            rows = rows.filter(kind=query.validated_data["kind"])
        page = rows[:PAGE_SIZE]
        communities = {row.community_id for row in page}
        lens = disclosure.Lens(request.user, communities=communities, at=timezone.now())
        return Response([_figures(row, lens) for row in page])


def _figures(row: Summary, lens: disclosure.Lens) -> dict[str, Any]:
    """Who may not see every column sees no version either: it grows with the hidden ones too."""
    shown: dict[str, Any] = {
        "place": row.place.code,
        "name": row.place.name,
        "columns": lens.columns(row, row.period),
    }
    if lens.audience(row.place) is Audience.COMMITTEE:
        shown |= {"version": row.version, "computed_at": row.computed_at.isoformat()}
    return shown


def _places(user: User, bodies: Sequence[Mapping[str, Any]]) -> dict[str, Place]:
    """The places in reach that these bodies name, by code, in one query."""
    reach = scope.reach(user, Action.SEE_REPORTS)
    codes = {_code(body) for body in bodies}
    # Reach is asked of each place found: as a filter and with joins it takes five times as long.
    found = Place.objects.raw("SELECT * FROM units_place WHERE code = ANY(%s)", [list(codes)])
    return {place.code: place for place in found if reach.holds(place)}


def _code(body: Mapping[str, Any]) -> str:
    return _plain(body.get("place"))[:40]


def _plain(value: Any) -> str:
    """Text that PostgreSQL can be asked for."""
    return str(value or "").encode(errors="ignore").decode().replace("\x00", "")


def _sending(body: Mapping[str, Any], user: User, id_: UUID | None = None) -> Sending:
    envelope = read_envelope(body, id_=id_)
    return Sending(
        id=envelope.id,
        by=user,
        channel=Filing.Channel.API,
        base_rev=envelope.base_rev,
        nil=body.get("nil") is True,
        withdraws=body.get("withdraws") is True,
        answers=_object(body.get("answers") or {}),
        form_version=envelope.form_version,
        made_at=envelope.made_at,
        reason=envelope.reason,
        happened_on=envelope.happened_on,
    )


def _item(
    body: Mapping[str, Any],
    places: Mapping[str, Place],
    forms: Mapping[str, ReportForm],
    user: User,
) -> batch.Item:
    """Raises Refusal `not_found`, `not_your_duty`, `bad_envelope`, `malformed`."""
    place = places.get(_code(body))
    if place is None:
        raise _not_found()
    scope.require(user, Action.FILE, place)
    form = _event_form(body, place, forms)
    if form is None:
        owed = _obligation(body, place)
        return batch.Item(place, owed.form, _sending(body, user), obligation=owed)
    return batch.Item(place, form, _sending(body, user), _amended(body, place))


def _event_form(
    body: Mapping[str, Any], place: Place, forms: Mapping[str, ReportForm] | None = None
) -> ReportForm | None:
    """The form of an event at this place; None for what answers an obligation."""
    if place.kind == Kind.HOUSEHOLD:
        code = HOUSEHOLD_REPORT
    elif place.kind == Kind.BUILDING and body.get("form") == MATTER_REPORT:
        code = MATTER_REPORT
    else:
        return None
    return (forms or {}).get(code) or ReportForm.published(code)


def _amended(body: Mapping[str, Any], place: Place) -> Report | None:
    """The event report that `amends`, the UUID of one of its filings, belongs to."""
    named = body.get("amends")
    if named in (None, ""):
        return None
    try:
        id_ = UUID(str(named))
    except ValueError as error:
        raise _not_found() from error
    report = Report.objects.filter(filings=id_, place=place, is_event=True).first()
    if report is None:
        raise _not_found()
    return report


def _obligation(body: Mapping[str, Any], place: Place) -> Obligation:
    owed = (
        Obligation.objects.filter(place=place, period__key=_plain(body.get("period"))[:10])
        .select_related("period", "form")
        .first()
    )
    if owed is None:
        raise _not_found()
    owed.place = place
    return owed


def _not_found() -> Refusal:
    return Refusal("not_found", _("没有找到"), 404)


def _receipt(receipt: Receipt) -> dict[str, Any]:
    return {
        "receipt": receipt.filing.receipt,
        "id": str(receipt.filing.pk),
        "rev": receipt.filing.rev,
        "received_at": receipt.filing.received_at.isoformat(),
    }


def _answer(body: Mapping[str, Any], outcome: batch.Outcome) -> dict[str, Any]:
    if isinstance(outcome, Refusal):
        return {"id": str(body.get("id", "")), "status": outcome.status, **outcome.as_json()}
    return {"status": 200 if outcome.is_repeat else 201, **_receipt(outcome)}


def _shown(standing: coverage.Standing) -> dict[str, Any]:
    obligation, report = standing.obligation, standing.report
    return {
        "place": obligation.place.code,
        "name": obligation.place.name,
        "period": obligation.period.key,
        "form": obligation.form.code,
        "state": standing.state.value,
        "rev": getattr(getattr(obligation, "report", None), "rev", 0),
        "nil": bool(report and report.nil),
        "due_at": obligation.due_at.isoformat(),
        "closes_at": obligation.closes_at.isoformat(),
        "locks_at": obligation.locks_at.isoformat(),
    }


def _object(data: Any) -> dict[str, Any]:
    if not isinstance(data, dict):
        raise Refusal("malformed", _("内容的格式不对，没有收下。请刷新后再试"), 400)
    return dict(data)
