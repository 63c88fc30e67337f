"""A workbook as the archive of parts that it is: values and a note go in, all else stays.

Loading and saving a workbook loses what a library does not know. Here every part that is not
written to stays as it was, byte for byte; in a sheet, everything but the cells written.
"""

import io
import re
import zipfile
from collections.abc import Collection, Mapping, Sequence
from uuid import uuid4
from xml.etree.ElementTree import Element
from xml.sax.saxutils import quoteattr

from defusedxml import ElementTree
from openpyxl.utils import get_column_letter

from reports.workbooks.splice import Value, clean, spliced
from units.uploads import guard

_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"


def write(
    content: bytes,
    values: Mapping[str, Mapping[str, Value]],
    *,
    note: Sequence[Sequence[str]],
    note_name: str,
) -> bytes:
    """`values` by name of sheet and cell; `note` are the lines of a sheet put behind the others.

    Formulas keep their text and lose only their last result, which is reckoned again on opening.
    Raises the guard's Refusal for a file that cannot be written to.
    """
    try:
        return _written(content, values, note, note_name)
    except guard.MALFORMED as error:
        raise guard.unreadable() from error


def _written(
    content: bytes,
    values: Mapping[str, Mapping[str, Value]],
    note: Sequence[Sequence[str]],
    note_name: str,
) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {entry.filename: _utf8(archive.read(entry)) for entry in archive.infolist()}
        entries = archive.infolist()
    paths = _paths_of_sheets(parts)
    changed = {path: spliced(parts[path], values.get(name, {})) for name, path in paths.items()}
    # A workbook that we filled before has a note already.
    part = _free_name("xl/worksheets/note", [name.removesuffix(".xml") for name in parts]) + ".xml"
    changed |= _with_note(parts, _free_name(note_name, paths), part)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for entry in entries:
            archive.writestr(entry, changed.get(entry.filename, parts[entry.filename]))
        archive.writestr(part, _note(note))
    return out.getvalue()


def _utf8(data: bytes) -> bytes:
    """Parts in the other encoding that XML allows by itself, so that bytes can be counted."""
    if not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data
    text = data.decode("utf-16", errors="replace")
    return re.sub(r'(<\?xml[^>]*?)\s+encoding="[^"]*"', r"\1", text, count=1).encode()


def _free_name(name: str, taken: Collection[str]) -> str:
    free, number = name, 2
    while free in taken:
        free, number = f"{name}{number}", number + 1
    return free


def _paths_of_sheets(parts: Mapping[str, bytes]) -> dict[str, str]:
    relations = {
        each.get("Id"): each.get("Target", "")
        for each in _root(parts["xl/_rels/workbook.xml.rels"])
    }
    paths = {}
    for each in _root(parts["xl/workbook.xml"]).iter(f"{{{_MAIN}}}sheet"):
        target = relations[each.get(f"{{{_RELATIONS}}}id")]
        path = target[1:] if target.startswith("/") else f"xl/{target}"
        if path in parts and "/worksheets/" in path:
            paths[each.get("name", "")] = path
    return paths


def _root(data: bytes) -> Element:
    root: Element = ElementTree.fromstring(data)
    return root


def _with_note(parts: Mapping[str, bytes], name: str, part: str) -> dict[str, bytes]:
    book = parts["xl/workbook.xml"]
    used = [int(each.get("sheetId", 0)) for each in _root(book).iter(f"{{{_MAIN}}}sheet")]
    relation = f"rId{uuid4().hex}"
    sheet = (
        f'sheet xmlns:tg="{_RELATIONS}" name={quoteattr(name)} '
        f'sheetId="{max(used) + 1}" tg:id="{relation}"/>'
    )
    book = _before_end(book, "sheets", sheet)
    relations = _before_end(
        parts["xl/_rels/workbook.xml.rels"],
        "Relationships",
        f'Relationship Id="{relation}" Type="{_RELATIONS}/worksheet" Target="/{part}"/>',
    )
    types = _before_end(
        parts["[Content_Types].xml"],
        "Types",
        f'Override PartName="/{part}" ContentType="{_SHEET_TYPE}"/>',
    )
    return {
        "xl/workbook.xml": _reckoned_anew(book),
        "xl/_rels/workbook.xml.rels": relations,
        "[Content_Types].xml": types,
    }


def _before_end(data: bytes, tag: str, element: str) -> bytes:
    """`element` without its opening bracket, put in as the last child, under the same prefix."""
    found = re.search(rb"</([A-Za-z0-9_]+:)?" + tag.encode() + rb"\s*>", data)
    if not found:
        raise guard.unreadable()
    prefix = found[1] or b""
    return data[: found.start()] + b"<" + prefix + element.encode() + data[found.start() :]


def _reckoned_anew(book: bytes) -> bytes:
    """Says that all formulas are to be reckoned when the workbook is opened."""
    found = re.search(rb"<(?:[A-Za-z0-9_]+:)?calcPr\b[^>]*?(/?)>", book)
    if found:
        tag = re.sub(rb'\s+fullCalcOnLoad\s*=\s*("[^"]*"|\'[^\']*\')', b"", found[0])
        cut = len(tag) - (2 if found[1] else 1)
        tag = tag[:cut] + b' fullCalcOnLoad="1"' + tag[cut:]
        return book[: found.start()] + tag + book[found.end() :]
    for name in (b"definedNames", b"externalReferences", b"functionGroups", b"sheets"):
        end = re.search(rb"</([A-Za-z0-9_]+:)?" + name + rb"\s*>", book)
        if end:
            element = b"<" + (end[1] or b"") + b'calcPr fullCalcOnLoad="1"/>'
            return book[: end.end()] + element + book[end.end() :]
    return book


def _note(lines: Sequence[Sequence[str]]) -> bytes:
    rows = []
    for number, line in enumerate(lines, 1):
        cells = "".join(
            f'<c r="{get_column_letter(column)}{number}" t="inlineStr">'
            f'<is><t xml:space="preserve">{clean(text)}</t></is></c>'
            for column, text in enumerate(line, 1)
            if text
        )
        rows.append(f'<row r="{number}">{cells}</row>')
    widths = "".join(
        f'<col min="{n}" max="{n}" width="{width}" customWidth="1"/>'
        for n, width in enumerate((24, 64, 10, 12, 22, 24), 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        f'<worksheet xmlns="{_MAIN}"><cols>{widths}</cols>'
        f"<sheetData>{''.join(rows)}</sheetData>"
        '<pageSetup paperSize="9" orientation="landscape"/></worksheet>'
    ).encode()
