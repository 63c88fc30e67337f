"""Browsers that keep a page open, or reload it: what each shows, and when it showed it."""

import asyncio
import gzip
import random
import re
import time
from contextlib import suppress
from dataclasses import dataclass, field

_TOLD = re.compile(r"(\d+)/(\d+) 楼组")
_TOKEN = re.compile(r'data-live-version="/live/([^/"]+)/"')


class Line:
    """One kept-alive connection of a browser."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(
        self, path: str, *, method: str = "GET", body: bytes = b"", **headers: str
    ) -> tuple[int, dict[str, str], str]:
        """As browsers do, once more when a connection that was kept had been closed meanwhile."""
        lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        asked = "\r\n".join([*lines, "", ""]).encode() + body
        was_kept = self._streams is not None
        try:
            return await self._ask(asked)
        except (OSError, asyncio.IncompleteReadError) as error:
            self.close()
            if not was_kept or getattr(error, "partial", b""):
                raise
            return await self._ask(asked)

    async def _ask(self, asked: bytes) -> tuple[int, dict[str, str], str]:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        writer.write(asked)
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        told = dict(line.lower().split(": ", 1) for line in head[1:] if ": " in line)
        content = await reader.readexactly(int(told.get("content-length", "0")))
        if told.get("content-encoding") == "gzip":
            content = gzip.decompress(content)
        return int(head[0].split()[1]), told, content.decode()

    def close(self) -> None:
        if self._streams:
            self._streams[1].close()
        self._streams = None


@dataclass
class Viewer:
    """A person with a session and a page of its own; `community` is None for the street's.

    `seen` are (moment, how many reports the screen says have come in).
    """

    url: str
    cookie: str
    community: int | None
    token: str = ""
    seen: list[tuple[float, int]] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    asked: int = 0
    line: Line | None = None

    async def get(self, **headers: str) -> tuple[int, dict[str, str], str]:
        headers = {"Cookie": self.cookie, "Accept-Encoding": "gzip, deflate, br"} | headers
        return await self.line.ask(self.url, **headers)

    def read(self, html: str) -> None:
        found = _TOLD.search(html)
        if found:
            self.seen.append((time.monotonic(), int(found[1])))


async def open_all(port: int, viewers: list[Viewer]) -> None:
    """Each its page, a few at a time; what that takes is not what looking takes."""
    few = asyncio.Semaphore(4)

    async def one(viewer: Viewer) -> None:
        async with few:
            viewer.line = Line(port)
            _status, _head, page = await viewer.get()
            viewer.token = _TOKEN.search(page)[1]
            viewer.read(page)

    await asyncio.gather(*map(one, viewers))


async def watch(viewer: Viewer, until: float) -> None:
    """As live.js: about once a second, whether what is shown is still so."""
    shown = ""
    await asyncio.sleep(random.random())
    while time.monotonic() < until:
        asked = {"X-Part": "figures", "X-Live": viewer.token, "X-Shown": shown}
        try:
            status, head, part = await viewer.get(**asked)
            viewer.asked += 1
            if status in (200, 204):
                shown = head["x-version"]
                viewer.read(part)
            else:
                viewer.failures.append(str(status))
        except (OSError, asyncio.IncompleteReadError) as error:
            viewer.failures.append(type(error).__name__)
        await asyncio.sleep(0.9 + random.random() * 0.2)


async def reload(viewer: Viewer, until: float, done: list[int]) -> None:
    """Somebody who reloads the page a second after it came."""
    await asyncio.sleep(random.random())
    while time.monotonic() < until:
        with suppress(asyncio.TimeoutError, OSError, asyncio.IncompleteReadError):
            status, _head, _page = await asyncio.wait_for(viewer.get(), 30)
            done[0] += status == 200 and time.monotonic() < until
        await asyncio.sleep(0.9 + random.random() * 0.2)
    viewer.line.close()
