"""What the docs say exists, exists; and the pages that come from code are what the code says."""

import os
import re
import tomllib
from importlib.metadata import distribution
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from units.kinds import Duty, Kind
from units.scope import ACTION_LABELS, POLICY, Action, Capacity

ROOT = settings.BASE_DIR
DOCS = ROOT / "docs"
PAGES = sorted(
    page
    for pattern in ("docs/*.md", "docs/decisions/*.md", "README.md", "CHANGELOG.md")
    for page in ROOT.glob(pattern)
)
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUN_TIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
MOST_DIRECT, MOST_IN_ALL = 25, 60
NOT_YET = "not yet"

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))


def text_of(page: Path) -> str:
    """A page without its fenced blocks, which hold commands and sketches."""
    return re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.M | re.S)


def code_spans(text: str) -> list[str]:
    return re.findall(r"`([^`\n]+)`", text)


def rows_of(text: str) -> list[list[str]]:
    """Cells of all tables of a page, without their heads."""
    lines = re.findall(r"^\| (.+) \|$", text, flags=re.M)
    rows = [[cell.strip() for cell in line.split(" | ")] for line in lines]
    heads = {at - 1 for at, row in enumerate(rows) if set(row[0]) == {"-"}}
    return [row for at, row in enumerate(rows) if at not in heads and at - 1 not in heads]


# --- Links, paths, tests ------------------------------------------------------------------


@every_page
def test_every_relative_link_leads_somewhere(page):
    links = re.findall(r"\]\(([^)\s]+)\)", text_of(page))
    local = [link.partition("#")[0] for link in links if not re.match(r"\w+:|#", link)]
    assert [link for link in local if not (page.parent / link).exists()] == []


def test_every_path_that_is_named_exists():
    assert {str(page): missing for page in PAGES if (missing := _missing_paths(page))} == {}


def _missing_paths(page: Path) -> list[str]:
    """Spans that read like a path: they begin with a folder of ours, or end like a source file.

    In a table of architecture.md a row's files may be named from the folder that the row is about.
    """
    missing = []
    for line in text_of(page).splitlines():
        folders = [ROOT]
        if page.name == "architecture.md" and line.startswith("| `"):
            folders += [ROOT / span for span in code_spans(line.split(" | ")[0])]
        for span in code_spans(line):
            name = span.partition("::")[0]
            if not re.fullmatch(r"[\w*./-]+", name) or name.startswith((".", "/")):
                continue
            is_path = "/" in name and (ROOT / name.partition("/")[0]).exists()
            is_file = re.search(r"\.(py|md|yaml|toml|html|css|js|lock)$", name)
            if (is_path or is_file) and not any(list(each.glob(name)) for each in folders):
                missing.append(name)
    return missing


@every_page
def test_every_test_that_is_named_exists(page):
    named = [span.split("::") for span in code_spans(text_of(page)) if "::" in span]
    gone = [(file, test) for file, test in named if f"def {test}(" not in (ROOT / file).read_text()]
    assert gone == []


# --- Terms --------------------------------------------------------------------------------


def test_every_identifier_of_the_terms_is_in_the_code():
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for package in ("units", "reports", "governance")
        for path in (ROOT / package).rglob("*.py")
    )
    words = set(re.findall(r"\w+", code))
    rows = rows_of(text_of(DOCS / "terms.md"))
    named = [span for row in rows for span in code_spans(row[1])]
    assert len(named) > 50
    assert [span for span in named if not set(span.split(".")) <= words] == []


# --- The mission --------------------------------------------------------------------------


def test_every_phrase_of_the_mission_has_a_row():
    ids = [each for row in _mission() for each in _ids(row[0])]
    assert ids == [f"A{n}" for n in range(1, 38)] + [f"B{n}" for n in range(15)]


def test_what_stands_names_a_screen_and_a_test_and_what_does_not_names_neither():
    routes = dict(_routes(get_resolver()))
    for phrase, _quote, stands, screens, tests in _mission():
        if stands == NOT_YET:
            assert (screens, tests) == ("–", "–"), phrase
            continue
        assert stands in ("yes", "partly"), phrase
        assert all("::" in span for span in code_spans(tests) or [""]), phrase
        spans = code_spans(screens)
        assert spans, phrase
        for name, path in zip(spans[::2], spans[1::2], strict=True):
            assert routes.get(name, _fixed(name)) == path, phrase


