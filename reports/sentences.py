"""Sentences in which the name of a measure in braces stands for its figure: 「覆盖率{报告覆盖率}」.

Staff write the words; the numbers come from the sheet that the report is submitted with.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from reports import measures
from reports.measures import Figure, Measure
from units.refusals import Refusal

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
# What a Chinese keyboard gives for { and }.
_BRACES = str.maketrans("｛｝﹛﹜", "{}{}")
_PERCENTAGE = re.compile(r"\d\s*[%％]|百分之")
# Stands where a placeholder stood, so that what is left can be looked at.
_TAKEN = "□"


@dataclass(frozen=True)
class Piece:
    """Plain text, or a figure by the code of its measure: None when it is not shown or unknown."""

    text: str
    code: str = ""
    figure: Figure | None = None


@cache
def names() -> dict[str, Measure]:
    """Every measure by the name that stands for it, in the language that people write."""
    with translation.override(settings.LANGUAGE_CODE):
        return {str(measure.name): measure for measure in measures.CATALOGUE}


def clean(text: str, *, field: str) -> str:
    """The text with plain braces.

    Raises Refusal `unknown_placeholder`, `unpaired_brace`, `typed_figure`.
    """
    text = text.translate(_BRACES)
    text = _PLACEHOLDER.sub(lambda found: "{" + found[1].strip() + "}", text)
    for name in _PLACEHOLDER.findall(text):
        if name not in names():
            message = _("没有“%s”这个数字，请从列出的名称里选") % name
            raise Refusal("unknown_placeholder", message, fields={field: message})
    words = _PLACEHOLDER.sub(_TAKEN, text)
    if "{" in words or "}" in words:
        message = _("花括号要成对，里面写数字的名称，例如{报告覆盖率}")
        raise Refusal("unpaired_brace", message, fields={field: message})
    _refuse_typed_figures(words, field)
    return text


def without_braces(text: str) -> str:
    """The text where only words are wanted: the names of figures stay, their braces go."""
    return _PLACEHOLDER.sub(r"\1", text)


def _refuse_typed_figures(words: str, field: str) -> None:
    """A percentage, or a number right behind a measure's name, is what the system works out."""
    typed = next((name for name in names() if re.search(_typed(name), words)), "")
    if typed:
        message = _("数字不用手填，请写成“{%s}”，系统会填上") % typed
    elif _PERCENTAGE.search(words):
        message = _("百分比由系统算，请写成“{报告覆盖率}”这样的名称；别处来的比例请用文字说")
    else:
        return
    raise Refusal("typed_figure", message, fields={field: message})


def _typed(name: str) -> str:
    return rf"{re.escape(name)}[是为有共计达到约还仍的：:\s]{{0,6}}\d"


def rendered(text: str, figures: Mapping[str, Figure]) -> list[Piece]:
    """The text with its figures. A name that is no measure any more stays as it was written."""
    pieces, end = [], 0
    for found in _PLACEHOLDER.finditer(text):
        measure = names().get(found[1].strip())
        if measure is None:
            continue
        pieces.append(Piece(text[end : found.start()]))
        pieces.append(Piece("", measure.code, figures.get(measure.code)))
        end = found.end()
    pieces.append(Piece(text[end:]))
    return [piece for piece in pieces if piece.text or piece.code]


def on_paper(pieces: Iterable[Piece]) -> str:
    """As one text; a figure that this person does not see is said to be left out."""
    return "".join(_word(piece) for piece in pieces)


def _word(piece: Piece) -> str:
    if not piece.code:
        return piece.text
    if piece.figure is None:
        return _("（不列）")
    return f"（{piece.figure.text}）" if piece.figure.is_hidden else piece.figure.text
