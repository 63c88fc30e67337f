"""A street of ten communities with three hundred people who look at it, and reports coming in."""

import asyncio
import json
import time
from dataclasses import dataclass, field
from uuid import uuid4

from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.browsers import Line, Viewer
from bench.world import drain_all, long_ago
from reports import obligations
from reports.catalogue import publish_all
from reports.models import Period
from tests import factories as f
from units.kinds import Duty
from units.models import Device, Place, User

COMMUNITIES, BUILDINGS = 10, 40
AT_STREET, AT_COMMUNITY = 100, 20


@dataclass
class Reports:
    """What comes in: `filers` are of each community (code of a building, header of who files).

    `accepted` are in their order: (moment, community, its count, the street's).
    """

    period: Period
    filers: list[list[tuple[str, str]]]
    accepted: list[tuple[float, int, int, int]] = field(default_factory=list)

    async def come_in(self, port: int, until: float) -> None:
        """One a second, in one community after the other."""
        line = Line(port)
        while time.monotonic() < until:
            began = time.monotonic()
            await self._file(line)
            await asyncio.sleep(max(0, 1 - (time.monotonic() - began)))
        line.close()

    async def _file(self, line: Line) -> None:
        number = len(self.accepted)
        community = number % COMMUNITIES
        place, header = self.filers[community][number // COMMUNITIES]
        body = json.dumps({"place": place, "period": self.period.key, "nil": True}).encode()
        status, _told, answer = await line.ask(
            f"/api/filings/{uuid4()}/", method="PUT", body=body,
            Authorization=header, Content_Type="application/json",
        )  # fmt: skip
        if status != 201:
            raise SystemExit(f"没有收下：{status} {answer[:200]}")
        of_community = number // COMMUNITIES + 1
        self.accepted.append((time.monotonic(), community, of_community, number + 1))

    def delays(self, viewers: list[Viewer], since: float, until: float) -> tuple[list[float], int]:
        """From accepted to on the screen, of each report and each who looks; and how many never."""
        found, never = [], 0
        for at, community, of_community, of_street in self.accepted:
            if not since <= at < until:
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


def plant() -> tuple[list[Viewer], Reports]:
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
    return viewers, Reports(period, filers)


def _cookie(user: User) -> str:
    client = Client()
    client.force_login(user)
    return f"sessionid={client.cookies['sessionid'].value}"


def _filer(place: Place) -> tuple[str, str]:
    user = f.post(Duty.RESIDENT_LEADER, place=place, since=long_ago()).user
    token = f"viewers-{user.pk}"
    Device.objects.create(
        user=user, token_hash=Device.hash_of(token), label="bench", made_at=timezone.now()
    )
    return place.code, f"Device {token}"
