"""What is measured on: a compound of the real size, then small communities beside it."""

from dataclasses import dataclass, field
from datetime import timedelta

from django.utils import timezone

from governance.demo.shapes import JIANGNAN
from reports import obligations
from reports.catalogue import BUILDING_REPORT, publish_all
from reports.models import Period
from reports.rollup import climb
from tests import factories as f
from units import tree
from units.kinds import Duty, Kind
from units.models import Community, Device, Place, User


@dataclass(frozen=True)
class Seat:
    """Somebody who files for the households of one building, with a device of their own."""

    user: User
    token: str
    homes: list[Place]

    @property
    def header(self) -> str:
        return f"Device {self.token}"


@dataclass
class World:
    """Begins with the compound of the real size; `grow` adds small ones."""

    seats: list[Seat] = field(default_factory=list)
    communities: list[Community] = field(default_factory=list)

    def __post_init__(self) -> None:
        now = timezone.now()
        publish_all(at=now)
        f.street("310104007")
        self.communities.append(plant_the_real_size("310104007009"))
        self.open()

    @property
    def big(self) -> Community:
        return self.communities[0]

    def at(self, ending: str) -> Place:
        """A place of the compound of the real size, by the end of its code."""
        return Place.objects.get(community=self.big, code__endswith=ending)

    def seat(self, community: Community, number: int = 1) -> Seat:
        place = f.building(community, number)
        user = f.post(Duty.RESIDENT_LEADER, place=place, since=long_ago()).user
        token = f"bench-{user.pk}"
        Device.objects.create(
            user=user, token_hash=Device.hash_of(token), label="bench", made_at=timezone.now()
        )
        return Seat(user, token, list(Place.objects.under(place).filter(kind=Kind.HOUSEHOLD)))

    def grow(self, communities: int) -> None:
        while len(self.communities) < communities:
            # A street has twenty at most, so the next ones lie in the next street.
            street = f.street(f"{310104007 + len(self.communities) // 20}")
            community = f.compound((2, 1), floors=5, doors=4, division=street, at=long_ago())
            self.communities.append(community)
            self.seats.append(self.seat(community))
        self.open()

    def open(self) -> Period:
        """The week of today for every community there is, and all summaries true."""
        period = obligations.open_week(at=timezone.now())
        drain_all()
        return period


def long_ago() -> object:
    return timezone.now() - timedelta(days=60)


def plant_the_real_size(code: str) -> Community:
    """3,259 places."""
    community = Community.objects.create(
        code=code, division=f.street(), name=JIANGNAN.name, rhythm={BUILDING_REPORT: "week"}
    )
    sapling = JIANGNAN.sapling()
    _rename(sapling, code)
    tree.plant(community, sapling, at=long_ago())
    return community


def _rename(sapling: tree.Sapling, code: str) -> None:
    sapling.code = code + sapling.code.removeprefix(JIANGNAN.code)
    for below in sapling.below:
        _rename(below, code)


def drain_all() -> None:
    """In this process."""
    climb.drain_waiting(at=timezone.now())
