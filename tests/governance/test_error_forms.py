"""Every form of the house, sent empty or wrong: told on top, linked, and nothing typed is lost.

A page of the URL table that takes a POST has a row in FORMS, or a reason in NO_FIELDS. A row says
who sends what, and what must still be there. What is focused is in `static/js/errors.js`, told by
`data-error-summary`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from governance.profiles.models import Facility
from governance.supervision import intake
from governance.supervision.models import Query, SupportAsk
from governance.voices import forms as stairwell
from governance.voices.models import Doorplate, Voice
from reports import calendar, filing
from reports.catalogue import HOUSEHOLD_REPORT
from reports.models import Admission, Filing, Obligation, Report, ReportForm
from reports.workbooks import forms, storing
from tests import factories as f
from tests.governance import profiles, worlds
from tests.governance.test_entry import bind, log_in
from tests.governance.test_second_step import enrolled
from tests.reports import office_workbooks
from tests.reports.uppers import JUDGED
from units import invitations
from units.census_import import drafting

pytestmark = pytest.mark.django_db

# A button, and nothing to fill in: what is refused there is told on the page of the thing.
NO_FIELDS = {
    *("logout", "device-revocation", "second-step-reset", "appointments-undo", "seat-end"),
    *("excuse-ending", "waiver-ending", "review-acceptance", "review-undoing"),
    *("street-acceptance", "street-undoing", "calendar-removal", "calendar-rhythm"),
    *("upper-refresh", "household", "nil-report", "withdrawal", "upper-withdrawal"),
    *("event-withdrawal", "matter-withdrawal", "admission-withdrawal", "exports"),
    "filing-matrix-file",
    *("download-attempt", "workbook-suggestions", "workbook-removal", "voice-acceptance"),
    *("doorplates", "doorplate-replacement", "language", "saved-link-removal"),
    *("workbench-decisions", "workbench-undoing", "shape-undoing", "defect-undoing"),
    *("census-start", "census-undo", "census-removal"),
    *("ask-holding", "ask-recall", "ask-undoing", "query-closure", "query-withdrawal"),
    "query-answer-undoing",
    "branch-secretary-undoing",
}
LONG = "三楼的灯" * 60


@dataclass
class Sent:
    """Where a form goes, who sends what, what stays, and whether single fields are named."""

    role: str
    url: str
    body: dict = field(default_factory=dict)
    kept: tuple[str, ...] = ()
    names_fields: bool = True


def _envelope(rev: int = 0) -> dict:
    return {"id": str(uuid4()), "base_rev": str(rev)}


def _building(street: worlds.Street, number: int = 3):
    return f.building(street.communities[0], number)


def _week() -> str:
    return calendar.week_of(timezone.localdate()).key


def _report(street: worlds.Street, name: str, number: int = 3) -> str:
    return reverse(name, kwargs={"code": _building(street, number).code, "week": _week()})


def _community(street: worlds.Street, name: str) -> str:
    return reverse(name, kwargs={"code": street.communities[0].code})


def _report_form(street):
    body = _envelope() | {"corridor": "uncleared", "note": LONG}
    return Sent("unfiled seat", _report(street, "report-form"), body, (LONG, "uncleared"))


def _on_behalf(street):
    body = _envelope() | {"nil": "no", "note": "三楼旧沙发"}
    return Sent("staff", _report(street, "on-behalf"), body, ("三楼旧沙发",))


def _household_form(street):
    url = reverse("household-form", kwargs={"code": f.household(street.communities[0], 3).code})
    body = _envelope() | {"situation": "changed", "note": "想装扶手"}
    return Sent("unfiled seat", url, body, ("想装扶手",))


def _event_amendment(street):
    seat, home = street.people["unfiled seat"], f.household(street.communities[0], 3)
    form = ReportForm.objects.get(code=HOUSEHOLD_REPORT)
    told = filing.file_event(home, form, f.household_sending(seat), at=timezone.now())
    url = reverse("event-amendment", kwargs={"id": told.filing.pk})
    body = _envelope(1) | {"situation": "changed", "note": "想装扶手"}
    return Sent("unfiled seat", url, body, ("想装扶手",))


def _matter_form(street):
    url = reverse("matter-form", kwargs={"code": _building(street).code, "kind": "other"})
    return Sent("unfiled seat", url, _envelope() | {"urgency": "soon"}, ('value="soon" checked',))


def _matter_amendment(street):
    told = f.matter(_building(street), street.people["unfiled seat"], at=timezone.now())
    url = reverse("matter-amendment", kwargs={"id": told.pk})
    return Sent("unfiled seat", url, _envelope(1) | {"note": "灯坏了"}, ("灯坏了",))


def _photo_form(street):
    sent = Filing.objects.filter(by=street.people["seat"]).first()
    return Sent("seat", reverse("photo-form", kwargs={"id": sent.pk}))


def _photo_removal(street):
    filed = Filing.objects.filter(photos__isnull=False, by=street.people["seat"]).first()
    return Sent("staff", reverse("photo-removal", kwargs={"id": filed.pk, "number": 1}))


def _replies(street):
    sent = Filing.objects.filter(report__place=_building(street, 2)).first()
    body = {"id": str(uuid4()), "words": LONG}
    return Sent("staff", reverse("replies", kwargs={"id": sent.pk}), body, (LONG,))


def _owed_by_a_block(street: worlds.Street) -> Obligation:
    """Last week's, which the second block has not filed."""
    owed = Obligation.objects.filter(place__code__endswith="-B02", form__code="block_report")
    return owed.filter(community=street.communities[0]).first()


