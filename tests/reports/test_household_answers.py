"""The household form: what it asks for after 「有变化」, and numbers however they are typed."""

import pytest

from reports import answers as engine
from reports.catalogue import HOUSEHOLD_REPORT, read
from units.refusals import Refusal

FORM = read(HOUSEHOLD_REPORT)
PEOPLE = {"situation": "changed", "changes": ["people"]}


def refusal(raw: dict) -> Refusal:
    with pytest.raises(Refusal) as caught:
        engine.validate(FORM, raw)
    return caught.value


def test_no_change_is_two_taps_and_the_rest_has_its_defaults():
    answered = engine.validate(FORM, {"situation": "same"})
    assert answered.answers == {"source": "visit", "situation": "same"}
    assert answered.said == {"visits": 1, "confirmed": 1}


def test_a_change_must_say_what_changed():
    assert refusal({}).fields == {"situation": "这一项还没选：情况"}
    assert refusal({"situation": "changed"}).fields == {"changes": "这一项还没选：变化内容"}


@pytest.mark.parametrize("more", [{}, {"arrived": ""}, {"arrived": 0, "departed": "０"}])
def test_people_who_came_or_went_need_a_number_told_beside_the_first(more):
    found = refusal(PEOPLE | more)
    assert (found.code, found.status) == ("needs_one_of", 422)
    told = "请至少填一项：新来几人、离开几人、以前记的人数不对，现在住几人"
    assert found.fields == {"arrived": told}


@pytest.mark.parametrize("one", ["arrived", "departed", "head_count"])
def test_any_one_number_of_people_is_enough(one):
    assert engine.validate(FORM, PEOPLE | {one: 1}).answers[one] == 1


def test_nobody_living_here_any_more_is_a_head_count():
    answered = engine.validate(FORM, PEOPLE | {"head_count": "0"})
    assert answered.answers["head_count"] == 0
    assert answered.said == {"visits": 1, "confirmed": 1, "changed": 1}


@pytest.mark.parametrize("typed", [3, "3", "３", " 3 ", "３人", "3人", "03"])
def test_a_number_is_a_number_however_it_is_typed(typed):
    answered = engine.validate(FORM, PEOPLE | {"arrived": typed})
    assert answered.answers["arrived"] == answered.said["arrived"] == 3


@pytest.mark.parametrize("typed", ["-1", "1.5", 1.5, "三", "人", True, [1], {"1": 1}, "9" * 5000])
def test_what_is_no_number_of_persons_is_refused_with_one_sentence(typed):
    found = refusal(PEOPLE | {"arrived": typed})
    assert (found.code, found.fields) == ("not_a_number", {"arrived": "请填数字，例如2"})


@pytest.mark.parametrize(("field", "most"), [("arrived", 20), ("departed", 20), ("head_count", 30)])
def test_more_people_than_a_household_holds_are_refused(field, most):
    assert engine.validate(FORM, PEOPLE | {field: most}).answers[field] == most
    found = refusal(PEOPLE | {field: f"{most + 1}"})
    assert (found.code, found.fields) == ("too_many", {field: f"最多{most}，请再看一下"})


def test_help_asks_for_its_kind_and_both_help_and_a_suggestion_for_consent():
    found = refusal({"situation": "changed", "changes": ["help"]})
    assert (found.code, set(found.fields)) == ("invalid_answers", {"help_kind", "consent"})
    found = refusal({"situation": "changed", "changes": ["suggestion"]})
    assert set(found.fields) == {"consent"}
    assert engine.validate(FORM, {"situation": "changed", "changes": ["hazard"]})


def test_every_problem_of_a_report_is_told_at_its_own_place():
    found = refusal(PEOPLE | {"changes": ["people", "help"], "arrived": "21", "help_kind": "cook"})
    assert found.code == "invalid_answers"
    assert set(found.fields) == {"arrived", "help_kind", "consent"}


def test_numbers_are_read_as_persons():
    words = engine.in_words(FORM, PEOPLE | {"arrived": 2, "source": "visit"})
    assert words == [
        ("怎么知道的", "走访"),
        ("情况", "有变化"),
        ("变化内容", "人员变动"),
        ("新来几人", "2人"),
    ]


def test_a_head_count_of_zero_is_read_out():
    assert engine.in_words(FORM, {"head_count": 0}) == [("以前记的人数不对，现在住几人", "0人")]


def test_a_telephone_number_in_the_note_is_refused_beside_it():
    found = refusal({"situation": "same", "note": "找13812345678"})
    assert (found.code, set(found.fields)) == ("mobile_number", {"note"})
