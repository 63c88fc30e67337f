"""Workbooks made to cost their reader much more than their sender: each small enough to hand in.

What is repeated is mixed with chance, or the guard would already refuse it for how well it packs.
"""

import io
import zipfile
from collections.abc import Callable, Iterator
from random import Random

_HEAD = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MANY = 1_000_000
_ENTITIES = [f"&l{n};" for n in range(9)]
_LETTERS = "abcdefghijkmnpqrstuvwxyz"


def _pieces(before: str, after: str, times: int) -> str:
    """`times` pieces with two letters of chance in each."""
    chance = Random(47)
    pairs = [one + other for one in _LETTERS for other in _LETTERS]
    return "".join(f"{before}{pair}{after}" for pair in chance.choices(pairs, k=times))


def _book(
    sheets: list[str], *, more: dict[str, str] | None = None, parts: list[str] | None = None
) -> bytes:
    """A workbook of these sheets, or of `parts` that its sheets name."""
    named = parts or [f"worksheets/sheet{n}.xml" for n in range(1, len(sheets) + 1)]
    links = "".join(
        f'<Relationship Id="r{n}" Type="{_LINKS}/worksheet" Target="{part}"/>'
        for n, part in enumerate(named)
    )
    links += f'<Relationship Id="s" Type="{_LINKS}/sharedStrings" Target="sharedStrings.xml"/>'
    links += f'<Relationship Id="t" Type="{_LINKS}/styles" Target="styles.xml"/>'
    book = "".join(
        f'<sheet name="表{n}" sheetId="{n + 1}" r:id="r{n}"/>' for n in range(len(named))
    )
    files = {
        "[Content_Types].xml": "<Types/>",
        "xl/workbook.xml": f'<workbook xmlns:r="{_LINKS}"><sheets>{book}</sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f"<Relationships>{links}</Relationships>",
        "xl/sharedStrings.xml": "<sst/>",
        "xl/styles.xml": "<styleSheet/>",
    }
    files |= {f"xl/worksheets/sheet{n}.xml": text for n, text in enumerate(sheets, 1)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, text in (files | (more or {})).items():
            archive.writestr(name, text)
    return out.getvalue()


def _sheet(rows: str, rest: str = "") -> str:
    return f"{_HEAD}<sheetData>{rows}</sheetData>{rest}</worksheet>"


def _rows(count: int, columns: int = 1, cell: str = "<c><v>{}</v></c>") -> Iterator[str]:
    chance = Random(7)
    for _row in range(count):
        cells = "".join(cell.format(chance.randrange(1000)) for _column in range(columns))
        yield f"<row>{cells}</row>"


def zeros() -> bytes:
    return _book([_sheet("")], more={"xl/media/a.bin": "0" * 15_000_000})


def laughs() -> bytes:
    levels = "".join(f'<!ENTITY l{n} "{ten * 10}">' for n, ten in enumerate(_ENTITIES, 1))
    kind = f'<!DOCTYPE x [<!ENTITY l0 "ha">{levels}]>'
    return _book([kind + _sheet('<row><c t="inlineStr"><is><t>&l9;</t></is></c></row>')])


def a_million_rows() -> bytes:
    return _book([_sheet("".join(f'<row r="{n}"/>' for n in range(1, _MANY)))])


def many_texts() -> bytes:
    texts = _pieces("<si><t>", "</t></si>", _MANY)
    return _book([_sheet("")], more={"xl/sharedStrings.xml": f"<sst>{texts}</sst>"})


def a_long_text_in_every_cell() -> bytes:
    rows = "".join(_rows(1000, 12, "<c t='s' x='{}'><v>0</v></c>"))
    text = _pieces("底册", "", 20_000)
    shared = {"xl/sharedStrings.xml": f"<sst><si><t>{text}</t></si></sst>"}
    return _book([_sheet(rows)], more=shared)


def a_deep_nest() -> bytes:
    inside = _pieces("<a", ">", _MANY)
    return _book([_sheet("")], more={"xl/theme/theme1.xml": f"<x>{inside}"})


def a_million_attributes() -> bytes:
    facts = " ".join(f'a{n}=""' for n in range(_MANY))
    return _book([_sheet(f"<row><c {facts}/></row>")])


def many_styles() -> bytes:
    styles = _pieces('<xf numFmtId="0" x="', '"/>', 600_000)
    return _book([_sheet("")], more={"xl/styles.xml": f"<s><cellXfs>{styles}</cellXfs></s>"})


def a_thousand_sheets() -> bytes:
    return _book([_sheet("".join(_rows(1)))] * 1000)


def one_sheet_a_thousand_times() -> bytes:
    rows = "".join(_rows(5000, 12))
    return _book([_sheet(rows)], parts=["worksheets/sheet1.xml"] * 1000)


def full_sheets() -> bytes:
    return _book([_sheet("".join(_rows(1000, 60, "<c x='{}'/>")))] * 18)


def far_corners() -> bytes:
    return _book([_sheet('<row><c r="BH5000"><v>1</v></c></row>')] * 190)


def areas_upon_each_other() -> bytes:
    areas = _pieces('<mergeCell ref="A1:BH5000" x="', '"/>', 300_000)
    return _book([_sheet("".join(_rows(1)), f"<mergeCells>{areas}</mergeCells>")])


def one_area_over_everything() -> bytes:
    area = '<mergeCells><mergeCell ref="A1:XFD1048576"/></mergeCells>' * 3
    return _book([_sheet("".join(_rows(1)), area)])


# name → how it is made, and why it is refused.
BOMBS: dict[str, tuple[Callable[[], bytes], str]] = {
    "zeros": (zeros, "unpacks_too_large"),
    "a billion laughs": (laughs, "unsafe_markup"),
    "a million rows": (a_million_rows, "unpacks_too_large"),
    "a million texts": (many_texts, "unpacks_too_large"),
    "a long text in every cell": (a_long_text_in_every_cell, "too_many_cells"),
    "a nest a million deep": (a_deep_nest, "unpacks_too_large"),
    "a million attributes": (a_million_attributes, "unsafe_markup"),
    "600,000 styles": (many_styles, "unpacks_too_large"),
    "a thousand sheets": (a_thousand_sheets, "too_many_parts"),
    "one sheet a thousand times": (one_sheet_a_thousand_times, "not_a_workbook"),
    "18 sheets full of empty cells": (full_sheets, "unpacks_too_large"),
    "190 sheets with a far corner": (far_corners, "too_many_cells"),
    "merged areas upon each other": (areas_upon_each_other, "too_many_cells"),
    "one merged area over everything": (one_area_over_everything, "too_many_cells"),
}
