"""The residents' door: no account, no cookie; what may be said, how often, and who may read it."""

import re
from itertools import pairwise
from uuid import uuid4

import pytest
from django.core import signing
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.voices import doorplates, saying, views_residents
from governance.voices.models import Doorplate, Voice
from tests import factories as f
from units.models import JournalEntry, Place

pytestmark = pytest.mark.django_db
SAID = {"about": "broken", "words": "三楼楼道灯坏了，晚上看不清台阶", "shown_to": "committee"}


@pytest.fixture
def community():
    return f.compound((2, 1))


@pytest.fixture
def plate(community) -> Doorplate:
    home = f.building(community, 1)
    doorplates.issue([home], by=f.staff(community), at=timezone.now())
    return Doorplate.objects.get(place=home)


def url(plate: Doorplate) -> str:
    return reverse("stairwell", kwargs={"token": plate.token})


def opened(client: Client, plate: Doorplate) -> str:
    text = client.get(url(plate)).content.decode()
    return re.search(r'name="form" value="([^"]+)"', text)[1]


def say(client: Client, plate: Doorplate, **typed: str):
    form = typed.pop("form", None) or opened(client, plate)
    return client.post(url(plate), SAID | {"form": form} | typed)


# --- Saying -----------------------------------------------------------------------------


def test_a_sentence_becomes_a_voice_with_a_receipt_that_tells_how_it_stands(plate):
    client = Client(enforce_csrf_checks=True)
    answer = say(client, plate)
    voice = Voice.objects.get()
    assert answer.headers["Location"].endswith(f"?number={voice.receipt}")
    assert (voice.place, voice.shown_to_group, voice.wants_contact) == (plate.place, False, False)
    assert re.fullmatch(r"\d{16}", voice.receipt)
    text = client.get(answer.headers["Location"]).content.decode()
    for words in (voice.receipt_in_groups, SAID["words"], "新上报，等居委受理", "只给居委看"):
        assert words in text


def test_nothing_is_kept_on_the_phone_and_nothing_else_is_asked(plate):
    client = Client()
    page = client.get(url(plate))
    assert not page.cookies
    assert not say(client, plate).cookies
    assert not client.cookies
    text = page.content.decode()
    assert "021-55500000" in text
    names = set(re.findall(r'name="(\w+)"', text)) - {"viewport"}
    assert names == {"form", "about", "words", "shown_to", "contact", "homepage"} | (
        {"format"} & names
    )


def test_the_page_speaks_of_its_own_building_only(plate, community):
    text = Client().get(url(plate)).content.decode()
    assert plate.place.name in text
    assert f.building(community, 2).name not in text


def test_pressed_twice_it_is_said_once(plate):
    client = Client()
    form = opened(client, plate)
    one, two = (say(client, plate, form=form) for _each in range(2))
    assert one.headers["Location"] == two.headers["Location"]
    assert Voice.objects.count() == 1


def test_another_thing_from_the_same_page_is_kept_on_the_page_and_said_by_pressing_again(plate):
    client = Client()
    form = opened(client, plate)
    say(client, plate, form=form)
    answer = say(client, plate, form=form, words="电梯也坏了")
    text = answer.content.decode()
    assert answer.status_code == 409
    assert "电梯也坏了" in text
    again = re.search(r'name="form" value="([^"]+)"', text)[1]
    assert say(client, plate, form=again, words="电梯也坏了").status_code == 302
    assert Voice.objects.count() == 2


def test_a_wish_to_be_contacted_is_told_to_ring_with_the_receipt(plate):
    client = Client()
    text = client.get(say(client, plate, contact="yes").headers["Location"]).content.decode()
    assert "要居委联系，请打电话" in text
    assert Voice.objects.get().wants_contact


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"words": ""}, "请写一句话"),
        ({"about": "rumour"}, "请选一类"),
        ({"about": ""}, "请选一类"),
        ({"words": "灯" * 301}, "最多300个字，现在301个"),
        ({"words": "302室张阿姨把灯弄坏了"}, "请不要写别人的姓名和门牌，只说事情"),
        ({"words": "打我手机 138 1234 5678"}, "请不要把手机号写在说明里"),
        ({"words": "我的身份证310104194903070029"}, "请不要填写身份证号"),
        ({"words": "沪A12345天天堵门"}, "请不要写车牌号"),
        ({"homepage": "http://spam.example"}, "请再按一次提交"),
    ],
)
def test_what_cannot_be_said_is_told_why_and_stays_typed(plate, typed, said):
    answer = say(Client(), plate, **typed)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert said in text
    assert "<title>错误：" in text
    assert (SAID | typed)["words"] in text
    assert "spam.example" not in text
    assert not Voice.objects.exists()


