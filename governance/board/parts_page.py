"""All components of `templates/parts/` in every state, for whoever builds pages. No database.

Only where the house is built or shown (`DEBUG`, `DEMO`); everything on it is invented here.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.board import charts
from governance.board.navigation import Link
from governance.board.wall import PlaceRow, SaidRow, Wall, build
from reports import disclosure, measures
from reports.coverage import Standing, State
from reports.forms import ShownField, shown_fields
from reports.measures import Figure
from reports.models import Obligation, Period, Report
from units.kinds import Kind
from units.models import Place
from units.refusals import Refusal

SCHEMES = ("light", "dark", "contrast", "print")


@dataclass(frozen=True)
class Head:
    """The links of a desk page's head, as `navigation.Desk` has them."""

    first: Sequence[Link]
    more: Sequence[Link]


@require_safe
def parts(request: HttpRequest) -> HttpResponse:
    if not (settings.DEBUG or settings.DEMO):
        raise Http404
    asked = request.GET.get("scheme", "")
    scheme = asked if asked in SCHEMES else SCHEMES[0]
    return render(request, "board/parts.html", _page(scheme, at=timezone.now()))


def _page(scheme: str, *, at: datetime) -> dict[str, Any]:
    week = Period(
        kind="week",
        key="2026-W47",
        starts_on=datetime(2026, 11, 16).date(),  # noqa: DTZ001 (a day of the calendar)
        ends_on=datetime(2026, 11, 22).date(),  # noqa: DTZ001
    )
    words = (_("浅色"), _("深色"), _("高对比"), _("打印"))
    return {
        "scheme": scheme,
        "schemes": [
            (f"?scheme={name}", word, name == scheme)
            for name, word in zip(SCHEMES, words, strict=True)
        ],
        "modes": ("desk", "phone"),
        "head": _head(),
        "standings": _standings(week, at),
        "figures": _figures(),
        "ages": [(_("刚算好"), at), (_("还没有"), None)],
        "fields": _fields(),
        "refusal": Refusal("required", _("还有两处没有填"), fields={}),
        "errors": {"parts-text": _("请写明在几楼"), "parts-choice": _("请选一项")},
        "pages": _pages(),
        "spark": charts.sparkline(
            [Decimal(each) for each in (82, 85, 84, 88)] + [None] + [Decimal(95)],
            _("最近一个整周覆盖率95%"),
        ),
        "wall": _wall(at),
        "icons": ("telephone", "calm", "write", "door", "list"),
        "tabs": [("#tabs", _("本周未收到"), True), ("#tabs", _("全部楼组"), False)],
        "period": week,
    }


def _head() -> Head:
    words = (_("数字"), _("报告情况"), _("报告审阅"))
    links = [Link("#head", word, number == 1) for number, word in enumerate(words)]
    return Head(links, [Link("#head", _("指标目录"), False)])


def _standings(week: Period, at: datetime) -> list[Standing]:
    """One of every state, then the ones with a word more."""
    place = Place(pk=0, code="310104000001-B01-L001", name=_("1号楼组"), kind=Kind.BUILDING)
    owed = Obligation(place=place, period=week, locks_at=at, due_at=at, opens_at=at)
    calm, telling = Report(rev=1, nil=True), Report(rev=1, corridor_uncleared=1)
    plain = [Standing(owed, None, state, is_late=False, is_locked=False) for state in State]
    late = Standing(owed, None, State.DUE, is_late=False, is_locked=False, is_past_due=True)
    waived = Obligation(place=place, period=week, locks_at=at, waived_reason=_("整幢修缮"))
    return [
        *plain,
        late,
        Standing(owed, calm, State.ACCEPTED, is_late=False, is_locked=False),
        Standing(owed, telling, State.SUBMITTED, is_late=True, is_locked=False),
        Standing(waived, None, State.MISSING, is_late=False, is_locked=False),
    ]


def _figures() -> list[tuple[str, Figure]]:
    rate, count = measures.COVERAGE, measures.CORRIDOR
    few = Figure(count, None, None, sign=disclosure.Sign.FEW.label)
    return [
        (_("有数"), Figure(rate, 119, 125)),
        (_("零"), Figure(count, 0, None)),
        (_("缺，没有人报"), Figure(count, None, None)),
        (_("不适用，没有分母"), Figure(rate, 0, 0)),
        (_("少于5，不显示"), few),
        (_("不分列"), replace(few, sign=disclosure.Sign.APART.label)),
    ]


def _fields() -> list[ShownField]:
    choices = [{"value": "none", "label": _("无")}, {"value": "some", "label": _("有，待清")}]
    told = {"label": _("楼道堆物"), "type": "choice", "choices": choices, "required": True}
    words = {"label": _("说一句话"), "type": "text", "hint": _("不写身份证号")}
    return shown_fields(
        {
            "fields": [
                {**told, "name": "parts-fine", "default": "none"},
                {**told, "name": "parts-choice"},
                {**told, "name": "parts-many", "type": "choices", "required": False},
                {"name": "parts-number", "label": _("几人"), "type": "number", "unit": _("人")},
                {**words, "name": "parts-text"},
            ]
        },
        {"parts-many": ["some"], "parts-number": 3},
        {"parts-choice": _("请选一项"), "parts-text": _("请写明在几楼")},
        floors=[1, 2, 3],
    )


def _pages() -> Page[int]:
    return Paginator(range(90), 30).page(2)


def _wall(at: datetime) -> Wall:
    """A block of one house: two floors of two doors, each in another state."""
    places = [
        PlaceRow(1, None, Kind.BLOCK, "parts-block", _("第1片区")),
        PlaceRow(2, 1, Kind.BUILDING, "parts-house", _("1号楼组")),
    ]
    floors = [(floor, _("%d楼") % floor) for floor in (1, 2)]
    places += [PlaceRow(2 + n, 2, Kind.FLOOR, f"parts-{n}", name) for n, name in floors]
    for number in range(4):
        floor = 1 + number // 2
        name = _("%d室") % (floor * 100 + number % 2 + 1)
        places.append(
            PlaceRow(10 + number, 2 + floor, Kind.HOUSEHOLD, f"parts-{floor}-{number}", name)
        )
    moment = at - timedelta(minutes=1)
    said = [
        SaidRow(10, moment, 1, 0, 0, 0, 0),
        SaidRow(11, moment, 0, 1, 0, 0, 0),
        SaidRow(12, moment, 0, 0, 1, 0, 0),
    ]
    return build(places, said)
