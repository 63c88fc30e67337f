"""Reading what the pages of the census import post."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.http import QueryDict
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from units.census_import import cells, fields
from units.census_import.cells import Fault
from units.census_import.intake import Table
from units.refusals import Refusal


def mapping(post: QueryDict, table: Table) -> dict[str, int]:
    """Field → column, from one choice a column. Raises Refusal `column_twice`."""
    found: dict[str, int] = {}
    for index in range(len(table.columns)):
        key = post.get(f"column-{index}", "")
        if key not in fields.BY_KEY:
            continue
        if key in found:
            message = _("有两列都选了“%s”，请只选一列") % fields.BY_KEY[key].label
            raise Refusal("column_twice", message, fields={"columns": message})
        found[key] = index
    return found


def as_of(post: QueryDict) -> date:
    """Raises Refusal `no_day` beside `as_of`."""
    try:
        day = parse_date(post.get("as_of", ""))
    except ValueError:
        day = None
    if day is None or day.year < 1950:
        message = _("请选这些数字是哪一天的")
        raise Refusal("no_day", message, fields={"as_of": message})
    return day


def fixes(post: QueryDict) -> dict[str, str]:
    """What was typed in the place of faulty cells; untouched ones are left out."""
    return {
        name.removeprefix("fix-"): text
        for name, text in post.items()
        if name.startswith("fix-") and text.strip() != post.get(f"was-{name[4:]}", "\x00")
    }


def still_wrong(wrong: Sequence[Fault]) -> Refusal:
    """What to say of cells that were mended and are wrong."""
    message = _("改过的地方还有%d处不对，请看标出的格子") % len(wrong)
    fields = {fault.key: f"{fault.spot}{fault.head}：{fault.sentence}" for fault in wrong}
    return Refusal("still_wrong", message, fields=fields)


def columns(table: Table, chosen: Mapping[str, int]) -> list[dict[str, Any]]:
    """Each column as the page shows it: its header, some of its values, the field it is."""
    key_of = {index: key for key, index in chosen.items()}
    shown = []
    for index, (_number, head) in enumerate(table.columns):
        values = (cells.shown(row[index]) for _n, row in table.rows[:60])
        examples = list(dict.fromkeys(value for value in values if value))[:3]
        key = key_of.get(index, "")
        shown.append({"index": index, "head": head, "examples": examples, "key": key})
    return shown
