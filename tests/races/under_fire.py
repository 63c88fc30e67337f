"""What processes of `test_rollup_under_fire` do: `python -m tests.races.under_fire WORK N FOLDER`.

Each works until FOLDER/stop exists. A writer whose connection dies sends the same again, with the
same UUID, until it has an answer, and then writes down what it was told.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import django

django.setup()

from django.db import InterfaceError, OperationalError, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from reports import filing  # noqa: E402
from reports.models import Filing, Obligation, Report  # noqa: E402
from reports.rollup import climb  # noqa: E402
from tests.factories import CALM  # noqa: E402
from units import tree  # noqa: E402
from units.kinds import Kind  # noqa: E402
from units.models import Place, User  # noqa: E402
from units.refusals import Refusal  # noqa: E402

# The process number plays no part here: writers meet on the same UUIDs with the same bodies.
BODIES = [
    {"nil": True},
    {"answers": CALM | {"corridor": "uncleared", "waste": "poor"}},
    {"answers": CALM | {"stock": "tight", "dispute": "mediated"}},
    {"withdraws": True},
]
AGAIN, ANOTHER_BODY, MOVES, STALE = 0.3, 0.2, 0.1, 0.1


def persist(call: Callable[[], Any]) -> Any:
    """The answer of `call`, however often its connection is killed under it."""
    while True:
        try:
            return call()
        except (OperationalError, InterfaceError):
            connection.close()


class Writer:
    def __init__(self, number: int, folder: Path) -> None:
        self.chance = Random(number)
        self.log = (folder / f"writer{number}.jsonl").open("w", encoding="utf-8", buffering=1)
        self.owed = list(Obligation.objects.select_related("place", "period", "form"))
        self.users = list(User.objects.all())
        self.blocks = list(Place.objects.filter(kind=Kind.BLOCK).values_list("pk", "community"))
        self.stored: list[tuple[Obligation, filing.Sending]] = []

    def work(self) -> None:
        die = self.chance.random()
        if die < MOVES:
            self.move()
        elif die < MOVES + AGAIN and self.stored:
            owed, sent = self.chance.choice(self.stored)
            if self.chance.random() < ANOTHER_BODY:
                self.send(owed, replace(sent, reason="另一份"), only="same_id_other_body")
            else:
                self.send(owed, sent, only="repeat")
        else:
            self.send(*self.something_new())

    def something_new(self) -> tuple[Obligation, filing.Sending]:
        # A few buildings get most of it, so that writers meet.
        owed = self.owed[int(len(self.owed) * self.chance.random() ** 4)]
        rev = Report.objects.filter(obligation=owed).values_list("rev", flat=True).first() or 0
        if rev and self.chance.random() < STALE:
            rev -= 1
        body = self.chance.randrange(len(BODIES))
        sent = filing.Sending(
            id=uuid5(NAMESPACE_OID, f"{owed.pk}/{rev}/{body}"),
            by=self.chance.choice(self.users),
            channel=Filing.Channel.API,
            base_rev=rev,
            **BODIES[body],
        )
        return owed, sent

    def send(self, owed: Obligation, sent: filing.Sending, *, only: str = "") -> None:
        """`only`: the one right answer, because this UUID is known to be stored."""
        try:
            receipt = persist(lambda: filing.file(owed, sent, at=timezone.now()))
        except Refusal as refusal:
            self.tell(told=refusal.code, wrong=only not in ("", refusal.code), id=str(sent.id))
            return
        told = "repeat" if receipt.is_repeat else "stored"
        if not only:
            self.stored.append((owed, sent))
        self.tell(
            told=told,
            wrong=only not in ("", told),
            id=str(sent.id),
            owed=owed.pk,
            body=[sent.base_rev, sent.nil, sent.withdraws, sent.answers],
            hash=receipt.filing.body_hash,
        )

    def move(self) -> None:
        place = self.chance.choice(self.owed).place
        blocks = [block for block, community in self.blocks if community == place.community_id]
        target = self.chance.choice(blocks)
        persist(lambda: tree.move(place.pk, to_parent_id=target, at=timezone.now()))
        self.tell(told="moved", wrong=False)

    def tell(self, **facts: Any) -> None:
        self.log.write(json.dumps(facts) + "\n")


def drain_all() -> None:
    for bucket in climb.waiting_buckets():
        climb.drain(bucket, at=timezone.now())
    time.sleep(0.005)


def main(work: str, number: str, folder: str) -> None:
    stop = Path(folder) / "stop"
    each: Callable[[], None] = drain_all
    if work == "write":
        each = persist(lambda: Writer(int(number), Path(folder))).work
    while not stop.exists():
        persist(each)


if __name__ == "__main__":
    main(*sys.argv[1:])
