"""Three hundred open pages while reports come in, one a second: `make viewers`.

A hundred on the street's page, two hundred on the pages of ten communities, each a person and a
session of its own, asking and fetching exactly as `static/js/live.js` does. Three stretches of one
run: nobody looks; three hundred open pages; three hundred people who reload their page instead.
What viewers cost is what a stretch uses more than the first one: processor seconds of all
processes of the house, which strangers on the machine do not change.
"""

import asyncio
import json
import os
import random
import re
import sys
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.settings"

import django

django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from bench.servers import house  # noqa: E402
from bench.stopwatch import percentile  # noqa: E402
from bench.world import drain_all, long_ago  # noqa: E402
from reports import obligations  # noqa: E402
from reports.catalogue import publish_all  # noqa: E402
from reports.models import Period  # noqa: E402
from tests import factories as f  # noqa: E402
from units.kinds import Duty  # noqa: E402
from units.models import Device  # noqa: E402

COMMUNITIES, BUILDINGS = 10, 40
AT_STREET, AT_COMMUNITY = 100, 20
SECONDS = 40
TICKS = os.sysconf("SC_CLK_TCK")
_TOLD = re.compile(r"(\d+)/(\d+) 楼组")
_TOKEN = re.compile(r'data-live-version="/live/([^/"]+)/"')


@dataclass
class Viewer:
    """`seen` are (moment, how many reports the screen says have come in)."""

    url: str
    cookie: str
    community: int | None
    token: str = ""
    seen: list[tuple[float, int]] = field(default_factory=list)
    failures: int = 0


@dataclass
class Changes:
    """Reports in the order they were accepted: (moment, community, its count, the street's)."""

    accepted: list[tuple[float, int, int, int]] = field(default_factory=list)


