"""The README stays a page, the table of settings names every one, and what they point to exists."""

from __future__ import annotations

import importlib.util
import re
from configparser import ConfigParser
from dataclasses import fields

from config.settings import REQUIRED, SECRET, Settings
from tests.architecture.tree import ROOT

README = (ROOT / "README.md").read_text("utf-8")
ROOMS = ("fiks", "portal", "workers", "config", "migrations", "testmiljo", "tests", "benchmarks")
SETTINGS = (ROOT / "docs" / "drift" / "innstillinger.md").read_text("utf-8")
CHANGE = (ROOT / "docs" / "en-endring.md").read_text("utf-8")
TABLE = re.findall(r"^\| `([A-Z_]+)`(\*?) \| (.+) \|$", SETTINGS, re.MULTILINE)


def test_the_table_has_every_setting_once() -> None:
    assert sorted(name for name, _, _ in TABLE) == sorted(field.name.upper() for field in fields(Settings))


def test_the_starred_settings_are_those_production_demands() -> None:
    assert {name for name, star, _ in TABLE if star} == set(REQUIRED)


def test_the_secret_settings_are_said_to_be() -> None:
    assert {name.lower() for name, _, text in TABLE if text.endswith("Secret")} == SECRET


def test_it_is_short() -> None:
    assert len(README.splitlines()) < 60


def test_what_it_points_to_exists() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)

    assert links and [link for link in links if not (ROOT / link).exists()] == []


def test_the_files_of_ours_it_names_exist() -> None:
    named = re.findall(r"`([\w/]+\.py)`", README + CHANGE)
    ours = {path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    lost = [name for name in named if not any(f"/{path}".endswith(f"/{name}") for path in (*ours, "wsgi.py"))]
    assert named and lost == []


def test_what_run_starts_is_there() -> None:
    """A name that the shell would put together is none that can be looked for."""
    started = re.findall(r"python\S* -m ([^\s;)]+)", (ROOT / "run").read_text("utf-8"))
    assert len(started) > 3
    assert [module for module in started if not re.fullmatch(r"[\w.]+", module)] == []
    assert [module for module in started if importlib.util.find_spec(module) is None] == []


def test_it_names_the_rooms_from_the_bottom() -> None:
    contracts = ConfigParser()
    contracts.read(ROOT / "setup.cfg")
    layers = contracts["importlinter:contract:rooms"]["layers"].split("\n")
    rooms = [sorted(layer.replace("|", " ").split()) for layer in reversed(layers) if layer]

    [told] = re.findall(r"bottom first: (.+?) \|$", README, re.MULTILINE)
    named = iter(re.findall(r"`(\w+)`", told))
    assert [sorted(next(named, "") for _ in layer) for layer in rooms] == rooms
    assert list(named) == []
