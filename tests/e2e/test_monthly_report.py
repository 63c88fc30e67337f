"""The month from draft to sent, and what the street does with it: clicks counted, and by keys.

The numbers of the jobs are those of domain/forms-and-indicators 5.3 and 5.4.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from reports import obligations
from reports.models import Admission, Export, Obligation, Report
from tests import factories as f
from tests.e2e.pressing import clicks, counted, follow, press, tab_to
from tests.e2e.test_journeys import login_of
from tests.governance import worlds

LATER = "2099-01-01T00:00Z"


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


def open_the_month(street: worlds.Street) -> Obligation:
    """This month's report, open since an hour whatever the day of the month is."""
    now = timezone.now()
    month = obligations.open_month(at=now)
    owed = f.owed(f.root(street.communities[0]), month)
    Obligation.objects.filter(pk=owed.pk).update(
        opens_at=now - timedelta(hours=1),
        due_at=now + timedelta(days=1),
        closes_at=now + timedelta(days=2),
        locks_at=now + timedelta(days=3),
    )
    Report.objects.filter(obligation=owed).delete()
    return owed


def test_job_8_the_drafted_month_is_checked_and_sent_in_three_clicks(street, open_page):
    owed = open_the_month(street)
    desk = counted(open_page(login_of(street, "director")))
    desk.click(".desk-nav >> text=报表")
    row = desk.locator("tr", has_text="已起草，等您核对").filter(has_text="社区月报")
    row.locator("a").click()
    # What differs from the month before is in front of the sentences.
    assert desk.is_visible("caption:has-text('和上个月比')")
    desk.click("button:has-text('提交街道')")
    desk.wait_for_selector("text=回执")
    assert clicks(desk) == 3
    assert Report.objects.get(obligation=owed).rev == 1


def test_job_8_by_keyboard_alone(street, open_page):
    owed = open_the_month(street)
    desk = open_page(login_of(street, "director"))
    follow(desk, "报表", ".desk-nav a")
    follow(desk, "社区月报", "main td a")
    assert desk.is_visible("caption:has-text('和上个月比')")
    # Past some hundred stops of figures, names and sentences.
    press(desk, "到提交")
    assert desk.evaluate("document.activeElement.textContent") == "提交街道"
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=回执")
    assert Report.objects.get(obligation=owed).rev == 1


def test_job_5_a_community_report_is_accepted_in_two_clicks(street, open_page):
    desk = counted(open_page(login_of(street, "street")))
    desk.click(".desk-nav >> text=报告审阅")
    assert desk.is_visible("caption:has-text('和上个月比')")
    desk.click("button:has-text('通过') >> nth=0")
    desk.wait_for_selector("text=已通过1份")
    assert clicks(desk) == 2
    assert Report.objects.get(form__code="community_report").review == "accepted"


def test_job_5_by_keyboard_alone(street, open_page):
    desk = open_page(login_of(street, "street"))
    follow(desk, "报告审阅", ".desk-nav a")
    desk.wait_for_selector("[data-review]")
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    desk.wait_for_selector("text=已通过1份")


def test_job_5_a_community_report_is_sent_back_with_two_clicks_and_a_sentence(street, open_page):
    Obligation.objects.filter(form__code="community_report").update(locks_at=LATER)
    desk = counted(open_page(login_of(street, "street")))
    desk.click(".desk-nav >> text=报告审阅")
    desk.click("summary:has-text('退回') >> nth=0")
    assert clicks(desk) == 2
    desk.wait_for_selector("[name=reason]:focus")
    desk.keyboard.type("请补上覆盖率的说明")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=已退回1份")
    assert Report.objects.get(form__code="community_report").review == "returned"


def test_job_7_a_proposed_field_is_decided_in_two_clicks(street, open_page):
    waiting = Admission.objects.get(state="proposed")
    desk = counted(open_page(login_of(street, "street")))
    desk.click(".desk-nav >> text=表单准入")
    row = desk.locator("tr", has_text=waiting.label)
    assert row.locator(f"text={waiting.difference}").is_visible()
    row.locator("button:has-text('同意，今天起问')").click()
    desk.wait_for_selector("text=谁决定")
    assert clicks(desk) == 2
    waiting.refresh_from_db()
    assert waiting.state == "agreed"


def test_job_7_by_keyboard_alone(street, open_page):
    waiting = Admission.objects.get(state="proposed")
    desk = open_page(login_of(street, "street"))
    follow(desk, "表单准入", ".desk-nav a")
    desk.wait_for_selector("h1:has-text('表单准入')")
    press(desk, "不同意", "summary")
    desk.wait_for_selector("[name=reason]:focus")
    desk.keyboard.type("已经在问")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=谁决定")
    waiting.refresh_from_db()
    assert waiting.state == "refused"


def test_job_8_of_the_street_a_table_is_exported_in_three_clicks(street, open_page):
    desk = counted(open_page(login_of(street, "street")))
    desk.click(".exports > summary")
    with desk.expect_download() as fetched:
        # A short table is there at once; a long one waits behind one click more, 「下载」.
        desk.click(".exports button[type=submit]")
    assert fetched.value.suggested_filename.endswith(".xlsx")
    assert clicks(desk) == 2
    desk.click(".desk-link >> text=下载")
    assert desk.is_visible("main >> text=核对")
    assert Export.objects.get().purpose == "核对"


def test_job_8_of_the_street_by_keyboard_alone(street, open_page):
    desk = open_page(login_of(street, "street"))
    press(desk, "导出", "summary")
    tab_to(desk, "导出", "button")
    with desk.expect_download() as fetched:
        desk.keyboard.press("Enter")
    assert fetched.value.suggested_filename.endswith(".xlsx")
