"""The part of `requirements.lock` that a host in earnest needs: no servers, no tools.

    python deploy/run_time.py > run-time.lock
    pip install --require-hashes -r run-time.lock

The lock says of every package whose sake it is there for: that of `[project] dependencies`, of a
dependency group, or of another package. Needs Python's standard library alone.
"""

import re
import sys
import tomllib
from pathlib import Path

CLONE = Path(__file__).resolve().parents[1]


def run_time(lock: str, project: str) -> str:
    """The blocks of `lock` that `[project] dependencies` lead to, hashes and all."""
    blocks = re.findall(r"^[^\s#].*(?:\n\s+.*)*", lock, flags=re.M)
    names = [re.split(r"[=\s]", block, maxsplit=1)[0] for block in blocks]
    wanted = {f"{project} (pyproject.toml)"}
    while True:
        kept = [n for n, block in enumerate(blocks) if wanted & set(_via(block))]
        if wanted >= (more := {names[n] for n in kept}):
            return "".join(f"{blocks[n]}\n" for n in kept)
        wanted |= more


def _via(block: str) -> list[str]:
    return [line.strip() for line in re.findall(r"#\s+(?:via)?(.*)", block)]


if __name__ == "__main__":
    project = tomllib.loads((CLONE / "pyproject.toml").read_text())["project"]["name"]
    sys.stdout.write(run_time((CLONE / "requirements.lock").read_text(), project))
