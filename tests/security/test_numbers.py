"""Personal numbers: none of a living person in the repository, and nothing told from one but that it is right."""

from __future__ import annotations

import ast
import re

import pytest

from fiks.core.values.identifiers import is_fnr
from tests.architecture.tree import ROOT, text_of, tracked_files
from tests.security.test_source import trees

ELEVEN = re.compile(r"(?<![0-9A-Za-z])\d{11}(?![0-9A-Za-z])")
PUBLISHED = frozenset({"02013299997", "30108299920", "02013299806", "30108299939", "02013299903"})
"""Skatteetaten's own examples of the rule of 2032, which nobody has."""
NUMBER = re.compile(r"(^|_)(fnr|pid|fødselsnummer|personnummer)$")


def test_s17_50_no_file_of_the_project_holds_an_ordinary_personal_number() -> None:
    found = []
    for path in tracked_files():
        for number in ELEVEN.findall(text_of(path) or ""):
            if is_fnr(number, synthetic=False) and number not in PUBLISHED:
                found.append(f"{path.relative_to(ROOT)}: {number[:4]}…")
    assert not found


def name_of(node: ast.expr) -> str:
    """The last name of what is looked into: `fnr` of `person.fnr.value[:6]`."""
    names = [part.attr for part in ast.walk(node) if isinstance(part, ast.Attribute)]
    names += [part.id for part in ast.walk(node) if isinstance(part, ast.Name)]
    return next((name for name in names if NUMBER.search(name)), "")


def taken_apart(tree: ast.AST) -> list[int]:
    """The lines where a personal number is cut or one of its places read."""
    return [
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Subscript) and name_of(node.value) and _is_part(node.slice)
    ]


def _is_part(index: ast.expr) -> bool:
    return isinstance(index, ast.Slice) or (isinstance(index, ast.Constant) and isinstance(index.value, int))


@pytest.mark.parametrize(
    "code", ["person.fnr.value[:6]", "fnr[8]", "int(str(mottaker_fnr)[4:6])", "self.pid[6:9]"]
)
def test_a_number_that_is_taken_apart_is_seen(code: str) -> None:
    assert taken_apart(ast.parse(code)) == [1]


def test_s17_49_nothing_takes_a_personal_number_apart_to_tell_age_sex_or_century() -> None:
    assert not {file: lines for file, tree in trees().items() if (lines := taken_apart(tree))}
