"""The acceptance lines of M03 (domain/mechanisms), and the same on communities of any shape."""

from collections import Counter
from decimal import Decimal

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import corrections, coverage, measures, sheets
from reports.models import Filing, Mark, Obligation, Summary
from reports.rollup import recount
from reports.rollup.leaf import COLUMNS
from tests import factories as f
from tests.beside import undone
from tests.reports.counting import answers, assert_proven, file, longer
from tests.reports.uppers import MONDAY, opened
from units import tree
from units.models import Place

pytestmark = pytest.mark.django_db

# What each answer counts into (domain/forms-and-indicators 5.6), said again here.
COUNTS_INTO = {
    ("corridor", "uncleared"): ["corridor_uncleared"],
    ("ebike", "unresolved"): ["ebike_unresolved"],
    ("waste", "good"): ["waste_good", "waste_answered"],
    ("waste", "fair"): ["waste_answered"],
    ("waste", "poor"): ["waste_answered"],
    ("dispute", "mediated"): ["disputes", "mediated"],
    ("dispute", "committee"): ["disputes"],
    ("facility", "broken"): ["facility_reported"],
    ("stock", "tight"): ["stock_tight"],
    ("derived_ok", "wrong"): ["figures_disputed"],
}


def counted_by_hand(period) -> dict[int, Counter]:
    """Place → counts, from what was sent and from where buildings stand: no SQL but SELECTs."""
    parents = dict(Place.objects.values_list("pk", "parent"))
    last = {}
    for sent in Filing.objects.order_by("rev").select_related("report"):
        last[sent.report.obligation_id] = sent
    found: dict[int, Counter] = {}
    for owed in Obligation.objects.filter(period=period):
        counts = Counter(building_owed=1)
        sent = last.get(owed.pk)
        if sent and not sent.withdraws:
            counts.update(["building_filed", "building_on_time"])
            counts.update(["building_nil" if sent.nil else "building_looked"])
            for answer in sent.answers.items():
                counts.update(COUNTS_INTO.get(answer, ()))
        place = owed.place_id
        while place:
            found.setdefault(place, Counter()).update(counts)
            place = parents[place]
    return found


def mark_everything() -> None:
    """As if every task were delivered once more: all is recomputed, and nothing has changed."""
    for row in Summary.objects.all():
        Mark.objects.create(
            community_id=row.community_id, place_id=row.place_id, period_id=row.period_id
        )


def coverage_of(period, *places) -> measures.Figure:
    rows = Summary.objects.filter(place__in=places, period=period)
    return measures.figure(measures.COVERAGE, rows)


def test_1_of_125_groups_119_filed_and_the_6_missing_are_not_zero():
    community = f.compound((16,) * 5 + (15,) * 3)
    period, user = f.open_week(), f.person()
    homes = list(Place.objects.filter(community=community, kind=2))
    missing, nil, looked = homes[::20][:6], homes[1::20][:4], []
    for home in homes:
        if home in nil:
            file(home, period, user)
        elif home not in missing:
            file(home, period, user, answers={"corridor": "uncleared"})
            looked.append(home)
    f.drain(community)
    row = Summary.objects.get(place=f.root(community), period=period)
    assert len(homes) == 125
    assert (row.building_filed, row.building_nil, row.building_looked) == (119, 4, 115)
    for each in longer(period):
        shown = coverage_of(each, f.root(community))
        assert (shown.fraction, shown.value, shown.text) == ("119/125", Decimal("95.2"), "95.2%")
    assert measures.figure(measures.MISSING, [row]).numerator == 6
    # Missing is not "nothing to clear": who was not heard is in no denominator but coverage.
    assert (row.corridor_uncleared, row.waste_answered) == (115, 115)
    end = Obligation.objects.first().closes_at
    states = Counter(
        coverage.standing(each, at=end).state for each in Obligation.objects.with_report()
    )
    assert states == {"submitted": 115, "nil": 4, "missing": 6}
    assert coverage.State.MISSING.label == "未收到"
    of_the_missing = Summary.objects.filter(place=missing[0], period=period)
    assert measures.figure(measures.WASTE, of_the_missing).text == "—"


