"""Filing, amending and withdrawing a household report: what is stored, and what is refused."""

from datetime import timedelta

import pytest

from reports.models import Filing, FormVersion, Mark, Report
from tests import factories as f
from tests.reports.counting import tell
from units import tree
from units.refusals import Refusal

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
TODAY = f.WEDNESDAY.date()
PEOPLE = {"situation": "changed", "changes": ["people"]}


@pytest.fixture
def community():
    planted = f.compound((1,), doors=2)
    f.open_week()
    return planted


@pytest.fixture
def home(community):
    return f.household(community)


@pytest.fixture
def leader():
    return f.person()


def refusal(home, **facts) -> Refusal:
    """What filing is refused with; nothing at all may have been written."""
    before = Filing.objects.count(), Report.objects.count(), Mark.objects.count()
    with pytest.raises(Refusal) as caught:
        tell(home, **facts)
    assert (Filing.objects.count(), Report.objects.count(), Mark.objects.count()) == before
    return caught.value


def test_a_household_report_is_stored_with_its_day_its_way_up_and_its_marks(home, leader):
    Mark.objects.all().delete()
    receipt = tell(home, user=leader, answers=PEOPLE | {"arrived": 1}, happened_on=TODAY - DAY)
    stored = Filing.objects.get()
    assert (stored.rev, stored.by, stored.received_at) == (1, leader, f.WEDNESDAY)
    defaults = {"source": "visit", "urgency": "later"}
    assert stored.answers == PEOPLE | {"arrived": 1} | defaults
    report = receipt.report
    assert (report.is_event, report.obligation, report.as_of) == (True, None, TODAY - DAY)
    line = home.get_ancestors(include_self=True).values_list("pk", flat=True)
    assert report.path_as_filed == list(line)
    marks = sorted(Mark.objects.values_list("place", "period__key"))
    assert marks == [(home.pk, key) for key in ("2026-11", "2026-Q4", "2026-W46", "now")]


@pytest.mark.parametrize("day", [None, TODAY, TODAY - DAY])
def test_a_household_report_sent_twice_is_stored_once(home, leader, day):
    sent = {"user": leader, "id": f.uuid4(), "happened_on": day}
    first = tell(home, **sent)
    again = tell(home, at=f.WEDNESDAY + timedelta(hours=1), **sent)
    assert (again.is_repeat, again.report, again.filing) == (True, first.report, first.filing)
    assert Report.objects.get().filings.get().received_at == f.WEDNESDAY


def test_a_report_sent_again_the_next_day_is_still_of_the_first_day(home, leader):
    sent = {"user": leader, "id": f.uuid4()}
    tell(home, **sent)
    assert tell(home, at=f.WEDNESDAY + DAY, **sent).is_repeat
    assert Report.objects.get().as_of == TODAY


def test_a_report_sent_again_after_the_household_closed_is_confirmed(home, leader):
    sent = {"user": leader, "id": f.uuid4(), "happened_on": TODAY}
    tell(home, **sent)
    tree.close(home.pk, at=f.WEDNESDAY)
    home.refresh_from_db()
    assert tell(home, at=f.WEDNESDAY + DAY, **sent).is_repeat


def test_an_amendment_sent_again_after_a_later_one_changed_the_day_is_still_the_same(home, leader):
    report = tell(home, user=leader).report
    sent = {"user": leader, "id": f.uuid4(), "base_rev": 1, "amends": report}
    tell(home, **sent)
    tell(home, amends=report, happened_on=TODAY - DAY)
    assert tell(home, **sent).is_repeat
    assert Report.objects.get().as_of == TODAY - DAY


@pytest.mark.parametrize(
    "other",
    [
        {"answers": {"situation": "nobody"}},
        {"happened_on": TODAY - DAY},
        {"reason": "另一份"},
        {"withdraws": True},
    ],
)
def test_the_same_id_with_another_body_is_refused(home, leader, other):
    sent = {"user": leader, "id": f.uuid4(), "happened_on": TODAY}
    tell(home, **sent)
    found = refusal(home, **sent | other)
    assert (found.code, found.status) == ("same_id_other_body", 409)


def test_the_same_id_for_another_household_is_refused(community, home, leader):
    sent = {"user": leader, "id": f.uuid4()}
    tell(home, **sent)
    assert refusal(f.household(community, door=2), **sent).code == "same_id_other_body"


def test_two_reports_of_one_household_and_day_are_two_reports(home):
    first, second = tell(home).report, tell(home).report
    assert first != second
    tell(home, amends=second, withdraws=True)
    assert Report.objects.standing().get() == first


@pytest.mark.parametrize("facts", [{"answers": {"situation": "nobody"}}, {"withdraws": True}])
def test_a_stale_amendment_is_refused_with_both_versions(home, leader, facts):
    report = tell(home, user=leader).report
    tell(home, user=leader, amends=report, answers=PEOPLE | {"departed": 1})
    found = refusal(home, user=f.person("吴建国"), amends=report, base_rev=1, **facts)
    assert (found.code, found.status) == ("stale", 409)
    assert found.message == "刚才周兰英改过，请看一下再保存"
    assert (found.more["theirs"]["rev"], found.more["theirs"]["answers"]["departed"]) == (2, 1)
    assert found.more["yours"]["base_rev"] == 1
    assert found.more["yours"]["withdraws"] == facts.get("withdraws", False)
    assert Report.objects.get().departed == 1


def test_a_base_that_no_report_has_is_refused(home):
    assert refusal(home, base_rev=1).code == "stale"
    report = tell(home).report
    assert refusal(home, amends=report, base_rev=7).code == "stale"


def test_a_withdrawn_report_is_not_withdrawn_again_but_may_be_filed_again(home):
    assert refusal(home, withdraws=True).code == "nothing_to_withdraw"
    report = tell(home).report
    tell(home, amends=report, withdraws=True)
    assert refusal(home, amends=report, withdraws=True).code == "nothing_to_withdraw"
    again = tell(home, amends=report, answers=PEOPLE | {"arrived": 2}).report
    assert (again.pk, again.rev, again.stands, again.arrived) == (report.pk, 3, True, 2)
    assert again.as_of == TODAY


def test_an_unknown_version_of_the_form_is_refused(home):
    f.household_form()
    assert refusal(home, form_version=9).code == "unknown_form_version"
    number = FormVersion.objects.get(form__code="household_report").number
    assert tell(home, form_version=number).filing.form_version.number == number
