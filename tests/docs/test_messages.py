"""The English catalogue: complete, and what it translates fits the source.

Sentences are gathered from a copy of the sources by Django's own `makemessages`, so that the answer
needs no catalogue to be kept up to date by hand.
"""

import gettext
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

pytestmark = pytest.mark.skipif(not shutil.which("xgettext"), reason="needs the tools of gettext")

FOLDERS = ("units", "reports", "governance", "templates")
CATALOGUE = settings.BASE_DIR / "locale/en/LC_MESSAGES/django.po"
CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Sentences of Django's own that our admin templates say again: English from the start.
DJANGOS = {"Home"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}")

Message = str | tuple[str, int]


@pytest.fixture(scope="module")
def gathered(tmp_path_factory) -> Path:
    """A fresh catalogue of every sentence that the sources hold."""
    folder = tmp_path_factory.mktemp("sources")
    for name in FOLDERS:
        # Migrations and compiled files hold nothing that is shown.
        left_out = shutil.ignore_patterns("migrations", "__pycache__")
        shutil.copytree(settings.BASE_DIR / name, folder / name, ignore=left_out)
    catalogue = folder / "locale/en/LC_MESSAGES/django.po"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(settings, "LOCALE_PATHS", [folder / "locale"])
        call_command("makemessages", locale=["en"], add_location="file", verbosity=0)
    return catalogue


def _messages(catalogue: Path, tmp_path: Path, *, untranslated_too: bool) -> dict[Message, str]:
    """Sentence → translation, as gettext itself reads them."""
    source = catalogue
    if untranslated_too:
        source = tmp_path / "all.po"
        subprocess.run(["msgen", str(catalogue), "-o", str(source)], check=True)
    compiled = tmp_path / "compiled.mo"
    subprocess.run(["msgfmt", "--check-format", str(source), "-o", str(compiled)], check=True)
    with compiled.open("rb") as file:
        found = dict(gettext.GNUTranslations(file)._catalog)
    found.pop("", None)
    return found


def _id(message: Message) -> str:
    return message if isinstance(message, str) else message[0]


@pytest.fixture(scope="module")
def sentences(gathered, tmp_path_factory) -> set[str]:
    found = _messages(gathered, tmp_path_factory.mktemp("all"), untranslated_too=True)
    return {_id(message) for message in found}


@pytest.fixture
def translated(tmp_path) -> dict[Message, str]:
    return _messages(CATALOGUE, tmp_path, untranslated_too=False)


def test_sentences_are_gathered_from_code_and_from_templates(sentences):
    assert len(sentences) > 500
    assert {"这一项还没选：%s", "提交本周报告", "楼道堆物待清"} <= sentences


def test_what_is_said_on_screens_is_written_in_chinese(sentences):
    """Decision 0005: the message itself is the Chinese sentence."""
    foreign = {each for each in sentences if re.search("[A-Za-z]{3,}", PLACEHOLDER.sub("", each))}
    assert {each for each in foreign if not CHINESE.search(each)} <= DJANGOS


def test_no_translation_is_left_of_a_sentence_that_is_gone(sentences, translated):
    assert {_id(each) for each in translated} - sentences == set()


def test_a_translation_fills_in_what_its_sentence_fills_in(translated):
    wrong = {
        _id(message): text
        for message, text in translated.items()
        if set(PLACEHOLDER.findall(_id(message))) != set(PLACEHOLDER.findall(text))
    }
    assert wrong == {}


def test_no_translation_is_a_guess(tmp_path):
    """What `makemessages` takes from a similar sentence is marked fuzzy; gettext leaves it out."""
    told = subprocess.run(
        ["msgattrib", "--only-fuzzy", str(CATALOGUE)], check=True, capture_output=True, text=True
    )
    assert "msgid" not in told.stdout.partition("\n\n")[2]


def test_every_sentence_is_translated(sentences, translated):
    assert sorted(sentences - DJANGOS - {_id(each) for each in translated}) == []
