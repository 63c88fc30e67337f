"""Who is calling the API."""

from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from units.models import Device, User


class DeviceAuthentication(BaseAuthentication):
    """`Authorization: Device <token>`; a revoked device is refused at its next request."""

    keyword = "Device"

    def authenticate(self, request: Request) -> tuple[User, Device] | None:
        keyword, _space, token = request.headers.get("Authorization", "").partition(" ")
        if keyword != self.keyword:
            return None
        device = Device.with_token(token.strip())
        if device is None:
            raise AuthenticationFailed(_("这台设备没有登录，请重新登录"), code="unknown_device")
        return device.user, device

    def authenticate_header(self, request: Request) -> str:
        return self.keyword