def _upper_form(street):
    owed = _owed_by_a_block(street)
    url = reverse("upper-form", kwargs={"code": owed.place.code, "period": owed.period.key})
    return Sent("staff", url, _envelope() | {"note": "三楼电线"}, ("三楼电线",))


def _returning(street):
    report = Report.objects.get(place=_building(street, 2), is_event=False)
    body = {"report": f"{report.pk}.{report.rev}", "batch": str(uuid4()), "reason": LONG}
    return Sent("staff", _community(street, "review-returning"), body, (LONG,))


def _street_returning(street):
    report = Report.objects.filter(place__kind=0).first()
    body = {"report": f"{report.pk}.{report.rev}", "batch": str(uuid4()), "reason": ""}
    url = reverse("street-returning", kwargs={"code": street.division.code})
    return Sent("street", url, body)


def _unlocking(street):
    Obligation.objects.filter(place=_building(street)).update(
        **{
            name: timezone.now() - timedelta(days=9 - n)
            for n, name in enumerate(("opens_at", "due_at", "closes_at", "locks_at"))
        }
    )
    return Sent("staff", _report(street, "unlocking"), {"days": "3"})


def _door(name: str) -> Callable:
    return lambda street: Sent("staff", _report(street, name), {"reason": ""})


def _admission(name: str, body: dict, state: str = "proposed") -> Callable:
    def sent(street):
        row = Admission.objects.filter(state=state).first()
        return Sent("street", reverse(name, kwargs={"pk": row.pk}), body)

    return sent


def _workbook(street):
    community, by = street.communities[0], street.people["staff"]
    content = office_workbooks.by_block()[0]
    facts = {"name": "月报表", "file_name": "x", "content": content}
    return storing.upload(community, **facts, by=by, at=timezone.now())


def _workbook_cell(street):
    url = reverse("workbook-cell", kwargs={"pk": _workbook(street).pk})
    body = {"sheet": "0", "cell": "B6", "figure": "nothing:value"}
    return Sent("staff", url, body, names_fields=False)


def _workbook_filling(street):
    url = reverse("workbook-filling", kwargs={"pk": _workbook(street).pk})
    return Sent("staff", url, {"period": _week()}, names_fields=False)


def _stairwell(street):
    plate = Doorplate.objects.get(place=_building(street))
    body = {"form": stairwell.sign(plate), "about": "broken", "words": "302室张阿姨弄坏了灯"}
    url = reverse("stairwell", kwargs={"token": plate.token})
    return Sent("", url, body, ("302室张阿姨弄坏了灯", 'value="broken" checked'))


def _closure(street):
    pk = Voice.objects.filter(place=_building(street), closed_at=None).first().pk
    body = {"answer": "请打13800138000", "batch": str(uuid4())}
    return Sent("staff", reverse("voice-closure", kwargs={"pk": pk}), body, ("13800138000",))


def _branches(street):
    body = {"new": LONG, "seen": "", "id": str(uuid4())}
    return Sent("director", _community(street, "branches"), body, (LONG,))


def _secretary(street):
    where = {"code": street.communities[0].code, "number": 1}
    url = reverse("branch-secretary", kwargs=where)
    return Sent("director", url, {"name": "陈建国2", "seen": ""}, ("陈建国2",))


def _census_columns(street):
    community, by = street.communities[0], street.people["staff"]
    facts = {"file_name": "", "content": b"", "pasted": "楼组\t室号\t常住人数\n1号\t101\t2"}
    made = drafting.take_in(community, **facts, by=by, at=timezone.now())
    url = reverse("census-columns", kwargs={"id": made.pk})
    body = {"column-1": "room", "as_of": "2026-01-31"}
    return Sent("staff", url, body, ('value="room" selected', "2026-01-31"))


def _census_fixes(street):
    """A cell is mended into another building that there is none of."""
    made = f.census_sheet(
        street.communities[0], by=street.people["staff"], faulty=2, at=timezone.now()
    )
    url = reverse("census-fixes", kwargs={"id": made.pk})
    return Sent("staff", url, {"was-3.0": "900号", "fix-3.0": "987号"}, ('value="987号"',))


