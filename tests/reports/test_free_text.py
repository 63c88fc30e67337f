"""Free text keeps identity numbers and mobile numbers out, and lets ordinary numbers in."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports import free_text
from units.refusals import Refusal

# GB 11643, the vector of domain/glossary 3.2; nobody's number.
IDENTITY = "310104194903070029"


def refused(text: str) -> str | None:
    """The code of the refusal, or None when the text may stand."""
    try:
        free_text.refuse_private_numbers(text, field="note")
    except Refusal as refusal:
        return refusal.code
    return None


def test_ordinary_words_are_allowed():
    assert refused("三楼楼道灯坏了，已告诉物业") is None


def test_the_check_character_is_that_of_the_standard():
    assert free_text.check_character("31010419490307002") == "9"
    assert free_text.check_character("11010519491231002") == "X"


@pytest.mark.parametrize(
    "text",
    [
        IDENTITY,
        f"周阿姨的证件{IDENTITY}登记过了",
        "３１０１０４１９４９０３０７００２９",
        "310104 19490307 0029",
        "310104-19490307-0029",
        "3101 0419 4903 0700 29",
        "3101·0419·4903·0700·29",
        "11010519491231002X",
        "11010519491231002x",
        "１１０１０５１９４９１２３１００２ｘ",
        "110105 19491231 002 x",
        "310104194903070021",  # a slip in the last digit
        "31010419490307002X",
        f"302 {IDENTITY}",  # a room number in front
        "310104 19490307 0029 302室",  # and one behind
        f"{IDENTITY}、13812345678",
        "第1次 1234 310104 19490307 0029",
    ],
)
def test_an_identity_number_is_refused(text):
    assert refused(text) == "identity_number"


@pytest.mark.parametrize(
    "text",
    [
        "13812345678",
        "打她手机 138-1234-5678",
        "１３８１２３４５６７８",
        "138 1234 5678",
        "+86 138 1234 5678",
        "008613812345678",
        "13812345678、13912345678",
        "302 13812345678",
        "王师傅13812345678(物业)",
    ],
)
def test_a_mobile_number_is_refused(text):
    assert refused(text) == "mobile_number"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "已打12345、110和119",
        "居委会电话021-55500000",
        "电话 (021) 5550 0000",
        "302室、401室、502室",
        "1501、1502、101的灯都坏了",
        "1302,1402,150三户没人在家",
        "302、401、502、601、101、201",
        "2026年11月11日 18:30",
        "2026-11-11 至 2026-11-13",
        "维修费1,380.00元，另付20000.50元",
        "快递单号123456789012",
        "订单 202611110000123457",  # 18 digits, but neither check nor birthday fit
        "12813812345678",  # a mobile number inside a longer one is none
    ],
)
def test_numbers_that_belong_to_the_work_are_allowed(text):
    assert refused(text) is None


def test_the_sentence_stands_beside_the_field():
    with pytest.raises(Refusal) as caught:
        free_text.refuse_private_numbers(IDENTITY, field="note")
    assert {name: str(text) for name, text in caught.value.fields.items()} == {
        "note": "请不要填写身份证号"
    }


def test_an_identity_number_is_named_before_a_mobile_number():
    assert refused(f"13812345678，{IDENTITY}") == "identity_number"


# Things people put between digits to read them; `、` and `，` separate one thing from the next.
breaks = st.sampled_from(["", "", "", " ", "-", " - ", "—", "·", ".", "\u3000"])
words = st.text(st.characters(categories=["Lo"]), max_size=8)


def spread(draw: st.DrawFn, digits: str) -> str:
    text = "".join(draw(breaks) + each for each in digits).strip()
    if draw(st.booleans()):
        text = text.translate({ord("0") + n: ord("０") + n for n in range(10)})
    return draw(words) + text + draw(words)


@st.composite
def identity_numbers(draw: st.DrawFn) -> str:
    born = draw(st.dates(date(1900, 1, 1), date(2026, 11, 11)))
    region, order = draw(st.integers(110000, 659999)), draw(st.integers(0, 999))
    body = f"{region}{born:%Y%m%d}{order:03d}"
    last = draw(st.sampled_from([free_text.check_character(body), *"0123456789Xx"]))
    return spread(draw, body + last)


@st.composite
def mobile_numbers(draw: st.DrawFn) -> str:
    return spread(draw, f"1{draw(st.integers(3, 9))}{draw(st.integers(0, 999_999_999)):09d}")


@given(identity_numbers())
@settings(deadline=None)
def test_no_identity_number_passes_however_it_is_broken_up(text):
    assert refused(text) == "identity_number"


@given(mobile_numbers())
@settings(deadline=None)
def test_no_mobile_number_passes_however_it_is_broken_up(text):
    assert refused(text) == "mobile_number"


@given(st.lists(st.tuples(st.text("0123456789０５９", max_size=10), words.filter(bool))))
@settings(deadline=None)
def test_text_without_eleven_digits_in_a_row_is_allowed(parts):
    assert refused("".join(digits + word for digits, word in parts)) is None


@given(st.lists(st.text("0123456789", min_size=1, max_size=10)), st.sampled_from("、，,；;/"))
@settings(deadline=None)
def test_any_list_of_rooms_is_allowed(rooms, comma):
    assert refused(comma.join(rooms)) is None
