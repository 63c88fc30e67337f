"""Sessions: how one begins, what it hangs on, and the cookies a browser keeps between two."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import auth
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.auth.models import AnonymousUser
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from units import invitations, second_steps
from units.models import Device, User

# Cookies of the same kind of life, each read in one place.
PHONE, DESK, KNOWN = (settings.COOKIE_PREFIX + name for name in ("phone", "desk", "known"))
_COOKIES = {Device.Kind.PHONE: PHONE, Device.Kind.DESK: DESK}
_KNOWN_FOR = 180 * 24 * 3600
_DEVICE, _STEPPED, _DESK = "device", "second_step", "desk"
_HALF, _HALF_FOR = "half_in", timedelta(minutes=10)
_BACKEND = "django.contrib.auth.backends.ModelBackend"


class PersonMiddleware(AuthenticationMiddleware):
    """`request.user`, asked for late, as Django does: a page that needs nobody stays cacheable."""

    def process_request(self, request: HttpRequest) -> None:
        super().process_request(request)
        request.user = SimpleLazyObject(lambda: _person_of(request))  # type: ignore[assignment]


def _person_of(request: HttpRequest) -> User | AnonymousUser:
    """Nobody as soon as the device of this session is revoked, or a second step is owed."""
    user = auth.get_user(request)
    if not user.is_authenticated:
        return user
    at = timezone.now()
    request.has_lapsed = _has_lapsed(request, at)  # type: ignore[attr-defined]
    if request.has_lapsed or not _device_still_holds(request, user, at):
        request.session.flush()
        return AnonymousUser()
    if not request.session.get(_STEPPED) and second_steps.is_owed(user, at=at):
        request.has_lapsed = True  # type: ignore[attr-defined]
        return AnonymousUser()
    return user


def _device_still_holds(request: HttpRequest, user: User, at: datetime) -> bool:
    pk = request.session.get(_DEVICE)
    if pk is None:
        return True
    device = Device.objects.usable(at).filter(pk=pk, user=user).first()
    if device:
        lapses_at = device.lapse_if_unused_from(at)
        # Once a day at most.
        if lapses_at - device.lapses_at > timedelta(days=1):
            Device.objects.filter(pk=pk).update(lapses_at=lapses_at)
    return device is not None


def _has_lapsed(request: HttpRequest, at: datetime) -> bool:
    """Whether a desk was left for too long, or this login is as old as it may become."""
    desk = request.session.get(_DESK)
    if desk is None:
        return False
    now = at.timestamp()
    if now - desk["used"] > settings.STAFF_IDLE_MINUTES * 60:
        return True
    if now - desk["begun"] > settings.STAFF_LIFE_HOURS * 3600:
        return True
    # Once a minute at most.
    if now - desk["used"] > 60:
        request.session[_DESK] = desk | {"used": now}
    return False


def begin(
    request: HttpRequest, user: User, *, device: Device | None = None, stepped: bool = False
) -> None:
    """Log `user` in; with `device`, only for as long as it is not revoked."""
    auth.login(request, user, backend=_BACKEND)
    for name in (_HALF, _DEVICE, _DESK):
        request.session.pop(name, None)
    at = timezone.now()
    is_phone = device is not None and device.kind == Device.Kind.PHONE
    if not is_phone and invitations.has_staff_rights(user, at=at):
        request.session[_DESK] = {"begun": at.timestamp(), "used": at.timestamp()}
    if device:
        request.session[_DEVICE] = device.pk
    request.session[_STEPPED] = stepped


def has_stepped(request: HttpRequest, user: User) -> None:
    """This session goes on after its holder's others were ended."""
    auth.update_session_auth_hash(request, user)
    request.session[_STEPPED] = True


def begin_half(request: HttpRequest, user: User, go_to: str, *, at: datetime) -> None:
    """The password was right and the second step is still to come: nobody is logged in yet."""
    request.session.flush()
    request.session[_HALF] = {
        "user": user.pk,
        "hash": user.get_session_auth_hash(),
        "until": (at + _HALF_FOR).timestamp(),
        "next": go_to,
    }


def half_in(request: HttpRequest, *, at: datetime) -> tuple[User, str] | None:
    """Who has shown a password within ten minutes, and where they were going."""
    half = request.session.get(_HALF)
    if not half or half["until"] < at.timestamp():
        return None
    user = User.objects.filter(pk=half["user"], is_active=True).first()
    if user is None or not constant_time_compare(user.get_session_auth_hash(), half["hash"]):
        return None
    return user, half["next"]


def device_id(request: HttpRequest) -> int | None:
    return request.session.get(_DEVICE)


def is_of_a_phone(request: HttpRequest) -> bool:
    """Begun with a PIN, not with a password."""
    pk = device_id(request)
    return bool(pk) and Device.objects.filter(pk=pk, kind=Device.Kind.PHONE).exists()


# --- Cookies ------------------------------------------------------------------------------


def device_of(request: HttpRequest, kind: Device.Kind, *, at: datetime) -> Device | None:
    """The phone or computer this browser is, when it still is one."""
    token = request.COOKIES.get(_COOKIES[kind], "")
    return Device.objects.bound(kind, token, at) if token else None


def keep_device(response: HttpResponse, device: Device, token: str) -> None:
    life = (
        settings.PHONE_LIFE_DAYS if device.kind == Device.Kind.PHONE else settings.DESK_TRUSTED_DAYS
    )
    _set(response, _COOKIES[Device.Kind(device.kind)], token, life * 24 * 3600)


def forget_device(response: HttpResponse, kind: Device.Kind) -> None:
    response.delete_cookie(_COOKIES[kind], path="/", samesite="Lax")


def keep_known(request: HttpRequest, response: HttpResponse, user: User) -> None:
    """Mark this browser as one that `user` came in by: guesses made elsewhere do not slow it."""
    if not known(request, user.login):
        value = signing.dumps([user.login, secrets.token_hex(8)], salt=KNOWN)
        _set(response, KNOWN, value, _KNOWN_FOR)


def known(request: HttpRequest, login: str) -> str:
    """The mark of this browser for `login`, or ""."""
    try:
        whose, mark = signing.loads(request.COOKIES.get(KNOWN, ""), salt=KNOWN, max_age=_KNOWN_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return mark if whose == login else ""


def _set(response: HttpResponse, name: str, value: str, seconds: int) -> None:
    response.set_cookie(
        name,
        value,
        max_age=seconds,
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
        path="/",
    )


def label_of(request: HttpRequest) -> str:
    """「苹果手机」, as far as the browser says; for telling one's devices apart."""
    agent = request.headers.get("User-Agent", "")
    names: list[tuple[str, Any]] = [
        ("iPhone", _("苹果手机")),
        ("iPad", _("苹果平板")),
        ("Android", _("安卓手机")),
        ("HarmonyOS", _("鸿蒙手机")),
        ("Windows", _("视窗电脑")),
        ("Macintosh", _("苹果电脑")),
    ]
    return next((str(name) for word, name in names if word in agent), _("其他设备"))