def _facility(name: str, body: dict, kept: tuple[str, ...] = ()) -> Callable:
    def sent(street):
        lamp = Facility.objects.filter(place__community=street.communities[0]).first()
        return Sent("staff", reverse(name, kwargs={"pk": lamp.pk}), {"rev": "0"} | body, kept)

    return sent


def _defect(name: str, body: dict, kept: tuple[str, ...]) -> Callable:
    def sent(street):
        community, seat = street.communities[0], street.people["unfiled seat"]
        profiles.broken(_building(street), "light", by=seat, at=timezone.now())
        (item,) = profiles.items(street.people["staff"], community, at=timezone.now())
        told = {"item": item.key, "batch": str(uuid4())} | body
        return Sent("staff", _community(street, name), told, kept)

    return sent


def _query_answers(street):
    query = Query.objects.filter(community=street.communities[0]).first()
    url = reverse("query-answers", kwargs={"pk": query.pk})
    return Sent("staff", url, {"form": str(uuid4()), "words": LONG * 3}, (LONG * 3,))


def _ask(name: str, role: str, *, with_street: bool = False) -> Callable:
    """Of a block, on the committee's desk; or handed on to the street."""

    def sent(street):
        if with_street:
            ask = SupportAsk.objects.of_street([street.division.code])[0]
        else:
            owed = _owed_by_a_block(street)
            answers = JUDGED | {"support_needed": "hands"}
            told = f.sending(street.people["staff"], nil=False, answers=None)
            filing.file(owed, replace(told, answers=answers), at=owed.opens_at)
            intake.pull(at=timezone.now())
            ask = SupportAsk.objects.with_committee().get(report__obligation=owed)
        body = {"form": str(uuid4()), "words": LONG * 3}
        return Sent(role, reverse(name, kwargs={"pk": ask.pk}), body, (LONG * 3,))

    return sent


def _saved_link(street):
    path = _community(street, "workbench") + "?tab=due"
    body = {"name": "超过二十个字的名称写不下" * 2, "path": path}
    return Sent("staff", reverse("saved-links"), body, (body["name"], path))


def _second_step(street):
    return Sent("half", reverse("second-step"), {"code": "12"}, ('value="12"',))


FORMS: dict[str, Callable[[worlds.Street], Sent]] = {
    "login": lambda street: Sent("", reverse("login"), {"username": "张三"}, ("张三",)),
    "enter": lambda street: Sent("", reverse("enter"), {"code": "1234"}, ("1234",)),
    "pin": lambda street: Sent("bound", reverse("pin"), {"pin": "1"}, names_fields=False),
    "second-step": _second_step,
    "second-step-setup": lambda street: Sent(
        "staff", reverse("second-step-setup"), {"code": "12"}, ('value="12"',)
    ),
    "cards": lambda street: Sent(
        "staff", _community(street, "cards"), {"whom": "ticked"}, names_fields=False
    ),
    "appointments": lambda street: Sent(
        "director", _community(street, "appointments"), names_fields=False
    ),
    "report-form": _report_form,
    "on-behalf": _on_behalf,
    "chain": lambda street: Sent("staff", _community(street, "chain"), {"step": "look"}),
    "excuse": _door("excuse"),
    "waiver": _door("waiver"),
    "unlocking": _unlocking,
    "review-returning": _returning,
    "street-returning": _street_returning,
    "calendar-days": lambda street: Sent(
        "street", reverse("calendar-days"), {"name": "春节"}, ("春节",)
    ),
    "upper-form": _upper_form,
    "event-amendment": _event_amendment,
    "household-form": _household_form,
    "matter-form": _matter_form,
    "matter-amendment": _matter_amendment,
    "replies": _replies,
    "photo-form": _photo_form,
    "photo-removal": _photo_removal,
    "admission-proposal": lambda street: Sent(
        "staff", reverse("admission-proposal"), {"label": "积水的地方"}, ("积水的地方",)
    ),
    "admission-agreement": _admission("admission-agreement", {"ends_on": "2020-01-01"}),
    "admission-refusal": _admission("admission-refusal", {"reason": ""}),
    "admission-end": _admission("admission-end", {"reason": ""}, "agreed"),
    "workbooks": lambda street: Sent(
        "staff",
        reverse("workbooks"),
        {"name": "月报", "owner": str(forms.owners(street.people["staff"])[0][0])},
        ("月报",),
    ),
    "workbook-cell": _workbook_cell,
    "workbook-filling": _workbook_filling,
    "stairwell": _stairwell,
    "voice-closure": _closure,
    "shape-step": lambda street: Sent(
        "director",
        reverse("shape-step", kwargs={"code": _building(street).code, "what": "rename"}),
        {"name": ""},
    ),
    "branches": _branches,
    "branch-secretary": _secretary,
    "building-profile": lambda street: Sent(
        "staff",
        reverse("building-profile", kwargs={"code": _building(street).code}),
        {"year_built": "12"},
        ('value="12"',),
    ),
    "building-profiles": lambda street: Sent(
        "staff", _community(street, "building-profiles"), {"year_built": "12"}, ('value="12"',)
    ),
    "facility-addition": lambda street: Sent(
        "staff", _community(street, "facility-addition"), {"note": "中心花园"}, ("中心花园",)
    ),
    "parking-need": lambda street: Sent(
        "staff", _community(street, "parking-need"), {"source": "物业登记"}, ("物业登记",)
    ),
    "census-imports": lambda street: Sent("staff", _community(street, "census-imports")),
    "queries": lambda street: Sent(
        "street",
        reverse("queries", kwargs={"code": street.division.code}),
        {"community": street.communities[0].code, "key": "other", "words": LONG * 4}
        | {"form": str(uuid4())},
        (LONG,),
    ),
    "census-columns": _census_columns,
    "census-fixes": _census_fixes,
    "facility": _facility("facility", {"name": "", "note": LONG}, (LONG,)),
    "facility-inspection": _facility(
        "facility-inspection", {"condition": "poor", "on": "昨天", "note": "两盏"}, ("昨天", "两盏")
    ),
    "facility-removal": _facility("facility-removal", {"reason": ""}),
    "defect-confirmation": _defect(
        "defect-confirmation",
        {"facility": "", "condition": "stopped"},
        ('value="stopped" selected',),
    ),
    "defect-setting-aside": _defect("defect-setting-aside", {"reason": LONG}, (LONG,)),
    "query-answers": _query_answers,
    "ask-answers": _ask("ask-answers", "street", with_street=True),
    "ask-forwarding": _ask("ask-forwarding", "staff"),
    "ask-settling": _ask("ask-settling", "staff"),
    "saved-links": _saved_link,
}


