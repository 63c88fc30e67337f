"""What a workbook made to hurt costs until it is refused: each in a process of its own."""

import multiprocessing
import time
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage

from tests.units.workbook_bombs import BOMBS
from units.refusals import Refusal
from units.uploads import guard, reading


def hand_in(content: bytes) -> tuple[str, float, float, int, int]:
    """(what became of it, seconds, of the processor, MB it added here, MB of the reader)."""
    before, busy, began = getrusage(RUSAGE_SELF).ru_maxrss, _busy(), time.perf_counter()
    try:
        guard.admit(content)
        reading.sheets(content)
        what = "read"
    except Refusal as refused:
        what = refused.code
    seconds, used = time.perf_counter() - began, _busy() - busy
    added = getrusage(RUSAGE_SELF).ru_maxrss - before
    return what, seconds, used, added // 1024, getrusage(RUSAGE_CHILDREN).ru_maxrss // 1024


def _busy() -> float:
    own, children = getrusage(RUSAGE_SELF), getrusage(RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def main() -> None:
    for name, (made, _why) in BOMBS.items():
        content = made()
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            what, seconds, busy, here, reader = pool.apply(hand_in, (content,))
        print(
            f"  {name:32} {len(content) / 1e6:4.1f} MB  {what:28} {seconds:5.2f} s"
            f"   processor {busy:5.2f} s   {here:4} MB here, {reader:3} MB the reader"
        )


if __name__ == "__main__":
    main()
