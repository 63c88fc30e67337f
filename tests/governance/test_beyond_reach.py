"""What happens beyond somebody's reach changes no page, fragment, count or file of theirs.

All that a person may open is read, then a lot happens next door, then it is read again. Where a
row, a name or a number of next door came through, the two differ.
"""

import re
from dataclasses import replace
from difflib import unified_diff
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.supervision import asking
from governance.supervision.asking import Asking
from governance.voices import answering
from governance.voices.models import Doorplate
from governance.voices.saying import Saying, say
from reports import calendar, filing, replies
from tests import factories as f
from tests.governance import worlds
from tests.governance.test_query_counts import pages_of
from units import tree
from units.kinds import Duty
from units.models import Community, Place

pytestmark = pytest.mark.django_db

NAME, WORDS = "欧阳不见", "墙那边的话"
# What is another at every look, whatever happened: keys of the form, moments, signed tokens.
_ALWAYS_NEW = re.compile(
    r'name="csrfmiddlewaretoken" value="\w+"'
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    r'|(?:/live|/desk)/[^/"\s]+:[^/"\s]+/'
    r'|(?:until|opened)[="][^"&]*(?:value="[^"]*")?'
    r"|\d{1,2}:\d{2}(?::\d{2})?(?:\.\d+)?"
    r"|\d+(?:秒|分钟)|刚刚|(?<=数据表编号,)\w{8}"
)
_HAS_PART = re.compile(r"data-live-version")


def _told_by_group(place: Place, user) -> None:
    """A report in the week, a visit, and something seen."""
    now = timezone.now()
    answers = {"corridor": "uncleared", "facility": "broken", "facility_kind": ["light"]}
    owed = f.owed(place, f.open_week(now))
    rev = getattr(getattr(owed, "report", None), "rev", 0)
    told = f.sending(user, answers=answers | {"note": WORDS}, base_rev=rev)
    filed = filing.file(owed, told, at=now)
    replies.reply(filed.filing.report, WORDS, id_=uuid4(), by=user, at=now)
    home = Place.objects.filter(parent__parent=place).first()
    visit = replace(f.household_sending(user), answers={"situation": "same", "source": "visit"})
    filing.file_event(home, f.household_form(), visit, at=now)
    f.matter(place, user, at=now, note=WORDS)


def _happens(place: Place) -> None:
    """All that a day can bring to one building."""
    now = timezone.now()
    user = f.seat(place, Duty.OWNER_REPRESENTATIVE, f.person(NAME)) if _is_free(place) else None
    user = user or place.posts.first().user
    _told_by_group(place, user)
    plate = Doorplate.objects.in_force().get(place=place)
    for ends in (False, True):
        said = Saying(uuid4(), "other", WORDS, shown_to_group=True)
        voice = say(plate, said, visitor=NAME, at=now)
        if ends:
            answering.close(voice, WORDS, by=user, at=now)
    floor = Place.objects.filter(parent=place).first()
    tree.add(floor.pk, name="999室", at=now)
    f.drain(place.community, now)


def _is_free(place: Place) -> bool:
    return not place.posts.filter(duty=Duty.OWNER_REPRESENTATIVE).exists()


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


def _read(client: Client, urls: dict[str, str], export: dict[str, str]) -> dict[str, str]:
    said = {}
    for name, url in urls.items():
        answer = client.get(url, follow=True)
        assert answer.status_code == 200, (name, answer.status_code)
        said[name] = answer.content.decode()
        if _HAS_PART.search(said[name]):
            part = client.get(url, headers={"X-Part": "figures"}, follow=True)
            said[f"{name}, its part"] = part.content.decode()
    file = client.post(reverse("exports"), export)
    said["export"] = file.getvalue().decode("utf-8-sig") if file.status_code == 200 else ""
    return {name: _ALWAYS_NEW.sub("·", text) for name, text in said.items()}


WATCHERS = {
    # The block of buildings 1 and 2; the building 3 of the other block.
    "worker": ("block", 3),
    "secretary": ("block", 3),
    "unfiled seat": ("building", 1),
    "staff": ("community", None),
    "director": ("community", None),
}


@pytest.mark.parametrize("role", WATCHERS)
def test_what_happens_next_door_changes_nothing(role):
    street = worlds.street(2)
    first, beside = street.communities
    of, number = WATCHERS[role]
    place = {"block": f.block(first), "building": f.building(first, 3)}.get(of, f.root(first))
    urls, client = _urls_of(street, role), street.client(role)
    f.drain(first, timezone.now())
    week = calendar.week_of(timezone.localdate()).key
    export = {"place": place.code, "period": week, "kind": "csv", "purpose": "checking"}
    before = _read(client, urls, export)
    _happens_in(beside)
    if number:
        _happens(f.building(first, number))
    after = _read(client, urls, export)
    changed = {
        name: "\n".join(
            line
            for line in unified_diff(
                before[name].splitlines(), after[name].splitlines(), n=0, lineterm=""
            )
        )[:1500]
        for name in before
        if before[name] != after[name]
    }
    assert changed == {}
    # It did happen, for who may read it.
    client.force_login(f.staff(beside))
    assert WORDS in client.get(reverse("workbench", kwargs={"code": beside.code})).content.decode()
