"""Words that must not stand in any file of the project, or in the name of one."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, text_of, tracked_files

# In pieces, so that this file may be looked at too.
FORBIDDEN = {
    "a path of one machine": r"(?<![\w.$}])/(?:wo" + r"rk|t" + r"mp)/",
    "a reminder instead of an issue": r"\b(?:TO" + r"DO|FIX" + r"ME)\b",
    "the host of a package registry": r"\b(?:py" + r"pi\.org|pythonhosted\.|npm" + r"js\.|deb\.deb" + r"ian)",
    "a test that does not run": r"pytest\.(?:importor)?sk" + r"ip|mark\.(?:sk" + r"ip|xf" + r"ail)",
}
ALLOWED = {("a test that does not run", "tests/conftest.py"): 1}
"""Once: slow tests that would begin when CI has gone on for an hour, on a slow machine."""

PRODUCT = ("fiks", "portal", "workers", "config", "testmiljo", "benchmarks")
NORWEGIAN_PLUMBING = re.compile(
    r"(?:^|_)(?:administrasjon|bakkanal|bruker|dokumenter|eksport|eldre|enkelt|feil|felles|felter|fil|filinnhold|flyt|gi|"
    r"innlogginger|innslipp|kjor|knapper|kontroll|krav|lesing|modell|navigasjon|nokler|operasjon|ord|oversikt|passord|"
    r"personer|rader|regneark|retur|sesjoner|sider?|sperre|sporring|statuser|svar|tabeller|tall|tilgang|tilstander|utkast|"
    r"utlogging|velg|visning)(?:_|$)"
)
"""Words that say how something is done and not what it is about: in module names these are English (ordliste.md)."""


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_contains(what: str) -> None:
    word = re.compile(FORBIDDEN[what])
    found = Counter(
        str(path.relative_to(ROOT))
        for path in tracked_files()
        for line in (text_of(path) or "").splitlines()
        if word.search(line)
    )
    assert found == {file: times for (kind, file), times in ALLOWED.items() if kind == what}


def test_the_words_are_recognised() -> None:
    samples = (
        "see /wo" + "rk/x",
        "# TO" + "DO: later",
        "https://py" + "pi.org/simple",
        "@pytest.mark.sk" + "ip",
    )
    for pattern, sample in zip(FORBIDDEN.values(), samples, strict=True):
        assert re.search(pattern, sample)


def test_plumbing_is_named_in_english() -> None:
    modules = (path.relative_to(ROOT) for path in tracked_files() if path.suffix == ".py")
    named = [str(path) for path in modules if path.parts[0] in PRODUCT]
    assert [name for name in named if NORWEGIAN_PLUMBING.search(Path(name).stem)] == []
