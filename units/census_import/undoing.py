"""Taking an import back: counts and places are as they were, but where something came of them."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from units import grafting, journal, locks
from units.census_import import importing
from units.kinds import Kind
from units.models import CensusImport, Place, PlaceChange, User
from units.refusals import Refusal

State = CensusImport.State


@transaction.atomic
def undo(imported: CensusImport, *, by: User, at: datetime) -> CensusImport:
    """Places planted by it go again; those that have reports, seats or later counts since stay,
    with their counts. Once more changes nothing.

    Raises Refusal `not_imported` while there is nothing to undo.
    """
    found = importing.locked(imported.pk)
    if found.state == State.UNDONE:
        return found
    if not found.may_be_undone:
        raise Refusal("not_imported", _("这张表还没有导入完，不能撤销"), 409)
    locks.lock_bucket(locks.bucket_of(found.community_id))
    # First this: the database lets go of counts of an undone import, and of no others.
    CensusImport.objects.filter(pk=found.pk).update(state=State.UNDONE)
    stay = grafting.uproot(found, at=at, by=by)
    root = Place.objects.get(community=found.community_id, parent=None)
    PlaceChange.objects.create(
        community_id=found.community_id, place=root, what=PlaceChange.What.COUNTED, at=at, by=by
    )
    found.stayed = _names(stay)
    found.state, found.moved_at = State.UNDONE, at
    found.planted = sorted(stay)
    found.save(update_fields=["state", "moved_at", "stayed", "planted"])
    journal.note(
        "census.undone",
        user=by,
        at=at,
        census_import=str(found.pk),
        community=found.community_id,
        stayed=sorted(stay),
    )
    return found


def would_stay(imported: CensusImport) -> list[str]:
    """Names of what an undo would have to leave now."""
    return _names(grafting.held(imported.planted, but_for=imported))


def _names(places: set[int]) -> list[str]:
    rows = Place.objects.filter(pk__in=places).order_by("code").select_related("parent__parent")
    return [_name(place) for place in rows]


def _name(place: Place) -> str:
    """A floor or a door with its building before it."""
    above = place.parent if place.kind == Kind.FLOOR else None
    if place.kind == Kind.HOUSEHOLD and place.parent:
        above = place.parent.parent
    return f"{above.name}{place.name}" if above else place.name
