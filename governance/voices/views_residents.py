"""The residents' door: no account, no cookie, no script needed. One building's page, and a receipt.

Nothing is done here with anybody's session, so there is nothing that a forged request could use:
the pages carry a signed token instead of a CSRF cookie (`forms.sign`).
"""

import re
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from governance.voices import forms, saying
from governance.voices.models import MAX_WORDS, Doorplate, Voice
from reports import free_text
from units.brakes import hourly
from units.brakes.keys import Key, address_of
from units.kinds import PlaceState
from units.refusals import Refusal

# An hour; the numbers have sixteen digits.
LOOKED_UP_PER_ADDRESS = 60


def _doorplate(token: str) -> Doorplate:
    found = (
        Doorplate.objects.select_related("place__community").filter(token=token.replace("\x00", ""))
    ).first()
    if found is None:
        message = _("没有找到这张码。请再扫一次楼道里的码，或打电话给居委会")
        raise Refusal("not_found", message, 404)
    if found.revoked_at or found.place.state != PlaceState.ACTIVE:
        message = _("这张码已经换过了。请扫楼道里新的那一张，或打电话给居委会 %s")
        raise Refusal("doorplate_revoked", message % found.place.community.telephone, 410)
    return found


@csrf_exempt
@never_cache
@require_http_methods(["GET", "POST"])
def stairwell(request: HttpRequest, token: str) -> HttpResponse:
    """What the code at a stairwell leads to: this building, one sentence."""
    doorplate, now = _doorplate(token), timezone.now()
    if request.method == "GET":
        return _page(request, doorplate)
    try:
        id_ = forms.form_id(request.POST, doorplate)
        said = saying.say(
            doorplate,
            forms.read(request.POST, id_=id_),
            address=address_of(request),
            at=now,
        )
    except Refusal as refusal:
        return _page(request, doorplate, refusal)
    return redirect(f"{reverse('voice-receipt')}?number={said.receipt}")


def _page(
    request: HttpRequest, doorplate: Doorplate, refusal: Refusal | None = None
) -> HttpResponse:
    """The form with everything that was typed still in it."""
    page: dict[str, Any] = {
        "place": doorplate.place,
        "community": doorplate.place.community,
        "form": forms.sign(doorplate),
        "abouts": Voice.About,
        "typed": request.POST,
        "most": MAX_WORDS,
        "refusal": refusal,
        "errors": refusal.fields if refusal else {},
    }
    # The page's own token goes on while nothing has been said from it.
    if refusal and refusal.code not in ("form_expired", "already_said"):
        page["form"] = request.POST.get("form", "")
    answer = render(
        request, "voices/stairwell.html", page, status=refusal.status if refusal else 200
    )
    if refusal and "retry_after" in refusal.more:
        answer["Retry-After"] = str(refusal.more["retry_after"])
    return answer


@never_cache
@require_safe
def voice_receipt(request: HttpRequest) -> HttpResponse:
    """Where a voice stands, in words, for whoever has its number."""
    typed, now = request.GET.get("number", ""), timezone.now()
    number = re.sub(r"\D", "", free_text.normalise(typed[:60]))
    page: dict[str, Any] = {"typed": typed[:60]}
    status = 200
    if typed:
        try:
            _brake_looking_up(request, now)
            page["voice"] = _voice(number)
            page["community"] = page["voice"].community
        except Refusal as refusal:
            page["refusal"], status = refusal, refusal.status
    return render(request, "voices/receipt.html", page, status=status)


def _brake_looking_up(request: HttpRequest, at: datetime) -> None:
    key = Key(("looked", "address", address_of(request)), LOOKED_UP_PER_ADDRESS)
    message = _("这一小时里查的人太多了，请过一小时再查，或打电话给居委会")
    hourly.press([key], message=message, at=at)


def _voice(number: str) -> Voice:
    found = Voice.objects.select_related("community", "place").filter(receipt=number).first()
    if found is None:
        raise Refusal("not_found", _("没有找到这个回执号，请对一下数字再查"), 404)
    return found
