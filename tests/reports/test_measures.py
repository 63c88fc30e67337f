"""The catalogue: versions of a formula, audiences, and what a form costs in taps."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from reports import calendar, catalogue, measures, sheets
from reports.measures import Audience, formula, reported, versions
from reports.models import Summary
from reports.rollup.leaf import COLUMNS
from tests import factories as f
from tests.reports.counting import file
from units.kinds import Kind

BREAK = date(2026, 11, 1)
OLD = replace(measures.WASTE, valid_to=BREAK - timedelta(days=1))
NEW = replace(measures.WASTE, version=2, valid_from=BREAK, denominator={"building_filed": 1})


@pytest.fixture
def changed(monkeypatch):
    """垃圾分类良好率 divided by all reports from November on."""
    rest = [m for m in versions.DECLARED if m.code != OLD.code]
    monkeypatch.setattr(versions, "DECLARED", (*rest, OLD, NEW))


def test_the_version_of_a_day_is_the_one_valid_then(changed):
    assert measures.in_force("WASTE_GOOD", BREAK - timedelta(days=1)) is OLD
    assert measures.in_force("WASTE_GOOD", BREAK) is NEW
    assert measures.version_of("WASTE_GOOD", 1) is OLD
    with pytest.raises(KeyError):
        measures.in_force("NOTHING", BREAK)


def test_before_its_first_version_a_measure_has_its_first():
    assert versions.in_force("COV_B", date(1999, 1, 1)) is measures.COVERAGE


@pytest.mark.django_db
def test_a_sheet_is_drawn_up_in_the_versions_of_the_last_day_of_its_period(changed):
    community = f.compound((2,))
    week = f.open_week()
    earlier = calendar.week_of(BREAK - timedelta(days=7))
    for place, answers in ((1, {}), (2, None)):
        file(f.building(community, place), week, answers=answers)
    f.drain(community)
    row = Summary.objects.get(place=f.root(community), period=week)
    Summary.objects.filter(pk=row.pk).update(waste_good=1)
    row.pk, row.period = None, earlier
    row.save()
    for period, version, text in ((week, 2, "50.0%"), (earlier, 1, "100.0%")):
        sheet = sheets.draw_up(f.root(community), period, at=f.WEDNESDAY)
        figure = sheets.parts_of(sheet)[0].figures["WASTE_GOOD"]
        assert (figure.measure.version, figure.text) == (version, text)


@pytest.mark.django_db
def test_the_page_computes_each_period_by_its_version_and_marks_the_break(changed, client):
    community = f.compound((2,))
    root = f.root(community)
    today = timezone.localdate()
    break_on = calendar.week_of(today - timedelta(days=7)).starts_on
    old = replace(OLD, valid_to=break_on - timedelta(days=1))
    new = replace(NEW, valid_from=break_on)
    versions.DECLARED = (*(m for m in versions.DECLARED if m.code != OLD.code), old, new)
    weeks = [calendar.week_of(today - timedelta(days=7 * ago)) for ago in (3, 2, 1)]
    said = {"building_filed": 2, "building_looked": 2, "waste_good": 1, "waste_answered": 1}
    for week in weeks:
        Summary.objects.create(
            place=root, period=week, community=community, kind=0, computed_at=f.WEDNESDAY, **said
        )
    client.force_login(f.staff(community))
    of = {"code": "WASTE_GOOD", "place": root.code, "period": weeks[-1].key}
    page = client.get(reverse("figure", kwargs=of)).content.decode()
    assert "50.0%" in page
    assert "100.0%" in page
    assert 'class="past-break"' in page
    assert "第2版" in page
    assert "口径更新过，前后不能直接比" in page


def test_every_measure_is_made_of_columns_and_says_who_sees_it():
    for measure in measures.CATALOGUE:
        assert measure.columns <= set(COLUMNS)
        assert Audience.COMMITTEE in measure.viewers
        assert measure.name
        assert measure.definition
        assert measure.unit
        assert measure.periods
        assert (measure.periods == ("now",)) is measure.is_stock
    codes = [measure.code for measure in measures.CATALOGUE]
    assert len(codes) == len(set(codes)) >= 30


def test_sensitive_measures_are_not_published_nor_broken_down_to_buildings():
    for measure in measures.CATALOGUE:
        if measure.is_sensitive:
            assert Audience.PUBLIC not in measure.viewers
            assert Audience.GROUP not in measure.viewers
            if measure.is_stock:
                assert measure.level == Kind.BLOCK


def test_the_taps_of_a_report_are_those_of_the_form():
    asked = [
        field
        for field in catalogue.read(catalogue.BUILDING_REPORT)["fields"]
        if field.get("required") and "relevant" not in field
    ]
    # Open the form, answer, send.
    assert len(asked) + 2 == reported.TAPS_FORM


def test_a_formula_is_told_in_words_and_in_numbers():
    words = "已报楼组 ÷（应报楼组 − 免报楼组）"
    assert formula.in_words(measures.COVERAGE) == words
    columns = {"building_filed": 119, "building_owed": 126, "building_excused": 1}
    figure = measures.figure(measures.COVERAGE, [columns])
    assert formula.in_numbers(figure, columns) == "119 ÷（126 − 1） = 95.2%"
    assert formula.in_numbers(figure) == "119 ÷ 125 = 95.2%"
    taps = measures.figure(
        measures.BURDEN, [{"building_nil": 3, "building_looked": 1, "building_filed": 4}]
    )
    assert taps.text == "3.8"


def test_a_rate_over_nothing_has_no_value():
    nothing = measures.figure(measures.COVERAGE, [])
    assert nothing.value is None
    assert nothing.text == "—"
