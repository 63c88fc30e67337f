"""A process of its own that sends: `python -m bench.load` reads one job from standard input.

Closed: each connection sends the next when the last is answered. Open: `rate` a second whatever the
answers, and the time counts from the moment when a request was due.
"""

import http.client
import json
import sys
import threading
import time
from collections.abc import Callable
from itertools import count
from typing import Any
from uuid import uuid4

SAME = {"situation": "same"}


class Sender(threading.Thread):
    """One connection."""

    def __init__(self, job: dict[str, Any], numbers: Any, began: float) -> None:
        super().__init__()
        self.job, self.numbers, self.began = job, numbers, began
        self.seconds: list[float] = []
        self.refused = 0

    def run(self) -> None:
        send = self._bare() if self.job["what"] == "bare" else self._http()
        rate, until = self.job.get("rate"), self.began + self.job["seconds"]
        while True:
            number = next(self.numbers)
            due = self.began + number / rate if rate else time.monotonic()
            if max(due, time.monotonic()) >= until:
                return
            time.sleep(max(0, due - time.monotonic()))
            answer = send(number)
            self.seconds.append(time.monotonic() - due)
            self.refused += answer not in (200, 201)

    def _bare(self) -> Callable[[int], int]:
        import psycopg2

        connection = psycopg2.connect(self.job["dsn"])
        connection.autocommit = True
        cursor = connection.cursor()
        statement, row = self.job["statement"], self.job["row"]

        def send(_number: int) -> int:
            cursor.execute(statement, [str(uuid4()), *row])
            return 200

        return send

    def _http(self) -> Callable[[int], int]:
        connection = http.client.HTTPConnection("127.0.0.1", self.job["port"], timeout=30)
        seats, what = self.job["seats"], self.job["what"]

        def send(number: int) -> int:
            seat = seats[number % len(seats)]
            homes = seat["homes"]
            if what == "batch":
                method, url = "POST", "/api/filings/"
                items = [{"id": str(uuid4()), "place": h, "answers": SAME} for h in homes]
                body: dict[str, Any] = {"items": items}
            else:
                method, url = "PUT", f"/{what}/filings/{uuid4()}/"
                home = homes[number // len(seats) % len(homes)]
                body = {"place": home, "answers": SAME}
            headers = {"Content-Type": "application/json", "Authorization": seat["header"]}
            connection.request(method, url, json.dumps(body), headers)
            answer = connection.getresponse()
            answer.read()
            return answer.status

        return send


def main() -> None:
    job = json.load(sys.stdin)
    numbers = count()
    began = time.monotonic() + 0.2
    senders = [Sender(job, numbers, began) for _each in range(job["connections"])]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    seconds = [each for sender in senders for each in sender.seconds]
    refused = sum(sender.refused for sender in senders)
    json.dump({"seconds": seconds, "refused": refused}, sys.stdout)


if __name__ == "__main__":
    main()
