"""One phone: logs in by the real form, makes a device token, and knows what an answer is worth."""

import http.client
import json
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urlsplit

# A stairwell's phone waits about this long before it says 「已保存在手机」.
PATIENCE = 20.0
_HIDDEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


class OutOfReachError(Exception):
    """Nothing that counts as an answer came back. What was sent is kept and sent again."""

    def __init__(self, why: str, retry_after: float = 0.0) -> None:
        super().__init__(why)
        self.why = why
        self.retry_after = retry_after


class NotLetInError(Exception):
    """The login form did not take the demo's password: no retry helps."""


@dataclass(frozen=True)
class Answer:
    """What came back over HTTP. `data` is None for anything but JSON."""

    status: int
    text: str
    data: Any
    seconds: float
    location: str = ""
    retry_after: float = 0.0
    cookies: Mapping[str, str] = field(default_factory=dict)


class Line:
    """The way to the server. Every request dials anew, as phones do; redirects are not followed."""

    def __init__(self, url: str, patience: float = PATIENCE) -> None:
        parts = urlsplit(url)
        secure = parts.scheme == "https"
        self._dial = http.client.HTTPSConnection if secure else http.client.HTTPConnection
        self.host = parts.hostname or "127.0.0.1"
        self._port = parts.port or (443 if secure else 80)
        self._patience = patience
        self.url = url.rstrip("/")

    def ask(
        self, method: str, path: str, body: str = "", headers: Mapping[str, str] | None = None
    ) -> Answer:
        """Raises OutOfReachError when no whole HTTP answer came."""
        began = time.monotonic()
        connection = self._dial(self.host, self._port, timeout=self._patience)
        try:
            connection.request(method, path, body.encode() or None, dict(headers or {}))
            got = connection.getresponse()
            text = got.read().decode(errors="replace")
        except (OSError, http.client.HTTPException) as error:
            raise OutOfReachError("network") from error
        finally:
            connection.close()
        wait = got.headers.get("Retry-After", "")
        return Answer(
            status=got.status,
            text=text,
            data=_json(text) if "json" in got.headers.get("Content-Type", "") else None,
            seconds=time.monotonic() - began,
            location=got.headers.get("Location", ""),
            retry_after=float(wait) if wait.isdecimal() else 0.0,
            cookies=_cookies(got.headers.get_all("Set-Cookie", [])),
        )


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return None


def _cookies(lines: list[str]) -> dict[str, str]:
    jar: SimpleCookie = SimpleCookie()
    for line in lines:
        jar.load(line)
    return {name: morsel.value for name, morsel in jar.items()}


class Phone:
    """A person's device. `token` is made at the first need and again when it is refused."""

    def __init__(self, line: Line, login: str, password: str, token: str = "") -> None:
        self.line, self.login, self.token = line, login, token
        self._password = password
        self._revs: dict[tuple[str, str], int] | None = None

    def put(self, id_: str, body: Mapping[str, Any]) -> Answer:
        return self._say("PUT", f"/api/filings/{id_}/", body)

    def post(self, items: list[dict[str, Any]]) -> Answer:
        return self._say("POST", "/api/filings/", {"items": items})

    def rev_of(self, place: str, period: str) -> int:
        """The rev of a building's report as this phone last saw it; asked for once."""
        if self._revs is None:
            owed = self._say("GET", "/api/obligations/", None).data
            self._revs = {(each["place"], each["period"]): each["rev"] for each in owed}
        return self._revs.get((place, period), 0)

    def live(self, token: str) -> int | None:
        """The version behind an open page's token; None when nobody says it."""
        try:
            answer = self.line.ask("GET", f"/live/{token}/")
        except OutOfReachError:
            return None
        is_version = answer.status == 200 and answer.text.isdecimal()
        return int(answer.text) if is_version else None

    def _say(self, method: str, path: str, body: Mapping[str, Any] | None) -> Answer:
        """Raises OutOfReachError for whatever is not a decision of the product in JSON."""
        if not self.token:
            self._log_in()
        headers = {"Authorization": f"Device {self.token}", "Accept": "application/json"}
        text = ""
        if body is not None:
            headers["Content-Type"] = "application/json"
            text = json.dumps(body, ensure_ascii=False)
        answer = self.line.ask(method, path, text, headers)
        if answer.status == 401:
            self.token = ""
            raise OutOfReachError("login")
        return decided(answer)

    def _log_in(self) -> None:
        """The login page with its CSRF field, then a token for the time to come."""
        page = self.line.ask("GET", "/login/")
        hidden = _HIDDEN.search(page.text)
        if page.status != 200 or hidden is None:
            raise OutOfReachError(str(page.status))
        form = {"username": self.login, "password": self._password, "next": ""}
        form["csrfmiddlewaretoken"] = hidden[1]
        cookies = dict(page.cookies)
        answer = self.line.ask(
            "POST",
            "/login/",
            urlencode(form),
            self._with(cookies) | {"Content-Type": "application/x-www-form-urlencoded"},
        )
        cookies |= answer.cookies
        if answer.status == 200:
            raise NotLetInError(self.login)
        if answer.status != 302 or "sessionid" not in cookies:
            raise OutOfReachError(str(answer.status))
        made = self.line.ask(
            "POST",
            "/api/devices/",
            json.dumps({"label": "演练手机"}),
            self._with(cookies)
            | {"Content-Type": "application/json", "X-CSRFToken": cookies["csrftoken"]},
        )
        if made.status != 201 or not isinstance(made.data, dict):
            raise OutOfReachError(str(made.status))
        self.token = made.data["token"]

    def _with(self, cookies: Mapping[str, str]) -> dict[str, str]:
        together = "; ".join(f"{name}={value}" for name, value in cookies.items())
        return {"Cookie": together, "Referer": f"{self.line.url}/login/"}


def decided(answer: Answer) -> Answer:
    """The answer when it is one of the product's; a redirect or a page delivers nothing."""
    if 300 <= answer.status < 400:
        raise OutOfReachError("redirect")
    if answer.status in (408, 429) or answer.status >= 500:
        raise OutOfReachError(str(answer.status), answer.retry_after)
    if answer.data is None:
        raise OutOfReachError("not_json")
    return answer
