"""The conventional twin of filing a household report: what most Django teams would write.

A serializer validates, the ORM reads and stores: the same token, the same scope, the same form
engine, the same rows and the same bell as `reports/api.py`. Honest work, not a straw man: one
select_related for the ancestors, each row created whole, one bulk_create for the marks. The
borrowing twin takes the house's own token and scope, which are SQL by hand.
"""

import hashlib
import json
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed, PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reports import answers, bell, calendar
from reports.catalogue import HOUSEHOLD_REPORT
from reports.models import Filing, Mark, Report, ReportForm
from units import scope
from units.authentication import DeviceAuthentication
from units.models import Device, Place, User
from units.refusals import Refusal
from units.scope import Action


class VisiblePlace(serializers.SlugRelatedField):
    def get_queryset(self) -> Any:
        user = self.context["request"].user
        return Place.objects.visible_to(user, Action.SEE_REPORTS).select_related(
            "community", "parent__parent__parent__parent"
        )


class TwinFiling(serializers.Serializer):
    place = VisiblePlace(slug_field="code")
    happened_on = serializers.DateField(required=False)
    answers = serializers.DictField()
    made_at = serializers.DateTimeField(required=False)
    reason = serializers.CharField(max_length=200, required=False, allow_blank=True)

    def validate_happened_on(self, value: Any) -> Any:
        if value > timezone.localdate():
            raise serializers.ValidationError("日期还没到")
        return value

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        form = ReportForm.objects.get(code=HOUSEHOLD_REPORT)
        version = form.versions.order_by("-number").first()
        try:
            answered = answers.validate(version.definition, attrs["answers"])
        except Refusal as refusal:
            raise serializers.ValidationError({"answers": str(refusal.message)}) from refusal
        return attrs | {"form": form, "version": version, "answered": answered}


class TwinReceipt(serializers.ModelSerializer):
    class Meta:
        model = Filing
        fields = ["id", "receipt", "rev", "received_at"]


class BorrowingTwinView(APIView):
    def put(self, request: Request, id: UUID) -> Response:
        body = TwinFiling(data=request.data, context={"request": request})
        body.is_valid(raise_exception=True)
        facts = body.validated_data
        if not scope.reach(request.user, Action.FILE).holds(facts["place"]):
            raise PermissionDenied
        digest = hashlib.sha256(json.dumps(request.data, sort_keys=True).encode()).hexdigest()
        filing, made = _store(id, facts, digest, request)
        if not made and filing.body_hash != digest:
            return Response({"code": "same_id_other_body"}, status=409)
        return Response(TwinReceipt(filing).data, status=201 if made else 200)


class TwinAuthentication(DeviceAuthentication):
    def authenticate(self, request: Request) -> tuple[User, Any] | None:
        token = request.headers.get("Authorization", "").removeprefix("Device ").strip()
        try:
            device = Device.objects.select_related("user").get(
                token_hash=Device.hash_of(token), revoked_at=None, user__is_active=True
            )
        except Device.DoesNotExist as error:
            raise AuthenticationFailed from error
        return device.user, device


class TwinView(BorrowingTwinView):
    authentication_classes = [TwinAuthentication]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        request.user.reaches.update(_reaches(request.user))


def _reaches(user: User) -> dict[str, scope.Reach]:
    """What `units/scope.py` works out, by the ORM."""
    reaches: dict[str, scope.Reach] = {action: scope.Reach() for action in Action}
    posts = (
        user.posts.in_force(timezone.now())
        .select_related("place", "division")
        .prefetch_related("branch__branch_blocks__place")
    )
    for post in posts:
        places = [post.place] if post.place_id else []
        if post.branch_id:
            places = [pair.place for pair in post.branch.branch_blocks.all()]
        codes = post.division.with_descendants() if post.division_id else []
        policy = scope.POLICY[scope.capacity_of(post.duty, post.place_kind)]
        for action, deepest in policy.items():
            reaches[action].spans += [
                scope.Span(place.tree_id, place.lft, place.rght, deepest) for place in places
            ]
            reaches[action].divisions |= dict.fromkeys(codes, deepest)
    return reaches


@transaction.atomic
def _store(id_: UUID, facts: dict[str, Any], digest: str, request: Request) -> tuple[Filing, bool]:
    known = Filing.objects.select_related("report").filter(pk=id_).first()
    if known:
        return known, False
    now = timezone.now()
    place, answered = facts["place"], facts["answered"]
    day = facts.get("happened_on") or timezone.localdate(now)
    report = Report.objects.create(
        community=place.community,
        place=place,
        form=facts["form"],
        is_event=True,
        as_of=day,
        path_as_filed=_line(place),
        rev=1,
        head_count=answered.answers.get("head_count"),
        made_at=facts.get("made_at", now),
        first_at=now,
        last_at=now,
        **answered.said,
    )
    filing = Filing.objects.create(
        id=id_,
        report=report,
        rev=1,
        base_rev=0,
        form_version=facts["version"],
        answers=answered.answers,
        body_hash=digest,
        by=request.user,
        channel=Filing.Channel.API,
        made_at=facts.get("made_at", now),
        received_at=now,
        reason=facts.get("reason", ""),
    )
    periods = [*calendar.periods_holding(day), calendar.now_period()]
    Mark.objects.bulk_create(
        Mark(community=place.community, place=place, period=period) for period in periods
    )
    bell.ring_on_commit()
    return filing, True


def _line(place: Place | None) -> list[int]:
    line: list[int] = []
    while place:
        line.insert(0, place.pk)
        place = place.parent
    return line
