"""The operations' book names only what exists: alarms by log events that are really logged, jobs, columns, commands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from config.settings import Settings
from tests.architecture.tree import ROOT

BOOK = ROOT / "docs" / "drift"
PAGES = sorted(BOOK.glob("*.md"))
ROOMS = ("config", "fiks", "migrations", "portal", "workers")
PRODUCT = [path for room in ROOMS for path in (ROOT / room).rglob("*.py")]
SOURCE = "\n".join(path.read_text("utf-8") for path in PRODUCT)
HEARD = ("warning", "error", "exception", "critical")
ALARMS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in (BOOK / "README.md").read_text("utf-8").split("## Alarms")[1].split("## ")[0].splitlines()
    if line.startswith("| [")
]
THE_OUTSIDES = frozenset(
    {
        *("pg_stat_activity", "pg_locks", "state_change", "wait_event_type", "query_start"),
        *("archive_mode", "archive_command", "restore_command"),
        *("synchronous_standby_names", "synchronous_commit", "pg_dump", "pg_restore", "vacuumdb"),
        *("hot_standby_feedback", "max_standby_streaming_delay"),
        *("pg_wal", "pg_receivewal", "last_archived_wal", "last_failed_wal", "failed_count"),
        *("kube_deployment_status_replicas_available", "container_memory_working_set_bytes", "probe_success"),
    }
)
"""PostgreSQL's own, and what others tell Prometheus of us."""
HARMLESS_IN_A_TRIAL = frozenset(
    {
        *("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "OBJECT_STORE_URL", "AMQP_URL"),
        *("PORTAL_BASE_URL", "API_BASE_URL", "MINSIDE_BASE_URL"),
        *("KRR_URL", "FOLKEREGISTER_URL", "ENHETSREGISTER_URL", "MATRIKKEL_URL"),
    }
)
"""Addresses of our own, which the page says must be the trial's, and of who is only asked."""


def loud_events() -> Iterator[str]:
    """The events that the product logs at WARNING or worse."""
    for node in (node for path in PRODUCT for node in ast.walk(ast.parse(path.read_text("utf-8")))):
        match node:
            case ast.Call(func=ast.Attribute(attr=level), args=[ast.Constant(value=str(event)), *_]) if (
                level in HEARD
            ):
                yield event


def test_every_alarm_has_a_page_and_every_page_of_an_alarm_is_in_the_table() -> None:
    listed = [re.findall(r"\]\(([^)]+)\)", row[0])[0] for row in ALARMS]
    pages = {page.name for page in PAGES if page.read_text("utf-8").startswith("# Alarm: ")}
    assert len(listed) == len(set(listed))
    assert set(listed) == pages | {"gjenoppretting.md"}


def test_every_alarm_goes_by_something_that_can_be_seen() -> None:
    """A log event, or a row or command that operations can ask for."""
    events = set(loud_events())
    for page, _, seen, _ in ALARMS:
        named = set(re.findall(r"`([a-z]+(?:_[a-z]+)+)`", seen))
        assert named <= events, page
        assert named or re.search(r"`[a-z_]+\.[a-z_]+|`fiks |freeze first", seen), page


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_page_names_exists(page: Path) -> None:
    """Names in code quotes with an underscore, and words of its queries: events, jobs, tables and columns."""
    text = page.read_text("utf-8")
    quoted = re.findall(r"`([a-zæøå]+(?:_[a-zæøå]+)+)`", text)
    queried = [
        word
        for query in re.findall(r"(?m)^ {4}.*$", text)
        for word in re.findall(r"\b[a-z]+_[a-z_]+\b", query)
    ]
    named = {*quoted, *queried} - THE_OUTSIDES
    assert sorted(name for name in named if not re.search(rf"\b{name}\b", SOURCE)) == []


def test_every_metric_that_a_page_names_is_one() -> None:
    named = {name for page in PAGES for name in re.findall(r"\bfiks_[a-z_]+", page.read_text("utf-8"))}
    assert named
    assert [name for name in named - {"fiks_app"} if f'"{name}"' not in SOURCE] == []


def test_a_trial_of_the_backup_has_no_address_that_anything_is_sent_to_and_starts_no_process() -> None:
    """Else letters that were sent since the backup are sent once more, and a sweeper counts in the store it has."""
    trial = (BOOK / "sikkerhetskopi.md").read_text("utf-8").split("## A trial")[1].split("\n## ")[0]
    [left_out] = re.findall(r"(?m)^- \*\*None of\*\*(.+)$", trial)
    addresses = {field.name.upper() for field in fields(Settings) if field.name.endswith("_url")}
    assert addresses - HARMLESS_IN_A_TRIAL <= set(re.findall(r"`([A-Z_]+)`", left_out))
    given = re.findall(r"(?m)^ {4}(.+)$", trial)
    assert [line.split()[:3] for line in given if "psql" not in line] == [
        ["fiks", "nokler", "vis"],
        ["fiks", "audit", "verify"],
        ["fiks", "nokler", "apne"],
    ]