def test_what_was_typed_never_becomes_markup(plate):
    hostile = "<script>alert(1)</script>{{ 7|add:7 }}'\"302室"
    text = say(Client(), plate, words=hostile).content.decode()
    assert "<script>alert" not in text
    assert "{{ 7|add:7 }}" in text


def test_nul_and_lone_surrogates_and_lines_do_no_harm(plate):
    say(Client(), plate, words="灯\x00坏\ud800了\r\n\r\n很黑".encode("utf-8", "ignore").decode())
    assert Voice.objects.get().words == "灯坏了 很黑"
    assert Client().get(reverse("stairwell", kwargs={"token": "x\x00y"})).status_code == 404


# --- The token of the page --------------------------------------------------------------


def test_a_page_of_another_building_an_old_one_and_a_forged_one_ask_to_press_again(
    plate, community, monkeypatch
):
    other = f.building(community, 2)
    doorplates.issue([other], by=f.staff(community), at=timezone.now())
    client = Client()
    elsewhere = opened(client, Doorplate.objects.get(place=other))
    old = signing.dumps([plate.pk, str(uuid4())], salt="voices.form")
    for form in (elsewhere, "", "x:y:z", signing.dumps("x", salt="voices.form")):
        answer = client.post(url(plate), SAID | {"form": form})
        assert answer.status_code == 403
        assert SAID["words"] in answer.content.decode()
        fresh = re.search(r'name="form" value="([^"]+)"', answer.content.decode())[1]
        assert fresh != form
    monkeypatch.setattr(signing.time, "time", lambda: timezone.now().timestamp() + 8 * 24 * 3600)
    assert client.post(url(plate), SAID | {"form": old}).status_code == 403
    assert not Voice.objects.exists()


# --- The brake --------------------------------------------------------------------------


def test_one_address_is_braked_in_words_and_loses_nothing(plate, monkeypatch):
    monkeypatch.setattr(saying, "PER_ADDRESS", 2)
    client = Client()
    for n in range(2):
        assert say(client, plate, words=f"灯坏了{n}次").status_code == 302
    answer = say(client, plate, words="灯又坏了")
    assert answer.status_code == 429
    assert 0 < int(answer.headers["Retry-After"]) <= 3600
    text = answer.content.decode()
    assert "请过一小时再来，或打电话给居委会" in text
    assert "灯又坏了" in text
    assert say(Client(REMOTE_ADDR="10.9.8.7"), plate, words="灯又坏了").status_code == 302


def test_one_building_is_braked_whatever_the_addresses_and_no_other_is(
    plate, community, monkeypatch
):
    monkeypatch.setattr(saying, "PER_BUILDING", 2)
    for n in range(3):
        answer = say(Client(REMOTE_ADDR=f"10.0.0.{n}"), plate, words=f"灯坏了{n}次")
    assert answer.status_code == 429
    other = f.building(community, 2)
    doorplates.issue([other], by=f.staff(community), at=timezone.now())
    assert say(Client(), Doorplate.objects.get(place=other)).status_code == 302


def test_guessing_receipts_is_braked(plate, monkeypatch):
    monkeypatch.setattr(views_residents, "LOOKED_UP_PER_ADDRESS", 2)
    client, page = Client(), reverse("voice-receipt")
    codes = [client.get(page, {"number": "1" * 16}).status_code for _each in range(3)]
    assert codes == [404, 404, 429]


def test_one_caller_who_knocks_on_does_not_close_the_building_to_others(plate, monkeypatch):
    monkeypatch.setattr(saying, "PER_ADDRESS", 1)
    monkeypatch.setattr(saying, "PER_BUILDING", 3)
    for n in range(9):
        say(Client(), plate, words=f"灯坏了{n}次")
    assert say(Client(REMOTE_ADDR="10.9.8.7"), plate, words="电梯坏了").status_code == 302


