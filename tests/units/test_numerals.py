"""汉字 numerals as people write house numbers, and the names they are left alone in."""

import pytest

from units.numerals import counted, in_digits, number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("三", 3), ("十", 10), ("十五", 15), ("四十七", 47), ("廿三", 23), ("一百", 100),
        ("一百零三", 103), ("一百二", 120), ("一百二十五", 125), ("五零一", 501), ("五〇一", 501),
        ("五零幺", 501), ("一二零三", 1203), ("零", 0), ("", None), ("十十", None), ("百", None),
        ("三村", None), ("3", None),
    ],
)  # fmt: skip
def test_a_number_is_read(text, value):
    assert number(text) == value


def test_three_to_five_persons_are_not_thirty_five():
    assert counted("三五") is None
    assert counted("三十五") == 35


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("三号楼五零一", "3号楼501"),
        ("47号五楼", "47号5楼"),
        ("三-二-五零一", "3-2-501"),
        ("第三片区", "第3片区"),
        ("四十七", "47"),
        ("曹杨三村", "曹杨三村"),
        ("曹杨三村二号", "曹杨三村2号"),
        ("王一", "王一"),
        ("一家人", "一家人"),
        ("江南新村", "江南新村"),
    ],
)
def test_what_numbers_a_place_becomes_digits_and_a_name_stays(typed, read):
    assert in_digits(typed) == read
