"""A real PostgreSQL and a real Valkey (or Redis) for one data folder, without installing any."""

import contextlib
import functools
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from binaries import copy_for_others, find_postgres, find_valkey, other_user, outside, within_reach
from folder import Folder
from supervisor import PROC, Child, Supervisor, Trouble, spawn, tail

NAME = "tonggou"  # of the database and of its owner
OLDEST_POSTGRES = 15
LOOPBACK = "127.0.0.1"
# Below the ports the kernel hands to outgoing connections: a client that retries a server
# being restarted must not meet itself on that server's port.
PORTS = range(20000, 30000)


def free_port(wanted: int | None) -> int:
    """The wanted port when it is free, else another."""
    while True:
        port = wanted or secrets.choice(PORTS)
        try:
            socket.create_server((LOOPBACK, port)).close()
        except OSError:
            wanted = None
        else:
            return port


def sparse_environment() -> dict[str, str]:
    """What a server needs to know; PGDATA, LC_ALL or a token in ours are not its business."""
    return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "TZ": "UTC"}


class Postgres:
    """One PostgreSQL cluster: a password of its own, TCP on the loopback, no sockets."""

    def __init__(self, folder: Path, log: Path, *, durable: bool) -> None:
        self.binaries, self.log, self.durable = find_postgres(), log, durable
        version = subprocess.run(
            [self.binaries / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
        self.version = version.split()[2]
        self.major = int(re.split(r"\D", self.version)[0])
        if self.major < OLDEST_POSTGRES:
            raise Trouble(f"PostgreSQL {self.version} 太旧，需要 {OLDEST_POSTGRES} 以上版本。")
        self.home = folder / f"postgres-{self.major}"
        self.user = other_user(self.home)
        clone = folder.parents[1]
        if self.user and not within_reach(self.user, folder):
            place = outside(clone) / folder.name
            place.mkdir(mode=0o755, exist_ok=True)
            self.home = place / self.home.name
            self.user = other_user(self.home)
        parts = [self.binaries, *self.binaries.parent.glob("lib")]
        if self.user and not within_reach(self.user, *parts):
            self.binaries = copy_for_others(self.binaries, self.version, outside(clone))
        self.child: Child | None = None

    @property
    def data(self) -> Path:
        return self.home / "data"

    def _run(self, command: list[object], text: str = "") -> None:
        whom: dict[str, Any] = {}
        if self.user:
            whom = {"user": self.user.pw_uid, "group": self.user.pw_gid, "extra_groups": []}
        process = spawn(
            list(map(str, command)), sparse_environment(), signal.SIGKILL, cwd=self.home,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **whom,
        )  # fmt: skip
        output, _ = process.communicate(text.encode())
        if process.returncode != 0:
            raise Trouble(f"PostgreSQL 的数据目录建立失败：\n{output.decode(errors='replace')}")

    def create(self) -> None:
        """Make the cluster and its database; it takes its final name when complete."""
        if self.data.exists():
            return
        shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(mode=0o700)
        password, half = self.home / "password", self.home / "new"
        password.touch(mode=0o600)
        password.write_text(secrets.token_hex(24))
        if self.user:
            for path in (self.home, password):
                os.chown(path, self.user.pw_uid, self.user.pw_gid)
        locale = ["--encoding=UTF8", "--locale=C.UTF-8"]
        if self.major >= 17:
            locale += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        self._run([
            self.binaries / "initdb", "-D", half, f"--username={NAME}", f"--pwfile={password}",
            "--auth=scram-sha-256", *locale, *([] if self.durable else ["--no-sync"]),
        ])  # fmt: skip
        single = [self.binaries / "postgres", "--single", "-D", half]
        self._run([*single, "template1"], f"CREATE DATABASE {NAME}\n")
        half.rename(self.data)

    def start(self, supervisor: Supervisor, wanted_port: int | None) -> int:
        """Start it; the port it listens on."""
        for attempt in range(3):
            self.create()
            port = free_port(wanted_port if attempt == 0 else None)
            self.child = self._child(port)
            if supervisor.start(self.child, self._is_ready):
                return port
            if not self.durable:  # without fsync a power cut may have spoilt it
                shutil.rmtree(self.home)
        raise Trouble(f"PostgreSQL 没有启动成功，日志的最后几行：\n{tail(self.log)}")

    def url(self, port: int) -> str:
        password = (self.home / "password").read_text()
        return f"postgres://{NAME}:{password}@{LOOPBACK}:{port}/{NAME}"

    def _child(self, port: int) -> Child:
        settings = {
            "listen_addresses": LOOPBACK,
            "port": port,
            "unix_socket_directories": "",
            "max_connections": 120,
            "shared_buffers": "128MB",
            "synchronous_commit": "on",
            "fsync": "on" if self.durable else "off",
            "full_page_writes": "on" if self.durable else "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return Child(
            name="postgres", title="PostgreSQL", log=self.log, cwd=self.home,
            command=[str(self.binaries / "postgres"), "-D", str(self.data), *options],
            env=sparse_environment(),
            user=self.user.pw_uid if self.user else None,
            group=self.user.pw_gid if self.user else None,
            # "Fast": ends the sessions, writes a checkpoint; SIGTERM would wait for clients.
            stop_signal=signal.SIGINT, patience=60, prepare=self._clear_the_way,
        )  # fmt: skip

    def _is_ready(self) -> bool:
        """PostgreSQL itself writes "ready" on the eighth line of its lock file."""
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return False
        process = self.child.process if self.child else None
        is_ours = process is not None and lines[:1] == [str(process.pid)]
        return is_ours and len(lines) > 7 and lines[7].strip() == "ready"

    def _clear_the_way(self) -> None:
        """End what a killed postmaster left on these data, then drop its lock file.

        Its number may belong to a zombie or to a stranger by now, and PostgreSQL would
        refuse to start. The file goes only once nothing works in the data folder.
        """
        if not (PROC / "self").exists():
            return
        deadline = time.monotonic() + 10
        while left := self._processes_inside():
            number = signal.SIGQUIT if time.monotonic() < deadline else signal.SIGKILL
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _processes_inside(self) -> list[int]:
        """A postmaster and all its processes work in the data folder."""
        found, inside = [], self.data.resolve()
        for folder in PROC.glob("[0-9]*"):
            with contextlib.suppress(OSError):
                is_inside = (folder / "cwd").readlink() == inside
                if is_inside and (folder / "comm").read_text() == "postgres\n":
                    found.append(int(folder.name))
        return found


class Valkey:
    """One Valkey with a password, every write appended to its file."""

    def __init__(self, folder: Path, log: Path, password: str, *, durable: bool) -> None:
        self.binary, self.log, self.password, self.durable = find_valkey(), log, password, durable
        version = subprocess.run(
            [self.binary, "--version"], capture_output=True, text=True, check=True
        ).stdout
        # "Valkey server v=9.1.2 ..."; an older one cannot read a younger one's files.
        found = re.search(r"(\w+) server v=(\d+)", version)
        self.home = folder / ("-".join(found.groups()).lower() if found else "valkey")

    def start(self, supervisor: Supervisor, wanted_port: int | None) -> int:
        """Start it; the port it listens on."""
        if not self.durable:  # yesterday's queue is nothing to a test
            shutil.rmtree(self.home, ignore_errors=True)
        self.home.mkdir(mode=0o700, exist_ok=True)
        for attempt in range(3):
            port = free_port(wanted_port if attempt == 0 else None)
            child = Child(
                name="valkey", title="Valkey", log=self.log, cwd=self.home,
                command=[str(self.binary), str(self._write_settings(port))],
                env=sparse_environment(),
            )  # fmt: skip
            ready = functools.partial(self._is_ready, port)
            if supervisor.start(child, ready, seconds=60):
                return port
        raise Trouble(f"Valkey 没有启动成功，日志的最后几行：\n{tail(self.log)}")

    def url(self, port: int) -> str:
        return f"redis://:{self.password}@{LOOPBACK}:{port}/0"

    def _write_settings(self, port: int) -> Path:
        """A file rather than arguments: `ps` shows those to everybody.

        A process title would be written over the environment, where the mark is.
        """
        settings = self.home / "valkey.conf"
        settings.touch(mode=0o600)
        settings.write_text(
            f"bind {LOOPBACK}\nport {port}\nrequirepass {self.password}\n"
            'dir .\nappendonly yes\nsave ""\nmaxmemory-policy noeviction\nset-proc-title no\n'
        )
        return settings

    def _is_ready(self, port: int) -> bool:
        try:
            with socket.create_connection((LOOPBACK, port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while chunk := connection.recv(64):
                    answer += chunk
                    if b"PONG" in answer or b"-" in answer:
                        break
                return b"+PONG" in answer
        except OSError:
            return False


def running_servers(folder: Folder) -> dict[str, str]:
    """The environment that `start_servers` gave, for a command beside servers that are up."""
    known, env = folder.remembered(), dict(os.environ)
    env["SECRET_KEY"] = env.get("SECRET_KEY") or known["secret_key"]
    if not env.get("DATABASE_URL"):
        database = Postgres(folder.path, folder.log("postgres"), durable=True)
        env["DATABASE_URL"] = database.url(known["postgres_port"])
    if not env.get("REDIS_URL"):
        broker = Valkey(folder.path, folder.log("valkey"), known["valkey_password"], durable=True)
        env["REDIS_URL"] = broker.url(known["valkey_port"])
    return env


def start_servers(supervisor: Supervisor, folder: Folder, *, durable: bool) -> dict[str, str]:
    """Start what the environment does not name; the environment for everything else."""
    known, env = folder.remembered(), dict(os.environ)
    env["SECRET_KEY"] = env.get("SECRET_KEY") or known["secret_key"]
    if not env.get("DATABASE_URL"):
        database = Postgres(folder.path, folder.log("postgres"), durable=durable)
        port = known["postgres_port"] = database.start(supervisor, known.get("postgres_port"))
        env["DATABASE_URL"] = database.url(port)
    if not env.get("REDIS_URL"):
        password = known["valkey_password"]
        broker = Valkey(folder.path, folder.log("valkey"), password, durable=durable)
        port = known["valkey_port"] = broker.start(supervisor, known.get("valkey_port"))
        env["REDIS_URL"] = broker.url(port)
    folder.remember(known)
    return env
