"""Block and community reports: drafted from below, submitted with their figures, kept as sent."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from reports import corrections, coverage, drafting, filing, obligations, sentences, sheets
from reports.filing import Seen
from reports.models import Filing, Mark, Report, Sheet, Summary
from tests import factories as f
from tests.reports.counting import assert_proven, file, tell
from tests.reports.uppers import DECEMBER_2, JUDGED, MONDAY, WRITTEN, opened
from units.refusals import Refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def upper():
    return opened()


def corridors(sheet: Sheet) -> int:
    return sheets.parts_of(sheet)[0].figures["HAZ_CORR"].numerator


def refusal_of(call, *args, **options) -> Refusal:
    with pytest.raises(Refusal) as refused:
        call(*args, **options)
    return refused.value


# --- The draft ------------------------------------------------------------------------------


def test_a_late_correction_refreshes_a_draft_that_is_not_submitted(upper):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    owed = upper.owed(block)
    before = drafting.draft(owed, at=MONDAY)
    assert (corridors(before.sheet), before.suggested) == (1, ["corridor", "coverage"])
    upper.told(1, at=MONDAY, answers={"corridor": "none", "facility": "broken"})
    after = drafting.draft(owed, at=MONDAY)
    assert (corridors(after.sheet), after.suggested) == (0, ["facility", "coverage"])
    assert before.seen != after.seen
    assert not Sheet.objects.exists()


def test_a_draft_names_what_is_missing_excused_and_waived_below(upper):
    block = f.block(upper.community)
    one, two = (f.owed(f.building(upper.community, n), upper.week) for n in (1, 2))
    obligations.excuse(one, reason="整幢修缮", by=upper.by, at=f.WEDNESDAY)
    two.waived_reason, two.waived_by = "三次电话没人接", upper.by
    two.save(update_fields=["waived_reason", "waived_by"])
    found = drafting.gaps(block, upper.week, at=MONDAY)
    assert [gap.place.name for gap in found] == ["1号楼组", "2号楼组"]
    assert [gap.newest.state for gap in found] == ["excused", "due"]
    assert [gap.newest.obligation.is_waived for gap in found] == [False, True]
    upper.told(2)
    assert [gap.place.name for gap in drafting.gaps(block, upper.week, at=MONDAY)] == ["1号楼组"]


def test_a_childs_absence_never_holds_up_a_parent(upper):
    block = f.block(upper.community)
    upper.submit(block)
    upper.submit(f.root(upper.community))
    assert upper.row(block).block_filed == 1
    assert upper.row(f.root(upper.community), upper.month).community_filed == 1


def test_first_words_of_a_community_come_from_what_most_blocks_name(upper):
    one, two = f.block(upper.community, 1), f.block(upper.community, 2)
    upper.submit(one, answers={"top_issues": ["waste", "stock"], "support_needed": "hands"})
    upper.submit(two, answers={"top_issues": ["waste"]})
    owed = upper.owed(f.root(upper.community))
    draft = drafting.draft(owed, at=DECEMBER_2)
    first = draft.first_answers(owed.form.latest().definition)
    assert first["problems"] == "各片区提得多的问题：垃圾分类、物资紧张。"
    assert first["support"] == "各片区需要的支持：人手。"
    assert "{报告覆盖率}" in first["coverage"]
    # What is drafted can be sent as it is.
    upper.submit(f.root(upper.community), answers=first)


# --- Sentences ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("覆盖率{覆盖百分百}。", "unknown_placeholder"),
        ("覆盖率{报告覆盖率。", "unpaired_brace"),
        ("覆盖率报告覆盖率}。", "unpaired_brace"),
        ("本月报告覆盖率为95.2。", "typed_figure"),
        ("本月报告覆盖率：９５。", "typed_figure"),
        ("收到了九成，也就是90%。", "typed_figure"),
        ("楼道堆物待清7处", "typed_figure"),
    ],
)
def test_numbers_are_placeholders_and_nothing_else(upper, text, code):
    refused = refusal_of(
        upper.submit, f.root(upper.community), answers={"coverage": text}
    )  # fmt: skip
    assert (refused.code, list(refused.fields)) == (code, ["coverage"])
    assert not Report.objects.filter(place=f.root(upper.community)).exists()


@pytest.mark.parametrize(
    "text",
    [
        "47号楼12月5日清理，派2人上门。",
        "楼道堆物待清{楼道堆物待清}处，3号楼最多。",
        "报告覆盖率｛报告覆盖率｝，比上月好。",
        "新来人数里2人是租客",
        "报告覆盖率{ 报告覆盖率 }",
    ],
)
def test_what_is_no_figure_of_ours_may_be_written(text):
    cleaned = sentences.clean(text, field="coverage")
    assert "｛" not in cleaned
    assert "{ " not in cleaned


def test_a_placeholder_is_read_as_the_figure_of_the_sheet_it_was_sent_with(upper):
    upper.told(1, answers={"corridor": "uncleared"})
    sheet = upper.submit(f.root(upper.community)).filing.sheet
    figures = sheets.parts_of(sheet)[0].figures
    pieces = sentences.rendered(WRITTEN["hazards"], figures)
    assert [(p.text, p.figure and p.figure.text) for p in pieces] == [
        ("楼道堆物待清", None),
        ("", "1"),
        ("处。", None),
    ]
    assert [p.text for p in sentences.rendered("{没有的}处", figures)] == ["{没有的}处"]


def test_a_block_may_not_call_nothing_and_something_a_problem(upper):
    refused = refusal_of(
        upper.submit, f.block(upper.community), answers={"top_issues": ["none", "waste"]}
    )  # fmt: skip
    assert refused.code == "contradiction"


# --- Submitting -----------------------------------------------------------------------------


def test_submitted_numbers_stay_as_submitted(upper):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    sent = upper.submit(block).filing
    upper.told(1, at=MONDAY, answers={"corridor": "none"})
    assert corridors(Filing.objects.get(pk=sent.pk).sheet) == 1
    assert upper.row(block).corridor_uncleared == 0


def test_a_sheet_is_stored_with_the_filing_or_not_at_all(upper):
    block = f.block(upper.community)
    receipt = upper.submit(block)
    assert Sheet.objects.get() == receipt.filing.sheet
    assert receipt.filing.sheet.taken_by == upper.by
    for facts in ({"answers": {"assessment": "blue"}}, {"base_rev": 0}):
        refusal_of(upper.submit, block, **facts)
    assert Sheet.objects.count() == 1
    # The same sending once more is the same receipt, and no second sheet.
    again = upper.submit(block, id=receipt.filing.pk, base_rev=0)
    assert (again.is_repeat, Sheet.objects.count()) == (True, 1)
    upper.submit(block, withdraws=True)
    assert Sheet.objects.count() == 1


def test_what_is_not_counted_yet_is_counted_before_it_is_submitted(upper):
    """Figures and sources of a sheet say the same, though no drain ran in between."""
    block = f.block(upper.community)
    told = file(f.building(upper.community), upper.week, answers={"corridor": "uncleared"}).report
    assert Mark.objects.exists()
    sheet = upper.submit(block).filing.sheet
    assert (corridors(sheet), sheet.sources) == (1, [[told.pk, 1]])


def test_an_upper_report_is_no_source_of_itself(upper):
    block = f.block(upper.community)
    upper.submit(block)
    sent = upper.submit(block).filing
    assert sent.rev == 2
    assert corrections.since(sent) == []


def test_numbers_that_changed_meanwhile_are_shown_before_they_are_sent(upper):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    seen = Seen(drafting.draft(upper.owed(block), at=MONDAY).seen, MONDAY)
    later = MONDAY + timedelta(minutes=5)
    upper.told(1, at=later, answers={"corridor": "none"})
    refused = refusal_of(upper.submit, block, at=later, seen=seen)
    assert (refused.code, refused.status) == ("numbers_changed", 409)
    assert str(refused.message) == "下级刚更正了1处，数字已更新，请再看一眼"
    assert not Report.objects.filter(place=block).exists()
    seen = Seen(drafting.draft(upper.owed(block), at=later).seen, later)
    assert upper.submit(block, at=later, seen=seen).filing.rev == 1


def test_a_block_report_moves_the_coverage_of_blocks(upper):
    block, root = f.block(upper.community), f.root(upper.community)
    assert [getattr(upper.row(root), f"block_{c}") for c in ("owed", "filed", "on_time")] == [
        *(2, 0, 0)
    ]
    upper.submit(block)
    late = MONDAY + timedelta(days=1, hours=10)
    upper.submit(f.block(upper.community, 2), at=late)
    for period in (upper.week, upper.month):
        row = upper.row(root, period)
        assert (row.block_owed, row.block_filed, row.block_on_time) == (2, 2, 1)
    assert upper.row(root).community_owed == 0
    assert_proven(late)
    upper.submit(block, withdraws=True)
    assert upper.row(root).block_filed == 1
    assert_proven(late)


def test_an_urgent_word_is_not_a_building_fact(upper):
    upper.submit(f.block(upper.community), answers={"assessment": "urgent"})
    row = upper.row(f.block(upper.community))
    assert (row.building_filed, row.corridor_uncleared) == (0, 0)


# --- Corrections and the refresh --------------------------------------------------------------


def test_changed_new_and_withdrawn_reports_are_told_apart(upper):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    home = f.household(upper.community, 1)
    visit = tell(home, answers={"situation": "same", "source": "visit"}).report
    sent = upper.submit(block).filing
    assert corrections.since(sent) == []
    upper.told(1, at=MONDAY, answers={"corridor": "none"})
    upper.told(2, at=MONDAY)
    tell(home, at=MONDAY, amends=visit, withdraws=True)
    f.drain(upper.community, MONDAY)
    found = corrections.since(sent)
    assert [(c.place.name, c.what) for c in found] == [
        ("1号楼组", "更正"),
        ("101室", "不再计入"),
        ("2号楼组", "补报"),
    ]
    assert found[0].words == [("楼道堆物", "有，待清", "无")]
    assert found[2].words == [("情况", "", "平安无事")]


def test_a_refresh_sends_the_same_words_with_new_figures_once(upper):
    block = f.block(upper.community)
    upper.told(1, answers={"corridor": "uncleared"})
    first = upper.submit(block, answers={"note": "请物业来看"}).filing
    upper.told(1, at=MONDAY, answers={"corridor": "none"})
    id_, owed = uuid4(), upper.owed(block)
    both = [
        corrections.refresh(owed, id=id_, base_rev=1, by=upper.by, at=MONDAY) for _each in range(2)
    ]
    assert [each.is_repeat for each in both] == [False, True]
    assert both[0].filing.pk == both[1].filing.pk == id_
    assert Filing.objects.filter(report=first.report).count() == 2
    new = Filing.objects.get(pk=id_)
    assert (new.rev, new.answers, corridors(new.sheet)) == (2, first.answers, 0)
    assert corridors(Filing.objects.get(pk=first.pk).sheet) == 1
    assert corrections.since(new) == []


def test_a_refresh_on_an_old_sending_is_refused_with_both_versions(upper):
    block = f.block(upper.community)
    upper.submit(block)
    upper.submit(block, answers={"assessment": "urgent"})
    refused = refusal_of(
        corrections.refresh, upper.owed(block), id=uuid4(), base_rev=1, by=upper.by, at=MONDAY
    )
    assert (refused.code, refused.status) == ("stale", 409)
    refused = refusal_of(
        corrections.refresh, upper.owed(block), id=uuid4(), base_rev=7, by=upper.by, at=MONDAY
    )
    assert refused.code == "nothing_to_refresh"


def test_after_the_lock_a_refresh_needs_staff_and_a_reason(upper):
    block = f.block(upper.community)
    upper.submit(block)
    owed = upper.owed(block)
    facts = {"base_rev": 1, "by": upper.by, "at": owed.locks_at}
    assert refusal_of(corrections.refresh, owed, id=uuid4(), **facts).code == "locked"
    facts["may_amend_locked"] = True
    assert refusal_of(corrections.refresh, owed, id=uuid4(), **facts).code == "reason_required"
    receipt = corrections.refresh(owed, id=uuid4(), reason="下级更正", **facts)
    assert receipt.filing.rev == 2
    owed = type(owed).objects.with_report().get(pk=owed.pk)
    assert coverage.standing(owed, at=owed.locks_at).state == "amended"


# --- Rhythm ---------------------------------------------------------------------------------


def test_a_community_may_have_its_blocks_report_monthly():
    upper = opened((2, 1), block_report="month")
    block = f.block(upper.community)
    owed = f.owed(block, upper.month)
    assert timezone.localtime(owed.opens_at).day == 30
    upper.told(1, answers={"corridor": "uncleared"})
    sent = filing.file(
        owed,
        filing.Sending(id=uuid4(), by=upper.by, channel=Filing.Channel.PAGE, answers=JUDGED),
        at=DECEMBER_2,
    ).filing
    f.drain(upper.community, DECEMBER_2)
    assert (sent.sheet.period, corridors(sent.sheet)) == (upper.month, 1)
    root = f.root(upper.community)
    assert (upper.row(root, upper.month).block_owed, upper.row(root).block_owed) == (2, 0)
    assert upper.row(root, upper.month).block_filed == 1
    gaps = drafting.gaps(root, upper.month, at=DECEMBER_2)
    assert [gap.place.name for gap in gaps] == ["第2片区", "2号楼组", "3号楼组"]
    assert_proven(DECEMBER_2)
    assert Summary.objects.filter(period=upper.week, block_owed__gt=0).count() == 0