class Page(HTMLParser):
    """Title, ids, the summary with its links, and the sentences beside fields."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.title = unescape(re.search(r"<title>(.*?)</title>", html, re.S)[1])
        self.ids = set(re.findall(r'\bid="([^"]+)"', html))
        summary = re.findall(r"<div[^>]*data-error-summary>.*?</div>", html, re.S)
        self.summaries = summary
        self.links = re.findall(r'href="#([^"]+)"', summary[0]) if summary else []
        self.beside = re.findall(r'<span class="error"[^>]*>([^<]+)</span>', html)


def methods_of(view: Callable | None) -> list[str]:
    """What `require_http_methods` lets through; of a class, everything."""
    while view:
        code = getattr(view, "__code__", None)
        if code and "request_method_list" in code.co_freevars:
            at = code.co_freevars.index("request_method_list")
            return list(view.__closure__[at].cell_contents)
        view = getattr(view, "__wrapped__", None)
    return ["GET", "POST"]


def all_doors() -> Iterator[URLPattern]:
    for pattern in get_resolver().url_patterns:
        if getattr(pattern, "namespace", None) != "admin":
            yield from getattr(pattern, "url_patterns", [pattern])


@pytest.fixture
def street():
    return worlds.street(1)


def _client(street: worlds.Street, role: str) -> Client:
    client = Client()
    if role == "bound":
        # A phone whose login has lapsed: only its cookie is left.
        invited = invitations.invite([street.people["seat"]], by=f.person(), at=timezone.now())
        bind(client, invited[0].code)
        client.cookies.pop("sessionid")
        return client
    if role == "half":
        enrolled(street.people["staff"])
        log_in(client, street.people["staff"])
        return client
    if role:
        client.force_login(street.people[role])
    return client


def test_every_page_that_takes_a_post_is_here():
    found = {
        each.name
        for each in all_doors()
        if "POST" in methods_of(each.callback) and not each.name.startswith("api-")
    }
    assert found == set(FORMS) | NO_FIELDS
    assert not set(FORMS) & NO_FIELDS


@pytest.mark.parametrize("name", FORMS)
def test_what_is_wrong_is_told_on_top_and_nothing_typed_is_lost(street, name):
    sent = FORMS[name](street)
    answer = _client(street, sent.role).post(sent.url, sent.body)
    html = answer.content.decode()
    assert 400 <= answer.status_code < 500, html[:400]
    page = Page(html)
    assert page.title.startswith("错误：")
    assert len(page.summaries) == 1
    assert 'tabindex="-1"' in page.summaries[0]
    assert 'role="alert"' in page.summaries[0]
    assert set(page.links) <= page.ids
    assert len(page.links) == len(page.beside)
    assert bool(page.links) is sent.names_fields
    text = unescape(html)
    assert [each for each in sent.kept if each not in text] == []
