"""The page of components: the reference of how things look, without a row of data."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse

from reports.coverage import State
from tests.governance.test_words import ALLOWED, LATIN, Visible

CSS = Path(__file__).resolve().parents[2] / "static" / "css"


@pytest.mark.parametrize("scheme", ["light", "dark", "contrast", "print", "nonsense"])
def test_every_component_is_shown_without_a_database(scheme):
    """No database mark: a query would fail."""
    answer = Client().get(reverse("parts"), {"scheme": scheme})
    page = answer.content.decode()
    assert answer.status_code == 200
    shown = scheme if scheme != "nonsense" else "light"
    assert f'data-scheme="{shown}"' in page
    for state in State:
        assert f"is-{state.value}" in page
    for words in ("少于5", "不分列", "—", "连接中断", "撤销", "第2页，共3页"):
        assert words in page
    assert 'class="parts-mode desk"' in page
    assert 'class="parts-mode phone"' in page


def test_it_is_in_chinese_and_has_no_style_of_its_own():
    page = Client().get(reverse("parts")).content.decode()
    read = Visible()
    read.feed(page)
    assert LATIN.findall(ALLOWED.sub(" ", " ".join(read.words))) == []
    assert "style=" not in page


def test_it_is_not_there_where_people_work(settings):
    settings.DEMO = settings.DEBUG = False
    assert Client().get(reverse("parts")).status_code == 404


def _colours(text: str) -> dict[str, str]:
    return dict(re.findall(r"(--[a-z0-9-]+): (#[0-9a-f]{6});", text))


def test_the_named_schemes_are_those_of_the_tokens():
    tokens, schemes = ((CSS / name).read_text() for name in ("tokens.css", "schemes.css"))
    named = {
        name: _colours(body)
        for name, body in re.findall(r'\[data-scheme="(\w+)"\] \{(.*?)\}', schemes, re.DOTALL)
    }
    asked = dict(re.findall(r"@media ([^{]+) \{\s*:root \{(.*?)\}", tokens, re.DOTALL))
    light = _colours(tokens[: tokens.index("@media")])
    assert named["light"] == light
    assert named["dark"] == _colours(asked["(prefers-color-scheme: dark)"])
    assert named["contrast"] == light | _colours(asked["(prefers-contrast: more)"])
    assert named["print"] == _colours(asked["print"])
