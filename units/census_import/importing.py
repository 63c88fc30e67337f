"""Importing step by step in a worker: first what is missing in the tree, then the counts.

Each step locks the import and the community, holds the whole sheet against the tree again and does
the next part of what is left: so it may run twice, and goes on where a dead worker stopped.
"""

import logging
from datetime import datetime, timedelta
from functools import partial
from time import monotonic
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from units import broker, census, grafting, journal, locks
from units.census_import import drafting
from units.census_import.cells import Line
from units.census_import.checking import Outcome
from units.grafting import Graft
from units.models import CensusImport, HouseholdCount, User
from units.refusals import Refusal

logger = logging.getLogger(__name__)

State = CensusImport.State
TASK = "units.tasks.import_census"
# Households a transaction.
_STEP = 1000
# A step takes two seconds; who takes over from somebody who is only slow finds the row locked.
_STALLED = timedelta(seconds=8)
_GIVEN_UP = timedelta(minutes=15)
_NOTICED = timedelta(seconds=15)


@transaction.atomic
def start(drafted: CensusImport, *, only_good: bool, by: User, at: datetime) -> CensusImport:
    """Hand the sheet to a worker. A second press changes nothing.

    Raises Refusal `faults_left`, `nothing_to_import`; `another_import_runs` by the database.
    """
    found = locked(drafted.pk)
    if found.state in (State.RUNNING, State.DONE):
        return found
    if found.state not in (State.CHECKED, State.STOPPED):
        raise Refusal("not_open", _("这张表还没有核对，不能导入"), 409)
    outcome = drafting.outcome_of(found)
    if outcome.faulty and not only_good and found.state == State.CHECKED:
        message = _("还有%d行有错，请先改好，或只导入正确的") % len(outcome.faulty)
        raise Refusal("faults_left", message, 409)
    if found.state == State.CHECKED:
        if not outcome.to_write:
            raise Refusal("nothing_to_import", _("没有要导入的：数字都和现在一样，或者都有错"), 409)
        found.tally = _tally(outcome)
        found.total, found.done = outcome.to_write, 0
    found.state, found.moved_at, found.by = State.RUNNING, at, by
    found.save(update_fields=["state", "moved_at", "by", "tally", "total", "done"])
    transaction.on_commit(partial(broker.hand_over, TASK, str(found.pk)))
    return found


def locked(pk: UUID) -> CensusImport:
    return (
        CensusImport.objects.select_related("community", "by")
        .select_for_update(of=("self",))
        .get(pk=pk)
    )


def _tally(outcome: Outcome) -> dict[str, int]:
    names = ("new", "changed", "same", "repeated", "faulty", "absent")
    return {name: len(getattr(outcome, name)) for name in names}


def run(pk: UUID, *, at: datetime) -> None:
    """All steps that are left. An import that is gone or in another's hands is a clean exit."""
    began = monotonic()
    try:
        # Each step has its own moment, or a long import would seem to stand still.
        while _step(pk, at=at + timedelta(seconds=monotonic() - began)):
            pass
    except Exception:
        CensusImport.objects.filter(pk=pk, state=State.RUNNING).update(
            state=State.STOPPED, moved_at=at
        )
        logger.exception("census import %s", pk)


@transaction.atomic
def _step(pk: UUID, *, at: datetime) -> bool:
    """Whether there is more to do."""
    found = (
        CensusImport.objects.select_related("community", "by")
        .select_for_update(of=("self",), skip_locked=True)
        .filter(pk=pk, state=State.RUNNING)
        .first()
    )
    if found is None:
        return False
    locks.lock_bucket(locks.bucket_of(found.community_id))
    outcome = drafting.outcome_of(found)
    if outcome.new:
        found.planted += _plant(found, outcome.new, at=at)
    elif outcome.changed:
        _count(found, outcome.changed[:_STEP], at=at)
    done = found.total - outcome.to_write
    if not outcome.new:
        done += min(_STEP, len(outcome.changed))
    found.done, found.moved_at = min(max(done, 0), found.total), at
    is_over = not outcome.new and len(outcome.changed) <= _STEP
    if is_over:
        _finish(found, outcome, at=at)
    found.save(update_fields=["planted", "done", "moved_at", "state", "tally", "tables", "fixes"])
    return not is_over


