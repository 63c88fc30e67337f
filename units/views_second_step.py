"""The second step: asking for a code, setting it up, and taking it from a colleague who lost it."""

from datetime import datetime

import segno
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from units import invitations, second_steps, sessions
from units.brakes import guessing
from units.brakes.keys import Key, address_of
from units.forms_entry import SecondStepForm
from units.kinds import STAFF_DUTIES, Kind
from units.models import Community, Place, Post, SecondStep, User
from units.refusals import Refusal, forbidden
from units.scope import Action, reach
from units.views_entry import again, ask_to_log_in, let_in, next_of, one_guess, page

_SALT = "second_step_salt"


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: a code. Nobody is logged in before it."""
    at = timezone.now()
    half = sessions.half_in(request, at=at)
    if half is None:
        return _from_the_start(request)
    user, go_to = half
    # Sent on by the login page, it has no code yet.
    form = SecondStepForm(request.POST if "code" in request.POST else None)
    facts = {"form": form, "next": go_to, "again": again(request)}
    if not form.is_valid():
        status = 422 if form.errors else 200
        return page(request, "units/second_step.html", facts, status=status)
    try:
        with one_guess(_keys(request, user), at=at):
            second_steps.require_right(user, form.cleaned_data["code"], at=at)
    except Refusal as refusal:
        return page(request, "units/second_step.html", facts, refusal=refusal)
    if "trust" not in request.POST:
        return let_in(request, user, go_to, stepped=True)
    device, token = second_steps.trust(user, label=sessions.label_of(request), at=at)
    response = let_in(request, user, go_to, device=device, stepped=True)
    sessions.keep_device(response, device, token)
    return response


def _from_the_start(request: HttpRequest) -> HttpResponse:
    """Ten minutes are over since the password; what was filled in before it is still kept."""
    if posted := again(request):
        return ask_to_log_in(request, next_of(request), posted)
    return redirect("login")


def _keys(request: HttpRequest, user: User) -> list[Key]:
    known = sessions.known(request, user.login)
    return guessing.of_second_step(user.login, address_of(request), known)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def setup(request: HttpRequest) -> HttpResponse:
    """Scan, type a first code, and get the recovery codes, which are shown this once."""
    at = timezone.now()
    user, go_to = _who_sets_up(request, at=at)
    if user is None:
        return _from_the_start(request)
    if SecondStep.objects.filter(user=user).exists():
        return render(request, "units/second_step_done.html")
    salt = request.session.setdefault(_SALT, second_steps.new_salt())
    owner = request.user if request.user.is_authenticated else None
    form = SecondStepForm(request.POST if "code" in request.POST else None, owner=owner)
    facts = {
        "form": form,
        "code_svg": _drawn(second_steps.address_for(user, salt)),
        "secret": second_steps.in_groups(second_steps.secret_of(salt)),
        "is_half_in": owner is None,
        "next": go_to,
        "again": again(request),
    }
    if not form.is_valid():
        status = 422 if form.errors else 200
        return page(request, "units/second_step_setup.html", facts, status=status)
    try:
        with one_guess(_keys(request, user), at=at):
            form.require_password()
            codes = second_steps.enrol(user, salt, form.cleaned_data["code"], at=at)
    except Refusal as refusal:
        return page(request, "units/second_step_setup.html", facts, refusal=refusal)
    del request.session[_SALT]
    if owner:
        sessions.has_stepped(request, user)
    else:
        sessions.begin(request, user, stepped=True)
    shown = {"codes": codes, "go_to": go_to, "person": user, "at": at, "again": facts["again"]}
    return render(request, "units/recovery_codes.html", shown)


def _who_sets_up(request: HttpRequest, *, at: datetime) -> tuple[User | None, str]:
    """Staff who are logged in, or who must set it up to get in. 404 for everybody else."""
    if request.user.is_authenticated:
        if sessions.is_of_a_phone(request) or not invitations.has_staff_rights(request.user, at=at):
            raise Http404
        return request.user, ""
    return sessions.half_in(request, at=at) or (None, "")


def _drawn(address: str) -> str:
    drawn = segno.make(address, error="m").svg_inline(svgclass=None, lineclass=None, omitsize=True)
    return mark_safe(drawn)  # noqa: S308 (of our own making)


@login_required
@require_safe
def second_step_list(request: HttpRequest, code: str) -> HttpResponse:
    """Who of a community's staff has a second step; for those who may reset it."""
    community = _community(request, code)
    posts = _staff_posts(community, at=timezone.now()).select_related("user__second_step")
    people = {post.user: [] for post in posts}
    for post in posts:
        people[post.user].append(post)
    facts = {"community": community, "people": people.items()}
    return render(request, "units/second_steps.html", facts)


@login_required
@require_POST
def reset(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    community, at = _community(request, code), timezone.now()
    posts = _staff_posts(community, at=at).filter(user=pk).select_related("user")
    user = get_object_or_404(User, pk__in=posts.values("user"))
    second_steps.reset(user, by=request.user, at=at)
    return redirect("second-steps", code=community.code)


def _community(request: HttpRequest, code: str) -> Community:
    """404 outside one's places, 403 for whoever may not reset a login."""
    root = Place.objects.visible_to(request.user).filter(community__code=code)
    if not root.exists():
        raise Http404
    community = get_object_or_404(Community, code=code)
    place = Place.objects.select_related("community").get(community=community, kind=Kind.COMMUNITY)
    if not reach(request.user, Action.RESET_LOGIN).holds(place):
        raise forbidden()
    return community


def _staff_posts(community: Community, *, at: datetime) -> QuerySet[Post]:
    posts = Post.objects.in_force(at).filter(place__community=community, duty__in=STAFF_DUTIES)
    return posts.order_by("place_kind", "pk")
