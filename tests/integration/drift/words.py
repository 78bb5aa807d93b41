"""Which words of the database's checks a tree of code knows, found by reading it and not by running it."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Ordliste = list[frozenset[str]]
"""The words of each enum in a tree, and those that stand in its code alone."""


def words_of(tree: Path) -> Ordliste:
    """What code in the house's rooms knows: the values of each class that has constants, and every text by itself."""
    found: Ordliste = []
    for file in sorted((tree / "fiks").rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef):
                found.append(frozenset(_texts(node.body)))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.append(frozenset({node.value}))
    return [words for words in found if words]


def _texts(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            yield str(node.value.value)


def reads(code: Ordliste, word: str, others: frozenset[str]) -> bool:
    """Whether the code has an enum with this word and some of the others of its check; or, where no enum has any of
    those, the word at all."""
    kin = [words for words in code if len(words) > 1 and words & others]
    return any(word in words for words in kin or code)


def written_unread(
    before: Mapping[str, frozenset[str]],
    after: Mapping[str, frozenset[str]],
    yesterday: Ordliste,
    today: Ordliste,
) -> list[str]:
    """Words that a check allows since yesterday, that today's code may write, and that yesterday's cannot read."""
    return [
        f"{name}: {word}"
        for name in sorted(before.keys() & after.keys())
        for word in sorted(after[name] - before[name])
        if reads(today, word, before[name]) and not reads(yesterday, word, before[name])
    ]
