"""Which questions ask the same thing, and which do not."""

import pytest

from reports import burden, duplicates
from reports.catalogue import FORMS, read
from reports.duplicates import Likeness
from tests import factories as f

pytestmark = pytest.mark.django_db
TODAY = f.WEDNESDAY.date()


def found(label: str, *choices: str) -> list[tuple[str, Likeness]]:
    """(field, likeness) pairs, nearest first."""
    return [
        (each.asked.anchor, each.likeness)
        for each in duplicates.find(label, choices, burden.asked(TODAY))
    ]


@pytest.mark.parametrize(
    "label",
    [
        "楼道堆物",
        "本周楼道有没有堆物？",
        "楼道 堆物情况",
        "楼道堆物吗",
        "【楼道】堆物",
        "楼道、堆物",
    ],
)
def test_the_same_question_is_found_however_it_is_put(label):
    assert found(label)[0] == ("building_report-corridor", Likeness.SAME)


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("电动车停放", "building_report-ebike"),
        ("楼道杂物", "building_report-corridor"),
        ("垃圾分类好不好", "building_report-waste"),
        ("公共设施损坏", "building_report-facility"),
        ("邻里关系怎么样", "building_report-dispute"),
        ("防汛物资", "building_report-stock"),
        ("物资够不够", "building_report-stock"),
    ],
)
def test_a_question_that_is_put_alike_is_found(label, field):
    assert field in [each for each, _likeness in found(label)]


def test_another_label_with_the_same_choices_is_found():
    choices = ("口罩", "消毒用品", "垃圾袋", "其它")
    assert found("要补哪几样", *choices) == [("building_report-stock_item", Likeness.SAME_CHOICES)]


def test_a_question_that_is_one_of_the_choices_already_is_found():
    assert ("household_report-changes", Likeness.CHOICE) in found("安全隐患")


@pytest.mark.parametrize(
    ("label", "choices"),
    [
        ("积水的地方", ("地下车库", "门前路面", "天井")),
        ("灭火器过期几个", ()),
        ("屋顶菜地", ("有", "无")),
        ("井盖松动", ("无", "有")),
        ("窗台花盆", ("好", "一般", "差")),
        ("儿童游乐场", ("够用", "不够")),
        ("垃圾袋够吗", ()),
        ("电梯停运几天", ()),
        ("晾衣架", ("有", "无", "其他")),
    ],
)
def test_an_innocent_question_is_not_found(label, choices):
    assert found(label, *choices) == []


def test_more_detail_of_a_choice_that_was_chosen_repeats_nothing():
    fields = burden.asked(TODAY)
    changes = ("household_report", "changes")
    assert duplicates.find("房屋设施", (), fields)
    assert duplicates.find("房屋设施", (), fields, follows=[changes]) == []


def test_no_two_fields_of_the_catalogue_within_a_form_repeat_each_other():
    """The measure would be useless if our own forms tripped over it."""
    for code in FORMS:
        fields = [each for each in burden.asked(TODAY) if each.form == code]
        definition = read(code)
        assert len(fields) == len(definition["fields"])
        for each, field in zip(fields, definition["fields"], strict=True):
            repeated = duplicates.find(
                each.label,
                each.choices,
                fields,
                besides=(code, each.name),
                follows=[(code, name) for name in field.get("relevant", ())],
            )
            assert repeated == [], each.label
