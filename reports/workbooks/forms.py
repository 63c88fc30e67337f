"""Reading what the workbook pages post: whose it is, a file, what goes into a cell."""

from typing import Any

from django.http import QueryDict
from django.utils.translation import gettext as _

from reports.workbooks import aliases, mapping
from reports.workbooks.aliases import Wanted
from reports.workbooks.grid import Cell, Grid
from reports.workbooks.mapping import Entry, Words
from units import scope
from units.kinds import Kind
from units.models import Community, Division, Place, User
from units.refusals import Refusal
from units.scope import Action


def owners(user: User) -> list[tuple[str, Community | Division]]:
    """(key, whose) of the communities and streets that this person may keep workbooks for."""
    reach = scope.reach(user, Action.FILL_WORKBOOK)
    divisions = Division.objects.filter(code__in=reach.divisions, kind="street")
    trees = [span.tree_id for span in reach.spans]
    roots = Place.objects.filter(tree_id__in=trees, kind=Kind.COMMUNITY)
    communities = Community.objects.filter(pk__in=roots.values("community"))
    return [
        *((f"community:{each.code}", each) for each in communities),
        *((f"division:{each.code}", each) for each in divisions),
    ]


def figure_choices() -> list[tuple[str, str]]:
    return [
        *aliases.choices(),
        *((f"words:{each.value}", str(each.label)) for each in Words if each != Words.MONTH),
    ]


def read_entry(post: QueryDict, grid: Grid, cell: Cell, places: list[Place]) -> Entry:
    """What was chosen for a cell. Raises Refusal for a formula, or a choice that is none."""
    if cell.kind == "formula":
        raise Refusal("cell_is_formula", _("这一格是公式，由表格自己算，不能填"))
    first, _colon, rest = post.get("figure", "").partition(":")
    what: dict[str, Any] = {}
    if first == "words" and rest in Words.values:
        what["words"] = rest
    elif f"{first}:{rest}" in dict(aliases.choices()):
        what["wanted"] = Wanted(first, rest)
    else:
        raise Refusal("unknown_choice", _("请选这一格要填的数字"), fields={"figure": ""})
    code = post.get("place", "")
    if code and code not in {place.code for place in places}:
        raise Refusal("unknown_choice", _("请在给出的选项里选"), fields={"place": ""})
    if cell.kind == "text" and not post.get("over_text"):
        message = _("这一格有文字“%s”。确实要改写，请勾选“改写原有文字”") % cell.text[:30]
        raise Refusal("cell_has_text", message, fields={"over_text": message})
    return mapping.pointed_at(grid, cell, place=code, **what)
