"""Every page that a link leads to speaks Chinese: no Latin word of three letters or more."""

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports import calendar
from reports.exports import order
from reports.exports.order import FileKind, Order, Purpose
from reports.models import Export
from reports.workbooks import storing
from tests import factories as f
from tests.governance import worlds
from tests.reports import office_workbooks
from units.census_import import importing
from units.models import User

pytestmark = pytest.mark.django_db

# What is a name or a number and not a word: receipts, logins, addresses.
ALLOWED = re.compile(
    r"\b[0-9a-f]{8}(-[0-9a-f]{4,12})*\b|\bperson\d+\b|\b[a-z]\d{2,3}(-[a-z]\d+)*-\d\w?\b|https?://\S+"
    # The way to English, at the foot of desk pages.
    r"|\bEnglish\b"
)
LATIN = re.compile(r"[A-Za-z]{3,}")


class Visible(HTMLParser):
    """Collects what a person reads or hears, and the links that can be followed."""

    SPOKEN = ("aria-label", "alt", "title", "placeholder")
    SILENT = ("script", "style", "code")

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self.links: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self._silent += tag in self.SILENT
        self.words += [attributes[name] for name in self.SPOKEN if attributes.get(name)]
        if tag == "input" and attributes.get("type") == "submit":
            self.words.append(attributes.get("value") or "")
        if tag == "a" and (attributes.get("href") or "").startswith(("/", "?")):
            self.links.append(attributes["href"].partition("#")[0])

    def handle_endtag(self, tag):
        self._silent -= tag in self.SILENT

    def handle_data(self, data):
        if not self._silent:
            self.words.append(data)


def _read(client: Client, url: str) -> Visible:
    answer = client.get(url, follow=True)
    page = Visible()
    if answer.headers["Content-Type"].startswith("text/html"):
        page.feed(answer.content.decode())
    base = answer.request["PATH_INFO"]
    page.links = [link if link.startswith("/") else base + link for link in page.links]
    assert answer.status_code in (200, 403), (url, answer.status_code)
    return page


def latin_words(client: Client, start: str, *, within: str = "/", most: int = 150) -> dict:
    """Follow links from `start`; returns url → the Latin words read there."""
    waiting, seen, found = [start], set(), {}
    while waiting and len(seen) < most:
        url = waiting.pop(0)
        if url in seen or not url.startswith(within):
            continue
        seen.add(url)
        page = _read(client, url)
        words = LATIN.findall(ALLOWED.sub(" ", " ".join(page.words)))
        if words:
            found[url] = words
        waiting += page.links
    assert len(seen) > 1 or not page.links
    return found


@pytest.fixture
def street():
    return worlds.street(2)


@pytest.mark.parametrize(
    "role", ["seat", "unfiled seat", "secretary", "worker", "staff", "director", "street"]
)
def test_every_page_in_reach_is_in_chinese(street, role):
    assert latin_words(street.client(role), reverse("home")) == {}


def test_exports_and_workbooks_are_in_chinese(street):
    """Pages that only appear once somebody has ordered a file or uploaded a workbook."""
    community, staff = street.communities[0], street.people["staff"]
    week = calendar.week_of(timezone.localdate())
    ordered = Order(FileKind.PAPER, Purpose.MEETING, place=f.root(community), period=week)
    waiting = order.place(ordered, by=staff, at=timezone.now())
    failed = order.place(ordered, by=staff, at=timezone.now())
    Export.objects.filter(pk=failed.pk).update(state="failed", problem="等了很久")
    workbook = storing.upload(
        community,
        name="月报表",
        file_name="x",
        content=office_workbooks.by_block()[0],
        by=staff,
        at=timezone.now(),
    )
    client = street.client("staff")
    of = {"pk": workbook.pk}
    client.post(reverse("workbook-suggestions", kwargs=of), {"all": "1"})
    filled = client.post(reverse("workbook-filling", kwargs=of), {"period": week.key})
    page = reverse("workbook", kwargs=of)
    urls = [
        filled.headers["Location"],
        *(reverse("download", kwargs={"id": each.pk}) for each in (waiting, failed)),
        reverse("downloads"),
        reverse("workbooks"),
        page,
        *(f"{page}?cell={cell}" for cell in ("B6", "B9", "A4")),
        reverse("workbook-filling", kwargs=of),
    ]
    said = {
        url: LATIN.findall(ALLOWED.sub(" ", " ".join(_read(client, url).words))) for url in urls
    }
    assert {url: words for url, words in said.items() if words} == {}


def test_a_census_import_is_in_chinese(street):
    """Its pages, from the columns over faults of each list to what came of it."""
    community, client = street.communities[0], street.client("director")
    made = f.census_sheet(community, by=street.people["director"], faulty=2, at=timezone.now())
    of = {"id": made.pk}
    page = reverse("census-import", kwargs=of)
    lists = ("faults", "new", "changed", "read_as", "absent")
    urls = [
        reverse("census-imports", kwargs={"code": community.code}),
        reverse("census-columns", kwargs=of),
        *(f"{page}?list={each}" for each in lists),
    ]
    said = {url: _latin(client, url) for url in urls}
    client.post(reverse("census-start", kwargs=of), {"only_good": "1"})
    said["running"] = _latin(client, page)
    importing.run(made.pk, at=timezone.now())
    said["done"] = _latin(client, page)
    client.post(reverse("census-undo", kwargs=of))
    said["undone"] = _latin(client, page)
    assert {url: words for url, words in said.items() if words} == {}


def _latin(client: Client, url: str) -> list[str]:
    return LATIN.findall(ALLOWED.sub(" ", " ".join(_read(client, url).words)))


def test_pages_before_the_login_are_in_chinese(street):
    assert latin_words(Client(), reverse("home")) == {}


def test_problems_are_told_in_chinese(street):
    client = street.client("seat")
    for url in ("/community/310104999999/", "/nowhere/"):
        answer = client.get(url)
        page = Visible()
        page.feed(answer.content.decode())
        assert answer.status_code == 404
        assert not LATIN.findall(" ".join(page.words))


def test_a_person_without_a_post_is_told_so(street):
    client = Client()
    client.force_login(User.objects.create_user("visitor", full_name="郭春梅"))
    assert "还没有任职" in client.get(reverse("home")).content.decode()
