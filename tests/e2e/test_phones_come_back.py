"""The server was away and three hundred phones have five sendings each: each arrives once."""

import http.client
import json
import random
import threading
from dataclasses import dataclass, field
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from django.utils import timezone

from reports.models import Filing, Report
from tests import factories as f
from tests.e2e.conftest import House
from units.kinds import SEATS, Kind
from units.models import Device, Place

PHONES, EACH = 300, 5


@dataclass
class Phone:
    """Sends as `static/phone/send.js` does: only an answer with a receipt delivers."""

    token: str
    doors: list[str]
    bodies: dict[str, dict] = field(default_factory=dict)
    receipts: dict[str, str] = field(default_factory=dict)
    failures: int = 0

    def fill_in(self) -> None:
        for door in self.doors:
            self.bodies[str(uuid4())] = {"place": door, "answers": {"situation": "same"}}

    def flush(self, where: str) -> None:
        connection = http.client.HTTPConnection(where, timeout=15)
        for id_ in [each for each in self.bodies if each not in self.receipts]:
            try:
                connection.request(
                    "PUT",
                    f"/api/filings/{id_}/",
                    json.dumps(self.bodies[id_]),
                    {"Authorization": f"Device {self.token}", "Content-Type": "application/json"},
                )
                answer = json.loads(connection.getresponse().read())
                self.receipts[id_] = answer["receipt"]
            except (OSError, http.client.HTTPException, ValueError, KeyError):
                self.failures += 1
                connection.close()
        connection.close()


@pytest.fixture
def phones(house: House) -> list[Phone]:
    community = f.compound((50, 50), floors=1, doors=EACH)
    f.open_week(timezone.now())
    f.household_form()
    made = []
    for building in Place.objects.filter(community=community, kind=Kind.BUILDING):
        doors = Place.objects.filter(parent__parent=building).values_list("code", flat=True)
        for duty in SEATS:
            token = uuid4().hex
            Device.objects.create(
                user=f.seat(building, duty),
                token_hash=Device.hash_of(token),
                label="手机",
                made_at=timezone.now(),
            )
            made.append(Phone(token, list(doors)))
    return made


def all_at_once(phones: list[Phone], where: str) -> None:
    threads = [threading.Thread(target=phone.flush, args=[where]) for phone in phones]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_every_sending_arrives_exactly_once(house, phones):
    assert len(phones) == PHONES
    house.wait_until(200, 30)
    where = urlsplit(house.url).netloc
    for phone in phones:
        phone.fill_in()
    house.kill("web")
    all_at_once(random.sample(phones, 60), where)
    assert not any(phone.receipts for phone in phones)
    house.start("web")
    house.wait_until(200, 30)
    # Taken away once more while they are at it.
    away = threading.Timer(1.0, lambda: (house.kill("web"), house.start("web")))
    away.start()
    for _round in range(30):
        all_at_once(phones, where)
        if all(len(phone.receipts) == EACH for phone in phones):
            break
    away.join()
    sent = {id_: receipt for phone in phones for id_, receipt in phone.receipts.items()}
    assert len(sent) == PHONES * EACH
    assert {str(pk) for pk in Filing.objects.values_list("pk", flat=True)} == set(sent)
    assert Report.objects.count() == PHONES * EACH
    assert all(id_.startswith(receipt) for id_, receipt in sent.items())
