"""The shell on a poor line, beside a running demo: bytes and requests, LCP, INP and CLS.

400 kbit/s, 400 ms there and back, a processor four times slower; a fresh browser, nothing kept.
"""

import argparse
import os
import shutil
from dataclasses import dataclass

from playwright.sync_api import Browser, Page, sync_playwright

from governance.demo import PASSWORD

LINE = {
    "offline": False,
    "latency": 400,
    "downloadThroughput": 400_000 / 8,
    "uploadThroughput": 400_000 / 8,
}
OBSERVE = """
globalThis.seen = { lcp: 0, cls: 0, inp: 0 };
new PerformanceObserver((all) => all.getEntries().forEach((e) => { seen.lcp = e.startTime; }))
  .observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((all) => all.getEntries().forEach((e) => {
  if (!e.hadRecentInput) seen.cls += e.value; })).observe({ type: "layout-shift", buffered: true });
new PerformanceObserver((all) => all.getEntries().forEach((e) => {
  if (e.interactionId) seen.inp = Math.max(seen.inp, e.duration); }))
  .observe({ type: "event", durationThreshold: 16, buffered: true });
"""


@dataclass
class Told:
    requests: int
    kilobytes: float
    lcp: float
    inp: float
    cls: float


def open_shell(browser: Browser, url: str, login: str) -> Told:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True)
    page = context.new_page()
    page.goto(f"{url}/login/")
    page.fill("[name=username]", login)
    page.fill("[name=password]", PASSWORD)
    page.click("button:has-text('登录')")
    page.wait_for_url("**/group/**")
    # The shell of somebody whose phone has its pack already, with nothing of it in the cache.
    page.goto(f"{url}/f/")
    page.wait_for_selector(".tile")
    return _measured(page, url)


def _measured(page: Page, url: str) -> Told:
    page.evaluate(
        "navigator.serviceWorker.getRegistrations().then((all) => all.map((r) => r.unregister()))"
    )
    fresh = page.context.new_page()
    line = page.context.new_cdp_session(fresh)
    sizes: list[int] = []
    line.send("Network.enable")
    line.on("Network.loadingFinished", lambda each: sizes.append(each["encodedDataLength"]))
    line.send("Network.clearBrowserCache")
    line.send("Network.emulateNetworkConditions", LINE)
    line.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    fresh.add_init_script(OBSERVE)
    fresh.goto(f"{url}/f/")
    fresh.wait_for_selector(".tile")
    shell, count = sum(sizes), len(sizes)
    for tap in ("text=我的楼组", "text=返回", "text=本周平安无事 >> nth=0", "text=返回"):
        fresh.click(tap)
        fresh.wait_for_timeout(400)
    seen = fresh.evaluate("seen")
    return Told(count, shell / 1024, seen["lcp"], seen["inp"], seen["cls"])


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--url", default=os.environ.get("TONGGOU_URL", "http://127.0.0.1:8000"))
    parser.add_argument("--login", default="l047-2")
    chosen = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox"]
        )
        told = open_shell(browser, chosen.url.rstrip("/"), chosen.login)
        browser.close()
    print(f"外壳：{told.requests} 个请求，{told.kilobytes:.1f} KB（目标 6 个，60 KB）")
    print(
        f"400 kbit/s、400 ms、处理器慢4倍：LCP {told.lcp / 1000:.2f} 秒（2.5），"
        f"INP {told.inp:.0f} 毫秒（200），CLS {told.cls:.3f}（0.1）"
    )


if __name__ == "__main__":
    main()
