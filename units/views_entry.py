"""The gate: login name and password, and what every page of it shares."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from units import sessions, way_back
from units.brakes import guessing
from units.brakes.keys import Key, address_of
from units.forms_entry import LoginForm
from units.models import Device, SecondStep, User
from units.refusals import Refusal


def page(
    request: HttpRequest,
    template: str,
    facts: dict[str, Any],
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    """A page of the gate; what was refused is said on top of it, what was typed is still there."""
    status = refusal.status if refusal else status
    response = render(request, template, facts | {"refusal": refusal}, status=status)
    if refusal and "retry_after" in refusal.more:
        response.headers["Retry-After"] = str(refusal.more["retry_after"])
    return response


@contextmanager
def one_guess(keys: Sequence[Key], *, at: datetime) -> Iterator[None]:
    """Counts what is done inside as a wrong guess unless it ends well."""
    guessing.take(keys, at=at)
    yield
    guessing.give_back(keys, at=at)


def next_of(request: HttpRequest) -> str:
    """Where to go afterwards: only within this house."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    return asked if way_back.is_ours(asked) else ""


def keep_what_was_posted(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """A form that was sent after the login had lapsed: the login page takes its answers along.

    So do the pages of the second step, until somebody is in. Nothing is stored, neither here nor
    in the browser. Files have to be chosen again.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        to_login = f"{reverse('login')}?"
        goes = response.headers.get("Location", "").startswith(to_login)
        if request.method != "POST" or not goes or not getattr(request, "has_lapsed", False):
            return response
        posted = [
            (name, value)
            for name, values in request.POST.lists()
            for value in values
            if name != "csrfmiddlewaretoken"
        ]
        return ask_to_log_in(request, request.get_full_path(), posted)

    return middleware


def ask_to_log_in(
    request: HttpRequest, go_to: str, posted: Sequence[tuple[str, str]]
) -> HttpResponse:
    """The login page with what was filled in before it."""
    facts = {"form": LoginForm(request), "next": go_to, "again": posted}
    return page(request, "login.html", facts, status=401)


_AGAIN = "again."


def again(request: HttpRequest) -> list[tuple[str, str]]:
    """What `keep_what_was_posted` took along, as (name, value) pairs."""
    return [
        (name.removeprefix(_AGAIN), value)
        for name, values in request.POST.lists()
        for value in values
        if name.startswith(_AGAIN)
    ]


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def login(request: HttpRequest) -> HttpResponse:
    """Login name and password. A phone that is bound is asked for its PIN instead."""
    at, go_to = timezone.now(), next_of(request)
    if request.user.is_authenticated:
        return redirect(go_to or "home")
    if (
        request.method == "GET"
        and "password" not in request.GET
        and request.COOKIES.get(sessions.PHONE)
    ):
        return redirect(f"{reverse('pin')}?{urlencode({'next': go_to})}")
    form = LoginForm(request, request.POST if request.method == "POST" else None)
    facts = {"form": form, "next": go_to, "again": again(request)}
    if request.method == "GET" or not form.is_a_guess:
        return page(request, "login.html", facts, status=422 if form.errors else 200)
    name = form.data["username"].strip()
    known, address = sessions.known(request, name), address_of(request)
    keys = guessing.of_password(name, address, known)
    try:
        guessing.take(keys, at=at)
    except Refusal as refusal:
        return page(request, "login.html", facts, refusal=refusal)
    if not form.is_valid():
        return page(request, "login.html", facts, status=422)
    guessing.give_back(keys, at=at)
    return _let_in(request, form.get_user(), go_to, at=at)


def _let_in(request: HttpRequest, user: User, go_to: str, *, at: datetime) -> HttpResponse:
    """The password is right: in, or to the second step."""
    has_step = SecondStep.objects.filter(user=user).exists()
    desk = sessions.device_of(request, Device.Kind.DESK, at=at) if has_step else None
    if desk and desk.user_id == user.pk:
        return let_in(request, user, go_to, device=desk, stepped=True)
    if has_step or sessions.second_steps.is_owed(user, at=at):
        sessions.begin_half(request, user, go_to, at=at)
        step = redirect("second-step" if has_step else "second-step-setup")
        if again(request):
            # Sent on with its body, so that what was filled in goes along.
            step.status_code = 307
        return step
    return let_in(request, user, go_to)


def let_in(
    request: HttpRequest,
    user: User,
    go_to: str,
    *,
    device: Device | None = None,
    stepped: bool = False,
) -> HttpResponse:
    sessions.begin(request, user, device=device, stepped=stepped)
    response = redirect(go_to or "home")
    if go_to and (posted := again(request)):
        # With the token of the new login; sent once more by a tap, so that nothing surprises.
        response = render(request, "units/once_more.html", {"go_to": go_to, "again": posted})
    sessions.keep_known(request, response, user)
    return response
