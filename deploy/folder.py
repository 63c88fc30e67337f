"""A data folder of this clone: `.data/demo`, `.data/test`, `.data/test-2` and so on."""

import contextlib
import fcntl
import json
import os
import secrets
from pathlib import Path
from typing import IO, Any

from supervisor import say, sweep

CLONE = Path(__file__).resolve().parents[1]
DATA = CLONE / ".data"


class Folder:
    """One data folder: a lock, what has to be remembered between starts, logs."""

    def __init__(self, name: str) -> None:
        DATA.mkdir(mode=0o755, exist_ok=True)
        self.path = DATA / name
        self.path.mkdir(mode=0o755, exist_ok=True)
        if os.getuid() == 0:  # ours alone, and PostgreSQL's other user has to pass
            for path in (DATA, self.path):
                path.chmod(0o755)
        self.logs = self.path / "log"
        self.logs.mkdir(mode=0o700, exist_ok=True)
        self.lock: IO[str] = (self.path / "lock").open("a+")

    def claim(self) -> bool:
        """Take the folder; False while another supervisor holds it. Its leftovers end."""
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        self.announce()
        if sweep(str(self.path)):
            say("上一次意外中断时留下的进程已经停下。")
        return True

    def is_held(self) -> bool:
        """Whether a supervisor holds the folder; takes nothing."""
        try:
            fcntl.flock(self.lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except OSError:
            return True
        fcntl.flock(self.lock, fcntl.LOCK_UN)
        return False

    def drop_logs(self) -> None:
        for log in self.logs.iterdir():
            log.unlink()

    def announce(self, **facts: str) -> None:
        """Leave word for whoever finds the folder taken."""
        self.lock.truncate(0)
        self.lock.write(json.dumps({"pid": os.getpid(), **facts}))
        self.lock.flush()

    def holder(self) -> dict[str, str]:
        self.lock.seek(0)
        with contextlib.suppress(ValueError):
            return dict(json.loads(self.lock.read()))
        return {}

    def log(self, name: str) -> Path:
        return self.logs / f"{name}.log"

    def remembered(self) -> dict[str, Any]:
        """Secrets and ports, made once and kept."""
        file = self.path / "remembered.json"
        known = json.loads(file.read_text()) if file.exists() else {}
        for name in ("secret_key", "valkey_password"):  # Django wants 50 characters or more
            known.setdefault(name, secrets.token_hex(32))
        return dict(known)

    def remember(self, known: dict[str, Any]) -> None:
        half = self.path / "remembered.new"
        half.unlink(missing_ok=True)
        half.touch(mode=0o600)
        half.write_text(json.dumps(known))
        half.rename(self.path / "remembered.json")
