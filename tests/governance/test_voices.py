"""What residents said, on the desk and on the group's phone; who answers, and who is told."""

from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from governance.voices import answering, doorplates
from governance.voices.models import Doorplate, Voice
from governance.voices.saying import Saying, say
from tests import factories as f
from units.kinds import Duty
from units.models import JournalEntry, Place
from units.refusals import Refusal

pytestmark = pytest.mark.django_db
ANSWER = "物业周三下午换好了灯"
CLOSES = {"answer": ANSWER, "batch": str(uuid4())}


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def staff(community):
    return f.staff(community)


def heard(place: Place, words: str = "三楼楼道灯坏了", **facts: object) -> Voice:
    now = timezone.now()
    plate = Doorplate.objects.in_force().filter(place=place).first()
    if plate is None:
        doorplates.issue([place], by=f.staff(place.community), at=now)
        plate = Doorplate.objects.in_force().get(place=place)
    facts = {"about": "broken", "words": words} | facts
    return say(plate, Saying(form_id=uuid4(), **facts), address=uuid4().hex, at=now)


def as_(user) -> Client:
    client = Client()
    client.force_login(user)
    return client


def page(name: str, *args: object, **query: str) -> str:
    return reverse(name, args=args, query=query or None)


# --- The desk ---------------------------------------------------------------------------


def test_a_voice_is_taken_on_and_closed_with_an_answer_and_each_step_has_its_name(community, staff):
    voice = heard(f.building(community, 1))
    client = as_(staff)
    assert "三楼楼道灯坏了" in client.get(page("voices", community.code)).content.decode()
    client.post(page("voice-acceptance", voice.pk))
    client.post(page("voice-closure", voice.pk), CLOSES)
    voice.refresh_from_db()
    assert (voice.state, voice.answer) == (Voice.State.CLOSED, ANSWER)
    assert voice.accepted_by == voice.closed_by == staff
    verbs = JournalEntry.objects.filter(data__voice=voice.pk).order_by("id")
    assert [(each.verb, each.user) for each in verbs] == [
        ("voice.accepted", staff),
        ("voice.closed", staff),
    ]
    told = Client().get(page("voice-receipt", number=voice.receipt)).content.decode()
    assert ANSWER in told
    assert staff.full_name not in told


def test_what_is_closed_at_once_was_taken_on_by_the_same_person(community, staff):
    voice = heard(f.building(community, 1))
    answering.close(voice, ANSWER, batch=uuid4(), by=staff, at=timezone.now())
    voice.refresh_from_db()
    assert (voice.accepted_by, voice.accepted_at) == (staff, voice.closed_at)


def test_two_who_answer_at_once_are_told_and_the_first_answer_stands(community, staff):
    voice, other = heard(f.building(community, 1)), f.staff(community)
    answering.accept(voice, by=staff, at=timezone.now())
    with pytest.raises(Refusal, match="already_accepted"):
        answering.accept(voice, by=other, at=timezone.now())
    answering.close(voice, ANSWER, batch=uuid4(), by=staff, at=timezone.now())
    answer = as_(other).post(page("voice-closure", voice.pk), CLOSES | {"answer": "已修好"})
    assert answer.status_code == 409
    assert "这一条已经办结" in answer.content.decode()
    voice.refresh_from_db()
    assert voice.answer == ANSWER


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("", "请写一句回音再办结"),
        ("好" * 201, "最多200个字"),
        ("302室张阿姨会修", "请不要写别人的姓名和门牌"),
        ("有事打13812345678", "请不要把手机号写在说明里"),
    ],
)
def test_what_is_no_answer_is_refused_and_stays_typed(community, staff, answer, said):
    voice = heard(f.building(community, 1))
    shown = as_(staff).post(page("voice-closure", voice.pk), CLOSES | {"answer": answer})
    assert shown.status_code == 422
    assert said in shown.content.decode()
    assert answer in shown.content.decode()
    voice.refresh_from_db()
    assert voice.state == Voice.State.NEW


