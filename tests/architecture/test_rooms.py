"""A folder of the product can be read at a glance, and says what it holds."""

from __future__ import annotations

import ast
from collections import Counter
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, tracked_files

MOST_FILES = 15
PYTHON = [path.relative_to(ROOT) for path in tracked_files() if path.suffix == ".py"]
PRODUCT = [path for path in PYTHON if path.parts[0] in ("fiks", "portal")]
FOLDERS = Counter(path.parent for path in PRODUCT)


def sentence(path: Path) -> str:
    """The docstring of a module, empty if it has none."""
    return ast.get_docstring(ast.parse((ROOT / path).read_text("utf-8"))) or ""


def test_no_folder_has_more_files_than_one_sees_at_a_glance() -> None:
    assert {str(folder): count for folder, count in FOLDERS.items() if count > MOST_FILES} == {}


@pytest.mark.parametrize("folder", sorted(FOLDERS), ids=str)
def test_a_folder_and_each_of_its_files_say_what_they_are(folder: Path) -> None:
    assert folder / "__init__.py" in PRODUCT
    assert [path for path in PRODUCT if path.parent == folder and not sentence(path)] == []
