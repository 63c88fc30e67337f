"""「不再催」: missing in every figure as before, and on no list of what is to be done."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import coverage, filing, obligations
from reports.catalogue import publish_all
from reports.coverage import State
from reports.models import Mark, Obligation, Summary
from reports.rollup.leaf import COLUMNS
from tests import factories as f
from units.kinds import Duty
from units.models import JournalEntry
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
WEEK = timedelta(days=7)


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def staff(community):
    return f.staff(community)


@pytest.fixture
def owed(community):
    return f.owed(f.building(community), f.open_week())


def figures(community):
    f.drain(community)
    return list(Summary.objects.order_by("pk").values("place", "period", *COLUMNS))


def refusal(call, *args, **options):
    with pytest.raises(Refusal) as caught:
        call(*args, **options)
    return caught.value


def test_waiving_leaves_every_figure_as_it_is(community, staff, owed):
    before = figures(community)
    marks = Mark.objects.count()
    obligations.waive(owed, reason="组长住院", by=staff, at=f.WEDNESDAY)
    assert Mark.objects.count() == marks
    assert figures(community) == before
    owed.refresh_from_db()
    assert coverage.standing(owed, at=owed.closes_at).state == State.MISSING
    assert JournalEntry.objects.get().verb == "obligation.waived"


def test_an_excuse_by_contrast_changes_what_is_owed_until_it_is_ended(community, staff, owed):
    before = figures(community)
    obligations.excuse(owed, reason="整幢修缮", by=staff, at=f.WEDNESDAY)
    assert figures(community) != before
    for _twice in range(2):
        obligations.end_excuse(owed, by=staff, at=f.WEDNESDAY)
    assert figures(community) == before
    verbs = list(JournalEntry.objects.order_by("id").values_list("verb", flat=True))
    assert verbs == ["obligation.excused", "obligation.excuse_ended"]


def test_a_waiver_is_ended_once_and_asked_for_again(staff, owed):
    obligations.waive(owed, reason="组长住院", by=staff, at=f.WEDNESDAY)
    for _twice in range(2):
        obligations.end_waiver(owed, by=staff, at=f.WEDNESDAY)
    owed.refresh_from_db()
    assert coverage.standing(owed, at=f.WEDNESDAY).can_be_filed
    assert JournalEntry.objects.filter(verb="obligation.waiver_ended").count() == 1


def test_a_waived_report_may_still_come_in_and_then_counts(community, staff, owed):
    obligations.waive(owed, reason="组长住院", by=staff, at=f.WEDNESDAY)
    filing.file(owed, f.sending(f.person()), at=f.WEDNESDAY)
    shown = coverage.standing(Obligation.objects.with_report().get(pk=owed.pk), at=f.WEDNESDAY)
    assert (shown.state, shown.is_waived) == (State.NIL, False)


@pytest.mark.parametrize(
    "call", [obligations.waive, obligations.end_waiver, obligations.end_excuse]
)
def test_nothing_of_it_changes_after_the_lock(staff, owed, call):
    more = {"reason": "组长住院"} if call is obligations.waive else {}
    refused = refusal(call, owed, by=staff, at=owed.locks_at, **more)
    assert (refused.code, refused.status) == ("locked", 409)


def test_waiving_needs_a_reason_and_something_missing(staff, owed):
    def waive(reason):
        return refusal(obligations.waive, owed, reason=reason, by=staff, at=f.WEDNESDAY).code

    assert waive("  ") == "reason_required"
    assert waive("请打13912345678") == "mobile_number"
    assert waive("忙" * 101) == "reason_too_long"
    filing.file(owed, f.sending(f.person()), at=f.WEDNESDAY)
    assert waive("组长住院") == "already_filed"


# --- Pages ------------------------------------------------------------------------------


def client_of(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_waived_week_leaves_the_lists_of_what_is_to_be_done(community, staff):
    now = timezone.now()
    home = f.building(community)
    last, week = f.open_week(now - WEEK), f.open_week(now)
    seat, code = client_of(f.seat(home)), {"code": home.code}

    def asked():
        api = seat.get(reverse("api-obligations")).json()
        board = seat.get(reverse("group-board", kwargs=code)).context["to_finish"]
        desk = client_of(staff).get(reverse("building-board", kwargs=code)).content.decode()
        return (
            {each["period"] for each in api if each["state"] in ("due", "missing")},
            {each.obligation.period.key for each in board},
            desk.count(">代报<"),
        )

    before = asked()
    assert before[0] >= {week.key}
    for period in (last, week):
        Obligation.objects.filter(period=period, place=home).update(waived_reason="组长住院")
    assert asked() == (set(), set(), 0)
    assert "不再催" in client_of(staff).get(reverse("building-board", kwargs=code)).content.decode()


def test_the_desk_waives_and_takes_it_back(community, staff):
    week = f.open_week(timezone.now())
    where = {"code": f.building(community).code, "week": week.key}
    client = client_of(staff)
    shown = client.post(reverse("waiver", kwargs=where), {"reason": "组长住院"}, follow=True)
    text = shown.content.decode()
    assert "已定为不再催" in text
    assert "组长住院" in text
    shown = client.post(reverse("waiver-ending", kwargs=where), follow=True)
    assert "已定为不再催" not in shown.content.decode()


@pytest.mark.parametrize("door", ["excuse", "waiver", "excuse-ending", "waiver-ending"])
def test_nobody_takes_their_own_report_off_what_is_owed(community, door):
    """A worker not the own block's, a director not the own community's, a seat nothing."""
    now = timezone.now()
    publish_all(at=now)
    f.open_week(now)
    month = obligations.open_month(at=now)
    week = f.open_week(now)
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community)).user
    cases = [
        (worker, f.block(community), week),
        (f.staff(community, Duty.DIRECTOR), f.root(community), month),
        (f.seat(f.building(community)), f.building(community), week),
    ]
    for user, place, period in cases:
        where = reverse(door, kwargs={"code": place.code, "week": period.key})
        assert client_of(user).post(where, {"reason": "忙"}).status_code == 403
    assert not Obligation.objects.exclude(waived_reason="", excused_reason="").exists()
