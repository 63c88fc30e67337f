"""A form that was opened before its wording changed: taken for 14 days, and never lost."""

from datetime import timedelta
from uuid import uuid4

import pytest

from reports import admission, answers, batch, filing
from reports.catalogue import BUILDING_REPORT, HOUSEHOLD_REPORT, publish
from reports.models import Filing, Report
from reports.sending import OLD_WORDING
from tests import factories as f
from units.refusals import Refusal

pytestmark = pytest.mark.django_db

LAST_MOMENT = f.WEDNESDAY + OLD_WORDING
TOO_LATE = LAST_MOMENT + timedelta(minutes=1)
SENTENCE = "这张表已更新，请刷新后再看一眼，填的内容还在"


@pytest.fixture
def home():
    """A building whose forms came out on Monday, and with one more field on Wednesday."""
    community = f.compound((1,))
    publish(BUILDING_REPORT, at=f.WEDNESDAY - timedelta(days=2))
    publish(HOUSEHOLD_REPORT, at=f.WEDNESDAY - timedelta(days=2))
    f.open_week(f.WEDNESDAY - timedelta(days=2))
    f.admitted(required=True)
    f.admitted(form=HOUSEHOLD_REPORT, label="天井棚架", type="text")
    return f.building(community)


def owed(home, at):
    return f.owed(home, f.open_week(at))


def send(home, at, **facts):
    sent = f.sending(facts.pop("by", None) or f.person(), form_version=1, **facts)
    return filing.file(owed(home, at), sent, at=at)


def refusal(home, at, **facts) -> Refusal:
    before = Filing.objects.count(), Report.objects.count()
    with pytest.raises(Refusal) as caught:
        send(home, at, **facts)
    assert (Filing.objects.count(), Report.objects.count()) == before
    return caught.value


def test_the_old_wording_is_taken_on_day_14_and_refused_on_day_15(home):
    told = refusal(home, TOO_LATE, answers={})
    assert (told.code, told.status, str(told.message)) == ("form_updated", 409, SENTENCE)
    receipt = send(home, LAST_MOMENT, answers={})
    assert receipt.filing.form_version.number == 1


def test_a_form_that_lacks_something_is_not_mended_in_the_old_wording(home):
    told = refusal(home, TOO_LATE, answers={"waste": ""})
    assert told.code == "form_updated"
    assert refusal(home, LAST_MOMENT, answers={"waste": ""}).code == "required"


def test_saying_nothing_happened_and_taking_back_are_said_in_any_wording(home):
    by = f.person()
    send(home, TOO_LATE, by=by)
    send(home, TOO_LATE, by=by, base_rev=1, withdraws=True)
    assert not Report.objects.get().stands


def test_what_a_phone_filled_in_while_it_might_is_stored_however_late_it_comes(home):
    filled_in = f.WEDNESDAY + timedelta(days=5)
    receipt = send(home, f.WEDNESDAY + timedelta(days=20), answers={}, made_at=filled_in)
    stored = receipt.filing
    assert (stored.form_version.number, stored.made_at) == (1, filled_in)
    assert answers.in_words(stored.form_version.definition, stored.answers)


def test_what_was_filled_in_after_20_days_is_sent_again_in_the_new_wording(home):
    at, id_ = f.WEDNESDAY + timedelta(days=20), uuid4()
    facts = {"id": id_, "made_at": at, "by": f.person()}
    assert refusal(home, at, answers={}, **facts).code == "form_updated"
    facts["form_version"] = 2
    by = facts.pop("by")
    sent = f.sending(by, answers={"added_1": ["c1"]}, **facts)
    receipt = filing.file(owed(home, at), sent, at=at)
    assert (receipt.filing.pk, receipt.is_repeat) == (id_, False)


@pytest.mark.parametrize("days", [-4000, -3, 40])
def test_a_clock_that_cannot_be_right_proves_nothing(home, days):
    clock = f.WEDNESDAY + timedelta(days=days)
    assert refusal(home, TOO_LATE, answers={}, made_at=clock).code == "form_updated"


def test_what_is_stored_already_is_confirmed_whenever_it_is_asked_again(home):
    by, id_ = f.person(), uuid4()
    obligation = owed(home, LAST_MOMENT)
    sent = f.sending(by, answers={}, id=id_, form_version=1)
    filing.file(obligation, sent, at=LAST_MOMENT)
    assert filing.file(obligation, sent, at=TOO_LATE).is_repeat


def test_a_wording_that_came_back_is_the_present_one(home):
    row = admission.in_force(owed(home, f.WEDNESDAY).form, f.WEDNESDAY.date())[0]
    admission.end(row, reason="问完了", by=f.person(), at=f.WEDNESDAY)
    assert send(home, TOO_LATE, answers={}).filing.form_version.number == 1


def test_a_door_and_a_batch_follow_the_same_rule(home):
    door = f.household(home.community)
    form = f.household_form()
    by = f.person()

    def one(at):
        item = batch.Item(door, form, f.household_sending(by, form_version=1))
        return batch.file_events([item], at=at)[0]

    refused = one(TOO_LATE)
    assert (refused.code, str(refused.message)) == ("form_updated", SENTENCE)
    assert one(LAST_MOMENT).filing.form_version.number == 1
