"""What an enhanced phone asks for: who it is logged in as, and its pack."""

from django.middleware.csrf import get_token
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from governance.phone.pack import pack
from units.api import refused


class WhoBody(serializers.Serializer):
    uid = serializers.CharField()
    csrf = serializers.CharField()


class PackBody(serializers.Serializer):
    """`governance/phone/pack.py` says what is in it."""

    uid = serializers.CharField()
    at = serializers.DateTimeField()
    buildings = serializers.ListField(child=serializers.DictField())
    forms = serializers.DictField()
    receipts = serializers.ListField(child=serializers.DictField())


class WhoAmI(APIView):
    @extend_schema(
        responses={200: WhoBody} | refused(401),
        summary="现在登录的是谁，和发送要带的令牌",
    )
    def get(self, request: Request) -> Response:
        """Asked before each flush: after a new login the old token is worth nothing."""
        token = get_token(request._request)
        return _private(Response({"uid": str(request.user.pk), "csrf": token}))


class Pack(APIView):
    @extend_schema(
        responses={200: PackBody} | refused(401),
        summary="没有信号时手机要用的：楼组、各户、表和回执",
    )
    def get(self, request: Request) -> Response:
        return _private(Response(pack(request.user, at=timezone.now())))


def _private(response: Response) -> Response:
    response["Cache-Control"] = "no-store"
    return response