def _plant(found: CensusImport, lines: list[Line], *, at: datetime) -> list[int]:
    """Buildings, floors and doors that the tree lacks; they are counted in the next steps."""
    grafts: list[tuple[int, Graft]] = []
    buildings: dict[tuple[int, str], Graft] = {}
    floors: dict[tuple[Any, int], Graft] = {}
    for line in sorted(lines, key=_order):
        storey, door = line.storey, line.door
        if storey is None or door is None:
            continue
        if line.found and storey in line.found.floors:
            grafts.append((line.found.floors[storey], Graft(door.name)))
            continue
        above = line.found.id if line.found else (line.block_id, line.building)
        if (above, storey) not in floors:
            floors[above, storey] = floor = Graft(_("%d楼") % storey)
            if line.found:
                grafts.append((line.found.id, floor))
            else:
                assert line.block_id is not None  # noqa: S101
                building = buildings.get((line.block_id, line.building))
                if building is None:
                    building = Graft(_named(line.building))
                    buildings[line.block_id, line.building] = building
                    grafts.append((line.block_id, building))
                building.below.append(floor)
        floors[above, storey].below.append(Graft(door.name))
    return [place.pk for place in grafting.graft(found.community, grafts, at=at, by=found.by)]


def _order(line: Line) -> tuple[Any, ...]:
    """As people walk: building, floor, unit, room."""
    door = line.door
    numbers = (line.building, door.unit if door else "", door.room if door else "")
    building, unit, room = ((len(text), text) for text in numbers)
    return (building, line.storey or 0, unit, room)


def _named(building: str) -> str:
    return _("%s号楼组") % building if building.isdecimal() else building


def _count(found: CensusImport, lines: list[Line], *, at: datetime) -> None:
    counts = [
        HouseholdCount(
            place_id=line.household.id,
            as_of=found.as_of,
            source=_("底册导入"),
            brought_by=found,
            **line.numbers,
        )
        for line in lines
        if line.household
    ]
    census.record(found.community, counts, at=at, by=found.by, is_import=True)


def _finish(found: CensusImport, outcome: Outcome, *, at: datetime) -> None:
    """Only lines with faults are kept, to be mended and handed in again."""
    (table,) = drafting.tables_of(found)
    left = {line.row for line in outcome.faulty}
    table.rows = [row for row in table.rows if row[0] in left]
    found.tables = [table.as_json()]
    found.fixes = {
        key: text for key, text in found.fixes.items() if int(key.partition(".")[0]) in left
    }
    found.state = State.DONE
    found.tally = found.tally | {"planted": len(found.planted)}
    journal.note(
        "census.imported",
        user=found.by,
        at=at,
        census_import=str(found.pk),
        community=found.community_id,
        **found.tally,
    )


def stands_still(found: CensusImport, *, at: datetime) -> bool:
    """Longer than a step takes: its worker died, or has much else to do."""
    return found.state == State.RUNNING and found.moved_at <= at - _NOTICED


def progress(found: CensusImport, *, at: datetime) -> str:
    """What an open page compares: another one, and there is something new to show."""
    return f"{found.state}{found.done}{'-' if stands_still(found, at=at) else ''}"


def resume(*, at: datetime) -> None:
    """Hand over again what no worker took or finished; what never ends is stopped."""
    running = CensusImport.objects.filter(state=State.RUNNING)
    running.filter(made_at__lte=at - _GIVEN_UP, moved_at__lte=at - _GIVEN_UP).update(
        state=State.STOPPED, moved_at=at
    )
    for pk in running.filter(moved_at__lte=at - _STALLED).values_list("pk", flat=True):
        broker.hand_over(TASK, str(pk))


def forget(*, at: datetime) -> None:
    """Sheets that nobody imports, and lines that nobody mends, are kept for a week."""
    old = at - timedelta(days=7)
    CensusImport.objects.filter(state__in=[State.DRAFT, State.CHECKED], moved_at__lte=old).delete()
    finished = CensusImport.objects.filter(state__in=[State.DONE, State.UNDONE], moved_at__lte=old)
    finished.exclude(tables=[]).update(tables=[], fixes={})
