"""The gate on a phone: binding it with a card's code, and opening it with a PIN."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from units import invitations, pins, sessions
from units.brakes import guessing
from units.brakes.keys import address_of
from units.forms_entry import CodeForm, NewPinForm
from units.models import Community, Device, Invitation, Post, User
from units.refusals import Refusal
from units.views_entry import let_in, next_of, one_guess, page

# --- A card ---------------------------------------------------------------------------------


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Looking uses nothing up: a messenger's preview does no harm, and the code is in the part of
    the address that is not sent. First the code is posted, then code and PIN."""
    at = timezone.now()
    form = CodeForm(request.POST if request.method == "POST" else None)
    facts: dict[str, Any] = {"form": form}
    if request.method == "GET" or not form.is_valid():
        return page(request, "units/enter.html", facts, status=422 if form.errors else 200)
    try:
        with one_guess(guessing.of_code(address_of(request)), at=at):
            invitation = invitations.find(form.cleaned_data["code"], at=at)
    except Refusal as refusal:
        facts["is_bound_here"] = _is_bound_here(request, form.cleaned_data["code"], at=at)
        return page(request, "units/enter.html", facts, refusal=refusal)
    return _choose_pin(request, invitation, form.cleaned_data["code"], at=at)


def _choose_pin(
    request: HttpRequest, invitation: Invitation, code: str, *, at: datetime
) -> HttpResponse:
    form = NewPinForm(request.POST if "pin" in request.POST else None)
    facts = _whose(invitation.user, at=at) | {
        "form": form,
        "code": code,
        "phones": invitation.user.devices.usable(at).filter(kind=Device.Kind.PHONE).count(),
        "is_somebody_elses": request.user.is_authenticated and request.user != invitation.user,
    }
    if not form.is_bound or not form.is_valid():
        return page(request, "units/enter_pin.html", facts, status=422 if form.errors else 200)
    try:
        device, token = invitations.bind(
            invitation.pk,
            pin=form.cleaned_data["pin"],
            label=sessions.label_of(request),
            at=at,
        )
    except Refusal as refusal:
        return page(request, "units/enter.html", {"form": CodeForm()}, refusal=refusal)
    response = let_in(request, invitation.user, reverse("bound"), device=device)
    sessions.keep_device(response, device, token)
    return response


def _is_bound_here(request: HttpRequest, code: str, *, at: datetime) -> bool:
    """Whether this very phone was bound by this card: it only has to type its PIN."""
    phone = sessions.device_of(request, Device.Kind.PHONE, at=at)
    used = Invitation.objects.filter(code_hash=invitations.hash_of(code), device=phone)
    return phone is not None and used.exists()


def _whose(user: User, *, at: datetime) -> dict[str, Any]:
    """Of a group member: name, seats, and the community whose telephone helps."""
    posts = Post.objects.in_force(at).filter(user=user).select_related("place__community")
    seats = list(posts.filter(place__isnull=False).order_by("pk"))
    community: Community | None = seats[0].place.community if seats else None
    return {"person": user, "seats": seats, "community": community}


@login_required
@require_safe
def bound(request: HttpRequest) -> HttpResponse:
    """The phone is bound; how to come back next time."""
    facts = _whose(request.user, at=timezone.now())
    return render(request, "units/bound.html", facts | {"address": request.get_host()})


# --- A PIN ----------------------------------------------------------------------------------


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def pin(request: HttpRequest) -> HttpResponse:
    """A pad of numbers. Each key is a button of the form, so it works without scripts as well."""
    at, go_to = timezone.now(), next_of(request)
    if not request.COOKIES.get(sessions.PHONE):
        return redirect("login")
    phone = sessions.device_of(request, Device.Kind.PHONE, at=at)
    if phone is None:
        return _bind_again(request)
    facts = _whose(phone.user, at=at) | {"next": go_to, "digits": "123456789"}
    typed = invitations.digits_of(request.POST.get("pin", ""))[: pins.LONGEST]
    if "press" in request.POST:
        typed = _press(typed, request.POST["press"])
    if request.method == "GET" or "press" in request.POST:
        return page(request, "units/pin.html", facts | {"typed": typed})
    if len(typed) < pins.SHORTEST:
        refusal = Refusal("pin_malformed", _("口令是4到6位数字，请输完再点「进入」"))
        return page(request, "units/pin.html", facts | {"typed": typed}, refusal=refusal)
    if invitations.has_staff_rights(phone.user, at=at):
        return page(request, "units/pin.html", facts, refusal=invitations.for_groups_only())
    is_right, left = pins.check(phone.pk, typed, at=at)
    if is_right:
        return let_in(request, phone.user, go_to, device=phone)
    if not left:
        return _bind_again(request)
    refusal = Refusal("wrong_pin", _("口令不对，还可以试%d次") % left)
    return page(request, "units/pin.html", facts, refusal=refusal)


def _press(typed: str, key: str) -> str:
    """One key of the pad: a digit, or `back`."""
    return typed[:-1] if key == "back" else (typed + key[:1])[: pins.LONGEST]


def _bind_again(request: HttpRequest) -> HttpResponse:
    """Guessed at, unused for too long, or stopped on another device."""
    response = render(request, "units/unbound.html")
    sessions.forget_device(response, Device.Kind.PHONE)
    return response
