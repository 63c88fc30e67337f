"""Block reports while others write: the figures of a sheet are exactly those of its sources."""

from uuid import uuid4

import pytest

from reports import corrections, sheets
from reports.models import Filing, Report, Sheet
from tests import factories as f
from tests.beside import Beside, wait_until, waiting
from tests.reports.counting import file
from tests.reports.uppers import MONDAY, opened

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.filterwarnings("ignore::celery.exceptions.AlwaysEagerIgnored"),
]


def corridors(sheet: Sheet) -> int:
    return sheets.parts_of(sheet)[0].figures["HAZ_CORR"].numerator


def test_one_refresh_over_two_connections_at_once_is_stored_once():
    upper = opened()
    block = f.block(upper.community)
    upper.submit(block)
    upper.told(1, at=MONDAY, answers={"corridor": "uncleared"})
    owed, facts = upper.owed(block), {"base_rev": 1, "by": upper.by, "at": MONDAY}
    id_ = uuid4()
    with Beside() as one, Beside() as two:
        one.begin()
        one.do(corrections.refresh, owed, id=id_, **facts)
        second = two.start(corrections.refresh, owed, id=id_, **facts)
        wait_until(lambda: waiting("transactionid") == 1)
        one.commit()
        assert second.result(timeout=30).is_repeat
    assert Report.objects.get(obligation=owed).rev == 2
    assert Filing.objects.filter(report__obligation=owed).count() == Sheet.objects.count() == 2


def test_a_correction_in_the_air_is_in_neither_figures_nor_sources():
    upper = opened()
    block, home = f.block(upper.community), f.building(upper.community, 1)
    upper.told(1)
    with Beside() as one:
        one.begin()
        one.do(file, home, upper.week, upper.by, MONDAY, answers={"corridor": "uncleared"})
        sent = upper.submit(block).filing
        one.commit()
    f.drain(upper.community, MONDAY)
    sheet = Filing.objects.get(pk=sent.pk).sheet
    report = Report.objects.get(place=home)
    assert (corridors(sheet), sheet.sources) == (0, [[report.pk, 1]])
    assert [each.place for each in corrections.since(sent)] == [home]


def test_a_submission_waits_for_the_drain_that_counts_what_it_needs():
    upper = opened()
    block, home = f.block(upper.community), f.building(upper.community, 1)
    file(home, upper.week, answers={"corridor": "uncleared"})
    with Beside() as one, Beside() as two:
        one.begin()
        one.do(f.drain, upper.community)
        answer = two.start(upper.submit, block)
        wait_until(lambda: waiting("advisory") == 1)
        one.commit()
        sent = answer.result(timeout=30).filing
    assert corridors(sent.sheet) == 1
    assert len(sent.sheet.sources) == 1
