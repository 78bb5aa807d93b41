"""The documents hold together: links lead somewhere, and every dependency has its reason."""

from __future__ import annotations

import json
import re
from configparser import ConfigParser
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT

PAGES = sorted((ROOT / "docs").rglob("*.md"))
BY_RUN = [ROOT / f"requirements-{name}.txt" for name in ("client", "node", "uv")]
REASONS = next((ROOT / "docs" / "adr").glob("0011-*.md")).read_text("utf-8")


def named_reasons() -> set[str]:
    """The dependencies the table gives a reason for."""
    first = re.findall(r"^\| ([a-z@][^|]*) \|", REASONS, re.MULTILINE)
    return {name.strip() for cell in first for name in cell.split(",")}


def declared_dependencies() -> set[str]:
    """What setup.cfg, package.json and the locks that only `run` names ask for, without versions."""
    setup = ConfigParser()
    setup.read(ROOT / "setup.cfg")
    lists = [setup["options"]["install_requires"], *setup["options.extras_require"].values()]
    python = {re.split(r"[<>=~!\[]", line)[0].strip() for text in lists for line in text.split("\n") if line}
    npm = json.loads((ROOT / "package.json").read_text("utf-8"))
    named = r"^(\S+)==.*\n(?:    --hash.*\n)+    # named by `run`"
    run = [name for lock in BY_RUN for name in re.findall(named, lock.read_text("utf-8"), re.MULTILINE)]
    return python | set(run) | set(npm["dependencies"]) | set(npm["devDependencies"])


def test_every_dependency_has_its_reason_and_no_other() -> None:
    assert named_reasons() == declared_dependencies()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page: Path) -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text("utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []


def test_every_decision_is_in_the_list() -> None:
    decisions = {path.name for path in (ROOT / "docs" / "adr").glob("0*.md")}
    listed = set(re.findall(r"\]\((0[^)]+)\)", (ROOT / "docs" / "adr" / "README.md").read_text("utf-8")))

    assert listed == decisions
