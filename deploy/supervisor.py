"""Child processes under one parent: started, watched, started again, never left behind.

Every child carries its data folder in the environment (`MARK`), so whatever a killed
supervisor left behind is found by that mark, whoever its parent has become meanwhile.
"""

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

MARK = "TONGGOU_SUPERVISED"
LOG_LIMIT = 20 * 1024 * 1024
SHORTEST_PAUSE, LONGEST_PAUSE = 0.5, 5.0
PROC = Path("/proc")
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


class Trouble(Exception):
    """Something the user has to be told; the message is a Chinese sentence."""


class Interrupted(Exception):
    """Somebody asked us to stop (Ctrl-C, SIGTERM, a closed terminal)."""


def say(sentence: str) -> None:
    """Tell the user; a terminal that went away must not take the servers with it."""
    with contextlib.suppress(OSError):
        print(sentence, flush=True)


def tail(log: Path, lines: int = 30) -> str:
    """The last lines of a log, for an error message."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


@dataclass
class Child:
    """A long-lived process and how it wants to be treated."""

    name: str
    title: str
    command: list[str]
    log: Path
    cwd: Path
    env: Mapping[str, str]
    user: int | None = None
    group: int | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    patience: float = 10.0
    prepare: Callable[[], None] = lambda: None
    process: subprocess.Popen[bytes] | None = None
    shortest_pause: float = SHORTEST_PAUSE
    pause: float = 0.0
    started: float = 0.0
    due: float | None = None

    def spawn(self, mark: str) -> None:
        self.prepare()
        with self.log.open("ab") as log:
            self.process = spawn(
                self.command,
                {**self.env, MARK: mark},
                self.stop_signal,
                cwd=self.cwd,
                user=self.user,
                group=self.group,
                extra_groups=None if self.user is None else [],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self.started, self.due = time.monotonic(), None

    def ended(self) -> bool:
        return self.process is None or finished(self.process)


def spawn(
    command: list[str], env: Mapping[str, str], on_orphaned: signal.Signals, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a process in a session of its own (the terminal's Ctrl-C is ours to pass on).

    On Linux the kernel sends it `on_orphaned` when we die, however we die. The request is
    tied to the thread that forks, so everything here is started by the main thread.
    """
    supervisor = os.getpid()

    def follow_into_death() -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(on_orphaned))
            if os.getppid() != supervisor:
                os._exit(1)

    return subprocess.Popen(
        command, env=env, start_new_session=True, preexec_fn=follow_into_death, **options
    )


def signal_group(pid: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def finished(process: subprocess.Popen[bytes]) -> bool:
    """Whether it ended; its own children do not outlive it."""
    if process.poll() is None:
        return False
    signal_group(process.pid, signal.SIGKILL)
    return True


def leftovers(mark: str) -> dict[int, str]:
    """Process numbers and program names of all living processes that carry the mark."""
    entry, found = f"{MARK}={mark}", {}
    if (PROC / "self").exists():
        for folder in PROC.iterdir():
            if not folder.name.isdigit() or int(folder.name) == os.getpid():
                continue
            with contextlib.suppress(OSError):
                if os.fsencode(entry) in (folder / "environ").read_bytes().split(b"\0"):
                    found[int(folder.name)] = (folder / "comm").read_text().strip()
    else:
        listing = subprocess.run(
            ["/bin/ps", "-axEww", "-o", "pid=,command="],
            capture_output=True,
            text=True,
            check=False,
        )
        for line in listing.stdout.splitlines():
            pid, _, command = line.strip().partition(" ")
            if f"{entry} " in f"{command} " and int(pid) != os.getpid():
                found[int(pid)] = Path(command.split()[0]).name
    return found


def sweep(mark: str, patience: float = 8.0) -> int:
    """Stop everything that carries the mark; PostgreSQL by its fast shutdown."""
    found = leftovers(mark)
    for pid, program in found.items():
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGINT if program == "postgres" else signal.SIGTERM)
    deadline = time.monotonic() + patience
    while left := leftovers(mark):
        if time.monotonic() > deadline:
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
    return len(found)


@dataclass
class Supervisor:
    """Keeps children alive until told otherwise. One thread, no more."""

    mark: str
    children: list[Child] = field(default_factory=list)
    signals: list[signal.Signals] = field(default_factory=list)
    _logs_checked: float = 0.0

    def listen(self) -> None:
        """From now on a signal is noted and acted upon between two steps."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if number == signal.SIGHUP and signal.getsignal(number) == signal.SIG_IGN:
                continue  # started under nohup
            signal.signal(number, lambda got, _: self.signals.append(signal.Signals(got)))

    def start(self, child: Child, ready: Callable[[], bool] | None, seconds: float = 300) -> bool:
        """Start a child; True once it is ready, False when it ended or took too long."""
        child.spawn(self.mark)
        self.children.append(child)
        deadline = time.monotonic() + seconds
        while ready is not None and not ready():
            if child.ended() or time.monotonic() > deadline:
                self.children.remove(child)
                self.stop([child])
                return False
            self.keep(0.02)
        return True

    def keep(self, seconds: float) -> None:
        """Look after the children, then rest. Raises Interrupted when asked to stop."""
        if self.signals:
            raise Interrupted
        self._look_after()
        time.sleep(seconds)

    def _look_after(self) -> None:
        now = time.monotonic()
        for child in self.children:
            if child.due is not None:
                if now >= child.due:
                    child.spawn(self.mark)
            elif child.ended():
                self._put_off(child, now)
        if now - self._logs_checked > 10:
            self._logs_checked = now
            for child in self.children:
                shorten(child.log)

    def _put_off(self, child: Child, now: float) -> None:
        if now - child.started > 30:
            child.pause = child.shortest_pause
        child.pause = max(child.pause, child.shortest_pause)
        code = child.process.returncode if child.process else None
        say(f"{child.title}意外退出（{code}），{child.pause:g} 秒后重新启动；日志：{child.log}")
        child.due = now + child.pause
        child.pause = min(child.pause * 2, LONGEST_PAUSE)

    def run(self, command: list[str], env: Mapping[str, str], **streams: IO[bytes]) -> int:
        """Run a command to its end, passing signals on to it; its exit code."""
        process = spawn(command, {**env, MARK: self.mark}, signal.SIGTERM, **streams)
        passed_on, deadline = 0, float("inf")
        while not finished(process):
            self._look_after()
            for number in self.signals[passed_on:]:
                signal_group(process.pid, number)
                passed_on, deadline = passed_on + 1, min(deadline, time.monotonic() + 30)
            if time.monotonic() > deadline:
                signal_group(process.pid, signal.SIGKILL)
            time.sleep(0.02)
        code = process.returncode
        return code if code >= 0 else 128 - code

    def stop(self, children: list[Child] | None = None) -> None:
        """Stop children, the youngest first, each within its patience."""
        for child in reversed(self.children if children is None else children):
            if child.process is None or child.ended():
                continue
            child.process.send_signal(child.stop_signal)
            try:
                child.process.wait(child.patience)
            except subprocess.TimeoutExpired:
                say(f"{child.title}在 {child.patience:g} 秒内没有停下，强行结束。")
            signal_group(child.process.pid, signal.SIGKILL)
            child.process.wait()
        if children is None:
            self.children.clear()
            sweep(self.mark)


def shorten(log: Path) -> None:
    """Keep one old copy of a log that grew beyond the limit (its writer appends)."""
    if log.exists() and log.stat().st_size > LOG_LIMIT:
        shutil.copyfile(log, log.with_suffix(".log.1"))
        os.truncate(log, 0)