def test_behind_our_proxies_each_caller_is_counted_and_what_they_claim_is_not(
    plate, monkeypatch, settings
):
    monkeypatch.setattr(saying, "PER_ADDRESS", 1)
    settings.PROXY_HOPS = 2

    def status(hops: str, words: str) -> int:
        client = Client(headers={"X-Forwarded-For": hops}, REMOTE_ADDR="127.0.0.1")
        return say(client, plate, words=words).status_code

    assert status("203.0.113.7, 10.0.0.2", "一楼灯坏了") == 302
    assert status("203.0.113.8, 10.0.0.2", "二楼灯坏了") == 302
    assert status("1.1.1.1, 203.0.113.7, 10.0.0.2", "三楼灯坏了") == 429


def test_what_turns_a_line_round_or_cannot_be_seen_is_not_kept(plate):
    say(Client(), plate, words="三楼\u202e灯\u200b坏了\u2066，\x07请看看\u2028好吗")
    assert Voice.objects.get().words == "三楼灯坏了，请看看 好吗"


# --- Codes and receipts -----------------------------------------------------------------


def test_a_replaced_code_and_a_closed_building_lead_nowhere_and_say_whom_to_ring(plate, community):
    new = doorplates.replace(plate, by=f.staff(community), at=timezone.now())
    answer = Client().get(url(plate))
    assert answer.status_code == 410
    assert "请扫楼道里新的那一张" in answer.content.decode()
    assert say(Client(), new).status_code == 302
    Place.objects.filter(pk=plate.place_id).update(state="closed", closed_on=timezone.localdate())
    assert Client().get(url(new)).status_code == 410
    lost = Client().get(reverse("stairwell", kwargs={"token": "nosuchcode"}))
    assert lost.status_code == 404
    assert "请再扫一次楼道里的码" in lost.content.decode()


def test_a_building_has_one_code_in_force_and_making_them_again_makes_none(plate, community):
    by = f.staff(community)
    assert doorplates.issue([plate.place], by=by, at=timezone.now()) == 0
    with pytest.raises(IntegrityError, match="one_doorplate_in_force"), transaction.atomic():
        Doorplate.objects.create(
            place=plate.place, token="another", made_at=timezone.now(), made_by=by
        )
    with pytest.raises(IntegrityError, match="a_doorplate_hangs_in_a_building"):
        Doorplate.objects.create(
            place=f.root(community), place_kind=0, token="x", made_at=timezone.now(), made_by=by
        )


def test_replacing_twice_revokes_once(plate, community):
    by = f.staff(community)
    first, second = (doorplates.replace(plate, by=by, at=timezone.now()) for _each in range(2))
    assert first == second
    assert JournalEntry.objects.filter(verb="doorplate.revoked").count() == 1


@pytest.mark.parametrize("typed", ["{}", " {} ", "{:.4} {:.4}…", "０{}"])
def test_a_number_is_found_however_it_is_spaced_and_not_otherwise(plate, typed):
    say(Client(), plate)
    receipt = Voice.objects.get().receipt
    shown = (
        " ".join(receipt[n : n + 4] for n in range(0, 16, 4))
        if "…" in typed
        else typed.format(receipt)
    )
    answer = Client().get(reverse("voice-receipt"), {"number": shown})
    is_whole = len(re.sub(r"\D", "", shown.replace("０", "0"))) == 16
    assert answer.status_code == (200 if is_whole else 404)
    assert (SAID["words"] in answer.content.decode()) is is_whole


def test_receipts_are_not_in_order_and_what_is_hostile_finds_nothing(plate):
    for n in range(4):
        say(Client(), plate, words=f"灯坏了{n}次")
    numbers = [int(each) for each in Voice.objects.values_list("receipt", flat=True)]
    assert len({b - a for a, b in pairwise(numbers)}) == 3
    for number in ("%", "' OR 1=1 --", "\x00" * 16 + "1", "９" * 500, "<b>"):
        answer = Client().get(reverse("voice-receipt"), {"number": number})
        assert answer.status_code == 404
        assert "<b>" not in answer.content.decode().replace('value="<b>', "")
