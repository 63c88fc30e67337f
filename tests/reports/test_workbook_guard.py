"""What must not come in as a workbook, each made here, and told in its own sentence."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook
from openpyxl.xml import DEFUSEDXML

from reports.workbooks import grid
from units.refusals import Refusal
from units.uploads import guard

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def _workbook(rows: int = 3, columns: int = 3) -> bytes:
    book = Workbook()
    book.active.cell(rows, columns, "合计")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _with(*more: tuple[str, bytes], without: str = "") -> bytes:
    """A good workbook with parts put in (or in the place of those of the same name)."""
    good = zipfile.ZipFile(io.BytesIO(_workbook()))
    parts = {name: good.read(name) for name in good.namelist() if name != without}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in [*(parts | dict(more)).items()]:
            archive.writestr(name, data)
    return out.getvalue()


def _sheet(text: str) -> tuple[str, bytes]:
    head = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    return ("xl/worksheets/sheet1.xml", f"{head}{text}</worksheet>".encode())


def _entity() -> bytes:
    name, data = _sheet("<sheetData/>")
    return _with((name, b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + data))


def _billion_laughs() -> bytes:
    name, data = _sheet("<sheetData/>")
    kind = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    return _with((name, kind + data))


def _encrypted_entries() -> bytes:
    data = bytearray(_workbook())
    # The flag of an encrypted entry, in the archive's own list.
    at = data.index(b"PK\x01\x02")
    data[at + 8] |= 1
    return bytes(data)


def _cut_short() -> bytes:
    return _workbook()[:-200]


def _damaged() -> bytes:
    data = bytearray(_workbook())
    data[60:90] = b"\x00" * 30
    return bytes(data)


CORPUS: dict[str, tuple[Callable[[], bytes], str]] = {
    "nothing": (lambda: b"", "no_file"),
    "a picture": (lambda: b"\x89PNG\r\n\x1a\n" + b"0" * 500, "not_a_workbook"),
    "text named as a workbook": (lambda: "片区,应报\n".encode(), "not_a_workbook"),
    "another archive": (lambda: _with(without="xl/workbook.xml"), "not_a_workbook"),
    "cut short": (_cut_short, "not_a_workbook"),
    "damaged": (_damaged, "not_a_workbook"),
    "broken markup": (lambda: _with(_sheet("<sheetData><row>")), "not_a_workbook"),
    "the old format": (lambda: _OLE + b"\x00" * 2000, "old_format"),
    "with a password": (
        lambda: _OLE + b"\x00" * 500 + "EncryptedPackage".encode("utf-16-le"),
        "encrypted",
    ),
    "encrypted entries": (_encrypted_entries, "encrypted"),
    "over five megabytes": (lambda: b"PK\x03\x04" + b"0" * guard.LARGEST, "too_large"),
    "a bomb": (lambda: _with(("xl/media/a.bin", b"0" * 15_000_000)), "unpacks_too_large"),
    "a bomb in many parts": (
        lambda: _with(*((f"xl/media/{n}.bin", b"0" * 900_000) for n in range(30))),
        "unpacks_too_large",
    ),
    "too many parts": (
        lambda: _with(*((f"xl/media/{n}.bin", b"x") for n in range(201))),
        "too_many_parts",
    ),
    "an archive inside": (lambda: _with(("xl/embeddings/a.xlsx", _workbook())), "holds_archive"),
    "an old document inside": (lambda: _with(("xl/embeddings/a.bin", _OLE)), "holds_archive"),
    "a way out": (lambda: _with(("../../evil.xml", b"<a/>")), "unsafe_name"),
    "an absolute name": (lambda: _with(("/etc/passwd", b"x")), "unsafe_name"),
    "macros": (lambda: _with(("xl/vbaProject.bin", b"x")), "macros"),
    "macros by type": (
        lambda: _with(("[Content_Types].xml", b"<Types><a t='macroEnabled.main'/></Types>")),
        "macros",
    ),
    "external links": (
        lambda: _with(("xl/externalLinks/externalLink1.xml", b"<externalLink/>")),
        "external_links",
    ),
    "connections": (lambda: _with(("xl/connections.xml", b"<connections/>")), "external_links"),
    "an entity": (_entity, "unsafe_markup"),
    "a billion laughs": (_billion_laughs, "unsafe_markup"),
    "too many rows": (lambda: _workbook(rows=5001), "too_many_cells"),
    "too many columns": (lambda: _workbook(columns=61), "too_many_cells"),
    "too many cells": (
        lambda: _with(
            _sheet(f"<sheetData>{('<row>' + '<c/>' * 60 + '</row>') * 1001}</sheetData>")
        ),
        "too_many_cells",
    ),
    "the last cell there is": (lambda: _workbook(rows=1_048_576, columns=16_384), "too_many_cells"),
}


@pytest.mark.parametrize(("made", "why"), CORPUS.values(), ids=CORPUS)
def test_it_is_refused_in_its_own_sentence(made, why):
    with pytest.raises(Refusal) as refused:
        guard.admit(made())
    assert refused.value.code == f"workbook_{why}"
    assert set(refused.value.fields) == {"file"}


def test_a_file_with_nothing_in_it_is_another_thing_than_none():
    assert guard.content_of(None) == b""
    assert guard.content_of(SimpleUploadedFile("a.xlsx", b"PK")) == b"PK"
    with pytest.raises(Refusal) as refused:
        guard.content_of(SimpleUploadedFile("a.xlsx", b""))
    assert refused.value.code == "workbook_empty"


def test_every_reason_is_tried():
    assert {why for _made, why in CORPUS.values()} | {"empty"} == set(guard.reasons())


def test_a_good_one_comes_in_up_to_the_last_row_and_column():
    content = _workbook(rows=5000, columns=60)
    guard.admit(content)
    (only,) = grid.read(content)
    assert (only.rows, only.columns) == (5000, 60)


def test_cells_that_are_only_coloured_do_not_count():
    """Offices colour whole rows; that makes cells out to the last column."""
    row = '<sheetData><row r="1"><c r="A1"><v>1</v></c><c r="XFD1" s="0"/></row></sheetData>'
    guard.admit(_with(_sheet(row)))


def test_what_passes_and_cannot_be_read_is_refused_too():
    row = '<sheetData><row r="1"><c r="A1" t="s"><v>99</v></c></row></sheetData>'
    content = _with(_sheet(row))
    with pytest.raises(Refusal) as refused:
        grid.read(content)
    assert refused.value.code == "workbook_not_a_workbook"


def test_the_library_beneath_reads_no_entities():
    assert DEFUSEDXML


def test_a_cell_far_out_does_not_make_all_the_cells_before_it():
    row = '<sheetData><row r="5000"><c r="A1"><v>1</v></c><c r="XFD5000" s="0"/></row></sheetData>'
    (only,) = grid.read(_with(_sheet(row)))
    assert (only.rows, only.columns) == (1, 1)
