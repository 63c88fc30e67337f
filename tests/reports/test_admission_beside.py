"""Two people at the same form at once: the second waits, and is told what became of it."""

import pytest

from reports import admission
from reports.catalogue import BUILDING_REPORT, publish
from reports.models import Admission, FormVersion
from tests import factories as f
from tests.beside import Beside, wait_until, waiting
from units.refusals import Refusal

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(process, first, second):
    """`process` for `first` is done but not committed when `second` comes."""
    with Beside() as one, Beside() as two:
        one.begin()
        one.do(process, *first)
        answer = two.start(process, *second)
        wait_until(lambda: waiting("transactionid") == 1)
        one.commit()
        return answer.result(timeout=30)


def test_the_same_question_proposed_twice_at_once_is_found():
    publish(BUILDING_REPORT, at=f.WEDNESDAY)

    def propose(by):
        return admission.propose(f.proposal(), by=by, at=f.WEDNESDAY)

    with pytest.raises(Refusal, match="duplicate_field"):
        at_once(propose, [f.person()], [f.person()])
    assert Admission.objects.count() == 1


def test_two_decisions_at_once_are_one():
    row = admission.propose(f.proposal(), by=f.person(), at=f.WEDNESDAY)

    def agree(by):
        return admission.agree(row, ends_on=row.ends_on, by=by, at=f.WEDNESDAY)

    with pytest.raises(Refusal, match="already_decided"):
        at_once(agree, [f.person()], [f.person()])
    assert FormVersion.objects.count() == 2


def test_two_fields_agreed_at_once_are_both_in_the_last_wording():
    facts = {"difference": "不同"}
    rows = [
        admission.propose(f.proposal(label=label, **facts), by=f.person(), at=f.WEDNESDAY)
        for label in ("积水的地方", "天井棚架")
    ]

    def agree(row, by):
        return admission.agree(row, ends_on=row.ends_on, by=by, at=f.WEDNESDAY)

    version = at_once(agree, [rows[0], f.person()], [rows[1], f.person()])
    added = [field["name"] for field in version.definition["fields"] if "added" in field["name"]]
    assert (version.number, added) == (3, ["added_1", "added_2"])
