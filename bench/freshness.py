"""How long from a tap on the phone to the street's open page: `make bench`.

Against a running `make demo`. A seat of building 47 files and withdraws in turn, 100 times; the
clock runs from the moment the POST is sent to the moment the street's coverage has changed in the
DOM.
"""

import os
import re
import shutil
import statistics
import sys
import time

from playwright.sync_api import APIRequestContext, Page, sync_playwright

DEMO = "http://127.0.0.1:8000"
PASSWORD = "xincun2026"
TRIES = 100
FIGURE = "#main .figures .figure-more"


def log_in(page: Page, url: str, login: str) -> None:
    page.goto(f"{url}/login/")
    page.fill("[name=username]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('登录')")


def send(request: APIRequestContext, form: str) -> None:
    """Open a filing page and post what a tap posts."""
    page = request.get(form).text().partition("<footer")[0]
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
    answer = request.post(form, form=hidden, headers={"Referer": form})
    if "/receipt/" not in answer.url:
        raise SystemExit(f"没有收下：{answer.status} {form}")


def measure(url: str) -> list[float]:
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(
            executable_path=path, args=["--no-sandbox", "--disable-gpu"]
        )
        board = browser.new_context().new_page()
        log_in(board, url, "street")
        phone = browser.new_context().new_page()
        log_in(phone, url, "l047-2")
        report = phone.eval_on_selector(".tiles a", "a => a.href").rsplit("/", 2)[0]
        week = re.search(r"\d{4}-W\d\d", report).group()
        report = report.split(week)[0] + week
        request = phone.context.request
        is_filed = "已报" in phone.inner_text(".this-week")
        seconds = []
        for _try in range(TRIES):
            before = board.inner_text(FIGURE)
            began = time.monotonic()
            send(request, f"{report}/{'withdrawal' if is_filed else 'nil'}/")
            board.wait_for_function(
                "([selector, text]) => document.querySelector(selector).innerText !== text",
                arg=[FIGURE, before],
                timeout=30_000,
                polling=20,
            )
            seconds.append(time.monotonic() - began)
            is_filed = not is_filed
            time.sleep(0.1)
        browser.close()
    return seconds


if __name__ == "__main__":
    took = sorted(
        measure(
            (sys.argv[1] if len(sys.argv) > 1 else os.environ.get("TONGGOU_URL", DEMO)).rstrip("/")
        )
    )
    print(f"{len(took)} 次：中位 {statistics.median(took):.2f} 秒，"
          f"p95 {took[int(len(took) * 0.95) - 1]:.2f} 秒，最长 {took[-1]:.2f} 秒")  # fmt: skip
