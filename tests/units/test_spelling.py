"""Names by pinyin: places by the dictionary, surnames by their own table, both readings found."""

import pytest

from units.spelling import matches_person, spellings, spellings_of_person, tokens

SURNAMES = {
    "单": "shan",
    "仇": "qiu",
    "区": "ou",
    "朴": "piao",
    "查": "zha",
    "解": "xie",
    "覃": "qin",
    "翟": "zhai",
    "缪": "miao",
    "曾": "zeng",
    "盖": "ge",
    "尉": "wei",
    "乐": "yue",
    "任": "ren",
    "员": "yun",
}


@pytest.mark.parametrize(("surname", "read"), SURNAMES.items())
def test_a_surname_is_found_by_how_it_is_read(surname, read):
    for typed in (read, f"{read}guo", f"{read}guohua", f"{read[0]}gh", surname):
        assert matches_person(typed, f"{surname}国华"), typed


@pytest.mark.parametrize(("name", "spelt"), [("尉迟国华", "ycgh"), ("单于国华", "cygh")])
def test_a_double_surname_is_one(name, spelt):
    assert spelt in spellings_of_person(name)


def test_a_common_reading_finds_too_because_it_is_what_many_would_type():
    assert matches_person("dan", "单国华")
    assert matches_person("ceng", "曾国华")


def test_another_name_is_not_found():
    for typed in ("lin", "wgh", "guo", "李", "", "%", "_", "47"):
        assert not matches_person(typed, "单国华"), typed


@pytest.mark.parametrize(
    ("name", "full", "initials"),
    [
        ("重庆北路居民区", "chongqingbeilujuminqu", "cqbljmq"),
        ("长乐新村", "changlexincun", "clxc"),
        ("47号楼组", "47haolouzu", "47hlz"),
    ],
)
def test_a_place_is_read_by_its_words(name, full, initials):
    assert spellings(name) == (full, initials)


def test_full_width_and_capitals_are_what_they_look_like():
    assert tokens("４７－５０１") == ["47", "501"]
    assert tokens("ＪＮxc") == ["jnxc"]


def test_no_sign_that_a_database_would_understand_comes_through():
    assert tokens("%47_501\\'; --") == ["47", "501"]


def test_what_is_too_long_is_cut():
    assert len("".join(tokens("4" * 100_000))) == 60
