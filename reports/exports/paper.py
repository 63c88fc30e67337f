"""The table, and what was written with it, on A4. Typst gets data, never markup."""

import json
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import typst
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from reports import measures, sentences, written
from reports.exports import words
from reports.exports.table import Group, Row, Table
from reports.measures import Measure
from reports.models import Filing
from reports.sheets import Part

_TEMPLATE = Path(__file__).with_name("report.typ")
_FONTS = Path(pylopdf_fonts_zh_cn.__file__).parent
_BODY = ["Noto Serif SC"]
_HEAD = ["Noto Sans SC"]


def write(table: Table, filing: Filing | None, *, maker: str) -> bytes:
    """`filing` is the report that named this sheet, whose sentences come first."""
    data = json.dumps(_data(table, filing, maker), ensure_ascii=False)
    document = typst.compile(
        str(_TEMPLATE),
        root=str(_TEMPLATE.parent),
        font_paths=[*settings.PRINT_FONTS, str(_FONTS)],
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": data},
    )
    return bytes(document)


def _data(table: Table, filing: Filing | None, maker: str) -> dict[str, Any]:
    groups = table.groups if len(table.rows) > 1 else []
    return {
        "title": table.title,
        "period": table.period,
        "office": table.office,
        "numbers": table.numbers,
        "short_numbers": table.short_numbers,
        "moment": f"{timezone.localtime(table.as_of):%Y-%m-%d %H:%M}",
        "fonts": {"body": [*settings.PRINT_BODY, *_BODY], "head": [*settings.PRINT_HEAD, *_HEAD]},
        "row_word": table.row_word,
        "sections": _sections(table.head, filing),
        "head": _head(table),
        "tables": [_group(table, group) for group in groups],
        "has_missing": any(measures.MISSING.code in row.part.figures for row in table.rows),
        "missing": _missing(table),
        "signatures": [
            _("单位：%s") % table.office,
            _("制表人：%s") % maker,
            _("审核人：＿＿＿＿＿＿"),
            _("日期：%s") % _day(table),
        ],
        "definitions": [
            [
                str(measure.name),
                str(measure.definition),
                words.unit(measure),
                _("第%d版") % measure.version,
            ]
            for measure in table.measures
        ],
        "words": {
            "as_of": _("数据截至"),
            "number": _("数据表"),
            "figures": _("主要数字"),
            "parts": _("各%s报告情况") % table.row_word,
            "missing": _("还没有收到报告的"),
            "none_missing": _("应报的都已收到。"),
            "annex_1": _("附件1　各%s其他数字") % table.row_word,
            "annex_2": _("附件2　指标口径") if len(groups) > 1 else _("附件　指标口径"),
            "head_columns": [_("指标"), _("数值"), _("分子/分母"), _("单位")],
            "definition_columns": [_("指标"), _("口径"), _("单位"), _("版本")],
        },
    }


def _missing(table: Table) -> str:
    found = [_("%(place)s（%(count)s个）") % {"place": p, "count": n} for p, n in table.missing]
    return "、".join(found) + "。" if found else ""


def _sections(head: Part | None, filing: Filing | None) -> list[list[str]]:
    if filing is None or head is None:
        return []
    said = written.sections_of(filing.form_version.definition, filing.answers, head.figures)
    return [[label, sentences.as_text(pieces)] for label, pieces in said]


def _head(table: Table) -> list[list[str]]:
    if table.head is None:
        return []
    figures = [
        (m, table.head.figures[m.code]) for m in table.measures if m.code in table.head.figures
    ]
    return [
        [str(measure.name), figure.text, words.fraction(figure), str(measure.unit)]
        for measure, figure in figures
    ]


def _group(table: Table, group: Group) -> dict[str, Any]:
    return {
        "name": group.name,
        "heads": [[str(measure.name), words.unit(measure)] for measure in group.measures],
        "rows": [
            {
                "name": row.name,
                "is_sum": row.is_sum,
                "cells": [_cell(row, measure) for measure in group.measures],
            }
            for row in table.rows
        ],
    }


def _cell(row: Row, measure: Measure) -> list[str]:
    figure = row.figure(measure)
    return [figure.text, words.fraction(figure)] if figure else ["", ""]


def _day(table: Table) -> str:
    day = timezone.localtime(table.as_of)
    return _("%(year)d年%(month)d月%(day)d日") % {
        "year": day.year,
        "month": day.month,
        "day": day.day,
    }