def test_2_a_correction_after_the_blocks_submission_changes_figures_and_is_shown():
    upper = opened((16,) * 3)
    block, root = f.block(upper.community, 3), f.root(upper.community)
    l047 = f.building(upper.community, 47)
    assert l047.parent == block
    upper.told(47, answers={"corridor": "uncleared"})
    sent = upper.submit(block).filing
    assert corrections.since(sent) == []
    upper.told(47, at=MONDAY, answers={"corridor": "none"})
    for place in (block, root):
        for period in longer(upper.week):
            assert upper.row(place, period).corridor_uncleared == 0
    [found] = corrections.since(sent)
    assert (found.place, found.words) == (l047, [("楼道堆物", "有，待清", "无")])
    client = Client()
    client.force_login(f.staff(upper.community))
    address = reverse("upper-report", kwargs={"code": block.code, "period": upper.week.key})
    page = client.get(address).content.decode()
    assert "下级已更正1处" in page
    # The old value remains, in the history of the building and in the block's own figures.
    assert [each.answers["corridor"] for each in Filing.objects.filter(report__place=l047)] == [
        *("uncleared", "none")
    ]
    submitted = sheets.parts_of(Filing.objects.get(pk=sent.pk).sheet)
    assert submitted[0].figures["HAZ_CORR"].numerator == 1


def test_3_running_the_roll_up_twice_gives_identical_rows():
    community = f.compound((2, 2))
    period = f.open_week()
    file(f.building(community, 1), period, answers={"stock": "tight"})
    f.drain(community)
    first = list(Summary.objects.order_by("pk").values())
    # Seven places from building to community in week, month and quarter; eight more live now.
    assert len(first) == 3 * 7 + 15
    mark_everything()
    assert f.drain(community) == 3 * 7 + 15
    assert list(Summary.objects.order_by("pk").values()) == first


def test_4_a_rate_of_two_blocks_is_sum_over_sum_and_no_mean_of_rates():
    community = f.compound((20, 4))
    period, user = f.open_week(), f.person()
    for number in (*range(1, 19), 21):
        file(f.building(community, number), period, user)
    f.drain(community)
    blocks = f.block(community, 1), f.block(community, 2)
    for kind in longer(period):
        assert [coverage_of(kind, each).fraction for each in blocks] == ["18/20", "1/4"]
        for shown in (coverage_of(kind, f.root(community)), coverage_of(kind, *blocks)):
            assert (shown.fraction, shown.value) == ("19/24", Decimal("79.2"))
            assert shown.value != sum(coverage_of(kind, each).value for each in blocks) / 2


step = st.tuples(
    st.integers(0, 30),
    st.one_of(
        st.just({}),
        st.just({"withdraws": True}),
        st.fixed_dictionaries({"answers": answers}),
        st.fixed_dictionaries({"moves_to": st.integers(0, 5)}),
    ),
    st.booleans(),
)


@given(st.lists(st.integers(0, 4), min_size=1, max_size=5), st.lists(step, max_size=20))
@settings(deadline=None, max_examples=30)
def test_any_community_counts_what_was_sent(shape, steps):
    with undone():
        community = f.compound(shape)
        period, user = f.open_week(), f.person()
        homes = list(Place.objects.filter(community=community, kind=2).order_by("code"))
        stands: set[int] = set()
        for index, facts, drains in steps if homes else ():
            home = homes[index % len(homes)]
            if "moves_to" in facts:
                target = f.block(community, facts["moves_to"] % len(shape) + 1)
                tree.move(home.pk, to_parent_id=target.pk, at=f.WEDNESDAY)
            elif "withdraws" not in facts:
                file(home, period, user, **facts)
                stands.add(home.pk)
            elif home.pk in stands:
                file(home, period, user, **facts)
                stands.remove(home.pk)
            if drains:
                f.drain(community)
        f.drain(community)
        assert_proven()
        by_hand = counted_by_hand(period)
        for each in longer(period):
            stored = {
                row.place_id: {c: getattr(row, c) for c in COLUMNS}
                for row in Summary.objects.filter(building_owed__gt=0, period=each)
            }
            assert stored == {
                place: {c: counts[c] for c in COLUMNS} for place, counts in by_hand.items()
            }
            shown = coverage_of(each, f.root(community))
            assert shown.fraction == f"{len(stands)}/{len(homes)}"
            assert (shown.value is None) == (not homes)
        rest = Summary.objects.exclude(place__in=by_hand).exclude(period__kind="now")
        assert {count for row in rest.values_list(*COLUMNS) for count in row} <= {0}
        assert not Summary.objects.filter(period__kind="now", building_owed__gt=0).exists()
        first = list(Summary.objects.order_by("pk").values())
        mark_everything()
        f.drain(community)
        assert list(Summary.objects.order_by("pk").values()) == first
        assert recount.differences(at=f.WEDNESDAY) == []
