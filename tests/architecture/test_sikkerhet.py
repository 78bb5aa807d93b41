"""The security checklist has every control once, claims nothing without naming what holds it, and names what exists."""

from __future__ import annotations

import re

from tests.architecture.tree import ROOT

TEXT = (ROOT / "docs" / "sikkerhet.md").read_text("utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in TEXT.splitlines()
    if re.match(r"\| (C\d\d|\d\.\d)", line)
]
NSM = [
    "1.1",
    "1.2",
    "1.3",
    "2.1",
    "2.2",
    "2.3",
    "2.4",
    "2.5",
    "2.6.1–2.6.3",
    "2.6.4–2.6.5",
    "2.6.7",
    "2.7.1–2.7.4",
    "2.8",
    "2.9.1–2.9.4",
    "2.10",
    "3.1",
    "3.2.1–3.2.7",
    "3.3",
    "3.4",
    "4.1–4.4",
]
STATUSES = ("holdt", "delvis", "ikke ennå", "drift")


def paths(text: str) -> list[str]:
    """What stands in code quotes and looks like a file of the project."""
    return [
        name
        for name in re.findall(r"`([^`\s]+)`", text)
        if "/" in name or name in ("Procfile", "requirements.txt")
    ]


def test_all_62_controls_and_every_row_of_nsm_are_there_once() -> None:
    assert [row[0] for row in ROWS] == [*(f"C{n:02}" for n in range(1, 63)), *NSM]


def test_every_row_has_a_status_and_what_is_not_done_says_by_which_issue_or_why() -> None:
    for number, _, status, held in ROWS:
        assert status.startswith(STATUSES), number
        if status.startswith("ikke ennå"):
            assert re.search(r"\(#\d\)", status), number
        if status.startswith("delvis"):
            assert len(status) > len("delvis: "), number
        assert status.startswith("ikke ennå") or paths(held), number


def test_every_file_that_is_named_exists() -> None:
    named = set(paths(TEXT))
    assert len(named) > 40
    assert sorted(name for name in named if not (ROOT / name).exists()) == []


def test_what_is_held_is_held_by_a_test_or_by_code() -> None:
    """A document alone holds nothing."""
    held = [row for row in ROWS if row[2] == "holdt"]
    assert [
        row[0] for row in held if not any(p.endswith((".py", ".txt", ".html")) for p in paths(row[3]))
    ] == []
