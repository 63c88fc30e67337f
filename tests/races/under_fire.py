"""What processes of `test_rollup_under_fire` do: `python -m tests.races.under_fire WORK N FOLDER`.

Each works until FOLDER/stop exists. A writer whose connection dies sends the same again, with the
same UUID, until it has an answer, and then writes down what it was told.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import NAMESPACE_OID, uuid5

import django

django.setup()

from django.db import InterfaceError, OperationalError, connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from reports import filing  # noqa: E402
from reports.catalogue import HOUSEHOLD_REPORT  # noqa: E402
from reports.models import Filing, Obligation, Report, ReportForm  # noqa: E402
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
VISIT, CHANGE = {"source": "visit"}, {"situation": "changed", "urgency": "later"}
EVENTS = [
    {"answers": VISIT | {"situation": "same"}},
    {"answers": VISIT | CHANGE | {"changes": ["people"], "arrived": 2, "departed": 1}},
    {"answers": VISIT | CHANGE | {"changes": ["hazard", "people"], "head_count": 4}},
    {"withdraws": True},
]
AGAIN, ANOTHER_BODY, MOVES, STALE, OF_HOUSEHOLDS = 0.3, 0.2, 0.1, 0.1, 0.5


@dataclass(frozen=True)
class Event:
    """What a household report is about: its door, and the report that it follows."""

    home: Place
    follows: int | None

    def report(self) -> Report | None:
        return Report.objects.get(pk=self.follows) if self.follows else None


Subject = Obligation | Event


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
        self.homes = list(Place.objects.filter(kind=Kind.HOUSEHOLD).order_by("pk"))
        self.form = ReportForm.objects.get(code=HOUSEHOLD_REPORT)
        self.stored: list[tuple[Subject, filing.Sending]] = []

    def work(self) -> None:
        die = self.chance.random()
        if die < MOVES:
            self.move()
        elif die < MOVES + AGAIN and self.stored:
            subject, sent = self.chance.choice(self.stored)
            if self.chance.random() < ANOTHER_BODY:
                self.send(subject, replace(sent, reason="另一份"), only="same_id_other_body")
            else:
                self.send(subject, sent, only="repeat")
        elif self.chance.random() < OF_HOUSEHOLDS:
            self.send(*self.something_happened())
        else:
            self.send(*self.something_new())

    def one_of(self, places: list) -> Any:
        """A few places get most of it, so that writers meet."""
        return places[int(len(places) * self.chance.random() ** 4)]

    def something_happened(self) -> tuple[Event, filing.Sending]:
        """A new event, or the next sending of one; its day is the same for every writer."""
        home, body = self.one_of(self.homes), self.chance.randrange(len(EVENTS))
        day, report = home.opened_on + timedelta(days=self.chance.randrange(40)), None
        if "withdraws" in EVENTS[body] or self.chance.random() < 0.5:
            report = Report.objects.filter(place=home).order_by("?").first()
        if report is None:
            body, rev, what = body % 3, 0, f"{home.pk}/{day}"
        else:
            stale = self.chance.random() < STALE
            day, rev, what = None, max(report.rev - stale, 1), f"event {report.pk}"
        return Event(home, report and report.pk), filing.Sending(
            id=uuid5(NAMESPACE_OID, f"{what}/{rev}/{body}"),
            by=self.chance.choice(self.users),
            channel=Filing.Channel.API,
            base_rev=rev,
            happened_on=day,
            **EVENTS[body],
        )

    def something_new(self) -> tuple[Obligation, filing.Sending]:
        owed = self.one_of(self.owed)
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

    def file(self, subject: Subject, sent: filing.Sending) -> filing.Receipt:
        at = timezone.now()
        if isinstance(subject, Obligation):
            return filing.file(subject, sent, at=at)
        return filing.file_event(subject.home, self.form, sent, at=at, report=subject.report())

    def send(self, subject: Subject, sent: filing.Sending, *, only: str = "") -> None:
        """`only`: the one right answer, because this UUID is known to be stored."""
        owed = subject.pk if isinstance(subject, Obligation) else None
        try:
            receipt = persist(lambda: self.file(subject, sent))
        except Refusal as refusal:
            wrong = only not in ("", refusal.code)
            self.tell(told=refusal.code, wrong=wrong, id=str(sent.id), owed=owed)
            return
        told = "repeat" if receipt.is_repeat else "stored"
        if not only:
            self.stored.append((subject, sent))
        self.tell(
            told=told,
            wrong=only not in ("", told),
            id=str(sent.id),
            owed=owed,
            place=subject.place_id if isinstance(subject, Obligation) else subject.home.pk,
            body=[sent.base_rev, sent.nil, sent.withdraws, sent.answers],
            hash=receipt.filing.body_hash,
        )

    def move(self) -> None:
        place = self.chance.choice(self.owed).place
        blocks = [block for block, community in self.blocks if community == place.community_id]
        target = self.chance.choice(blocks)
        persist(lambda: tree.move(place.pk, to_parent_id=target, at=timezone.now()))
        self.tell(told="moved", wrong=False, owed=place.pk)

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
