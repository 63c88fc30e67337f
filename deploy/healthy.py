"""Ask this host's `/healthz/`: exit 0 when all is well, else 1 and what is wrong.

    python deploy/healthy.py [--own] [--port 8000]

`--own` leaves out what every web host says at the same time (no worker, no broker, marks that
wait): such a host still takes reports, and a balancer must not send everybody away. Needs
Python's standard library and ALLOWED_HOSTS alone.
"""

import argparse
import http.client
import json
import os
import sys

# What one web host can be wrong about while its neighbours are right.
OWN = {"database", "migrations", "seed"}


def host_header() -> str:
    """A name the site answers to; a probe by address would be refused."""
    first = os.environ.get("ALLOWED_HOSTS", "").split(",")[0].strip().lstrip(".")
    return "localhost" if first in ("", "*") else first


def ask(port: int) -> tuple[int, str]:
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=4)
    # As the proxy would say it: behind TLS the answer is a redirect otherwise.
    head = {"Host": host_header(), "X-Forwarded-Proto": "https"}
    try:
        line.request("GET", "/healthz/", headers=head)
        answer = line.getresponse()
        return answer.status, answer.read().decode(errors="replace")
    except (OSError, http.client.HTTPException) as error:
        return 0, str(error)
    finally:
        line.close()


def is_fine(status: int, said: str, *, own: bool) -> bool:
    if status != 503 or not own:
        return status == 200
    try:
        return not OWN & {each["part"] for each in json.loads(said)["wrong"]}
    except (ValueError, KeyError, TypeError):
        return False


def main() -> int:
    parser = argparse.ArgumentParser(description="问一问这台机器是否正常")
    parser.add_argument("--own", action="store_true", help="只看这台机器自己的毛病")
    parser.add_argument("--port", type=int, default=int(os.environ.get("GRANIAN_PORT", "8000")))
    chosen = parser.parse_args()
    status, said = ask(chosen.port)
    if is_fine(status, said, own=chosen.own):
        return 0
    print(status, said[:500], file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
