"""Lighthouse on six pages of a running demo: performance, accessibility, best practices, of 100.

Needs node; `npx` fetches Lighthouse. Pages of the phone are measured as it measures a phone, on a
slow line and a slow processor, those of the desk as a desktop.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

from governance.demo import PASSWORD

LIGHTHOUSE = "lighthouse@12"
CATEGORIES = {"performance": 95, "accessibility": 100, "best-practices": 95}
# (name, whose login, the words to click from their first page, or an address; on a phone?)
PAGES = (
    ("楼组首页", "l047-2", "", True),
    ("报平安", "l047-2", "本周平安无事", True),
    ("离线填报", "l047-2", "/f/", True),
    ("居委首页", "committee", "", False),
    ("居民区的数字", "committee", "数字", False),
    ("街道总览", "street", "", False),
)


@dataclass
class Measured:
    name: str
    url: str
    scores: dict[str, int]
    # Titles of the audits that cost something, as Lighthouse words them.
    lost: list[str]


def _opened(browser: Browser, url: str, login: str, way: str) -> tuple[str, str]:
    """Where the page is, and the cookies that open it."""
    page = browser.new_context().new_page()
    page.goto(f"{url}/login/")
    page.fill("[name=username]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('登录')")
    page.wait_for_url(lambda where: "/login/" not in where)
    if way.startswith("/"):
        page.goto(f"{url}{way}")
    elif way:
        page.click(f"main a:has-text('{way}'), nav a:has-text('{way}')")
        page.wait_for_load_state()
    cookies = "; ".join(f"{each['name']}={each['value']}" for each in page.context.cookies())
    return page.url, cookies


def _measured(name: str, url: str, cookies: str, browser: str, *, phone: bool) -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        headers, answer = Path(folder, "headers.json"), Path(folder, "answer.json")
        headers.write_text(json.dumps({"Cookie": cookies}))
        command = [
            *("npx", "--yes", LIGHTHOUSE, url, "--quiet", "--output=json"),
            *(f"--output-path={answer}", f"--extra-headers={headers}"),
            f"--only-categories={','.join(CATEGORIES)}",
            "--chrome-flags=--headless=new --no-sandbox --disable-gpu",
            *([] if phone else ["--preset=desktop"]),
        ]
        subprocess.run(command, check=True, env=os.environ | {"CHROME_PATH": browser})
        told = json.loads(answer.read_text())
    scores = {name: round(each["score"] * 100) for name, each in told["categories"].items()}
    lost = [
        told["audits"][ref["id"]]["title"]
        for category in told["categories"].values()
        for ref in category["auditRefs"]
        if ref["weight"]
        and (told["audits"][ref["id"]]["score"] or 0) < 0.9
        and told["audits"][ref["id"]]["scoreDisplayMode"] != "notApplicable"
    ]
    return Measured(name, url, scores, lost)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default=os.environ.get("TONGGOU_URL", "http://127.0.0.1:8000"))
    url = parser.parse_args().url.rstrip("/")
    executable = shutil.which("chromium") or shutil.which("google-chrome") or ""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        ways = [(page, _opened(browser, url, page[1], page[2])) for page in PAGES]
        browser.close()
    print(
        f"| 页面 | {' | '.join(CATEGORIES)} | 失分的 |\n| --- |{' ---: |' * len(CATEGORIES)} --- |"
    )
    is_short = False
    for (name, _login, _way, phone), (where, cookies) in ways:
        told = _measured(name, where, cookies, executable, phone=phone)
        shown = " | ".join(str(told.scores[each]) for each in CATEGORIES)
        print(f"| {name} | {shown} | {'；'.join(told.lost)} |", flush=True)
        is_short |= any(told.scores[each] < least for each, least in CATEGORIES.items())
    sys.exit(1 if is_short else 0)


if __name__ == "__main__":
    main()
