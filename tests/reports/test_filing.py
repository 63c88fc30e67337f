"""Filing, amending and withdrawing: nothing lost, nothing twice, nothing overwritten unseen."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from reports import filing
from reports.catalogue import BUILDING_REPORT
from reports.models import Filing, FormVersion, Mark, Report, Summary
from tests import factories as f
from units.kinds import Duty
from units.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def owed():
    community = f.compound((2,))
    return f.owed(f.building(community, 1), f.open_week())


@pytest.fixture
def leader(owed):
    return f.seat(owed.place)


def file(owed, sending, at=f.WEDNESDAY, **options):
    return filing.file(owed, sending, at=at, **options)


def refusal(owed, sending, at=f.WEDNESDAY, **options) -> Refusal:
    """What filing is refused with; nothing at all may have been written."""
    before = Filing.objects.count(), Report.objects.count(), Mark.objects.count()
    with pytest.raises(Refusal) as caught:
        file(owed, sending, at=at, **options)
    assert (Filing.objects.count(), Report.objects.count(), Mark.objects.count()) == before
    return caught.value


def test_a_report_is_stored_with_its_filing_and_a_mark(owed, leader):
    Mark.objects.all().delete()
    sent = f.sending(leader, answers={"corridor": "uncleared", "corridor_floors": "3楼"})
    receipt = file(owed, sent)
    stored = Filing.objects.get(pk=sent.id)
    assert (stored.rev, stored.by, stored.received_at) == (1, leader, f.WEDNESDAY)
    assert stored.answers == f.CALM | {"corridor": "uncleared", "corridor_floors": [3]}
    assert (receipt.is_repeat, receipt.filing.receipt) == (False, sent.id.hex[:8])
    report = Report.objects.get(obligation=owed)
    assert (report.rev, report.stands, report.nil, report.corridor_uncleared) == (1, True, False, 1)
    assert report.as_of == owed.period.ends_on
    assert list(Mark.objects.values_list("place", "period")) == [(owed.place_id, owed.period_id)]


def test_a_report_keeps_the_ancestors_of_its_first_day(owed, leader):
    file(owed, f.sending(leader))
    block = owed.place.parent
    assert Report.objects.get().path_as_filed == [block.parent_id, block.pk, owed.place_id]


def test_a_report_sent_twice_is_stored_once(owed, leader):
    sent = f.sending(leader, answers={})
    first = file(owed, sent)
    again = file(owed, sent, at=f.WEDNESDAY + timedelta(hours=1))
    assert (again.is_repeat, again.filing, again.report.rev) == (True, first.filing, 1)
    assert Filing.objects.get().received_at == f.WEDNESDAY


def test_a_report_sent_again_after_an_amendment_is_still_the_first_one(owed, leader):
    sent = f.sending(leader)
    file(owed, sent)
    file(owed, f.sending(leader, base_rev=1, answers={"waste": "poor"}))
    assert file(owed, sent).is_repeat
    assert Report.objects.get().waste_answered == 1


def test_a_report_sent_again_after_the_form_was_reworded_is_still_the_same(owed, leader):
    sent = f.sending(leader, answers={}, form_version=1)
    file(owed, sent)
    old = FormVersion.objects.get()
    FormVersion.objects.create(
        form=old.form, number=2, definition={"fields": []}, published_at=f.WEDNESDAY
    )
    assert file(owed, sent).is_repeat


def test_the_same_id_with_another_body_is_refused(owed, leader):
    sent = f.sending(leader)
    file(owed, sent)
    found = refusal(owed, f.sending(leader, id=sent.id, answers={}))
    assert (found.code, found.status) == ("same_id_other_body", 409)


def test_the_same_id_for_another_building_is_refused(owed, leader):
    sent = f.sending(leader)
    file(owed, sent)
    other = f.owed(f.building(owed.community, 2), owed.period)
    assert refusal(other, sent).code == "same_id_other_body"


def test_a_second_first_report_is_told_who_filed_and_shown_both(owed, leader):
    file(owed, f.sending(leader, answers={"stock": "tight"}))
    found = refusal(owed, f.sending(f.person("吴建国")))
    assert (found.code, found.status) == ("already_filed", 409)
    assert found.message == "周兰英已在11月11日 12:00报过。要补充还是更正？"
    assert found.more["theirs"]["answers"] == f.CALM | {"stock": "tight"}
    assert found.more["theirs"]["rev"] == 1
    assert found.more["yours"] == {"base_rev": 0, "nil": True, "withdraws": False, "answers": {}}


@pytest.mark.parametrize("facts", [{"answers": {"ebike": "unresolved"}}, {"withdraws": True}])
def test_an_amendment_of_what_has_changed_since_is_refused_with_both_versions(owed, leader, facts):
    file(owed, f.sending(leader))
    file(owed, f.sending(leader, base_rev=1, answers={"stock": "tight"}))
    found = refusal(owed, f.sending(f.person("吴建国"), base_rev=1, **facts))
    assert (found.code, found.status) == ("stale", 409)
    assert found.message == "刚才周兰英改过，请看一下再保存"
    assert (found.more["theirs"]["rev"], found.more["yours"]["base_rev"]) == (2, 1)
    assert Report.objects.get().stock_tight == 1


def test_a_base_that_does_not_exist_yet_is_refused(owed, leader):
    assert refusal(owed, f.sending(leader, base_rev=1)).code == "stale"
    file(owed, f.sending(leader))
    assert refusal(owed, f.sending(leader, base_rev=7)).code == "stale"


def test_an_amendment_by_another_seat_keeps_both_names_and_times(owed, leader):
    other = f.seat(owed.place, Duty.PARTY_LEADER, f.person("吴建国"))
    later = f.WEDNESDAY + timedelta(hours=5)
    file(owed, f.sending(leader, answers={"corridor": "uncleared"}))
    file(owed, f.sending(other, base_rev=1, answers={"corridor": "cleared"}), at=later)
    filings = list(Filing.objects.values_list("rev", "by__full_name", "received_at"))
    assert filings == [(1, "周兰英", f.WEDNESDAY), (2, "吴建国", later)]
    report = Report.objects.get()
    assert (report.corridor_uncleared, report.first_at, report.last_at) == (0, f.WEDNESDAY, later)


def test_a_nil_report_ignores_answers_sent_along(owed, leader):
    sent = f.sending(leader, nil=True, answers={"corridor": "uncleared", "colour": "red"})
    assert file(owed, sent).filing.answers == {}
    report = Report.objects.get()
    assert (report.nil, report.corridor_uncleared, report.waste_answered) == (True, 0, 0)


def test_a_withdrawn_report_is_as_if_never_filed(owed, leader):
    f.drain(owed.community)
    never = Summary.objects.values().get(place=owed.place)
    file(owed, f.sending(leader, answers={"corridor": "uncleared"}))
    f.drain(owed.community)
    assert Summary.objects.get(place=owed.place).building_filed == 1
    file(owed, f.sending(leader, base_rev=1, withdraws=True))
    f.drain(owed.community)
    now = Summary.objects.values().get(place=owed.place)
    for each in (never, now):
        del each["version"], each["computed_at"]
    assert now == never


def test_a_report_may_be_filed_again_after_it_was_withdrawn(owed, leader):
    file(owed, f.sending(leader, answers={"corridor": "uncleared"}))
    file(owed, f.sending(leader, base_rev=1, withdraws=True))
    later = f.WEDNESDAY + timedelta(days=1)
    file(owed, f.sending(leader, base_rev=2, answers={"stock": "tight"}), at=later)
    report = Report.objects.get()
    assert (report.rev, report.stands, report.first_at) == (3, True, later)
    assert (report.stock_tight, report.corridor_uncleared) == (1, 0)


def test_what_was_never_filed_or_is_withdrawn_cannot_be_withdrawn(owed, leader):
    assert refusal(owed, f.sending(leader, withdraws=True)).code == "nothing_to_withdraw"
    file(owed, f.sending(leader))
    file(owed, f.sending(leader, base_rev=1, withdraws=True))
    assert refusal(owed, f.sending(leader, base_rev=2, withdraws=True)).status == 409


def test_an_unknown_version_of_the_form_is_refused(owed, leader):
    assert FormVersion.objects.get().form.code == BUILDING_REPORT
    assert refusal(owed, f.sending(leader, form_version=9)).code == "unknown_form_version"


def test_answers_the_form_does_not_take_are_refused_and_nothing_is_stored(owed, leader):
    assert refusal(owed, f.sending(leader, answers={"waste": "shiny"})).code == "unknown_choice"


@pytest.mark.parametrize(
    "change", [lambda q: q.update(nil=False), lambda q: q.update(id=uuid4()), lambda q: q.delete()]
)
def test_a_filing_is_never_changed_or_deleted(owed, leader, change):
    file(owed, f.sending(leader))
    with pytest.raises(IntegrityError, match="insert only"), transaction.atomic():
        change(Filing.objects.all())
