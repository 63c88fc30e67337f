"""The form engine: what a form accepts, what it says about the rest, and what it counts."""

import pytest

from reports import answers as engine
from reports.catalogue import BUILDING_REPORT, read
from reports.models.report import SAID
from tests.factories import CALM
from units.refusals import Refusal

LIGHTS = {
    "fields": [
        {
            "name": "lights",
            "label": "楼道灯",
            "type": "choice",
            "required": True,
            "choices": [
                {"value": "on", "label": "亮"},
                {"value": "off", "label": "不亮", "feeds": ["facility_reported"]},
            ],
        },
        {"name": "floors", "label": "在几楼", "type": "floors", "required": True}
        | {"relevant": {"lights": ["off"]}},
        {"name": "parts", "label": "缺什么", "type": "choices"}
        | {"choices": [{"value": "bulb", "label": "灯泡"}, {"value": "wire", "label": "电线"}]},
        {"name": "note", "label": "一句话", "type": "text", "max_length": 10},
    ]
}


def refusal(raw: dict, definition: dict = LIGHTS) -> Refusal:
    with pytest.raises(Refusal) as caught:
        engine.validate(definition, raw)
    return caught.value


def test_a_calm_building_report_is_accepted_and_counts_only_good_waste():
    answered = engine.validate(read(BUILDING_REPORT), CALM)
    assert answered.answers == CALM
    assert answered.said == {"waste_good": 1, "waste_answered": 1}


@pytest.mark.parametrize(
    ("answer", "columns"),
    [
        ({"corridor": "cleared"}, set()),
        ({"corridor": "uncleared"}, {"corridor_uncleared"}),
        ({"ebike": "persuaded"}, set()),
        ({"ebike": "unresolved"}, {"ebike_unresolved"}),
        ({"dispute": "mediated"}, {"disputes", "mediated"}),
        ({"dispute": "committee"}, {"disputes"}),
        ({"facility": "broken"}, {"facility_reported"}),
        ({"stock": "tight"}, {"stock_tight"}),
        ({"derived_ok": "wrong"}, {"figures_disputed"}),
    ],
)
def test_each_answer_feeds_its_columns(answer, columns):
    said = engine.validate(read(BUILDING_REPORT), CALM | answer).said
    assert set(said) == columns | {"waste_good", "waste_answered"}
    assert set(said.values()) == {1}


@pytest.mark.parametrize("waste", ["fair", "poor"])
def test_waste_that_is_not_good_is_answered_all_the_same(waste):
    said = engine.validate(read(BUILDING_REPORT), CALM | {"waste": waste}).said
    assert said == {"waste_answered": 1}


def test_every_column_is_fed_and_every_feed_is_a_column():
    fields = read(BUILDING_REPORT)["fields"]
    feeds = {
        c for each in fields for choice in each.get("choices", ()) for c in choice.get("feeds", ())
    }
    assert feeds == set(SAID)


def test_a_required_field_left_out_is_named_by_its_label():
    found = refusal({})
    assert (found.code, found.status) == ("required", 422)
    assert found.fields == {"lights": "这一项还没选：楼道灯"}


@pytest.mark.parametrize("empty", ["", None, []])
def test_an_empty_answer_is_none(empty):
    assert refusal({"lights": empty}).code == "required"


def test_a_required_follow_up_is_required_only_while_it_is_relevant():
    assert engine.validate(LIGHTS, {"lights": "on"}).answers == {"lights": "on"}
    assert refusal({"lights": "off"}).fields == {"floors": "这一项还没选：在几楼"}


@pytest.mark.parametrize("floors", [[3], "阁楼", ["9" * 5000]])
def test_an_answer_that_is_not_relevant_does_not_count_whatever_it_is(floors):
    assert engine.validate(LIGHTS, {"lights": "on", "floors": floors}).answers == {"lights": "on"}


def test_an_unknown_choice_is_refused():
    assert refusal({"lights": "dim"}).fields == {"lights": "请在给出的选项里选：楼道灯"}


@pytest.mark.parametrize("value", [["on"], {"on": 1}, 1, True])
def test_a_choice_of_the_wrong_shape_is_refused(value):
    assert refusal({"lights": value}).code == "unknown_choice"


