"""The breakages fit the product as it is, and docs/feiltester.md names each of them."""

from __future__ import annotations

import re

import pytest

from testmiljo.folders import ROOT
from tests.fault.breakage import Breakage
from tests.fault.breakages import BREAKAGES, broken_text, path_of

PAGE = (ROOT / "docs" / "feiltester.md").read_text("utf-8")
BY_NAME = [pytest.param(breakage, id=breakage.name) for breakage in BREAKAGES]


@pytest.mark.parametrize("breakage", BY_NAME)
def test_a_breakage_fits_the_product_and_its_test_is_there(breakage: Breakage) -> None:
    for name, old, new in breakage.edits:
        text = (ROOT / name).read_text("utf-8")
        compile(broken_text(text, old, new), name, "exec")
    file, expression = breakage.test
    tests = (ROOT / path_of(file)).read_text("utf-8")
    first = expression.split(" and ")[0]
    assert first == "300" or re.search(rf"^def test_\w*{first}", tests, re.MULTILINE)


def test_the_page_names_every_breakage_and_no_other() -> None:
    table = [line for line in PAGE.splitlines() if line.startswith("|")]
    named = [name for line in table for name in re.findall(r"`([a-z0-9-]+-[a-z0-9-]+)`", line.split("|")[-2])]
    assert sorted(named) == sorted(breakage.name for breakage in BREAKAGES)
