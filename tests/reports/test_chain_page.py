"""The page of a pasted chain: one look, then filed with its channel, once."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from reports.models import Filing, Report
from tests import factories as f

pytestmark = pytest.mark.django_db
PASTED = "#接龙\n1. 1号 平安\n2. 2号楼 3楼灯坏\n早上好\n3号、1号 没事"


@pytest.fixture
def community():
    made = f.compound((2, 1))
    f.open_week(timezone.now())
    return made


@pytest.fixture
def staff(community):
    client = Client()
    client.force_login(f.staff(community))
    return client


def look(client: Client, community, text: str = PASTED) -> str:
    url = reverse("chain", kwargs={"code": community.code})
    return client.post(url, {"text": text, "step": "look"}).content.decode()


def pass_on(client: Client, community, page: str, text: str = PASTED):
    ids = dict(re.findall(r'name="(id-\d+)" value="([0-9a-f-]{36})"', page))
    chosen = re.findall(r'name="chosen" value="([^"]+)" aria-label="[^"]+" checked', page)
    url = reverse("chain", kwargs={"code": community.code})
    body = {"text": text, "step": "pass_on", "chosen": chosen, **ids}
    return client.post(url, body).content.decode()


def test_looking_files_nothing_and_shows_every_line(staff, community):
    page = look(staff, community)
    assert not Filing.objects.exists()
    assert "早上好" in page
    assert page.count("本周平安无事") == 2
    assert "什么坏了：楼道灯" in page


def test_what_was_looked_at_is_filed_with_its_channel(staff, community):
    done = pass_on(staff, community, look(staff, community))
    assert "代报了3个楼组" in done
    assert set(Filing.objects.values_list("channel", "caller")) == {("chain", "群接龙")}
    assert Report.objects.filter(nil=True).count() == 2
    lamp = Report.objects.get(nil=False)
    assert (lamp.facility_reported, lamp.waste_answered) == (1, 0)


def test_passing_on_twice_files_once(staff, community):
    page = look(staff, community)
    pass_on(staff, community, page)
    pass_on(staff, community, page)
    assert Filing.objects.count() == 3


def test_a_building_that_has_reported_is_not_reported_again(staff, community):
    owed = f.owed(f.building(community, 1), f.open_week(timezone.now()))
    f.filing.file(owed, f.sending(f.seat(f.building(community, 1))), at=timezone.now())
    page = look(staff, community)
    assert "已经报过，不再报" in page
    pass_on(staff, community, page)
    assert Filing.objects.filter(report__obligation=owed).count() == 1


def test_a_number_that_identifies_somebody_is_refused_and_the_rest_goes(staff, community):
    text = "1号 平安\n2号 门禁坏了 联系13812345678"
    done = pass_on(staff, community, look(staff, community, text), text)
    assert Filing.objects.count() == 1
    assert "手机号" in done or "电话" in done


def test_too_long_a_paste_is_told_and_kept(staff, community):
    url = reverse("chain", kwargs={"code": community.code})
    answer = staff.post(url, {"text": "1号 平安\n" * 5000, "step": "look"})
    assert answer.status_code == 413
    assert "一次最多贴两万字" in answer.content.decode()


def test_another_community_cannot_be_reported_for(staff):
    other = f.compound((1,))
    assert staff.get(reverse("chain", kwargs={"code": other.code})).status_code == 404
