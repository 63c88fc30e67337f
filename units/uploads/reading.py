"""Reading a workbook in a process apart: plain cells come back, whatever is in the file."""

import json
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from units.refusals import Refusal
from units.uploads import child, guard

_HOME = Path(__file__).resolve().parents[2]
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
    limits = (str(guard.MOST_ROWS), str(guard.MOST_COLUMNS))
    # Without site-packages, of which it needs nothing: that is most of the time that Python takes.
    command = [sys.executable, "-S", "-B", "-m", "units.uploads.child", *limits]
    try:
        done = subprocess.run(  # noqa: S603 (our own program; the file goes in by the pipe)
            command,
            input=content,
            capture_output=True,
            timeout=_PATIENCE,
            cwd=_HOME,
            env={"PYTHONIOENCODING": "utf-8"},
            check=True,
        )
        found = [_sheet(each) for each in json.loads(done.stdout)]
    except subprocess.CalledProcessError as error:
        raise _why(error.returncode) from error
    except (subprocess.SubprocessError, ValueError) as error:
        raise guard.unreadable() from error
    if not found:
        raise guard.unreadable()
    return found


def _why(ended: int) -> Refusal:
    is_too_much = ended in (child.TOO_MUCH, -signal.SIGXCPU, -signal.SIGKILL)
    return guard.too_many_cells() if is_too_much else guard.unreadable()


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
