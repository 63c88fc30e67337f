"""A street of several communities with the present week half filed, and one person a duty."""

from dataclasses import dataclass
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from governance.voices import answering, doorplates
from governance.voices.models import Doorplate
from governance.voices.saying import Saying, say
from reports import filing, photos, replies
from reports.models import Filing
from tests import factories as f
from tests.reports import pictures
from units.kinds import SEATS, Duty
from units.models import Community, Division, User


@dataclass
class Street:
    division: Division
    communities: list[Community]
    people: dict[str, User]

    def client(self, role: str) -> Client:
        client = Client()
        client.force_login(self.people[role])
        return client


def _talk(community: Community) -> None:
    """What residents said, what was answered, a photo, and 回音 about a report."""
    now, staff = timezone.now(), f.staff(community)
    homes = [f.building(community, number) for number in (1, 2, 3)]
    doorplates.issue(homes, by=staff, at=now)
    for home in homes:
        plate = Doorplate.objects.get(place=home)
        for words, shown in (("楼道灯坏了", True), ("想装扶手", True), ("想有人帮忙买菜", False)):
            said = Saying(uuid4(), "other", words, shown_to_group=shown, wants_contact=not shown)
            voice = say(plate, said, visitor=f"{home.pk}", at=now)
            if words == "想装扶手":
                answering.close(voice, "物业下周来装", by=staff, at=now)
    for filed in Filing.objects.filter(report__community=community).order_by("received_at"):
        replies.reply(filed.report, "物业来看过了", id_=uuid4(), by=staff, at=now)
        photos.attach(filed, 1, pictures.drawn(40, 30), by=filed.by, at=now)


def street(communities: int) -> Street:
    division = f.street()
    made = [f.compound((2, 1), floors=2, doors=2) for _each in range(communities)]
    period = f.open_week(timezone.now())
    f.household_form()
    for community in made:
        for number in (1, 2, 3):
            place = f.building(community, number)
            users = [f.seat(place, duty) for duty in SEATS[: 2 + (number > 1)]]
            if number < 3:
                owed = f.owed(place, period)
                answers = {"corridor": "uncleared", "note": "三楼旧沙发"} if number == 2 else None
                filing.file(owed, f.sending(users[0], answers=answers), at=timezone.now())
        f.drain(community, timezone.now())
        _talk(community)
    first = made[0]
    home = f.building(first, 1)
    branch = f.branch_of(f.block(first))
    return Street(
        division,
        made,
        {
            "seat": home.posts.first().user,
            "unfiled seat": f.building(first, 3).posts.first().user,
            "secretary": f.post(Duty.BRANCH_SECRETARY, branch=branch).user,
            "worker": f.post(Duty.BLOCK_WORKER, place=f.block(first)).user,
            "staff": f.staff(first),
            "director": f.staff(first, Duty.DIRECTOR),
            "street": f.post(Duty.STREET_OFFICER, division=division).user,
        },
    )
