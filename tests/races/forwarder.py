"""The host that keeps PostgreSQL and Valkey, seen from the others: TCP from a bridge to loopback.

`python -m tests.races.forwarder BRIDGE ADDRESS HOST:PORT…` prints the ports it listens on, one for
each HOST:PORT, and ends when its standard input does: with whoever started it.
"""

import asyncio
import contextlib
import functools
import socket
import sys

# A peer that fell silent is given up after so many seconds, as `deploy/README.md` asks of servers.
# This end stands for the server's; the server itself only ever sees loopback.
SILENCE = 6


def keep_asking(end: socket.socket) -> None:
    tcp = socket.IPPROTO_TCP
    end.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    end.setsockopt(tcp, socket.TCP_KEEPIDLE, SILENCE - 2)
    end.setsockopt(tcp, socket.TCP_KEEPINTVL, 1)
    end.setsockopt(tcp, socket.TCP_KEEPCNT, 2)
    end.setsockopt(tcp, socket.TCP_USER_TIMEOUT, SILENCE * 1000)


async def pour(from_: asyncio.StreamReader, to: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError), contextlib.closing(to):
        while chunk := await from_.read(65536):
            to.write(chunk)
            await to.drain()


async def forward(
    host: str, port: str, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    keep_asking(writer.get_extra_info("socket"))
    try:
        there, back = await asyncio.open_connection(host, int(port))
    except OSError:
        writer.close()
        return
    with contextlib.suppress(asyncio.CancelledError):  # the end of everything
        await asyncio.gather(pour(reader, back), pour(there, writer))


async def main(bridge: str, address: str, *targets: str) -> None:
    for target in targets:
        door = socket.create_server((address, 0))
        # Reached from that bridge alone, whatever else this machine is connected to.
        door.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, bridge.encode())
        await asyncio.start_server(functools.partial(forward, *target.split(":")), sock=door)
        sys.stdout.write(f"{door.getsockname()[1]} ")
    sys.stdout.write("\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
