"""Filing as JSON: `PUT /api/filings/<uuid>/`, and what is owed: `GET /api/obligations/`.

The same rules and the same refusals as the pages, as `{code, message, fields}`.
"""

from typing import Any
from uuid import UUID

from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reports import coverage, filing
from reports.filing import Sending
from reports.forms import read_envelope
from reports.models import Filing, Obligation
from units import scope
from units.refusals import Refusal
from units.scope import Action


class FilingView(APIView):
    """201 when stored now, 200 when it was stored before; the body is the receipt."""

    def put(self, request: Request, id: UUID) -> Response:
        body = _object(request.data)
        envelope = read_envelope(body, id_=id)
        obligation = get_object_or_404(
            Obligation.objects.visible_to(request.user).select_related(
                "place__parent__parent", "place__community", "period", "form"
            ),
            place__code=str(body.get("place", ""))[:40],
            period__key=str(body.get("period", ""))[:10],
        )
        scope.require(request.user, Action.FILE, obligation.place)
        answers = body.get("answers") or {}
        sending = Sending(
            id=envelope.id,
            by=request.user,
            channel=Filing.Channel.API,
            base_rev=envelope.base_rev,
            nil=body.get("nil") is True,
            withdraws=body.get("withdraws") is True,
            answers=_object(answers),
            form_version=envelope.form_version,
            made_at=envelope.made_at,
            reason=envelope.reason,
        )
        receipt = filing.file(obligation, sending, at=timezone.now())
        return Response(
            {
                "receipt": receipt.filing.receipt,
                "id": str(receipt.filing.pk),
                "rev": receipt.filing.rev,
                "received_at": receipt.filing.received_at.isoformat(),
            },
            status=200 if receipt.is_repeat else 201,
        )


class ObligationList(APIView):
    """What this person's groups owe or may still amend."""

    def get(self, request: Request) -> Response:
        now = timezone.now()
        owed = (
            Obligation.objects.visible_to(request.user, Action.FILE)
            .open(now)
            .with_report()
            .select_related("place")
            .order_by("place__code", "-period__starts_on")[:200]
        )
        return Response([_shown(coverage.standing(each, at=now)) for each in owed])


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
