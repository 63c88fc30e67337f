"""Clicks counted, and keys pressed by somebody without a mouse, who must see where they are."""

from playwright.sync_api import Page

from tests.e2e.test_journeys import COUNT_CLICKS

# Nothing is farther than this from the top of a page, or from where one stands on it.
MOST_STOPS = 80

_STANDING = """([words, tag, lost]) => {
  const here = document.activeElement;
  if (!here || here === document.body) return lost;
  // Around which part of a date the focus is, the browser draws itself.
  const drawn = here.type === "date" || [here, here.closest("label")].some((each) => {
    const style = each && getComputedStyle(each);
    return style && style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
  });
  const box = here.getBoundingClientRect();
  const inside = box.width > 0 && box.bottom > 0 && box.top < innerHeight;
  const said = (here.getAttribute("aria-label") || here.textContent || here.name).trim();
  if (!drawn || !inside) return `not to be seen: ${here.outerHTML.slice(0, 120)}`;
  return (!tag || here.matches(tag)) && said.includes(words) ? "there" : "";
}"""


def counted(page: Page) -> Page:
    """Clicks are counted from here on."""
    page.context.add_init_script(COUNT_CLICKS)
    page.reload()
    page.evaluate("sessionStorage.clicks = 0")
    return page


def clicks(page: Page) -> int:
    return page.evaluate("Number(sessionStorage.clicks)")


def tab_to(page: Page, words: str = "", tag: str = "", *, back: bool = False) -> None:
    """Tab (or Shift+Tab) to what says `words` and matches `tag`; each stop must be seen."""
    page.wait_for_load_state("load")
    for _press in range(MOST_STOPS):
        page.keyboard.press("Shift+Tab" if back else "Tab")
        standing = page.evaluate(_STANDING, [words, tag, "nowhere"])
        if standing == "there":
            return
        assert not standing, standing
    raise AssertionError(f"Tab never came to {words or tag}")


def press(page: Page, words: str, tag: str = "", *, back: bool = False) -> None:
    """Tab to what says `words` and press Enter."""
    tab_to(page, words, tag, back=back)
    page.keyboard.press("Enter")


def follow(page: Page, words: str, tag: str = "", *, back: bool = False) -> None:
    """The same where it leads to another page."""
    tab_to(page, words, tag, back=back)
    with page.expect_navigation():
        page.keyboard.press("Enter")
