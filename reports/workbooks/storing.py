"""Taking a workbook in, putting a newer file in its place, mapping its cells, removing it."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from reports.exports import table
from reports.models import Workbook
from reports.workbooks import grid, mapping, package, suggesting
from reports.workbooks.grid import Grid
from reports.workbooks.mapping import Entry
from units import journal
from units.kinds import Kind
from units.models import Community, Division, Place, User
from units.refusals import Refusal
from units.uploads import guard

LONGEST_NAME = 60


@transaction.atomic
def upload(
    owner: Community | Division,
    *,
    name: str,
    file_name: str,
    content: bytes,
    by: User,
    at: datetime,
) -> Workbook:
    """Raises Refusal beside `name` or `file`; a taken name is refused by the database."""
    name = _clean(name)
    if not name or len(name) > LONGEST_NAME:
        message = _("请写一个名称，最多60个字")
        raise Refusal("workbook_name", message, fields={"name": message})
    _opened(content)
    workbook = Workbook.objects.create(
        community=owner if isinstance(owner, Community) else None,
        division=owner if isinstance(owner, Division) else None,
        name=name,
        file_name=_clean(file_name)[-120:] or name,
        content=content,
        uploaded_by=by,
        uploaded_at=at,
    )
    journal.note("workbook.uploaded", user=by, at=at, workbook=workbook.pk, name=name)
    return workbook


@transaction.atomic
def replace_file(
    workbook: Workbook, *, file_name: str, content: bytes, by: User, at: datetime
) -> list[Entry]:
    """Put this month's empty file in the place of the last; returns the entries it has no cell for.

    The mapping follows its headers. Nothing of it is dropped: what is lost is found again in a
    later file that has it.
    """
    grids = _opened(content)
    workbook = locked(workbook)
    found, lost = mapping.anchored(mapping.read(workbook.mapping), grids)
    workbook.mapping = mapping.written([*found, *lost])
    workbook.content, workbook.file_name = content, _clean(file_name)[-120:] or workbook.name
    workbook.uploaded_by, workbook.uploaded_at = by, at
    workbook.save(update_fields=["mapping", "content", "file_name", "uploaded_by", "uploaded_at"])
    journal.note("workbook.replaced", user=by, at=at, workbook=workbook.pk)
    return lost


@transaction.atomic
def add(workbook: Workbook, entries: Iterable[Entry]) -> None:
    workbook = locked(workbook)
    new = mapping.with_entries(mapping.read(workbook.mapping), entries)
    workbook.mapping = mapping.written(new)
    workbook.save(update_fields=["mapping"])


@transaction.atomic
def drop(workbook: Workbook, sheet: str, cell: str) -> None:
    """Take the mapping of one cell away; once more changes nothing."""
    workbook = locked(workbook)
    kept = [each for each in mapping.read(workbook.mapping) if each.key != (sheet, cell)]
    workbook.mapping = mapping.written(kept)
    workbook.save(update_fields=["mapping"])


@transaction.atomic
def remove(workbook: Workbook, *, by: User, at: datetime) -> None:
    journal.note("workbook.removed", user=by, at=at, workbook=workbook.pk, name=workbook.name)
    Workbook.objects.filter(pk=workbook.pk).delete()


def locked(workbook: Workbook) -> Workbook:
    return Workbook.objects.select_for_update(of=("self",)).get(pk=workbook.pk)


def places_of(workbook: Workbook) -> list[Place]:
    """What a cell may be about: of a community down to buildings, of a street to blocks."""
    if workbook.division:
        roots = table.communities_of(workbook.division)
        ids = [root.community_id for root in roots]
        deepest = Kind.BLOCK
    else:
        ids, deepest = [workbook.community_id], Kind.BUILDING
    return list(
        Place.objects.active()
        .filter(community__in=ids, kind__lte=deepest)
        .select_related("community__division")
        .order_by("kind", "code")
    )


def suggestions(workbook: Workbook, grids: Sequence[Grid], places: list[Place]) -> list[Entry]:
    names = suggesting.Names(places, has_own=workbook.community_id is not None)
    taken = {entry.key: entry for entry in mapping.read(workbook.mapping)}
    return suggesting.suggest(grids, names, taken)


def _opened(content: bytes) -> Sequence[Grid]:
    """Raises Refusal now for what could not be filled later."""
    guard.admit(content)
    package.write(content, {}, note=[], note_name=_("填表说明"))
    return grid.read(content)


def _clean(text: str) -> str:
    """Without what PostgreSQL or a header line could not keep."""
    kept = "".join(each for each in text if each.isprintable())
    return kept.encode(errors="ignore").decode().strip()
