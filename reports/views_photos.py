"""Photos on pages: adding one by a plain form, and looking at them as far as reports are seen."""

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import etag, require_http_methods, require_safe

from reports import photo_removal as removal
from reports import photos
from reports.models import Filing, Photo
from reports.models.photo import MOST_PHOTOS
from units import scope
from units.refusals import Refusal, forbidden
from units.scope import Action


def _filing(request: HttpRequest, id_: UUID) -> Filing:
    return get_object_or_404(
        Filing.objects.visible_to(request.user).select_related(
            "report__place__community", "report__obligation__period"
        ),
        pk=id_,
    )


def _tag(request: HttpRequest, id: UUID, number: int) -> str | None:
    shown = Photo.objects.visible_to(request.user).filter(filing=id, number=number)
    sha256 = shown.values_list("sha256", flat=True).first()
    return sha256 and f'"{sha256[:32]}{"-small" if "small" in request.GET else ""}"'


# Asked for again each time: one that was taken away is shown by no browser that kept it.
@login_required
@require_safe
@cache_control(private=True, no_cache=True)
@etag(_tag)
def photo(request: HttpRequest, id: UUID, number: int) -> HttpResponse:
    """One photo, or with `?small` the small one of it: always JPEG, made by us."""
    shown = Photo.objects.visible_to(request.user).filter(filing=id, number=number)
    name = "thumbnail" if "small" in request.GET else "content"
    found = get_object_or_404(shown.only(name))
    answer = HttpResponse(bytes(getattr(found, name)), content_type="image/jpeg")
    answer["Content-Disposition"] = f'inline; filename="{id.hex[:8]}-{number}.jpg"'
    return answer


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def photo_form(request: HttpRequest, id: UUID) -> HttpResponse:
    """Add a photo to what one has filed oneself."""
    filing = _filing(request, id)
    if filing.by_id != request.user.pk:
        raise forbidden(_("照片由填这份报告的人自己加，请另外填一份或联系居委会"))
    if request.method == "GET":
        return _page(request, filing)
    return add_from_page(request, filing, request.FILES.get("photo"))


@login_required
@never_cache
@require_http_methods(["GET", "POST"])
def photo_removal(request: HttpRequest, id: UUID, number: int) -> HttpResponse:
    """Take one photo away: the picture once more, and one button."""
    filing = _filing(request, id)
    removal.refuse_others(filing, request.user)
    if not filing.photos.filter(number=number).exists():
        # Pressed twice, or gone meanwhile.
        return redirect("receipt", id=id)
    refusal = None
    if request.method == "POST":
        try:
            why = request.POST.get("why", "")
            removal.remove(filing, number, by=request.user, why=why, at=timezone.now())
        except Refusal as refused:
            refusal = refused
        else:
            return redirect("receipt", id=id)
    return _removal_page(request, filing, number, refusal)


def _removal_page(
    request: HttpRequest, filing: Filing, number: int, refusal: Refusal | None
) -> HttpResponse:
    place = filing.report.place
    is_own = scope.reach(request.user, Action.FILE).holds(place)
    page = {
        "filing": filing,
        "number": number,
        "place": place,
        "community": place.community,
        "frame": "phone.html" if is_own else "base.html",
        "whys": [] if filing.by_id == request.user.pk else removal.REASONS,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    status = refusal.status if refusal else 200
    return render(request, "reports/photo_removal.html", page, status=status)


def add_from_page(
    request: HttpRequest, filing: Filing, sent: UploadedFile | None, *, is_new: bool = False
) -> HttpResponse:
    """Keep the photo and go to the receipt. A photo that is refused takes nothing else with it:
    what was filed stays, and the page says so."""
    try:
        if sent is None:
            raise Refusal("photo_required", _("请先拍一张或从相册里选一张"))
        if (sent.size or 0) > settings.PHOTO_LIMIT:
            raise Refusal("too_large", _("照片太大，没有收下。请换一张小一点的"), 413)
        photos.attach_next(filing, sent.read(), by=request.user, at=timezone.now())
    except Refusal as refusal:
        return _page(request, filing, refusal, is_new=is_new)
    return redirect("receipt", id=filing.pk)


def _page(
    request: HttpRequest, filing: Filing, refusal: Refusal | None = None, *, is_new: bool = False
) -> HttpResponse:
    numbers = photos.numbers_of([filing]).get(filing.pk, [])
    page = {
        "filing": filing,
        "place": filing.report.place,
        "community": filing.report.place.community,
        "numbers": numbers,
        "left": MOST_PHOTOS - len(numbers),
        "is_own": scope.reach(request.user, Action.FILE).holds(filing.report.place),
        "is_new": is_new,
        "refusal": refusal,
        "errors": (refusal.fields or {"photo": refusal.message}) if refusal else {},
    }
    return render(request, "reports/photos.html", page, status=refusal.status if refusal else 200)
