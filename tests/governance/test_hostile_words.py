"""Whatever somebody was called or wrote, on no page does it become part of the page."""

from collections.abc import Iterator

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bench.pages import PAGES
from bench.pages import World as Addresses
from governance.board.workbench.chat import words_for_chat
from governance.board.workbench.sources import items_of
from reports.models import Filing
from tests.governance import worlds

pytestmark = pytest.mark.django_db

# Ends an attribute of either kind, a tag, a script and a template's variable.
HOSTILE = "\"'></script><img src=x>{{x}}"
# What nobody types: keys, and what a page of another address is found by.
NOT_TYPED = {
    *("code", "key", "login", "password", "token", "receipt", "path", "source_key", "words_key"),
    *("signature", "type", "number", "sha256", "verb", "duty", "telephone"),
}
# Of whom one is enough to open every page.
OURS = ("units", "reports", "voices", "profiles", "supervision")
# Codes that a page looks up again: another word there is no page at all.
NOT_WORDS = {"SearchKey", "Period", "Measure", "JournalEntry", "Device", "Mark"}


def _columns() -> Iterator[tuple[type[models.Model], models.Field]]:
    for model in apps.get_models():
        if model._meta.app_label not in OURS or model.__name__ in NOT_WORDS:
            continue
        for field in model._meta.concrete_fields:
            is_text = isinstance(field, models.CharField | models.TextField)
            is_typed = field.name not in NOT_TYPED and not field.name.endswith("hash")
            if is_text and is_typed and not (field.choices or field.primary_key):
                yield model, field


@pytest.fixture
def street():
    """Everything that can be named or written is hostile."""
    made = worlds.street(1)
    addresses = Addresses(made.people, timezone.localtime())
    written = set()
    with connection.cursor() as cursor:
        # What is insert only is written here as if it had been sent so.
        cursor.execute("SET LOCAL session_replication_role = replica")
    for model, field in _columns():
        longest = field.max_length or len(HOSTILE)
        try:
            with transaction.atomic():
                model.objects.exclude(**{field.name: ""}).update(**{field.name: HOSTILE[:longest]})
            written.add(f"{model.__name__}.{field.name}")
        except IntegrityError:
            continue
    for sent in Filing.objects.all():
        told = {name: HOSTILE if name == "note" else each for name, each in sent.answers.items()}
        Filing.objects.filter(pk=sent.pk).update(answers=told)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
    assert written >= {
        *("Place.name", "User.full_name", "Voice.words", "Facility.name", "Reply.words"),
        *("Query.words", "Workbook.name", "Community.name"),
    }
    made.addresses = addresses
    return made


def _client(street, who: str) -> Client:
    client = Client()
    if who:
        client.force_login(street.people[who])
    return client


def test_no_page_takes_a_word_for_its_own(street):
    shown = set()
    for page in PAGES:
        answer = _client(street, page.who).get(street.addresses.address(page), follow=True)
        html = answer.content.decode()
        assert answer.status_code == 200, page.name
        assert "<img src=x" not in html, page.name
        assert "</script><img" not in html, page.name
        if "&lt;img src=x" in html:
            shown.add(page.door)
    # Not by showing nothing.
    assert len(shown) > 60
    assert shown >= {"workbench", "search", "place", "stairwell", "supervision", "shape", "voices"}


def test_nor_what_is_fetched_into_a_page_or_copied_out_of_it(street):
    community, staff = street.communities[0], street.people["staff"]
    of = {"code": community.code}
    part = {"headers": {"X-Part": "figures"}}
    asked = [
        (reverse("search-suggestions"), {"q": "img"}, {}),
        (reverse("search-suggestions"), {"q": HOSTILE}, {}),
        (reverse("search"), {"q": HOSTILE}, {}),
        (reverse("workbench", kwargs=of), {"text": HOSTILE, "tab": HOSTILE}, {}),
        *((reverse(name, kwargs=of), {}, part) for name in ("workbench", "community-board")),
        (reverse("filing-matrix", kwargs=of), {"block": HOSTILE, "weeks": HOSTILE}, part),
        (reverse("voice-receipt"), {"number": HOSTILE}, {}),
        (reverse("login"), {"next": f"/{HOSTILE}"}, {}),
    ]
    for url, query, more in asked:
        html = _client(street, "staff").get(url, query, **more).content.decode()
        assert "<img src=x" not in html, url
        assert "</script><img" not in html, url
    # Plain text, for a group chat: it stays what it is, and is escaped where it is shown.
    assert words_for_chat(items_of(staff, community, at=timezone.now()), at=timezone.now())
    pack = _client(street, "seat").get(reverse("api-pack"))
    assert pack.headers["Content-Type"].startswith("application/json")
    assert "<img src=x" in pack.json()["buildings"][0]["name"]
