"""Properties of the roll-up: only what stands at the end counts, whatever the way there."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.models import Summary
from tests import factories as f
from tests.beside import undone
from tests.reports.counting import answers, assert_proven, figures, file

pytestmark = pytest.mark.django_db

Sent = tuple[int, dict[str, str]]  # building number, answers
sendings = st.lists(st.tuples(st.integers(1, 4), answers), max_size=8)


def another_order(said: list[Sent], chance: Random) -> list[Sent]:
    """The same sendings mixed anew; those of one building keep their order."""
    waiting = {n: [each for each in said if each[0] == n] for n, _answers in said}
    buildings = [n for n, _answers in said]
    chance.shuffle(buildings)
    return [waiting[n].pop(0) for n in buildings]


@given(sendings, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=25)
def test_any_order_of_filing_gives_the_same_summaries(said, chance):
    with undone():
        community, results = f.compound((2, 1, 1)), []
        period, user = f.open_week(), f.person()
        for order in (said, another_order(said, chance)):
            with undone():
                for number, each in order:
                    file(f.building(community, number), period, user, answers=each)
                    if chance.random() < 0.3:
                        f.drain(community)
                f.drain(community)
                assert_proven()
                results.append(figures(period))
        assert results[0] == results[1]


@given(answers, answers, st.booleans())
@settings(deadline=None, max_examples=25)
def test_amending_and_amending_back_is_nothing(first, second, drained_between):
    with undone():
        community = f.compound((1, 1))
        period, user, place = f.open_week(), f.person(), f.building(community, 1)
        file(place, period, user, answers=first)
        f.drain(community)
        before = figures(period)
        file(place, period, user, answers=second)
        if drained_between:
            f.drain(community)
        file(place, period, user, answers=first)
        f.drain(community)
        assert figures(period) == before


def test_a_version_grows_only_where_a_shown_value_changed():
    community = f.compound((2, 1))
    period, home = f.open_week(), f.building(community, 1)
    file(home, period, answers={"corridor": "uncleared"})
    f.drain(community)
    before = dict(Summary.objects.values_list("place", "version"))
    file(home, period, answers={"corridor": "uncleared", "note": "已催物业"})
    f.drain(community)
    assert dict(Summary.objects.values_list("place", "version")) == before
    file(home, period, answers={"corridor": "cleared"})
    f.drain(community)
    after = dict(Summary.objects.values_list("place", "version"))
    grown = {place for place in after if after[place] == before[place] + 1}
    assert grown == {home.pk, f.block(community, 1).pk, f.root(community).pk}
    assert {place for place in after if after[place] == before[place]} == set(after) - grown
