"""Turning refusals into answers: the same sentence as a page or as `{code, message, fields}`."""

import logging
import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.views import exception_handler

from units.refusals import Refusal, from_integrity_error

logger = logging.getLogger(__name__)
_TAKES_A_PHOTO = re.compile(r"/api/filings/[0-9a-f-]{36}/photos/[0-9]+/")
_TAKES_A_FORM_WITH_A_PHOTO = re.compile(
    r"/report/[^/]+/[^/]+/form/|/receipt/[0-9a-f-]{36}/photos/|/group/[^/]+/matter/[a-z]+/"
)
Answer = Callable[[HttpRequest], HttpResponseBase]


def wants_json(request: HttpRequest) -> bool:
    return request.path.startswith("/api/")


def as_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(refusal.as_json(), status=refusal.status)
    response = render(request, "problem.html", {"refusal": refusal}, status=refusal.status)
    if "retry_after" in refusal.more:
        response.headers["Retry-After"] = str(refusal.more["retry_after"])
    return response


def as_plain_response(request: HttpRequest, refusal: Refusal) -> HttpResponse:
    """For when sessions and users cannot be asked: the page must not ask for them either."""
    if wants_json(request):
        return JsonResponse(refusal.as_json(), status=refusal.status)
    page = render_to_string("unavailable.html", {"refusal": refusal})
    return HttpResponse(page, status=refusal.status)


# Where a table may be handed in as a file.
_TAKES_A_TABLE = re.compile(r"/workbooks/.*|/community/[^/]+/census/")


def _too_large() -> Refusal:
    message = _("内容太大，没有收下。请把文字写短一些，或换一张小一点的照片，再提交")
    return Refusal("too_large", message, 413)


def _body_limit(path: str) -> int:
    """Of the doors that take photos, more: see `BODY_LIMIT` in the settings."""
    if _TAKES_A_PHOTO.fullmatch(path):
        return settings.PHOTO_LIMIT
    if _TAKES_A_FORM_WITH_A_PHOTO.fullmatch(path):
        return settings.PHOTO_FORM_LIMIT
    if _TAKES_A_TABLE.fullmatch(path):
        return settings.UPLOAD_LIMIT
    return settings.BODY_LIMIT


def refuse_large_bodies(get_response: Answer) -> Answer:
    """Refuse by the announced length, before anything is read into memory."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        length = request.headers.get("Content-Length") or "0"
        if length.isdecimal() and int(length) <= _body_limit(request.path):
            return get_response(request)
        if _TAKES_A_TABLE.fullmatch(request.path):
            message = _("这个文件超过5兆，没有收下。请返回上一页，删去里面的图片或多余的表再上传")
            return as_plain_response(request, Refusal("too_large", message, 413))
        return as_plain_response(request, _too_large())

    return middleware


def refuse_nul(get_response: Answer) -> Answer:
    """No address and no session holds a NUL, and PostgreSQL cannot even be asked for one. What is
    asked behind the address loses it: nobody typed it."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        if "\x00" in request.path:
            return as_plain_response(request, Refusal("not_found", _("没有找到"), 404))
        while "%00" in (query := request.META.get("QUERY_STRING", "")):
            request.META["QUERY_STRING"] = query.replace("%00", "")
        if "\x00" in request.COOKIES.get(settings.SESSION_COOKIE_NAME, ""):
            del request.COOKIES[settings.SESSION_COOKIE_NAME]
        return get_response(request)

    return middleware


def answer_refusals(get_response: Answer) -> Answer:
    """Views let refusals rise; this is where they become an answer."""

    class Middleware:
        def __call__(self, request: HttpRequest) -> HttpResponseBase:
            return get_response(request)

        def process_exception(
            self, request: HttpRequest, exception: Exception
        ) -> HttpResponse | None:
            if isinstance(exception, Refusal):
                return as_response(request, exception)
            if isinstance(exception, IntegrityError):
                return as_response(request, from_integrity_error(exception))
            if isinstance(exception, OperationalError | InterfaceError):
                logger.error("the database did not answer: %s", exception)
                return as_plain_response(request, _unavailable())
            return None

    return Middleware()


def _unavailable() -> Refusal:
    return Refusal("unavailable", _("没有成功，内容还在。请稍后再试，或打电话给居委会"), 503)


def answer_api_exception(error: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exceptions in our words; everything of ours first."""
    if isinstance(error, Refusal):
        return Response(error.as_json(), status=error.status)
    if isinstance(error, IntegrityError):
        refusal = from_integrity_error(error)
        return Response(refusal.as_json(), status=refusal.status)
    if isinstance(error, OperationalError | InterfaceError):
        logger.error("the database did not answer: %s", error)
        return Response(_unavailable().as_json(), status=503)
    response = exception_handler(error, context)
    if response is not None:
        refusal = _in_our_words(error, response)
        response.data = refusal.as_json()
    return response


def _in_our_words(error: Exception, response: Response) -> Refusal:
    status = response.status_code
    if isinstance(error, Http404 | exceptions.NotFound):
        return Refusal("not_found", _("没有找到"), status)
    if isinstance(error, exceptions.ParseError):
        return Refusal("malformed", _("内容的格式不对，没有收下。请刷新后再试"), status)
    if isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        return Refusal("forbidden", _("页面过期了，请刷新后再试一次"), status)
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        code = "unknown_device" if isinstance(error, exceptions.AuthenticationFailed) else "login"
        return Refusal(code, _("为了安全请重新登录，您填的内容还在"), status)
    if isinstance(error, exceptions.MethodNotAllowed):
        return Refusal("method_not_allowed", _("这里不能这样做"), status)
    if isinstance(error, exceptions.UnsupportedMediaType):
        return Refusal("unsupported_media_type", _("内容的格式不对，没有收下"), status)
    if isinstance(error, exceptions.ValidationError):
        fields = {str(name): str(texts[0]) for name, texts in dict(response.data).items()}
        return Refusal("invalid", _("有%d处要改，请看标出的地方") % len(fields), status, fields)
    return Refusal("refused", _("没有成功，请稍后再试"), status)


# --- Whole-page answers, named in urls.py -------------------------------------------------


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return as_response(request, Refusal("not_found", _("没有找到"), 404))


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        # Where a photo may come along, words still may not be longer than elsewhere.
        return as_plain_response(request, _too_large())
    if isinstance(exception, SessionInterrupted):
        # What Django makes of a database that dies while a login is being saved.
        return as_plain_response(request, _unavailable())
    return as_response(request, Refusal("bad_request", _("内容的格式不对，请返回再试一次"), 400))


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return as_response(request, Refusal("forbidden", _("这件事不在您的职责里，请联系居委会"), 403))


def server_error(request: HttpRequest) -> HttpResponse:
    refusal = Refusal("server_error", _("没有成功，内容还在。请稍后再试，或打电话给居委会"), 500)
    return as_plain_response(request, refusal)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    refusal = Refusal("csrf", _("页面打开太久了，请返回上一页刷新后再提交一次"), 403)
    return as_response(request, refusal)
