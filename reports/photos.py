"""Photos of a filing: drawn anew on the server, so that only pixels are kept.

What a phone writes into the file beside the picture (where, when, which device) goes, and so does
whatever else a file can carry: nothing of the bytes that were sent is stored.
"""

import hashlib
import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from reports.models import Filing, Photo, PhotoRemoval
from reports.models.photo import MOST_BYTES, MOST_PHOTOS
from units.models import User
from units.refusals import Refusal, forbidden

# What unpacking may cost: 160 MB. Phones take 12 to 50 megapixels, as JPEG, which is unpacked at
# a fraction of its size; one made of several scans still costs 6 bytes a pixel.
MOST_PIXELS = 40_000_000
MOST_PIXELS_OF_JPEG = 64_000_000
SIDE, SMALL_SIDE = 1600, 240
_QUALITIES = (82, 70, 58, 45)
_FORMATS = {"JPEG": b"\xff\xd8\xff", "PNG": b"\x89PNG\r\n\x1a\n", "WEBP": b"RIFF"}
# Whatever a decoder stumbles over in a file that somebody made up.
_STUMBLES = (
    *(OSError, SyntaxError, ValueError, TypeError, KeyError, IndexError, AttributeError),
    *(EOFError, ArithmeticError, MemoryError, struct.error, zlib.error),
)
Image.MAX_IMAGE_PIXELS = MOST_PIXELS_OF_JPEG


@dataclass(frozen=True)
class Attached:
    photo: Photo
    is_repeat: bool = False


def attach(filing: Filing, number: int, sent: bytes, *, by: User, at: datetime) -> Attached:
    """Keep one photo of a filing. The same bytes under the same number again: the same photo.

    The caller has found `filing` by scope. Raises Refusal `not_your_duty` (403) for who did not
    file it, `too_many_photos`, `not_a_photo` (415), `photo_too_large`, `broken_photo`,
    `another_photo`, `photo_taken_away` (409).
    """
    if filing.by_id != by.pk:
        raise forbidden(_("照片由填这份报告的人自己加，请另外填一份或联系居委会"))
    if not 1 <= number <= MOST_PHOTOS:
        raise Refusal("too_many_photos", _("一份报告最多%d张照片") % MOST_PHOTOS)
    sent_sha256 = hashlib.sha256(sent).hexdigest()
    there = _there(filing, number, sent_sha256)
    if there:
        return there
    if PhotoRemoval.objects.filter(filing=filing, sent_sha256=sent_sha256).exists():
        raise Refusal("photo_taken_away", _("这张照片已经拿掉了，没有再收。要加请另拍一张"), 409)
    photo = _photo(filing, number, sent, at)
    photo.sent_sha256 = sent_sha256
    try:
        with transaction.atomic():
            photo.save(force_insert=True)
    except IntegrityError:
        there = _there(filing, number, sent_sha256)
        if there is None:
            raise
        return there
    return Attached(photo)


def attach_next(filing: Filing, sent: bytes, *, by: User, at: datetime) -> Attached:
    """`attach` under the first free number; bytes that are there already are the same photo."""
    taken = {photo.number: photo for photo in filing.photos.without_content()}
    sent_sha256 = hashlib.sha256(sent).hexdigest()
    for photo in taken.values():
        if photo.sent_sha256 == sent_sha256 and filing.by_id == by.pk:
            return Attached(photo, is_repeat=True)
    free = next((n for n in range(1, MOST_PHOTOS + 1) if n not in taken), MOST_PHOTOS + 1)
    return attach(filing, free, sent, by=by, at=at)


def numbers_of(filings: Iterable[Filing]) -> dict[UUID, list[int]]:
    """Filing → numbers of its photos; one query, no pictures."""
    numbers: dict[UUID, list[int]] = {}
    rows = Photo.objects.filter(filing__in=[each.pk for each in filings])
    for filing, number in rows.values_list("filing_id", "number"):
        numbers.setdefault(filing, []).append(number)
    return numbers


def _there(filing: Filing, number: int, sent_sha256: str) -> Attached | None:
    there = Photo.objects.without_content().filter(filing=filing, number=number).first()
    if there is None:
        return None
    if there.sent_sha256 != sent_sha256:
        raise Refusal("another_photo", _("这个位置已经有另一张照片，没有换掉"), 409)
    return Attached(there, is_repeat=True)


def _photo(filing: Filing, number: int, sent: bytes, at: datetime) -> Photo:
    picture = _decode(sent)
    content = _encode(picture)
    small = picture.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE))
    return Photo(
        filing=filing,
        number=number,
        content=content,
        thumbnail=_jpeg(small, 70),
        sha256=hashlib.sha256(content).hexdigest(),
        at=at,
    )


def _decode(sent: bytes) -> Image.Image:
    """The picture upright, at most `SIDE` wide and high, and nothing that came with it."""
    kind = next((name for name, magic in _FORMATS.items() if sent.startswith(magic)), None)
    if kind is None:
        raise Refusal("not_a_photo", _("这不是照片，请拍一张或从相册里选"), 415)
    try:
        with Image.open(BytesIO(sent), formats=[kind]) as opened:
            _refuse_a_bomb(opened, kind)
            opened.draft("RGB", (SIDE, SIDE))
            opened.load()
            upright = ImageOps.exif_transpose(opened)
            upright.thumbnail((SIDE, SIDE))
            return _only_pixels(upright)
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    except _STUMBLES as error:
        raise Refusal("broken_photo", _("照片没有传完整或打不开，请再拍一张")) from error


def _refuse_a_bomb(opened: Image.Image, kind: str) -> None:
    """By the size it claims, before a single pixel is unpacked."""
    most = MOST_PIXELS_OF_JPEG if kind == "JPEG" else MOST_PIXELS
    if opened.width * opened.height > most:
        raise _too_large()


def _too_large() -> Refusal:
    return Refusal("photo_too_large", _("照片的尺寸太大，请用手机相机重新拍一张"))


def _only_pixels(picture: Image.Image) -> Image.Image:
    clean = Image.new("RGB", picture.size, "white")
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        layer = picture.convert("RGBA")
        clean.paste(layer, mask=layer.getchannel("A"))
    else:
        clean.paste(picture.convert("RGB"))
    return clean


def _encode(picture: Image.Image) -> bytes:
    """Small enough for the database, losing quality first and size then."""
    for quality in _QUALITIES:
        content = _jpeg(picture, quality)
        if len(content) <= MOST_BYTES:
            return content
    smaller = picture.resize((max(1, picture.width * 2 // 3), max(1, picture.height * 2 // 3)))
    return _encode(smaller)


def _jpeg(picture: Image.Image, quality: int) -> bytes:
    out = BytesIO()
    picture.save(out, "JPEG", quality=quality, optimize=True)
    return out.getvalue()