def test_the_database_holds_what_a_state_means(community, staff):
    voice = heard(f.building(community, 1))
    now = timezone.now()
    for facts in (
        {"closed_at": now, "closed_by": staff, "answer": ANSWER},
        {"accepted_at": now, "accepted_by": None},
        {"accepted_by": staff},
        {"accepted_at": now, "accepted_by": staff, "closed_at": now, "closed_by": staff},
        {"answer": ANSWER},
        {"words": ""},
        {"receipt": "abc"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Voice.objects.filter(pk=voice.pk).update(**facts)


def test_the_list_is_cut_by_state_and_searched_by_words_building_and_receipt(community, staff):
    lamp = heard(f.building(community, 1))
    lift = heard(f.building(community, 2), "电梯坏了")
    answering.close(lift, ANSWER, batch=uuid4(), by=staff, at=timezone.now())
    client = as_(staff)

    def shown(**query: str) -> list[bool]:
        text = client.get(page("voices", community.code, **query)).content.decode()
        return [voice.words in text for voice in (lamp, lift)]

    assert shown() == [True, False]
    assert shown(state="closed") == [False, True]
    assert shown(state="nonsense") == [True, False]
    assert shown(q="电梯") == [False, True]
    assert shown(q="1号楼组") == [True, False]
    assert shown(q=lift.receipt_in_groups) == [False, True]
    assert shown(q="没有的") == [False, False]
    assert shown(q="\x00%_'") == [False, False]


def test_the_list_is_paged_and_costs_no_more_for_fifty(community, staff):
    home, client = f.building(community, 1), as_(staff)
    heard(home)

    def cost() -> int:
        with CaptureQueriesContext(
            connection,
        ) as asked:
            client.get(page("voices", community.code))
        return len(asked)

    one = cost()
    first = Voice.objects.get()
    Voice.objects.bulk_create(
        Voice(
            form_id=f"00000000-0000-0000-0000-{n:012d}",
            receipt=f"{n:016d}",
            community=community,
            place=home,
            doorplate=first.doorplate,
            about="other",
            words=f"第{n}句",
            said_at=timezone.now(),
        )
        for n in range(60)
    )
    assert cost() == one
    second = client.get(page("voices", community.code, page="2")).content.decode()
    assert first.words in second
    assert "第2页，共2页" in second


def test_a_block_worker_hears_the_own_block_only(community):
    worker = f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user
    near, far = heard(f.building(community, 1), "近处"), heard(f.building(community, 3), "远处")
    text = as_(worker).get(page("voices", community.code)).content.decode()
    assert (near.words in text, far.words in text) == (True, False)
    assert as_(worker).get(page("voice", far.pk)).status_code == 404


def test_the_party_secretary_reads_and_does_not_answer(community):
    voice = heard(f.building(community, 1))
    client = as_(f.staff(community, Duty.PARTY_SECRETARY))
    assert "办结，给一句回音" not in client.get(page("voice", voice.pk)).content.decode()
    assert client.post(page("voice-closure", voice.pk), CLOSES).status_code == 403


# --- The group --------------------------------------------------------------------------


def test_the_group_sees_what_was_shown_to_it_and_nothing_that_leads_to_a_person(community, staff):
    home = f.building(community, 1)
    seat = as_(f.seat(home))
    shown, hidden = heard(home, "灯坏了", shown_to_group=True), heard(home, "想有人帮忙买菜")
    elsewhere = heard(f.building(community, 2), "别楼的灯坏了", shown_to_group=True)
    answering.close(shown, ANSWER, batch=uuid4(), by=staff, at=timezone.now())
    text = seat.get(page("group-voices", home.code)).content.decode()
    assert shown.words in text
    assert ANSWER in text
    for secret in (hidden.words, elsewhere.words, shown.receipt, shown.receipt_in_groups):
        assert secret not in text
    assert staff.full_name not in text
    assert seat.get(page("voice", shown.pk)).status_code == 404
    assert seat.get(page("voices", community.code)).status_code == 403


def test_the_groups_page_says_how_many_are_being_seen_to(community):
    home = f.building(community, 1)
    heard(home, shown_to_group=True)
    heard(home, "不给楼组看的")
    assert "1条在办" in as_(f.seat(home)).get(page("group-board", home.code)).content.decode()


# --- The codes --------------------------------------------------------------------------


def test_a_block_is_printed_in_one_go_and_what_it_lacks_is_made(community, staff):
    client, block = as_(staff), f.block(community, 1)
    url = page("doorplates", community.code)
    answer = client.post(url, {"of": block.code}, follow=True)
    text = answer.content.decode()
    assert text.count('<article class="card') == 2
    for words in ("1号楼组", "2号楼组", "不收钱、不要密码", community.telephone, "testserver"):
        assert words in text
    assert "3号楼组" not in text
    client.post(url, {"of": block.code})
    assert Doorplate.objects.count() == 2
    assert JournalEntry.objects.filter(verb="doorplates.issued").count() == 1


def test_a_new_code_for_one_building_is_printed_at_once(community, staff):
    home = f.building(community, 1)
    voice = heard(home)
    answer = as_(staff).post(page("doorplate-replacement", voice.doorplate_id), follow=True)
    assert answer.content.decode().count('<article class="card') == 1
    assert Doorplate.objects.in_force().get(place=home) != voice.doorplate


def test_a_foreign_code_named_in_the_post_makes_nothing(community, staff):
    far = f.building(f.compound((1,)))
    as_(staff).post(page("doorplates", community.code), {"of": far.code})
    assert not Doorplate.objects.exists()
