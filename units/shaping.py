"""Changes of shape made of several writes: merging, closing with all below, adding many, undoing.

Each is one transaction and one journal entry that names its step, so that a step sent twice is
done once. Structure is written by `units.tree` only; whoever knows what else hangs on a place
(`governance.shaping`) calls these inside its own transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _
from psycopg2.extras import DateTimeTZRange

from units import journal, locks, tree
from units.kinds import Kind, PlaceState
from units.models import BranchBlock, Community, JournalEntry, Place, Post, User
from units.refusals import Refusal

UNDO_WITHIN = timedelta(minutes=10)
RENAMED, MOVED, MERGED = "shape.renamed", "shape.moved", "shape.merged"
CLOSED, REPLACED, ADDED, UNDONE = "shape.closed", "shape.replaced", "shape.added", "shape.undone"
UNDOABLE = (RENAMED, MOVED, ADDED)


@dataclass(frozen=True)
class Bud:
    """A place to be added by its name, with the names of those below it."""

    name: str
    below: tuple["Bud", ...] = ()


@dataclass(frozen=True)
class Done:
    """A step that was taken: its journal entry, and the places that it closed or opened."""

    entry: JournalEntry
    closed: tuple[int, ...] = ()
    opened: tuple[int, ...] = ()
    posts: tuple[int, ...] = ()


def lock(community: Community) -> None:
    """Hold the community's tree; everything is read after this."""
    locks.lock_bucket(locks.bucket_of(community.pk))


def taken(step: UUID) -> JournalEntry | None:
    """The entry of a step that was taken already."""
    return JournalEntry.objects.filter(data__has_key="step", data__step=str(step)).first()


@transaction.atomic
def rename(place_id: int, *, name: str, step: UUID, by: User, at: datetime) -> Done:
    was = Place.objects.get(pk=place_id).name
    place = tree.rename(place_id, name=name, at=at, by=by)
    return Done(_note(RENAMED, place, step, by, at, was=was, now=name))


@transaction.atomic
def move(place_id: int, *, to_id: int, step: UUID, by: User, at: datetime) -> Done:
    origin = Place.objects.select_related("parent").get(pk=place_id).parent
    place = tree.move(place_id, to_parent_id=to_id, at=at, by=by)
    target = Place.objects.get(pk=to_id)
    told = {"from": origin.pk, "was": origin.name, "to": to_id, "now": target.name}
    return Done(_note(MOVED, place, step, by, at, **told))


@transaction.atomic
def merge(place_id: int, *, into_id: int, step: UUID, by: User, at: datetime) -> Done:
    """What lies below moves over; the emptied place is closed and names its successor.

    A floor whose name is taken where it goes keeps the old name of its building in front. Two
    households: one is closed, the other stays. Raises the Refusals of `tree.move`, `tree.close`.
    """
    place, into = Place.objects.get(pk=place_id), Place.objects.get(pk=into_id)
    names = set(Place.objects.active().filter(parent=into).values_list("name", flat=True))
    for child in Place.objects.active().filter(parent=place).order_by("code"):
        if child.name in names:
            tree.rename(child.pk, name=name_beside(place, child), at=at, by=by)
        tree.move(child.pk, to_parent_id=into.pk, at=at, by=by)
    posts = end_posts([place.pk], at=at)
    BranchBlock.objects.filter(place=place).delete()
    tree.close(place.pk, at=at, by=by, state=PlaceState.MERGED, succeeded_by_id=into.pk)
    entry = _note(MERGED, place, step, by, at, to=into.pk, now=into.name, posts=posts)
    return Done(entry, closed=(place.pk,), posts=tuple(posts))


def name_beside(building: Place, child: Place) -> str:
    """「48号楼组1楼」: what a floor is called where another of its name stands."""
    longest: int = Place._meta.get_field("name").max_length
    return f"{building.name}{child.name}"[:longest]


@transaction.atomic
def close(place_id: int, *, step: UUID, by: User, at: datetime) -> Done:
    """Close a place and all below it, from the doors up. Raises the Refusals of `tree.close`."""
    place = Place.objects.get(pk=place_id)
    closing = closing_with(place)
    posts = end_posts(closing, at=at)
    BranchBlock.objects.filter(place=place).delete()
    for pk in closing:
        tree.close(pk, at=at, by=by)
    entry = _note(CLOSED, place, step, by, at, places=len(closing), posts=posts)
    return Done(entry, closed=tuple(closing), posts=tuple(posts))


def closing_with(place: Place) -> list[int]:
    """What is closed with a place: itself and what is in use below it, the deepest first."""
    below = Place.objects.active().under(place).order_by("-kind", "code")
    return list(below.values_list("pk", flat=True))


