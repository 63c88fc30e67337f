"""What residents said goes two years after it was closed, and what is counted stays."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from governance.voices import answering, purging
from governance.voices.models import Voice
from governance.voices.tasks import purge
from tests import factories as f
from tests.governance.test_voices import ANSWER, as_, heard, page
from units.models import JournalEntry

pytestmark = pytest.mark.django_db
LONG = purging.KEPT + timedelta(days=1)


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def staff(community):
    return f.staff(community)


def closed(place, staff, *, ago: timedelta, **facts) -> Voice:
    voice, then = heard(place, **facts), timezone.now() - ago
    Voice.objects.filter(pk=voice.pk).update(said_at=then)
    answering.close(voice, ANSWER, batch=uuid4(), by=staff, at=then)
    voice.refresh_from_db()
    return voice


def told(voice: Voice) -> str:
    return Client().get(page("voice-receipt", number=voice.receipt)).content.decode()


def test_words_answer_and_the_wish_for_contact_go_and_the_receipt_is_still_answered(
    community, staff
):
    place = f.building(community, 1)
    old = closed(place, staff, ago=LONG, wants_contact=True, shown_to_group=True)
    new = closed(place, staff, ago=timedelta(days=700), shown_to_group=True)
    purge()
    old.refresh_from_db()
    assert (old.words, old.answer, old.wants_contact) == ("", "", False)
    text = told(old)
    assert "办结已过两年" in text
    assert "三楼楼道灯坏了" not in text
    assert ANSWER in told(new)
    group = as_(f.seat(place)).get(page("group-voices", place.code)).content.decode()
    assert group.count("三楼楼道灯坏了") == 1
    assert as_(staff).get(page("voice", old.pk)).content.decode().count("原话已按规定删去") == 1


def test_what_is_counted_stays(community, staff):
    place = f.building(community, 1)
    for _each in range(2):
        closed(place, staff, ago=LONG)
    heard(place)

    def counted() -> list[object]:
        facts = ("place", "about", "said_at", "closed_at", "receipt", "shown_to_group")
        states = [Voice.objects.in_state(each).count() for each in Voice.State]
        return [states, *Voice.objects.order_by("pk").values_list(*facts)]

    before = counted()
    assert purging.purge(at=timezone.now()) == 2
    assert counted() == before
    shown = as_(staff).get(page("voices", community.code, state="closed")).content.decode()
    assert shown.count("原话已按规定删去") == 2


def test_what_nobody_has_answered_is_not_made_to_vanish(community):
    voice = heard(f.building(community, 1))
    Voice.objects.update(said_at=timezone.now() - 3 * LONG)
    assert purging.purge(at=timezone.now()) == 0
    voice.refresh_from_db()
    assert voice.words


def test_a_second_night_removes_nothing_and_writes_nothing(community, staff, monkeypatch):
    monkeypatch.setattr(purging, "A_BATCH", 2)
    for _each in range(5):
        closed(f.building(community, 1), staff, ago=LONG)
    assert purging.purge(at=timezone.now()) == 5
    noted = [e.data for e in JournalEntry.objects.filter(verb=purging.PURGED).order_by("pk")]
    assert noted == [{"rows": 2}, {"rows": 2}, {"rows": 1}]
    first = set(Voice.objects.values_list("purged_at", flat=True))
    assert purging.purge(at=timezone.now()) == 0
    assert set(Voice.objects.values_list("purged_at", flat=True)) == first
    assert JournalEntry.objects.filter(verb=purging.PURGED).count() == 3


def test_the_database_lets_no_word_stay_and_purges_nothing_that_is_open(community, staff):
    now = timezone.now()
    old = closed(f.building(community, 1), staff, ago=LONG)
    open_one = heard(f.building(community, 2))
    for voice, facts in (
        (old, {"purged_at": now}),
        (old, {"words": "", "purged_at": now}),
        (old, {"words": "", "answer": "", "purged_at": now, "wants_contact": True}),
        (open_one, {"words": "", "purged_at": now}),
        (old, {"words": ""}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Voice.objects.filter(pk=voice.pk).update(**facts)
