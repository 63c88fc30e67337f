"""API edge of this package: people's devices, and the places in reach."""

import secrets

from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from units import devices, sessions
from units.authentication import DeviceAuthentication
from units.models import Device, Place
from units.refusals import forbidden
from units.serializers import DeviceBody, NewDeviceBody, PlaceBody, PlaceQuery, Problem

PAGE_SIZE = 500


def refused(*statuses: int) -> dict[int, OpenApiResponse]:
    """For a schema: the statuses with which this operation refuses."""
    answer = OpenApiResponse(Problem, description="没有收下：原因和出错的地方")
    return dict.fromkeys(statuses, answer)


class DeviceScheme(OpenApiAuthenticationExtension):
    target_class = DeviceAuthentication
    name = "device"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "Device <token>",
        }


class DeviceList(APIView):
    @extend_schema(responses={200: DeviceBody(many=True)} | refused(401), summary="我登记过的设备")
    def get(self, request: Request) -> Response:
        return Response(DeviceBody(request.user.devices.order_by("pk"), many=True).data)

    @extend_schema(
        request=DeviceBody,
        responses={201: NewDeviceBody} | refused(400, 401, 403, 413, 415),
        summary="登记一台设备，令牌只给这一次",
    )
    def post(self, request: Request) -> Response:
        """A device makes no devices, a bound phone neither: a stolen one must end with its
        revocation."""
        if isinstance(request.auth, Device) or sessions.is_of_a_phone(request._request):
            raise forbidden()
        body = DeviceBody(data=request.data)
        body.is_valid(raise_exception=True)
        token = secrets.token_urlsafe(32)
        device = Device.objects.create(
            user=request.user,
            token_hash=Device.hash_of(token),
            label=body.validated_data["label"],
            made_at=timezone.now(),
        )
        device.token = token  # type: ignore[attr-defined]
        return Response(NewDeviceBody(device).data, status=201)


class DeviceRevocation(APIView):
    @extend_schema(
        request=None, responses={204: None} | refused(401, 403, 404), summary="停用一台设备"
    )
    def post(self, request: Request, pk: int) -> Response:
        device = get_object_or_404(request.user.devices.in_force(), pk=pk)
        devices.revoke(device, by=request.user, at=timezone.now())
        return Response(status=204)


class PlaceList(APIView):
    @extend_schema(
        parameters=[PlaceQuery],
        responses={200: PlaceBody(many=True)} | refused(400, 401),
        summary="看得到的单元，按编码；`after` 接着上一页",
    )
    def get(self, request: Request) -> Response:
        query = PlaceQuery(data=request.query_params)
        query.is_valid(raise_exception=True)
        places = Place.objects.visible_to(request.user).select_related("parent").order_by("code")
        if after := query.validated_data.get("after"):
            places = places.filter(code__gt=after)
        return Response(PlaceBody(places[:PAGE_SIZE], many=True).data)
