"""Hosts made of network namespaces on one bridge; their processes, and their ways to die."""

import fcntl
import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings

from tests import beside

# Used inside these namespaces and on their bridge only; there is no way on from there.
NETWORK, BRIDGE = "10.77.0", "tonggou"
WEB_PORT, PATIENCE = 8000, 5


def ip(*words: str) -> Any:
    """One `ip` command; what it lists."""
    done = subprocess.run(["ip", "-json", *words], capture_output=True, text=True, check=True)
    return json.loads(done.stdout or "[]")


def refuse(why: str) -> None:
    """Where these tests are meant to run, not running them is a failure; elsewhere a machine that
    may make no network namespaces (no root, no `ip`) cannot run them, and says so.
    """
    if os.environ.get("CI"):
        pytest.fail(f"{why}: .ci/run prepares it")
    pytest.skip(why)


class Host:
    """One namespace with an address, a cable to the bridge, and the processes started in it."""

    def __init__(self, network: "Network", name: str, number: int) -> None:
        self.network, self.name = network, f"{BRIDGE}-{name}"
        self.address = f"{NETWORK}.{number}"
        self.processes: list[subprocess.Popen] = []
        ip("netns", "add", self.name)
        inside = ("peer", "name", "eth0", "netns", self.name)
        ip("link", "add", self.name, "type", "veth", *inside)
        ip("-netns", self.name, "address", "add", f"{self.address}/24", "dev", "eth0")
        for device in ("lo", "eth0"):
            ip("-netns", self.name, "link", "set", device, "up")
        ip("link", "set", self.name, "master", BRIDGE, "up")

    def start(self, *command: str) -> None:
        """A Python of ours with `command` as its arguments, on this host."""
        env = self.network.environment | {
            "ALLOWED_HOSTS": self.address,
            # What libpq calls itself to the server: `backends` tells the hosts apart by it.
            "PGAPPNAME": self.name,
        }
        inside = ["ip", "netns", "exec", self.name, sys.executable, *command]
        self.processes.append(
            subprocess.Popen(inside, env=env, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL)
        )

    def ask(self, method: str, path: str, body: str = "", **head: str) -> tuple[int, str]:
        """One request from outside. Raises OSError and HTTPException."""
        line = http.client.HTTPConnection(self.address, WEB_PORT, timeout=PATIENCE)
        try:
            line.request(method, path, body, head)
            answer = line.getresponse()
            return answer.status, answer.read().decode()
        finally:
            line.close()

    def unplug(self) -> None:
        """From now on nothing comes or goes, no end of a connection either."""
        ip("link", "set", self.name, "down")

    def kill(self) -> None:
        end_all_in(self.name)
        for process in self.processes:
            process.wait(timeout=10)

    def remove(self) -> None:
        self.kill()
        ip("netns", "delete", self.name)


def end_all_in(namespace: str) -> None:
    listing = ["ip", "netns", "pids", namespace]
    while pids := subprocess.run(listing, capture_output=True, check=True).stdout.split():
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        time.sleep(0.02)


class Network:
    """The bridge, and on it the way to the servers of this test run."""

    environment: dict[str, str]

    def __enter__(self) -> "Network":
        if os.geteuid() != 0 or not shutil.which("ip"):
            refuse("network namespaces want root and iproute2")
        with ExitStack() as started:
            # Two runs on one machine take turns; a killed run lets go of the lock.
            lock = Path(tempfile.gettempdir(), "tonggou-many-hosts.lock").open("w")
            fcntl.flock(started.enter_context(lock), fcntl.LOCK_EX)
            self.clear()
            started.callback(self.clear)
            self._lay_bridge()
            self._build(started)
            self.hosts, self._opened = 0, started.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self.clear()  # before the way to the servers goes, and they all complain
        self._opened.close()

    def _lay_bridge(self) -> None:
        ways = [each["dst"] for each in ip("route", "show", "match", f"{NETWORK}.1")]
        if ways not in ([], ["default"]):
            refuse(f"{NETWORK}.0/24 is in use on this machine")
        try:
            ip("link", "add", BRIDGE, "type", "bridge")
            ip("address", "add", f"{NETWORK}.1/24", "dev", BRIDGE)
            ip("link", "set", BRIDGE, "up")
            Host(self, "probe", 250).remove()
        except subprocess.CalledProcessError as error:
            refuse(f"no hosts to be made on this machine ({error.stderr.strip()})")

    def _build(self, started: ExitStack) -> None:
        env = beside.environment(TONGGOU_DEMO="0")
        urls = {name: urlsplit(env[name]) for name in ("DATABASE_URL", "REDIS_URL")}
        targets = [f"{url.hostname}:{url.port}" for url in urls.values()]
        forwarder = subprocess.Popen(
            [sys.executable, "-m", "tests.races.forwarder", BRIDGE, f"{NETWORK}.1", *targets],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.callback(forwarder.communicate)  # its standard input ends, and so does it
        ports = forwarder.stdout.readline().split()
        for (name, url), port in zip(urls.items(), ports, strict=True):
            login, _at, _server = url.netloc.rpartition("@")
            env[name] = url._replace(netloc=f"{login}@{NETWORK}.1:{port}").geturl()
        self.environment = env

    def host(self, name: str) -> Host:
        self.hosts += 1
        return Host(self, name, 10 + self.hosts)

    def web(self, name: str) -> Host:
        host = self.host(name)
        host.start(
            *("-m", "granian", "--interface", "wsgi", "--host", host.address),
            *("--port", str(WEB_PORT), "--workers", "1", "--blocking-threads", "4"),
            *("--log-level", "error", "governance.wsgi:application"),
        )
        return host

    def worker(self, name: str) -> Host:
        host = self.host(name)
        host.start(
            *("-m", "celery", "-A", "governance", "worker", "--hostname", f"{name}@tonggou"),
            *("--pool", "threads", "--concurrency", "2", "--without-gossip", "--without-mingle"),
            *("--loglevel", "CRITICAL"),
        )
        return host

    def beat(self, name: str, schedule: Path) -> Host:
        host = self.host(name)
        clock = ("-m", "celery", "-A", "governance", "beat", "--loglevel", "ERROR")
        host.start(*clock, "--pidfile=", "--schedule", str(schedule))
        return host

    def clear(self) -> None:
        """End and remove all there is of these hosts, an earlier run's too."""
        for each in ip("netns", "list"):
            if each["name"].startswith(f"{BRIDGE}-"):
                end_all_in(each["name"])
                ip("netns", "delete", each["name"])
        ours = [each["ifname"] for each in ip("link", "show")]
        for name in ours:
            if name == BRIDGE or name.startswith(f"{BRIDGE}-"):
                with suppress(subprocess.CalledProcessError):  # gone with its namespace meanwhile
                    ip("link", "delete", name)
