"""Every form of the house, sent empty or wrong: told on top, linked, and nothing typed is lost.

A page of the URL table that takes a POST has a row in FORMS, or a reason in NO_FIELDS. A row says
who sends what, and what must still be there. What is focused is in `static/js/errors.js`, told by
`data-error-summary`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from html import unescape
from html.parser import HTMLParser
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from governance.voices import forms as stairwell
from governance.voices.models import Doorplate, Voice
from reports import calendar, filing
from reports.catalogue import HOUSEHOLD_REPORT
from reports.models import Admission, Filing, Obligation, Report, ReportForm
from reports.workbooks import forms, storing
from tests import factories as f
from tests.governance import worlds
from tests.governance.test_entry import bind, log_in
from tests.governance.test_second_step import enrolled
from tests.reports import office_workbooks
from units import invitations

pytestmark = pytest.mark.django_db

# A button, and nothing to fill in: what is refused there is told on the page of the thing.
NO_FIELDS = {
    *("logout", "device-revocation", "second-step-reset", "appointments-undo", "seat-end"),
    *("excuse-ending", "waiver-ending", "review-acceptance", "review-undoing"),
    *("street-acceptance", "street-undoing", "calendar-removal", "calendar-rhythm"),
    *("upper-refresh", "household", "nil-report", "withdrawal", "upper-withdrawal"),
    *("event-withdrawal", "matter-withdrawal", "admission-withdrawal", "exports"),
    *("download-attempt", "workbook-suggestions", "workbook-removal", "voice-acceptance"),
    *("doorplates", "doorplate-replacement", "language", "saved-link-removal"),
    *("workbench-decisions", "workbench-undoing", "shape-undoing", "defect-undoing"),
    *("census-start", "census-undo", "census-removal", "census-fixes"),
    *("ask-holding", "ask-recall", "ask-undoing", "query-closure", "query-withdrawal"),
    "query-answer-undoing",
}
# One field on the page of something else; what is refused is told there in a sentence, which the
# tests of their rooms read.
ON_ANOTHER_PAGE = {
    *("saved-links", "query-answers", "ask-answers", "ask-forwarding", "ask-settling"),
    *("defect-confirmation", "defect-setting-aside", "census-columns"),
    *("facility", "facility-inspection", "facility-removal"),
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


def _replies(street):
    sent = Filing.objects.filter(report__place=_building(street, 2)).first()
    body = {"id": str(uuid4()), "words": LONG}
    return Sent("staff", reverse("replies", kwargs={"id": sent.pk}), body, (LONG,))


def _upper_form(street):
    owed = Obligation.objects.filter(place__code__endswith="-B02", form__code="block_report")
    owed = owed.filter(community=street.communities[0]).first()
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
    body = {"answer": "请打13800138000"}
    return Sent("staff", reverse("voice-closure", kwargs={"pk": pk}), body, ("13800138000",))


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
    "branches": lambda street: Sent(
        "director", _community(street, "branches"), {"what": "add"}, names_fields=False
    ),
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
        {"community": street.communities[0].code, "key": "other", "words": LONG * 4},
        (LONG,),
        names_fields=False,
    ),
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
    assert found == set(FORMS) | NO_FIELDS | ON_ANOTHER_PAGE
    assert not set(FORMS) & (NO_FIELDS | ON_ANOTHER_PAGE)


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
