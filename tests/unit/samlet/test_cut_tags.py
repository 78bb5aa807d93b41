"""Tags without content: an empty cell follows its row, and no words of another letter come with it."""

from __future__ import annotations

from collections.abc import Iterator

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name

from fiks.pdf.cut import Brevsider
from tests.unit.samlet.files import Change, changed, cut, opened, pairs, tagged
from tests.unit.samlet.test_cutting import kinds, leads_up

WORDS = "Vedtak om sosialhjelp til Kari Hansen"


def empty(page: int | None, fill: int = 0) -> Change:
    """An element under what all letters share, with words and no content; `fill` more make the parent a wide one."""

    def change(pdf: pikepdf.Pdf) -> None:
        root = pdf.Root["/StructTreeRoot"]
        above = root["/K"][0] if isinstance(root["/K"], Array) else root["/K"]
        made = [
            pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name.Figure, P=above))
            for _ in range(fill + 1)
        ]
        for key in ("/Alt", "/ActualText", "/T", "/E", "/ID"):
            made[0][key] = pikepdf.String(WORDS)
        made[0]["/A"] = Dictionary(O=Name.Table, Summary=WORDS, ColSpan=2)
        if page is not None:
            made[0]["/Pg"] = pdf.pages[page].obj
        above["/K"] = Array([*list(above["/K"]), *made])

    return change


def told(pdf: pikepdf.Pdf) -> bool:
    """Whether the words stand anywhere in the letter."""
    return any("Kari" in str(text) for node in [*pdf.objects, pdf.trailer] for text in texts(node))


def texts(node: object) -> Iterator[object]:
    if isinstance(node, pikepdf.String):
        yield node
    elif isinstance(node, Dictionary | pikepdf.Stream | Array):
        for value in list(node) if isinstance(node, Array) else node.values():
            yield from () if getattr(value, "is_indirect", False) else texts(value)


def cut_with(change: Change) -> list[pikepdf.Pdf]:
    return [opened(letter.pdf) for letter in cut(changed(tagged(), change), pairs(4))]


def figures(made: list[pikepdf.Pdf]) -> list[int]:
    return [kinds(pdf).count("/Figure") for pdf in made]


def test_an_empty_element_of_a_page_is_in_the_letter_of_that_page_with_its_words() -> None:
    made = cut_with(empty(4))
    assert [told(pdf) for pdf in made] == [False, False, True, False]
    assert figures(made) == [0, 0, 1, 0]


def test_an_empty_element_of_no_page_follows_its_parent_without_its_words() -> None:
    made = cut_with(empty(None))
    assert not any(told(pdf) for pdf in made)
    assert figures(made) == [1, 1, 1, 1]


@pytest.mark.parametrize(("side", "has"), [(4, [False, False, True, False]), (None, [False] * 4)])
def test_so_it_is_under_a_parent_of_many_too(side: int | None, has: list[bool]) -> None:
    assert [told(pdf) for pdf in cut_with(empty(side, fill=80))] == has


def test_an_empty_cell_still_follows_its_row() -> None:
    for letter in cut(tagged(), pairs(4)):
        made = opened(letter.pdf)
        assert kinds(made).count("/TD") == 2 and not letter.kontroll.funn
        leads_up(letter.pdf)


def test_words_of_what_only_some_pages_of_are_the_letters_are_not_told() -> None:
    def change(pdf: pikepdf.Pdf) -> None:
        root = pdf.Root["/StructTreeRoot"]
        above = root["/K"][0] if isinstance(root["/K"], Array) else root["/K"]
        above["/ActualText"] = above["/T"] = WORDS

    assert not any(told(pdf) for pdf in cut_with(change))
    [whole] = cut(changed(tagged(), change), [Brevsider(1, 8)])
    assert told(opened(whole.pdf))
