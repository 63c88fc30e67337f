"""Pictures of every page and of states that no link leads to, beside a running demo.

    make screens                 all of them, into docs/screens/
    make screens ARGS="--only group"   those whose name begins so

Pages are in `bench/pages.py`. A state is one line in STATES: a name, for whom, and what to do.
"""

import argparse
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import django
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from playwright.sync_api import Page as Tab

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
# Playwright's loop runs in this thread; the ORM is only asked before it starts.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
django.setup()

from django.utils import timezone  # noqa: E402

from bench.pages import PAGES, World, of_demo  # noqa: E402
from governance.demo import PASSWORD  # noqa: E402

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screens"
MOST_BYTES = 5 * 1024 * 1024
PHONE, DESK = (390, 844), (1280, 800)
# Longer pages are cut here: what is below is seen on other pictures.
LONGEST = 1500
MODES = ("senior", "standard")
# Photos are fetched when they come into sight.
DRAWN = """() => Promise.all([...document.images]
  .filter((each) => each.getBoundingClientRect().top < innerHeight)
  .map((each) => each.decode().catch(() => {})))"""


@dataclass(frozen=True)
class State:
    """What no address shows: `do` is given the page after `start` was opened."""

    name: str
    who: str
    start: str
    do: Callable[[Tab], None]
    size: tuple[int, int] = PHONE


def _send(tab: Tab) -> None:
    with tab.expect_navigation():
        tab.eval_on_selector("main form[method=post]", "(form) => form.submit()")


def _all_is_well_offline(tab: Tab) -> None:
    tab.context.set_offline(True)
    tab.click("text=本周平安无事")
    tab.click("text=确认，没有情况")
    tab.wait_for_selector("text=已保存在手机，有网自动发送")


def _asked_in_the_shell(tab: Tab) -> None:
    tab.goto(tab.url.partition("#")[0] + "#matter/other")
    tab.click("button:has-text('提交')")
    tab.wait_for_selector("[data-problem]:not([hidden])")


def _wrong_login(tab: Tab) -> None:
    tab.fill("[name=username]", "l047-2")
    _send(tab)


def _screen(name: str) -> Callable[[Tab], None]:
    def open_(tab: Tab) -> None:
        tab.goto(tab.url.partition("#")[0] + f"#{name}")
        tab.wait_for_timeout(200)

    return open_


def _search(words: str) -> Callable[[Tab], None]:
    def search(tab: Tab) -> None:
        tab.fill("main [name=q]", words)
        with tab.expect_navigation():
            tab.press("main [name=q]", "Enter")

    return search


STATES = (
    State("error-login", "", "login", _wrong_login),
    State("error-weekly", "seat", "report-form", _send),
    State("error-change-at-a-door", "seat", "household-form", _send),
    State("error-resident", "", "stairwell", _send),
    State("error-chain", "staff", "chain", _send, DESK),
    State("error-reply", "staff", "replies", _send, DESK),
    State("error-proposal", "staff", "admission-proposal", _send, DESK),
    State("empty-voices", "staff", "voices", _search("没有这样的话"), DESK),
    State("empty-cards", "staff", "cards", _search("没有这样的人"), DESK),
    State("shell-all-is-well", "seat", "shell", _screen("nil")),
    State("shell-weekly", "seat", "shell", _screen("weekly")),
    State("shell-matter", "seat", "shell", _screen("matter")),
    State("shell-matter-facility", "seat", "shell", _screen("matter/facility")),
    State("shell-help-which-door", "seat", "shell", _screen("matter/help/doors")),
    State("shell-doors", "seat", "shell", _screen("doors")),
    State("shell-staircase", "seat", "shell", _screen("stairs")),
    State("shell-mine-empty", "seat", "shell", _screen("mine")),
    State("shell-error", "seat", "shell", _asked_in_the_shell),
    State("shell-offline", "seat", "shell", _all_is_well_offline),
)