class Line:
    """One kept-alive connection of a browser."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, path: str, *, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        told = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        content = await reader.readexactly(int(told.get("content-length", "0")))
        return int(head[0].split()[1]), told, content.decode()

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()


def plant() -> tuple[list[Viewer], list[list[tuple[str, str]]], Period]:
    """The viewers, and of each community (code of a building, header of who files for it)."""
    now, street = timezone.now(), f.street()
    publish_all(at=now)
    halves = (BUILDINGS // 2, BUILDINGS // 2)
    made = [f.compound(halves, floors=0, at=long_ago()) for _each in range(COMMUNITIES)]
    viewers, filers = [], []
    for number, community in enumerate(made):
        url = reverse("community-board", kwargs={"code": community.code})
        for _each in range(AT_COMMUNITY):
            user = f.post(Duty.STAFF, place=f.root(community), since=long_ago()).user
            viewers.append(Viewer(url, _cookie(user), number))
        filers.append([_filer(f.building(community, n + 1)) for n in range(BUILDINGS)])
    for _each in range(AT_STREET):
        user = f.post(Duty.STREET_VIEWER, division=street, since=long_ago()).user
        url = reverse("street-board", kwargs={"code": street.code})
        viewers.append(Viewer(url, _cookie(user), None))
    period = obligations.open_week(at=now)
    drain_all()
    return viewers, filers, period


def _cookie(user: object) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def _filer(place: object) -> tuple[str, str]:
    user = f.post(Duty.RESIDENT_LEADER, place=place, since=long_ago()).user
    token = f"viewers-{user.pk}"
    Device.objects.create(
        user=user, token_hash=Device.hash_of(token), label="bench", made_at=timezone.now()
    )
    return place.code, f"Device {token}"


async def report(port: int, filers: list, period: str, changes: Changes, until: float) -> None:
    """One report a second, in one community after the other."""
    line, number = Line(port), len(changes.accepted)
    while time.monotonic() < until:
        began = time.monotonic()
        community = number % COMMUNITIES
        place, header = filers[community][number // COMMUNITIES]
        body = json.dumps({"place": place, "period": period, "nil": True}).encode()
        status, _told, answer = await line.ask(
            f"/api/filings/{uuid4()}/", method="PUT", body=body,
            Authorization=header, Content_Type="application/json",
        )  # fmt: skip
        if status != 201:
            raise SystemExit(f"没有收下：{status} {answer[:200]}")
        number += 1
        of_community = number // COMMUNITIES + (number % COMMUNITIES > community)
        told = (time.monotonic(), community, of_community, number)
        changes.accepted.append(told)
        await asyncio.sleep(max(0, 1 - (time.monotonic() - began)))
    line.close()


def _read(viewer: Viewer, html: str) -> None:
    found = _TOLD.search(html)
    if found:
        viewer.seen.append((time.monotonic(), int(found[1])))


async def open_all(port: int, viewers: list[Viewer]) -> None:
    """Each its page, a few at a time; what that takes is not what looking takes."""
    few = asyncio.Semaphore(4)

    async def one(viewer: Viewer) -> None:
        async with few:
            line = Line(port)
            _status, _head, page = await line.ask(viewer.url, Cookie=viewer.cookie)
            viewer.token = _TOKEN.search(page)[1]
            _read(viewer, page)
            line.close()

    await asyncio.gather(*map(one, viewers))


async def watch(port: int, viewer: Viewer, until: float) -> None:
    """As live.js: a version about once a second, the fragment when it is another."""
    line, token, shown = Line(port), viewer.token, None
    await asyncio.sleep(random.random())
    while time.monotonic() < until:
        try:
            status, _head, version = await line.ask(f"/live/{token}/")
            if status != 200:
                viewer.failures += 1
            elif shown is not None and version != shown:
                asked = {"X-Part": "figures", "X-Live": token, "X-Version": version}
                _status, head, part = await line.ask(viewer.url, Cookie=viewer.cookie, **asked)
                shown = head.get("x-version", version)
                _read(viewer, part)
            else:
                shown = version
        except (OSError, asyncio.IncompleteReadError):
            viewer.failures += 1
            line = Line(port)
        await asyncio.sleep(0.8 + random.random() * 0.2)
    line.close()


async def reload(port: int, viewer: Viewer, until: float, done: list[int]) -> None:
    """Somebody who reloads the page a second after it came."""
    line = Line(port)
    await asyncio.sleep(random.random())
    while time.monotonic() < until:
        with suppress(asyncio.TimeoutError, OSError, asyncio.IncompleteReadError):
            await asyncio.wait_for(line.ask(viewer.url, Cookie=viewer.cookie), 30)
            done[0] += 1
        await asyncio.sleep(0.8 + random.random() * 0.2)
    line.close()


def _stat(pid: int) -> tuple[int, float]:
    """(parent, processor seconds, with those of children that ended)."""
    told = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(told[1]), sum(map(int, told[11:15])) / TICKS


def busy(*roots: int) -> float:
    """Processor seconds of these processes and all below them."""
    parents, used = {}, {}
    for each in Path("/proc").iterdir():
        if each.name.isdecimal():
            with suppress(OSError):
                parents[int(each.name)], used[int(each.name)] = _stat(int(each.name))
    tree = set(roots)
    while more := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return sum(used.get(pid, 0) for pid in tree)


@dataclass
class Used:
    """Cores: processor seconds a second."""

    house: float
    database: float


class Meter:
    def __init__(self) -> None:
        mine = os.getpid()
        everything = [int(p.name) for p in Path("/proc").iterdir() if p.name.isdecimal()]
        children = []
        for pid in everything:
            with suppress(OSError):
                children += [pid] if _stat(pid)[0] == mine else []
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            self._postmaster = _stat(cursor.fetchone()[0])[0]
        self._children = children

    def __enter__(self) -> "Meter":
        self._began = time.monotonic(), busy(*self._children), busy(self._postmaster)
        return self

    def __exit__(self, *_error: object) -> None:
        at, house_, database = self._began
        took = time.monotonic() - at
        self.used = Used(
            (busy(*self._children) - house_) / took, (busy(self._postmaster) - database) / took
        )


def delays(viewers: list[Viewer], changes: Changes, since: float) -> tuple[list[float], int]:
    """From accepted to on the screen, of each change and each who watches; and how many never."""
    found, never = [], 0
    for at, community, of_community, of_street in changes.accepted:
        if at < since:
            continue
        for viewer in viewers:
            if viewer.community not in (None, community):
                continue
            wanted = of_street if viewer.community is None else of_community
            shown = next((when for when, count in viewer.seen if count >= wanted), None)
            if shown is None:
                never += 1
            else:
                found.append(max(shown - at, 0))
    return found, never


async def _together(*coroutines: object) -> None:
    await asyncio.gather(*coroutines)


def main() -> None:
    viewers, filers, period = plant()
    changes = Changes()
    with house() as port:
        meter = Meter()
        asyncio.run(_warm_up(port, viewers))
        with meter:
            asyncio.run(report(port, filers, period.key, changes, time.monotonic() + SECONDS))
        alone = meter.used
        asyncio.run(open_all(port, viewers))
        since = time.monotonic() + 2
        with meter:
            end = time.monotonic() + SECONDS
            watching = [watch(port, viewer, end + 3) for viewer in viewers]
            asyncio.run(_together(report(port, filers, period.key, changes, end), *watching))
        looked = meter.used
        took, never = delays(viewers, changes, since)
        done, began = [0], time.monotonic()
        with meter:
            end = time.monotonic() + SECONDS / 2
            loading = [reload(port, viewer, end, done) for viewer in viewers]
            asyncio.run(_together(report(port, filers, period.key, changes, end), *loading))
        loads = done[0] / (time.monotonic() - began)
        reloaded = meter.used
    _print(alone, looked, reloaded, loads, took, never, sum(v.failures for v in viewers))


async def _warm_up(port: int, viewers: list[Viewer]) -> None:
    for viewer in (viewers[0], viewers[-1]):
        for _each in range(6):
            await Line(port).ask(viewer.url, Cookie=viewer.cookie)


def _print(
    alone: Used, looked: Used, reloaded: Used, loads: float,
    took: list[float], never: int, failures: int,
) -> None:  # fmt: skip
    cost, database = looked.house - alone.house, looked.database - alone.database
    each = (reloaded.house - alone.house) / max(loads, 0.1)
    print(f"每秒收一份报告，{AT_STREET}人开着街道总览，{COMMUNITIES * AT_COMMUNITY}人开着"
          f"{COMMUNITIES}个居民区，每段{SECONDS}秒；负载 {os.getloadavg()[0]:.1f}")  # fmt: skip
    print("                         网页、后台、定时   PostgreSQL   （% 一个核）")
    for name, used in (("没有人看", alone), ("300人开着", looked), ("300人整页刷新", reloaded)):
        print(f"{name:　<10}           {used.house * 100:8.1f}     {used.database * 100:8.1f}")
    print(f"300人多用                {cost * 100:8.1f}     {database * 100:8.1f}")
    print(f"整页刷新：每秒做到{loads:.0f}次，一次{each * 1000:.1f} ms；"
          f"300人每秒一次要 {each * 300 * 100:.0f}%")  # fmt: skip
    print(f"收下到屏幕变：{len(took)}次，中位 {percentile(took, 50):.2f} 秒，"
          f"p95 {percentile(took, 95):.2f} 秒，最长 {max(took, default=0):.2f} 秒；"
          f"没有看到的 {never}，没有答的 {failures}")  # fmt: skip
    for goal, is_met in (
        ("收下到屏幕变 p95 ≤ 1.5 秒", percentile(took, 95) <= 1.5 and not never),
        ("300人多用 ≤ 一个核的 10%", cost <= 0.10),
    ):
        print("  做到 " if is_met else "  未到 ", goal)


if __name__ == "__main__":
    connection.creation.create_test_db(verbosity=0, autoclobber=True)
    name = connection.settings_dict["NAME"]
    try:
        if sys.argv[1:] == ["--quick"]:
            SECONDS = 12
        main()
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
