"""Numbers that belong to a person: how an identity or mobile number is known in a text."""

import re
import unicodedata
from datetime import date

_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS = "10X98765432"
# People break long numbers up to read them: 3101 0419 4903 0700 29. A comma or stroke lists things.
_BREAK = r"[\s\-—_.·:*~()（）]*"
# Far beyond any text we take; NFKC is quadratic on some strings, so longer ones are not touched.
_LONGEST = 1000
# Looks ahead without consuming, so that a room number in front hides nothing.
_IDENTITY = re.compile(rf"(?<!\d)(?=(\d(?:{_BREAK}\d){{16}}){_BREAK}([\dXx])(?!\d))")
_MOBILE = re.compile(rf"(?<!\d)(?:(?:00)?86{_BREAK})?1{_BREAK}[3-9](?:{_BREAK}\d){{9}}(?!\d)")


def normalise(text: str) -> str:
    """Full-width digits and letters become plain ones; outer white space and invisible marks go."""
    if len(text) > _LONGEST:
        return text.strip()
    plain = unicodedata.normalize("NFKC", text)
    return "".join(each for each in plain if unicodedata.category(each) != "Cf").strip()


def one_line(text: str) -> str:
    """Without what is invisible or turns the line round, white space in one blank each.

    Full-width punctuation stays as it was typed: this is for words that are shown, not compared.
    """
    kept = (" " if each.isspace() else each for each in text)
    shown = "".join(each for each in kept if unicodedata.category(each)[0] != "C")
    return " ".join(shown.split())


def check_character(first_seventeen: str) -> str:
    """GB 11643 (ISO 7064 MOD 11-2): "31010419490307002" → "9"."""
    total = sum(
        int(digit) * weight for digit, weight in zip(first_seventeen, _WEIGHTS, strict=True)
    )
    return _CHECKS[total % 11]


def holds_identity_number(text: str) -> bool:
    """A right check character, or a believable birthday in its place: a typing slip is one too."""
    for spread, last in _IDENTITY.findall(normalise(text)):
        body = re.sub(r"\D", "", spread)
        if check_character(body) == last.upper() or _is_birthday(body[6:14]):
            return True
    return False


def _is_birthday(digits: str) -> bool:
    try:
        born = date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return False
    return 1900 <= born.year < 2100


def holds_mobile_number(text: str) -> bool:
    return bool(_MOBILE.search(normalise(text)))