@dataclass
class Camera:
    """One browser, one login a role, and the pictures that were taken."""

    browser: Browser
    url: str
    world: World
    taken: dict[str, tuple[str, int]]

    def context(self, who: str, size: tuple[int, int], mode: str) -> BrowserContext:
        context = self.browser.new_context(
            viewport={"width": size[0], "height": size[1]},
            has_touch=size == PHONE,
            locale="zh-CN",
            timezone_id="Asia/Shanghai",
        )
        context.add_init_script(f"localStorage.setItem('mode', '{mode}')")
        if who:
            tab = context.new_page()
            tab.goto(f"{self.url}/login/")
            tab.fill("[name=username]", self.world.people[who].login)
            tab.fill("[name=password]", PASSWORD)
            tab.click("button:has-text('登录')")
            tab.wait_for_load_state()
            tab.close()
        return context

    def shoot(self, tab: Tab, name: str, size: tuple[int, int]) -> None:
        height = min(LONGEST, int(tab.evaluate("document.documentElement.scrollHeight")))
        tab.set_viewport_size({"width": size[0], "height": max(size[1], height)})
        tab.evaluate(DRAWN)
        picture = Image.open(BytesIO(tab.screenshot()))
        tab.set_viewport_size({"width": size[0], "height": size[1]})
        content = BytesIO()
        picture.convert("RGB").save(content, "WEBP", quality=32, method=6)
        (FOLDER / f"{name}.webp").write_bytes(content.getvalue())
        self.taken[name] = (tab.title(), len(content.getvalue()))


def _rolls() -> Iterator[tuple[str, tuple[int, int], str]]:
    """Who holds what: the phone in both modes, the desk, the street's desk and phone."""
    for mode in MODES:
        yield from (("", PHONE, mode), ("seat", PHONE, mode))
    yield from (("staff", DESK, ""), ("director", DESK, ""), ("street", DESK, ""))
    yield ("street", PHONE, "")


def take(camera: Camera, only: str) -> None:
    for who, size, mode in _rolls():
        tail = f"-{mode}" if mode else ("-phone" if size == PHONE else "")
        wanted = [
            (f"{page.name}{tail}", camera.world.address(page), None)
            for page in PAGES
            if page.who == who
        ] + [
            (f"{each.name}{tail}", _start(camera.world, each), each.do)
            for each in STATES
            if each.who == who and each.size == size
        ]
        wanted = [each for each in wanted if each[0].startswith(only)]
        if not wanted:
            continue
        context = camera.context(who, size, mode or "senior")
        for name, address, do in wanted:
            tab = context.new_page()
            answer = tab.goto(f"{camera.url}{address}")
            if answer and answer.status >= 400:
                # Withdrawing, say, where nothing was filed this week.
                print(f"{name}: {answer.status}")
                tab.close()
                continue
            if address == "/f/":
                tab.wait_for_selector(".tile")
            if do:
                do(tab)
            camera.shoot(tab, name, size)
            tab.context.set_offline(False)
            tab.close()
        context.close()


def _start(world: World, state: State) -> str:
    return world.address(next(page for page in PAGES if page.door == state.start))


def index(taken: dict[str, tuple[str, int]]) -> str:
    rows = [
        f"| [{name}]({name}.webp) | {title.partition(' · 同构')[0]} |"
        for name, (title, _size) in sorted(taken.items())
    ]
    return "\n".join(
        [
            "# Screens",
            "",
            "Made by `make screens` on the invented data of the demo. `-senior` and `-standard` are"
            " 长辈版 and 标准版 at 390 × 844, `-phone` is the street at that size, all others are a"
            " desk at 1280 × 800; longer pages are cut. Names beginning `error-`, `empty-` and"
            " `shell-` are states that no address shows.",
            "",
            "| picture | page |",
            "| --- | --- |",
            *rows,
            "",
        ]
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default=os.environ.get("TONGGOU_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--only", default="", help="names that begin so")
    chosen = parser.parse_args()
    world = of_demo(timezone.now())
    FOLDER.mkdir(parents=True, exist_ok=True)
    if not chosen.only:
        for old in FOLDER.glob("*.webp"):
            old.unlink()
    path = next(p for p in map(shutil.which, ("chromium", "google-chrome")) if p)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--lang=zh-CN"]
        )
        camera = Camera(browser, chosen.url.rstrip("/"), world, {})
        take(camera, chosen.only)
        browser.close()
    if not chosen.only:
        (FOLDER / "README.md").write_text(index(camera.taken), encoding="utf-8")
    whole = sum(each.stat().st_size for each in FOLDER.iterdir())
    print(f"{len(camera.taken)} pictures, {whole / 1024 / 1024:.1f} MB in all")
    return int(whole > MOST_BYTES)


if __name__ == "__main__":
    sys.exit(main())
