"""The rehearsal of a month: nothing to find when all is well, and what is wrong is found."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from governance.rehearsal import adding_up, month, told
from reports.models import Filing, Period, Sheet
from tests import factories as f
from tests.reports.uppers import opened
from units.models import Community

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 25, 9, tzinfo=ZoneInfo("Asia/Shanghai"))


def test_a_month_goes_through_and_every_figure_adds_up():
    acted = month.Month(month.last_month(at=NOW), f.street(), seed=47).act()
    assert acted.faults == []
    assert acted.counts["片区报告"] == 12
    assert acted.counts["社区月报"] == 2
    assert acted.counts["一键更新"] == 4
    assert acted.counts["社区月报的数字由来源加出"] > 100
    table = told.month_table(acted, seconds=1.0)
    assert "街道退回月报" in table
    assert "归档后" in table
    assert table.endswith("结论：数字都由来源加得出，重算 0 处不一致")
    assert Community.objects.get().name.startswith("演练")
    assert Period.objects.filter(key="2026-10").exists()


def test_a_figure_that_its_sources_do_not_come_to_is_found():
    upper = opened()
    upper.told(1, answers={"corridor": "uncleared"})
    sent = upper.submit(f.block(upper.community)).filing
    sheet = Sheet.objects.select_related("place__community", "period").get(pk=sent.sheet_id)
    checked, wrong = adding_up.differences(sheet)
    assert checked > 30
    assert wrong == []
    own = sheet.content["parts"][0]["figures"]
    next(figure for figure in own if figure[0] == "HAZ_CORR")[2] = 2
    assert [each.split("：")[0].split(" ")[1:] for each in adding_up.differences(sheet)[1]] == [
        ["第1片区", "HAZ_CORR"]
    ]
    assert Filing.objects.filter(sheet=sheet).exists()
