"""Runs in a process of its own: reads a workbook from standard input, writes plain JSON.

No database is known here, and what a workbook can do to its reader ends at 256 MB, two seconds of a
processor, and no file or socket besides the two pipes. Run as a module, so that it starts quickly.
"""

import codecs
import json
import resource
import sys

from units.uploads import workbook

MEMORY = 256 * 1024 * 1024
SECONDS = 2
_DESCRIPTORS = 3
# What the process ends with when there is more in it than is read.
TOO_MUCH = 3


def _fence() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # What is imported only when it is used, while files may still be opened.
    for encoding in ("cp437", "latin-1"):
        codecs.lookup(encoding)
    resource.setrlimit(resource.RLIMIT_NOFILE, (_DESCRIPTORS, _DESCRIPTORS))


if __name__ == "__main__":
    _fence()
    try:
        found = workbook.sheets(sys.stdin.buffer.read(), int(sys.argv[1]), int(sys.argv[2]))
    except workbook.TooMuch:
        sys.exit(TOO_MUCH)
    sys.stdout.write(json.dumps(found))
