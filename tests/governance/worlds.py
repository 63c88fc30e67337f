"""A street of several communities with the present week half filed, and one person a duty."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import uuid4

from django.test import Client
from django.utils import timezone

from governance.supervision import asking, intake, supporting
from governance.supervision.asking import Asking
from governance.supervision.models import SupportAsk
from governance.voices import answering, doorplates
from governance.voices.models import Doorplate
from governance.voices.saying import Saying, say
from reports import admission, calendar, filing, obligations, photos, replies
from reports.catalogue import publish_all
from reports.models import Admission, Filing, Obligation
from tests import factories as f
from tests.governance import profiles
from tests.reports import pictures
from tests.reports.uppers import JUDGED, WRITTEN
from units.kinds import SEATS, Duty
from units.models import Community, Division, User


def _admissions(monday: date) -> None:
    """A field that is asked and one that waits for the street, each street with its own."""
    which = Admission.objects.count()
    facts = {"ends_on": monday + timedelta(days=60), "difference": "只问天井"}
    f.admitted(at=timezone.now(), label=f"天井积水{which}", **facts)
    waiting = f.proposal(label=f"棚架松动{which}", type="number", unit="处", **facts)
    admission.propose(waiting, by=f.person(), at=timezone.now())


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
            voice = say(plate, said, address=f"{home.pk}", at=now)
            if words == "想装扶手":
                answering.close(voice, "物业下周来装", batch=uuid4(), by=staff, at=now)
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
        profiles.describe(community, f.staff(community), at=timezone.now())
    _admissions(period.starts_on)
    _upper_reports(made)
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


def _upper_reports(communities: list[Community]) -> None:
    """Last week's first block and last month's community filed, the second block not."""
    publish_all(at=timezone.now())
    last_month = calendar.moment(timezone.localdate().replace(day=1) - timedelta(days=9), 12)
    obligations.open_week(at=timezone.now() - timedelta(days=7))
    obligations.open_month(at=last_month)
    for community in communities:
        by = f.person("胡桂芳")
        for owed in Obligation.objects.filter(
            community=community, opens_at__lte=timezone.now(), form__place_kind__lt=2
        ).select_related("place", "period", "form"):
            at = min(owed.opens_at + timedelta(hours=1), timezone.now())
            if not owed.place.code.endswith("-B02"):
                _submit(owed, by, at)
        f.drain(community, timezone.now())
        _ask_and_answer(community)


def _ask_and_answer(community: Community) -> None:
    """The street asks the committee twice, and a block's wish is handed to it."""
    now, officer, root = timezone.now(), f.person("潘德霞"), f.root(community)
    for words in ("请说明情况", "请说明进展"):
        query = asking.ask(root, Asking(uuid4(), "other", words), by=officer, at=now)
    asking.answer(query, "周三前补上", form_id=uuid4(), by=f.person("胡桂芳"), at=now)
    intake.pull(at=now)
    for ask in SupportAsk.objects.with_committee().filter(community=community, wanted="hands"):
        supporting.forward(ask, "缺两个人清楼道", by=f.person("胡桂芳"), at=now)


def _submit(owed: Obligation, by: User, at: datetime) -> None:
    urgent = {"assessment": "urgent", "note": "三楼电线", "action_taken": "street"}
    answers = JUDGED | urgent | {"support_needed": "hands"} if owed.place.kind else WRITTEN
    sending = filing.Sending(id=uuid4(), by=by, channel=Filing.Channel.PAGE, answers=answers)
    filing.file(owed, sending, at=at)