@transaction.atomic
def replace(place_id: int, *, on_id: int, name: str, step: UUID, by: User, at: datetime) -> Done:
    """A household on another floor: the old door is closed, a new one opened, one after the other.

    Raises the Refusals of `tree.add` and `tree.close`.
    """
    place = Place.objects.get(pk=place_id)
    new = tree.add(on_id, name=name, at=at, by=by)
    tree.close(place.pk, at=at, by=by, succeeded_by_id=new.pk)
    floor = Place.objects.select_related("parent").get(pk=on_id)
    told = {"to": new.pk, "now": f"{floor.parent.name} {floor.name} {name}"}
    entry = _note(REPLACED, place, step, by, at, **told)
    return Done(entry, closed=(place.pk,), opened=(new.pk,))


@transaction.atomic
def add(parent_id: int, buds: Sequence[Bud], *, step: UUID, by: User, at: datetime) -> Done:
    """Add places below `parent_id`; a bud whose name is there already is filled up, not doubled.

    Raises the Refusals of `tree.add`.
    """
    opened: list[int] = []
    _grow(parent_id, buds, opened, by, at)
    parent = Place.objects.get(pk=parent_id)
    first = Place.objects.filter(pk__in=opened[:1]).values_list("name", flat=True).first()
    told = {"places": len(opened), "added": opened, "now": first or ""}
    return Done(_note(ADDED, parent, step, by, at, **told), opened=tuple(opened))


def _grow(parent_id: int, buds: Sequence[Bud], opened: list[int], by: User, at: datetime) -> None:
    there = dict(Place.objects.active().filter(parent=parent_id).values_list("name", "pk"))
    for bud in buds:
        pk = there.get(bud.name)
        if pk is None:
            pk = tree.add(parent_id, name=bud.name, at=at, by=by).pk
            opened.append(pk)
        _grow(pk, bud.below, opened, by, at)


@transaction.atomic
def undo(entry_id: int, community: Community, *, by: User, at: datetime) -> JournalEntry:
    """Take a rename, a move or an addition back within ten minutes, while nothing was built on it.

    What was added is closed: codes are never used again. Raises Refusal `undo_not_found`,
    `undo_too_late`, `undo_overtaken`, and those of `units.tree`.
    """
    lock(community)
    entry = _undoable(entry_id, community)
    if at > entry.at + UNDO_WITHIN:
        raise Refusal("undo_too_late", _("已过10分钟，请另做一次调整改回来"), 409)
    place = Place.objects.get(pk=entry.data["place"])
    if entry.verb == RENAMED:
        _refuse_unless(place.name == entry.data["now"])
        tree.rename(place.pk, name=entry.data["was"], at=at, by=by)
    elif entry.verb == MOVED:
        _refuse_unless(place.parent_id == entry.data["to"])
        tree.move(place.pk, to_parent_id=entry.data["from"], at=at, by=by)
    else:
        for pk in reversed(entry.data["added"]):
            tree.close(pk, at=at, by=by)
    told = {"undoes": entry.pk, "place": place.pk, "name": place.name, "community": community.pk}
    return journal.note(UNDONE, user=by, at=at, step=f"undo {entry.pk}", **told)


def _undoable(entry_id: int, community: Community) -> JournalEntry:
    steps = JournalEntry.objects.filter(data__has_key="step", data__community=community.pk)
    entry = steps.filter(pk=entry_id, verb__in=UNDOABLE).first()
    if entry is None or steps.filter(data__undoes=entry_id).exists():
        raise Refusal("undo_not_found", _("这一步不能撤销，或者已经撤销过了"), 409)
    return entry


def _refuse_unless(is_as_it_was_left: bool) -> None:
    if not is_as_it_was_left:
        message = _("后来又有人调整过，不能撤销。请看最近的调整")
        raise Refusal("undo_overtaken", message, 409)


def end_posts(places: Sequence[int], *, at: datetime) -> list[int]:
    """End every term that runs on these places now; the holders are out at their next request."""
    ended = list(Post.objects.in_force(at).filter(place__in=places).order_by("pk"))
    for post in ended:
        Post.objects.filter(pk=post.pk).update(during=DateTimeTZRange(post.during.lower, at))
    return [post.pk for post in ended]


def _note(verb: str, place: Place, step: UUID, by: User, at: datetime, **told: Any) -> JournalEntry:
    where = {"place": place.pk, "name": named(place), "community": place.community_id}
    return journal.note(verb, user=by, at=at, step=str(step), **where, **told)


def named(place: Place) -> str:
    """「47号楼组」, and a floor or a door with its building: 「47号楼组 3楼 302室」."""
    above: list[str] = []
    while place.kind > Kind.BUILDING:
        above.append(place.name)
        place = place.parent
    return " ".join([place.name, *reversed(above)])