def test_an_unknown_field_is_refused():
    assert refusal({"lights": "on", "colour": "red"}).code == "unknown_field"


def test_several_choices_are_kept_once_and_in_order():
    raw = {"lights": "on", "parts": ["wire", "bulb", "wire"]}
    assert engine.validate(LIGHTS, raw).answers["parts"] == ["bulb", "wire"]
    assert engine.validate(LIGHTS, raw | {"parts": "wire"}).answers["parts"] == ["wire"]


def test_one_unknown_among_several_choices_is_refused():
    assert refusal({"lights": "on", "parts": ["bulb", "lamp"]}).code == "unknown_choice"


@pytest.mark.parametrize(
    ("raw", "floors"),
    [
        ([3], [3]),
        (3, [3]),
        ("3", [3]),
        ("３", [3]),
        ("3楼", [3]),
        ("３ 楼", [3]),
        ([" 5楼 ", "２", 2], [2, 5]),
        (["60", 1], [1, 60]),
    ],
)
def test_floors_are_whole_numbers_however_they_are_typed(raw, floors):
    assert engine.validate(LIGHTS, {"lights": "off", "floors": raw}).answers["floors"] == floors


@pytest.mark.parametrize(
    "raw",
    ["222", "61", "0", "-1", "3.5", 3.0, True, "三", "楼", "3楼2室", [[3]], {"3": 1}, "9" * 5000],
)
def test_what_is_no_floor_of_a_house_is_refused(raw):
    found = refusal({"lights": "off", "floors": raw})
    assert (found.code, set(found.fields)) == ("not_a_floor", {"floors"})


def test_text_is_kept_without_its_outer_space_and_without_what_cannot_be_stored():
    raw = {"lights": "on", "note": "  灯\x00好了\ud800 \n"}
    assert engine.validate(LIGHTS, raw).answers["note"] == "灯好了"


def test_text_may_be_as_long_as_the_form_says_and_no_longer():
    assert engine.validate(LIGHTS, {"lights": "on", "note": "灯" * 10}).answers["note"] == "灯" * 10
    assert refusal({"lights": "on", "note": "灯" * 11}).code == "too_long"


def test_text_of_nothing_but_space_is_no_answer():
    assert engine.validate(LIGHTS, {"lights": "on", "note": " \n"}).answers == {"lights": "on"}


@pytest.mark.parametrize("value", [5, ["灯"], {"zh": "灯"}, True])
def test_text_must_be_text(value):
    assert refusal({"lights": "on", "note": value}).code == "not_text"


def test_private_numbers_in_text_are_refused_beside_their_field():
    found = refusal(CALM | {"note": "找13812345678"}, read(BUILDING_REPORT))
    assert (found.code, set(found.fields)) == ("mobile_number", {"note"})


def test_several_problems_each_have_their_sentence():
    found = refusal({"lights": "off", "floors": "阁楼", "note": "灯" * 11, "colour": "red"})
    assert (found.code, found.status) == ("invalid_answers", 422)
    assert found.message == "有3处要改，请看标出的地方"
    assert found.fields == {
        "colour": "表里没有这一项",
        "floors": "楼层请填数字，例如3",
        "note": "最多10个字，现在是11个字",
    }


def test_in_words_reads_in_the_order_of_the_form():
    answers = {"note": "已报物业", "parts": ["bulb", "wire"], "floors": [2, 5], "lights": "off"}
    assert engine.in_words(LIGHTS, answers) == [
        ("楼道灯", "不亮"),
        ("在几楼", "2楼、5楼"),
        ("缺什么", "灯泡、电线"),
        ("一句话", "已报物业"),
    ]


def test_in_words_says_nothing_of_what_was_not_answered():
    assert engine.in_words(LIGHTS, {"lights": "on", "parts": [], "note": ""}) == [("楼道灯", "亮")]


def test_an_old_answer_whose_choice_is_gone_is_read_as_it_was_stored():
    assert engine.in_words(LIGHTS, {"lights": "dim"}) == [("楼道灯", "dim")]
