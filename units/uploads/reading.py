"""Reading a workbook in a process apart: plain cells come back, whatever is in the file."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from units.uploads import guard

_CHILD = Path(__file__).with_name("child.py")
# Of the clock; the processor's seconds are the child's own limit.
_PATIENCE = 20


@dataclass(frozen=True, slots=True)
class ReadCell:
    row: int
    column: int
    # empty, text, number, date or formula
    kind: str
    value: Any
    number_format: str


@dataclass(frozen=True)
class ReadSheet:
    """One sheet, its last used row and column, and the cells that the file stores.

    `merged` holds (first row, first column, last row, last column).
    """

    name: str
    rows: int
    columns: int
    is_hidden: bool
    merged: list[tuple[int, int, int, int]]
    hidden_rows: list[int]
    hidden_columns: list[int]
    cells: list[ReadCell]


def sheets(content: bytes) -> list[ReadSheet]:
    """All sheets of a workbook that the guard admitted.

    Raises the guard's Refusal for what cannot be read, or not within the child's limits.
    """
    command = [sys.executable, "-B", str(_CHILD), str(guard.MOST_ROWS), str(guard.MOST_COLUMNS)]
    try:
        done = subprocess.run(  # noqa: S603 (our own program; the file goes in by the pipe)
            command,
            input=content,
            capture_output=True,
            timeout=_PATIENCE,
            env={"PYTHONPATH": os.pathsep.join(sys.path), "PYTHONIOENCODING": "utf-8"},
            check=True,
        )
        found = [_sheet(each) for each in json.loads(done.stdout)]
    except (subprocess.SubprocessError, ValueError) as error:
        raise guard.unreadable() from error
    if not found:
        raise guard.unreadable()
    return found


def _sheet(facts: dict[str, Any]) -> ReadSheet:
    return ReadSheet(
        facts["name"],
        facts["rows"],
        facts["columns"],
        facts["hidden"],
        [tuple(area) for area in facts["merged"]],
        facts["hidden_rows"],
        facts["hidden_columns"],
        [ReadCell(*each) for each in facts["cells"]],
    )
