"""Finding what a profile page is about, as far as this person's posts reach."""

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from governance.profiles.models import Facility
from units import scope
from units.kinds import Kind
from units.models import Community, Place
from units.refusals import forbidden
from units.scope import Action


def top_of(request: HttpRequest, code: str) -> Place:
    """The community, or the block of it that this person answers for. 404 without any place of it
    in reach, 403 when they see places here but not its profile."""
    here = Place.objects.filter(community__code=code)
    seen = here.visible_to(request.user, Action.SEE_PROFILE).filter(kind__lte=Kind.BLOCK)
    top = seen.select_related("community__division").order_by("kind", "code").first()
    if top is None:
        raise _not_here(request, here)
    return top


def kept(request: HttpRequest, code: str) -> list[Place]:
    """Active places of a community whose profile this person keeps, by kind and code; 404 and 403
    as above."""
    here = Place.objects.active().filter(community__code=code)
    found = here.visible_to(request.user, Action.KEEP_PROFILE).filter(kind__lte=Kind.BUILDING)
    places = list(found.select_related("community", "parent").order_by("kind", "code"))
    if not places:
        raise _not_here(request, here.filter(kind=Kind.BUILDING))
    return places


def building(request: HttpRequest, code: str) -> Place:
    return get_object_or_404(
        Place.objects.filter(
            scope.Reach(spans=scope.reach(request.user, Action.SEE_PROFILE).spans).as_q(),
            kind=Kind.BUILDING,
        ).select_related("community", "parent"),
        code=code,
    )


def facility(request: HttpRequest, pk: int) -> Facility:
    """In reach; 403 for who only reads it."""
    found = get_object_or_404(
        Facility.objects.visible_to(request.user).select_related("place__community"), pk=pk
    )
    scope.require(request.user, Action.KEEP_PROFILE, found.place)
    return found


def community_of(places: list[Place]) -> Community:
    return places[0].community


def _not_here(request: HttpRequest, here: object) -> Exception:
    visible = here.visible_to(request.user).exists()  # type: ignore[attr-defined]
    return forbidden() if visible else Http404()