def _mission() -> list[list[str]]:
    return rows_of(text_of(DOCS / "mission.md"))


def _ids(cell: str) -> list[str]:
    """A31–32 is A31 and A32."""
    letter, (first, *last) = cell[0], [int(number) for number in re.findall(r"\d+", cell)]
    return [f"{letter}{number}" for number in range(first, (last or [first])[0] + 1)]


def _routes(resolver: URLResolver, before: str = "/") -> list[tuple[str, str]]:
    """(name, path with `<code>` for its parts) of every door of ours."""
    found = []
    for each in resolver.url_patterns:
        path = before + re.sub(r"<\w+:(\w+)>", r"<\1>", str(each.pattern))
        if isinstance(each, URLPattern):
            found.append((each.name, path))
        elif not each.namespace:
            found += _routes(each, path)
    return found


def _fixed(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


# --- The policy ---------------------------------------------------------------------------


HOW = 'docs/policy.md is not the policy: run `WRITE_DOCS=1 make test ARGS="tests/docs"`'


def test_the_policy_page_is_the_policy():
    page, text = DOCS / "policy.md", policy_in_words()
    if os.environ.get("WRITE_DOCS"):
        page.write_text(text, encoding="utf-8")
    assert page.exists(), HOW
    assert page.read_text(encoding="utf-8") == text, HOW


def policy_in_words() -> str:
    """docs/policy.md, from POLICY in units/scope.py."""
    lines = [
        "# Who may do what, and how deep",
        "",
        "Made from `POLICY` in `units/scope.py`; do not edit. A test compares it and says how to",
        "make it anew.",
        "",
        "A post gives its holder a capacity, one row. It reaches its place and all below; a",
        "branch reaches its blocks, a division its communities. The cell is the deepest kind of",
        "place that the action reaches there; – is never.",
        "",
        "| | " + " | ".join(f"`{action}` {ACTION_LABELS[action]}" for action in Action) + " |",
        "| --- |" + " --- |" * len(Action),
    ]
    for capacity in Capacity:
        depths = [POLICY[capacity].get(action) for action in Action]
        cells = " | ".join("–" if depth is None else Kind(depth).name.lower() for depth in depths)
        lines.append(f"| `{capacity}` {_whose(capacity)} | {cells} |")
    return "\n".join(lines) + "\n"


def _whose(capacity: Capacity) -> str:
    """「楼组三人组」 for a seat, else the duty's own word."""
    kind, _seat, rest = capacity.value.partition("_seat")
    if _seat and not rest:
        return f"{Kind[kind.upper()].label}三人组"
    return str(Duty(capacity.value).label)


# --- Dependencies -------------------------------------------------------------------------


def test_every_direct_package_has_its_sentence_and_no_other_has():
    groups = PROJECT["dependency-groups"].values()
    direct = [r.name for r in RUN_TIME] + [Requirement(x).name for group in groups for x in group]
    rows = rows_of(text_of(DOCS / "decisions/0009-dependencies.md"))
    assert [row[0].strip("`") for row in rows] == direct
    assert all(row[1].endswith(".") for row in rows)


def test_run_time_packages_stay_few():
    in_all: set[tuple[str, str]] = set()
    for requirement in RUN_TIME:
        _follow(requirement, in_all)
    told = (DOCS / "decisions/0009-dependencies.md").read_text(encoding="utf-8")
    assert f"{len(RUN_TIME)} direct" in told
    assert len(RUN_TIME) <= MOST_DIRECT
    assert len({name for name, _extra in in_all}) <= MOST_IN_ALL


def _follow(requirement: Requirement, seen: set[tuple[str, str]]) -> None:
    """Add `requirement` and all it wants on this machine to `seen`, by name and extra."""
    name = canonicalize_name(requirement.name)
    for extra in {"", *requirement.extras} - {extra for each, extra in seen if each == name}:
        seen.add((name, extra))
        for line in distribution(name).requires or []:
            wanted = Requirement(line)
            if wanted.marker is None or wanted.marker.evaluate({"extra": extra}):
                _follow(wanted, seen)


def test_the_lock_names_no_host():
    assert "http" not in (ROOT / "requirements.lock").read_text()
