"""The door before Django as an attacker meets it: whoever sees less is never given what was drawn
for who sees more."""

import re
from html import unescape
from io import BytesIO
from types import SimpleNamespace

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.board import parts
from governance.board.door import Door
from tests import factories as f
from tests.governance.open_pages import within_the_test
from units import groups
from units.kinds import Duty
from units.models import BranchBlock, User

pytestmark = pytest.mark.django_db


class Browser:
    """Of one person, before a door of the house."""

    def __init__(self, door: Door, user: User | None = None) -> None:
        self.door, self.cookie = door, ""
        if user:
            client = Client()
            client.force_login(user)
            self.cookie = f"sessionid={client.cookies['sessionid'].value}"

    def ask(self, path: str, *, method: str = "GET", cookie: str | None = None, **headers: str):
        path, _mark, query = path.partition("?")
        environ = {
            "REQUEST_METHOD": method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "testserver",
            "SERVER_PORT": "80",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_COOKIE": self.cookie if cookie is None else cookie,
            "wsgi.input": BytesIO(),
            "wsgi.url_scheme": "http",
        }
        environ |= {f"HTTP_{name.upper()}": value for name, value in headers.items()}
        said = []
        chunks = self.door(environ, lambda *told: said.extend(told))
        text = b"".join(chunks).decode()
        if hasattr(chunks, "close"):
            chunks.close()
        return SimpleNamespace(status=int(said[0].split()[0]), headers=dict(said[1]), text=text)

    def opened(self, path: str) -> str:
        """The token of a page."""
        page = self.ask(path)
        return re.search(r'data-live-version="/live/([^/"]+)/"', page.text)[1]

    def part(self, path: str, token: str, **more: str):
        """As a page that shows what was never so."""
        return self.ask(path, x_part="figures", x_live=token, x_shown="0", **more)


class Counted:
    """Django, and how often it was asked."""

    def __init__(self) -> None:
        self.django, self.paths = WSGIHandler(), []

    def __call__(self, environ, start):
        self.paths.append(environ["PATH_INFO"])
        return self.django(environ, start)


@pytest.fixture(autouse=True)
def _one_connection():
    with within_the_test():
        yield


@pytest.fixture
def house():
    community = f.compound((2, 1))
    f.open_week(timezone.now())
    f.drain(community, timezone.now())
    django = Counted()
    door = Door(django)

    class House:
        path = reverse("community-board", kwargs={"code": community.code})
        staff = Browser(door, f.staff(community))
        colleague = Browser(door, f.staff(community))
        worker = Browser(door, f.post(Duty.BLOCK_WORKER, place=f.block(community, 1)).user)
        foreign = Browser(door, f.staff(f.compound((1,), division=community.division)))
        stranger = Browser(door)

    House.community, House.django, House.door = community, django, door
    return House


def kept(house) -> list[parts.Part]:
    return [each.part for each in house.door._parts._places.values() if each.part]


def test_what_was_drawn_for_staff_is_given_to_nobody_who_sees_less(house):
    token = house.staff.opened(house.path)
    whole = house.staff.part(house.path, token)
    third = f.block(house.community, 2).name
    assert third in whole.text
    assert third not in house.worker.part(house.path, token).text
    assert house.foreign.part(house.path, token).status == 404
    for browser in (house.stranger, Browser(house.door)):
        answer = browser.part(house.path, token)
        assert (answer.status, answer.headers["Location"]) == (302, f"/login/?next={house.path}")
    made_up = house.stranger.part(house.path, token, cookie="sessionid=made-up")
    assert made_up.status == 302


def test_a_post_that_ends_ends_what_was_kept_at_once(house):
    user = f.staff(house.community)
    leaving = Browser(house.door, user)
    token = leaving.opened(house.path)
    assert leaving.part(house.path, token).status == 200
    groups.end(user.posts.get(), by=f.person(), at=timezone.now())
    house.door._watch._looked = float("-inf")
    assert leaving.part(house.path, token).status == 404


def test_a_block_that_leaves_a_branch_is_no_more_given_to_its_secretary(house):
    branch = f.branch_of(f.block(house.community, 1))
    left = BranchBlock.objects.create(branch=branch, place=f.block(house.community, 2))
    secretary = Browser(house.door, f.post(Duty.BRANCH_SECRETARY, branch=branch).user)
    token = secretary.opened(house.path)
    name = f.block(house.community, 2).name
    for _once in range(2):
        assert name in secretary.part(house.path, token).text
    left.delete()
    house.door._watch._looked = float("-inf")
    assert name not in secretary.part(house.path, token).text


def test_a_key_of_one_page_opens_no_other(house):
    """Nor does it keep another page's fragment under a version that is not that page's."""
    token = house.staff.opened(house.path)
    other = reverse("community-wall", kwargs={"code": house.community.code})
    for _once in range(2):
        assert house.staff.part(other, token).status == 200
    assert kept(house) == []
    assert house.worker.part("/desk/nowhere/", token).status == 404


@pytest.mark.parametrize("cookie", ["language =en", " language\t= en", "language=en"])
def test_english_however_it_is_asked_for_is_kept_for_nobody(house, cookie):
    token = house.staff.opened(house.path)
    english = house.staff.part(house.path, token, cookie=f"{cookie}; {house.staff.cookie}")
    assert 'lang="' not in english.text
    assert "filed" in english.text.lower() or "reports" in english.text.lower()
    chinese = house.colleague.part(house.path, token)
    assert "覆盖率" in chinese.text
    assert chinese.text != english.text


def test_of_two_sessions_nobody_is_given_what_the_other_sees(house):
    token = house.staff.opened(house.path)
    both = f"{house.staff.cookie}; {house.worker.cookie}"
    third = f.block(house.community, 2).name
    for cookie in (both, f"{house.staff.cookie} ; {house.worker.cookie}"):
        for _once in range(2):
            assert third not in house.staff.part(house.path, token, cookie=cookie).text
    # And nobody is taken for somebody else from then on.
    assert third in house.staff.part(house.path, token).text
    assert third not in house.worker.part(house.path, token).text


def test_what_can_be_asked_for_without_end_is_not_kept_without_end(house, monkeypatch):
    monkeypatch.setattr(parts, "_MOST", 4)
    token = house.staff.opened(house.path)
    for number in range(12):
        house.staff.part(f"{house.path}?week={number}", token)
    assert len(house.door._parts._places) <= 5


@pytest.mark.parametrize(
    "path",
    ["/live//", "/live/x/", "/live/%/", "/live/desk/x/", "/live/../admin/", "/live/\xe4\xbd\xa0/"],
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_what_is_no_key_is_not_there(house, path, method):
    answer = house.staff.ask(path, method=method)
    assert answer.status == 404
    assert "Traceback" not in answer.text


@pytest.mark.parametrize("token", ["", "x", "\u00ff", "a:b:c", "." * 5000])
def test_a_fragment_without_a_key_is_not_there(house, token):
    answer = house.staff.part(house.path, token)
    assert answer.status == 404
    assert kept(house) == []


def test_neither_version_nor_fragment_may_be_kept_by_browsers(house):
    token = house.staff.opened(house.path)
    told = [house.staff.ask(f"/live/{token}/")]
    told += [house.staff.part(house.path, token) for _once in range(2)]
    for answer in told:
        assert "no-store" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers
    assert unescape(told[1].text) == unescape(told[2].text)
