"""No page is forgotten by the screens and the gates."""

from bench.pages import NOT_PAGES, PAGES
from tests.governance.test_error_forms import all_doors, methods_of


def test_every_page_of_the_url_table_is_in_the_list_or_says_why_not():
    open_ = {
        each.name
        for each in all_doors()
        if "GET" in methods_of(each.callback) and not each.name.startswith("api-")
    }
    listed = {page.door for page in PAGES}
    assert open_ == listed | set(NOT_PAGES)
    assert not listed & set(NOT_PAGES)


def test_no_page_is_listed_twice():
    assert len({page.name for page in PAGES}) == len(PAGES)
