"""A sheet taken in, its columns said, its cells mended: all before anything is imported."""

import hashlib
import re
from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from units import journal, scope
from units.census_import import checking, fields, intake, survey
from units.census_import.cells import Fault
from units.census_import.checking import Outcome
from units.census_import.intake import Table
from units.models import CensusImport, ColumnMemory, Community, Place, User
from units.refusals import Refusal
from units.scope import Action

State = CensusImport.State
LONGEST_FIX = 40
# "row.index", within what a sheet may have.
_CELL = re.compile(r"[0-9]{1,7}\.[0-9]{1,4}")


@transaction.atomic
def take_in(
    community: Community,
    *,
    file_name: str,
    content: bytes,
    pasted: str,
    by: User,
    at: datetime,
) -> CensusImport:
    """A file, or else cells pasted from a spreadsheet. The file itself is not kept.

    Raises Refusal beside `file` or `pasted`.
    """
    hidden: list[str] = []
    if content or not pasted.strip():
        tables, hidden = intake.of_file(content, file_name)
    else:
        tables, file_name = intake.of_paste(pasted), _("粘贴的表格")
    name = "".join(each for each in file_name if each.isprintable())
    name = re.sub(r"\.(xlsx|csv|txt|tsv)$", "", name.strip(), flags=re.I)[-120:]
    made = CensusImport.objects.create(
        community=community,
        by=by,
        file_name=name or _("粘贴的表格"),
        as_of=timezone.localdate(at),
        made_at=at,
        moved_at=at,
        tables=[table.as_json() for table in tables],
        hidden=[each[:40] for each in hidden],
    )
    journal.note("census.handed_in", user=by, at=at, census_import=str(made.pk))
    return made


def tables_of(drafted: CensusImport) -> list[Table]:
    return [Table.of(facts) for facts in drafted.tables]


def suggested(table: Table, user: User) -> dict[str, int]:
    """Field → column: as this person said for such headers before, else by what they are called."""
    memory = ColumnMemory.objects.filter(user=user, signature=_signature(table)).first()
    if memory:
        return dict(memory.mapping)
    found: dict[str, int] = {}
    for index, head in enumerate(table.heads):
        key = fields.recognise(head)
        if key is not None:
            found.setdefault(key, index)
    return found


def _signature(table: Table) -> str:
    heads = "\x1f".join(fields.plain(head) for head in table.heads)
    return hashlib.sha256(heads.encode()).hexdigest()


@transaction.atomic
def say_columns(
    drafted: CensusImport,
    number: int,
    mapping: Mapping[str, int],
    *,
    as_of: date,
    opens_buildings: bool,
    by: User,
    at: datetime,
) -> CensusImport:
    """Which table, which column is what, and of which day the numbers are. Remembered for `by`.

    Other tables, and columns that are nothing of ours, are dropped from here on.
    Raises Refusal `columns_missing`, `day_to_come`, `not_open`.
    """
    drafted = _open(drafted)
    if as_of > timezone.localdate(at):
        message = _("登记日期还没到，请选今天或以前的日子")
        raise Refusal("day_to_come", message, fields={"as_of": message})
    _require(mapping)
    table = tables_of(drafted)[number]
    ColumnMemory.objects.update_or_create(
        user=by, signature=_signature(table), defaults={"mapping": dict(mapping)}
    )
    kept = sorted(set(mapping.values()))
    at_new = {old: new for new, old in enumerate(kept)}
    table.columns = [table.columns[old] for old in kept]
    table.rows = [(row, [cells[old] for old in kept]) for row, cells in table.rows]
    drafted.tables = [table.as_json()]
    drafted.mapping = {key: at_new[old] for key, old in mapping.items()}
    drafted.fixes = {}
    drafted.as_of, drafted.opens_buildings = as_of, opens_buildings and may_open(by, drafted)
    drafted.state, drafted.moved_at = State.CHECKED, at
    drafted.save(
        update_fields=[
            "tables",
            "mapping",
            "fixes",
            "as_of",
            "opens_buildings",
            "state",
            "moved_at",
        ]
    )
    return drafted


def _require(mapping: Mapping[str, int]) -> None:
    missing = []
    if "address" not in mapping:
        missing += [key for key in ("building", "room") if key not in mapping]
    if "residents" not in mapping:
        missing.append("residents")
    if missing:
        names = "、".join(str(fields.BY_KEY[key].label) for key in missing)
        message = _("还没有指出哪一列是%s") % names
        raise Refusal("columns_missing", message, fields={"columns": message})


def may_open(user: User, drafted: CensusImport) -> bool:
    """A new building comes with seats and reports: for who shapes the tree."""
    root = Place.objects.get(community=drafted.community_id, parent=None)
    return scope.reach(user, Action.SHAPE_TREE).holds(root)


@transaction.atomic
def mend(drafted: CensusImport, typed: Mapping[str, str], *, at: datetime) -> CensusImport:
    """Put what was typed in the place of cells: "row.index" → text. No file is changed."""
    drafted = _open(drafted)
    if drafted.state != State.CHECKED:
        raise Refusal("not_open", _("这张表还没有核对，请先指出哪一列是什么"), 409)
    (table,) = tables_of(drafted)
    stored = dict(table.rows)
    for key, text in typed.items():
        row, _dot, index = key.partition(".")
        if not _CELL.fullmatch(key) or int(row) not in stored:
            continue
        if int(index) < len(stored[int(row)]):
            cell = intake.typed(text[:LONGEST_FIX])
            drafted.fixes[key] = cell
    drafted.moved_at = at
    drafted.save(update_fields=["fixes", "moved_at"])
    return drafted


def still_wrong(typed: Mapping[str, str], before: list[Fault], after: list[Fault]) -> list[Fault]:
    """What is wrong at cells that were typed into, and what only that made wrong in their lines."""
    lines = {key.partition(".")[0] for key in typed}
    stood = {fault.key for fault in before}
    return [
        fault
        for fault in after
        if fault.key in typed or (str(fault.row) in lines and fault.key not in stood)
    ]


def _open(drafted: CensusImport) -> CensusImport:
    found = CensusImport.objects.select_for_update(of=("self",)).filter(pk=drafted.pk).first()
    if found is None or not found.is_open:
        raise Refusal("not_open", _("这张表已经在导入，不能再改。请看它的结果"), 409)
    return found


def outcome_of(drafted: CensusImport) -> Outcome:
    """The dry run of the table as it is now."""
    (table,) = tables_of(drafted)
    found = survey.take(drafted.community, drafted.as_of)
    return checking.check(
        table,
        drafted.mapping,
        found,
        fixes=drafted.fixes,
        opens_buildings=drafted.opens_buildings,
    )


@transaction.atomic
def drop(drafted: CensusImport, *, by: User, at: datetime) -> None:
    """A draft that nobody wants is gone; once more changes nothing."""
    journal.note("census.dropped", user=by, at=at, census_import=str(drafted.pk))
    _open(drafted).delete()
