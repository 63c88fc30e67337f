"""What happens beyond somebody's reach changes no page, fragment, count or file of theirs.

All that a person may open is read, then a lot happens next door, then it is read again. Where a
row, a name or a number of next door came through, the two differ.
"""

import io
import re
from difflib import unified_diff
from html import unescape
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from governance.supervision import asking
from governance.supervision.asking import Asking
from governance.voices import answering
from governance.voices.models import Doorplate
from governance.voices.saying import Saying, say
from reports import calendar, filing, replies
from reports.models import Report
from tests import factories as f
from tests.governance import worlds
from tests.governance.test_query_counts import pages_of
from units import tree
from units.kinds import Duty
from units.models import Community, Place, User

pytestmark = pytest.mark.django_db

NAME, WORDS = "欧阳不见", "墙那边的话"
# What is another at every look, whatever happened: keys of the form, moments, signed tokens.
_ALWAYS_NEW = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"'
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r'|(?:/live|/desk)/[^/"\s]+:[^/"\s]+/'
    r'|(?:until|opened)[="][^"&]*(?:value="[^"]*")?'
    r'|name="form" value="[^"]+"'
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?"
    r"|\d+(?:秒|分钟)|刚刚|(?<=数据表编号,)\w{8}"
)
_ASKS = re.compile(r'data-live-version="([^"]+)"')


def _is_said(place: Place) -> User:
    """What changes no figure: a new seat, voices, an answer. Returns who took the seat."""
    now = timezone.now()
    held = place.posts.filter(duty=Duty.OWNER_REPRESENTATIVE).select_related("user").first()
    user = held.user if held else f.seat(place, Duty.OWNER_REPRESENTATIVE, f.person(NAME))
    plate = Doorplate.objects.in_force().get(place=place)
    for ends in (False, True):
        said = Saying(uuid4(), "other", WORDS, shown_to_group=True)
        voice = say(plate, said, address=NAME, at=now)
        if ends:
            answering.close(voice, WORDS, batch=uuid4(), by=user, at=now)
    for report in Report.objects.filter(place=place, is_event=False):
        replies.reply(report, WORDS, id_=uuid4(), by=user, at=now)
    return user


def _happens(place: Place) -> None:
    """All that a day can bring to one building."""
    now = timezone.now()
    user = _is_said(place)
    answers = {"corridor": "uncleared", "facility": "broken", "facility_kind": ["light"]}
    owed = f.owed(place, f.open_week(now))
    rev = getattr(getattr(owed, "report", None), "rev", 0)
    told = f.sending(user, answers=answers | {"note": WORDS}, base_rev=rev)
    filing.file(owed, told, at=now)
    home = Place.objects.filter(parent__parent=place).first()
    filing.file_event(home, f.household_form(), f.household_sending(user), at=now)
    f.matter(place, user, at=now, note=WORDS)
    tree.add(home.parent_id, name="999室", at=now)
    f.drain(place.community, now)


def _happens_in(community: Community) -> None:
    for number in (1, 2, 3):
        _happens(f.building(community, number))
    query = Asking(uuid4(), "other", WORDS)
    asking.ask(f.root(community), query, by=f.person(), at=timezone.now())


def _urls_of(street: worlds.Street, role: str) -> dict[str, str]:
    of = {name: url for (who, name), url in pages_of(street).items() if who == role}
    week = calendar.week_of(timezone.localdate()).key
    # Of one's own files; `_read` makes some.
    of.pop("downloads", None)
    of |= {name: reverse(name) for name in ("api-places", "api-obligations")}
    of["api-summaries"] = reverse("api-summaries") + f"?period={week}"
    for typed in (NAME, WORDS, "不见", "999", "本周"):
        of[f"search {typed}"] = reverse("search") + f"?q={typed}"
        of[f"suggestions {typed}"] = reverse("search-suggestions") + f"?q={typed}"
    return of


def _text_of(content: bytes) -> str:
    """Of a page, or of the cells of a spreadsheet, which is packed anew each time."""
    if not content.startswith(b"PK"):
        return content.decode(errors="replace")
    book = load_workbook(io.BytesIO(content))
    return "\n".join(f"{cell.value}" for sheet in book for row in sheet for cell in row)


def _read(client: Client, urls: dict[str, str], export: dict[str, str]) -> dict[str, str]:
    said = {}
    for name, url in urls.items():
        answer = client.get(url, follow=True)
        assert answer.status_code == 200, (name, answer.status_code)
        said[name] = _text_of(answer.getvalue())
        if asks := _ASKS.search(said[name]):
            part = client.get(url, headers={"X-Part": "figures"}, follow=True)
            said[f"{name}, its part"] = part.content.decode()
            said[f"{name}, its version"] = client.get(unescape(asks[1])).content.decode()
    file = client.post(reverse("exports"), export)
    said["export"] = _text_of(file.getvalue()) if file.status_code == 200 else ""
    return {name: _ALWAYS_NEW.sub("·", text).replace('{"', '\n{"') for name, text in said.items()}


# Who looks, and the building of their own community that is beyond them; to the street no figure of
# a building is, so that there only words are said.
WATCHERS = {"worker": 3, "secretary": 3, "unfiled seat": 1, "staff": 0, "director": 0, "street": 1}


@pytest.mark.parametrize("role", WATCHERS)
def test_what_happens_next_door_changes_nothing(role):
    street = worlds.street(2)
    first, beside = street.communities
    urls, client = _urls_of(street, role), street.client(role)
    # What was prepared for all of them is counted before.
    f.open_week(timezone.now())
    f.drain(first, timezone.now())
    week = calendar.week_of(timezone.localdate()).key
    own = {"unfiled seat": f.building(first, 3), "staff": f.root(first)}.get(role, f.block(first))
    export = {"place": own.code, "period": week, "kind": "csv", "purpose": "checking"}
    before = _read(client, urls, export)
    beyond = f.building(first, WATCHERS[role]) if WATCHERS[role] else None
    if role == "street":
        _is_said(beyond)
    else:
        _happens_in(beside)
        if beyond:
            _happens(beyond)
    after = _read(client, urls, export)
    assert {name: _difference(before[name], after[name]) for name in _differ(before, after)} == {}
    # It did happen, for who may read it.
    home = beyond.community if beyond else beside
    client.force_login(f.staff(home))
    assert WORDS in client.get(reverse("workbench", kwargs={"code": home.code})).content.decode()


def _differ(before: dict[str, str], after: dict[str, str]) -> list[str]:
    return [name for name in before if before[name] != after[name]]


def _difference(before: str, after: str) -> list[str]:
    lines = unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line[:300] for line in lines][2:]
