"""What may come in as a workbook. Everything is checked before any parser of workbooks sees it."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from xml.etree.ElementTree import ParseError
from xml.parsers import expat

from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from units.refusals import Refusal

LARGEST = 5 * 1024 * 1024
MOST_ENTRIES = 200
LARGEST_UNPACKED = 20 * 1024 * 1024
STEEPEST = 100
MOST_ROWS = 5000
MOST_COLUMNS = 60
# Cells without a value cost memory as well.
MOST_CELLS = 60_000
# Of all parts: as many are read within a second.
MOST_ELEMENTS = 500_000
MOST_ATTRIBUTES = 100

# What a damaged archive makes of itself when it is read. NotImplementedError is zipfile's word for
# a way of packing that it does not know; RuntimeError, for a password that is wanted.
_BROKEN = (zipfile.BadZipFile, zlib.error, NotImplementedError, EOFError, OSError, ValueError)
# What libraries make of a workbook that is well formed and still none.
MALFORMED = (*_BROKEN, ParseError, KeyError, TypeError, AttributeError, IndexError, ArithmeticError)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = b"PK\x03\x04"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml")
# A tag with everything that can be written into it: Excel's longest text is half of that.
_ENDLESS = re.compile(rb"<[^<]{200000}")
_REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

_WHY: dict[str, str | Promise] = {
    "no_file": _("请先选一个表格文件"),
    "empty": _("这个文件是空的，里面什么也没有。请在电脑上打开看看，另存一份再上传"),
    "too_large": _("这个文件超过5兆，请删去里面的图片或多余的表再上传"),
    "old_format": _("这是旧格式的表格，请打开它，另存为新格式（文件名以“点xlsx”结尾）再上传"),
    "encrypted": _("这个文件加了密码，请去掉密码再上传"),
    "not_a_workbook": _("这个文件不是电子表格，或者已经损坏。请在电脑上打开看看，另存一份再上传"),
    "too_many_parts": _("这个文件里的零件太多，不像平常的表格，没有收下。请另存一份再上传"),
    "unpacks_too_large": _("这个文件解开以后太大，没有收下。请删去多余的行列和图片再上传"),
    "holds_archive": _("这个文件里嵌着别的文件，没有收下。请删去嵌入的文件再上传"),
    "unsafe_name": _("这个文件的内部结构不正常，没有收下。请另存一份再上传"),
    "macros": _("这个文件带有宏，没有收下。请另存为不带宏的表格再上传"),
    "external_links": _("这个文件连着别的文件，没有收下。请断开外部链接再上传"),
    "unsafe_markup": _("这个文件里有不安全的内容，没有收下。请另存一份再上传"),
    "too_many_cells": _("这张表超过5000行、60列或6万格，没有收下。请删去用不到的行列再上传"),
}


def content_of(file: UploadedFile | None) -> bytes:
    """What was chosen, if anything; not read when it is too large, `admit` says so.

    Raises Refusal `workbook_empty`: that a file is empty is another thing than none.
    """
    if file is None:
        return b""
    if not file.size:
        raise _refusal("empty")
    return file.read(LARGEST + 1)


def admit(content: bytes) -> None:
    """Raises Refusal with the reason, said beside the field `file`."""
    if not content:
        raise _refusal("no_file")
    if len(content) > LARGEST:
        raise _refusal("too_large")
    if content.startswith(_OLE):
        raise _refusal("encrypted" if _ENCRYPTED in content else "old_format")
    if not content.startswith(_ZIP):
        raise _refusal("not_a_workbook")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            _entries(archive.infolist(), len(content))
            _parts(archive)
    except (*_BROKEN, RuntimeError) as error:
        raise _refusal("not_a_workbook") from error


def old_format() -> Refusal:
    """For a page of the web that some programs save under the old format's name."""
    return _refusal("old_format")


def unreadable() -> Refusal:
    """For what passed all of this and still cannot be read."""
    return _refusal("not_a_workbook")


def too_many_cells() -> Refusal:
    """For text that holds more than a workbook may."""
    return _refusal("too_many_cells")


def _refusal(code: str) -> Refusal:
    return Refusal(f"workbook_{code}", _WHY[code], fields={"file": _WHY[code]})


