"""A file name in a part's head, and the same name as JSON has it."""

from __future__ import annotations

import unicodedata

from fiks.svarut.mottak.intake import SPELLED_OUT, _read_alike
from fiks.svarut.mottak.rules import MAX_FILE_NAME

NAME = "å" * MAX_FILE_NAME


def spelled_out(name: str) -> str:
    return unicodedata.normalize("NFD", name)


def test_a_name_of_the_longest_is_known_again_however_it_is_spelled() -> None:
    assert len(spelled_out(NAME)) < SPELLED_OUT * MAX_FILE_NAME
    assert _read_alike(spelled_out(NAME), NAME)
    assert not _read_alike(spelled_out(NAME), NAME[1:])


def test_a_longer_one_is_not_brought_to_one_form() -> None:
    """Which takes seconds for a head of a hundred thousand signs."""
    long = NAME * SPELLED_OUT + "å"
    assert _read_alike(long, long)
    assert not _read_alike(spelled_out(long), long)
