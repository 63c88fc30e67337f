"""Photos of a filing as JSON's neighbour: one raw picture a request, each with its own receipt."""

from collections.abc import Mapping
from typing import IO, Any
from uuid import UUID

from django.conf import settings
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from reports import photos, serializers
from reports.models import Filing
from units.api import refused
from units.refusals import Refusal

KINDS = ("image/jpeg", "image/png", "image/webp")


class PictureParser(BaseParser):
    """The body as it is, never more of it than a photo may have."""

    media_type = "image/*"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        sent = stream.read(settings.PHOTO_LIMIT + 1)
        if len(sent) > settings.PHOTO_LIMIT:
            raise Refusal("too_large", _("照片太大，没有收下。请换一张小一点的"), 413)
        return sent


class PhotoView(APIView):
    parser_classes = [PictureParser]

    @extend_schema(
        request=dict.fromkeys(KINDS, OpenApiTypes.BINARY),
        responses={200: serializers.PhotoBody, 201: serializers.PhotoBody}
        | refused(400, 401, 403, 404, 409, 413, 415, 422),
        summary="给自己报的一份加一张照片：201 这次收下，200 以前收过",
    )
    def put(self, request: Request, id: UUID, number: int) -> Response:
        filing = get_object_or_404(Filing.objects.visible_to(request.user), pk=id)
        sent = request.data if isinstance(request.data, bytes) else b""
        kept = photos.attach(filing, number, sent, by=request.user, at=timezone.now())
        body = {
            "id": str(filing.pk),
            "receipt": filing.receipt,
            "number": kept.photo.number,
            "received_at": kept.photo.at.isoformat(),
        }
        return Response(body, status=200 if kept.is_repeat else 201)