def _entries(entries: list[zipfile.ZipInfo], packed: int) -> None:
    """By the archive's own list, before anything is unpacked: no more than that can be."""
    names = [entry.filename for entry in entries]
    if len(entries) > MOST_ENTRIES:
        raise _refusal("too_many_parts")
    unpacked = sum(entry.file_size for entry in entries)
    steep = any(
        entry.file_size > 1024 * 1024 and entry.file_size > STEEPEST * max(entry.compress_size, 1)
        for entry in entries
    )
    if unpacked > LARGEST_UNPACKED or unpacked > STEEPEST * packed or steep:
        raise _refusal("unpacks_too_large")
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refusal("encrypted")
    if len(set(names)) < len(names) or any(_is_unsafe(name) for name in names):
        raise _refusal("unsafe_name")
    if not {"[Content_Types].xml", "xl/workbook.xml"} <= set(names):
        raise _refusal("not_a_workbook")
    if any("vbaproject" in name.lower() or "macrosheets" in name.lower() for name in names):
        raise _refusal("macros")
    if any(name.startswith(("xl/externalLinks/", "xl/queryTables/")) for name in names):
        raise _refusal("external_links")
    if "xl/connections.xml" in names:
        raise _refusal("external_links")


def _is_unsafe(name: str) -> bool:
    parts = name.replace("\\", "/").split("/")
    return ".." in parts or name.startswith(("/", "\\")) or ":" in name or "\x00" in name


def _parts(archive: zipfile.ZipFile) -> None:
    elements = 0
    for entry in archive.infolist():
        data = archive.read(entry)
        if data.startswith((_ZIP, _OLE)):
            raise _refusal("holds_archive")
        if not entry.filename.endswith((".xml", ".rels")):
            continue
        if entry.filename == "[Content_Types].xml" and b"macroEnabled" in data:
            raise _refusal("macros")
        is_sheet = bool(_SHEET.fullmatch(entry.filename))
        elements += _markup(data, is_sheet=is_sheet, most=MOST_ELEMENTS - elements)


def _markup(data: bytes, *, is_sheet: bool, most: int) -> int:
    """Well formed, without a document type, hence without entities of its own; cells counted.

    Returns how many elements there are.
    """
    if _ENDLESS.search(data):
        raise _refusal("unsafe_markup")
    parser = expat.ParserCreate()
    counted = _Cells(most) if is_sheet else _Elements(most)

    def refuse(*_facts: object) -> None:
        raise _refusal("unsafe_markup")

    parser.StartDoctypeDeclHandler = refuse
    parser.EntityDeclHandler = refuse
    parser.ExternalEntityRefHandler = refuse
    parser.StartElementHandler = counted.start
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise _refusal("not_a_workbook") from error
    return counted.elements


class _Elements:
    """Counts what a part is made of while it is read."""

    def __init__(self, most: int) -> None:
        self.elements, self.most = 0, most

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.elements += 1
        if self.elements > self.most:
            raise _refusal("unpacks_too_large")
        if len(attributes) > MOST_ATTRIBUTES:
            raise _refusal("unsafe_markup")


class _Cells(_Elements):
    """Counts cells as well; only those with a value must lie inside the limits."""

    def __init__(self, most: int) -> None:
        super().__init__(most)
        self.count = 0
        self.row = self.column = 0

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        name = tag.rpartition(":")[2]
        if name == "row":
            self.row = int(attributes["r"]) if attributes.get("r", "").isdecimal() else self.row + 1
            self.column = 0
        elif name == "c":
            self.count += 1
            self._move(attributes.get("r", ""))
            if self.count > MOST_CELLS:
                raise _refusal("too_many_cells")
        elif name in ("v", "f", "is") and (self.row > MOST_ROWS or self.column > MOST_COLUMNS):
            raise _refusal("too_many_cells")

    def _move(self, reference: str) -> None:
        found = _REFERENCE.fullmatch(reference)
        self.column += 1
        if found:
            self.column, self.row = column_number(found[1]), int(found[2])


def column_number(letters: str) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def reasons() -> Iterator[str]:
    yield from _WHY
