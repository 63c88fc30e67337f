"""The month from draft to sent, and what the street does with it: clicks counted, and by keys.

The numbers of the jobs are those of domain/forms-and-indicators 5.3 and 5.4.
"""

from datetime import timedelta

import pytest
from django.utils import timezone

from reports import obligations
from reports.models import Admission, Export, Obligation, Report
from tests import factories as f
from tests.e2e.test_journeys import COUNT_CLICKS, login_of
from tests.governance import worlds


@pytest.fixture
def street(house):
    made = worlds.street(1)
    house.wait_until(200, 30)
    return made


def counted(page) -> int:
    return page.evaluate("Number(sessionStorage.clicks)")


def count_from_here(page) -> None:
    page.context.add_init_script(COUNT_CLICKS)
    page.reload()


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
    desk = open_page(login_of(street, "director"))
    count_from_here(desk)
    desk.click(".desk-nav >> text=报表")
    row = desk.locator("tr", has_text="已起草，等您核对").filter(has_text="社区月报")
    row.locator("a").click()
    # What differs from the month before is in front of the sentences.
    assert desk.is_visible("caption:has-text('和上个月比')")
    desk.click("button:has-text('提交街道')")
    desk.wait_for_selector("text=回执")
    assert counted(desk) == 3
    assert Report.objects.get(obligation=owed).rev == 1


def test_job_8_by_keyboard_alone(street, open_page):
    owed = open_the_month(street)
    desk = open_page(login_of(street, "director"))
    _tab_to(desk, "报表")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=已起草，等您核对")
    _tab_to(desk, "社区月报")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("caption:has-text('和上个月比')")
    _tab_to(desk, "提交街道")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=回执")
    assert Report.objects.get(obligation=owed).rev == 1


def test_job_5_a_community_report_is_accepted_in_two_clicks(street, open_page):
    desk = open_page(login_of(street, "street"))
    count_from_here(desk)
    desk.click(".desk-nav >> text=报告审阅")
    assert desk.is_visible("caption:has-text('和上个月比')")
    desk.click("button:has-text('通过') >> nth=0")
    desk.wait_for_selector("text=已通过1份")
    assert counted(desk) == 2
    assert Report.objects.get(form__code="community_report").review == "accepted"


def test_job_5_by_keyboard_alone(street, open_page):
    desk = open_page(login_of(street, "street"))
    _tab_to(desk, "报告审阅")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("[data-review]")
    desk.keyboard.press("j")
    desk.keyboard.press("a")
    desk.wait_for_selector("text=已通过1份")


def test_job_7_a_proposed_field_is_decided_in_two_clicks(street, open_page):
    desk = open_page(login_of(street, "street"))
    desk.click(".desk-more > summary")
    desk.click(".desk-nav >> text=表单准入")
    count_from_here(desk)
    waiting = Admission.objects.get(state="proposed")
    desk.click(f"text={waiting.label}")
    desk.click("button:has-text('同意，今天起问')")
    desk.wait_for_selector("text=谁决定")
    assert counted(desk) == 2
    waiting.refresh_from_db()
    assert waiting.state == "agreed"


def test_job_7_by_keyboard_alone(street, open_page):
    waiting = Admission.objects.get(state="proposed")
    desk = open_page(login_of(street, "street"))
    _tab_to(desk, "更多")
    desk.keyboard.press("Enter")
    _tab_to(desk, "表单准入")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("h1:has-text('表单准入')")
    _tab_to(desk, waiting.label)
    desk.keyboard.press("Enter")
    desk.wait_for_selector("button:has-text('同意，今天起问')")
    _tab_to(desk, "同意，今天起问")
    desk.keyboard.press("Enter")
    desk.wait_for_selector("text=谁决定")


def test_job_8_of_the_street_a_table_is_exported_in_three_clicks(street, open_page):
    desk = open_page(login_of(street, "street"))
    count_from_here(desk)
    desk.click(".exports > summary")
    with desk.expect_download() as fetched:
        # A short table is there at once; a long one waits behind one click more, 「下载」.
        desk.click(".exports button[type=submit]")
    assert fetched.value.suggested_filename.endswith(".xlsx")
    assert counted(desk) == 2
    desk.click(".desk-link >> text=下载")
    assert desk.is_visible("main >> text=核对")
    assert Export.objects.get().purpose == "核对"


def test_job_8_of_the_street_by_keyboard_alone(street, open_page):
    desk = open_page(login_of(street, "street"))
    _tab_to(desk, "导出")
    desk.keyboard.press("Enter")
    _tab_to(desk, "导出", tag="BUTTON")
    with desk.expect_download() as fetched:
        desk.keyboard.press("Enter")
    assert fetched.value.suggested_filename.endswith(".xlsx")


_FOCUS = """([words, tag]) => {
  const here = document.activeElement;
  return here && (!tag || here.tagName === tag)
    && here.textContent.trim().replace(/^[▸▾] /, "").includes(words);
}"""


def _tab_to(page, words: str, *, tag: str = "") -> None:
    """Press Tab until the focus is on what says `words`."""
    page.wait_for_selector(".desk-nav")
    for _press in range(120):
        page.keyboard.press("Tab")
        if page.evaluate(_FOCUS, [words, tag]):
            return
    raise AssertionError(f"Tab never came to {words}")
