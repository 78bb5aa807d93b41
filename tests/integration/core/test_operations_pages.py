"""What the operations pages tell one to type, look for and trust is there."""

from __future__ import annotations

import re

import pytest

from tests.architecture.tree import ROOT
from tests.integration.databases import Database
from workers.cli import COMMANDS
from workers.planned import JOBS

PAGES = sorted((ROOT / "docs" / "drift").glob("*.md"))
TEXT = "\n".join(page.read_text("utf-8") for page in PAGES)
QUERIES = [" ".join(query.split()) for query in re.findall(r"^ {4,}(SELECT [^;]+);", TEXT, re.MULTILINE)]
SOURCE = "\n".join(
    path.read_text("utf-8")
    for folder in ("fiks", "portal", "workers")
    for path in (ROOT / folder).rglob("*.py")
)


def test_there_are_queries() -> None:
    assert len(QUERIES) >= 9


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_runs(database: Database, query: str) -> None:
    with database.owner() as owner:
        owner.execute(query)


def test_every_command_is_one_of_ours() -> None:
    named = set(re.findall(r"(?<!-n )\bfiks ([a-z]+)(?:`| )", TEXT)) - {"explain"}

    assert named <= set(COMMANDS)


def test_every_metric_and_log_event_is_written_somewhere() -> None:
    metrics = set(re.findall(r"`(fiks_[a-z_]+)", TEXT)) - {"fiks_app"}
    events = set(re.findall(r"`([a-z]+_(?:failed|broken|database|changed|fed))`", TEXT))

    assert events, "the pages name log events, and metrics too once a process serves them"
    assert [name for name in metrics | events if f'"{name}"' not in SOURCE] == []


def test_every_job_that_is_named_exists() -> None:
    table = (ROOT / "docs" / "drift" / "sveiper.md").read_text("utf-8")
    named = set(re.findall(r"`((?:ta_tilbake|vekk|mat|slett)_[a-z_]+)`", table))

    assert named and named <= set(JOBS)
